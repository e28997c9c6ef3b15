// The list of messages: its query, and its filter in the address.
import { useMemo } from 'preact/hooks';
import type { ResultOf, VariablesOf } from '../../api';
import { graphql } from '../../api';
import { t } from '../../i18n';
import { params } from '../../router';
import { DELIVERY } from './delivery';
import { readPeriod } from './period';

export const MESSAGES = graphql(`
  query Messages($filter: MessageFilter, $after: String) {
    messages(filter: $filter, first: 50, after: $after) {
      nodes { id kind channel subject address createdAt createdBy contact { id name } ...Delivery }
      pageInfo { hasNextPage endCursor }
    }
  }
`, [DELIVERY]);

export type MessageRow = ResultOf<typeof MESSAGES>['messages']['nodes'][number];

type Filter = NonNullable<VariablesOf<typeof MESSAGES>['filter']>;

export type Query = {
  filter: Filter | null;
  chips: { status: string[]; kind: string[]; channel: string[] };
  search: string;
  filtered: boolean;
};

/** Those of the values that the enum has: the address may hold anything. */
const known = <Name extends string>(names: Record<Name, string>, values: string[]): Name[] =>
  values.filter((value): value is Name => value in names);

/** Stays the same until the address changes, so that "the last 7 days" doesn't move while the list is read. */
export function useFilter(): Query {
  const from = params.value;
  return useMemo(() => {
    const status = known(t.words.messageStatus, from.getAll('status'));
    const kind = known(t.words.messageKind, from.getAll('kind'));
    const channel = known(t.words.channel, from.getAll('channel')).slice(0, 1);
    const search = from.get('search')?.trim() ?? '';
    const filter: Filter = {
      ...(status.length && { statuses: status }),
      ...(kind.length && { kinds: kind }),
      ...(channel.length && { channel: channel[0] }),
      ...(search && { search }),
      ...readPeriod(from).times,
    };
    const filtered = Object.keys(filter).length > 0;
    return { filter: filtered ? filter : null, chips: { status, kind, channel }, search: from.get('search') ?? '', filtered };
  }, [from]);
}
