// scripts/release, with a program of this test instead of a build.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { here, read, run } from './lib/packaging.mjs';

let place;

before(async () => {
  place = await mkdtemp(join(tmpdir(), 'vestibule-release-'));
});

after(() => rm(place, { recursive: true }));

async function program(version) {
  const file = join(place, `program-${version}`);
  await writeFile(file, `#!/bin/sh\necho "vestibule ${version}"\n`);
  await chmod(file, 0o700);
  return file;
}

const version = /^\[workspace\.package\]\nversion = "(.*)"/m.exec(await read('Cargo.toml'))[1];

async function pack(name) {
  const output = join(place, name);
  await run(here('scripts/release'), ['--binary', await program(version), '--output', output]);
  const files = (await readdir(output)).sort();
  return { output, files, archive: join(output, files[0]) };
}

test('the archive holds the program, the unit, the alerts and the licences, in a folder of its name', async () => {
  const { archive, files } = await pack('one');
  assert.match(files[0], new RegExp(`^vestibule-${version}-[\\w-]+\\.tar\\.gz$`));
  const root = files[0].replace('.tar.gz', '');
  const { stdout } = await run('tar', ['--list', '--verbose', '--numeric-owner', '--file', archive]);
  const entries = stdout.trim().split('\n').map((line) => line.split(/\s+/));
  assert.deepEqual(entries.map((entry) => entry.at(-1)), ['', 'CHANGELOG.md', 'LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md',
    'alerts.yaml', 'vestibule', 'vestibule.service'].map((name) => `${root}/${name}`));
  assert.equal(entries.find((entry) => entry.at(-1) === `${root}/vestibule`)[0], '-rwxr-xr-x');
  assert.deepEqual([...new Set(entries.map(([, owner]) => owner))], ['0/0']);
});

test('the file beside the archive has its SHA-256', async () => {
  const { output, files } = await pack('two');
  assert.deepEqual(files.slice(1), [`${files[0]}.sha256`]);
  await run('sha256sum', ['--check', '--strict', files[1]], { cwd: output });
});

test('packed again, the archive has the same bytes', async () => {
  const [one, other] = [await pack('three'), await pack('four')];
  assert.ok((await readFile(one.archive)).equals(await readFile(other.archive)));
});

test('a program of another version is refused', async () => {
  const other = await program('99.0.0');
  await assert.rejects(run(here('scripts/release'), ['--binary', other, '--output', join(place, 'five')]), /is "vestibule 99\.0\.0"/);
});
