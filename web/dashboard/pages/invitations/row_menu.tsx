import { boot, errorText, graphql, may, mutate } from '../../api';
import type { MenuEntry } from '../../components';
import { Menu, toast } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import { nameOf } from './columns';
import type { InvitationRow } from './list';

const RESEND = graphql(`
  mutation ResendInvitation($input: ResendInvitationInput!) {
    resendInvitation(input: $input) {
      invitation { id status sentCount lastSentAt expiresAt cancelledAt }
      skipped { reason }
    }
  }
`);

async function resend(row: InvitationRow, onChanged: () => void): Promise<void> {
  const name = nameOf(row);
  try {
    const { resendInvitation } = await mutate(RESEND, { input: { invitationId: row.id } });
    const reason = resendInvitation?.skipped?.reason;
    if (reason) {
      const open = { label: t.invitations.openContact, onSelect: () => navigate(link(`contacts/${row.contact?.id ?? ''}`)) };
      toast({ text: t.invitations.notResent(name, t.words.skipReason[reason]), tone: 'bad', ...(row.contact && { action: open }) });
    } else {
      toast({ text: t.invitations.resent(name) });
      onChanged();
    }
  } catch (error) {
    toast({ text: errorText(error), tone: 'bad' });
  }
}

type Props = { row: InvitationRow; onChanged: () => void; onCancel: (row: InvitationRow) => void };

export function RowMenu({ row, onChanged, onCancel }: Props) {
  const { contact, lastMessage, status } = row;
  const refused = may('INVITE') ? {} : { disabledReason: t.common.noRole(t.words.role[boot.role]) };
  const items: MenuEntry[] = [
    ...(status === 'ACCEPTED' ? [] : [
      { id: 'resend', label: t.invitations.resend, icon: 'refresh' as const, onSelect: () => resend(row, onChanged), ...refused },
    ]),
    ...(contact ? [
      { id: 'contact', label: t.invitations.openContact, icon: 'user' as const, onSelect: () => navigate(link(`contacts/${contact.id}`)) },
    ] : []),
    ...(lastMessage ? [
      { id: 'message', label: t.invitations.openMessage, icon: 'mail' as const, onSelect: () => navigate(link(`messages/${lastMessage.id}`)) },
    ] : []),
    ...(status === 'OPEN' || status === 'EXPIRED' ? [
      { separator: true as const },
      { id: 'cancel', label: t.invitations.cancel, icon: 'close' as const, danger: true, onSelect: () => onCancel(row), ...refused },
    ] : []),
  ];
  return <Menu label={t.invitations.actionsFor(nameOf(row))} items={items} />;
}
