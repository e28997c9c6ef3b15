// A client like those of customers: fetch for requests, graphql-ws for streams, and a browser without scripts.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export class Client {
  constructor(server, key) {
    this.server = server;
    this.key = key;
  }

  async request(query, variables = {}) {
    const response = await fetch(`${this.server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(20_000),
    });
    return response.json();
  }

  async execute(query, variables) {
    const { data, errors } = await this.request(query, variables);
    if (errors) throw new Error(errors.map((error) => `${error.extensions?.code}: ${error.message}`).join('; '));
    return data;
  }

  async upload(csv, invite = false) {
    const form = new FormData();
    form.set('operations', JSON.stringify({
      query: `mutation ($csv: Upload!, $invite: Boolean) {
        importContacts(input: { csv: $csv, invite: $invite }) { bulkJob { id total } unknownColumns } }`,
      variables: { csv: null, invite },
    }));
    form.set('map', JSON.stringify({ 0: ['variables.csv'] }));
    form.set('0', csv instanceof Blob ? csv : new Blob([csv], { type: 'text/csv' }), 'contacts.csv');
    const response = await fetch(`${this.server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'apollo-require-preflight': '1' },
      body: form,
    });
    return response.json();
  }

  // Every frame of a subscription, until `stop` is called.
  watch(query, variables, onFrame) {
    const client = createClient({
      url: `${this.server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.key}` },
      retryAttempts: 0,
    });
    const state = { error: null, ended: false, closes: 0 };
    client.on('closed', () => { state.closes += 1; });
    client.subscribe({ query, variables }, {
      next: ({ data, errors }) => onFrame(data, errors),
      error: (error) => { state.error = error; },
      complete: () => { state.ended = true; },
    });
    return { state, stop: () => client.dispose() };
  }

  // Resolves with the last state of a job.
  async jobDone(id) {
    let last;
    await new Promise((done, fail) => {
      const watch = this.watch(
        'subscription ($id: ID!) { bulkJob(id: $id) { status total done succeeded skipped failed lastError } }',
        { id },
        (data, errors) => {
          if (errors) return fail(new Error(JSON.stringify(errors)));
          last = data.bulkJob;
          if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(last.status)) { watch.stop(); done(); }
        },
      );
    });
    return last;
  }
}

// A browser without scripts: keeps cookies, and submits forms with their hidden fields.
export class Browser {
  cookies = new Map();

  async send(url, init = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { cookie, ...init.headers } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
    }
    return response;
  }

  async open(url) {
    const response = await this.send(url);
    return { status: response.status, html: await response.text(), url };
  }

  async submit(page, fields = {}, index = 0) {
    const forms = [...page.html.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
    if (!forms[index]) throw new Error(`no form on a page with status ${page.status}`);
    const [, action, body] = forms[index];
    const data = new URLSearchParams(fields);
    for (const [tag] of body.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(tag)[1];
      if (!data.has(name)) data.set(name, /value="([^"]*)"/.exec(tag)[1]);
    }
    return this.send(new URL(action, page.url), {
      method: 'POST',
      body: data,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    });
  }
}

// The parts of an email that scenarios check.
export function readEmail(raw) {
  const head = (name) => new RegExp(`^${name}: (.*)$`, 'mi').exec(raw)?.[1].trim();
  const text = raw.replace(/=\r?\n/g, '').replace(/=3D/g, '=');
  return {
    messageId: head('Message-ID'), subject: head('Subject'), link: /https?:\/\/\S+\/link\/[\w-]+/.exec(text)?.[0],
    code: /^ *(\d{3} ?\d{3})\s*$/m.exec(text)?.[1].replace(' ', ''),
  };
}
