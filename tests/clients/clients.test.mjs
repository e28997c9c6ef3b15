// Popular GraphQL clients, each with the same suite, and tests of special features.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as apollo from './adapters/apollo.mjs';
import graphqlRequest from './adapters/graphql-request.mjs';
import graphqlSse from './adapters/graphql-sse.mjs';
import * as graphqlWs from './adapters/graphql-ws.mjs';
import urql from './adapters/urql.mjs';
import { Portal, Queue } from './lib/portal.mjs';
import { suite } from './lib/suite.mjs';

let portal;
before(async () => { portal = await Portal.start(); });
after(() => portal?.stop());
const here = () => portal;

suite(here, graphqlRequest);
suite(here, urql);
suite(here, apollo.http);
suite(here, apollo.batch);
suite(here, apollo.socket);
suite(here, graphqlWs.lazy);
suite(here, graphqlWs.eager);
suite(here, graphqlSse);

test('Apollo Client sends several operations in one request, and each gets its own response', async () => {
  const { key } = await portal.account('batches');
  const { requests, answers } = await apollo.inOneBatch(portal, key, [
    { document: 'query A { portal { slug } }' },
    { document: 'query B { contacts(first: -1) { totalCount } }' },
    { document: 'query C($first: Int) { contacts(first: $first) { totalCount } }', variables: { first: 1 } },
  ]);
  assert.equal(requests, 1);
  assert.deepEqual(answers, [{ data: { portal: { slug: 'batches' } } }, { codes: ['BAD_USER_INPUT'] }, { data: { contacts: { totalCount: 0 } } }]);
});

describe('graphql-ws connections', () => {
  const COUNTS = { query: 'subscription { portalStats { invited } }' };

  test('lazy: connects with the first operation, closes after the last', async () => {
    const { key } = await portal.account('lazy');
    const events = new Queue();
    const client = graphqlWs.connect(portal, key, { lazy: true, on: {
      connected: () => events.push('connected'), closed: ({ code }) => events.push(code) } });
    assert.deepEqual(events.items, []);
    const stop = client.subscribe(COUNTS, { next: () => events.push('next'), error: (error) => events.push(error), complete: () => events.push('complete') });
    for (const event of ['connected', 'next']) assert.equal(await events.next(), event);
    stop();
    assert.equal(await events.next(), 'complete');
    assert.equal(await events.next(), 1000);
  });

  test('eager: connects immediately, and keeps alive by its own pings', async () => {
    const { key } = await portal.account('eager');
    const events = new Queue();
    const client = graphqlWs.connect(portal, key, { lazy: false, keepAlive: 100, on: {
      connected: () => events.push('connected'), pong: (received) => received && events.push('pong') } });
    assert.equal(await events.next(), 'connected');
    for (let i = 0; i < 3; i += 1) assert.equal(await events.next(), 'pong');
    await client.dispose();
  });

  test('after 4403 it reconnects with a fresh credential, and its subscription continues', async () => {
    const account = await portal.account('again');
    const owner = await portal.owner(account);
    const events = new Queue();
    let refused = 0;
    let payload = { account: 'again' };
    const webSocketImpl = graphqlWs.fromPage({ cookie: owner.cookie, origin: portal.url });
    const client = graphqlWs.connect(portal, null, { webSocketImpl, connectionParams: () => payload, retryWait: async () => {},
      on: { closed: ({ code, reason }) => { refused += code === 4403; events.push(`${code} ${reason}`); } } });
    client.subscribe(COUNTS, { next: ({ data }) => events.push(data.portalStats.invited), error: (error) => events.push(error), complete: () => events.push('complete') });
    assert.equal(await events.next(), 0);
    payload = { authorization: `Bearer ${account.key}` };
    await owner.signOut();
    assert.equal(await events.next(), '4403 SUBSCRIPTION_EXPIRED');
    assert.equal(await events.next(), 0, 'the counts again, on a new socket');
    await account.invite('again@example.com');
    assert.equal(await events.next(), 1);
    assert.equal(refused, 1);
    await client.dispose();
  });

  test('with an invalid token it gives up after its retries, with 4403', async () => {
    let closes = 0;
    const client = graphqlWs.connect(portal, 'nobody', { retryAttempts: 2, retryWait: async () => {}, on: { closed: () => { closes += 1; } } });
    const end = await new Promise((done) => {
      client.subscribe(COUNTS, { next: done, error: done, complete: () => done('complete') });
    });
    assert.equal(end.code, 4403);
    assert.equal(closes, 3);
  });
});
