import { useState } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { graphql, mutate, useList } from '../../api';
import type { Column, Tone } from '../../components';
import { Button, Confirm, Empty, Status, Table, Time, toast } from '../../components';
import { t } from '../../i18n';
import { noRole } from './contact';
import { useContactActivity } from './live';

const LINKS = graphql(`
  query ContactLinks($id: ID!, $after: String) {
    contact(id: $id) {
      id
      magicLinks(first: 50, after: $after) {
        nodes { id purpose section status createdAt expiresAt usedAt limitToSection }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

const REVOKE = graphql(`
  mutation RevokeContactLink($input: RevokeMagicLinkInput!) {
    revokeMagicLink(input: $input) { magicLink { id status } }
  }
`);

type Link = NonNullable<ResultOf<typeof LINKS>['contact']>['magicLinks']['nodes'][number];

const TONES: Record<Link['status'], Tone> = { LIVE: 'good', USED: 'none', EXPIRED: 'none', SUPERSEDED: 'none', REVOKED: 'bad' };

const What = ({ row }: { row: Link }) => (
  <span class="contact-cell">
    {t.words.linkPurpose[row.purpose]}
    <span class="hint">{t.words.section[row.section]}{row.limitToSection && ` · ${t.contact.onlySection}`}</span>
  </span>
);

const When = ({ row }: { row: Link }) => (
  row.status === 'USED'
    ? <span>{t.contact.used} <Time at={row.usedAt} /></span>
    : <span>{row.status === 'LIVE' ? t.contact.expires : t.contact.expired} <Time at={row.expiresAt} /></span>
);

const columns = (ask: (row: Link) => void): Column<Link>[] => [
  { id: 'what', header: t.contact.link, width: '2fr', cell: (row) => <What row={row} /> },
  { id: 'status', header: t.contact.status, cell: (row) => <Status tone={TONES[row.status]}>{t.words.linkStatus[row.status]}</Status> },
  { id: 'created', header: t.contact.created, hideBelow: 'tablet', cell: (row) => <Time at={row.createdAt} /> },
  { id: 'when', header: t.contact.validity, width: '1.5fr', cell: (row) => (row.status === 'LIVE' || row.status === 'USED' || row.status === 'EXPIRED' ? <When row={row} /> : null) },
  {
    id: 'revoke', header: '', width: '9rem', align: 'end',
    cell: (row) => (row.status === 'LIVE'
      ? <Button kind="quiet" size="small" disabledReason={noRole('LINKS')} onClick={() => ask(row)}>{t.contact.revokeLink}</Button>
      : null),
  },
];

export function Links({ contactId }: { contactId: string }) {
  const list = useList(LINKS, { id: contactId }, ({ contact }) => contact?.magicLinks);
  const [asked, setAsked] = useState<Link | null>(null);
  useContactActivity(contactId, list.refresh);
  const revoke = async () => {
    if (asked) await mutate(REVOKE, { input: { magicLinkId: asked.id } });
    toast({ text: t.contact.linkRevoked });
  };
  return (
    <>
      <Table list={list} columns={columns(setAsked)} label={t.contact.tabs.links} rowLabel={({ purpose }) => t.words.linkPurpose[purpose]}
        empty={<Empty icon="link" title={t.contact.noLinks}><p>{t.contact.noLinksHint}</p></Empty>} />
      <Confirm open={asked !== null} onClose={() => setAsked(null)} title={t.contact.revokeLinkTitle} action={t.contact.revokeLink} danger onConfirm={revoke}>
        <p>{t.contact.revokeLinkConsequence}</p>
      </Confirm>
    </>
  );
}
