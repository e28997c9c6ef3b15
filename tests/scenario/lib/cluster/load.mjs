// Clients that don't give up: requests are repeated, mutations with the same key, and subscriptions are opened again.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { Load } from '../load.mjs';
import { sleep } from '../processes.mjs';

const PAUSE_MS = 300;
const PER_MUTATION = 2;
const DONE = /^(OK$|CONFLICT: An earlier request with this key already did this)/;

// Loops of queries, mutations and pages for one account. A mutation without a result is the next one of its kind, with the same key.
export class RetryingLoad extends Load {
  unfinished = [];
  // The addresses of accepted invitations, with the time of the response.
  accepted = new Map();

  async mutation() {
    const mutation = this.unfinished.shift() ?? this.invent();
    let outcome = 'no response';
    try {
      outcome = await this.send(mutation);
    } finally {
      if (!DONE.test(outcome)) this.unfinished.push(mutation);
    }
    if (!DONE.test(outcome)) return outcome;
    for (const email of mutation.emails) this.accepted.set(email, performance.now());
    return 'OK';
  }

  invent() {
    const number = this.mutations.length;
    const emails = Array.from({ length: PER_MUTATION }, (_, place) => `${this.name}-${number}-${place}@example.com`);
    const mutation = { key: `${this.name}-${number}`, emails };
    this.mutations.push(mutation);
    return mutation;
  }

  // Less than the machine can do: the cluster shares it.
  async page() {
    await sleep(PAUSE_MS);
    return super.page();
  }

  async graphql(...request) {
    await sleep(PAUSE_MS);
    return super.graphql(...request);
  }

  // Until the last mutation has its result.
  async finish() {
    await this.stop();
    while (this.unfinished.length) {
      const at = performance.now();
      const outcome = await this.mutation().catch((error) => `no response: ${error.message}`);
      this.seen.push({ kind: 'mutation', at, ms: performance.now() - at, outcome });
    }
  }
}

// The counts of an account as one gateway pushes them, over as many connections as it takes.
export class Watch {
  frames = [];
  going = true;

  constructor(server, key) {
    this.server = server;
    this.ended = this.follow(key);
  }

  get last() {
    return this.frames.at(-1);
  }

  async follow(key) {
    while (this.going) {
      this.client = createClient({
        url: `${this.server.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${key}` },
        retryAttempts: 0,
      });
      try {
        const frames = this.client.iterate({ query: 'subscription { portalStats { invited version } }' });
        for await (const { data } of frames) if (data) this.frames.push({ at: performance.now(), ...data.portalStats });
      } catch {
        // The gateway is gone, or it has no database: the next connection starts with the state of then.
      }
      this.client.dispose();
      await sleep(200);
    }
  }

  async stop() {
    this.going = false;
    this.client.dispose();
    await this.ended;
  }
}
