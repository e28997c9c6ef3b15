// The private database is killed: requests fail quickly, sockets stay open, and everything recovers without a restart.
//   node tests/scenario/outage.mjs
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { postmaster } from './lib/postgres.mjs';
import { folder, Server, until } from './lib/processes.mjs';

const home = await folder();
const server = new Server(home.path);
let watch;
try {
  await server.start();
  const account = await server.createAccount('acme');
  const client = new Client(server, account.apiKey);
  const frames = [];
  watch = client.watch('subscription { portalStats { invited version } }', {}, (data) => frames.push(data.portalStats));
  await until('the first frame', () => frames.length === 1);

  const killed = (await postmaster(home.path)).pid;
  process.kill(killed, 'SIGKILL');
  const codes = new Set();
  // The killed server's own processes may answer for a moment more: only the one started after it counts as recovered.
  const restarted = async () => (await postmaster(home.path).catch(() => ({ pid: killed }))).pid !== killed;
  await until('requests are answered again', async () => {
    const afterwards = await restarted();
    const began = performance.now();
    const { data, errors } = await client.request('{ portal { name } }');
    assert.ok(performance.now() - began < 6_000, 'a response comes quickly, whatever it is');
    for (const error of errors ?? []) codes.add(error.extensions.code);
    return afterwards && data?.portal?.name === 'Acme';
  }, 30);
  for (const code of codes) assert.equal(code, 'UNAVAILABLE');

  await client.execute('mutation { inviteContacts(input: { emails: ["late@example.com"] }) { count } }');
  await until('the change reaches the stream that was open all along', () => frames.at(-1).invited === 1, 10);
  assert.equal(watch.state.closes, 0, 'the socket stayed open');
  assert.equal(watch.state.error, null);
  console.log(`recovered; while it was down the responses were: ${[...codes].join(', ') || 'none failed'}`);
} finally {
  watch?.stop();
  await server.stop();
  await home.remove();
}
