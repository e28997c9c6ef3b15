// Which message is sent: a template, or one that is written here and becomes a template.
import { useState } from 'preact/hooks';
import { useQuery } from '../../api';
import { ErrorNotice, Icon, RadioGroup, SwitchField } from '../../components';
import type { Channel } from '../../components/message_editor/documents';
import { PreviewCard, usePreview } from '../../components/message_editor/preview';
import { Problems } from '../../components/message_editor/problems';
import { TemplateSelect } from '../../components/message_editor/template_select';
import { t } from '../../i18n';
import { link } from '../../router';
import { TEMPLATE } from '../template/documents';
import type { Editing } from './editing';
import type { Names } from './names';
import type { Step } from './steps';
import { WriteMessage } from './write_message';

type Send = Extract<Step, { templateId: string }>;

/** Keeps what is being written; false if it can't be kept. */
export type Keep = () => Promise<boolean>;
export type KeepRef = { current: Keep | null };

type SendFieldsProps = { step: Send; editing: Editing; names: Names; keep: KeepRef; onChange: (step: Step) => void };

export function SendFields({ step, editing, names, keep, onChange }: SendFieldsProps) {
  const channel: Channel = step.kind === 'sendEmail' ? 'EMAIL' : 'SMS';
  const [source, setSource] = useState<'TEMPLATE' | 'HERE'>('TEMPLATE');
  const triggers = editing.values.triggers.map(({ trigger }) => trigger);
  return (
    <>
      <RadioGroup label={t.compose.source} value={source} onChange={setSource} options={[{ value: 'TEMPLATE', label: t.compose.fromTemplate }, { value: 'HERE', label: t.compose.written }]} />
      {step.kind === 'sendEmail' && (
        <SwitchField label={t.compose.marketing} hint={t.compose.marketingHint} checked={step.marketing} onChange={(marketing) => onChange({ ...step, marketing })} />
      )}
      {source === 'HERE' && (
        <WriteMessage channel={channel} triggers={triggers} keep={keep} draft={`workflow.${editing.workflow.id}.${step.key}`} onDone={(id) => {
          onChange({ ...step, templateId: id });
          setSource('TEMPLATE');
        }} />
      )}
      {source === 'TEMPLATE' && (
        <>
          <TemplateSelect channel={channel} value={step.templateId} name={names.get(step.templateId)} hint={t.workflows.templateHint}
            onChange={(templateId) => onChange({ ...step, templateId })} />
          {step.templateId && <Chosen key={step.templateId} id={step.templateId} channel={channel} triggers={triggers} />}
        </>
      )}
    </>
  );
}

type Triggers = Parameters<typeof usePreview>[3];

/** How the template looks, with what the triggers of this workflow provide. */
function Chosen({ id, channel, triggers }: { id: string; channel: Channel; triggers: Triggers }) {
  const { data, error, reload } = useQuery(TEMPLATE, { id });
  const template = data?.template;
  const content = { format: template?.format ?? 'TEXT', subject: template?.subject ?? '', body: template?.body ?? '', text: template?.text ?? '' };
  const state = usePreview(channel, content, undefined, triggers);
  if (error && !data) return <ErrorNotice error={error} retry={reload} />;
  return (
    <>
      {template && <p><a href={link(`templates/${id}`)}><Icon name="edit" /> {t.workflows.editTemplate}</a></p>}
      <Problems problems={state.problems} content={content} />
      <PreviewCard channel={channel} state={state} hint={t.messageEditor.exampleLink} />
    </>
  );
}
