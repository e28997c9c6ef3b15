// Programs that a scenario starts and stops.
import { spawn, execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const BIN = process.env.VESTIBULE_BIN ?? new URL('../../../target/debug/vestibule', import.meta.url).pathname;
export const PYTHON = process.env.PYTHON ?? new URL('../../../target/test-venv/bin/python', import.meta.url).pathname;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'vestibule-scenario-'));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

// The emails that arrived, in order: { to, raw, at }. For the options see smtp_sink.py.
export async function startSink(options = [], port = undefined) {
  port ??= await freePort();
  const mails = [];
  const child = spawn(PYTHON, [new URL('../smtp_sink.py', import.meta.url).pathname, String(port), ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let ready;
  const up = new Promise((done) => { ready = done; });
  let arrived = () => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    const mail = JSON.parse(line);
    if (mail.ready) return ready();
    mails.push({ ...mail, at: performance.now() });
    arrived(mails.length);
  });
  await up;
  const ended = new Promise((done) => child.on('exit', done));
  return {
    url: `smtp://127.0.0.1:${port}?tls=none`,
    port,
    mails,
    // Resolves as soon as this many have arrived.
    reached: (count) => new Promise((done) => {
      arrived = (length) => { if (length >= count) done(); };
      arrived(mails.length);
    }),
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}

export class Server {
  constructor(dataDir, settings = {}) {
    this.dataDir = dataDir;
    this.settings = settings;
  }

  get env() {
    return { PATH: process.env.PATH, HOME: process.env.HOME, RUST_LOG: 'warn', VESTIBULE_DATA_DIR: this.dataDir,
      VESTIBULE_PUBLIC_URL: this.url, VESTIBULE_LISTEN: `127.0.0.1:${this.port}`, ...this.settings };
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(...args) {
    this.port ??= await freePort();
    this.output = '';
    this.child = spawn(BIN, ['serve', ...args], { env: this.env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = new Promise((done) => this.child.on('exit', (code, signal) => done({ code, signal })));
    this.child.stdout.on('data', (text) => { this.output += text; });
    await until('the server is ready', async () => {
      if (this.child.exitCode !== null) throw new Error(`the server ended with ${this.child.exitCode}`);
      return (await fetch(`${this.url}/readyz`)).ok;
    });
    return this;
  }

  async stop(signal = 'SIGTERM') {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended;
  }

  async command(...args) {
    return (await run(BIN, args, { env: this.env })).stdout;
  }

  async createAccount(slug) {
    const name = slug[0].toUpperCase() + slug.slice(1);
    const printed = await this.command('account', 'create', '--slug', slug, '--name', name, '--owner',
      `owner@${slug}.example`, '--api-key');
    return JSON.parse(printed);
  }
}

export async function until(event, condition, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      if (/the server ended/.test(error.message)) throw error;
    }
    if (Date.now() > end) throw new Error(`${event}: not within ${seconds} s`);
    await sleep(50);
  }
}
