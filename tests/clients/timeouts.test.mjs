// The timeouts of sockets with the default settings. All tests run concurrently, because they wait.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sleep } from '../scenario/lib/processes.mjs';
import { Portal } from './lib/portal.mjs';
import { Socket } from './lib/socket.mjs';

const COUNTS = 'subscription { portalStats { invited } }';
let portal;
let acme;

before(async () => {
  portal = await Portal.start();
  acme = await portal.account('acme');
});
after(() => portal?.stop());

describe('timeouts', { concurrency: true }, () => {
  test('a client without an init is closed with 4408 after 10 s', async () => {
    const socket = await Socket.open(portal.socket);
    const { code, seconds } = await socket.closed(15);
    assert.equal(code, 4408);
    assert.ok(seconds > 9 && seconds < 12, `${seconds} s`);
  });

  test('pings do not replace an init', async () => {
    const socket = await Socket.open(portal.socket);
    const pinging = setInterval(() => socket.send({ type: 'ping' }), 1000);
    const { code, seconds } = await socket.closed(15);
    clearInterval(pinging);
    assert.equal(code, 4408);
    assert.ok(seconds < 12, `${seconds} s`);
  });

  test('an idle client that answers pings stays connected, and its stream continues', async () => {
    const socket = await Socket.ready(portal.socket, acme.key);
    const idle = await Socket.ready(portal.socket);
    socket.subscribe('1', COUNTS);
    assert.equal((await socket.next()).payload.data.portalStats.invited, 0);
    await sleep(66_000);
    for (const each of [socket, idle]) {
      const pings = each.pings.items;
      assert.ok(pings.length >= 3, `pings after ${pings} s`);
      assert.ok(pings[0] > 15 && pings[0] < 25, 'the first after 20 s');
    }
    await acme.invite('late@example.com');
    assert.equal((await socket.next(3)).payload.data.portalStats.invited, 1);
    assert.equal(await idle.quiet(), true);
    for (const each of [socket, idle]) each.end();
  });

  test('an unresponsive peer is disconnected within 60 s of its last frame', async () => {
    const socket = await Socket.ready(portal.socket, acme.key, { autoPong: false });
    socket.subscribe('1', COUNTS);
    await socket.next();
    const { code, seconds } = await socket.closed(70);
    assert.equal(code, 1006);
    assert.ok(seconds > 30 && seconds < 62, `${seconds} s`);
  });
});

test('a shutdown closes with 1012', async () => {
  const sockets = [await Socket.open(portal.socket), await Socket.ready(portal.socket, acme.key)];
  sockets[1].subscribe('1', COUNTS);
  await sockets[1].next();
  const closing = sockets.map((socket) => socket.closed());
  await portal.server.stop();
  for (const { code } of await Promise.all(closing)) assert.equal(code, 1012);
});
