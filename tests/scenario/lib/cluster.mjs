// A cluster on this machine, on loopback and in a temporary folder: etcd, two PostgreSQL under Patroni, HAProxy, NATS, three gateways
// and a worker.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { haproxy, patroni } from './cluster/configs.mjs';
import { accepts, freePorts, Part, PATH, Postgres, responds, USER } from './cluster/part.mjs';
import { BIN, until } from './processes.mjs';

const run = promisify(execFile);
const POSTGRES_BIN = process.env.POSTGRES_BIN ?? '/usr/lib/postgresql/15/bin';
const GATEWAYS = ['gateway1', 'gateway2', 'gateway3'];
const DATABASES = ['postgres1', 'postgres2'];
const secret = () => randomBytes(24).toString('hex');

export class Cluster {
  gateways = [];
  databases = [];

  constructor(settings = {}) {
    this.settings = settings;
    this.passwords = { superuser: secret(), replication: secret(), vestibule: secret() };
    this.secret = secret();
  }

  async start(say = () => {}) {
    await this.prepare();
    say(`starting in ${this.folder}`);
    await this.startDatabases();
    await Promise.all([this.startHaproxy(), this.startNats()]);
    await this.createDatabase();
    say('databases are replicated; starting Vestibule');
    for (const name of GATEWAYS) {
      const gateway = this.vestibule(name, 'serve', '--no-worker');
      this.gateways.push(gateway);
      // The first one runs the migrations.
      await gateway.start();
    }
    this.worker = this.vestibule('worker', 'worker');
    await this.worker.start();
    await until('the front serves', () => responds(`${this.url}/readyz`));
  }

  async prepare() {
    const own = [...GATEWAYS, 'worker'];
    this.folder = await mkdtemp(join(tmpdir(), 'vestibule-cluster-'));
    await chmod(this.folder, 0o711);
    for (const name of [...own, 'etcd', 'haproxy', ...DATABASES]) await mkdir(join(this.folder, name), { mode: 0o700 });
    if (USER.uid !== undefined) {
      for (const name of ['etcd', 'haproxy', ...DATABASES]) await chown(join(this.folder, name), USER.uid, USER.gid);
    }
    this.ports = await freePorts(['front', 'primary', 'replica', 'nats', 'natsMonitor', 'etcd', 'etcdPeer', ...own,
      ...own.map((name) => `${name}Metrics`), ...DATABASES, ...DATABASES.map((name) => `${name}Api`)]);
    this.url = `http://127.0.0.1:${this.ports.front}`;
  }

  part(name, options, Kind = Part) {
    if (this.stopping) throw new Error('the cluster is being stopped');
    return new Kind(name, { folder: this.folder, ...options });
  }

  other(name, command, args, ready) {
    return this.part(name, { command, args, ready, user: USER });
  }

  async startDatabases() {
    const [client, peer] = [this.ports.etcd, this.ports.etcdPeer].map((port) => `http://127.0.0.1:${port}`);
    this.etcd = this.other('etcd', 'etcd', ['--name', 'etcd1', '--data-dir', `${this.folder}/etcd/data`,
      '--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer,
      '--initial-advertise-peer-urls', peer, '--initial-cluster', `etcd1=${peer}`], () => responds(`${client}/health`));
    await this.etcd.start();
    for (const name of DATABASES) {
      const database = await this.database(name);
      this.databases.push(database);
      await database.start();
      if (this.databases.length === 1) await until('the first database is the primary', () => database.has('primary'));
    }
    await this.replicated();
  }

  async database(name) {
    const folder = join(this.folder, name);
    const [port, api] = [this.ports[name], this.ports[`${name}Api`]];
    const config = patroni({ name, folder, bin: POSTGRES_BIN, port, api, etcd: this.ports.etcd, passwords: this.passwords });
    const file = join(folder, 'patroni.json');
    await writeFile(file, config, { mode: 0o600 });
    if (USER.uid !== undefined) await chown(file, USER.uid, USER.gid);
    return this.part(name, { command: 'patroni', args: [file], env: { HOME: folder }, user: USER,
      dataDir: join(folder, 'data'), port, api: `http://127.0.0.1:${api}` }, Postgres);
  }

  async startHaproxy() {
    const file = join(this.folder, 'haproxy.cfg');
    this.socket = join(this.folder, 'haproxy', 'admin');
    await writeFile(file, haproxy({
      socket: this.socket, ports: this.ports,
      databases: DATABASES.map((name) => ({ name, port: this.ports[name], api: this.ports[`${name}Api`] })),
      gateways: GATEWAYS.map((name) => ({ name, port: this.ports[name] })),
    }));
    this.haproxy = this.other('haproxy', 'haproxy', ['-db', '-f', file], () => accepts(this.ports.front));
    await this.haproxy.start();
  }

