// Signing in with Google, with a real OpenID provider in its place: the redirect flow as browsers use it, and ID tokens as
// mobile apps send them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { exportSPKI } from 'jose';
import { folder, freePort, Server } from '../scenario/lib/processes.mjs';
import { APP, CLIENT, Issuer, makeKey } from './lib/issuer.mjs';

let home;
let server;
let issuer;
let acme;

before(async () => {
  home = await folder();
  const port = await freePort();
  issuer = await new Issuer().start(`http://127.0.0.1:${port}/auth/google/callback`);
  server = new Server(home.path, {
    GOOGLE_CLIENT_ID: CLIENT.id, GOOGLE_CLIENT_SECRET: CLIENT.secret, GOOGLE_ISSUER: issuer.url,
    GOOGLE_EXTRA_CLIENT_IDS: APP, VESTIBULE_SECRET: 'thirty-two characters of a secret!',
  });
  server.port = port;
  await server.start();
  acme = await server.createAccount('acme');
  await server.createAccount('other');
  for (const name of ['anna', 'ben', 'cleo', 'dora', 'emil', 'fay']) {
    issuer.people.set(name, { email: `${name}@example.com`, email_verified: true });
    await execute('mutation ($email: EmailAddress!) { createContact(input: {email: $email}) { contact { id } } }',
      { email: `${name}@example.com` }, acme.apiKey);
  }
  issuer.people.set('owner', { email: 'owner@acme.example', email_verified: true });
  issuer.people.set('nobody', { email: 'nobody@example.com', email_verified: true });
});

after(async () => {
  await server?.stop();
  await issuer?.stop();
  await home?.remove();
});

