// A cluster with all its parts: counts, limits and revocations hold at every gateway, and each gateway is replaced without a failure. Then
// each part is killed in turn under load: clients that repeat their requests lose nothing, no email is sent twice beyond those in flight,
// and every gateway shows the same counts. Prints Markdown tables.
//   scripts/cluster test [--accounts 120] [--report FILE]
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readEmail } from './lib/client.mjs';
import { Cluster } from './lib/cluster.mjs';
import { startAlone } from './lib/cluster/alone.mjs';
import { Drill, restart } from './lib/cluster/drill.mjs';
import { assertEveryone, createAccounts, SpreadLoad } from './lib/cluster/everyone.mjs';
import { assertLatency, measureLatency } from './lib/cluster/latency.mjs';
import { assertLimits, measureLimits } from './lib/cluster/limits.mjs';
import { RetryingLoad, Watch } from './lib/cluster/load.mjs';
import { assertPartsUsed } from './lib/cluster/parts.mjs';
import { latencyTable, limitsTable, revocationsTable, rollingText } from './lib/cluster/report.mjs';
import { assertRevocations, measureRevocations } from './lib/cluster/revocations.mjs';
import { assertRolling, measureRolling } from './lib/cluster/rolling.mjs';
import { sleep, startSink, until } from './lib/processes.mjs';

const { values } = parseArgs({ options: { accounts: { type: 'string', default: '120' }, report: { type: 'string' } } });
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

// What clients were told of their invitations is what the database has.
async function assertAccepted(cluster, loads) {
  for (const { name, accepted } of loads) {
    const rows = await cluster.sql(`select count(*) from contacts where email_key like '${name}-%'`);
    assert.equal(Number(rows), accepted.size, `the invitations of ${name}`);
  }
}

// Every accepted invitation was sent; what was sent twice was in flight at a kill.
async function assertEmails(loads, sink) {
  const accepted = new Set(loads.flatMap((load) => [...load.accepted.keys()]));
  const copies = () => group(sink.mails.filter(({ to }) => accepted.has(to)));
  await until('every accepted invitation was sent', () => [...accepted].every((email) => copies().has(email)), 120);
  const twice = [...copies().values()].filter((mails) => mails.length > 1);
  assert.ok(twice.length <= DUPLICATES_PER_KILL * KILLS.length, `${twice.length} emails arrived twice`);
  for (const mails of twice) assert.equal(new Set(mails.map(({ raw }) => readEmail(raw).messageId)).size, 1, 'copies have the same Message-ID');
  return { accepted: accepted.size, mails: [...copies().values()].flat().length, twice: twice.length };
}

function group(mails) {
  const groups = new Map();
  for (const mail of mails) groups.set(mail.to, [...(groups.get(mail.to) ?? []), mail]);
  return groups;
}

// Before anything is killed: what is true of all gateways together.
async function measureTogether(cluster, accounts, sink) {
  await assertPartsUsed(cluster, accounts[0].key);
  const alone = await startAlone(cluster, sink);
  const latency = await measureLatency(cluster, accounts[0].key, alone).finally(() => alone.stop());
  console.log(latencyTable(latency));
  assertLatency(latency);
  const limits = await measureLimits(cluster, accounts[0].key, sink);
  console.log(limitsTable(limits));
  assertLimits(limits);
  const revocations = await measureRevocations(cluster, sink);
  console.log(revocationsTable(revocations));
  assertRevocations(revocations);
  return [latencyTable(latency), limitsTable(limits), revocationsTable(revocations)];
}

async function drillAll(drill, cluster) {
  for (const [name, fault] of Object.entries(faults(cluster))) await drill.run(name, fault);
}

async function run(cluster, sink, open) {
  const slugs = Array.from({ length: Number(values.accounts) }, (_, place) => (place ? `acme${place + 1}` : 'acme'));
  const accounts = await createAccounts(cluster, slugs);
  const tables = await measureTogether(cluster, accounts, sink);
  const loads = [new RetryingLoad(cluster, accounts[0].key, 'one'), new RetryingLoad(cluster, accounts[1].key, 'two'),
    new SpreadLoad(cluster, accounts.slice(2), 'many')];
  const watches = cluster.gateways.map((gateway) => new Watch(gateway, accounts[0].key));
  open.push(...loads, ...watches);
  const rolling = await measureRolling(cluster, accounts[0].key, loads);
  console.log(rollingText(rolling));
  assertRolling(rolling);
  const drill = new Drill({ loads, watches, sink });
  await drillAll(drill, cluster);

  await Promise.all(loads.map((load) => load.finish()));
  await assertAccepted(cluster, loads);
  drill.assertVersionsGrow();
  const emails = await assertEmails(loads, sink);
  const compared = await assertEveryone(cluster, accounts, 100);
  return [...tables, rollingText(rolling), drill.table(), `${drill.attempts().length} requests. ${emails.accepted} invitations accepted, `
    + `${emails.mails} emails, ${emails.twice} of them twice. ${compared} accounts: the same counts and version at each gateway, and the counts `
    + 'equal the rows.'].join('\n\n');
}

const sink = await startSink();
const cluster = new Cluster({ SMTP_URL: sink.url });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cluster.stop().finally(() => process.exit(1)));
const open = [];
try {
  await cluster.start(console.error);
  const report = await run(cluster, sink, open);
  console.log(`\n${report}`);
  if (values.report) await writeFile(values.report, `${report}\n`);
} finally {
  for (const one of open) one.going = false;
  await Promise.allSettled(open.map((one) => one.stop()));
  await cluster.stop();
  await sink.stop();
}
