// The state of the list in its address: `?search=ann&status=INVITED&tag=vip&added=7d&order=NAME`.
import type { ResultOf, VariablesOf } from '../../api';
import { graphql } from '../../api';
import { params, setParams } from '../../router';

export const CONTACTS = graphql(`
  query Contacts($filter: ContactFilter, $orderBy: ContactOrder, $after: String) {
    contacts(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
      nodes { id name email phone portalStatus tags invitedAt joinedAt lastSeenAt createdAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export type Contact = ResultOf<typeof CONTACTS>['contacts']['nodes'][number];
export type Filter = NonNullable<VariablesOf<typeof CONTACTS>['filter']>;
export type Order = NonNullable<VariablesOf<typeof CONTACTS>['orderBy']>;
export type OrderField = Order['field'];
type Direction = NonNullable<Order['direction']>;
export type PortalStatus = Contact['portalStatus'];

export const STATUSES: readonly PortalStatus[] = ['NOT_INVITED', 'INVITED', 'ACTIVE', 'REVOKED'];
export const ORDER_FIELDS: readonly OrderField[] = ['CREATED_AT', 'NAME', 'EMAIL', 'INVITED_AT', 'JOINED_AT', 'LAST_SEEN_AT'];

/** The filters by time, with their bounds in the API, and the conditions that count days back from when they are used. */
const RANGES = {
  added: { after: 'createdAfter', before: 'createdBefore', within: 'createdWithinDays', since: 'createdForDays' },
  invited: { after: 'invitedAfter', before: 'invitedBefore', within: 'invitedWithinDays', since: 'invitedForDays' },
  joined: { after: 'joinedAfter', before: 'joinedBefore', within: 'joinedWithinDays', since: 'joinedForDays' },
  seen: { after: 'lastSeenAfter', before: 'lastSeenBefore', within: 'seenWithinDays', since: 'notSeenForDays' },
} as const;

export type RangeName = keyof typeof RANGES;

export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

/** The filters by several values that are the API's own: their names in the address, and there. */
const LISTED = {
  tag: 'tags', allTag: 'allTags', noTag: 'noTags', offer: 'offerIds', course: 'courseIds', community: 'communityIds', noOffer: 'withoutOfferIds',
  noCourse: 'withoutCourseIds', noCommunity: 'withoutCommunityIds',
} as const satisfies Record<string, keyof Filter>;

type ListedName = keyof typeof LISTED;

const LISTED_NAMES = Object.keys(LISTED) as ListedName[];

const MOST: Partial<Record<ListedName, number>> = { tag: 50, allTag: 50, noTag: 50 };
const MOST_ITEMS = 20;

const FILTERS = ['search', 'status', ...LISTED_NAMES, ...RANGE_NAMES];

const startOfDay = (year: number, month: number, day: number): string => new Date(year, month, day).toISOString();

function daysAgo(days: number): string {
  const today = new Date();
  return startOfDay(today.getFullYear(), today.getMonth(), today.getDate() - days);
}

function onDay(date: string, plusDays = 0): string | undefined {
  const [year, month, day] = date.split('-').map(Number);
  if (!year || !month || !day || date.length !== 10) return undefined;
  return startOfDay(year, month - 1, day + plusDays);
}

function parseDays(value: string): { older: boolean; count: number } | undefined {
  const days = /^(older-)?(\d{1,4})d$/.exec(value);
  return days ? { older: days[1] !== undefined, count: Number(days[2]) } : undefined;
}

/** `7d`: in the last 7 days; `older-30d`: longer than 30 days ago; `2026-01-01..2026-01-31`: those days, either end open. */
function parseRange(value: string): { after?: string; before?: string } {
  const days = parseDays(value);
  if (days) return days.older ? { before: daysAgo(days.count) } : { after: daysAgo(days.count) };
  const [from = '', to = ''] = value.split('..');
  return { after: onDay(from), before: onDay(to, 1) };
}

const isStatus = (value: string): value is PortalStatus => (STATUSES as readonly string[]).includes(value);

/** What the address asks for, as the API has it. The same address gives the same filter all day. */
export function filterOf(search: URLSearchParams): Filter {
  const ranges = RANGE_NAMES.flatMap((name) => {
    const { after, before } = parseRange(search.get(name) ?? '');
    return [[RANGES[name].after, after], [RANGES[name].before, before]] as const;
  });
  const words = (search.get('search') ?? '').trim().slice(0, 200);
  const status = search.getAll('status').filter(isStatus);
  const listed = LISTED_NAMES.map((name) => [LISTED[name], search.getAll(name).slice(0, MOST[name] ?? MOST_ITEMS)] as const);
  const filter: Filter = {
    search: words,
    portalStatus: status,
    ...Object.fromEntries(listed),
    ...Object.fromEntries(ranges),
  };
  return given(filter);
}

const isGiven = (value: unknown) =>
  Array.isArray(value) || typeof value === 'string' ? value.length > 0 : value !== undefined && value !== null;

const given = (filter: Filter): Filter => Object.fromEntries(Object.entries(filter).filter(([, value]) => isGiven(value)));

/** The same for a smart list: “in the last 7 days” goes on to mean that. */
export function lastingFilterOf(search: URLSearchParams): Filter {
  const filter = filterOf(search);
  for (const name of RANGE_NAMES) {
    const days = parseDays(search.get(name) ?? '');
    if (!days) continue;
    const { after, before, within, since } = RANGES[name];
    filter[days.older ? before : after] = undefined;
    filter[days.older ? since : within] = days.count;
  }
  return given(filter);
}

const naturalDirection = (field: OrderField): Direction => (field === 'NAME' || field === 'EMAIL' ? 'ASC' : 'DESC');

export function orderOf(search: URLSearchParams): Order & { direction: Direction } {
  const field = ORDER_FIELDS.find((name) => name === search.get('order')) ?? 'CREATED_AT';
  const direction = search.get('direction');
  return { field, direction: direction === 'ASC' || direction === 'DESC' ? direction : naturalDirection(field) };
}

/** Orders by `field`; a second time the other way round. */
export function orderBy(field: OrderField): void {
  const now = orderOf(params.value);
  const turned: Direction = now.direction === 'ASC' ? 'DESC' : 'ASC';
  const direction = now.field === field ? turned : naturalDirection(field);
  setParams({
    order: field === 'CREATED_AT' ? undefined : field,
    direction: direction === naturalDirection(field) ? undefined : direction,
  });
}

export const clearFilters = (): void => setParams(Object.fromEntries(FILTERS.map((name) => [name, undefined])));
