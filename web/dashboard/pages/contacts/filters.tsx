import { useState } from 'preact/hooks';
import { graphql, useQuery, useRefreshOn } from '../../api';
import type { FilterChip } from '../../components';
import { Button, FilterChips, Icon, Menu, SearchField } from '../../components';
import { language, t } from '../../i18n';
import { params, setParams } from '../../router';
import { CustomDates } from './custom_dates';
import type { Order } from './state';
import { ORDER_FIELDS, RANGE_NAMES, STATUSES, orderBy } from './state';
import { ListsMenu, SaveAsList } from './saved_lists';

const TAGS = graphql(`
  query ContactTags {
    contactTags { tag count }
  }
`);

const CONTENTS = graphql(`
  query ContactFilterContents($statuses: [ContentStatus!]) {
    offers(first: 100, statuses: $statuses) { nodes { id title } }
    courses(first: 100, statuses: $statuses) { nodes { id title } }
    communities(first: 100, statuses: $statuses) { nodes { id title: name } }
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

function rangeOptions(chosen: string | null): FilterChip['options'] {
  const options = [
    ...LAST_DAYS.map((days) => ({ value: `${days}d`, label: t.contacts.lastDays(days) })),
    ...LAST_DAYS.map((days) => ({ value: `older-${days}d`, label: t.contacts.olderThan(days) })),
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

const PUBLISHED = ['PUBLISHED', 'DRAFT'] as const;

/** The chips that few need: shown when they are asked for, or filter. */
function useMoreChips(tags: readonly { tag: string; count: number }[], wanted: boolean): FilterChip[] {
  const search = params.value;
  const active = CONTENT_CHIPS.some(([name]) => search.has(name));
  const { data } = useQuery(CONTENTS, { statuses: [...PUBLISHED] }, { pause: !wanted && !active });
  const shown = [
    ...(['allTag', 'noTag'] as const).map((id) => ({ id, label: t.contacts.chip[id], options: tagOptions(tags, search.getAll(id)) })),
    ...CONTENT_CHIPS.map(([id, content]) => ({
      id, label: t.contacts.chip[id], options: itemOptions(data?.[content].nodes ?? [], search.getAll(id)),
    })),
  ];
  return shown.filter(({ id }) => wanted || search.has(id));
}

const CONTENT_CHIPS = [
  ['offer', 'offers'], ['noOffer', 'offers'], ['course', 'courses'], ['noCourse', 'courses'], ['community', 'communities'], ['noCommunity', 'communities'],
] as const;

const itemOptions = (items: readonly { id: string; title: string }[], chosen: string[]): FilterChip['options'] => [
  ...items.map(({ id, title }) => ({ value: id, label: title })),
  ...chosen.filter((id) => !items.some((item) => item.id === id)).map((id) => ({ value: id, label: t.contacts.oneChosen })),
];

export function Filters({ tags, order }: { tags: readonly { tag: string; count: number }[]; order: Order }) {
  const search = params.value;
  const [wanted, setWanted] = useState(false);
  const more = useMoreChips(tags, wanted);
  const chips: FilterChip[] = [
    { id: 'status', label: t.contacts.status, options: STATUSES.map((value) => ({ value, label: t.words.portalStatus[value] })) },
    { id: 'tag', label: t.contacts.tags, options: tagOptions(tags, search.getAll('tag')) },
    ...RANGE_NAMES.map((name) => ({
      id: name, label: t.contacts.range[name], options: rangeOptions(search.get(name)), multiple: false,
    })),
    ...more,
  ].filter(({ options }) => options.length > 0);
  const value = Object.fromEntries(chips.filter(({ id }) => search.has(id)).map(({ id }) => [id, search.getAll(id)]));
  const change = (next: Record<string, string[]>) => setParams(Object.fromEntries(chips.map(({ id }) => [id, next[id]])));
  return (
    <div class="contacts-filters">
      <div class="contacts-search">
        <SearchField value={search.get('search') ?? ''} label={t.contacts.search} onInput={(words) => setParams({ search: words })} />
        <ListsMenu />
        <SortMenu order={order} />
      </div>
      <div class="contacts-chips">
        <FilterChips chips={chips} value={value} onChange={change} />
        <CustomDates />
        {!wanted && <Button kind="plain" size="small" icon="plus" onClick={() => setWanted(true)}>{t.contacts.moreFilters}</Button>}
        <SaveAsList />
      </div>
    </div>
  );
}
