// People who join a portal by an invitation, and sign in again by email or password, while the counts of all portals change.
import { fromNewAddress } from '../portal.mjs';
import { readEmail } from '../client.mjs';
import { sleep, until } from '../processes.mjs';

const INVITE = 'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }';
const GENERATE = 'mutation ($email: EmailAddress!) { generateMagicLink(input: { email: $email, expiresInMinutes: 10 }) { url } }';
const REQUEST = `mutation ($portal: String!, $email: EmailAddress!) {
  requestLoginEmail(input: { portal: $portal, email: $email }) { challengeId } }`;
const REDEEM = `mutation ($token: String!) { signInWithMagicLink(input: { token: $token }) {
  session { accessToken } refusal { reason } } }`;
const SET_PASSWORD = 'mutation ($password: String!) { setPassword(input: { newPassword: $password }) { refusal { reason } } }';
const SIGN_IN = `mutation ($portal: String!, $email: EmailAddress!, $password: String!) {
  signInWithPassword(input: { portal: $portal, email: $email, password: $password }) { session { accessToken } refusal { reason } } }`;
const PASSWORD = 'three green elephants';

export class People {
  counts = { joined: 0, links: 0, logins: 0, passwords: 0, changes: 0, failed: 0 };
  going = true;
  mails = new Map();
  started = 0;

  constructor({ caller, accounts, sink }) {
    Object.assign(this, { caller, accounts, sink });
    this.ended = Promise.all([this.change(), this.arrive()]);
  }

  // The counts of each account change about once a second.
  async change() {
    for (let number = 0; this.going; number += 1) {
      const { key } = this.accounts[number % this.accounts.length];
      await this.caller.execute(INVITE, { emails: [`change${number}@example.com`] }, key)
        .then(() => { this.counts.changes += 1; }, (error) => this.failed(error));
      await sleep(1_000 / this.accounts.length);
    }
  }

  async arrive() {
    const running = new Set();
    while (this.going) {
      const visit = this.visit(this.started).catch((error) => this.failed(error)).finally(() => running.delete(visit));
      running.add(visit);
      this.started += 1;
      await sleep(1_000);
    }
    await Promise.all(running);
  }

  failed(error) {
    this.counts.failed += 1;
    this.lastError = error.message;
  }

  // Joins, and comes back twice: by a link that the business makes, and by a login email. Every fourth with a password too.
  async visit(number) {
    const { slug, key } = this.accounts[number % this.accounts.length];
    const email = `visitor${number}@example.com`;
    await this.caller.execute(INVITE, { emails: [email] }, key);
    await this.signOut(await this.redeem(await this.mailed(email)));
    this.counts.joined += 1;
    const { generateMagicLink } = await this.caller.execute(GENERATE, { email }, key);
    await this.signOut(await this.redeem(generateMagicLink.url));
    this.counts.links += 1;
    await this.caller.execute(REQUEST, { portal: slug, email }, fromNewAddress());
    const session = await this.redeem(await this.mailed(email));
    this.counts.logins += 1;
    if (number % 4 === 0) await this.usePassword(slug, email, session);
    await this.signOut(session);
  }

  async usePassword(portal, email, session) {
    const { setPassword } = await this.caller.execute(SET_PASSWORD, { password: PASSWORD }, session);
    if (setPassword.refusal) throw new Error(setPassword.refusal.reason);
    const { signInWithPassword } = await this.caller.execute(SIGN_IN, { portal, email, password: PASSWORD }, fromNewAddress());
    if (signInWithPassword.refusal) throw new Error(signInWithPassword.refusal.reason);
    this.counts.passwords += 1;
  }

  async redeem(link) {
    const { signInWithMagicLink: done } = await this.caller.execute(REDEEM, { token: link.split('/').at(-1) }, fromNewAddress());
    if (done.refusal) throw new Error(done.refusal.reason);
    return { authorization: `Bearer ${done.session.accessToken}` };
  }

  async signOut(session) {
    await this.caller.execute('mutation { signOut { signedOut } }', {}, session);
  }

  // The link of the next email to this address.
  async mailed(email) {
    await until('an email has arrived', () => {
      // Those of the others are read and forgotten, so that this process doesn't grow.
      for (const { to, raw } of this.sink.mails.splice(0)) if (to.startsWith('visitor')) this.mails.set(to, readEmail(raw).link);
      return this.mails.has(email);
    });
    const link = this.mails.get(email);
    this.mails.delete(email);
    return link;
  }

  async stop() {
    this.going = false;
    await this.ended;
  }
}
