// A server for the tests of one file. Each group of tests creates its own account.
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
    const created = await this.server.createAccount(slug);
    const client = new Client(this.server, created.apiKey);
    return {
      slug,
      key: created.apiKey,
      signInUrl: created.ownerSignInUrl,
      execute: (query, variables) => client.execute(query, variables),
      invite: (email) => client.execute('mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }', { emails: [email] }),
    };
  }

  // The owner, signed in to the dashboard; its link works once.
  async owner(account) {
    const browser = new Browser();
    await browser.submit(await browser.open(account.signInUrl));
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

// Fails with `event` if a promise takes too long.
export async function within(seconds, event, promise) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${event}: not within ${seconds} s`)), seconds * 1000); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// A queue whose items can be awaited.
export class Queue {
  items = [];
  waiting = [];

  push(item) {
    const next = this.waiting.shift();
    if (next) next(item); else this.items.push(item);
  }

  next(event = 'the next item', seconds = 10) {
    if (this.items.length) return Promise.resolve(this.items.shift());
    return within(seconds, event, new Promise((done) => { this.waiting.push(done); }));
  }
}
