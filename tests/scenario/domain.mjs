// The account's own sending domain: set, its records in a DNS server, verified, an email that verifies by DKIM; the records
// removed, and emails come from the server's domain again.
//   node tests/scenario/domain.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Browser } from './lib/client.mjs';
import { DnsServer } from './lib/dns.mjs';
import { folder, PYTHON, Server, sleep, startSink, until } from './lib/processes.mjs';

const FIELDS = 'domain status problem records { purpose type name value found ok }';
const change = (verb) => `mutation ($domain: String!) { ${verb}SendingDomain(input: { domain: $domain }) { sendingDomain { ${FIELDS} } } }`;

const home = await folder();
const dns = new DnsServer(home.path);
await dns.serve([]);
const sink = await startSink();
const server = new Server(home.path, {
  SMTP_URL: sink.url, VESTIBULE_MAIL_FROM: 'portal@mail.server.example', VESTIBULE_BOUNCE_HOST: 'mx.server.example',
  VESTIBULE_DNS_SERVER: dns.address,
});

// The owner, in a browser that is signed in to the dashboard.
class Owner extends Browser {
  async signIn() {
    const printed = await server.command('account', 'sign-in', '--slug', 'acme', '--email', 'owner@acme.example');
    const page = await this.open(/http\S+\/dashboard\/link\/[\w-]+/.exec(printed)[0]);
    const response = await this.submit(page);
    assert.equal(response.status, 303, 'the owner is signed in');
  }

  async request(query, variables = {}) {
    const response = await this.send(`${server.url}/graphql`, {
      method: 'POST',
      body: JSON.stringify({ query, variables }),
      headers: { 'content-type': 'application/json', 'vestibule-account': 'acme', 'x-vestibule-csrf': '1', 'sec-fetch-site': 'same-origin', origin: server.url },
    });
    return response.json();
  }

  async execute(query, variables) {
    const { data, errors } = await this.request(query, variables);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  }

  async domain(verb) {
    return (await this.execute(change(verb), { domain: 'acme.example' }))[`${verb}SendingDomain`].sendingDomain;
  }

  async email(number) {
    await this.execute(`mutation { createContact(input: { email: "c${number}@example.com" }) { contact { id } } }`);
    const { contact } = await this.execute(`{ contact(email: "c${number}@example.com") { id } }`);
    await this.execute('mutation ($id: ID!) { sendLoginEmails(input: { contactIds: [$id] }) { messages { id } } }', { id: contact.id });
    await sink.reached(number);
    return sink.mails[number - 1];
  }
}

function dkim(raw) {
  return new Promise((done, fail) => {
    const script = new URL('dkim_verify.py', import.meta.url).pathname;
    const child = spawn(PYTHON, [script, String(dns.port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text) => { output += text; });
    child.on('close', (code) => (code === 0 ? done(JSON.parse(output)) : fail(new Error(`dkim_verify.py ended with ${code}`))));
    child.stdin.end(raw);
  });
}

const header = (mail, name) => new RegExp(`^${name}: (.*)$`, 'mi').exec(mail.raw)?.[1].trim();

try {
  await server.start();
  await server.createAccount('acme');
  const owner = new Owner();
  await owner.signIn();

  const set = await owner.domain('set');
  assert.equal(set.status, 'PENDING');
  for (const { type, name, value } of set.records) console.log(`publish: ${type} ${name} ${value.slice(0, 60)}`);
  await dns.serve(set.records);
  const verified = await owner.domain('verify');
  assert.equal(verified.status, 'VERIFIED', verified.problem);
  assert.ok(verified.records.every(({ ok }) => ok), JSON.stringify(verified.records));

  const mail = await owner.email(1);
  assert.equal(header(mail, 'From'), 'Acme <portal@acme.example>');
  assert.equal(mail.from, 'bounces@bounces.acme.example');
  const proof = await dkim(mail.raw);
  assert.deepEqual([proof.verified, proof.domain, proof.bits], [true, 'acme.example', 2048]);
  for (const name of ['from', 'to', 'subject', 'date', 'message-id', 'reply-to', 'mime-version', 'content-type', 'auto-submitted']) {
    assert.ok(proof.headers.includes(name), `${name} is signed: ${proof.headers}`);
  }
  console.log(`From ${header(mail, 'From')}, envelope ${mail.from}: DKIM verifies for ${proof.domain}`);
  for (const [what, changed] of [
    ['subject', mail.raw.replace(/^Subject: /m, 'Subject: Re: ')],
    ['content type', mail.raw.replace('multipart/alternative', 'multipart/mixed')],
    ['body', mail.raw.replace('/link/', '/l1nk/')],
    ['an added Reply-To', `Reply-To: eve@example.com\r\n${mail.raw}`],
  ]) {
    assert.notEqual(changed, mail.raw);
    assert.equal((await dkim(changed)).verified, false, `a changed ${what} does not verify`);
  }

  await dns.serve(set.records.filter(({ purpose }) => purpose !== 'DKIM'));
  let failed;
  await until('the next check', async () => {
    await sleep(1000);
    const { data } = await owner.request(change('verify'), { domain: 'acme.example' });
    failed = data.verifySendingDomain?.sendingDomain;
    return failed;
  });
  assert.equal(failed.status, 'FAILED');
  assert.match(failed.problem, /^No TXT record was found at vestibule-\w+\._domainkey\.acme\.example\.$/);
  const { portal } = await owner.execute(`{ portal { sendingDomain { ${FIELDS} } } }`);
  assert.deepEqual(portal.sendingDomain, failed, 'the API says why');
  console.log(`record removed: ${failed.status}. ${failed.problem}`);
  const later = await owner.email(2);
  assert.equal(header(later, 'From'), 'Acme <portal@mail.server.example>');
  assert.equal(later.from, 'portal@mail.server.example');
  assert.equal(header(later, 'DKIM-Signature'), undefined);
  console.log(`From ${header(later, 'From')}, envelope ${later.from}`);
} finally {
  await server.stop();
  await dns.stop();
  sink.stop();
  await home.remove();
}
