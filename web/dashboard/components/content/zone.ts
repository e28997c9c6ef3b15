// Times in the account's time zone, as `datetime-local` has them: `2026-12-31T18:30`.
import { graphql } from '../../api/graphql';
import { useQuery } from '../../api/hooks';

const ZONE = graphql(`
  query AccountZone {
    portal { id timezone }
  }
`);

/** The account's time zone; undefined until it is read. */
export const useZone = (): string | undefined => useQuery(ZONE, {}).data?.portal.timezone;

/** What a clock in `zone` shows at a moment. */
export function wallTime(at: number | string, zone: string): string {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
  const parts = new Map(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

const ahead = (at: number, zone: string): number => Date.parse(`${wallTime(at, zone)}Z`) - at;

/** The moment when a clock in `zone` shows `wall`; null if `wall` is no time. */
export function momentOf(wall: string, zone: string): string | null {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  // The offset at the guess differs from that at the result only around a change of the clocks.
  const guess = asUtc - ahead(asUtc, zone);
  return new Date(asUtc - ahead(guess, zone)).toISOString();
}
