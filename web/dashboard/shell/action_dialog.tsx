import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ActionName, DialogProps } from '../actions';
import { ACTION_DIALOGS, openAction } from '../actions';
import { toast } from '../components';
import { t } from '../i18n';

/** The dialog of the action that was started. */
export function ActionDialog() {
  const [dialogs, setDialogs] = useState<Partial<Record<ActionName, ComponentType<DialogProps>>>>({});
  const open = openAction.value;
  const name = open?.name;
  useEffect(() => {
    if (!name || dialogs[name]) return;
    ACTION_DIALOGS[name]().then(
      (module) => setDialogs((known) => ({ ...known, [name]: module.default })),
      () => toast({ text: t.shell.failedToLoad, tone: 'bad' }),
    );
  }, [name]);
  const Dialog = name && dialogs[name];
  return Dialog ? <Dialog start={open.start} onClose={() => { openAction.value = null; }} /> : null;
}
