// Import, invite, send, redeem, with live counts, a real SMTP server and a real WebSocket client.
//   node tests/scenario/scenario.mjs [--contacts 10000] [--redeem 500] [--report FILE]
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Browser, Client, readEmail } from './lib/client.mjs';
import { folder, Server, startSink, until } from './lib/processes.mjs';
import { peopleCsv } from './lib/people.mjs';

const { values } = parseArgs({ options: {
  contacts: { type: 'string', default: '10000' }, redeem: { type: 'string', default: '500' }, report: { type: 'string' } } });
const contacts = Number(values.contacts);
const redeem = Number(values.redeem);
const steps = [];
async function step(name, work) {
  const startedAt = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  steps.push([name, seconds]);
  console.log(`${name}: ${seconds.toFixed(2)} s`);
  return result;
}

const home = await folder();
const sink = await startSink();
const server = new Server(home.path, { SMTP_URL: sink.url });
let watch;
try {
  await step('start', () => server.start());
  const account = await server.createAccount('acme');
  const client = new Client(server, account.apiKey);
  const people = peopleCsv(contacts);

  const imported = await step(`import a CSV of ${contacts} rows`, async () => {
    const { data, errors } = await client.upload(people.csv);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data.importContacts.unknownColumns, ['shoe size']);
    return client.jobDone(data.importContacts.bulkJob.id);
  });
  assert.equal(imported.status, 'SUCCEEDED');
  assert.equal(imported.failed, people.invalid, 'each invalid row is reported');
  assert.equal(imported.done, contacts);

  const frames = [];
  watch = client.watch('subscription { portalStats { invited active invitedTotal version } }', {}, (data) => frames.push(data.portalStats));
  await until('the first frame', () => frames.length > 0);

  await step('invite all contacts, until the last email has arrived', async () => {
    const data = await client.execute(`mutation { inviteContacts(input: { filter: { portalStatus: [NOT_INVITED] } }) {
      count bulkJob { id } } }`);
    assert.equal(data.inviteContacts.count, people.valid);
    const [job] = await Promise.all([client.jobDone(data.inviteContacts.bulkJob.id), sink.reached(people.valid)]);
    assert.equal(job.succeeded, people.valid);
  });
  const mails = sink.mails.map((mail) => ({ to: mail.to.toLowerCase(), ...readEmail(mail.raw) }));
  assert.equal(mails.length, people.valid);
  assert.equal(new Set(mails.map((mail) => mail.to)).size, people.valid, 'one email each');
  assert.equal(new Set(mails.map((mail) => mail.messageId)).size, people.valid);

  await step(`redeem ${redeem} links through their pages`, async () => {
    const queue = mails.slice(0, redeem);
    const visit = async () => {
      for (let mail = queue.pop(); mail; mail = queue.pop()) {
        const browser = new Browser();
        const page = await browser.open(mail.link);
        assert.equal(page.status, 200);
        const redirect = await browser.submit(page);
        assert.equal(redirect.status, 303, 'the button redirects to the portal');
        const home = await browser.open(new URL(redirect.headers.get('location'), page.url));
        assert.equal(home.status, 200, 'the contact is signed in there');
      }
    };
    await Promise.all(Array.from({ length: 8 }, visit));
  });

  const last = () => frames.at(-1);
  await until('the last frame', () => last().active === redeem && last().invited === people.valid - redeem, 10);
  assert.equal(last().invitedTotal, people.valid);
  for (let i = 1; i < frames.length; i += 1) {
    assert.ok(frames[i].version > frames[i - 1].version, 'versions only grow');
  }
  const { portalStats } = await client.execute('{ portalStats { invited active invitedTotal version } }');
  assert.deepEqual(portalStats, last());
  console.log(`${frames.length} frames; the last: invited ${last().invited}, active ${last().active}`);
} finally {
  watch?.stop();
  await server.stop();
  sink.stop();
  await home.remove();
}
if (values.report) {
  const table = steps.map(([name, seconds]) => `| ${name} | ${seconds.toFixed(2)} |`).join('\n');
  await writeFile(values.report, `| step | seconds |\n| --- | --- |\n${table}\n`);
}
