// `graphql-transport-ws` message by message (enisdenjo/graphql-ws, PROTOCOL.md).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Portal, Queue } from './lib/portal.mjs';
import { PROTOCOL, Socket } from './lib/socket.mjs';

const COUNTS = 'subscription { portalStats { invited version } }';
let portal;
let acme;

before(async () => {
  portal = await Portal.start();
  acme = await portal.account('acme');
});
after(() => portal?.stop());

// A test with its own socket.
function testWith(open, name, work) {
  test(name, async () => {
    const socket = await open();
    try {
      await work(socket);
    } finally {
      socket.end();
    }
  });
}
const fresh = (name, work) => testWith(() => Socket.open(portal.socket), name, work);
const ready = (name, work) => testWith(() => Socket.ready(portal.socket, acme.key), name, work);

async function closes(socket, code) {
  const closed = await socket.closed();
  assert.equal(closed.code, code, closed.reason);
  assert.ok(closed.reason.length > 0, 'a reason is given');
  assert.ok(Buffer.byteLength(closed.reason) <= 123);
  return closed;
}

describe('opening', { concurrency: true }, () => {
  fresh('the server chooses the protocol', async (socket) => {
    assert.equal(socket.ws.protocol, PROTOCOL);
  });

  fresh('an init without payload is acknowledged: anonymous', async (socket) => {
    socket.send({ type: 'connection_init' });
    assert.deepEqual(await socket.next(), { type: 'connection_ack' });
    socket.subscribe('1', '{ viewer { __typename } }');
    assert.deepEqual((await socket.next()).payload, { data: { viewer: null } });
  });

  for (const payload of [
    (key) => ({ Authorization: `Bearer ${key}` }),
    (key) => ({ AUTHORIZATION: `bearer ${key}` }),
    (key) => ({ headers: { authorization: `Bearer ${key}` } }),
    (key) => ({ headers: { Authorization: `Bearer ${key}` }, lazy: true }),
  ]) {
    fresh(`a token is read from ${JSON.stringify(payload('…'))}`, async (socket) => {
      socket.send({ type: 'connection_init', payload: payload(acme.key) });
      assert.equal((await socket.next()).type, 'connection_ack');
      socket.subscribe('1', '{ portal { slug } }');
      assert.deepEqual((await socket.next()).payload, { data: { portal: { slug: 'acme' } } });
    });
  }

  for (const authorization of ['Bearer nobody', 'Bearer ', 'Basic abc', '', 7, 'Bearer apikey_01m83yrbem_x']) {
    fresh(`a refused credential closes with 4403: ${JSON.stringify(authorization)}`, async (socket) => {
      socket.send({ type: 'connection_init', payload: { authorization } });
      await closes(socket, 4403);
      assert.deepEqual(socket.messages.items, []);
    });
  }

  fresh('subscribe before init closes with 4401', async (socket) => {
    socket.subscribe('1', '{ __typename }');
    await closes(socket, 4401);
  });

  fresh('subscribe before the ack closes with 4401', async (socket) => {
    // Both in one segment: the server reads the second while it still verifies the key.
    const { key } = await portal.account('hasty');
    const tcp = socket.ws._socket;
    tcp.cork();
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
    socket.subscribe('1', '{ __typename }');
    tcp.uncork();
    await closes(socket, 4401);
  });

  fresh('two inits close with 4429', async (socket) => {
    socket.send({ type: 'connection_init' });
    socket.send({ type: 'connection_init' });
    await closes(socket, 4429);
  });

  ready('an init after the ack closes with 4429', async (socket) => {
    socket.send({ type: 'connection_init' });
    await closes(socket, 4429);
  });

  test('a socket without a sub-protocol is closed with 4406', async () => {
    const socket = new Socket(portal.socket, { protocol: [] });
    await closes(socket, 4406);
    assert.deepEqual(socket.messages.items, []);
  });

  for (const protocol of ['graphql-ws', 'soap']) {
    test(`a handshake that offers only the sub-protocol ${protocol} is refused`, async () => {
      const socket = new Socket(portal.socket, { protocol });
      await assert.rejects(socket.opened, /400/);
      await socket.closed();
      assert.deepEqual(socket.messages.items, []);
    });
  }

  test('of several sub-protocols the supported one is chosen', async () => {
    const socket = await Socket.open(portal.socket, { protocol: ['graphql-ws', PROTOCOL] });
    assert.equal(socket.ws.protocol, PROTOCOL);
    socket.end();
  });
});

