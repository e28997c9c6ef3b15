// What will happen, in words.
import { language, number, t } from '../../i18n';
import { momentOf, wallTime } from '../../components/content/zone';
import type { Values } from './state';

const DAY_MS = 86_400_000;

const dayOf = (wall: string): number => Date.parse(`${wall.slice(0, 10)}T00:00Z`);

/** “tomorrow at 9:00”, in the account's zone. Empty for what is no time. */
export function whenText(at: string, zone: string): string {
  const moment = momentOf(at, zone);
  if (!moment) return '';
  const days = Math.round((dayOf(wallTime(moment, zone)) - dayOf(wallTime(Date.now(), zone))) / DAY_MS);
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: zone }).format(new Date(moment));
  const day = days === 0 || days === 1
    ? new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(days, 'day')
    : t.compose.onDay(new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: zone }).format(new Date(moment)));
  return t.compose.dayAndTime(day, time);
}

/** “9:00 PM” for `21:00`. */
const clock = (time: string): string =>
  new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`2000-01-01T${time}Z`));

/** The one sentence of the last step. */
export function sentence(values: Values, count: number, zone: string): string {
  const { channel, later, at, paced, perMinute, quiet, quietFrom, quietTo } = values;
  return t.compose.sentence(
    t.compose.messages[channel](count),
    later ? `${whenText(at, zone)} (${zone})` : t.compose.now,
    paced ? t.compose.atMost(number(Number(perMinute))) : '',
    quiet ? t.compose.notBetween(clock(quietFrom), clock(quietTo)) : '',
  );
}
