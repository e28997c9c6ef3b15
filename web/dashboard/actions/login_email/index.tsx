import { useMemo } from 'preact/hooks';
import type { DialogProps } from '../../actions';
import { boot, may } from '../../api';
import { Button, Dialog } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { draftName, fromEmails, started, useRecipients, without } from '../recipients';
import { ResultView } from '../result_view';
import { asSection } from '../section_field';
import { SendFooter } from '../send_footer';
import type { Filter, Target } from '../sending';
import { useSending } from '../sending';
import type { LoginForm } from './form';
import { LoginFields } from './form';
import { sendLoginEmails } from './request';

const JOINED: Filter = { portalStatus: ['ACTIVE'] };

export default function LoginEmailDialog(props: DialogProps) {
  return <LoginEmail key={draftName('login', props.start)} {...props} />;
}

function useLoginEmail({ start }: DialogProps) {
  const draft = draftName('login', start);
  const empty: LoginForm = { section: asSection(start.section), audience: 'CHOSEN' };
  const recipients = useRecipients(draft, start);
  const form = useDraft(`${draft}.form`, empty);
  const picked = recipients.value;
  const filter = (start.filter?.value as Filter | undefined) ?? (form.value.audience === 'EVERYONE' ? JOINED : undefined);
  const target = useMemo<Target>(() => (filter ? { filter } : { recipients: picked }), [picked, filter]);
  const sending = useSending(target, sendLoginEmails(form.value.section), (portion) => {
    recipients.value = without(recipients.peek(), portion);
  });
  const forget = () => {
    forgetDraft(`${draft}.recipients`);
    forgetDraft(`${draft}.form`);
  };
  const startOver = () => {
    recipients.value = started(start);
    form.value = empty;
    forget();
  };
  return { recipients, form, filter, sending, forget, startOver };
}

function LoginEmail(props: DialogProps) {
  const { start, onClose } = props;
  const { recipients, form, filter, sending, forget, startOver } = useLoginEmail(props);
  const { outcome } = sending;
  const close = () => {
    if (outcome) forget();
    onClose();
  };
  const mend = (emails: string[]) => {
    recipients.value = fromEmails(emails, 'INVALID');
    sending.again();
  };
  if (outcome) {
    return (
      <Dialog open onClose={close} title={t.actions.login.title} footer={
        <>
          {!start.filter && <Button kind="quiet" onClick={() => { startOver(); recipients.value = []; sending.again(); }}>{t.actions.login.more}</Button>}
          <Button onClick={close}>{t.actions.done}</Button>
        </>
      }>
        <ResultView outcome={outcome} words={t.actions.login} onMend={mend} onLeave={close} />
      </Dialog>
    );
  }
  const dirty = recipients.value.length > 0;
  const missing = !may('INVITE') ? t.common.noRole(t.words.role[boot.role])
    : !filter && recipients.value.length === 0 ? t.actions.noContacts : undefined;
  return (
    <Dialog open onClose={close} title={t.actions.login.title} dirty={dirty} form={{ onSubmit: sending.submit }} footer={
      <SendFooter sending={sending} missing={missing} words={t.actions.login} dirty={dirty} onStartOver={startOver} />
    }>
      <LoginFields start={start} recipients={recipients} form={form} sending={sending} onLeave={onClose} />
    </Dialog>
  );
}
