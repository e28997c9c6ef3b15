import { useState } from 'preact/hooks';
import { ApiError } from '../../api/error';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { navigate } from '../../router';
import { Button } from '../button';
import { Dialog } from '../dialog';
import { ErrorNotice } from '../feedback';
import { TextField } from '../field';

const MAX_TITLE = 200;

type CreateDialogProps = {
  title: string;
  label: string;
  /** What is said without one. */
  missing: string;
  draft: string;
  /** Creates a draft with this title, and returns the address of its page. */
  create: (title: string) => Promise<string>;
  onClose: () => void;
};

/** Asks for the title alone: everything else is on the page of the new draft. */
export function CreateDialog({ title, label, missing, draft, create, onClose }: CreateDialogProps) {
  const typed = useDraft(draft, '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    if (busy) return;
    if (!typed.value.trim()) return setError(new ApiError(missing, 'BAD_USER_INPUT', 'input.title'));
    setBusy(true);
    setError(undefined);
    try {
      const href = await create(typed.value.trim());
      forgetDraft(draft);
      navigate(href);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const beside = error instanceof ApiError && (error.input === 'title' || error.input === 'name') ? error.message : undefined;
  return (
    <Dialog open onClose={onClose} title={title} size="small" dirty={typed.value !== ''} form={{ onSubmit: submit }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.access.create}</Button>
      </>
    }>
      <TextField label={label} hint={t.access.draftHint} autofocus autocomplete="off" maxLength={MAX_TITLE} value={typed.value} error={beside} onInput={(text) => {
        typed.value = text;
        setError(undefined);
      }} />
      {error !== undefined && !beside && <ErrorNotice error={error} />}
    </Dialog>
  );
}
