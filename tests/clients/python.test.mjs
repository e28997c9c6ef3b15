// Starts a server for the tests of Python's gql, which are written in Python.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { PYTHON } from '../scenario/lib/processes.mjs';
import { Portal } from './lib/portal.mjs';

test("Python's gql over aiohttp and websockets", async () => {
  const portal = await Portal.start();
  try {
    const { key } = await portal.account('python');
    const script = new URL('gql_client.py', import.meta.url).pathname;
    const child = spawn(PYTHON, ['-B', script], { env: { PATH: process.env.PATH, VESTIBULE_URL: portal.graphql, VESTIBULE_KEY: key } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text; });
    const code = await new Promise((done) => { child.on('exit', done); });
    assert.equal(code, 0, output);
    assert.match(output, /Ran 12 tests/);
  } finally {
    await portal.stop();
  }
});
