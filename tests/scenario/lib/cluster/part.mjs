// A program of the cluster: started in a process group of its own, so that Ctrl-C in the terminal reaches the script alone.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { promisify } from 'node:util';
import { signalAll } from '../postgres.mjs';
import { until } from '../processes.mjs';

const run = promisify(execFile);

// PostgreSQL refuses to run as root: then the programs of others run as its user.
function unprivileged() {
  if (process.getuid() !== 0) return {};
  const id = (option) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export const USER = unprivileged();
// On Debian, HAProxy and NATS are in a folder of root's programs.
export const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

export class Part {
  constructor(name, { command, args, env = {}, user = {}, folder, ready }) {
    Object.assign(this, { name, command, args, env, user, ready, log: `${folder}/${name}.log` });
  }

  get running() {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  async start() {
    if (this.closed) throw new Error(`${this.name} is not started again: the cluster is being stopped`);
    const log = await open(this.log, 'a');
    this.child = spawn(this.command, this.args, {
      ...this.user, cwd: '/', detached: true, env: { PATH, LANG: 'C.UTF-8', ...this.env }, stdio: ['ignore', log.fd, log.fd],
    });
    this.failed = null;
    this.child.on('error', (error) => { this.failed = error; });
    this.ended = new Promise((done) => this.child.on('close', done));
    await log.close();
    await until(`${this.name} is ready`, () => this.check(), 120);
  }

  async check() {
    if (this.failed || !this.running) {
      const tail = (await readFile(this.log, 'utf8')).split('\n').slice(-15).join('\n');
      throw new Error(`the server ended: ${this.name} (${this.failed?.message ?? this.child.exitCode})\n${tail}`);
    }
    return this.ready();
  }

  async stop(signal = 'SIGTERM', seconds = 30) {
    if (!this.running) return;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), seconds * 1000);
    await this.ended;
    clearTimeout(late);
  }

  kill() {
    return this.stop('SIGKILL');
  }

  // For good, also if something is about to start it again.
  close() {
    this.closed = true;
    return this.stop();
  }
}

// Patroni with the PostgreSQL that it runs.
export class Postgres extends Part {
  constructor(name, { dataDir, port, api, ...options }) {
    super(name, { ...options, ready: () => responds(`${api}/health`) });
    Object.assign(this, { dataDir, port, api });
  }

  // The process id of its PostgreSQL, if that runs. A file that was left behind may name a process of another program.
  async postmaster() {
    const file = await readFile(`${this.dataDir}/postmaster.pid`, 'utf8').catch(() => '');
    const pid = Number(file.split('\n')[0]);
    const { stdout } = pid ? await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' })) : { stdout: '' };
    return stdout.includes(this.dataDir) ? pid : null;
  }

  // Both at once, as if their machine had lost its power.
  async kill() {
    const postmaster = await this.postmaster();
    const patroni = this.stop('SIGKILL');
    await signalAll(postmaster, 'SIGKILL');
    await patroni;
  }

  // Patroni stops PostgreSQL, except one that it has only begun to start.
  async close() {
    await super.close();
    const postmaster = await this.postmaster();
    if (!postmaster) return;
    await run('kill', ['-INT', String(postmaster)]).catch(() => {});
    await until(`${this.name} has ended`, async () => !await this.postmaster());
  }

  has(role) {
    return responds(`${this.api}/${role}`);
  }
}

export async function responds(url) {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => ({ ok: false }))).ok;
}

export function accepts(port) {
  return new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('connect', () => { socket.destroy(); done(true); });
    socket.on('error', () => done(false));
  });
}

// Different ones, because all are open at the same time.
export async function freePorts(names) {
  const open = await Promise.all(names.map(() => new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => done(server));
  })));
  const ports = open.map((server) => server.address().port);
  await Promise.all(open.map((server) => new Promise((done) => server.close(done))));
  return Object.fromEntries(names.map((name, place) => [name, ports[place]]));
}
