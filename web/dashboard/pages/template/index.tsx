import { useState } from 'preact/hooks';
import { errorText, useQuery, useRefreshOnReturn } from '../../api';
import { Button, ButtonLink, Empty, ErrorNotice, PageHeader, Skeleton, Status, Tabs, toast } from '../../components';
import { triggerNames } from '../../components/message_editor/trigger_words';
import { number, t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { archive, composeLink, noUse, noWriting } from '../templates/documents';
import type { Template } from './documents';
import { TEMPLATE } from './documents';
import { chosenChannel, useEditing } from './editing';
import { Editor } from './editor';
import { useTemplatePreview } from './for_workflows';
import type { Reader } from './preview';
import { Preview } from './preview';
import { Versions } from './versions';

const back = () => ({ href: link('templates'), label: t.shell.templates });

export default function TemplatePage({ id }: { id: string }) {
  const isNew = id === 'new';
  const { data, error, reload } = useQuery(TEMPLATE, { id }, { pause: isNew });
  useRefreshOnReturn(() => !isNew && reload());
  if (isNew) return <Editing key={chosenChannel()} template={null} reload={reload} />;
  if (data?.template) return <Editing key={id} template={data.template} reload={reload} />;
  return (
    <>
      <PageHeader title={data ? t.common.notFound : t.templates.template} back={back()} />
      {data && (
        <Empty icon="mail" title={t.templates.missing}>
          <p>{t.common.notFoundHint}</p>
          <ButtonLink kind="quiet" href={link('templates')}>{t.shell.templates}</ButtonLink>
        </Empty>
      )}
      {!data && (error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />)}
    </>
  );
}

const TABS = ['content', 'versions'] as const;

function Editing({ template, reload }: { template: Template | null; reload: () => void }) {
  const editing = useEditing(template, reload);
  const [reader, setReader] = useState<Reader | null>(null);
  const { triggers, ...state } = useTemplatePreview(editing.channel, editing.values, reader?.id);
  const tab = template ? (TABS.find((name) => name === params.value.get('tab')) ?? 'content') : 'content';
  return (
    <>
      <Header template={template} reload={reload} />
      {template && (
        <Tabs label={t.templates.template} current={tab} onChange={(name) => setParams({ tab: name === 'content' ? undefined : name })}
          tabs={TABS.map((name) => ({ id: name, label: name === 'content' ? t.templates.content : t.templates.versions, ...(name === 'versions' && { count: template.version }) }))} />
      )}
      {template && tab === 'versions'
        ? <div role="tabpanel" aria-label={t.templates.versions}><Versions template={template} dirty={editing.dirty} /></div>
        : (
          <div class="editor-page">
            <Editor editing={editing} isNew={template === null} problems={state.problems} note={triggers.length ? t.templates.forWorkflowsHint(triggerNames(triggers)) : undefined} />
            <Preview editing={editing} state={state} reader={reader} onReader={setReader} />
          </div>
        )}
    </>
  );
}

function Header({ template, reload }: { template: Template | null; reload: () => void }) {
  if (!template) return <PageHeader title={t.shell.newTemplate} back={back()} />;
  const { name, status, channel, version } = template;
  const archived = status === 'ARCHIVED';
  const unusable = noUse(template);
  const put = async () => {
    try {
      toast({ text: await archive(template, !archived) });
      reload();
    } catch (error) {
      toast({ text: errorText(error), tone: 'bad' });
    }
  };
  return (
    <PageHeader title={name} back={back()} description={
      <span class="template-about">
        {t.words.channel[channel]} · {t.templates.version(number(version))}
        {archived && <Status tone="none">{t.templates.statusOf.ARCHIVED}</Status>}
      </span>
    }>
      {unusable
        ? <Button icon="send" disabledReason={unusable}>{t.compose.use}</Button>
        : <ButtonLink icon="send" href={composeLink(template)}>{t.compose.use}</ButtonLink>}
      <Button kind="quiet" icon="archive" disabledReason={noWriting()} onClick={() => void put()}>{archived ? t.templates.unarchive : t.templates.archive}</Button>
    </PageHeader>
  );
}
