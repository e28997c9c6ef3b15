import { useState } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { graphql, mutate, useList } from '../../api';
import type { Column } from '../../components';
import { Button, Confirm, Empty, Table, Time, toast } from '../../components';
import { t } from '../../i18n';
import { noRole } from './contact';
import { useContactActivity } from './live';

const SESSIONS = graphql(`
  query ContactSessions($id: ID!, $after: String) {
    contact(id: $id) {
      id
      sessions(first: 50, after: $after) {
        nodes { id device method network section madeByStaff createdAt lastSeenAt expiresAt }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

const REVOKE = graphql(`
  mutation RevokeContactSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) { __typename }
  }
`);

type Session = NonNullable<ResultOf<typeof SESSIONS>['contact']>['sessions']['nodes'][number];

const Device = ({ row }: { row: Session }) => (
  <span class="contact-cell">
    <bdi>{row.device}</bdi>
    <span class="hint">{[row.network, row.section && t.contact.opensOnly(t.words.section[row.section])].filter(Boolean).join(' · ')}</span>
  </span>
);

const Method = ({ row }: { row: Session }) => (
  <span class="contact-cell">
    {t.words.sessionMethod[row.method]}
    {row.madeByStaff && <span class="hint">{t.contact.madeByStaff}</span>}
  </span>
);

const columns = (ask: (row: Session) => void): Column<Session>[] => [
  { id: 'device', header: t.contact.device, width: '2fr', cell: (row) => <Device row={row} /> },
  { id: 'method', header: t.contact.signedInBy, width: '1.5fr', cell: (row) => <Method row={row} /> },
  { id: 'started', header: t.contact.started, cell: (row) => <Time at={row.createdAt} /> },
  { id: 'seen', header: t.contact.lastSeen, hideBelow: 'phone', cell: (row) => <Time at={row.lastSeenAt} /> },
  { id: 'expires', header: t.contact.expires, hideBelow: 'tablet', cell: (row) => <Time at={row.expiresAt} /> },
  {
    id: 'end', header: '', align: 'end', width: '9.5rem',
    cell: (row) => (
      <Button kind="quiet" size="small" disabledReason={noRole('CONTACTS')} onClick={() => ask(row)}>{t.contact.endSession}</Button>
    ),
  },
];

export function Sessions({ contactId }: { contactId: string }) {
  const list = useList(SESSIONS, { id: contactId }, ({ contact }) => contact?.sessions);
  const [asked, setAsked] = useState<Session | null>(null);
  useContactActivity(contactId, list.refresh);
  const end = async () => {
    if (asked) await mutate(REVOKE, { input: { sessionId: asked.id } });
    list.reload();
    toast({ text: t.contact.sessionEnded });
  };
  return (
    <>
      <Table list={list} columns={columns(setAsked)} label={t.contact.tabs.sessions} rowLabel={({ device }) => device}
        empty={<Empty icon="user" title={t.contact.noSessions}><p>{t.contact.noSessionsHint}</p></Empty>} />
      <Confirm open={asked !== null} onClose={() => setAsked(null)} title={t.contact.endSessionTitle(asked?.device ?? '')} action={t.contact.endSession}
        danger onConfirm={end}>
        <p>{t.contact.endSessionConsequence}</p>
      </Confirm>
    </>
  );
}