describe('invalid messages', { concurrency: true }, () => {
  const long = 'é'.repeat(200);
  const invalid = {
    'bad JSON': '{',
    'not an object': '[]',
    'a string': '"connection_init"',
    'an empty text': '',
    'no type': '{"id":"1"}',
    'a type that is a number': '{"type":1}',
    'an unknown type': '{"type":"hello"}',
    'a long unknown type': JSON.stringify({ type: long }),
    'a message of the server': '{"type":"next","id":"1","payload":{}}',
    'subscribe without id': '{"type":"subscribe","payload":{"query":"{ a }"}}',
    'an empty id': '{"type":"subscribe","id":"","payload":{"query":"{ a }"}}',
    'an id that is a number': '{"type":"subscribe","id":1,"payload":{"query":"{ a }"}}',
    'subscribe without payload': '{"type":"subscribe","id":"1"}',
    'subscribe without query': '{"type":"subscribe","id":"1","payload":{}}',
    'a query that is a number': '{"type":"subscribe","id":"1","payload":{"query":1}}',
    'variables that are a list': '{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":[]}}',
    'a long name that is a list': JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ a }', operationName: [long] } }),
    'complete without id': '{"type":"complete"}',
    'ping with a string': '{"type":"ping","payload":"x"}',
    'start of the older protocol': '{"type":"start","id":"1","payload":{"query":"{ __typename }"}}',
    'stop of the older protocol': '{"type":"stop","id":"1"}',
    'connection_terminate of the older protocol': '{"type":"connection_terminate"}',
    'bytes': Buffer.from('{"type":"ping"}'),
  };
  for (const [name, text] of Object.entries(invalid)) {
    ready(`${name} closes with 4400`, async (socket) => {
      socket.send(text);
      await closes(socket, 4400);
      assert.deepEqual(socket.messages.items, []);
    });
  }

  fresh('an init whose payload is a string closes with 4400', async (socket) => {
    socket.send('{"type":"connection_init","payload":"token"}');
    await closes(socket, 4400);
  });

  ready('unknown members of a message are ignored', async (socket) => {
    socket.send({ type: 'subscribe', id: '1', extra: 1, payload: { query: '{ __typename }', more: 2, variables: null, operationName: null, extensions: null } });
    assert.deepEqual(await socket.next(), { type: 'next', id: '1', payload: { data: { __typename: 'Query' } } });
  });

  for (const [name, bytes] of [['a message over the limit', 300_000], ['a message far over the limit', 2_000_000]]) {
    ready(`${name} closes with 1009`, async (socket) => {
      socket.subscribe('1', `{ __typename } #${'x'.repeat(bytes)}`);
      assert.equal((await socket.closed()).code, 1009);
    });
  }

  ready('a large message below the limit is answered', async (socket) => {
    socket.subscribe('1', 'query ($first: Int) { contacts(first: $first) { totalCount } }', { first: 1, unused: undefined });
    assert.equal((await socket.next()).type, 'next');
    assert.equal((await socket.next()).type, 'complete');
    socket.send(`{"type":"ping","payload":{"x":"${'x'.repeat(250_000)}"}}`);
    assert.equal((await socket.next()).payload.x.length, 250_000);
  });
});

