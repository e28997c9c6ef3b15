import type { AnyVariables, OperationContext, TypedDocumentNode } from '@urql/core';
import { Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import type { Cache } from '@urql/exchange-graphcache';
import { cacheExchange } from '@urql/exchange-graphcache';
import { socket } from './connection';
import { ApiError } from './error';
import { HEADERS, endSession } from './session';

const NO_KEY = () => null;

// Objects without an id belong to the object or list that holds them.
const WITHOUT_ID = [
  'AccessReport', 'AccessStep', 'AffiliateClicks', 'MenuItemVisibility', 'Money',
  'AuditActor', 'BulkItem', 'ContactConditions', 'CourseProgress', 'CourseProgressCondition', 'DnsRecord', 'ImportProblem', 'MergeField', 'MergedItems', 'PortalSettings', 'PortalStats', 'PortalStatsPoint', 'RecipientCheck', 'SendingDomain', 'SkippedCount', 'SkippedInvitation', 'SkippedRecipient', 'SmsSegments', 'Suppression', 'TagCount', 'TemplatePreview', 'TemplateProblem', 'TemplateVersion',
];

// The navigation shows the menu that another page changes.
const MENU_MUTATIONS = ['createMenuItem', 'updateMenuItem', 'deleteMenuItem', 'reorderMenuItems'];

function readMenusAgain(_result: unknown, _args: unknown, cache: Cache): void {
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) if (fieldName === 'menuItems') cache.invalidate('Query', fieldKey);
}

export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  fetchOptions: { credentials: 'same-origin', headers: HEADERS },
  exchanges: [
    mapExchange({
      onError(error) {
        const refused = error.graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED');
        if (refused || (error.response as Response | undefined)?.status === 401) endSession();
      },
    }),
    cacheExchange({
      keys: {
        ...Object.fromEntries(WITHOUT_ID.map((type) => [type, NO_KEY])),
        SystemEmail: ({ kind, language }) => `${kind as string}.${language as string}`,
      },
      updates: { Mutation: Object.fromEntries(MENU_MUTATIONS.map((name) => [name, readMenusAgain])) },
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (operation) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe({ query: operation.query ?? '', variables: operation.variables ?? {} }, sink as never),
        }),
      }),
    }),
  ],
});

export type Document<Data, Variables> = TypedDocumentNode<Data, Variables>;

/** Reads once, from the server. Throws an [`ApiError`]. */
export async function query<Data, Variables extends AnyVariables>(
  document: Document<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const result = await client.query(document, variables, { requestPolicy: 'network-only' }).toPromise();
  if (result.error) throw ApiError.of(result.error);
  if (!result.data) throw new ApiError('', 'NETWORK');
  return result.data;
}

// A request whose response was lost is sent again with the same key: the server then repeats the first response.
const unanswered = new Map<string, string>();

/** Changes something. Throws an [`ApiError`]; the same call after a lost response changes nothing twice. */
export async function mutate<Data, Variables extends AnyVariables>(
  document: Document<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const call = JSON.stringify([document, variables], (_, value: unknown) =>
    value instanceof File ? [value.name, value.size, value.lastModified] : value);
  const key = unanswered.get(call) ?? randomKey();
  unanswered.set(call, key);
  const context: Partial<OperationContext> = {
    fetchOptions: { credentials: 'same-origin', headers: { ...HEADERS, 'Idempotency-Key': key } },
  };
  const result = await client.mutation(document, variables, context).toPromise();
  if (!result.error?.networkError) unanswered.delete(call);
  if (result.error) throw ApiError.of(result.error);
  if (!result.data) throw new ApiError('', 'NETWORK');
  return result.data;
}

// `crypto.randomUUID` is missing on pages without https.
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
