// A real OpenID provider (npm oidc-provider) on a free loopback port, in Google's place. It signs in without interaction, and
// can fail on demand.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider from 'oidc-provider';

export const CLIENT = { id: 'vestibule', secret: 'a secret of the tests' };
export const APP = 'an-app-of-ours';

async function makeKey(kid, alg = 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, publicKey, privateKey, jwk: { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' } };
}

export class Issuer {
  // The claims of each subject.
  people = new Map();
  // The subject who signs in.
  current = 'anna';
  // ok, down (closes), slow (never responds), broken (500), nonsense (invalid JSON)
  mode = 'ok';
  requests = 0;

  async start(redirectUri) {
    this.redirectUri = redirectUri;
    this.key = await makeKey('first');
    this.server = createServer((request, response) => this.answer(request, response));
    await new Promise((done) => this.server.listen(this.port ?? 0, '127.0.0.1', done));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    this.provide();
    return this;
  }

  // Replaces the signing key.
  async rotate(kid) {
    this.key = await makeKey(kid);
    this.provide();
  }

  provide() {
    const client = (client_id) => ({
      client_id, client_secret: CLIENT.secret, redirect_uris: [this.redirectUri],
      grant_types: ['authorization_code'], response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic',
    });
    this.provider = new Provider(this.url, {
      clients: [client(CLIENT.id)],
      jwks: { keys: [this.key.jwk] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['a key of the tests'] },
      features: { devInteractions: { enabled: false } },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...this.people.get(id) }) }),
      interactions: { url: (_, interaction) => `/let-in/${interaction.uid}` },
      loadExistingGrant: async (ctx) => {
        const grant = new ctx.oidc.provider.Grant({
          clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope('openid email');
        await grant.save();
        return grant;
      },
    });
    this.handle = this.provider.callback();
  }

  async answer(request, response) {
    this.requests += 1;
    if (this.mode === 'down') return request.socket.destroy();
    if (this.mode === 'slow') return undefined;
    if (this.mode === 'broken') return response.writeHead(500).end('no');
    if (this.mode === 'nonsense') return response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
    if (request.url.startsWith('/let-in/')) {
      return this.provider.interactionFinished(request, response, { login: { accountId: this.current } });
    }
    return this.handle(request, response);
  }

  // An ID token like those of the provider, with overrides.
  async token(claims = {}, { key = this.key, header = {}, now = Date.now() } = {}) {
    const person = this.people.get(claims.sub ?? this.current);
    const seconds = Math.floor(now / 1000);
    const body = { iss: this.url, aud: CLIENT.id, sub: this.current, iat: seconds, exp: seconds + 3600,
      nonce: 'a nonce', jti: crypto.randomUUID(), ...person, ...claims };
    return new SignJWT(body).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

export { makeKey };