describe('operations', { concurrency: true }, () => {
  ready('a query is one next and one complete', async (socket) => {
    socket.subscribe('q', 'query ($first: Int!) { contacts(first: $first) { nodes { id } } }', { first: 3 });
    assert.deepEqual(await socket.next(), { type: 'next', id: 'q', payload: { data: { contacts: { nodes: [] } } } });
    assert.deepEqual(await socket.next(), { type: 'complete', id: 'q' });
    assert.equal(await socket.quiet(), true);
  });

  ready('a mutation is one next and one complete', async (socket) => {
    socket.subscribe('m', 'mutation { inviteContacts(input: { emails: ["nope"] }) { count } }');
    assert.deepEqual(await socket.next(), { type: 'next', id: 'm', payload: { data: { inviteContacts: { count: 0 } } } });
    assert.deepEqual(await socket.next(), { type: 'complete', id: 'm' });
  });

  for (const [name, code, payload] of [
    ['an invalid document', 'GRAPHQL_VALIDATION_FAILED', { query: '{ nope }' }],
    ['an invalid subscription', 'GRAPHQL_VALIDATION_FAILED', { query: 'subscription { nope }' }],
    ['a syntax error', 'GRAPHQL_PARSE_FAILED', { query: '{' }],
    ['a missing variable', 'BAD_USER_INPUT', { query: 'query ($id: ID!) { node(id: $id) { id } }' }],
    ['an unknown operation name', 'BAD_USER_INPUT', { query: '{ __typename }', operationName: 'Other' }],
  ]) {
    ready(`${name} is an error without a next, and its id can be reused`, async (socket) => {
      for (let i = 0; i < 2; i += 1) {
        socket.send({ type: 'subscribe', id: 'e', payload });
        const answer = await socket.next();
        assert.deepEqual([answer.type, answer.id], ['error', 'e']);
        assert.ok(Array.isArray(answer.payload));
        assert.equal(answer.payload[0].extensions.code, code);
      }
      assert.equal(await socket.quiet(), true);
    });
  }

  ready('an error of a field is a next with its data, then complete', async (socket) => {
    socket.subscribe('f', 'mutation { a: cancelInvitation(input: { invitationId: "x" }) { __typename } __typename }');
    const { type, payload } = await socket.next();
    assert.equal(type, 'next');
    assert.deepEqual(payload.data, { a: null, __typename: 'Mutation' });
    assert.deepEqual(payload.errors.map(({ path, extensions }) => [path, extensions.code]), [[['a'], 'NOT_FOUND']]);
    assert.equal((await socket.next()).type, 'complete');
  });

  test('a forbidden stream is refused, and the socket stays open', async () => {
    const socket = await Socket.ready(portal.socket);
    socket.subscribe('1', COUNTS);
    const answer = await socket.next();
    const errors = answer.type === 'error' ? answer.payload : answer.payload.errors;
    assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED');
    if (answer.type === 'next') assert.equal((await socket.next()).type, 'complete');
    assert.equal(await socket.quiet(), true);
    socket.end();
  });

  ready('an active id used again closes with 4409', async (socket) => {
    const id = 'ü'.repeat(128);
    socket.subscribe(id, COUNTS);
    await socket.next();
    socket.subscribe(id, COUNTS);
    await closes(socket, 4409);
  });

  ready('a complete from the client is not echoed, nothing follows it, and the id can be reused', async (socket) => {
    socket.subscribe('1', COUNTS);
    assert.equal((await socket.next()).type, 'next');
    socket.send({ type: 'complete', id: '1' });
    socket.send({ type: 'complete', id: '1' });
    socket.send({ type: 'complete', id: 'never' });
    assert.equal(await socket.quiet(), true);
    socket.subscribe('1', COUNTS);
    assert.equal((await socket.next()).type, 'next');
  });

  test('a stream sends the current state, then each change, in order', async () => {
    const other = await portal.account('changes');
    const socket = await Socket.ready(portal.socket, other.key);
    socket.subscribe('1', COUNTS);
    const first = (await socket.next()).payload.data.portalStats;
    assert.equal(first.invited, 0);
    await other.invite('one@example.com');
    const second = (await socket.next(3)).payload.data.portalStats;
    assert.equal(second.invited, 1);
    assert.ok(second.version > first.version);
    socket.end();
  });

  ready('streams per socket are limited, and an ended one is not counted', async (socket) => {
    let count = 0;
    for (let answer; ; count += 1) {
      assert.ok(count < 200, 'there is a limit');
      socket.subscribe(`s${count}`, COUNTS);
      answer = await socket.next();
      if (answer.type === 'error') {
        assert.equal(answer.payload[0].extensions.code, 'RATE_LIMITED');
        break;
      }
    }
    assert.ok(count >= 20, `${count} streams are enough for a page`);
    socket.send({ type: 'complete', id: 's0' });
    socket.subscribe('again', COUNTS);
    assert.equal((await socket.next()).type, 'next');
  });

  fresh('ping is answered by pong with its payload, before and after the init', async (socket) => {
    for (const message of [{ type: 'ping' }, { type: 'ping', payload: { at: 1 } }]) {
      socket.send(message);
      assert.deepEqual(await socket.next(), { ...message, type: 'pong' });
    }
    socket.send({ type: 'pong' });
    socket.send({ type: 'pong', payload: { at: 1 } });
    socket.send({ type: 'connection_init' });
    assert.equal((await socket.next()).type, 'connection_ack');
    assert.equal(await socket.quiet(), true);
    socket.ws.ping('frame');
    const pongs = new Queue();
    socket.ws.on('pong', (data) => pongs.push(data.toString()));
    assert.equal(await pongs.next(), 'frame');
  });
});

