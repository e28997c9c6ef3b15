import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError, gql } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { codesOf } from '../lib/suite.mjs';

// Apollo's link uses the global WebSocket to recognise its errors.
globalThis.WebSocket ??= WebSocket;

const open = (link) => new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: {
  query: { fetchPolicy: 'no-cache' }, mutate: { fetchPolicy: 'no-cache' } } });

// Removes the `__typename` fields that the client adds.
const withoutTypenames = (data) => JSON.parse(JSON.stringify(data ?? null, (name, value) => (name === '__typename' ? undefined : value)));

async function execute(link, { document, variables }) {
  const client = open(link);
  try {
    const { data } = document.startsWith('mutation') ? await client.mutate({ mutation: gql(document), variables })
      : await client.query({ query: gql(document), variables });
    return { data: withoutTypenames(data), codes: [] };
  } catch (error) {
    if (CombinedGraphQLErrors.is(error)) return { data: withoutTypenames(error.data), codes: codesOf(error.errors) };
    if (!ServerError.is(error)) throw error;
    return { codes: codesOf(JSON.parse(error.bodyText).errors), status: error.statusCode };
  } finally {
    client.stop();
  }
}

const authorized = (place, token) => ({ uri: place.graphql, headers: { authorization: `Bearer ${token}` } });

// The client does not expose the status of a valid response, so `fetch` is wrapped.
const overHttp = (name, Link, options) => ({
  name,
  http: true,
  async execute(place, token, operation) {
    let status;
    const recordingFetch = async (...args) => { const response = await fetch(...args); status = response.status; return response; };
    const answer = await execute(new Link({ ...authorized(place, token), fetch: recordingFetch, ...options }), operation);
    return { ...answer, status };
  },
});

const http = overHttp('Apollo Client over HTTP', HttpLink);
const batch = overHttp('Apollo Client in batches', BatchHttpLink, { batchInterval: 5 });

const socket = {
  name: 'Apollo Client over a WebSocket',
  http: false,
  async execute(place, token, operation) {
    const client = createClient({ url: place.socket, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } });
    try {
      return await execute(new GraphQLWsLink(client), operation);
    } finally {
      await client.dispose();
    }
  },
  watch(place, token, document, onData, onEnd) {
    const connection = createClient({ url: place.socket, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } });
    const client = open(new GraphQLWsLink(connection));
    const subscription = client.subscribe({ query: gql(document), fetchPolicy: 'no-cache' }).subscribe({
      next: ({ data, error }) => { if (error) onEnd(codesOf(error.errors)); else onData(data); },
      error: (error) => onEnd(codesOf(error.errors)),
    });
    return () => { subscription.unsubscribe(); client.stop(); return connection.dispose(); };
  },
};

// Several operations in one request, each with its own response.
export async function inOneBatch(place, token, operations) {
  let requests = 0;
  const countingFetch = (...args) => { requests += 1; return fetch(...args); };
  const client = open(new BatchHttpLink({ ...authorized(place, token), batchInterval: 20, fetch: countingFetch }));
  const answers = await Promise.all(operations.map(async ({ document, variables }) => {
    try {
      return { data: withoutTypenames((await client.query({ query: gql(document), variables })).data) };
    } catch (error) {
      return { codes: codesOf(error.errors) };
    }
  }));
  client.stop();
  return { requests, answers };
}

export { batch, http, socket };
