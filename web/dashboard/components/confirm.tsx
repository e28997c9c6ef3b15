import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './button';
import { Dialog } from './dialog';
import { ErrorNotice } from './feedback';
import { TextField } from './field';
import { t } from '../i18n';

type ConfirmProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  children?: ComponentChildren;
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<void>;
  /** The text that has to be typed first. */
  typeToConfirm?: string;
};

export function Confirm({ open, onClose, title, children, action, danger, onConfirm, typeToConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    setTyped('');
    setError(undefined);
  }, [open]);

  const missing = typeToConfirm !== undefined && typed.trim() !== typeToConfirm;
  const confirm = async () => {
    if (missing || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open={open} onClose={onClose} title={title} size="small" dirty={busy} form={{ onSubmit: confirm }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.components.cancel}</Button>
        <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy} disabled={missing}>{action}</Button>
      </>
    }>
      {children && <div>{children}</div>}
      {typeToConfirm !== undefined && (
        <TextField label={t.components.typeToConfirm(typeToConfirm)} value={typed} onInput={setTyped} autofocus autocomplete="off" />
      )}
      {error !== undefined && <ErrorNotice error={error} />}
    </Dialog>
  );
}
