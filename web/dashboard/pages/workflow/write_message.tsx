import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../../api';
import { Button, ErrorNotice, TextField } from '../../components';
import { ContentFields, useFields } from '../../components/message_editor/content_fields';
import type { Channel, Content, Trigger } from '../../components/message_editor/documents';
import { EMPTY } from '../../components/message_editor/documents';
import { contentInput, usePreview } from '../../components/message_editor/preview';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { createTemplate } from '../workflows/documents';
import type { KeepRef } from './send_fields';

type WriteMessageProps = { channel: Channel; triggers: Trigger[]; draft: string; keep: KeepRef; onDone: (templateId: string) => void };

const MAX_NAME = 200;

/** A message that is written for the step: it is kept as a template. */
export function WriteMessage({ channel, triggers, draft, keep, onDone }: WriteMessageProps) {
  const name = `${draft}.${channel}`;
  const typed = useDraft<Content & { name: string }>(name, { name: '', ...EMPTY[channel] });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const { problems } = usePreview(channel, typed.value, undefined, triggers);
  const fields = useFields(channel, triggers);
  const errorOf = (field: string) => (error instanceof ApiError && error.input === field ? error.message : undefined);
  const set = (changes: Partial<Content & { name: string }>) => {
    typed.value = { ...typed.value, ...changes };
    setError(undefined);
  };
  const save = async (): Promise<boolean> => {
    if (busy) return false;
    if (!typed.value.name.trim()) {
      setError(new ApiError(t.templates.nameMissing, 'BAD_USER_INPUT', 'input.name'));
      return false;
    }
    setBusy(true);
    try {
      const id = await createTemplate({ channel, name: typed.value.name.trim(), ...contentInput(channel, typed.value) });
      forgetDraft(name);
      onDone(id);
      return true;
    } catch (failure) {
      setError(failure);
      setBusy(false);
      return false;
    }
  };
  const { name: title, subject, body, text } = typed.value;
  const empty = [title, subject, body, text].every((part) => !part.trim());
  useEffect(() => {
    keep.current = () => (empty ? Promise.resolve(true) : save());
    return () => {
      keep.current = null;
    };
  });
  return (
    <div class="flow-fields">
      <TextField label={t.templates.name} hint={t.workflows.messageNameHint} maxLength={MAX_NAME} autocomplete="off" value={typed.value.name} error={errorOf('name')} onInput={(next) => set({ name: next })} />
      <ContentFields channel={channel} content={typed.value} set={set} errorOf={errorOf} problems={problems} fields={fields} />
      {error !== undefined && !(['name', 'subject', 'body', 'text', 'format'] as const).some((field) => errorOf(field)) && <ErrorNotice error={error} />}
      <div class="actions"><Button kind="quiet" busy={busy} onClick={() => void save()}>{t.workflows.saveMessage}</Button></div>
    </div>
  );
}
