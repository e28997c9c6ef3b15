// A portal to measure: an account, its contacts, and passwords that some of them have set.
import http from 'node:http';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Server, until } from './processes.mjs';

// Kept-alive connections. A request is measured from its first sent to its last received byte.
export class Caller {
  constructor(url, connections) {
    this.url = new URL('/graphql', url);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  post(query, variables, headers = {}) {
    const body = JSON.stringify({ query, variables });
    return new Promise((done, fail) => {
      const startedAt = process.hrtime.bigint();
      const request = http.request(this.url, {
        method: 'POST', agent: this.agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => done({
          ms: Number(process.hrtime.bigint() - startedAt) / 1e6,
          status: response.statusCode,
          text: Buffer.concat(parts).toString(),
        }));
      });
      request.on('error', fail);
      request.end(body);
    });
  }

  async execute(query, variables, headers) {
    const { text } = await this.post(query, variables, headers);
    const { data, errors } = JSON.parse(text);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  close() {
    this.agent.destroy();
  }
}

let sources = 0;

// Each request has its own address, from a trusted proxy, so that limits per source don't apply.
export function fromNewAddress() {
  sources += 1;
  return { 'x-forwarded-for': `10.${(sources >> 16) & 255}.${(sources >> 8) & 255}.${sources & 255}` };
}

export async function openPortal(dataDir, settings = {}) {
  const server = new Server(dataDir, { VESTIBULE_TRUSTED_PROXIES: '127.0.0.0/8', RUST_LOG: 'error', ...settings });
  await server.start();
  const account = await server.createAccount('acme');
  return { server, key: { authorization: `Bearer ${account.apiKey}` }, caller: new Caller(server.url, 16) };
}

export async function addContacts({ caller, key }, emails) {
  for (let at = 0; at < emails.length; at += 25) {
    const fields = emails.slice(at, at + 25)
      .map((email, place) => `c${place}: createContact(input: { email: "${email}" }) { contact { id } }`);
    await caller.execute(`mutation { ${fields.join(' ')} }`, {}, key);
  }
}

// The links of the emails in the outbox, by address.
async function links(dataDir) {
  const found = new Map();
  const root = join(dataDir, 'mail');
  const folders = await readdir(root).catch(() => []);
  for (const folder of folders) {
    for (const file of await readdir(join(root, folder))) {
      const raw = (await readFile(join(root, folder, file), 'utf8')).replace(/=\r?\n/g, '').replace(/=3D/g, '=');
      const link = /\/link\/(link_[\w-]+)/.exec(raw);
      const to = /^To: .*?([^\s<>]+@[^\s<>]+)/mi.exec(raw);
      if (link && to) found.set(to[1].toLowerCase(), link[1]);
    }
  }
  return found;
}

// Like contacts do: a login email, its link, then a password.
export async function setPasswords({ caller, server }, emails, password) {
  const request = `mutation ($email: EmailAddress!) {
    requestLoginEmail(input: { portal: "acme", email: $email }) { challengeId } }`;
  for (const email of emails) await caller.execute(request, { email }, fromNewAddress());
  let mailed = new Map();
  await until('the login emails', async () => {
    mailed = await links(server.dataDir);
    return emails.every((email) => mailed.has(email));
  });
  const redeem = `mutation ($token: String!) { signInWithMagicLink(input: { token: $token }) {
    session { accessToken } refusal { reason } } }`;
  const set = 'mutation ($password: String!) { setPassword(input: { newPassword: $password }) { refusal { reason } } }';
  for (const email of emails) {
    const { signInWithMagicLink: done } = await caller.execute(redeem, { token: mailed.get(email) }, fromNewAddress());
    if (done.refusal) throw new Error(`${email}: ${done.refusal.reason}`);
    const headers = { authorization: `Bearer ${done.session.accessToken}` };
    const { setPassword } = await caller.execute(set, { password }, headers);
    if (setPassword.refusal) throw new Error(setPassword.refusal.reason);
  }
}

export const SIGN_IN = `mutation ($email: EmailAddress!, $password: String!) {
  signInWithPassword(input: { portal: "acme", email: $email, password: $password }) {
    session { accessToken } refusal { reason message retryAfter } } }`;

export function quantile(values, part) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

// The median; for an even count, the mean of the two middle values.
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
