import type { VNode } from 'preact';
import type { Column, Tone } from '../../components';
import { Status, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { Delivery } from '../messages/delivery';
import { Recipient } from '../messages/recipient';
import type { InvitationRow, Tab } from './list';

const TONES: Record<InvitationRow['status'], Tone> = { OPEN: 'busy', EXPIRED: 'warn', ACCEPTED: 'good', CANCELLED: 'none' };
const SOON_MS = 86_400_000;

export const nameOf = ({ contact }: InvitationRow): string => contact?.name ?? contact?.email ?? t.common.aContact;

/** The time at which the invitation got or gets its status, or expires. */
const timeOf = ({ status, expiresAt, acceptedAt, cancelledAt }: InvitationRow): string | null =>
  ({ OPEN: expiresAt, EXPIRED: expiresAt, ACCEPTED: acceptedAt, CANCELLED: cancelledAt })[status];

const isUrgent = ({ status, expiresAt }: InvitationRow): boolean => status === 'OPEN' && Date.parse(expiresAt) - Date.now() < SOON_MS;

const headers = (): Record<Tab, string> => ({
  OPEN: t.invitations.expires, EXPIRED: t.invitations.expired, ACCEPTED: t.invitations.joined, CANCELLED: t.invitations.cancelled,
  ALL: t.invitations.status,
});

const State = ({ row, tab }: { row: InvitationRow; tab: Tab }) => {
  const time = <span class="invitation-time" data-urgent={isUrgent(row) || undefined}><Time at={timeOf(row)} /></span>;
  return tab === 'ALL'
    ? <span class="delivery"><Status tone={TONES[row.status]}>{t.words.invitationStatus[row.status]}</Status><span class="hint">{time}</span></span>
    : time;
};

const LastSent = ({ row: { sentCount, lastSentAt } }: { row: InvitationRow }) => (
  <span class="delivery"><Time at={lastSentAt} />{sentCount > 1 && <span class="hint">{t.invitations.sentTimes(sentCount)}</span>}</span>
);

export const makeColumns = (tab: Tab, menu: (row: InvitationRow) => VNode): Column<InvitationRow>[] => [
  {
    id: 'contact', header: t.invitations.contact, width: '1.9fr',
    cell: (row) => <Recipient name={row.contact?.name ?? (row.contact ? null : t.common.aContact)} address={row.contact?.email ?? null} />,
  },
  { id: 'section', header: t.invitations.section, width: '8.25rem', hideBelow: 'tablet', cell: ({ section }) => t.words.section[section] },
  { id: 'sent', header: t.invitations.lastSent, width: '8.5rem', hideBelow: 'tablet', cell: (row) => <LastSent row={row} /> },
  { id: 'state', header: headers()[tab], width: '8.5rem', cell: (row) => <State row={row} tab={tab} /> },
  {
    id: 'delivery', header: t.invitations.delivery, width: '1.1fr',
    cell: ({ lastMessage }) => lastMessage
      ? <a class="delivery-link" href={link(`messages/${lastMessage.id}`)}><Delivery message={lastMessage} /></a>
      : t.components.never,
  },
  { id: 'menu', header: '', width: '4rem', align: 'end', cell: menu },
];
