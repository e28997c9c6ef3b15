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

const OFFERS = graphql(`
  query Offers($search: String, $statuses: [ContentStatus!], $after: String) {
    offers(first: 50, search: $search, statuses: $statuses, after: $after) {
      nodes { id title status startsAt updatedAt courses { id } communities { id } holders(first: 0) { totalCount } }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

const CREATE = graphql(`
  mutation CreateOffer($input: CreateOfferInput!) {
    createOffer(input: $input) { offer { id } }
  }
`);

type Offer = ResultOf<typeof OFFERS>['offers']['nodes'][number];

const contentsOf = ({ courses, communities }: Offer): string => {
  const parts = [courses.length && t.offers.courses(courses.length), communities.length && t.offers.communities(communities.length)];
  return parts.filter(Boolean).join(', ') || t.offers.empty;
};

const columns = (): Column<Offer>[] => [
  {
    id: 'title', header: t.access.title, width: '2.5fr',
    cell: (offer) => <span class="content-title"><bdi>{offer.title}</bdi><span class="hint">{contentsOf(offer)}</span></span>,
  },
  { id: 'status', header: t.access.status, width: '10rem', cell: ({ status }) => <ContentStatusPill status={status} /> },
  { id: 'holders', header: t.offers.tabs.holders, width: '8rem', cell: ({ holders }) => t.access.contacts(holders?.totalCount ?? 0) },
  {
    id: 'opens', header: t.access.opens, width: '9rem', hideBelow: 'tablet',
    cell: ({ startsAt }) => (startsAt ? <Time at={startsAt} style="date" /> : <span class="hint">{t.offers.atOnce}</span>),
  },
];

async function create(title: string): Promise<string> {
  const { createOffer } = await mutate(CREATE, { input: { title } });
  return link(`offers/${createOffer?.offer.id ?? ''}`);
}

export default function Offers() {
  const filter = chosenFilter();
  const list = useList(OFFERS, filter, ({ offers }) => offers);
  const [creating, setCreating] = useState(false);
  const shown = useMemo(columns, []);
  useRefreshOn(['OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED'], list.refresh);
  useRefreshOnReturn(list.refresh);
  const button = <Button icon="plus" disabledReason={noContent()} onClick={() => setCreating(true)}>{t.offers.new}</Button>;
  return (
    <>
      <PageHeader title={t.shell.offers} description={t.offers.description}>{button}</PageHeader>
      <ContentFilters kind="offer" />
      <Table list={list} columns={shown} label={t.shell.offers} href={({ id }) => link(`offers/${id}`)} rowLabel={({ title }) => title} empty={isFiltered(filter)
        ? <Empty icon="search" title={t.access.noMatch}><Button kind="quiet" onClick={clearFilter}>{t.access.clear}</Button></Empty>
        : <Empty icon="offer" title={t.offers.none}><p>{t.offers.noneHint}</p>{button}</Empty>} />
      {creating && <CreateDialog title={t.offers.new} label={t.access.title} missing={t.access.titleMissing} draft="offer.new" create={create} onClose={() => setCreating(false)} />}
    </>
  );
}
