import type { ResultOf } from 'gql.tada';
import { useEffect, useState } from 'preact/hooks';
import { graphql } from './graphql';
import { useQuery } from './hooks';

const DELAY_MS = 150;

const SEARCH = graphql(`
  query ContactSearch($search: String!) {
    contacts(first: 8, filter: { search: $search }) { nodes { id name email } }
  }
`);

type FoundContact = ResultOf<typeof SEARCH>['contacts']['nodes'][number];

/** The first contacts whose name or address matches what is typed, read when typing pauses. Undefined until there is an answer. */
export function useContactSearch(typed: string): readonly FoundContact[] | undefined {
  const text = typed.trim();
  const [search, setSearch] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text), DELAY_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data } = useQuery(SEARCH, { search }, { pause: !search });
  return text && search ? data?.contacts.nodes : undefined;
}