async function send(query, variables, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

async function execute(query, variables, token) {
  const { data, errors } = await send(query, variables, token);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

const SIGN_IN = `mutation ($portal: String!, $token: String!, $nonce: String!, $audience: Audience) {
  signInWithGoogle(input: {portal: $portal, idToken: $token, nonce: $nonce, audience: $audience}) {
    session { accessToken } viewer { __typename ... on PortalUser { email } } refusal { reason } } }`;

async function signIn(token, { portal = 'acme', nonce = 'a nonce', audience = 'PORTAL' } = {}) {
  return (await execute(SIGN_IN, { portal, token, nonce, audience })).signInWithGoogle;
}

const reason = async (token, options) => (await signIn(token, options)).refusal?.reason ?? 'none';

// A browser: it keeps cookies by host and follows redirects.
class Browser {
  jar = new Map();

  async get(url, { follow = true } = {}) {
    for (let hops = 0; hops < 12; hops += 1) {
      const { host } = new URL(url);
      const cookies = this.jar.get(host) ?? new Map();
      const headers = cookies.size ? { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } : {};
      const answer = await fetch(url, { redirect: 'manual', headers });
      for (const line of answer.headers.getSetCookie()) {
        const [pair] = line.split(';');
        const at = pair.indexOf('=');
        if (/Max-Age=0/.test(line)) cookies.delete(pair.slice(0, at));
        else cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      this.jar.set(host, cookies);
      const next = answer.headers.get('location');
      if (!follow || !next) return { status: answer.status, url, text: await answer.text(), location: next && new URL(next, url).href };
      url = new URL(next, url).href;
    }
    throw new Error('too many redirects');
  }

  // Follows redirects until a URL starts with `start`, which is not opened.
  async until(url, start) {
    for (let hops = 0; hops < 12; hops += 1) {
      const { location } = await this.get(url, { follow: false });
      assert.ok(location, `no redirect from ${url}`);
      if (location.startsWith(start)) return location;
      url = location;
    }
    throw new Error('too many redirects');
  }
}

const start = (query = 'portal=acme') => `${server.url}/auth/google/start?${query}`;

test('a browser signs in with the redirect flow, and is redirected to its section', async () => {
  issuer.current = 'anna';
  const browser = new Browser();
  const landed = await browser.get(start('portal=acme&section=COURSES'));
  assert.equal(landed.status, 200);
  assert.equal(landed.url, `${server.url}/p/acme/courses`);
  assert.match(landed.text, /anna@example\.com/);
  const again = await browser.get(`${server.url}/p/acme`);
  assert.match(again.text, /anna@example\.com/);
});

test('a team member signs in to the dashboard', async () => {
  issuer.current = 'owner';
  const landed = await new Browser().get(start('portal=acme&audience=DASHBOARD'));
  assert.equal(landed.url, `${server.url}/dashboard/acme`);
  assert.equal(landed.status, 200);
  const portal = await new Browser().get(start());
  assert.equal(portal.status, 403, 'a team member who is not a contact can\'t sign in to the portal');
  issuer.current = 'anna';
});

test('a callback that was not requested opens no session', async () => {
  const back = `${server.url}/auth/google/callback`;
  const browser = new Browser();
  const callback = await browser.until(start(), back);
  const done = await browser.until(callback, `${server.url}/p/acme/login/google/done`);

  const foreign = new Browser();
  assert.equal((await foreign.get(callback)).status, 403, 'another browser');
  const tamperedState = `${new URL(callback).searchParams.get('state')}x`;
  for (const query of ['', '?code=x', '?code=x&state=', '?code=x&state=acme.PORTAL.x.y', `?code=x&state=${tamperedState}`]) {
    assert.equal((await browser.get(`${back}${query}`)).status, 400, query);
  }
  const tampered = new URL(done);
  tampered.searchParams.set('state', `${tampered.searchParams.get('state').slice(0, -1)}x`);
  assert.equal((await new Browser().get(tampered.href)).status, 403);
  const first = await browser.get(done);
  assert.equal(first.status, 200, 'the right one signs in');
  assert.equal((await browser.get(done)).status, 403, 'but only once');
  const denied = new Browser();
  const callbackUrl = new URL(await denied.until(start(), back));
  const state = callbackUrl.searchParams.get('state');
  const denial = await denied.get(`${back}?error=access_denied&state=${encodeURIComponent(state)}`);
  assert.equal(denial.status, 403);
  assert.match(denial.text, /not signed in/);
});

test('a code of the provider is valid once', async () => {
  const back = `${server.url}/auth/google/callback`;
  const one = new Browser();
  const callback = new URL(await one.until(start(), back));
  const two = new Browser();
  const other = new URL(await two.until(start(), back));
  assert.equal((await one.get(callback.href)).status, 200);
  other.searchParams.set('code', callback.searchParams.get('code'));
  assert.equal((await two.get(other.href)).status, 403);
});

test('no response redirects to another host', async () => {
  for (const slug of ['//evil.example', 'acme.evil.example', '..', 'nobody-here', '']) {
    const answer = await new Browser().get(`${server.url}/auth/google/start?portal=${encodeURIComponent(slug)}`);
    assert.equal(answer.status, 404, slug);
  }
});

test('an app signs in with an ID token, once', async () => {
  issuer.current = 'ben';
  const token = await issuer.token();
  const done = await signIn(token);
  assert.equal(done.viewer.email, 'ben@example.com');
  assert.equal(await reason(token), 'INVALID_CREDENTIALS', 'a replay');
  assert.equal(await reason(await issuer.token({ aud: APP })), 'none', 'of an allowed app');
  assert.equal(await reason(await issuer.token({ aud: [CLIENT.id], azp: CLIENT.id })), 'none');
});

test('a token must be valid now, for this client and for this nonce', async () => {
  issuer.current = 'cleo';
  const hour = 3_600_000;
  const invalid = {
    'another issuer': issuer.token({ iss: 'https://accounts.google.com' }),
    'another audience': issuer.token({ aud: 'another-client' }),
    'another party': issuer.token({ aud: [CLIENT.id, 'another-client'], azp: 'another-client' }),
    'another nonce': issuer.token({ nonce: 'another' }),
    'no nonce': issuer.token({ nonce: undefined }),
    'expired': issuer.token({}, { now: Date.now() - hour - 61_000 }),
    'of the future': issuer.token({}, { now: Date.now() + 120_000 }),
    'no expiry': issuer.token({ exp: undefined }),
    'an unknown key': issuer.token({}, { key: await makeKey('nobody') }),
    'another key with the same id': issuer.token({}, { key: await makeKey('first') }),
  };
  for (const [name, token] of Object.entries(invalid)) {
    assert.equal(await reason(await token), 'INVALID_CREDENTIALS', name);
  }
  const [header, body] = (await issuer.token()).split('.');
  const bare = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const symmetric = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'first' })).toString('base64url');
  const mac = createHmac('sha256', await exportSPKI(issuer.key.publicKey)).update(`${symmetric}.${body}`).digest('base64url');
  for (const token of [`${bare}.${body}.`, `${header}.${body}.`, `${symmetric}.${body}.${mac}`, 'x', '', '..', 'a.b.c', 'x'.repeat(20_000)]) {
    assert.equal(await reason(token), 'INVALID_CREDENTIALS', token.slice(0, 40));
  }
  assert.equal(await reason(await issuer.token({}, { now: Date.now() - hour + 30_000 })), 'none', 'nearly expired');
});

