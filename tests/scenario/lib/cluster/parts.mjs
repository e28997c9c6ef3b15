// Proves that a cluster uses its parts: nudges go over NATS, and reports are read from the replica.
import assert from 'node:assert/strict';
import { Client } from '../client.mjs';
import { until } from '../processes.mjs';

const REPORT = '{ portalStatsHistory(from: "2026-01-01", to: "2026-01-07", interval: DAY) { joined } }';
const INVITE = 'mutation ($email: String!) { inviteContacts(input: { emails: [$email] }) { count } }';

// The metrics of a gateway or the worker, by their names without `vestibule_`.
export async function metrics(cluster, { name }) {
  const response = await fetch(`http://127.0.0.1:${cluster.ports[`${name}Metrics`]}/metrics`);
  const lines = (await response.text()).matchAll(/^vestibule_(\w+) (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, metric, value]) => [metric, Number(value)]));
}

const ofAll = (cluster) => Promise.all(cluster.gateways.map((gateway) => metrics(cluster, gateway)));

export async function assertPartsUsed(cluster, key) {
  await until('NATS and the replica are used', async () => (await ofAll(cluster))
    .every((each) => each.bus_connected === 1 && each.replica_usable === 1 && each.replica_lag_seconds < 5), 30);
  await assertNats(cluster, key);
  await assertReplica(cluster, key);
}

// What the first gateway announces reaches the others, and NATS has passed it on.
async function assertNats(cluster, key) {
  const own = [...cluster.gateways, cluster.worker];
  const nats = async (page) => (await fetch(`http://127.0.0.1:${cluster.ports.natsMonitor}/${page}`)).json();
  assert.ok((await nats('connz')).num_connections >= own.length, 'each gateway and the worker are connected to NATS');
  const [before, passed] = [await ofAll(cluster), (await nats('varz')).in_msgs];
  await new Client(cluster.gateways[0], key).execute(INVITE, { email: 'parts@example.com' });
  await until('the other gateways receive what the first one sends', async () => {
    const [first, ...others] = (await ofAll(cluster)).map((now, place) => ({
      sent: now.bus_sent_total - before[place].bus_sent_total, received: now.bus_received_total - before[place].bus_received_total }));
    return first.sent > 0 && others.every(({ received }) => received >= first.sent);
  }, 10);
  assert.ok((await nats('varz')).in_msgs > passed, 'NATS has passed messages on');
  for (const each of await ofAll(cluster)) assert.equal(each.bus_ignored_total, 0, 'all messages are known');
}

// A report reads tables of the replica, as the replica itself counts.
async function assertReplica(cluster, key) {
  const reads = async () => Number(await cluster.sqlOnReplica('select sum(seq_scan + coalesce(idx_scan, 0)) from pg_stat_user_tables'));
  const [before, metricsBefore] = [await reads(), await ofAll(cluster)];
  for (const gateway of cluster.gateways) {
    for (let turn = 0; turn < 5; turn += 1) await new Client(gateway, key).execute(REPORT);
  }
  await until('the replica has read tables', async () => await reads() > before, 30);
  const after = await ofAll(cluster);
  after.forEach((each, place) => assert.equal(each.replica_fallbacks_total, metricsBefore[place].replica_fallbacks_total, 'nothing fell back'));
}
