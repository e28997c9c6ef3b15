// The courses, communities and offers that can be picked. The API finds none by their titles: all are read, and searched here.
import { useEffect, useState } from 'preact/hooks';
import type { ResultOf } from '../../api/graphql';
import { query } from '../../api/client';
import { graphql } from '../../api/graphql';
import { useQuery } from '../../api/hooks';

const COURSES = graphql(`
  query PickCourses($statuses: [ContentStatus!], $after: String) {
    courses(first: 100, statuses: $statuses, after: $after) { nodes { id title status } pageInfo { hasNextPage endCursor } }
  }
`);

const COMMUNITIES = graphql(`
  query PickCommunities($statuses: [ContentStatus!], $after: String) {
    communities(first: 100, statuses: $statuses, after: $after) { nodes { id title: name status } pageInfo { hasNextPage endCursor } }
  }
`);

const OFFERS = graphql(`
  query PickOffers($statuses: [ContentStatus!], $after: String) {
    offers(first: 100, statuses: $statuses, after: $after) { nodes { id title status } pageInfo { hasNextPage endCursor } }
  }
`);

const CHOSEN = graphql(`
  query PickedItems($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on Course { id title status }
      ... on Community { id title: name status }
      ... on Offer { id title status }
    }
  }
`);

export type ItemKind = 'course' | 'community' | 'offer';
export type Item = ResultOf<typeof COURSES>['courses']['nodes'][number];
export type ContentStatus = Item['status'];

type Page = { nodes: readonly Item[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };

type Variables = { statuses: readonly ContentStatus[]; after: string | null };

const READ: Record<ItemKind, (variables: Variables) => Promise<Page>> = {
  course: async ({ statuses, after }) => (await query(COURSES, { statuses: [...statuses], after })).courses,
  community: async ({ statuses, after }) => (await query(COMMUNITIES, { statuses: [...statuses], after })).communities,
  offer: async ({ statuses, after }) => (await query(OFFERS, { statuses: [...statuses], after })).offers,
};

const MOST_PAGES = 10;

async function readAll(kind: ItemKind, statuses: readonly ContentStatus[]): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { nodes, pageInfo }: Page = await READ[kind]({ statuses, after });
    items.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return items;
}

type Items = { items: Item[] | undefined; error: unknown; retry: () => void };

/** All items with these statuses, newest first. */
export function useItems(kind: ItemKind, statuses: readonly ContentStatus[]): Items {
  const [state, setState] = useState<{ items?: Item[]; error?: unknown }>({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    readAll(kind, statuses).then((items) => current && setState({ items }), (error: unknown) => current && setState({ error }));
    return () => {
      current = false;
    };
  }, [kind, statuses.join(), turn]);
  return { items: state.items, error: state.error, retry: () => setTurn(turn + 1) };
}

/** The chosen items: also those that can't be picked any more, once they are read. */
export function useChosen(ids: readonly string[], known: readonly Item[] | undefined): (Item | { id: string })[] {
  const unknown = known ? ids.filter((id) => !known.some((item) => item.id === id)) : [];
  const { data } = useQuery(CHOSEN, { ids: unknown }, { pause: unknown.length === 0 });
  const read = (data?.nodes ?? []).flatMap((node): Item[] => (node && 'title' in node ? [node] : []));
  return ids.map((id) => known?.find((item) => item.id === id) ?? read.find((item) => item.id === id) ?? { id });
}
