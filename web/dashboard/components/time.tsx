import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { language, t } from '../i18n';

/** The time that all relative times are shown against; one timer renews it each minute. */
const now = signal(Date.now());
let shown = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function useMinutes(): number {
  useEffect(() => {
    shown += 1;
    timer ??= setInterval(() => (now.value = Date.now()), 60_000);
    return () => {
      shown -= 1;
      if (shown > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  // What was loaded after the last tick is not in the future.
  return Math.max(now.value, Date.now());
}

const UNITS = [
  ['year', 31_557_600_000], ['month', 2_629_800_000], ['week', 604_800_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000],
] as const;

function relative(at: number, against: number): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const distance = at - against;
  for (const [unit, length] of UNITS) {
    if (Math.abs(distance) >= length) return format.format(Math.trunc(distance / length), unit);
  }
  return format.format(0, 'second');
}

const date = (at: Date) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at);
const full = (at: Date) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
const withZone = (at: Date) => new Intl.DateTimeFormat(language, {
  year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
}).format(at);

export function Time({ at, style = 'relative' }: { at: string | null | undefined; style?: 'relative' | 'date' | 'full' }) {
  const minute = useMinutes();
  if (!at) return <span class="time-none">{t.components.never}</span>;
  const time = new Date(at);
  const text = style === 'relative' ? relative(time.getTime(), minute) : style === 'date' ? date(time) : full(time);
  return <time dateTime={at} title={withZone(time)}>{text}</time>;
}
