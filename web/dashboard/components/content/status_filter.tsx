import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { FilterChips } from '../filter_chips';
import type { ContentStatus } from './items';
import { STATUSES } from './status';

/** The statuses in the address; null for the server's choice, drafts and published ones. */
export function chosenStatuses(): ContentStatus[] | null {
  const chosen = STATUSES.filter((status) => params.value.getAll('status').includes(status));
  return chosen.length ? chosen : null;
}

export const StatusFilter = () => (
  <FilterChips value={{ status: chosenStatuses() ?? [] }} onChange={({ status }) => setParams({ status })} chips={[
    { id: 'status', label: t.access.status, options: STATUSES.map((value) => ({ value, label: t.words.contentStatus[value] })) },
  ]} />
);
