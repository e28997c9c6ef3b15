// The contacts who have a community or an offer.
import type { VNode } from 'preact';
import type { List } from '../../api/list';
import { t } from '../../i18n';
import { link } from '../../router';
import { Avatar, Status } from '../labels';
import { Table } from '../table/table';
import type { Column } from '../table/types';
import type { Tone } from '../labels';

type PortalStatus = keyof typeof t.words.portalStatus;

export type Person = { id: string; name: string | null; email: string | null; phone: string | null; portalStatus: PortalStatus };

const TONES: Record<PortalStatus, Tone> = { NOT_INVITED: 'none', INVITED: 'busy', ACTIVE: 'good', REVOKED: 'bad' };

const nameOf = ({ name, email, phone }: Person): string => name ?? email ?? phone ?? t.common.aContact;

const columns = (): Column<Person>[] => [
  {
    id: 'contact', header: t.access.contact, width: '2fr',
    cell: (person) => (
      <span class="contacts-person">
        <Avatar name={nameOf(person)} />
        <span class="contacts-person-text">
          <bdi class="contacts-name">{nameOf(person)}</bdi>
          {person.name && person.email && <bdi class="contacts-address">{person.email}</bdi>}
        </span>
      </span>
    ),
  },
  { id: 'status', header: t.access.portal, cell: ({ portalStatus }) => <Status tone={TONES[portalStatus]}>{t.words.portalStatus[portalStatus]}</Status> },
];

export const People = ({ list, label, empty }: { list: List<Person>; label: string; empty: VNode }) => (
  <Table list={list} columns={columns()} label={label} href={({ id }) => link(`contacts/${id}`, { tab: 'access' })} rowLabel={nameOf} empty={empty} />
);