describe('browsers', { concurrency: false }, () => {
  let owner;
  before(async () => { owner = await portal.owner(acme); });

  // The viewer of a handshake with the owner's cookie.
  async function viewerOf(headers, payload) {
    const socket = await Socket.open(portal.socket, { headers: { cookie: owner.cookie, ...headers } });
    socket.send({ type: 'connection_init', payload: { account: 'acme', ...payload } });
    assert.equal((await socket.next()).type, 'connection_ack');
    socket.subscribe('1', '{ viewer { __typename } }');
    const { payload: { data } } = await socket.next();
    socket.end();
    return data.viewer?.__typename ?? null;
  }

  test('the cookie counts from the own origin of the portal', async () => {
    assert.equal(await viewerOf({ origin: portal.url }), 'TeamMember');
    assert.equal(await viewerOf({ origin: portal.url, 'sec-fetch-site': 'same-origin' }), 'TeamMember');
  });

  test('the cookie does not count from another origin or without one', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, {}, { origin: 'null' }, { origin: `${portal.url}.evil.example` },
      { origin: portal.url, 'sec-fetch-site': 'cross-site' }]) {
      assert.equal(await viewerOf(headers), null, JSON.stringify(headers));
    }
  });

  test('a token counts from any origin, and takes precedence over the cookie', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: portal.url }]) {
      assert.equal(await viewerOf(headers, { authorization: `Bearer ${acme.key}` }), 'ApiKey');
    }
  });

  test('the end of a session closes its sockets with 4403 without another message', async () => {
    const socket = await Socket.open(portal.socket, { headers: { cookie: owner.cookie, origin: portal.url } });
    socket.send({ type: 'connection_init', payload: { account: 'acme' } });
    await socket.next();
    socket.subscribe('1', COUNTS);
    assert.equal((await socket.next()).type, 'next');
    assert.equal(await owner.signOut(), true);
    const { reason } = await closes(socket, 4403);
    assert.equal(reason, 'SUBSCRIPTION_EXPIRED');
    assert.deepEqual(socket.messages.items, []);
  });
});
