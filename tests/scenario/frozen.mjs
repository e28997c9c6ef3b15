// The database stops answering, or takes no writes, under load: every request is answered in time and with a code, readiness
// says what is wrong, and all goes on by itself when the fault is over. Nothing that was promised is lost.
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
// An answer within 5 s, of which the machine that runs this may take some for itself; all well within 10 s.
const ANSWER_MS = 6_000;
const RECOVERY_MS = 10_000;
const run = promisify(execFile);
const lines = [];

function say(words) {
  lines.push(words);
  console.log(words);
}

async function readiness(server) {
  const response = await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(20_000) });
  return `${response.status} ${(await response.text()).trim()}`;
}

// What `doctor` prints; it ends with a failure where something is wrong.
async function doctor(server) {
  return server.command('doctor').catch((error) => error.stdout);
}

const inSeconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

function summary(seen) {
  const counts = {};
  for (const { outcome } of seen) counts[outcome.split(':')[0]] = (counts[outcome.split(':')[0]] ?? 0) + 1;
  return Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

// One fault on a server under load. `served`: the kinds of requests that go on meanwhile.
async function suffer(name, server, account, fault) {
  const client = new Client(server, account.apiKey);
  const before = (await client.ask('{ portalStats { invited } }')).portalStats.invited;
  const frames = [];
  const watch = client.watch('subscription { portalStats { invited version } }', {}, (data) => frames.push(data.portalStats));
  const load = new Load(server, account.apiKey, name.replace(' ', '-'));
  try {
    await until('the load runs', () => load.seen.filter(({ outcome }) => outcome === 'OK').length > 30);
    const began = performance.now();
    await fault.begin();
    let told = '';
    await until('readiness says so', async () => {
      told = await readiness(server);
      return fault.told.test(told);
    }, 10);
    await fault.look?.();
    await sleep(Math.max(0, seconds * 1000 - (performance.now() - began)));
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

    // What was not known is asked for again, with the key of the first time.
    for (const mutation of load.mutations.filter(({ outcome }) => outcome !== 'OK')) {
      await until('a repeat is answered', async () => {
        mutation.again = await load.send(mutation);
        return !mutation.again.startsWith('UNAVAILABLE');
      });
      assert.match(mutation.again, /^(OK|CONFLICT: This was done)/, mutation.again);
    }
    const wanted = before + load.mutations.length * INVITED_AT_ONCE;
    const settled = performance.now();
    await until('the subscriber has the last count', () => frames.at(-1)?.invited === wanted);
    const caughtUp = performance.now() - settled;
    const { portalStats, contacts } = await client.ask('{ portalStats { invited } contacts { totalCount } }');
    assert.deepEqual([portalStats.invited, contacts.totalCount], [wanted, wanted], 'the counts are right');
    for (let i = 1; i < frames.length; i += 1) assert.ok(frames[i].version > frames[i - 1].version, 'versions only grow');
    assert.deepEqual(watch.state, { error: null, ended: false, closes: 0 }, 'the socket stayed open');

    const during = load.seen.filter(({ at, ms }) => at + ms > began && at < lifted);
    const after = load.seen.filter(({ at }) => at >= lifted);
    const last = load.seen.reduce((one, other) => (other.ms > one.ms ? other : one));
    const slowest = last.ms;
    const unknown = load.mutations.filter(({ outcome }) => outcome !== 'OK');
    say(`${name}: ${during.length} requests meanwhile: ${summary(during)}`);
    say(`  the slowest answer (${last.kind}) came after ${inSeconds(slowest)}; readiness: ${told}`);
    say(`  served again after ${Object.entries(back).map(([kind, ms]) => `${inSeconds(ms)} (${kind})`).join(', ')}; ready after `
      + `${inSeconds(ready)}; ${summary(after)} from then on`);
    say(`  ${unknown.length} mutations with an unknown outcome: on repeat ${summary(unknown.map(({ again }) => ({ outcome: again })))}; `
      + `${wanted} invited, the subscriber caught up in ${inSeconds(caughtUp)}`);
    for (const { kind, outcome } of load.seen) {
      assert.match(outcome, /^(OK|UNAVAILABLE)/, `${kind}: ${outcome}`);
    }
    for (const { kind, outcome } of during) {
      if (fault.served?.includes(kind)) assert.equal(outcome, 'OK', `${kind} goes on`);
    }
    assert.ok(during.some(({ outcome }) => outcome !== 'OK'), 'the fault was felt');
    assert.ok(slowest < ANSWER_MS, `the slowest answer came after ${inSeconds(slowest)}`);
    for (const ms of [...Object.values(back), ready, caughtUp]) assert.ok(ms < RECOVERY_MS, `it took ${inSeconds(ms)} to recover`);
    return wanted;
  } finally {
    load.going = false;
    watch.stop();
  }
}

async function everyMailArrived(sink, wanted) {
  const arrived = () => new Set(sink.mails.map((mail) => mail.to.toLowerCase())).size;
  await until('every invitation was mailed', () => arrived() >= wanted, 120);
  assert.equal(arrived(), wanted);
  say(`  ${sink.mails.length} mails to ${wanted} addresses: none is missing`);
}

// Frozen: the private PostgreSQL of a server is stopped where it stands.
async function frozen(server, sink) {
  const account = await server.makeAccount('acme');
  const { pid } = await postmaster(server.dataDir);
  const wanted = await suffer('frozen', server, account, {
    begin: () => signalAll(pid, 'SIGSTOP'),
    told: /^503 the database can't be reached/,
    end: () => signalAll(pid, 'SIGCONT'),
  });
  await everyMailArrived(sink, wanted);
}

// Another server on a database that is reached through a proxy.
async function unreachableAndReadOnly(place, home) {
  const sink = await startSink();
  await psql(place, 'vestibule', 'create database faraway');
  const proxy = await startProxy(place);
  const dataDir = join(home, 'faraway');
  await mkdir(dataDir, { mode: 0o711 });
  const server = new Server(dataDir, { SMTP_URL: sink.url, DATABASE_URL: `postgres://vestibule@127.0.0.1:${proxy.port}/faraway` });
  try {
    await server.start();
    const account = await server.makeAccount('acme');
    await suffer('blackhole', server, account, {
      begin: () => proxy.silence(),
      told: /^503 the database can't be reached/,
      end: () => proxy.heal(),
    });
    const wanted = await suffer('read-only', server, account, {
      begin: async () => {
        await psql(place, 'vestibule', 'alter database faraway set default_transaction_read_only = on');
        await psql(place, 'vestibule', "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'faraway'");
      },
      told: /^503 the database doesn't accept writes: it is read-only/,
      look: async () => assert.match(await doctor(server), /WRONG writes: .*read-only/),
      end: () => psql(place, 'vestibule', 'alter database faraway reset default_transaction_read_only'),
    });
    await everyMailArrived(sink, wanted);
  } finally {
    await server.stop();
    sink.stop();
    proxy.stop();
  }
}

// Takes all that is free, again and again, until it is told to stop.
function ballast(path) {
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
    say('full disk: SKIPPED, this user may not mount a small file system');
    return;
  }
  const sink = await startSink();
  const server = new Server(dataDir, { SMTP_URL: sink.url });
  try {
    await server.start();
    const account = await server.makeAccount('acme');
    let empty;
    const wanted = await suffer('full disk', server, account, {
      begin: () => { empty = ballast(join(dataDir, 'ballast')); },
      told: /^503 the database doesn't accept writes: its disk is full/,
      look: async () => assert.match(await doctor(server), /WRONG writes: .*full/),
      end: () => empty(),
    });
    await everyMailArrived(sink, wanted);
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
