// Distinct connections mode: a request for each operation.
import { NetworkError, createClient } from 'graphql-sse';
import { codesOf } from '../lib/suite.mjs';

const connect = (place, token) => createClient({
  url: place.stream, singleConnection: false, retryAttempts: 0, headers: { authorization: `Bearer ${token}` } });

const codes = (error) => (Array.isArray(error) ? codesOf(error) : [error.message ?? String(error)]);

export default {
  name: 'graphql-sse',
  http: true,
  async execute(place, token, { document, variables }) {
    const client = connect(place, token);
    try {
      for await (const { data, errors } of client.iterate({ query: document, variables })) return { data, codes: codesOf(errors) };
      return { codes: ['no result'] };
    } catch (error) {
      if (!(error instanceof NetworkError) || !error.response) return { codes: codes(error) };
      return { codes: codesOf((await error.response.json()).errors), status: error.response.status };
    } finally {
      client.dispose();
    }
  },
  watch(place, token, document, onData, onEnd) {
    const client = connect(place, token);
    client.subscribe({ query: document }, {
      next: ({ data, errors }) => { if (data) onData(data); else onEnd(codesOf(errors)); },
      error: async (error) => onEnd(error.response ? codesOf((await error.response.json()).errors) : codes(error)),
      complete: () => {},
    });
    return () => client.dispose();
  },
};
