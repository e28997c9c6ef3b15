// What staff do for a contact: the three actions, the invitation, access, their data and deletion.
import { useState } from 'preact/hooks';
import { startAction, startMessage } from '../../actions';
import { errorText, graphql, mutate } from '../../api';
import type { MenuEntry } from '../../components';
import { Button, Confirm, Menu, toast } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import { Delete, Revoke, restoreAccess } from './access';
import type { Contact } from './contact';
import { nameOf, noMail, noRole, openInvitation } from './contact';
import { Erase } from './erase';
import { exportData } from './export_data';
import { Merge } from './merge';
import { ViewAs } from './view_as';

const RESEND = graphql(`
  mutation ResendInvitation($input: ResendInvitationInput!) {
    resendInvitation(input: $input) { invitation { id status expiresAt lastSentAt sentCount } skipped { reason } }
  }
`);

const CANCEL = graphql(`
  mutation CancelInvitation($input: CancelInvitationInput!) {
    cancelInvitation(input: $input) { invitation { id status contact { id portalStatus invitedAt } } }
  }
`);

const failed = (error: unknown): void => toast({ text: errorText(error), tone: 'bad' });

export async function resend(contact: Contact, invitationId: string): Promise<void> {
  const { resendInvitation } = await mutate(RESEND, { input: { invitationId } });
  const skipped = resendInvitation?.skipped;
  if (skipped) toast({ text: t.contact.notResent(t.words.skipReason[skipped.reason]), tone: 'bad' });
  else toast({ text: t.contact.resent(nameOf(contact)) });
}

async function cancel(contact: Contact, invitationId: string): Promise<void> {
  await mutate(CANCEL, { input: { invitationId } });
  const again = () => startAction('invite', startOf(contact));
  toast({ text: t.contact.cancelled(nameOf(contact)), action: { label: t.contact.inviteAgain, onSelect: again } });
}

export const startOf = ({ id, email, name }: Contact) => ({ contacts: [{ id, email: email ?? '', name }] });

type ActionsProps = { contact: Contact; onChanged: () => void };

function InviteButton({ contact, onChanged }: ActionsProps) {
  const [busy, setBusy] = useState(false);
  const invitation = openInvitation(contact);
  if (contact.portalStatus === 'ACTIVE') return null;
  const reason = noRole('INVITE') ?? noMail(contact);
  if (!invitation) {
    const label = contact.invitation ? t.contact.inviteAgain : t.contact.invite;
    return <Button icon="invite" disabledReason={reason} onClick={() => startAction('invite', startOf(contact))}>{label}</Button>;
  }
  const send = () => {
    setBusy(true);
    resend(contact, invitation.id).catch(failed).finally(() => setBusy(false)).then(onChanged, onChanged);
  };
  return <Button kind="quiet" icon="refresh" busy={busy} disabledReason={reason} onClick={send}>{t.contact.resend}</Button>;
}

type Asked = 'cancel' | 'merge' | 'view' | 'revoke' | 'delete' | 'erase' | null;

const affiliateEntry = ({ id, affiliate }: Contact): MenuEntry => affiliate
  ? { id: 'affiliate', label: t.affiliates.show, icon: 'affiliate', onSelect: () => navigate(link(`affiliates/${affiliate.id}`)) }
  : { id: 'affiliate', label: t.affiliates.make, icon: 'affiliate', disabledReason: noRole('CONTACTS'), onSelect: () => navigate(link('affiliates', { new: id })) };

/** What is done to the contact as a whole: its data, its duplicate, its portal. */
function wholeEntries(contact: Contact, ask: (asked: Asked) => void): MenuEntry[] {
  const admin = noRole('ADMIN');
  const revoked = contact.portalStatus === 'REVOKED' ? t.contact.isRevoked : undefined;
  return [
    { id: 'view', label: t.contact.viewAs, icon: 'eye', disabledReason: admin ?? revoked, onSelect: () => ask('view') },
    { id: 'merge', label: t.contact.merge, icon: 'people', disabledReason: noRole('CONTACTS'), onSelect: () => ask('merge') },
    { id: 'export', label: t.contact.exportData, icon: 'download', disabledReason: admin, onSelect: () => exportData(contact).catch(failed) },
  ];
}

