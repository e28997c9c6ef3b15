// The time in which messages were requested, as the address has it: `period=7`, or `from` and `to`.
import { language, t } from '../../i18n';

export const DAYS = [1, 7, 30, 90] as const;

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d\d-\d\d$/;

type Period = {
  /** `''` for any time, a number of days, or `between`. */
  choice: string;
  from: string;
  to: string;
  times: { createdAfter?: string; createdBefore?: string };
};

/** The midnight at which the day begins here. */
function startOf(day: string, later = 0): string | undefined {
  const date = DATE.test(day) ? new Date(`${day}T00:00`) : undefined;
  if (!date || Number.isNaN(date.getTime())) return undefined;
  date.setDate(date.getDate() + later);
  return date.toISOString();
}

export function readPeriod(search: URLSearchParams): Period {
  const days = DAYS.find((each) => String(each) === search.get('period'));
  if (days) {
    const createdAfter = new Date(Date.now() - days * DAY_MS).toISOString();
    return { choice: String(days), from: '', to: '', times: { createdAfter } };
  }
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? ''];
  const [createdAfter, createdBefore] = [startOf(from), startOf(to, 1)];
  const times = { ...(createdAfter && { createdAfter }), ...(createdBefore && { createdBefore }) };
  return { choice: from || to || search.get('period') === 'between' ? 'between' : '', from, to, times };
}

const day = (text: string): string => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(`${text}T00:00`));

/** What the chip says; empty if any time is meant. */
export function periodText({ choice, from, to }: Period): string {
  if (choice === 'between') {
    const [first, last] = [startOf(from) && day(from), startOf(to) && day(to)];
    if (first && last) return t.messages.range(first, last);
    return first ? t.messages.since(first) : last ? t.messages.until(last) : '';
  }
  return choice ? t.messages.last(Number(choice)) : '';
}
