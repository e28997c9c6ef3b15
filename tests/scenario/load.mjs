// Measures `portalStats` while the server verifies passwords at its maximum rate. Prints a table.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { folder, sleep } from './lib/processes.mjs';
import { Caller, SIGN_IN, addContacts, fromNewAddress, median, openPortal, quantile, setPasswords } from './lib/portal.mjs';

const PASSWORD = 'three green elephants';
const PEOPLE = Array.from({ length: 64 }, (_, i) => `person${i}@acme.example`);

// The logins run in a separate thread, so that they don't delay the measurement.
async function logins() {
  const caller = new Caller(workerData.url, workerData.connections);
  const counts = { in: 0, full: 0, other: 0 };
  let going = true;
  parentPort.once('message', () => { going = false; });
  const one = async (number) => {
    const email = PEOPLE[number % PEOPLE.length];
    while (going) {
      const { text } = await caller.post(SIGN_IN, { email, password: PASSWORD }, fromNewAddress());
      if (text.includes('"accessToken"')) counts.in += 1;
      else if (text.includes('RATE_LIMITED')) counts.full += 1;
      else counts.other += 1;
    }
  };
  await Promise.all(Array.from({ length: workerData.connections }, (_, number) => one(number)));
  caller.close();
  parentPort.postMessage(counts);
}

// Sends at a fixed rate, independent of the responses: a slow server does not reduce the rate.
async function stats(portal, seconds, rate) {
  const caller = new Caller(portal.server.url, 64);
  const pending = [];
  const startedAt = performance.now();
  for (let number = 0; number < seconds * rate; number += 1) {
    const due = startedAt + (1000 * number) / rate;
    const left = due - performance.now();
    if (left > 0) await sleep(left);
    pending.push(caller.post('{ portalStats { invited active version } }', {}, portal.key).then(({ text }) => {
      if (text.includes('"errors"')) throw new Error(text);
      return performance.now() - due;
    }));
  }
  const times = await Promise.all(pending);
  caller.close();
  return { p50: median(times), p99: quantile(times, 0.99), worst: Math.max(...times), count: times.length };
}

async function underLoad(portal, connections, work) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { url: portal.server.url, connections } });
  const ended = new Promise((done, fail) => { worker.on('message', done); worker.on('error', fail); });
  await sleep(1000);
  const startedAt = performance.now();
  const seen = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  worker.postMessage('stop');
  const counts = await ended;
  return { seen, counts, perSecond: counts.in / (seconds + 1) };
}

async function main() {
  const { values: { seconds, rate, connections, turns } } = parseArgs({ options: {
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '100' },
    connections: { type: 'string', default: '64' },
    turns: { type: 'string', default: '3' },
  } });
  const place = await folder();
  const portal = await openPortal(place.path);
  try {
    await addContacts(portal, PEOPLE);
    await setPasswords(portal, PEOPLE, PASSWORD);
    await stats(portal, 2, Number(rate));
    const measure = () => stats(portal, Number(seconds), Number(rate));
    const ms = (value) => `${value.toFixed(1)} ms`;
    console.log(`| portalStats, ${rate} a second for ${seconds} s | p50 | p99 | slowest | password logins |`);
    console.log('| --- | --- | --- | --- | --- |');
    for (let turn = 1; turn <= Number(turns); turn += 1) {
      const bare = await measure();
      console.log(`| ${turn}: without logins | ${ms(bare.p50)} | ${ms(bare.p99)} | ${ms(bare.worst)} | – |`);
      const loaded = await underLoad(portal, Number(connections), measure);
      const { seen, counts } = loaded;
      console.log(`| ${turn}: with ${connections} at once | ${ms(seen.p50)} | ${ms(seen.p99)} | ${ms(seen.worst)} `
        + `| ${loaded.perSecond.toFixed(0)} a second; ${counts.full} told to wait, ${counts.other} others |`);
    }
  } finally {
    portal.caller.close();
    await portal.server.stop();
    await place.remove();
  }
}

await (isMainThread ? main() : logins());
