import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError, gql } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { codesOf } from '../lib/suite.mjs';

// The link looks for the browser's own to tell what an error is.
globalThis.WebSocket ??= WebSocket;

const open = (link) => new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: {
  query: { fetchPolicy: 'no-cache' }, mutate: { fetchPolicy: 'no-cache' } } });

// The client asks for the types' names besides.
const bare = (data) => JSON.parse(JSON.stringify(data ?? null, (name, value) => (name === '__typename' ? undefined : value)));

async function ask(link, { document, variables }) {
  const client = open(link);
  try {
    const { data } = document.startsWith('mutation') ? await client.mutate({ mutation: gql(document), variables })
      : await client.query({ query: gql(document), variables });
    return { data: bare(data), codes: [] };
  } catch (error) {
    if (CombinedGraphQLErrors.is(error)) return { data: bare(error.data), codes: codesOf(error.errors) };
    if (!ServerError.is(error)) throw error;
    return { codes: codesOf(JSON.parse(error.bodyText).errors), status: error.statusCode };
  } finally {
    client.stop();
  }
}

const authorised = (place, token) => ({ uri: place.graphql, headers: { authorization: `Bearer ${token}` } });

// The client does not tell the status of an answer that it understands: it is seen on its way.
const overHttp = (name, Link, options) => ({
  name,
  http: true,
  async ask(place, token, operation) {
    let status;
    const watched = async (...args) => { const response = await fetch(...args); status = response.status; return response; };
    const answer = await ask(new Link({ ...authorised(place, token), fetch: watched, ...options }), operation);
    return { ...answer, status };
  },
});

const http = overHttp('Apollo Client over HTTP', HttpLink);
const batch = overHttp('Apollo Client in batches', BatchHttpLink, { batchInterval: 5 });

const socket = {
  name: 'Apollo Client over a WebSocket',
  http: false,
  async ask(place, token, operation) {
    const client = createClient({ url: place.socket, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } });
    try {
      return await ask(new GraphQLWsLink(client), operation);
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

// Several operations in one request, each with its own answer.
export async function inOneBatch(place, token, operations) {
  let requests = 0;
  const counted = (...args) => { requests += 1; return fetch(...args); };
  const client = open(new BatchHttpLink({ ...authorised(place, token), batchInterval: 20, fetch: counted }));
  const answers = await Promise.all(operations.map(async ({ document, variables }) => {
    try {
      return { data: bare((await client.query({ query: gql(document), variables })).data) };
    } catch (error) {
      return { codes: codesOf(error.errors) };
    }
  }));
  client.stop();
  return { requests, answers };
}

export { batch, http, socket };