test('a nonce is required', async () => {
  const { errors } = await send(SIGN_IN, { portal: 'acme', token: 'x', nonce: ' ' });
  assert.equal(errors[0].extensions.code, 'BAD_USER_INPUT');
  assert.equal(errors[0].extensions.field, 'input.nonce');
});

test('only a verified address is linked, and a linked identity outlives the address', async () => {
  issuer.current = 'dora';
  const unverified = { email: 'dora@example.com', email_verified: false };
  assert.equal(await reason(await issuer.token(unverified)), 'GOOGLE_EMAIL_UNVERIFIED');
  assert.equal(await reason(await issuer.token({ email_verified: undefined })), 'GOOGLE_EMAIL_UNVERIFIED');
  assert.equal(await reason(await issuer.token({ sub: 'nobody', email: 'nobody@example.com' })), 'INVALID_CREDENTIALS');
  assert.equal(await reason(await issuer.token({ email_verified: 'true' })), 'none', 'as a string');
  const moved = await signIn(await issuer.token({ email: 'dora@elsewhere.example', email_verified: false }));
  assert.equal(moved.viewer.email, 'dora@example.com', 'by the subject');
  assert.equal(await reason(await issuer.token(), { portal: 'other' }), 'INVALID_CREDENTIALS', 'not linked at another portal');
});

test('new keys of the provider are fetched, and old ones are invalid', async () => {
  issuer.current = 'emil';
  assert.equal(await reason(await issuer.token()), 'none');
  const before = issuer.key;
  await issuer.rotate('second');
  const early = await reason(await issuer.token());
  assert.equal(early, 'INVALID_CREDENTIALS', 'keys are fetched at most once a minute');
  const requestCount = issuer.requests;
  for (let attempts = 0; attempts < 5; attempts += 1) await reason(await issuer.token());
  assert.equal(issuer.requests, requestCount, 'unknown keys cause no requests');
  await server.stop();
  await server.start();
  assert.equal(await reason(await issuer.token()), 'none', 'a server fetches them when it starts');
  assert.equal(await reason(await issuer.token({}, { key: before })), 'INVALID_CREDENTIALS');
});

test('a provider that is down, slow or broken is UNAVAILABLE until it recovers', async () => {
  issuer.current = 'fay';
  await server.stop();
  await server.start();
  for (const mode of ['down', 'broken', 'nonsense', 'slow']) {
    issuer.mode = mode;
    const startedAt = Date.now();
    const { errors } = await send(SIGN_IN, { portal: 'acme', token: await issuer.token(), nonce: 'a nonce' });
    assert.equal(errors?.[0].extensions.code, 'UNAVAILABLE', mode);
    assert.ok(errors[0].extensions.retryAfter > 0);
    assert.ok(Date.now() - startedAt < 15_000, mode);
    const page = await new Browser().get(start());
    assert.equal(page.status, 503, mode);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  }
  issuer.mode = 'ok';
  assert.equal(await reason(await issuer.token()), 'none');
  issuer.mode = 'down';
  assert.equal(await reason(await issuer.token()), 'none', 'cached keys stay valid');
  issuer.mode = 'ok';
});

test('the login page offers Google', async () => {
  const page = await (await fetch(`${server.url}/p/acme/login`)).text();
  assert.match(page, /Continue with Google/);
});
