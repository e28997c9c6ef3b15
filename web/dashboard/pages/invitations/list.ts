// The list of invitations: its query, and its filter in the address.
import { useMemo } from 'preact/hooks';
import type { ResultOf, VariablesOf } from '../../api';
import { graphql } from '../../api';
import { params } from '../../router';
import { DELIVERY } from '../messages/delivery';

export const INVITATIONS = graphql(`
  query Invitations($filter: InvitationFilter, $after: String) {
    invitations(filter: $filter, first: 50, after: $after) {
      nodes {
        id status section sentCount lastSentAt expiresAt acceptedAt cancelledAt
        contact { id name email }
        lastMessage { id ...Delivery }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`, [DELIVERY]);

export const COUNTS = graphql(`
  query InvitationCounts($search: String) {
    OPEN: invitations(first: 0, filter: { statuses: [OPEN], search: $search }) { totalCount }
    EXPIRED: invitations(first: 0, filter: { statuses: [EXPIRED], search: $search }) { totalCount }
    ACCEPTED: invitations(first: 0, filter: { statuses: [ACCEPTED], search: $search }) { totalCount }
    CANCELLED: invitations(first: 0, filter: { statuses: [CANCELLED], search: $search }) { totalCount }
  }
`);

export type InvitationRow = ResultOf<typeof INVITATIONS>['invitations']['nodes'][number];
export type Filter = NonNullable<VariablesOf<typeof INVITATIONS>['filter']>;

export const STATUSES = ['OPEN', 'EXPIRED', 'ACCEPTED', 'CANCELLED'] as const;
export type Tab = (typeof STATUSES)[number] | 'ALL';

export const TABS: readonly Tab[] = [...STATUSES, 'ALL'];

const DAY_MS = 86_400_000;
/** The choices of the filter "Expires within". */
export const EXPIRY_DAYS = [1, 2, 3, 7] as const;

export type Query = {
  tab: Tab;
  search: string;
  /** The number of days in which the invitation expires, as the address has it. */
  days: string[];
  filter: Filter;
  filtered: boolean;
};

/** Stays the same until the address changes, so that "within 3 days" doesn't move while the list is read. */
export function useFilter(): Query {
  const from = params.value;
  return useMemo(() => {
    const tab = TABS.find((each) => each === from.get('status')) ?? 'OPEN';
    const search = from.get('search')?.trim() ?? '';
    const days = EXPIRY_DAYS.filter((each) => tab === 'OPEN' && String(each) === from.get('expires')).map(String);
    const filter: Filter = {
      ...(tab !== 'ALL' && { statuses: [tab] }),
      ...(search && { search }),
      ...(days.length && { expiresBefore: new Date(Date.now() + Number(days[0]) * DAY_MS).toISOString() }),
    };
    return { tab, search: from.get('search') ?? '', days, filter, filtered: Boolean(search || days.length) };
  }, [from]);
}
