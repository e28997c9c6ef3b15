import type { ResultOf } from '../../api';
import { graphql } from '../../api';
import type { Tone } from '../../components';
import { t } from '../../i18n';

export const KEYS = graphql(`
  query ApiKeys($after: String) {
    apiKeys(first: 50, after: $after) {
      nodes { id name hint scopes status createdAt createdBy expiresAt lastUsedAt revokedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export const CREATORS = graphql(`
  query ApiKeyCreators {
    teamMembers(first: 100) { nodes { id name email } }
  }
`);

export const CREATE = graphql(`
  mutation CreateApiKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { secret apiKey { id name hint scopes status expiresAt } }
  }
`);

export const REVOKE = graphql(`
  mutation RevokeApiKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) { apiKey { id status revokedAt } }
  }
`);

export type Key = NonNullable<ResultOf<typeof KEYS>['apiKeys']>['nodes'][number];
export type Scope = Key['scopes'][number];
export type CreatedKey = NonNullable<ResultOf<typeof CREATE>['createApiKey']>;

// Every scope has a word.
export const SCOPES = Object.keys(t.words.scope) as Scope[];

export const TONES: Record<Key['status'], Tone> = { ACTIVE: 'good', EXPIRED: 'none', REVOKED: 'bad' };
