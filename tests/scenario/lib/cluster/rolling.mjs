// Each gateway is replaced in turn: no request fails, and the sockets of a stopped one come back spread over time.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { quantile } from '../portal.mjs';
import { sleep, until } from '../processes.mjs';
import { restart } from './drill.mjs';

const SOCKETS = 300;
const WINDOW_MS = 100;

// A subscription of graphql-ws with its own way to connect again.
class Follower {
  closes = [];
  connected = [];
  frames = 0;

  constructor(url, key) {
    this.client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 20,
      connectionParams: { authorization: `Bearer ${key}` } });
    this.client.on('connected', () => this.connected.push(performance.now()));
    this.client.on('closed', ({ code }) => this.closes.push({ code, at: performance.now() }));
    this.client.subscribe({ query: 'subscription { portalStats { version } }' },
      { next: () => { this.frames += 1; }, error: (error) => { this.error = error; }, complete: () => {} });
  }
}

async function takeOut(cluster, gateway) {
  await cluster.balance(gateway, 'drain');
  await sleep(1_000);
  await gateway.stop();
  await restart(gateway);
  await cluster.balance(gateway, 'ready');
  await sleep(2_000);
}

// The most of these moments within one window.
function densest(moments) {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + WINDOW_MS).length));
}

export async function measureRolling(cluster, key, loads) {
  const [first, ...others] = cluster.gateways;
  for (const gateway of others) await cluster.balance(gateway, 'drain');
  const followers = Array.from({ length: SOCKETS }, () => new Follower(cluster.url, key));
  try {
    await until('all subscriptions run at the first gateway', () => followers.every(({ frames }) => frames > 0));
    for (const gateway of others) await cluster.balance(gateway, 'ready');
    await sleep(2_000);
    const began = performance.now();
    await takeOut(cluster, first);
    await until('all sockets are back', () => followers.every(({ connected }) => connected.length > 1), 60);
    const sockets = reconnections(followers);
    for (const gateway of others) await takeOut(cluster, gateway);
    return { sockets, ...requests(loads, began) };
  } finally {
    await Promise.all(followers.map(({ client }) => client.dispose()));
  }
}

function reconnections(followers) {
  const codes = [...new Set(followers.map(({ closes }) => closes[0].code))];
  const closed = followers.map(({ closes }) => closes[0].at);
  const back = followers.map(({ connected }) => connected[1]);
  const after = back.map((at, place) => at - closed[place]);
  return { count: followers.length, codes, closedWithin: Math.max(...closed) - Math.min(...closed),
    first: Math.min(...after), p50: quantile(after, 0.5), last: Math.max(...after), densest: densest(back),
    errors: followers.filter(({ error }) => error).length };
}

function requests(loads, began) {
  const seen = loads.flatMap((load) => load.seen).filter(({ at }) => at >= began);
  return { requests: seen.length, failed: seen.filter(({ outcome }) => outcome !== 'OK').map(({ outcome }) => outcome) };
}

// docs/integrate/api.md: 1012 is "the server is restarting: connect again".
export function assertRolling({ sockets, failed }) {
  assert.deepEqual(sockets.codes, [1012], 'close codes of the sockets of a gateway that stops');
  assert.equal(sockets.errors, 0, 'no subscription ends');
  assert.ok(sockets.last - sockets.first > 1_000 && sockets.densest < SOCKETS / 2, `sockets come back over time: ${JSON.stringify(sockets)}`);
  assert.deepEqual(failed, [], 'no request fails');
}
