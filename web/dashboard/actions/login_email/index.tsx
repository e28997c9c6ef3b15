import { useMemo } from 'preact/hooks';
import type { DialogProps } from '../../actions';
import { t } from '../../i18n';
import { draftName, without } from '../recipients';
import { asSection } from '../section_field';
import { SendDialog, useSendForm } from '../send_dialog';
import type { Target } from '../sending';
import { everyoneOf, useSending } from '../sending';
import type { LoginForm } from './form';
import { LoginFields } from './form';
import { sendLoginEmails } from './request';

const JOINED: Target = { filter: { portalStatus: ['ACTIVE'] } };

export default function LoginEmailDialog(props: DialogProps) {
  return <LoginEmail key={draftName('login', props.start)} {...props} />;
}

function LoginEmail({ start, onClose }: DialogProps) {
  const state = useSendForm<LoginForm>('login', start, { section: asSection(start.section), audience: 'CHOSEN' });
  const { recipients, typed, form } = state;
  const picked = recipients.value;
  const { audience } = form.value;
  const everyone = useMemo(() => everyoneOf(start) ?? (audience === 'EVERYONE' ? JOINED : undefined), [start, audience]);
  const target = useMemo<Target>(() => everyone ?? { recipients: picked }, [picked, everyone]);
  const sending = useSending(target, sendLoginEmails(form.value.section), (portion) => {
    recipients.value = without(recipients.peek(), portion);
  });
  const missing = !everyone && picked.length === 0 ? t.actions.noContacts : undefined;
  return (
    <SendDialog start={start} onClose={onClose} words={t.actions.login} state={state} sending={sending} missing={missing}
      dirty={picked.length > 0}>
      <LoginFields start={start} recipients={recipients} typed={typed} form={form} sending={sending} onLeave={onClose} />
    </SendDialog>
  );
}
