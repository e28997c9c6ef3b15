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
import type { Target } from '../sending';
import { useSending } from '../sending';
import type { InviteForm } from './form';
import { InviteFields } from './form';
import { invite } from './request';

export default function InviteDialog(props: DialogProps) {
  return <Invite key={draftName('invite', props.start)} {...props} />;
}

function useInvite({ start }: DialogProps) {
  const draft = draftName('invite', start);
  const recipients = useRecipients(draft, start);
  const form = useDraft<InviteForm>(`${draft}.form`, { section: asSection(start.section), note: '' });
  const picked = recipients.value;
  const target = useMemo<Target>(() => (start.filter ? { filter: start.filter.value } : { recipients: picked }), [picked, start.filter]);
  const { section, note } = form.value;
  const sending = useSending(target, invite(section, note), (portion) => {
    recipients.value = without(recipients.peek(), portion);
  });
  const forget = () => {
    forgetDraft(`${draft}.recipients`);
    forgetDraft(`${draft}.form`);
  };
  const startOver = () => {
    recipients.value = started(start);
    form.value = { section: asSection(start.section), note: '' };
    forget();
  };
  return { recipients, form, sending, forget, startOver };
}

function Invite(props: DialogProps) {
  const { start, onClose } = props;
  const { recipients, form, sending, forget, startOver } = useInvite(props);
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
      <Dialog open onClose={close} title={t.actions.invite.title} footer={
        <>
          {!start.filter && <Button kind="quiet" onClick={() => { startOver(); recipients.value = []; sending.again(); }}>{t.actions.invite.more}</Button>}
          <Button onClick={close}>{t.actions.done}</Button>
        </>
      }>
        <ResultView outcome={outcome} words={t.actions.invite} onMend={mend} onLeave={close} />
      </Dialog>
    );
  }
  const dirty = recipients.value.length > 0 || form.value.note !== '';
  const missing = !may('INVITE') ? t.common.noRole(t.words.role[boot.role])
    : !start.filter && recipients.value.length === 0 ? t.actions.noRecipients : undefined;
  return (
    <Dialog open onClose={close} title={t.actions.invite.title} dirty={dirty} form={{ onSubmit: sending.submit }} footer={
      <SendFooter sending={sending} missing={missing} words={t.actions.invite} dirty={dirty} onStartOver={startOver} />
    }>
      <InviteFields start={start} recipients={recipients} form={form} sending={sending} onLeave={onClose} />
    </Dialog>
  );
}
