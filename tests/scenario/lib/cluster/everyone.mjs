// Many accounts: a little load over all of them, and in the end their counts at every gateway and in the database.
import assert from 'node:assert/strict';
import { Client } from '../client.mjs';
import { until } from '../processes.mjs';
import { RetryingLoad, Watch } from './load.mjs';

const COMMANDS_AT_ONCE = 2;
const INVITE = 'mutation ($email: String!) { inviteContacts(input: { emails: [$email] }) { count } }';
const COUNTS = ['invited', 'active', 'invitedTotal'];

export async function createAccounts(cluster, slugs) {
  const accounts = new Map();
  const left = [...slugs];
  const create = async () => {
    for (let slug = left.shift(); slug; slug = left.shift()) {
      const printed = await cluster.command('account', 'create', '--slug', slug, '--name', slug, '--owner', `owner@${slug}.example`, '--api-key');
      accounts.set(slug, JSON.parse(printed).apiKey);
    }
  };
  await Promise.all(Array.from({ length: COMMANDS_AT_ONCE }, create));
  return slugs.map((slug) => ({ slug, key: accounts.get(slug) }));
}

const pick = (list) => list[Math.floor(Math.random() * list.length)];

// The loops of one load, each request for one of many accounts.
export class SpreadLoad extends RetryingLoad {
  constructor(server, accounts, name) {
    super(server, accounts[0].key, name);
    this.accounts = accounts;
  }

  graphql(query, variables, headers) {
    return super.graphql(query, variables, { ...this.caller(), ...headers });
  }

  // A mutation is repeated by its caller.
  invent() {
    return Object.assign(super.invent(), { headers: this.caller() });
  }

  caller() {
    return { authorization: `Bearer ${pick(this.accounts).key}` };
  }
}

// Of `count` random accounts: each gateway shows the same counts and version, and they are what the rows say.
export async function assertEveryone(cluster, accounts, count) {
  const chosen = [...accounts].sort(() => Math.random() - 0.5).slice(0, count);
  const watches = chosen.map(({ key }) => cluster.gateways.map((gateway) => new Watch(gateway, key)));
  try {
    await until('all gateways show all accounts', () => watches.flat().every(({ last }) => last), 60);
    await changeAll(cluster, chosen);
    const rows = await counted(cluster);
    await until('all gateways show the same', () => chosen.every(({ slug }, place) => same(watches[place], rows.get(slug))), 30);
    await assertQueries(cluster, chosen, rows);
  } finally {
    await Promise.all(watches.flat().map((watch) => watch.stop()));
  }
  return chosen.length;
}

// One more invitation each, at a gateway by turns, which the others have to show.
async function changeAll({ gateways }, accounts) {
  for (const [place, { slug, key }] of accounts.entries()) {
    await new Client(gateways[place % gateways.length], key).execute(INVITE, { email: `last@${slug}.example` });
  }
}

function same(watches, row) {
  return watches.every(({ last }) => last.version === watches[0].last.version && last.invited === row.invited);
}

// By the rows of the contacts.
async function counted(cluster) {
  const lines = await cluster.sql(`select a.slug, count(c.id) filter (where status = 1), count(c.id) filter (where status = 2),
    count(c.id) filter (where c.first_invited_at is not null) from accounts a left join contacts c on c.account_id = a.id group by a.slug`);
  return new Map(lines.split('\n').map((line) => {
    const [slug, ...counts] = line.split('|');
    return [slug, Object.fromEntries(COUNTS.map((name, place) => [name, Number(counts[place])]))];
  }));
}

async function assertQueries({ gateways }, accounts, rows) {
  for (const { slug, key } of accounts) {
    const answers = await Promise.all(gateways.map((gateway) => new Client(gateway, key)
      .execute(`{ portalStats { ${COUNTS.join(' ')} version } }`)));
    const [first, ...others] = answers.map(({ portalStats: { version, ...counts } }) => ({ version, counts }));
    assert.deepEqual(first.counts, rows.get(slug), `the counts of ${slug}`);
    for (const other of others) assert.deepEqual(other, first, `the counts of ${slug} at another gateway`);
  }
}
