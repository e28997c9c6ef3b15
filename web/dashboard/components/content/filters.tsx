// What lists of courses, communities and offers are filtered by, in the address: `?search=bread&status=ARCHIVED`.
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { FilterChips } from '../filter_chips';
import { SearchField } from '../search_field';
import type { ContentStatus, ItemKind } from './items';
import { STATUSES } from './status';

const MAX_SEARCH = 200;

type Filter = { search: string | null; statuses: ContentStatus[] | null };

/** Null is everything, and for statuses the server's choice: drafts and published ones. */
export function chosenFilter(): Filter {
  const search = (params.value.get('search') ?? '').trim().slice(0, MAX_SEARCH);
  const statuses = STATUSES.filter((status) => params.value.getAll('status').includes(status));
  return { search: search || null, statuses: statuses.length ? statuses : null };
}

export const isFiltered = ({ search, statuses }: Filter): boolean => search !== null || statuses !== null;

export const clearFilter = (): void => setParams({ search: undefined, status: undefined });

export const ContentFilters = ({ kind }: { kind: ItemKind }) => (
  <div class="content-filters">
    <SearchField value={params.value.get('search') ?? ''} label={t.access.search[kind]} onInput={(search) => setParams({ search })} />
    <FilterChips value={{ status: chosenFilter().statuses ?? [] }} onChange={({ status }) => setParams({ status })} chips={[
      { id: 'status', label: t.access.status, options: STATUSES.map((value) => ({ value, label: t.words.contentStatus[value] })) },
    ]} />
  </div>
);
