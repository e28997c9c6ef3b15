import { useEffect, useState } from 'preact/hooks';
import { useQuery } from '../../api/hooks';
import { graphql } from '../../api/graphql';
import type { PickedRecipient } from './picked';
import { wellFormed } from './picked';

const DEBOUNCE_MS = 150;

const SUGGEST = graphql(`
  query SuggestContacts($search: String!) {
    contacts(first: 8, filter: { search: $search }) { nodes { id name email } }
  }
`);

export type Suggestion = { value: string; email: string; name?: string; contactId?: string };

function useDebounced(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

const matches = (typed: string, { email, name }: Suggestion) =>
  typed.toLowerCase().split(/\s+/).every((word) => `${name ?? ''} ${email}`.toLowerCase().includes(word));

/** Contacts that match what is typed, and a new address if it is one. */
export function useSuggestions(typed: string, picked: readonly PickedRecipient[], allowNew: boolean): Suggestion[] {
  const text = typed.trim();
  const search = useDebounced(text);
  const { data } = useQuery(SUGGEST, { search }, { pause: search.length === 0 });

  const taken = new Set(picked.map(({ email }) => email.toLowerCase()));
  const contacts = (data?.contacts.nodes ?? [])
    .flatMap(({ id, email, name }): Suggestion[] => (email ? [{ value: id, email, contactId: id, ...(name && { name }) }] : []))
    .filter((one) => text.length > 0 && !taken.has(one.email.toLowerCase()) && matches(text, one));
  const isNew = allowNew && wellFormed(text) && !taken.has(text.toLowerCase())
    && !contacts.some(({ email }) => email.toLowerCase() === text.toLowerCase());
  return isNew ? [{ value: 'new', email: text }, ...contacts] : contacts;
}
