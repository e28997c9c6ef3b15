import type { Loaded, ResultOf } from '../../api';
import { Button, Card, ErrorNotice, RadioGroup } from '../../components';
import { ContentFields, useFields } from '../../components/message_editor/content_fields';
import type { Channel, Content, Problem } from '../../components/message_editor/documents';
import { Problems } from '../../components/message_editor/problems';
import { TemplateSelect } from '../../components/message_editor/template_select';
import { t } from '../../i18n';
import type { TEMPLATE } from '../template/documents';
import { CHANNELS } from '../templates/documents';
import type { Template } from './documents';
import type { Errors } from './request';
import type { Composing } from './state';

/** The chosen template, as it was read. */
export type Read = Loaded<ResultOf<typeof TEMPLATE>>;

type MessageProps = {
  composing: Composing;
  read: Read;
  /** The chosen one, if it can be used. */
  template: Template | undefined;
  problems: readonly Problem[];
  errors: Errors;
};

export const contentOf = ({ format, subject, body, text }: Template): Content => ({ format, subject: subject ?? '', body, text: text ?? '' });

export function Message({ composing: { values, set }, read, template, problems, errors }: MessageProps) {
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
              <TemplateSelect channel={channel} value={values.templateId} name={read.data?.template?.name} onChange={(templateId) => set({ templateId })}
                error={errors.templateId ?? (values.templateId && read.data && !template ? t.compose.templateGone : undefined)} />
              {read.error && !read.data && <ErrorNotice error={read.error} retry={read.reload} />}
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
