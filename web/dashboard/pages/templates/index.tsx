import { useMemo } from 'preact/hooks';
import { errorText, useList, useRefreshOnReturn } from '../../api';
import type { Column, FilterChip } from '../../components';
import { Button, ButtonLink, Empty, FilterChips, Icon, Menu, PageHeader, SearchField, Status, Table, Time, toast } from '../../components';
import { onlyIn } from '../../components/message_editor/trigger_words';
import { t } from '../../i18n';
import { link, navigate, params, setParams } from '../../router';
import type { TemplateRow } from './documents';
import { CHANNELS, STATUSES, TEMPLATES, archive, composeLink, noUse, noWriting } from './documents';

const NewButton = () => {
  const reason = noWriting();
  return reason
    ? <Button icon="plus" disabledReason={reason}>{t.shell.newTemplate}</Button>
    : <ButtonLink icon="plus" href={link('templates/new')}>{t.shell.newTemplate}</ButtonLink>;
};

const chips = (): FilterChip[] => [
  { id: 'channel', label: t.templates.channel, multiple: false, options: CHANNELS.map((value) => ({ value, label: t.words.channel[value] })) },
  { id: 'status', label: t.templates.status, options: STATUSES.map((value) => ({ value, label: t.templates.statusOf[value] })) },
];

async function setArchived(template: TemplateRow, onDone: () => void): Promise<void> {
  const put = async (archived: boolean) => {
    const text = await archive(template, archived);
    onDone();
    return text;
  };
  const archived = template.status === 'ACTIVE';
  try {
    const text = await put(archived);
    toast({
      text,
      undo: async () => {
        await put(!archived);
      },
    });
  } catch (error) {
    toast({ text: errorText(error), tone: 'bad' });
  }
}

/** What holds only outside of workflows is no problem: it says who sends it. */
function Flags({ problems }: Pick<TemplateRow, 'problems'>) {
  const wrong = problems.filter((problem) => !onlyIn(problem)).length;
  return (
    <>
      {wrong > 0 && <span class="template-flag"><Icon name="alert" />{t.messageEditor.problemCount(wrong)}</span>}
      {wrong < problems.length && <span class="template-flag" data-kind="workflow"><Icon name="workflow" />{t.templates.forWorkflows}</span>}
    </>
  );
}

const Name = ({ template: { name, subject, problems } }: { template: TemplateRow }) => (
  <span class="template-name">
    <bdi>{name}</bdi>
    {subject !== null && <span class="hint" dir="auto">{subject}</span>}
    <Flags problems={problems} />
  </span>
);

const columns = (onDone: () => void): Column<TemplateRow>[] => [
  { id: 'name', header: t.templates.name, width: '3fr', cell: (template) => <Name template={template} /> },
  {
    id: 'channel', header: t.templates.channel, width: '9rem',
    cell: ({ channel, status }) => (
      <span class="template-channel">
        {t.words.channel[channel]}
        {status === 'ARCHIVED' && <Status tone="none">{t.templates.statusOf.ARCHIVED}</Status>}
      </span>
    ),
  },
  { id: 'updated', header: t.access.updated, width: '9rem', hideBelow: 'tablet', cell: ({ updatedAt }) => <span class="hint"><Time at={updatedAt} /></span> },
  {
    id: 'actions', header: '', width: '3.5rem', align: 'end',
    cell: (template) => (
      <Menu label={t.templates.actionsOf(template.name)} items={[
        { id: 'use', label: t.compose.use, icon: 'send', disabledReason: noUse(template), onSelect: () => navigate(composeLink(template)) },
        {
          id: 'archive', label: template.status === 'ACTIVE' ? t.templates.archive : t.templates.unarchive, icon: 'archive', disabledReason: noWriting(),
          onSelect: () => setArchived(template, onDone),
        },
      ]} />
    ),
  },
];

export default function Templates() {
  const search = params.value;
  const channel = CHANNELS.find((name) => name === search.get('channel')) ?? null;
  const statuses = STATUSES.filter((name) => search.getAll('status').includes(name));
  const words = (search.get('search') ?? '').trim();
  const filtered = Boolean(channel ?? (words || statuses.length));
  const list = useList(TEMPLATES, { channel, statuses: statuses.length ? statuses : null, search: words || null }, ({ templates }) => templates);
  const shown = useMemo(() => columns(list.reload), []);
  useRefreshOnReturn(list.refresh);
  const value = { channel: channel ? [channel] : [], status: statuses };
  return (
    <div class="templates">
      <PageHeader title={t.shell.templates} description={t.templates.description}><NewButton /></PageHeader>
      <SearchField value={search.get('search') ?? ''} label={t.templates.search} onInput={(typed) => setParams({ search: typed })} />
      <FilterChips chips={chips()} value={value} onChange={(next) => setParams({ channel: next['channel'], status: next['status'] })} />
      <Table list={list} columns={shown} label={t.shell.templates} href={({ id }) => link(`templates/${id}`)} rowLabel={({ name }) => name} empty={filtered
        ? (
          <Empty icon="search" title={t.templates.noMatch}>
            <Button kind="quiet" onClick={() => setParams({ search: undefined, channel: undefined, status: undefined })}>{t.access.clear}</Button>
          </Empty>
        )
        : <Empty icon="mail" title={t.templates.none}><p>{t.templates.noneHint}</p><NewButton /></Empty>} />
    </div>
  );
}
