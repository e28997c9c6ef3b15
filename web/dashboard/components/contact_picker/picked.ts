import { recipients } from './recipients';

export type PickedState =
  | 'CHECKING' | 'NEW' | 'NOT_INVITED' | 'INVITED' | 'ACTIVE' | 'REVOKED' | 'SUPPRESSED' | 'INVALID' | 'DUPLICATE';

export type PickedRecipient = { key: string; email: string; name?: string; contactId?: string; state: PickedState };

let keys = 0;

export const newKey = (): string => `picked-${(keys += 1)}`;

export const wellFormed = (text: string): boolean => /^[^\s<>",;@]+@[^\s<>",;@]+$/.test(text);

const NAMED = /^\s*"?((?:\\.|[^"\\<])*?)"?\s*<([^<>]+)>\s*$/;

function parse(text: string): PickedRecipient {
  const [, quoted = '', address] = NAMED.exec(text) ?? [];
  const email = (address ?? text).trim();
  const name = quoted.replace(/\\(.)/g, '$1').trim();
  if (!wellFormed(email)) return { key: newKey(), email: text, state: 'INVALID' };
  return { key: newKey(), email, state: 'CHECKING', ...(name && { name }) };
}

export const parseAll = (text: string): PickedRecipient[] => recipients(text).map(parse);

export const parseEach = (texts: readonly string[]): PickedRecipient[] => texts.map(parse);

const address = ({ email }: PickedRecipient): string => email.toLowerCase();

/** Adds recipients; the second of the same address is a duplicate. */
export function add(list: readonly PickedRecipient[], more: readonly PickedRecipient[]): PickedRecipient[] {
  const known = new Set(list.map(address));
  const added = more.map((one): PickedRecipient => {
    if (one.state !== 'INVALID' && known.has(address(one))) return { ...one, state: 'DUPLICATE' };
    known.add(address(one));
    return one;
  });
  return [...list, ...added];
}

/** Removes recipients. A duplicate whose first one is gone is checked in its place. */
export function remove(list: readonly PickedRecipient[], keys: ReadonlySet<string>): PickedRecipient[] {
  const rest = list.filter(({ key }) => !keys.has(key));
  const known = new Set(rest.filter(({ state }) => state !== 'DUPLICATE').map(address));
  return rest.map((one) => {
    if (one.state !== 'DUPLICATE' || known.has(address(one))) return one;
    known.add(address(one));
    return { ...one, state: 'CHECKING' };
  });
}

type StateCounts = Partial<Record<PickedState, number>>;

export function countStates(list: readonly PickedRecipient[]): StateCounts {
  const counts: StateCounts = {};
  for (const { state } of list) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
