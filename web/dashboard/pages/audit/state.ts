// The filter of the audit log, as the address has it.
import type { Filter, Kind } from './documents';
import { GROUPS, isGroup, isKind } from './kinds';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The start of a day in the browser's time zone, or of the day after it. */
function startOf(day: string | null, after = 0): string | undefined {
  if (!day || !DAY.test(day)) return undefined;
  const at = new Date(`${day}T00:00`);
  if (Number.isNaN(at.getTime())) return undefined;
  at.setDate(at.getDate() + after);
  return at.toISOString();
}

/** `yyyy-mm-dd`, so many days ago. */
export function dayAgo(days: number): string {
  const at = new Date();
  at.setDate(at.getDate() - days);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

export function filterOf(search: URLSearchParams): Filter {
  const kinds: Kind[] = [...search.getAll('group').filter(isGroup).flatMap((group) => GROUPS[group]), ...search.getAll('kind').filter(isKind)];
  const since = startOf(search.get('since'));
  const until = startOf(search.get('until'), 1);
  const [actorId, contactId] = [search.get('actor'), search.get('contact')];
  return {
    ...(kinds.length && { kinds }),
    ...(actorId && { actorId }),
    ...(contactId && { contactId }),
    ...(search.get('refused') && { refusedOnly: true }),
    ...(since && { since }),
    ...(until && { until }),
  };
}

export const FILTER_PARAMS = ['group', 'kind', 'actor', 'contact', 'refused', 'since', 'until'] as const;

export const NO_FILTER: Record<string, undefined> = Object.fromEntries(FILTER_PARAMS.map((name) => [name, undefined]));
