import { useState } from 'preact/hooks';
import { ApiError } from '../../api';
import { Button, Dialog, ErrorNotice, TextField } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';

const MAX_NAME = 200;

type NameDialogProps = {
  title: string;
  action: string;
  hint?: string;
  draft: string;
  initial?: string;
  /** Saves under this name; what it throws about `input.name` is shown beside the field. */
  save: (name: string) => Promise<unknown>;
  onClose: () => void;
};

/** Asks for the name of a smart list. */
export function NameDialog({ title, action, hint, draft, initial = '', save, onClose }: NameDialogProps) {
  const typed = useDraft(draft, initial);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const name = typed.value.trim();
  const submit = async () => {
    if (busy) return;
    if (!name) return setError(new ApiError(t.smartLists.nameMissing, 'BAD_USER_INPUT', 'input.name'));
    setBusy(true);
    setError(undefined);
    try {
      await save(name);
      forgetDraft(draft);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const beside = error instanceof ApiError && error.input === 'name' ? error.message : undefined;
  return (
    <Dialog open onClose={onClose} title={title} size="small" dirty={typed.value !== initial} form={{ onSubmit: submit }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{action}</Button>
      </>
    }>
      <TextField label={t.smartLists.name} hint={hint} autofocus autocomplete="off" maxLength={MAX_NAME} value={typed.value} error={beside} onInput={(text) => {
        typed.value = text;
        setError(undefined);
      }} />
      {error !== undefined && !beside && <ErrorNotice error={error} />}
    </Dialog>
  );
}
