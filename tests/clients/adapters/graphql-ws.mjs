import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { codesOf } from '../lib/suite.mjs';

// A socket as a browser opens it from one of the portal's own pages.
export const fromPage = (headers) => class extends WebSocket {
  constructor(url, protocols) { super(url, protocols, { headers }); }
};

export const connect = (place, token, options) => createClient({
  url: place.socket, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` }, ...options });

const adapter = (name, options) => ({
  name,
  http: false,
  async execute(place, token, { document, variables }) {
    const client = connect(place, token, options);
    try {
      for await (const { data, errors } of client.iterate({ query: document, variables })) return { data, codes: codesOf(errors) };
      return { codes: ['no result'] };
    } catch (errors) {
      if (!Array.isArray(errors)) throw errors;
      return { codes: codesOf(errors) };
    } finally {
      await client.dispose();
    }
  },
  watch(place, token, document, onData, onEnd) {
    const client = connect(place, token, options);
    client.subscribe({ query: document }, {
      next: ({ data }) => onData(data),
      error: (errors) => onEnd(Array.isArray(errors) ? codesOf(errors) : errors),
      complete: () => {},
    });
    return () => client.dispose();
  },
});

export const lazy = adapter('graphql-ws', { lazy: true });
export const eager = adapter('graphql-ws, eager', { lazy: false, onNonLazyError: () => {} });
