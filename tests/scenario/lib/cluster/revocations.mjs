// What is revoked at one gateway is refused by the others, and its subscriptions end there.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { Client, readEmail } from '../client.mjs';
import { sleep, until } from '../processes.mjs';

const WITHIN_MS = 2_000;
const REQUEST = `mutation ($email: EmailAddress!) {
  requestLoginCode(input: { portal: "acme", email: $email, audience: DASHBOARD }) { challengeId } }`;
const SIGN_IN = `mutation ($challengeId: ID!, $code: String!) { signInWithCode(input: { challengeId: $challengeId, code: $code }) {
  session { accessToken } refusal { reason } } }`;
const ADD_MEMBER = 'mutation ($email: EmailAddress!) { inviteTeamMember(input: { email: $email, role: ADMIN }) { teamMember { id } } }';
const REMOVE_MEMBER = 'mutation ($id: ID!) { removeTeamMember(input: { teamMemberId: $id }) { teamMember { id } } }';
const ADD_KEY = 'mutation ($name: String!) { createApiKey(input: { name: $name, scopes: [READ] }) { apiKey { id } secret } }';
const REVOKE_KEY = 'mutation ($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) { apiKey { id } } }';

// A session of a team member by the code of an email.
async function signIn(gateway, sink, email) {
  const before = sink.mails.length;
  const caller = new Client(gateway, '');
  const { requestLoginCode: { challengeId } } = await caller.execute(REQUEST, { email });
  let code;
  await until(`an email with a code to ${email}`, () => {
    code = sink.mails.slice(before).filter(({ to }) => to === email).map(({ raw }) => readEmail(raw).code).find(Boolean);
    return code;
  });
  const { signInWithCode: done } = await caller.execute(SIGN_IN, { challengeId, code });
  assert.equal(done.refusal, null);
  return done.session.accessToken;
}

// A credential in use at one gateway: requests one after another, and a subscription.
class Use {
  refused = null;
  ended = null;
  allowed = null;
  going = true;

  constructor(gateway, credential) {
    this.client = createClient({ url: `${gateway.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${credential}` } });
    const end = () => { this.ended ??= performance.now(); };
    this.client.subscribe({ query: 'subscription { portalStats { version } }' }, { next: () => { this.shown = true; }, error: end, complete: end });
    this.requests = this.request(new Client(gateway, credential));
  }

  async request(caller) {
    while (this.going) {
      const { errors } = await caller.request('{ portalStats { version } }');
      const now = performance.now();
      if (!errors) this.allowed = now;
      else if (['UNAUTHENTICATED', 'FORBIDDEN'].includes(errors[0].extensions.code)) this.refused ??= now;
      else throw new Error(`${errors[0].extensions.code}: ${errors[0].message}`);
      await sleep(20);
    }
  }

  async stop() {
    this.going = false;
    this.client.dispose();
    await this.requests;
  }
}

// Revokes at the first gateway, and says when the others noticed, counted from the response.
async function measure(gateways, credential, revoke) {
  const uses = gateways.slice(1).map((gateway) => new Use(gateway, credential));
  try {
    await until('the credential is in use', () => uses.every(({ allowed, shown }) => allowed && shown));
    await revoke();
    const at = performance.now();
    await until('the credential is refused everywhere', () => uses.every(({ refused, ended }) => refused && ended), 15);
    await sleep(300);
    for (const { refused, allowed } of uses) assert.ok(allowed < refused, 'what was refused is not allowed again');
    const latest = (name) => Math.max(0, ...uses.map((use) => use[name] - at));
    return { refused: latest('refused'), ended: latest('ended') };
  } finally {
    await Promise.all(uses.map((use) => use.stop()));
  }
}

// Each way to revoke, with a new credential of its own.
function ways({ gateways }, owner, sink, round) {
  const admin = new Client(gateways[0], owner);
  const member = async (name) => {
    const email = `${name}${round}@acme.example`;
    const { inviteTeamMember } = await admin.execute(ADD_MEMBER, { email });
    return { id: inviteTeamMember.teamMember.id, credential: await signIn(gateways[0], sink, email) };
  };
  return {
    'a session that signs out': async () => {
      const { credential } = await member('leaver');
      return [credential, () => new Client(gateways[0], credential).execute('mutation { signOut { signedOut } }')];
    },
    'an API key that is revoked': async () => {
      const { createApiKey: { apiKey, secret } } = await admin.execute(ADD_KEY, { name: `key ${round}` });
      return [secret, () => admin.execute(REVOKE_KEY, { id: apiKey.id })];
    },
    'a team member who is removed': async () => {
      const { id, credential } = await member('removed');
      return [credential, () => admin.execute(REMOVE_MEMBER, { id })];
    },
  };
}

export async function measureRevocations(cluster, sink) {
  const owner = await signIn(cluster.gateways[0], sink, 'owner@acme.example');
  const rows = [];
  const round = async (nats) => {
    for (const [name, prepare] of Object.entries(ways(cluster, owner, sink, nats ? 1 : 2))) {
      const [credential, revoke] = await prepare();
      rows.push({ name, nats, ...await measure(cluster.gateways, credential, revoke) });
    }
  };
  await round(true);
  await cluster.nats.stop();
  await round(false);
  await cluster.nats.start();
  return rows;
}

export function assertRevocations(rows) {
  for (const { name, nats, refused, ended } of rows) {
    assert.ok(Math.max(refused, ended) <= WITHIN_MS, `${name}, ${nats ? 'with' : 'without'} NATS: ${refused} and ${ended} ms`);
  }
}
