// The database stops responding, or accepts no writes, under load: every request gets a response in time and with a code,
// readiness reports the problem, and everything recovers by itself. No accepted email is lost.
//   node tests/scenario/frozen.mjs [--seconds 8] [--report FILE]
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Client } from './lib/client.mjs';
import { INVITED_AT_ONCE, Load } from './lib/load.mjs';
import { postmaster, psql, signalAll, startProxy } from './lib/postgres.mjs';
import { folder, Server, sleep, startSink, until } from './lib/processes.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '8' }, report: { type: 'string' } } });
const seconds = Number(values.seconds);
// A response within 5 s, with a margin for a slow machine; recovery within 10 s.
const ANSWER_MS = 6_000;
const RECOVERY_MS = 10_000;
const run = promisify(execFile);
const lines = [];

function print(line) {
  lines.push(line);
  console.log(line);
}

async function readiness(server) {
  const response = await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(20_000) });
  return `${response.status} ${(await response.text()).trim()}`;
}

// The output of `doctor`, which fails if it finds a problem.
async function doctor(server) {
  return server.command('doctor').catch((error) => error.stdout);
}

const inSeconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

function summary(seen) {
  const counts = {};
  for (const { outcome } of seen) counts[outcome.split(':')[0]] = (counts[outcome.split(':')[0]] ?? 0) + 1;
  return Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

// Runs one fault on a server under load. `served` are the kinds of requests that must succeed during the fault.
async function runFault(name, server, account, fault) {
  const client = new Client(server, account.apiKey);
  const before = (await client.execute('{ portalStats { invited } }')).portalStats.invited;
  const frames = [];
  const watch = client.watch('subscription { portalStats { invited version } }', {}, (data) => frames.push(data.portalStats));
  const load = new Load(server, account.apiKey, name.replace(' ', '-'));
  try {
    await until('the load runs', () => load.seen.filter(({ outcome }) => outcome === 'OK').length > 30);
    const startedAt = performance.now();
    await fault.begin();
    let readinessText = '';
    await until('readiness says so', async () => {
      readinessText = await readiness(server);
      return fault.expected.test(readinessText);
    }, 10);
    await fault.check?.();
    await sleep(Math.max(0, seconds * 1000 - (performance.now() - startedAt)));
    const lifted = performance.now();
    await fault.end();
    const back = {};
    await until('all kinds of requests are served', () => {
      for (const { kind, at, ms, outcome } of load.seen) {
        if (at > lifted && outcome === 'OK') back[kind] ??= at + ms - lifted;
      }
      return Object.keys(back).length === 3;
    });
    await until('the server is ready', async () => (await readiness(server)).startsWith('200'));
    const ready = performance.now() - lifted;
    await load.stop();

    // Mutations with an unknown outcome are repeated with the same key.
    for (const mutation of load.mutations.filter(({ outcome }) => outcome !== 'OK')) {
      await until('a repeat gets a response', async () => {
        mutation.again = await load.send(mutation);
        return !mutation.again.startsWith('UNAVAILABLE');
      });
      assert.match(mutation.again, /^(OK|CONFLICT: An earlier request with this key already did this)/, mutation.again);
    }
    const wanted = before + load.mutations.length * INVITED_AT_ONCE;
    const settled = performance.now();
    await until('the subscriber has the last count', () => frames.at(-1)?.invited === wanted);
    const caughtUp = performance.now() - settled;
    const { portalStats, contacts } = await client.execute('{ portalStats { invited } contacts { totalCount } }');
    assert.deepEqual([portalStats.invited, contacts.totalCount], [wanted, wanted], 'the counts are right');
    for (let i = 1; i < frames.length; i += 1) assert.ok(frames[i].version > frames[i - 1].version, 'versions only grow');
    assert.deepEqual(watch.state, { error: null, ended: false, closes: 0 }, 'the socket stayed open');

    const during = load.seen.filter(({ at, ms }) => at + ms > startedAt && at < lifted);
    const after = load.seen.filter(({ at }) => at >= lifted);
    const last = load.seen.reduce((one, other) => (other.ms > one.ms ? other : one));
    const slowest = last.ms;
    const unknown = load.mutations.filter(({ outcome }) => outcome !== 'OK');
    print(`${name}: ${during.length} requests during the fault: ${summary(during)}`);
    print(`  the slowest response (${last.kind}) came after ${inSeconds(slowest)}; readiness: ${readinessText}`);
    print(`  served again after ${Object.entries(back).map(([kind, ms]) => `${inSeconds(ms)} (${kind})`).join(', ')}; ready after `
      + `${inSeconds(ready)}; ${summary(after)} from then on`);
    print(`  ${unknown.length} mutations with an unknown outcome: on repeat ${summary(unknown.map(({ again }) => ({ outcome: again })))}; `
      + `${wanted} invited, the subscriber caught up in ${inSeconds(caughtUp)}`);
    for (const { kind, outcome } of load.seen) {
      assert.match(outcome, /^(OK|UNAVAILABLE)/, `${kind}: ${outcome}`);
    }
    for (const { kind, outcome } of during) {
      if (fault.served?.includes(kind)) assert.equal(outcome, 'OK', `${kind} goes on`);
    }
    assert.ok(during.some(({ outcome }) => outcome !== 'OK'), 'the fault had an effect');
    assert.ok(slowest < ANSWER_MS, `the slowest response came after ${inSeconds(slowest)}`);
    for (const ms of [...Object.values(back), ready, caughtUp]) assert.ok(ms < RECOVERY_MS, `it took ${inSeconds(ms)} to recover`);
    return wanted;
  } finally {
    load.going = false;
    watch.stop();
  }
}

async function everyEmailArrived(sink, wanted) {
  const arrived = () => new Set(sink.mails.map((mail) => mail.to.toLowerCase())).size;
  await until('every invitation was sent', () => arrived() >= wanted, 120);
  assert.equal(arrived(), wanted);
  print(`  ${sink.mails.length} emails to ${wanted} addresses: none is missing`);
}

// Frozen: the private PostgreSQL of a server is suspended.
async function frozen(server, sink) {
  const account = await server.createAccount('acme');
  const { pid } = await postmaster(server.dataDir);
  const wanted = await runFault('frozen', server, account, {
    begin: () => signalAll(pid, 'SIGSTOP'),
    expected: /^503 the database can't be reached/,
    end: () => signalAll(pid, 'SIGCONT'),
  });
  await everyEmailArrived(sink, wanted);
}

// Another server with a database behind a proxy.
async function unreachableAndReadOnly(place, home) {
  const sink = await startSink();
  await psql(place, 'vestibule', 'create database faraway');
  const proxy = await startProxy(place);
  const dataDir = join(home, 'faraway');
  await mkdir(dataDir, { mode: 0o711 });
  const server = new Server(dataDir, { SMTP_URL: sink.url, DATABASE_URL: `postgres://vestibule@127.0.0.1:${proxy.port}/faraway` });
  try {
    await server.start();
    const account = await server.createAccount('acme');
    await runFault('blackhole', server, account, {
      begin: () => proxy.hang(),
      expected: /^503 the database can't be reached/,
      end: () => proxy.resume(),
    });
    const wanted = await runFault('read-only', server, account, {
      begin: async () => {
        await psql(place, 'vestibule', 'alter database faraway set default_transaction_read_only = on');
        await psql(place, 'vestibule', "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'faraway'");
      },
      expected: /^503 the database doesn't accept writes: it is read-only/,
      check: async () => assert.match(await doctor(server), /WRONG writes: .*read-only/),
      end: () => psql(place, 'vestibule', 'alter database faraway reset default_transaction_read_only'),
    });
    await everyEmailArrived(sink, wanted);
  } finally {
    await server.stop();
    sink.stop();
    proxy.stop();
  }
}

// Keeps the disk full until it is stopped.
function fillDisk(path) {
  let full = true;
  const fill = async () => {
    const file = await open(path, 'w');
    while (full) {
      for (const size of [1 << 20, 4096]) {
        const block = Buffer.alloc(size, 7);
        // eslint-disable-next-line no-await-in-loop
        while (await file.write(block).then(({ bytesWritten }) => bytesWritten === size, () => false));
      }
      await sleep(20);
    }
    await file.close();
    await rm(path);
  };
  const filled = fill();
  return async () => {
    full = false;
    await filled;
  };
}

async function fullDisk(home) {
  const dataDir = join(home, 'small');
  await mkdir(dataDir, { mode: 0o711 });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256m,mode=711', 'tmpfs', dataDir]);
  } catch {
    print('full disk: SKIPPED, this user may not mount a small file system');
    return;
  }
  const sink = await startSink();
  const server = new Server(dataDir, { SMTP_URL: sink.url });
  try {
    await server.start();
    const account = await server.createAccount('acme');
    let empty;
    const wanted = await runFault('full disk', server, account, {
      begin: () => { empty = fillDisk(join(dataDir, 'ballast')); },
      expected: /^503 the database doesn't accept writes: its disk is full/,
      check: async () => assert.match(await doctor(server), /WRONG writes: .*full/),
      end: () => empty(),
    });
    await everyEmailArrived(sink, wanted);
  } finally {
    await server.stop();
    sink.stop();
    await run('umount', [dataDir]);
  }
}

const home = await folder();
const sink = await startSink();
const server = new Server(home.path, { SMTP_URL: sink.url });
try {
  await server.start();
  await frozen(server, sink);
  await unreachableAndReadOnly(await postmaster(home.path), home.path);
} finally {
  await server.stop();
  sink.stop();
}
try {
  await fullDisk(home.path);
} finally {
  await home.remove();
}
if (values.report) await writeFile(values.report, `${lines.join('\n')}\n`);
