// Thousands of sockets that come and go, with sign-ins beside them: the server's memory and open files stay flat. Prints a Markdown table.
//   scripts/soak [--minutes 30] [--sockets 5000] [--accounts 4] [--report FILE]
import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { folder, freePort, sleep, startSink, until } from './lib/processes.mjs';
import { openPortal } from './lib/portal.mjs';
import { Observer } from './lib/soak/observer.mjs';
import { People } from './lib/soak/people.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, sockets: { type: 'string', default: '5000' },
  accounts: { type: 'string', default: '4' }, report: { type: 'string' } } });
const [minutes, sockets] = [Number(values.minutes), Number(values.sockets)];
// One process of Node.js opens about a hundred a second beside everything else.
const PROCESSES = 2;
const CLIENTS = fileURLToPath(new URL('./lib/soak/clients.mjs', import.meta.url));

// Their processes, and what they have counted.
class Clients {
  constructor(url, keys) {
    this.children = Array.from({ length: PROCESSES }, () => fork(CLIENTS, [url, String(Math.ceil(sockets / PROCESSES)), ...keys]));
    this.failed = Promise.race(this.children.map((child) => new Promise((_, fail) => {
      child.once('exit', (code) => fail(new Error(`a process of clients ended with ${code}`)));
    })));
    // That they end when they are told to is no failure.
    this.failed.catch(() => {});
    this.before = { opened: 0, frames: 0, at: performance.now() };
  }

  async ask(message) {
    const answers = Promise.all(this.children.map((child) => new Promise((done) => {
      child.once('message', done);
      child.send(message);
    })));
    const reports = await Promise.race([answers, this.failed]);
    return reports.reduce((sum, counts) => add(sum, counts));
  }

  // Per second since the last time.
  async rates() {
    const [{ opened, frames }, at, before] = [await this.ask('report'), performance.now(), this.before];
    this.before = { opened, frames, at };
    const seconds = (at - before.at) / 1_000;
    return { opened: (opened - before.opened) / seconds, frames: (frames - before.frames) / seconds };
  }

  kill() {
    for (const child of this.children) child.kill();
  }
}

function add(one, other) {
  return Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => {
    const [left, right] = [one[name] ?? 0, other[name] ?? 0];
    return [name, typeof (one[name] ?? other[name]) === 'object' ? add(left || {}, right || {}) : left + right];
  }));
}

async function createAccounts(portal) {
  const accounts = [{ slug: 'acme', key: portal.key }];
  for (let number = 2; number <= Number(values.accounts); number += 1) {
    const { apiKey } = await portal.server.createAccount(`acme${number}`);
    accounts.push({ slug: `acme${number}`, key: { authorization: `Bearer ${apiKey}` } });
  }
  return accounts;
}

// So that the first row has all connections of the pool.
async function warmUp({ caller, key }) {
  const one = () => caller.execute('{ contacts(first: 5) { nodes { id } } portalStats { invited } }', {}, key);
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 16 }, one));
  await sleep(5_000);
}

async function run(observer, clients, people) {
  for (let minute = 1; minute <= minutes; minute += 1) {
    await sleep(60_000);
    await observer.sample(minute, await clients.rates());
  }
  await people.stop();
  const counted = await clients.ask('stop');
  await until('all sockets are gone', async () => (await observer.metrics())('graphql_sockets') === 0, 120);
  await sleep(60_000);
  await observer.sample('all have left');
  return counted;
}

function report(observer, people, { opened, frames, results, reset, closes }) {
  const judgements = observer.judge(sockets);
  const { joined, links, logins, passwords, changes, failed } = people.counts;
  const lines = [observer.table(), '',
    `${opened} sockets opened, ${reset} of them cut off by the client; ${frames} frames of counts and ${results} other results received; `
      + `close codes ${JSON.stringify(closes)}.`,
    `${joined} joined by an invitation, ${links} signed in by a link, ${logins} by a login email, ${passwords} by a password; `
      + `${changes} other changes of counts; ${failed} failed${people.lastError ? `, the last one with: ${people.lastError}` : ''}.`, '',
    ...judgements.map(({ text, good }) => `- ${good ? 'good' : '**not good**'}: ${text}`)];
  console.log(`\n${lines.join('\n')}`);
  if (judgements.some(({ good }) => !good) || !logins) process.exitCode = 1;
  return lines.join('\n');
}

const home = await folder();
const sink = await startSink();
const metricsPort = await freePort();
const portal = await openPortal(home.path, { SMTP_URL: sink.url, RUST_LOG: 'error', VESTIBULE_DAILY_MESSAGES: '10000000',
  VESTIBULE_SOCKETS_PER_SOURCE: '20000', VESTIBULE_METRICS_LISTEN: `127.0.0.1:${metricsPort}` });
let clients;
async function stop() {
  clients?.kill();
  portal.caller.close();
  await portal.server.stop();
  await sink.stop();
  await home.remove();
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().finally(() => process.exit(1)));
try {
  const accounts = await createAccounts(portal);
  await warmUp(portal);
  const observer = new Observer({ portal, metricsPort });
  await sleep(2_000);
  await observer.sample('start');
  const people = new People({ caller: portal.caller, accounts, sink });
  clients = new Clients(portal.server.url, accounts.map(({ key }) => key.authorization.split(' ')[1]));
  const counted = await run(observer, clients, people);
  await observer.stop();
  const text = report(observer, people, counted);
  if (values.report) await writeFile(values.report, `${text}\n`);
} finally {
  await stop();
}
