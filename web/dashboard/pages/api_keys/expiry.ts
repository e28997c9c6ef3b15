// When a new key expires.
export const EXPIRIES = ['30', '90', '365', 'NEVER', 'DATE'] as const;

export type Expiry = (typeof EXPIRIES)[number];

const DAY_MS = 86_400_000;

const MAX_YEARS = 5;

/** `yyyy-mm-dd` in the browser's time zone. */
const day = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

export const firstDay = (): string => day(new Date(Date.now() + DAY_MS));

export const lastDay = (): string => {
  const at = new Date(Date.now() - DAY_MS);
  at.setFullYear(at.getFullYear() + MAX_YEARS);
  return day(at);
};

/** The end of the chosen day, or so many days from now; null if never, undefined if no day is chosen. */
export function expiresAt(expiry: Expiry, date: string): string | null | undefined {
  if (expiry === 'NEVER') return null;
  if (expiry !== 'DATE') return new Date(Date.now() + Number(expiry) * DAY_MS).toISOString();
  const end = new Date(`${date}T23:59:59`);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}
