// A server for the tests of one file, and accounts in it: each group of tests has one to itself.
import { Browser, Client } from '../../scenario/lib/client.mjs';
import { folder, Server } from '../../scenario/lib/processes.mjs';

export class Portal {
  static async start() {
    const home = await folder();
    const server = await new Server(home.path).start();
    return Object.assign(new Portal(), { home, server, url: server.url, graphql: `${server.url}/graphql`,
      socket: `${server.url.replace('http', 'ws')}/graphql`, stream: `${server.url}/graphql/stream` });
  }

  async account(slug) {
    const made = await this.server.makeAccount(slug);
    const client = new Client(this.server, made.apiKey);
    return {
      slug,
      key: made.apiKey,
      signInUrl: made.ownerSignInUrl,
      ask: (query, variables) => client.ask(query, variables),
      invite: (email) => client.ask('mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }', { emails: [email] }),
    };
  }

  // The owner, signed in to the dashboard; its link works once.
  async owner(account) {
    const browser = new Browser();
    await browser.press(await browser.open(account.signInUrl));
    return {
      cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      signOut: async () => {
        const response = await browser.send(this.graphql, { method: 'POST', body: '{"query":"mutation { signOut { signedOut } }"}',
          headers: { 'content-type': 'application/json', 'vestibule-account': account.slug, 'x-vestibule-csrf': '1', origin: this.url } });
        return (await response.json()).data.signOut.signedOut;
      },
    };
  }

  async stop() {
    await this.server?.stop();
    await this.home?.remove();
  }
}

// Fails with `what` when a promise takes too long.
export async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${what}: not within ${seconds} s`)), seconds * 1000); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// What comes one after the other, waited for.
export class Queue {
  items = [];
  waiting = [];

  push(item) {
    const next = this.waiting.shift();
    if (next) next(item); else this.items.push(item);
  }

  next(what = 'the next one', seconds = 10) {
    if (this.items.length) return Promise.resolve(this.items.shift());
    return within(seconds, what, new Promise((done) => { this.waiting.push(done); }));
  }
}
