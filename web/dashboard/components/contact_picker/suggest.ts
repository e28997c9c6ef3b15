import { useContactSearch } from '../../api/contact_search';
import type { PickedRecipient } from './picked';
import { wellFormed } from './picked';

export type Suggestion = { value: string; email: string; name?: string; contactId?: string };

const matches = (typed: string, { email, name }: Suggestion) =>
  typed.toLowerCase().split(/\s+/).every((word) => `${name ?? ''} ${email}`.toLowerCase().includes(word));

/** Contacts that match what is typed, and a new address if it is one. */
export function useSuggestions(typed: string, picked: readonly PickedRecipient[], allowNew: boolean): Suggestion[] {
  const text = typed.trim();
  const found = useContactSearch(typed);

  const taken = new Set(picked.map(({ email }) => email.toLowerCase()));
  const contacts = (found ?? [])
    .flatMap(({ id, email, name }): Suggestion[] => (email ? [{ value: id, email, contactId: id, ...(name && { name }) }] : []))
    .filter((one) => !taken.has(one.email.toLowerCase()) && matches(text, one));
  const isNew = allowNew && wellFormed(text) && !taken.has(text.toLowerCase())
    && !contacts.some(({ email }) => email.toLowerCase() === text.toLowerCase());
  return isNew ? [{ value: 'new', email: text }, ...contacts] : contacts;
}
