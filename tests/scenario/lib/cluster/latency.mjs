// How soon a change of the counts is shown: by the gateway that made it, by the others, and by a single server.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { Client } from '../client.mjs';
import { median, quantile } from '../portal.mjs';
import { sleep, until } from '../processes.mjs';

const PAIRS = 5;
const SAMPLES = 40;
// Longer than instances wait between two batches, and not a multiple of it.
const PAUSE_MS = 70;
// Against a single server.
const MOST = 1.2;
const INVITE = 'mutation ($email: String!) { inviteContacts(input: { emails: [$email] }) { count } }';

// When each gateway or server has shown which count of invitations.
class Frames {
  seen = new Map();

  constructor(server, key) {
    this.client = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${key}` } });
    this.client.subscribe({ query: 'subscription { portalStats { invited version } }' }, {
      next: ({ data }) => this.seen.set(data.portalStats.invited, performance.now()), error: () => {}, complete: () => {} });
  }

  get ready() {
    return this.seen.size > 0;
  }
}

// Where mutations are sent, and who shows what they change.
class Site {
  constructor(servers, key, name) {
    Object.assign(this, { servers, name, sent: 0 });
    this.caller = new Client(servers[0], key);
    this.frames = servers.map((server) => new Frames(server, key));
  }

  // Milliseconds from sending a mutation to the frame with its count, for each server.
  async sample() {
    const invited = Math.max(...this.frames[0].seen.keys()) + 1;
    this.sent += 1;
    const at = performance.now();
    await this.caller.execute(INVITE, { email: `${this.name}${this.sent}@example.com` });
    await until('every server shows the change', () => this.frames.every(({ seen }) => seen.has(invited)), 10);
    await sleep(PAUSE_MS * Math.random());
    return this.frames.map(({ seen }) => seen.get(invited) - at);
  }

  async samples() {
    const samples = [];
    for (let number = 0; number < SAMPLES; number += 1) samples.push(await this.sample());
    return this.servers.map((_, place) => samples.map((times) => times[place]));
  }
}

// Alternately in the cluster and on the single server.
export async function measureLatency(cluster, key, alone) {
  const sites = [new Site(cluster.gateways, key, 'latency'), new Site([alone.server], alone.key, 'latency')];
  const names = ['the gateway that made the change', 'gateway 2', 'gateway 3', 'a single server'];
  const pairs = [];
  try {
    await until('every server shows counts', () => sites.every(({ frames }) => frames.every(({ ready }) => ready)));
    for (const site of sites) for (let number = 0; number < 10; number += 1) await site.sample();
    for (let pair = 0; pair < PAIRS; pair += 1) pairs.push([...await sites[0].samples(), ...await sites[1].samples()]);
  } finally {
    for (const { client } of sites.flatMap(({ frames }) => frames)) client.dispose();
  }
  return names.map((name, place) => row(name, place, pairs));
}

export function assertLatency(rows) {
  for (const { name, toSingle } of rows) assert.ok(toSingle <= MOST, `counts shown by ${name}: ${toSingle.toFixed(2)} × of a single server`);
}

function row(name, place, pairs) {
  const times = pairs.flatMap((pair) => pair[place]);
  const against = (other) => median(pairs.map((pair) => median(pair[place]) / median(pair[other])));
  return { name, p50: median(times), p99: quantile(times, 0.99), toOwn: against(0), toSingle: against(3) };
}