function entriesOf({ contact, onChanged }: ActionsProps, ask: (asked: Asked) => void): MenuEntry[] {
  const contacts = noRole('CONTACTS');
  const access: MenuEntry = contact.portalStatus === 'REVOKED'
    ? {
        id: 'restore', label: t.contact.restore, icon: 'undo', disabledReason: contacts,
        onSelect: () => restoreAccess(contact).then(onChanged, failed),
      }
    : { id: 'revoke', label: t.contact.revoke, icon: 'stop', danger: true, disabledReason: contacts, onSelect: () => ask('revoke') };
  const cancelEntry: MenuEntry[] = openInvitation(contact)
    ? [{ id: 'cancel', label: t.contact.cancelInvitation, icon: 'close', disabledReason: noRole('INVITE'), onSelect: () => ask('cancel') }]
    : [];
  const edit = () => navigate(link(`contacts/${contact.id}`, { tab: 'details' }));
  return [
    { id: 'message', label: t.shell.compose, icon: 'send', disabledReason: noRole('INVITE') ?? (contact.portalStatus === 'REVOKED' ? t.contact.isRevoked : undefined), onSelect: () => startMessage(startOf(contact)) },
    { id: 'edit', label: t.contact.editDetails, icon: 'user', onSelect: edit },
    ...cancelEntry,
    affiliateEntry(contact),
    { separator: true },
    ...wholeEntries(contact, ask),
    { separator: true },
    access,
    { id: 'delete', label: t.contact.delete, icon: 'trash', danger: true, disabledReason: contacts, onSelect: () => ask('delete') },
    { id: 'erase', label: t.contact.erase, icon: 'trash', danger: true, disabledReason: noRole('ADMIN'), onSelect: () => ask('erase') },
  ];
}

function Questions({ contact, onChanged, asked, close }: ActionsProps & { asked: Asked; close: () => void }) {
  const invitation = openInvitation(contact);
  return (
    <>
      <Confirm open={asked === 'cancel'} onClose={close} title={t.contact.cancelTitle} action={t.contact.cancelInvitation} danger
        onConfirm={async () => {
          if (invitation) await cancel(contact, invitation.id);
          onChanged();
        }}>
        <p>{t.contact.cancelConsequence}</p>
      </Confirm>
      {asked === 'merge' && <Merge contact={contact} onClose={close} onMerged={onChanged} />}
      {asked === 'view' && <ViewAs contact={contact} onClose={close} />}
      <Revoke open={asked === 'revoke'} contact={contact} onClose={close} onChanged={onChanged} />
      <Delete open={asked === 'delete'} contact={contact} onClose={close} />
      <Erase open={asked === 'erase'} contact={contact} onClose={close} />
    </>
  );
}

export function Actions({ contact, onChanged }: ActionsProps) {
  const [asked, setAsked] = useState<Asked>(null);
  const revoked = contact.portalStatus === 'REVOKED' ? t.contact.isRevoked : undefined;
  return (
    <>
      <InviteButton contact={contact} onChanged={onChanged} />
      <Button kind={contact.portalStatus === 'ACTIVE' ? 'primary' : 'quiet'} icon="mail" disabledReason={noRole('INVITE') ?? noMail(contact)}
        onClick={() => startAction('login_email', startOf(contact))}>{t.contact.loginEmail}</Button>
      <Button kind="quiet" icon="link" disabledReason={noRole('LINKS') ?? revoked}
        onClick={() => startAction('magic_link', startOf(contact))}>{t.contact.magicLink}</Button>
      <Menu label={t.contact.more} items={entriesOf({ contact, onChanged }, setAsked)} />
      <Questions contact={contact} onChanged={onChanged} asked={asked} close={() => setAsked(null)} />
    </>
  );
}
