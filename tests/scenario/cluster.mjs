// Each part of a cluster is killed in turn under load: clients that repeat their requests lose nothing, no email is sent twice beyond
// those in flight, and every gateway shows the same counts. Prints recovery times as a Markdown table.
//   scripts/cluster test [--accounts 3] [--report FILE]
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readEmail } from './lib/client.mjs';
import { Cluster } from './lib/cluster.mjs';
import { Drill, restart } from './lib/cluster/drill.mjs';
import { RetryingLoad, Watch } from './lib/cluster/load.mjs';
import { sleep, startSink, until } from './lib/processes.mjs';

const { values } = parseArgs({ options: { accounts: { type: 'string', default: '3' }, report: { type: 'string' } } });
// Emails that are being sent, or whose outcome is not written yet: `MAX_UNMARKED` of src/messages/jobs.rs.
const DUPLICATES_PER_KILL = 128;

// Each kills what it names, and waits until it works again.
const faults = (cluster) => ({
  'nothing, for comparison': () => sleep(5_000),
  'a gateway, drained and stopped': async () => {
    const [gateway] = cluster.gateways;
    await cluster.balance(gateway, 'drain');
    await sleep(2_000);
    await gateway.stop();
    await restart(gateway);
    await cluster.balance(gateway, 'ready');
  },
  'a gateway': async () => {
    await cluster.gateways[1].kill();
    await restart(cluster.gateways[1]);
  },
  'the worker': async () => {
    await cluster.worker.kill();
    await restart(cluster.worker);
  },
  NATS: async () => {
    await cluster.nats.kill();
    await restart(cluster.nats);
  },
  'the replica': async () => {
    const replica = await cluster.replica();
    await replica.kill();
    await sleep(5_000);
    await replica.start();
    await cluster.replicated();
  },
  etcd: async () => {
    await cluster.etcd.kill();
    await restart(cluster.etcd);
  },
  HAProxy: async () => {
    await cluster.haproxy.kill();
    await restart(cluster.haproxy);
  },
  'the primary, switched over by Patroni': async () => {
    await cluster.switchOver();
    await cluster.replicated();
  },
  'the primary': async () => {
    const [primary, replica] = [await cluster.primary(), await cluster.replica()];
    await primary.kill();
    await until('the replica is the primary', () => replica.has('primary'));
    await primary.start();
    await cluster.replicated();
  },
});

// The names in `KILLS` end a sender or what it writes to.
const KILLS = ['the worker', 'the primary'];

async function createAccounts(cluster) {
  const accounts = [];
  for (let number = 1; number <= Number(values.accounts); number += 1) {
    // The pages of Load are those of `acme`.
    const slug = number === 1 ? 'acme' : `acme${number}`;
    const printed = await cluster.command('account', 'create', '--slug', slug, '--name', slug, '--owner', `owner@${slug}.example`, '--api-key');
    accounts.push({ slug, key: JSON.parse(printed).apiKey });
  }
  return accounts;
}

async function assertCountsEqualRows(cluster, accounts, loads) {
  const rows = await cluster.sql(`select a.slug, (select sum(invited) from account_counts c where c.account_id = a.id),
    (select count(*) from contacts c where c.account_id = a.id and c.status = 1) from accounts a order by random() limit 3`);
  for (const row of rows.split('\n')) {
    const [slug, counted, stored] = row.split('|');
    const load = loads[accounts.findIndex((account) => account.slug === slug)];
    assert.deepEqual([Number(counted), Number(stored)], [load.accepted.size, load.accepted.size], `the counts of ${slug}`);
  }
}

// Every accepted invitation was sent; what was sent twice was in flight at a kill.
async function assertEmails(loads, sink) {
  const accepted = new Set(loads.flatMap((load) => [...load.accepted.keys()]));
  const copies = () => group(sink.mails);
  await until('every accepted invitation was sent', () => [...accepted].every((email) => copies().has(email)), 120);
  const twice = [...copies().values()].filter((mails) => mails.length > 1);
  assert.ok(twice.length <= DUPLICATES_PER_KILL * KILLS.length, `${twice.length} emails arrived twice`);
  for (const mails of twice) assert.equal(new Set(mails.map(({ raw }) => readEmail(raw).messageId)).size, 1, 'copies have the same Message-ID');
  return { accepted: accepted.size, mails: sink.mails.length, twice: twice.length };
}

function group(mails) {
  const groups = new Map();
  for (const mail of mails) groups.set(mail.to, [...(groups.get(mail.to) ?? []), mail]);
  return groups;
}

async function assertSameCounts(watches, load) {
  await until('every gateway shows all invitations', () => watches.every(({ last }) => last.invited === load.accepted.size), 30);
  assert.equal(new Set(watches.map(({ last }) => last.version)).size, 1, 'every gateway shows the same version');
}

const sink = await startSink();
const cluster = new Cluster({ SMTP_URL: sink.url });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cluster.stop().finally(() => process.exit(1)));
const open = [];
try {
  await cluster.start(console.error);
  const accounts = await createAccounts(cluster);
  const loads = accounts.map(({ slug, key }) => new RetryingLoad(cluster, key, slug));
  const watches = cluster.gateways.map((gateway) => new Watch(gateway, accounts[0].key));
  open.push(...loads, ...watches);
  const drill = new Drill({ loads, watches, sink });
  for (const [name, fault] of Object.entries(faults(cluster))) await drill.run(name, fault);

  await Promise.all(loads.map((load) => load.finish()));
  await assertSameCounts(watches, loads[0]);
  await assertCountsEqualRows(cluster, accounts, loads);
  drill.assertVersionsGrow();
  const emails = await assertEmails(loads, sink);
  const summary = `${drill.attempts().length} requests. ${emails.accepted} invitations `
    + `accepted, ${emails.mails} emails, ${emails.twice} of them twice.`;
  console.log(`\n${drill.table()}\n\n${summary}`);
  if (values.report) await writeFile(values.report, `${drill.table()}\n\n${summary}\n`);
} finally {
  for (const one of open) one.going = false;
  await Promise.allSettled(open.map((one) => one.stop()));
  await cluster.stop();
  await sink.stop();
}
