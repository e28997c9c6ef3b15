// Import, invite, mail, redeem: counted live to the last one, against a real SMTP server and a real WebSocket client.
//   node tests/scenario/scenario.mjs [--contacts 10000] [--redeem 500] [--report FILE]
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Browser, Client, readMail } from './lib/client.mjs';
import { folder, Server, startSink, until } from './lib/processes.mjs';
import { peopleCsv } from './lib/people.mjs';

const { values } = parseArgs({ options: {
  contacts: { type: 'string', default: '10000' }, redeem: { type: 'string', default: '500' }, report: { type: 'string' } } });
const contacts = Number(values.contacts);
const redeem = Number(values.redeem);
const steps = [];
async function step(name, work) {
  const began = performance.now();
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
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
  const account = await server.makeAccount('acme');
  const client = new Client(server, account.apiKey);
  const people = peopleCsv(contacts);

  const imported = await step(`import a CSV of ${contacts} rows`, async () => {
    const { data, errors } = await client.upload(people.csv);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data.importContacts.unknownColumns, ['shoe size']);
    return client.jobDone(data.importContacts.bulkJob.id);
  });
  assert.equal(imported.status, 'SUCCEEDED');
  assert.equal(imported.failed, people.faulty, 'each faulty row is reported');
  assert.equal(imported.done, contacts);

  const frames = [];
  watch = client.watch('subscription { portalStats { invited active invitedTotal version } }', {}, (data) => frames.push(data.portalStats));
  await until('the first frame', () => frames.length > 0);

  await step('invite them all, until the last mail arrived', async () => {
    const data = await client.ask(`mutation { inviteContacts(input: { filter: { portalStatus: [NOT_INVITED] } }) {
      count bulkJob { id } } }`);
    assert.equal(data.inviteContacts.count, people.valid);
    const [job] = await Promise.all([client.jobDone(data.inviteContacts.bulkJob.id), sink.reached(people.valid)]);
    assert.equal(job.succeeded, people.valid);
  });
  const mails = sink.mails.map((mail) => ({ to: mail.to.toLowerCase(), ...readMail(mail.raw) }));
  assert.equal(mails.length, people.valid);
  assert.equal(new Set(mails.map((mail) => mail.to)).size, people.valid, 'one mail each');
  assert.equal(new Set(mails.map((mail) => mail.messageId)).size, people.valid);

  await step(`redeem ${redeem} links through their pages`, async () => {
    const queue = mails.slice(0, redeem);
    const visit = async () => {
      for (let mail = queue.pop(); mail; mail = queue.pop()) {
        const browser = new Browser();
        const page = await browser.open(mail.link);
        assert.equal(page.status, 200);
        const landed = await browser.press(page);
        assert.equal(landed.status, 303, 'the button leads into the portal');
        const home = await browser.open(new URL(landed.headers.get('location'), page.url));
        assert.equal(home.status, 200, 'and there they are signed in');
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
  const { portalStats } = await client.ask('{ portalStats { invited active invitedTotal version } }');
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
