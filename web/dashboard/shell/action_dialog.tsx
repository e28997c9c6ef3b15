import { useEffect, useState } from 'preact/hooks';
import { loadDialogs, openAction } from '../actions';
import { toast } from '../components';
import { t } from '../i18n';

type Dialogs = Awaited<ReturnType<typeof loadDialogs>>;

/** The dialog of the action that was started. */
export function ActionDialog() {
  const [dialogs, setDialogs] = useState<Dialogs | null>(null);
  const open = openAction.value;
  const close = () => {
    openAction.value = null;
  };
  useEffect(() => {
    if (!open || dialogs) return;
    loadDialogs().then(setDialogs, () => {
      close();
      toast({ text: `${t.shell.failedToLoad}. ${t.shell.failedHint}`, tone: 'bad' });
    });
  }, [open]);
  const Dialog = open && dialogs?.[open.name];
  return Dialog ? <Dialog start={open.start} onClose={close} /> : null;
}
