// packaging/Containerfile: what is in the image, and as whom it runs.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { here, outcomes, present, read, run, settings } from './lib/packaging.mjs';

const text = await read('packaging/Containerfile');
// Instructions, with their continued lines joined.
const lines = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '').split('\n').filter(Boolean);
const stages = lines.join('\n').split(/^(?=FROM )/m).filter((part) => part.startsWith('FROM')).map((part) => part.trim().split('\n'));
const last = stages.at(-1);
const instruction = (name) => last.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

test('the image holds the program on a slim Debian, and nothing else of ours', () => {
  assert.match(last[0], /^FROM docker\.io\/library\/debian:\w+-slim$/);
  assert.deepEqual(instruction('COPY'), ['--from=program /program/vestibule /usr/local/bin/vestibule']);
  assert.deepEqual(instruction('ADD'), []);
});

test('the image runs as a user without rights', () => {
  assert.deepEqual(instruction('USER'), ['10001:10001']);
  assert.ok(last.findIndex((line) => line.startsWith('USER')) > last.findLastIndex((line) => line.startsWith('RUN')));
});

test('no layer gets a secret', async () => {
  for (const line of lines) assert.doesNotMatch(line, /^(ENV|ARG|LABEL) .*(SECRET|PASSWORD|TOKEN|_URL|_KEY)/);
  const ignored = (await read('.dockerignore')).split('\n');
  for (const name of ['.env', '**/.env', 'data', 'vestibule-*.tar', '.git', 'target']) assert.ok(ignored.includes(name), name);
});

test('the environment of the image has only settings that the program knows', async () => {
  const known = await settings();
  const names = instruction('ENV').flatMap((line) => line.split(' ')).map((pair) => pair.split('=')[0]);
  assert.ok(names.length > 0);
  assert.deepEqual(names.filter((name) => !known.has(name)), []);
});

test('the health check tells a ready server from one that is not', async () => {
  const [line] = instruction('HEALTHCHECK');
  const command = JSON.parse(/CMD (\[.*\])$/.exec(line)[1]);
  assert.deepEqual(await outcomes(command, 8000, '/readyz'), ['healthy', 'unhealthy', 'unhealthy']);
});

// With a script as the program: compiling takes a quarter of an hour.
const base = last[0].replace('FROM ', '');
const builder = ['podman', 'docker'].find((name) => present(name, 'info') && present(name, 'pull', '--quiet', base));
test('the image is built, and its program runs as that user', { skip: builder ? false : `no podman or docker that can get ${base}` }, async () => {
  const place = await mkdtemp(join(tmpdir(), 'vestibule-image-'));
  try {
    await writeFile(join(place, 'vestibule'), '#!/bin/sh\necho "$1 as $(id -u)"\n');
    await chmod(join(place, 'vestibule'), 0o755);
    await run(builder, ['build', '--file', here('packaging/Containerfile'), '--build-arg', 'PROGRAM=built', '--tag', 'vestibule-test', place]);
    const { stdout } = await run(builder, ['run', '--rm', 'vestibule-test']);
    assert.equal(stdout, 'serve as 10001\n');
  } finally {
    await rm(place, { recursive: true });
  }
});
