// packaging/vestibule.service, as systemd reads it.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN } from '../scenario/lib/processes.mjs';
import { here, present, read, run, settings } from './lib/packaging.mjs';

const unit = await read('packaging/vestibule.service');
const values = (key) => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value);
const skip = present('systemd-analyze', '--version') ? false : 'systemd-analyze is not installed';

test('the unit sets only settings that the program knows', async () => {
  const known = await settings();
  const names = values('Environment').map((value) => value.split('=')[0]);
  assert.ok(names.length > 0);
  assert.deepEqual(names.filter((name) => !known.has(name)), []);
});

test('the unit waits for the two stages of a graceful stop', async () => {
  // `graceful_shutdown` of the transports, then `STOP_TIMEOUT` of the app.
  const transports = /graceful_shutdown: Duration::from_secs\((\d+)\)/.exec(await read('crates/graphql-server/src/server.rs'))[1];
  const app = /STOP_TIMEOUT: Duration = Duration::from_secs\((\d+)\)/.exec(await read('src/app.rs'))[1];
  assert.ok(Number(values('TimeoutStopSec')[0]) > Number(transports) + Number(app));
  assert.deepEqual(values('KillSignal'), ['SIGTERM']);
});

test('systemd understands every line', { skip }, async () => {
  const place = await mkdtemp(join(tmpdir(), 'vestibule-unit-'));
  try {
    const file = join(place, 'vestibule.service');
    await writeFile(file, unit.replaceAll('/usr/local/bin/vestibule', BIN));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', file]);
    assert.equal(stdout + stderr, '');
  } finally {
    await rm(place, { recursive: true });
  }
});

test('systemd rates the exposure of the service below 2 of 10', { skip }, async () => {
  const file = here('packaging/vestibule.service');
  await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', file]);
});
