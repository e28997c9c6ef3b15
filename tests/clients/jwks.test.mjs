// Verifies access tokens like another service: with the published keys and a general-purpose library.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { Client } from '../scenario/lib/client.mjs';
import { folder, Server, until } from '../scenario/lib/processes.mjs';

let home;
before(async () => { home = await folder(); });
after(() => home?.remove());

async function signIn(server, slug) {
  const { apiKey, accountId } = await server.createAccount(slug);
  const client = new Client(server, apiKey);
  const { createContact } = await client.execute('mutation { createContact(input: { email: "anna@example.com" }) { contact { id } } }');
  const { id } = createContact.contact;
  const token = async () => {
    const created = await client.execute('mutation ($id: ID!) { generateMagicLink(input: { contactId: $id }) { url } }', { id });
    const link = created.generateMagicLink.url.split('/').at(-1);
    const query = 'mutation ($link: String!) { signInWithMagicLink(input: { token: $link }) { session { accessToken } } }';
    return (await client.execute(query, { link })).signInWithMagicLink.session.accessToken;
  };
  return { accountId, contact: id, token };
}

const keysOf = (server) => createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`), { cooldownDuration: 0 });
const published = async (server) => (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()).keys.map((key) => key.kid);
const verify = (server, token, expected = {}) => jwtVerify(token, keysOf(server), {
  issuer: server.url, audience: `${server.url}/portal`, algorithms: ['EdDSA'], typ: 'at+jwt', requiredClaims: ['sid', 'acc', 'jti'], ...expected });

async function writeKey(file) {
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

test('a token is valid only for its issuer and audience, before and after a rotation', async () => {
  const dataDir = join(home.path, 'kept');
  const server = await new Server(dataDir).start();
  try {
    const { accountId, contact, token } = await signIn(server, 'jwks');
    const first = await token();
    const { payload } = await verify(server, first);
    assert.deepEqual([payload.sub, payload.acc, payload.exp - payload.iat], [contact, accountId, 600]);
    for (const wrong of [{ audience: `${server.url}/dashboard` }, { audience: `${server.url}/portal/courses` }, { issuer: 'https://other.example' }]) {
      await assert.rejects(verify(server, first, wrong), errors.JWTClaimValidationFailed);
    }
    const [head, body, signature] = first.split('.');
    const forged = Buffer.from(JSON.stringify({ ...payload, sub: 'contact_x' })).toString('base64url');
    await assert.rejects(verify(server, `${head}.${forged}.${signature}`), errors.JWSSignatureVerificationFailed);
    const old = decodeProtectedHeader(first).kid;
    assert.deepEqual(await published(server), [old]);
    const { kid, signsFrom } = JSON.parse(await server.command('keys', 'rotate'));
    assert.ok(Date.parse(signsFrom) > Date.now());
    // Running instances load it within a minute, a starting one immediately.
    await server.stop();
    await server.start();
    assert.deepEqual(await published(server), [kid, old]);
    const second = await token();
    assert.equal(decodeProtectedHeader(second).kid, old, 'the new key does not sign until all instances have loaded it');
    await verify(server, first);
    await verify(server, second);
    const doctor = await server.command('doctor');
    assert.match(doctor, /keys: access tokens can be signed; keys: 2, the newest is 0 days old/);
  } finally {
    await server.stop();
  }
});

test('key files change without a restart', async () => {
  const keys = join(home.path, 'keys');
  await mkdir(keys);
  await writeKey(join(keys, '1.pem'));
  const server = await new Server(join(home.path, 'files'), { VESTIBULE_SIGNING_KEYS: keys, RUST_LOG: 'off' }).start();
  try {
    const { token } = await signIn(server, 'files');
    const first = await token();
    const old = decodeProtectedHeader(first).kid;
    await verify(server, first);
    await writeKey(join(keys, '2.pem'));
    await until('the new key', async () => (await published(server)).length === 2);
    const second = await token();
    assert.notEqual(decodeProtectedHeader(second).kid, old, 'the last name signs');
    await verify(server, first);
    await verify(server, second);
    // A broken file changes nothing.
    await writeFile(join(keys, '3.pem'), 'no key');
    await new Promise((done) => { setTimeout(done, 6000); });
    assert.equal((await published(server)).length, 2);
    await rm(join(keys, '3.pem'));
    await rm(join(keys, '1.pem'));
    await until('the old key is gone', async () => (await published(server)).length === 1);
    await assert.rejects(verify(server, first), errors.JWKSNoMatchingKey);
    await verify(server, second);
    const seen = await new Client(server, first).request('{ me { id } }');
    assert.equal(seen.errors[0].extensions.code, 'UNAUTHENTICATED');
    await assert.rejects(server.command('keys', 'rotate'), /VESTIBULE_SIGNING_KEYS/);
  } finally {
    await server.stop();
  }
});
