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

/** The filters by time, and which bounds the API has for each. */
export const RANGES = {
  added: { after: true, before: true },
  invited: { after: false, before: true },
  joined: { after: true, before: false },
  seen: { after: false, before: true },
} as const;

export type RangeName = keyof typeof RANGES;

export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

const FILTERS = ['search', 'status', 'tag', ...RANGE_NAMES];

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

/** `7d`: in the last 7 days; `older-30d`: longer than 30 days ago; `2026-01-01..2026-01-31`: those days, either end open. */
function parseRange(value: string): { after?: string; before?: string } {
  const days = /^(older-)?(\d{1,4})d$/.exec(value);
  if (days) return days[1] ? { before: daysAgo(Number(days[2])) } : { after: daysAgo(Number(days[2])) };
  const [from = '', to = ''] = value.split('..');
  return { after: onDay(from), before: onDay(to, 1) };
}

const isStatus = (value: string): value is PortalStatus => (STATUSES as readonly string[]).includes(value);

/** What the address asks for, as the API has it. The same address gives the same filter all day. */
export function filterOf(search: URLSearchParams): Filter {
  const range = (name: RangeName) => parseRange(search.get(name) ?? '');
  const words = (search.get('search') ?? '').trim().slice(0, 200);
  const status = search.getAll('status').filter(isStatus);
  const tags = search.getAll('tag').slice(0, 50);
  const filter: Filter = {
    search: words,
    portalStatus: status,
    tags,
    createdAfter: range('added').after,
    createdBefore: range('added').before,
    invitedBefore: range('invited').before,
    joinedAfter: range('joined').after,
    lastSeenBefore: range('seen').before,
  };
  const set = ([, value]: [string, unknown]): boolean => (Array.isArray(value) || typeof value === 'string' ? value.length > 0 : value !== undefined);
  return Object.fromEntries(Object.entries(filter).filter(set));
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
