import type { Column, Tone } from '../../components';
import { Avatar, Status, Tag, Time } from '../../components';
import { t } from '../../i18n';
import type { Contact, Order, OrderField, PortalStatus } from './state';
import { orderBy } from './state';
import { nameOf } from '../contact/contact';

const TONES: Record<PortalStatus, Tone> = { NOT_INVITED: 'none', INVITED: 'busy', ACTIVE: 'good', REVOKED: 'bad' };

const TAGS_SHOWN = 2;

export const PortalStatusPill = ({ status }: { status: PortalStatus }) => (
  <Status tone={TONES[status]}>{t.words.portalStatus[status]}</Status>
);

const Person = ({ contact }: { contact: Contact }) => (
  <span class="contacts-person">
    <Avatar name={nameOf(contact)} />
    <span class="contacts-person-text">
      <bdi class="contacts-name">{nameOf(contact)}</bdi>
      {contact.name && contact.email && <bdi class="contacts-address">{contact.email}</bdi>}
    </span>
  </span>
);

const Tags = ({ tags }: { tags: readonly string[] }) => (
  <span class="contacts-tags">
    {tags.slice(0, TAGS_SHOWN).map((tag) => <Tag key={tag}>{tag}</Tag>)}
    {tags.length > TAGS_SHOWN && (
      <span class="hint" title={tags.slice(TAGS_SHOWN).join(', ')}>
        <span aria-hidden="true">+{tags.length - TAGS_SHOWN}</span>
        <span class="unseen">{tags.slice(TAGS_SHOWN).join(', ')}</span>
      </span>
    )}
  </span>
);

export function columnsOf(order: Order): Column<Contact>[] {
  const sort = (field: OrderField) => ({
    direction: order.field === field ? (order.direction ?? null) : null,
    onSort: () => orderBy(field),
  });
  return [
    { id: 'contact', header: t.contacts.contact, width: '2.5fr', sort: sort('NAME'), cell: (row) => <Person contact={row} /> },
    { id: 'status', header: t.contacts.status, width: '10.5rem', cell: (row) => <PortalStatusPill status={row.portalStatus} /> },
    { id: 'tags', header: t.contacts.tags, width: '1.2fr', cell: (row) => (row.tags.length ? <Tags tags={row.tags} /> : null) },
    {
      id: 'invited', header: t.contacts.invited, width: '7.25rem', hideBelow: 'tablet', sort: sort('INVITED_AT'),
      cell: (row) => <Time at={row.invitedAt} />,
    },
    {
      id: 'joined', header: t.contacts.joined, width: '7.25rem', hideBelow: 'tablet', sort: sort('JOINED_AT'),
      cell: (row) => <Time at={row.joinedAt} />,
    },
    {
      id: 'seen', header: t.contacts.lastSeen, width: '7.25rem', hideBelow: 'phone', sort: sort('LAST_SEEN_AT'),
      cell: (row) => <Time at={row.lastSeenAt} />,
    },
  ];
}
