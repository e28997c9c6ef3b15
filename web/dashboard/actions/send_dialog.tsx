// What the dialogs share that send to many: the form with its draft, and the result in its place.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Start } from '../actions';
import { useReopening } from '../actions';
import type { Permission } from '../api';
import { boot, may } from '../api';
import { Button, Dialog } from '../components';
import type { PickedRecipient } from '../components/contact_picker/picked';
import { forgetDraft, useDraft } from '../draft';
import { t } from '../i18n';
import { draftName, fromEmails, started, useRecipients } from './recipients';
import { ResultView } from './result_view';
import { SendFooter } from './send_footer';
import type { Sending } from './sending';

type SendForm<Form> = {
  recipients: Signal<PickedRecipient[]>;
  /** What is typed in the picker and no recipient yet. */
  typed: Signal<string>;
  form: Signal<Form>;
  forget: () => void;
  startOver: () => void;
};

export function useSendForm<Form>(action: string, start: Start, empty: Form): SendForm<Form> {
  const draft = draftName(action, start);
  const recipients = useRecipients(draft, start);
  const typed = useDraft(`${draft}.typed`, '');
  const form = useDraft(`${draft}.form`, empty);
  const forget = () => {
    forgetDraft(`${draft}.recipients`);
    forgetDraft(`${draft}.typed`);
    forgetDraft(`${draft}.form`);
  };
  const startOver = () => {
    recipients.value = started(start);
    typed.value = '';
    form.value = empty;
    forget();
  };
  return { recipients, typed, form, forget, startOver };
}

export type SendWords = {
  title: string;
  button: (count: number) => string;
  buttonPlain: string;
  done: (count: number) => string;
  none: string;
  jobStarted: (count: number) => string;
  more: string;
};

type SendDialogProps = {
  start: Start;
  onClose: () => void;
  words: SendWords;
  /** What the role must allow. */
  needs?: Permission;
  state: SendForm<unknown>;
  sending: Sending;
  /** Something was entered that closing would lose. */
  dirty: boolean;
  /** Why nothing can be sent yet, apart from the role. */
  missing: string | undefined;
  children: ComponentChildren;
};

export function SendDialog({ start, onClose, words, needs = 'INVITE', state, sending, dirty, missing, children }: SendDialogProps) {
  const { recipients, forget, startOver } = state;
  const { outcome } = sending;
  useReopening(outcome !== undefined);
  const close = () => {
    if (outcome) forget();
    onClose();
  };
  const restart = (next: PickedRecipient[]) => {
    recipients.value = next;
    sending.again();
  };
  if (outcome) {
    return (
      <Dialog open onClose={close} title={words.title} footer={
        <>
          {!start.filter && <Button kind="quiet" onClick={() => { startOver(); restart([]); }}>{words.more}</Button>}
          <Button onClick={close}>{t.actions.done}</Button>
        </>
      }>
        <ResultView outcome={outcome} words={words} sends={needs === 'INVITE'} onMend={(emails) => restart(fromEmails(emails, 'INVALID'))} onLeave={close} />
      </Dialog>
    );
  }
  const role = may(needs) ? undefined : t.common.noRole(t.words.role[boot.role]);
  return (
    <Dialog open onClose={close} title={words.title} dirty={dirty} form={{ onSubmit: sending.submit }} footer={
      <SendFooter sending={sending} missing={role ?? missing} words={words} dirty={dirty} onStartOver={startOver} />
    }>
      {children}
    </Dialog>
  );
}
