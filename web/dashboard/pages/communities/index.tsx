import { useMemo, useState } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { graphql, mutate, useList, useRefreshOn, useRefreshOnReturn } from '../../api';
import type { Column } from '../../components';
import { Button, Empty, PageHeader, Table, Time } from '../../components';
import { CreateDialog } from '../../components/content/create_dialog';
import { ContentFilters, chosenFilter, clearFilter, isFiltered } from '../../components/content/filters';
import { ContentStatusPill, noContent } from '../../components/content/status';
import { t } from '../../i18n';
import { link } from '../../router';

const COMMUNITIES = graphql(`
  query Communities($search: String, $statuses: [ContentStatus!], $after: String) {
    communities(first: 50, search: $search, statuses: $statuses, after: $after) {
      nodes { id name status memberCount updatedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

const CREATE = graphql(`
  mutation CreateCommunity($input: CreateCommunityInput!) {
    createCommunity(input: $input) { community { id } }
  }
`);

type Community = ResultOf<typeof COMMUNITIES>['communities']['nodes'][number];

const columns = (): Column<Community>[] => [
  { id: 'name', header: t.communities.name, width: '2.5fr', cell: ({ name }) => <bdi>{name}</bdi> },
  { id: 'status', header: t.access.status, width: '10rem', cell: ({ status }) => <ContentStatusPill status={status} /> },
  { id: 'members', header: t.communities.members, width: '8rem', cell: ({ memberCount }) => t.access.contacts(memberCount ?? 0) },
  { id: 'updated', header: t.access.updated, width: '9rem', hideBelow: 'phone', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
];

async function create(name: string): Promise<string> {
  const { createCommunity } = await mutate(CREATE, { input: { name } });
  return link(`communities/${createCommunity?.community.id ?? ''}`);
}

export default function Communities() {
  const filter = chosenFilter();
  const list = useList(COMMUNITIES, filter, ({ communities }) => communities);
  const [creating, setCreating] = useState(false);
  const shown = useMemo(columns, []);
  useRefreshOn(['COMMUNITY_ACCESS_GRANTED', 'COMMUNITY_ACCESS_REVOKED', 'OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED'], list.refresh);
  useRefreshOnReturn(list.refresh);
  const button = <Button icon="plus" disabledReason={noContent()} onClick={() => setCreating(true)}>{t.communities.new}</Button>;
  return (
    <>
      <PageHeader title={t.shell.communities} description={t.communities.description}>{button}</PageHeader>
      <ContentFilters kind="community" />
      <Table list={list} columns={shown} label={t.shell.communities} href={({ id }) => link(`communities/${id}`)} rowLabel={({ name }) => name} empty={isFiltered(filter)
        ? <Empty icon="search" title={t.access.noMatch}><Button kind="quiet" onClick={clearFilter}>{t.access.clear}</Button></Empty>
        : <Empty icon="community" title={t.communities.none}><p>{t.communities.noneHint}</p>{button}</Empty>} />
      {creating && <CreateDialog title={t.communities.new} label={t.communities.name} missing={t.communities.nameMissing} draft="community.new" create={create} onClose={() => setCreating(false)} />}
    </>
  );
}
