// `graphql(…)` types each operation by `schema.graphql`: the compiler refuses a field that the API doesn't have.
import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './schema';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: {
    Date: string;
    DateTime: string;
    Decimal: string;
    EmailAddress: string;
    LocalTime: string;
    PhoneNumber: string;
    URL: string;
    Upload: File;
  };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
export { readFragment } from 'gql.tada';
