import type { Loaded, ResultOf } from '../../api';
import { Button, Card, ErrorNotice, RadioGroup, SelectField } from '../../components';
import { ContentFields, useFields } from '../../components/message_editor/content_fields';
import type { Channel, Content, Problem } from '../../components/message_editor/documents';
import { Problems } from '../../components/message_editor/problems';
import { t } from '../../i18n';
import { link } from '../../router';
import { CHANNELS } from '../templates/documents';
import type { TEMPLATES, Template } from './documents';
import type { Errors } from './request';
import type { Composing } from './state';

export type Templates = Loaded<ResultOf<typeof TEMPLATES>>;

type MessageProps = { composing: Composing; templates: Templates; template: Template | undefined; problems: readonly Problem[]; errors: Errors };

export const contentOf = ({ format, subject, body, text }: Template): Content => ({ format, subject: subject ?? '', body, text: text ?? '' });

export function Message({ composing: { values, set }, templates, template, problems, errors }: MessageProps) {
  const { channel, source, content } = values;
  const fields = useFields(channel);
  const chooseChannel = (chosen: Channel) => set({ channel: chosen, templateId: '' });
  const edit = (from: Template) => set({ source: 'WRITTEN', content: { ...content, [channel]: contentOf(from) } });
  return (
    <Card title={t.compose.message}>
      <div class="compose-part">
        <RadioGroup label={t.templates.channel} value={channel} onChange={chooseChannel} options={CHANNELS.map((value) => ({ value, label: t.words.channel[value] }))} />
        <RadioGroup label={t.compose.source} value={source} onChange={(chosen) => set({ source: chosen })} options={[
          { value: 'WRITTEN', label: t.compose.written }, { value: 'TEMPLATE', label: t.compose.fromTemplate },
        ]} />
        {source === 'TEMPLATE'
          ? (
            <>
              <TemplateField templates={templates} value={values.templateId} onChange={(templateId) => set({ templateId })} error={errors.templateId} />
              {template && <div><Button kind="quiet" size="small" icon="edit" onClick={() => edit(template)}>{t.compose.editCopy}</Button></div>}
              {template && problems.length > 0 && <Problems problems={problems} content={contentOf(template)} />}
            </>
          )
          : (
            <ContentFields channel={channel} content={content[channel]} problems={problems} fields={fields} errorOf={(field) => errors[field]}
              set={(changes) => set({ content: { ...content, [channel]: { ...content[channel], ...changes } } })} />
          )}
      </div>
    </Card>
  );
}

type TemplateFieldProps = { templates: Templates; value: string; onChange: (id: string) => void; error: string | undefined };

function TemplateField({ templates: { data, error: failure, reload }, value, onChange, error }: TemplateFieldProps) {
  if (failure && !data) return <ErrorNotice error={failure} retry={reload} />;
  const all = data?.templates.nodes ?? [];
  const known = !value || !data || all.some(({ id }) => id === value);
  return (
    <>
      <SelectField label={t.templates.template} value={value} onChange={onChange} error={error ?? (known ? undefined : t.compose.templateGone)} options={[
        { value: '', label: t.compose.noTemplate },
        ...(data ? [] : value ? [{ value, label: t.common.loading }] : []),
        ...all.map(({ id, name }) => ({ value: id, label: name })),
      ]} />
      {data && all.length === 0 && <p class="hint">{t.compose.noTemplates} <a href={link('templates')}>{t.shell.templates}</a></p>}
    </>
  );
}
