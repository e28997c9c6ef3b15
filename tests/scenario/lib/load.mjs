// Queries, mutations and page views in several loops. Each is recorded with its time and outcome.
import { sleep } from './processes.mjs';

const INVITE = 'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }';
const LOOPS = { query: 3, mutation: 2, page: 1 };
// Several in one mutation, so that tables grow quickly.
export const INVITED_AT_ONCE = 10;

export class Load {
  seen = [];
  mutations = [];
  going = true;

  constructor(server, key, name) {
    Object.assign(this, { server, key, name });
    const loops = Object.entries(LOOPS).flatMap(([kind, count]) => Array(count).fill(kind));
    this.ended = Promise.all(loops.map((kind) => this.loop(kind)));
  }

  async loop(kind) {
    // The fields of subclasses are initialised first.
    await null;
    while (this.going) {
      const at = performance.now();
      const outcome = await this[kind]().catch((error) => `no response: ${error.cause?.code ?? error.message}`);
      this.seen.push({ kind, at, ms: performance.now() - at, outcome });
      await sleep(40);
    }
  }

  async graphql(query, variables = {}, headers = {}) {
    const response = await fetch(`${this.server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(30_000),
    });
    const { errors } = await response.json();
    return errors ? `${errors[0].extensions?.code}: ${errors[0].message}` : 'OK';
  }

  query() {
    return this.graphql('{ portalStats { invited } contacts(first: 5) { nodes { id } } }');
  }

  async mutation() {
    const number = this.mutations.length;
    const emails = Array.from({ length: INVITED_AT_ONCE }, (_, i) => `${this.name}-${number}-${i}@example.com`);
    const mutation = { key: `${this.name}-${number}`, emails, outcome: 'sent' };
    this.mutations.push(mutation);
    mutation.outcome = await this.send(mutation);
    return mutation.outcome;
  }

  send({ key, emails, headers }) {
    return this.graphql(INVITE, { emails }, { 'idempotency-key': key, ...headers });
  }

  async page() {
    const response = await fetch(`${this.server.url}/p/acme/login`, { signal: AbortSignal.timeout(30_000) });
    await response.text();
    return response.status === 503 ? 'UNAVAILABLE: a page' : response.ok ? 'OK' : `status ${response.status}`;
  }

  async stop() {
    this.going = false;
    await this.ended;
  }
}
