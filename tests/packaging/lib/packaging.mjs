// The files that the tests read, and the settings that the program knows.
import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { BIN, folder } from '../../scenario/lib/processes.mjs';

export const run = promisify(execFile);
export const here = (path) => new URL(`../../../${path}`, import.meta.url).pathname;
export const read = (path) => readFile(here(path), 'utf8');

// The names of `vestibule --help`.
export async function settings() {
  const { stdout } = await run(BIN, ['--help']);
  return new Set(stdout.split('Settings')[1].match(/^ {2}[A-Z][A-Z_]+/gm).map((name) => name.trim()));
}

// `doctor` ends with 2 and says what is wrong if it doesn't accept a setting; it can't reach the services that these tests name.
export async function wrongSettings(env) {
  const home = await folder();
  try {
    await run(BIN, ['doctor'], { env: { PATH: process.env.PATH, ...env }, cwd: home.path });
    return '';
  } catch (error) {
    return error.code === 2 ? error.stderr : '';
  } finally {
    await home.remove();
  }
}

export const present = (program, ...args) => spawnSync(program, args).status === 0;

// What a health check says while `path` gets 200, while it gets 503, and while nothing listens.
export async function outcomes([program, ...args], port, path) {
  let status = 200;
  const server = createServer((request, response) => response.writeHead(request.url === path ? status : 404).end());
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const command = args.map((text) => text.replace(`/${port}`, `/${server.address().port}`));
  const check = () => run(program, command).then(() => 'healthy', () => 'unhealthy');
  const seen = [await check()];
  status = 503;
  seen.push(await check());
  await new Promise((done) => server.close(done));
  return [...seen, await check()];
}