  async startNats() {
    const { nats, natsMonitor } = this.ports;
    this.nats = this.other('nats', 'nats-server', ['-a', '127.0.0.1', '-p', String(nats), '-m', String(natsMonitor)], () => accepts(nats));
    await this.nats.start();
  }

  async createDatabase() {
    // HAProxy believes that a server is up until it has checked it.
    await until('HAProxy has found the primary', async () => /^primary,postgres.*,DOWN,/m.test(await this.balancer('show stat')));
    await this.sqlAsSuperuser(`create role vestibule login password '${this.passwords.vestibule}'`);
    await this.sqlAsSuperuser('create database vestibule owner vestibule');
  }

  sqlAsSuperuser(statement) {
    return this.sql(statement, { database: 'postgres', user: 'postgres', password: this.passwords.superuser });
  }

  sqlOnReplica(statement) {
    return this.sql(statement, { port: this.ports.replica });
  }

  // Runs a statement, on the primary if nothing else is said.
  async sql(statement, { port = this.ports.primary, database = 'vestibule', user = 'vestibule', password = this.passwords.vestibule } = {}) {
    const place = ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', database];
    const { stdout } = await run(join(POSTGRES_BIN, 'psql'), [...place, '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', statement],
      { env: { PATH, PGPASSWORD: password, PGCONNECT_TIMEOUT: '5' } });
    return stdout.trim();
  }

  databaseUrl(port, database = 'vestibule') {
    return `postgres://vestibule:${this.passwords.vestibule}@127.0.0.1:${port}/${database}`;
  }

  env(name) {
    return {
      HOME: this.folder, RUST_LOG: 'info',
      DATABASE_URL: this.databaseUrl(this.ports.primary),
      DATABASE_READ_URL: this.databaseUrl(this.ports.replica),
      NATS_URL: `nats://127.0.0.1:${this.ports.nats}`,
      VESTIBULE_SECRET: this.secret,
      VESTIBULE_PUBLIC_URL: this.url,
      VESTIBULE_TRUSTED_PROXIES: '127.0.0.1',
      VESTIBULE_DATA_DIR: join(this.folder, name),
      VESTIBULE_LISTEN: `127.0.0.1:${this.ports[name]}`,
      VESTIBULE_METRICS_LISTEN: `127.0.0.1:${this.ports[`${name}Metrics`]}`,
      ...this.settings,
    };
  }

  vestibule(name, ...args) {
    const url = `http://127.0.0.1:${this.ports[name]}`;
    const health = `http://127.0.0.1:${this.ports[`${name}Metrics`]}/healthz`;
    const ready = () => responds(name === 'worker' ? health : `${url}/readyz`);
    return Object.assign(this.part(name, { command: BIN, args, ready, env: this.env(name) }), { url });
  }

  async command(...args) {
    return (await run(BIN, args, { env: { PATH, ...this.env('worker') } })).stdout;
  }

  async primary() {
    for (const database of this.databases) {
      if (database.running && await database.has('primary')) return database;
    }
    throw new Error('there is no primary');
  }

  async replica() {
    const primary = await this.primary();
    return this.databases.find((database) => database !== primary);
  }

  // Patroni's way to change the primary while all is well.
  async switchOver() {
    const [leader, candidate] = [await this.primary(), await this.replica()];
    const body = JSON.stringify({ leader: leader.name, candidate: candidate.name });
    const response = await fetch(`${leader.api}/switchover`, { method: 'POST', body });
    if (!response.ok) throw new Error(`Patroni refuses: ${await response.text()}`);
    await until('the replica is the primary', () => candidate.has('primary'));
  }

  // The replica has what the primary has committed.
  replicated() {
    return until('the replica is synchronous', async () => (await this.replica()).has('synchronous'), 120);
  }

  // A gateway that drains gets no new requests; what it has goes on.
  balance(gateway, state) {
    return this.balancer(`set server gateways/${gateway.name} state ${state}`);
  }

  balancer(command) {
    return new Promise((done, fail) => {
      let response = '';
      const socket = createConnection(this.socket, () => socket.write(`${command}\n`));
      socket.on('data', (text) => { response += text; }).on('error', fail).on('close', () => done(response));
    });
  }

  // Those that use a part end before it.
  async stop() {
    this.stopping = true;
    const own = [...this.gateways, this.worker];
    for (const wave of [own, [this.haproxy, this.nats, ...this.databases], [this.etcd]]) {
      await Promise.all(wave.map((part) => part?.close()));
    }
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}
