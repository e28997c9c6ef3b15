// The dates that the chart covers, in the account's time zone.

export const RANGES = ['30', '90'] as const;

export type Range = (typeof RANGES)[number];

const DAY_MS = 86_400_000;
const WEEKS = 13;

/** Today in the zone, as `2026-11-29`. */
const today = (timeZone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date());

const shifted = (date: string, days: number): string => new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/** Days since the last Monday: weeks begin there. */
const sinceMonday = (date: string): number => (new Date(date).getUTCDay() + 6) % 7;

/** 30 days, or the 13 weeks that hold the last 90 days. */
export function rangeOf(range: Range, timeZone: string) {
  const to = today(timeZone);
  return range === '30'
    ? { from: shifted(to, -29), to, interval: 'DAY' as const }
    : { from: shifted(to, -sinceMonday(to) - 7 * (WEEKS - 1)), to, interval: 'WEEK' as const };
}
