import { t } from '../../i18n';

const HOUR = 60;
const DAY = 24 * HOUR;
const SHORTEST = 5;
const LONGEST = 7 * DAY;

const PRESETS = [5, 15, HOUR, 4 * HOUR, DAY, 3 * DAY, LONGEST];

export const DEFAULT_LIFETIME = '15';

export const OTHER = 'OTHER';

const span = (minutes: number): string =>
  minutes % DAY === 0 ? t.actions.magic.span.days(minutes / DAY)
  : minutes % HOUR === 0 ? t.actions.magic.span.hours(minutes / HOUR)
  : t.actions.magic.span.minutes(minutes);

export const lifetimes = (): { value: string; label: string }[] => [
  ...PRESETS.map((minutes) => ({ value: String(minutes), label: span(minutes) })),
  { value: OTHER, label: t.actions.magic.other },
];

/** The minutes that were chosen or typed; undefined if they are no lifetime. */
export function minutesOf(lifetime: string, typed: string): number | undefined {
  const minutes = Number(lifetime === OTHER ? typed.trim() || NaN : lifetime);
  return Number.isInteger(minutes) && minutes >= SHORTEST && minutes <= LONGEST ? minutes : undefined;
}
