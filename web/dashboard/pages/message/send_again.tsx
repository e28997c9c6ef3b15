// Sends what the message was about once more: its own links may have expired, so it is a new message.
import { useState } from 'preact/hooks';
import { startAction, startMessage } from '../../actions';
import type { Permission } from '../../api';
import { boot, errorText, graphql, may, mutate } from '../../api';
import { Button, toast } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Message } from './message';

const RESEND = graphql(`
  mutation ResendFromMessage($input: ResendInvitationInput!) {
    resendInvitation(input: $input) {
      invitation { id status expiresAt sentCount lastSentAt cancelledAt lastMessage { id } }
      skipped { reason }
    }
  }
`);

/** What only the contact can request is not sent by staff. */
export const canSendAgain = ({ kind, contact, invitation }: Message): boolean =>
  Boolean(contact?.email) && (kind === 'INVITATION' ? invitation !== null && invitation.status !== 'ACCEPTED' : kind === 'LOGIN_EMAIL' || kind === 'MAGIC_LINK');

async function resend(invitationId: string): Promise<void> {
  const { resendInvitation } = await mutate(RESEND, { input: { invitationId } });
  const reason = resendInvitation?.skipped?.reason;
  if (reason) {
    toast({ text: t.messages.notResent(t.words.skipReason[reason]), tone: 'bad' });
    return;
  }
  const next = resendInvitation?.invitation.lastMessage?.id;
  const action = next ? { action: { label: t.messages.openNew, onSelect: () => navigate(link(`messages/${next}`)) } } : {};
  toast({ text: t.messages.resent, ...action });
}

/** What was written may not be meant again: it is written anew. */
const WriteAgain = ({ contact: { id, email, name } }: { contact: NonNullable<Message['contact']> }) => (
  <Button kind="quiet" icon="send" onClick={() => startMessage({ contacts: [{ id, email: email ?? '', name }] })}
    {...(!may('INVITE') && { disabledReason: t.common.noRole(t.words.role[boot.role]) })}>
    {t.shell.compose}
  </Button>
);

export function SendAgain({ message }: { message: Message }) {
  const [busy, setBusy] = useState(false);
  const { kind, contact, invitation, magicLink } = message;
  if (kind === 'WRITTEN' && contact) return <WriteAgain contact={contact} />;
  if (!canSendAgain(message) || !contact?.email) return null;
  const { id, email, name } = contact;
  const needs: Permission = kind === 'MAGIC_LINK' ? 'LINKS' : 'INVITE';
  const send = async () => {
    if (kind !== 'INVITATION') {
      startAction(kind === 'LOGIN_EMAIL' ? 'login_email' : 'magic_link', {
        contacts: [{ id, email, name }], ...(magicLink && { section: magicLink.section }),
      });
      return;
    }
    setBusy(true);
    try {
      if (invitation) await resend(invitation.id);
    } catch (error) {
      toast({ text: errorText(error), tone: 'bad' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button kind="quiet" icon="refresh" busy={busy} onClick={() => void send()} {...(!may(needs) && { disabledReason: t.common.noRole(t.words.role[boot.role]) })}>
      {t.messages.sendAgain}
    </Button>
  );
}
