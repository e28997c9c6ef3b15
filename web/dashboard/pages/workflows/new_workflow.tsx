import { useMemo, useState } from 'preact/hooks';
import { ApiError } from '../../api';
import { Button, Dialog, ErrorNotice, RadioGroup, TextField } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Start } from './starts';
import { STARTS, startFrom } from './starts';

const DRAFT = 'workflow.new';

const MAX_NAME = 200;

/** From scratch, or from a workflow that many have. */
export function NewWorkflow({ onClose }: { onClose: () => void }) {
  const typed = useDraft<{ start: Start; name: string }>(DRAFT, { start: 'WELCOME', name: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const create = useMemo(startFrom, []);
  const { start, name } = typed.value;
  const set = (changes: Partial<typeof typed.value>) => {
    typed.value = { ...typed.value, ...changes };
    setError(undefined);
  };
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const id = await create(start, name.trim() || t.workflows.startOf[start].label);
      forgetDraft(DRAFT);
      onClose();
      navigate(link(`workflows/${id}`));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const beside = error instanceof ApiError && error.input === 'name' ? error.message : undefined;
  return (
    <Dialog open onClose={onClose} title={t.shell.newWorkflow} dirty={name !== ''} form={{ onSubmit: submit }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.workflows.create}</Button>
      </>
    }>
      <RadioGroup label={t.workflows.startWith} value={start} onChange={(chosen) => set({ start: chosen })}
        options={STARTS.map((value) => ({ value, label: t.workflows.startOf[value].label, hint: t.workflows.startOf[value].hint }))} />
      <TextField label={t.workflows.name} hint={t.templates.nameHint} maxLength={MAX_NAME} autocomplete="off" placeholder={t.workflows.startOf[start].label} value={name} error={beside}
        onInput={(next) => set({ name: next })} />
      {start !== 'EMPTY' && <p class="hint">{t.workflows.startHint}</p>}
      {error !== undefined && !beside && <ErrorNotice error={error} />}
    </Dialog>
  );
}
