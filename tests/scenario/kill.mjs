// kill -9 in the middle, several times, then a start: every contact has its mail, copies only of what was in flight, with
// the same Message-ID, and the links of both copies redeem, once together.
//   node tests/scenario/kill.mjs [--contacts 10000]
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Browser, Client, readMail } from './lib/client.mjs';
import { folder, Server, sleep, startSink, until } from './lib/processes.mjs';
import { peopleCsv } from './lib/people.mjs';

const { values } = parseArgs({ options: { contacts: { type: 'string', default: '10000' }, report: { type: 'string' } } });
const contacts = Number(values.contacts);
// So many mails are on their way at once at most.
const IN_FLIGHT = 64;

const home = await folder();
const sink = await startSink();
const server = new Server(home.path, { SMTP_URL: sink.url });
try {
  await server.start();
  const account = await server.makeAccount('acme');
  const client = new Client(server, account.apiKey);
  const people = peopleCsv(contacts);
  const { data } = await client.upload(people.csv);
  await client.jobDone(data.importContacts.bulkJob.id);
  const invited = await client.ask(`mutation { inviteContacts(input: { filter: { portalStatus: [NOT_INVITED] } }) { bulkJob { id } } }`);
  const kills = [0.1, 0.4, 0.7];
  for (const part of kills) {
    await sink.reached(Math.floor(people.valid * part));
    await server.stop('SIGKILL');
    await server.start();
  }
  const everybody = () => new Set(sink.mails.map((mail) => mail.to.toLowerCase())).size === people.valid;
  await until('every contact has its mail', everybody, 240);
  await until('nothing waits any more', async () => {
    const { messages } = await client.ask('{ messages(status: SENT) { totalCount } }');
    return messages.totalCount === people.valid;
  }, 120);
  await sleep(500);

  const copies = new Map();
  for (const mail of sink.mails) {
    const address = mail.to.toLowerCase();
    copies.set(address, [...(copies.get(address) ?? []), readMail(mail.raw)]);
  }
  const twice = [...copies.values()].filter((mails) => mails.length > 1);
  assert.ok(twice.length <= IN_FLIGHT * kills.length, `${twice.length} mails came twice`);
  for (const mails of twice) {
    assert.equal(new Set(mails.map((mail) => mail.messageId)).size, 1, 'copies carry the same Message-ID');
    assert.equal(new Set(mails.map((mail) => mail.link)).size, mails.length, 'each copy has a secret of its own');
  }
  const job = await client.ask('query ($id: ID!) { bulkJob(id: $id) { status succeeded done total } }', { id: invited.inviteContacts.bulkJob.id });
  assert.deepEqual(job.bulkJob, { status: 'SUCCEEDED', succeeded: people.valid, done: people.valid, total: people.valid });
  const { portalStats } = await client.ask('{ portalStats { invited active invitedTotal } }');
  assert.deepEqual(portalStats, { invited: people.valid, active: 0, invitedTotal: people.valid });

  for (const mails of twice.slice(0, 5)) {
    const [older, newer] = [mails[0], mails.at(-1)];
    const browser = new Browser();
    const page = await browser.open(older.link);
    assert.equal(page.status, 200, 'the first copy still works');
    assert.equal((await browser.press(page)).status, 303);
    const stranger = new Browser();
    const again = await stranger.open(newer.link);
    const used = again.status === 410 ? again : { status: (await stranger.press(again)).status };
    assert.equal(used.status, 410, 'and its twin is used with it');
  }
  const words = `${people.valid} contacts, ${sink.mails.length} mails, ${twice.length} of them twice after ${kills.length} kills`;
  console.log(words);
  if (values.report) await writeFile(values.report, `${words}\n`);
} finally {
  await server.stop();
  sink.stop();
  await home.remove();
}
