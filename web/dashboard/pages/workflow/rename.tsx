import { useState } from 'preact/hooks';
import { ApiError } from '../../api';
import { Button, Dialog, ErrorNotice, TextField } from '../../components';
import { t } from '../../i18n';
import type { Editing } from './editing';

const MAX_NAME = 200;

/** Changes the name at once, whatever else is not saved yet. */
export function RenameDialog({ editing, onClose }: { editing: Editing; onClose: () => void }) {
  const before = editing.values.name;
  const [name, setName] = useState(before);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await editing.rename(name.trim());
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const beside = error instanceof ApiError && error.input === 'name' ? error.message : undefined;
  return (
    <Dialog open onClose={onClose} title={t.workflows.renameTitle(before || editing.workflow.name)} dirty={name !== before} form={{ onSubmit: submit }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.common.save}</Button>
      </>
    }>
      <TextField label={t.workflows.name} hint={t.templates.nameHint} maxLength={MAX_NAME} autocomplete="off" value={name} error={beside} onInput={(typed) => {
        setName(typed);
        setError(undefined);
      }} />
      {error !== undefined && !beside && <ErrorNotice error={error} />}
    </Dialog>
  );
}
