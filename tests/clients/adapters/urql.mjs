// urql sends queries by GET if they fit into a URL.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { codesOf } from '../lib/suite.mjs';

function open(place, token, socket) {
  const forward = subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
    }),
  });
  return new Client({
    url: place.graphql,
    preferGetMethod: 'within-url-limit',
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: socket ? [fetchExchange, forward] : [fetchExchange],
  });
}

export default {
  name: 'urql',
  http: true,
  async execute(place, token, { document, variables }) {
    const client = open(place, token);
    const source = document.startsWith('mutation') ? client.mutation(document, variables ?? {}) : client.query(document, variables ?? {});
    const { data, error } = await source.toPromise();
    if (error?.networkError && !error.response) throw error.networkError;
    return { data, codes: codesOf(error?.graphQLErrors), status: error?.response?.status };
  },
  watch(place, token, document, onData, onEnd) {
    const socket = createClient({ url: place.socket, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } });
    const { unsubscribe } = open(place, token, socket).subscription(document, {}).subscribe(({ data, error }) => {
      if (error) onEnd(codesOf(error.graphQLErrors)); else onData(data);
    });
    return () => { unsubscribe(); return socket.dispose(); };
  },
};
