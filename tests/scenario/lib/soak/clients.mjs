// A process of soak.mjs: sockets that come and go, each in its own way. Once a minute, and at the end, it reports what it has counted.
//   node clients.mjs URL SOCKETS KEY…
import { createConnection } from 'node:net';
import WebSocket from 'ws';
import { sleep } from '../processes.mjs';

const [url, sockets, ...keys] = process.argv.slice(2);
const address = new URL(url);
// How many of a hundred new sockets are of each kind.
const SHARES = { subscriber: 50, caller: 15, silent: 10, slow: 10, garbage: 10, unfinished: 5 };
const KINDS = Object.entries(SHARES).flatMap(([kind, count]) => Array(count).fill(kind));
const SUBSCRIBE = { id: '1', type: 'subscribe', payload: { query: 'subscription { portalStats { invited active version } }' } };
const VIEWER = '{ viewer { __typename } }';
const CONTACTS = '{ contacts(first: 3) { nodes { id } } }';
const LARGE = '{ __schema { types { name description fields { name description args { name description } } inputFields { name description } } } }';
const GARBAGE = ['{', 'null', '{"type":"none"}', '{"type":"subscribe"}', JSON.stringify(SUBSCRIBE), Buffer.alloc(64, 7), 'x'.repeat(300_000),
  `{"type":"connection_init","payload":${'['.repeat(2_000)}`];
const counts = { opened: 0, frames: 0, results: 0, reset: 0, closes: {} };

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const between = (low, high) => low + Math.random() * (high - low);
const lifetime = () => between(20_000, 40_000);

// Each source has a few of the sockets, as behind a proxy.
function source() {
  return { 'x-forwarded-for': `10.1.${Math.floor(Math.random() * 64)}.${Math.floor(Math.random() * 256)}` };
}

function open() {
  const socket = new WebSocket(`ws://${address.host}/graphql`, 'graphql-transport-ws', { headers: source(), perMessageDeflate: false });
  const opened = new Promise((done) => { socket.on('open', () => done(true)).on('close', () => done(false)); });
  socket.on('error', () => {});
  socket.on('open', () => { counts.opened += 1; });
  socket.on('message', (text) => {
    if (text.includes('"portalStats"')) counts.frames += 1;
    else if (text.includes('"next"')) counts.results += 1;
  });
  const closed = new Promise((done) => {
    socket.on('close', (code) => {
      counts.closes[code] = (counts.closes[code] ?? 0) + 1;
      done();
    });
  });
  return { socket, opened, closed, send: (message) => socket.send(JSON.stringify(message)) };
}

// Without a closing handshake, and often with a reset (RST).
function cut(socket) {
  counts.reset += 1;
  if (Math.random() < 0.7) socket._socket?.resetAndDestroy();
  else socket.terminate();
}

async function acknowledged() {
  const client = open();
  if (!await client.opened) return null;
  const ready = new Promise((done) => { client.socket.once('message', () => done(true)).once('close', () => done(false)); });
  client.send({ type: 'connection_init', payload: { authorization: `Bearer ${pick(keys)}` } });
  return await ready ? client : null;
}

// Until its time is over, or the server has closed it.
function lived(client, ms = lifetime()) {
  return Promise.race([sleep(ms), client.closed]);
}

function leave({ socket }) {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (Math.random() < 0.5) cut(socket);
  else socket.close(1000);
}

const lives = {
  async subscriber() {
    const client = await acknowledged();
    if (!client) return;
    client.send(SUBSCRIBE);
    await lived(client);
    if (client.socket.readyState === WebSocket.OPEN && Math.random() < 0.5) client.send({ id: '1', type: 'complete' });
    leave(client);
  },
  async caller() {
    const client = await acknowledged();
    for (let turn = 0; client?.socket.readyState === WebSocket.OPEN && turn < 5; turn += 1) {
      client.send({ id: `q${turn}`, type: 'subscribe', payload: { query: turn ? VIEWER : CONTACTS } });
      await lived(client, between(4_000, 8_000));
    }
    if (client) leave(client);
  },
  // The server closes it.
  async silent() {
    await open().closed;
  },
  // Reads nothing. Some have asked for more than the system's buffers hold.
  async slow() {
    const client = await acknowledged();
    if (!client) return;
    client.socket._socket.pause();
    for (let number = 0; number < 5; number += 1) client.send({ ...SUBSCRIBE, id: `s${number}` });
    const large = Math.random() < 0.01 ? 20 : 0;
    for (let number = 0; number < large; number += 1) client.send({ id: `l${number}`, type: 'subscribe', payload: { query: LARGE } });
    await lived(client);
    cut(client.socket);
  },
  async garbage() {
    const client = Math.random() < 0.5 ? open() : await acknowledged();
    if (!client || !await client.opened) return;
    await lived(client, between(2_000, 20_000));
    if (client.socket.readyState !== WebSocket.OPEN) return;
    // Now and then no frame of a WebSocket at all.
    if (Math.random() < 0.2) client.socket._socket.write(Buffer.alloc(2_000, 255));
    else client.socket.send(pick(GARBAGE));
    await lived(client, 5_000);
    cut(client.socket);
  },
  // A handshake without its end.
  async unfinished() {
    const socket = createConnection(Number(address.port), address.hostname);
    socket.on('error', () => {});
    socket.write(`GET /graphql HTTP/1.1\r\nHost: ${address.host}\r\nUpgrade: websocket\r\n`);
    await Promise.race([sleep(between(2_000, 15_000)), new Promise((done) => { socket.on('close', done); })]);
    socket.resetAndDestroy();
  },
};

// One socket after another.
async function place() {
  await sleep(between(0, 30_000));
  for (;;) {
    await lives[pick(KINDS)]();
    await sleep(between(0, 500));
  }
}

process.on('message', (message) => {
  if (message === 'report') process.send(counts);
  // What is open ends with the process, as when a machine is switched off.
  if (message === 'stop') process.send(counts, () => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
for (let number = 0; number < Number(sockets); number += 1) place();
