// One account mails many contacts while contacts of another request login codes, at a healthy, a slow and a tarpitting mail server:
// the codes arrive within a second. A kill in between repeats at most what was in flight. A mail server that was down is used again
// within ten seconds.
//   node tests/scenario/mail.mjs [--contacts 2000] [--slow 200] [--codes 20] [--outage 12]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { Client, readEmail } from './lib/client.mjs';
import { folder, Server, sleep, startSink, until } from './lib/processes.mjs';

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '2000' },
    slow: { type: 'string', default: '200' },
    codes: { type: 'string', default: '20' },
    outage: { type: 'string', default: '12' },
  },
});
const [contacts, slow, codes, outage] = [values.contacts, values.slow, values.codes, values.outage].map(Number);
// `MAX_UNMARKED` of src/messages/jobs.rs.
const DUPLICATES_PER_KILL = 128;
const TARPIT = 'tarpit.example';

const addresses = (count, domain) => Array.from({ length: count }, (_, number) => `person${number}@${domain}`);

async function withServer(run, sinkOptions) {
  const home = await folder();
  const sink = await startSink(sinkOptions);
  const server = new Server(home.path, { SMTP_URL: sink.url });
  try {
    await server.start();
    return await run(server, sink);
  } finally {
    await server.stop();
    await sink.stop();
    await home.remove();
  }
}

async function invite(server, account, emails) {
  const client = new Client(server, account.apiKey);
  const csv = ['email', ...emails].join('\n');
  const { data } = await client.upload(csv, true);
  return data.importContacts.bulkJob.id;
}

// The milliseconds from each request to the arrival of its code, in ascending order.
async function codeTimes(server, sink) {
  const times = [];
  for (let number = 0; number < codes; number += 1) {
    const email = `reader${number}@people.example`;
    const began = performance.now();
    const { data } = await new Client(server).request(
      'mutation ($email: EmailAddress!) { requestLoginCode(input: { portal: "other", email: $email }) { challengeId } }', { email });
    assert.ok(data.requestLoginCode.challengeId);
    const arrival = () => sink.mails.find((mail) => mail.to === email);
    await until(`the code for ${email}`, arrival, 120);
    times.push(arrival().at - began);
  }
  return times.sort((one, other) => one - other);
}

function duplicates(sink) {
  const copies = new Map();
  for (const mail of sink.mails) copies.set(mail.to, [...(copies.get(mail.to) ?? []), readEmail(mail.raw).messageId]);
  const twice = [...copies.values()].filter((ids) => ids.length > 1);
  for (const ids of twice) assert.equal(new Set(ids).size, 1, 'copies carry the same Message-ID');
  return twice.length;
}

async function measure(name, sinkOptions, bulk, expected) {
  await withServer(async (server, sink) => {
    const acme = await server.createAccount('acme');
    const other = await server.createAccount('other');
    const readers = addresses(codes, 'people.example').map((email) => email.replace('person', 'reader'));
    await new Client(server, other.apiKey).jobDone(await invite(server, other, readers));
    await until('the invitations of the readers', () => sink.mails.length === codes, 120);
    sink.mails.length = 0;

    await invite(server, acme, bulk);
    await sink.reached(5);
    const times = await codeTimes(server, sink);
    const during = sink.mails.length - codes;
    assert.ok(times.at(-1) < 1_000, `a code took ${Math.round(times.at(-1))} ms`);

    await server.stop('SIGKILL');
    await server.start();
    const arrived = () => new Set(sink.mails.map((mail) => mail.to)).size >= expected + codes;
    await until('every email that can arrive', arrived, 300);
    await sleep(500);
    const twice = duplicates(sink);
    assert.ok(twice <= DUPLICATES_PER_KILL, `${twice} emails arrived twice`);
    console.log(`${name}: codes within ${Math.round(times[Math.floor(times.length / 2)])} ms (median), `
      + `${Math.round(times.at(-1))} ms (slowest of ${codes}), while ${during} of ${bulk.length} invitations arrived; `
      + `${twice} of ${sink.mails.length} mails twice after a kill`);
  }, sinkOptions);
}

await measure('healthy', [], addresses(contacts, 'bulk.example'), contacts);
await measure('one second a mail', ['--delay', '1'], addresses(slow, 'bulk.example'), slow);
const tarpitted = addresses(64, TARPIT);
await measure('tarpit', ['--tarpit', TARPIT, '--delay', '0.1'], [...tarpitted, ...addresses(slow, 'bulk.example')], slow);

await withServer(async (server, sink) => {
  const acme = await server.createAccount('acme');
  await sink.stop();
  await invite(server, acme, addresses(50, 'bulk.example'));
  await sleep(outage * 1000);
  const began = performance.now();
  const again = await startSink([], sink.port);
  try {
    await until('all emails after the outage', () => again.mails.length >= 50, 10);
    assert.equal(duplicates(again), 0);
    console.log(`down for ${outage} s: all ${again.mails.length} mails ${Math.round(performance.now() - began)} ms after the server was back`);
  } finally {
    await again.stop();
  }
}, []);
