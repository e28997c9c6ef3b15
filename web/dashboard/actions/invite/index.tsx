import { useMemo } from 'preact/hooks';
import type { DialogProps } from '../../actions';
import { t } from '../../i18n';
import { draftName, without } from '../recipients';
import { asSection } from '../section_field';
import { SendDialog, useSendForm } from '../send_dialog';
import type { Target } from '../sending';
import { everyoneOf, useSending } from '../sending';
import type { InviteForm } from './form';
import { InviteFields } from './form';
import { invite } from './request';

export default function InviteDialog(props: DialogProps) {
  return <Invite key={draftName('invite', props.start)} {...props} />;
}

function Invite({ start, onClose }: DialogProps) {
  const state = useSendForm<InviteForm>('invite', start, { section: asSection(start.section), note: '' });
  const { recipients, typed, form } = state;
  const picked = recipients.value;
  const target = useMemo<Target>(() => everyoneOf(start) ?? { recipients: picked }, [picked, start.filter]);
  const { section, note } = form.value;
  const sending = useSending(target, invite(section, note), (portion) => {
    recipients.value = without(recipients.peek(), portion);
  });
  const missing = !start.filter && picked.length === 0 ? t.actions.noRecipients : undefined;
  return (
    <SendDialog start={start} onClose={onClose} words={t.actions.invite} state={state} sending={sending} missing={missing}
      dirty={picked.length > 0 || note !== ''}>
      <InviteFields start={start} recipients={recipients} typed={typed} form={form} sending={sending} onLeave={onClose} />
    </SendDialog>
  );
}
