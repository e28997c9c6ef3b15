// Several kill -9 during a bulk invitation, each followed by a start: every contact gets an email, only emails that were being sent
// or were not yet marked as sent are duplicated, with the same Message-ID, and either copy's link can be redeemed, once in total.
//   node tests/scenario/kill.mjs [--contacts 10000]
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Browser, Client, readEmail } from './lib/client.mjs';
import { folder, Server, sleep, startSink, until } from './lib/processes.mjs';
import { peopleCsv } from './lib/people.mjs';

const { values } = parseArgs({ options: { contacts: { type: 'string', default: '10000' }, report: { type: 'string' } } });
const contacts = Number(values.contacts);
// Emails that are being sent, or whose outcome is not written yet: `MAX_UNMARKED` of src/messages/jobs.rs.
const DUPLICATES_PER_KILL = 128;

const home = await folder();
const sink = await startSink();
const server = new Server(home.path, { SMTP_URL: sink.url });
try {
  await server.start();
  const account = await server.createAccount('acme');
  const client = new Client(server, account.apiKey);
  const people = peopleCsv(contacts);
  const { data } = await client.upload(people.csv);
  await client.jobDone(data.importContacts.bulkJob.id);
  const invited = await client.execute(`mutation { inviteContacts(input: { filter: { portalStatus: [NOT_INVITED] } }) { bulkJob { id } } }`);
  const kills = [0.1, 0.4, 0.7];
  for (const part of kills) {
    await sink.reached(Math.floor(people.valid * part));
    await server.stop('SIGKILL');
    await server.start();
  }
  const allArrived = () => new Set(sink.mails.map((mail) => mail.to.toLowerCase())).size === people.valid;
  await until('every contact has an email', allArrived, 240);
  await until('no message is waiting', async () => {
    const { messages } = await client.execute('{ messages(status: SENT) { totalCount } }');
    return messages.totalCount === people.valid;
  }, 120);
  await sleep(500);

  const copies = new Map();
  for (const mail of sink.mails) {
    const address = mail.to.toLowerCase();
    copies.set(address, [...(copies.get(address) ?? []), readEmail(mail.raw)]);
  }
  const twice = [...copies.values()].filter((mails) => mails.length > 1);
  assert.ok(twice.length <= DUPLICATES_PER_KILL * kills.length, `${twice.length} emails arrived twice`);
  for (const mails of twice) {
    assert.equal(new Set(mails.map((mail) => mail.messageId)).size, 1, 'copies carry the same Message-ID');
    assert.equal(new Set(mails.map((mail) => mail.link)).size, mails.length, 'each copy has its own secret');
  }
  const job = await client.execute('query ($id: ID!) { bulkJob(id: $id) { status succeeded done total } }', { id: invited.inviteContacts.bulkJob.id });
  assert.deepEqual(job.bulkJob, { status: 'SUCCEEDED', succeeded: people.valid, done: people.valid, total: people.valid });
  const { portalStats } = await client.execute('{ portalStats { invited active invitedTotal } }');
  assert.deepEqual(portalStats, { invited: people.valid, active: 0, invitedTotal: people.valid });

  for (const mails of twice.slice(0, 5)) {
    const [older, newer] = [mails[0], mails.at(-1)];
    const browser = new Browser();
    const page = await browser.open(older.link);
    assert.equal(page.status, 200, 'the first copy still works');
    assert.equal((await browser.submit(page)).status, 303);
    const otherBrowser = new Browser();
    const again = await otherBrowser.open(newer.link);
    const used = again.status === 410 ? again : { status: (await otherBrowser.submit(again)).status };
    assert.equal(used.status, 410, 'and the other copy is used up as well');
  }
  const summary = `${people.valid} contacts, ${sink.mails.length} mails, ${twice.length} of them twice after ${kills.length} kills`;
  console.log(summary);
  if (values.report) await writeFile(values.report, `${summary}\n`);
} finally {
  await server.stop();
  sink.stop();
  await home.remove();
}
