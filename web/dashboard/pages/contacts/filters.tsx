import { graphql, useQuery, useRefreshOn } from '../../api';
import type { FilterChip } from '../../components';
import { FilterChips, Icon, Menu, SearchField } from '../../components';
import { language, t } from '../../i18n';
import { params, setParams } from '../../router';
import { CustomDates } from './custom_dates';
import type { Order, RangeName } from './state';
import { ORDER_FIELDS, RANGE_NAMES, RANGES, STATUSES, orderBy } from './state';

const TAGS = graphql(`
  query ContactTags {
    contactTags { tag count }
  }
`);

const LAST_DAYS = [7, 30, 90];

/** The account's tags with their counts, the most used first. */
export function useTags() {
  const { data, reload } = useQuery(TAGS, {});
  useRefreshOn(['CONTACT_CREATED', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED'], reload);
  return { tags: data?.contactTags ?? [], reload };
}

const day = (date: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(`${date}T00:00`));

function customLabel(value: string): string {
  const [from, to] = value.split('..');
  if (from && to) return t.contacts.between(day(from), day(to));
  if (from) return t.contacts.since(day(from));
  return to ? t.contacts.until(day(to)) : value;
}

function rangeOptions(name: RangeName, chosen: string | null): FilterChip['options'] {
  const bounds = RANGES[name];
  const options = [
    ...(bounds.after ? LAST_DAYS.map((days) => ({ value: `${days}d`, label: t.contacts.lastDays(days) })) : []),
    ...(bounds.before ? LAST_DAYS.map((days) => ({ value: `older-${days}d`, label: t.contacts.olderThan(days) })) : []),
  ];
  const custom = chosen?.includes('..') && /^[\d-]*\.\.[\d-]*$/.test(chosen) ? [{ value: chosen, label: customLabel(chosen) }] : [];
  return [...options, ...custom];
}

function tagOptions(tags: readonly { tag: string; count: number }[], chosen: string[]): FilterChip['options'] {
  const known = new Set(tags.map(({ tag }) => tag));
  const gone = chosen.filter((tag) => !known.has(tag)).map((tag) => ({ value: tag, label: tag }));
  return [...gone, ...tags.map(({ tag, count }) => ({ value: tag, label: tag, count }))];
}

function SortMenu({ order }: { order: Order }) {
  const items = ORDER_FIELDS.map((field) => ({
    id: field,
    label: t.contacts.order[field],
    ...(field === order.field && { icon: 'check' as const }),
    onSelect: () => orderBy(field),
  }));
  return (
    <Menu label={t.contacts.sortBy} items={items}
      trigger={<><span class="contacts-sort-label">{t.contacts.sortBy}</span><span>{t.contacts.order[order.field]}</span><Icon name="chevron-down" /></>} />
  );
}

export function Filters({ tags, order }: { tags: readonly { tag: string; count: number }[]; order: Order }) {
  const search = params.value;
  const chips: FilterChip[] = [
    { id: 'status', label: t.contacts.status, options: STATUSES.map((value) => ({ value, label: t.words.portalStatus[value] })) },
    { id: 'tag', label: t.contacts.tags, options: tagOptions(tags, search.getAll('tag')) },
    ...RANGE_NAMES.map((name) => ({
      id: name, label: t.contacts.range[name], options: rangeOptions(name, search.get(name)), multiple: false,
    })),
  ].filter(({ options }) => options.length > 0);
  const value = Object.fromEntries(chips.filter(({ id }) => search.has(id)).map(({ id }) => [id, search.getAll(id)]));
  const change = (next: Record<string, string[]>) => setParams(Object.fromEntries(chips.map(({ id }) => [id, next[id]])));
  return (
    <div class="contacts-filters">
      <div class="contacts-search">
        <SearchField value={search.get('search') ?? ''} label={t.contacts.search} onInput={(words) => setParams({ search: words })} />
        <SortMenu order={order} />
      </div>
      <div class="contacts-chips">
        <FilterChips chips={chips} value={value} onChange={change} />
        <CustomDates />
      </div>
    </div>
  );
}
