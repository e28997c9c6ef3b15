// Tests that every client must pass, on every transport. An adapter is
//   { name, http, execute(place, token, { document, variables }) → { data, codes, status }, watch?(place, token, document, onData, onEnd) → stop }
// `codes` are the codes of the errors as the client exposes them, `status` the HTTP status if the client exposes it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Queue } from './portal.mjs';

const PEOPLE = 'query People($first: Int!, $search: String) { contacts(first: $first, filter: { search: $search }) { totalCount nodes { email } } }';
const INVITE = 'mutation Invite($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count skipped { email reason } } }';
const COUNTS = 'subscription Counts { portalStats { invited version } }';
const FOREIGN = 'mutation { cancelInvitation(input: { invitationId: "invitation_none" }) { invitation { id } } }';

export function suite(portal, { name, http, skip = false, execute, watch }) {
  const account = () => portal().account(name.replace(/[^a-z]+/gi, '-').toLowerCase());
  describe(name, { skip }, () => {
    let acme;
    const run = (document, variables, token = acme.key) => execute(portal(), token, { document, variables });

    test('a mutation, and a query with variables', async () => {
      acme = await account();
      const invited = await run(INVITE, { emails: ['Zoë@people.example', 'zoe@people.example', 'max@people.example'] });
      assert.deepEqual(invited.codes, []);
      assert.deepEqual(invited.data.inviteContacts, { count: 2, skipped: [{ email: 'Zoë@people.example', reason: 'INVALID_EMAIL' }] });
      const found = await run(PEOPLE, { first: 5, search: 'max' });
      assert.deepEqual(found.data, { contacts: { totalCount: 1, nodes: [{ email: 'max@people.example' }] } });
    });

    test('errors of a document, of its input and of a field, with their codes', async () => {
      assert.deepEqual((await run('{ nope }')).codes, ['GRAPHQL_VALIDATION_FAILED']);
      assert.deepEqual((await run(PEOPLE, { first: 101 })).codes, ['BAD_USER_INPUT']);
      assert.deepEqual((await run(PEOPLE, {})).codes, ['BAD_USER_INPUT']);
      assert.deepEqual((await run(FOREIGN)).codes, ['NOT_FOUND']);
    });

    if (http) {
      test('an invalid token is a 401 with an error code', async () => {
        for (const token of ['nobody', 'apikey_01m83yrbem_nothing']) {
          const { codes, status } = await run(PEOPLE, { first: 1 }, token);
          assert.deepEqual({ codes, status }, { codes: ['UNAUTHENTICATED'], status: 401 });
        }
      });
    }

    if (watch) {
      test('a subscription: the current counts, then those after an invitation', async () => {
        const frames = new Queue();
        const stop = await watch(portal(), acme.key, COUNTS, (data) => frames.push(data.portalStats), (end) => frames.push({ end }));
        const first = await frames.next();
        assert.equal(first.invited, 2, JSON.stringify(first));
        await acme.invite('later@people.example');
        const second = await frames.next();
        assert.equal(second.invited, 3, JSON.stringify(second));
        assert.ok(second.version > first.version);
        await stop();
      });

      test('an invalid subscription ends with its error', async () => {
        const ends = new Queue();
        const stop = await watch(portal(), acme.key, 'subscription { nope }', (data) => ends.push({ data }), (codes) => ends.push(codes));
        assert.deepEqual(await ends.next(), ['GRAPHQL_VALIDATION_FAILED']);
        await stop();
      });
    }
  });
}

export const codesOf = (errors) => (errors ?? []).map(({ extensions }) => extensions?.code);
