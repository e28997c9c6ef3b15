// What a server takes of its machine, once a minute, and whether that grows.
import { readdir, readFile } from 'node:fs/promises';
import { postmaster, psql } from '../postgres.mjs';
import { median } from '../portal.mjs';
import { sleep } from '../processes.mjs';

const PROBE = '{ portalStats { invited active version } }';
const PROBE_MS = 250;
const MOST_GROWTH = 1.1;
const MOST_FILES_LEFT = 20;
const COLUMNS = ['minute', 'RSS', 'of it anonymous', 'open files', 'threads', 'sockets', 'subscriptions', 'connections of the pool', 'of PostgreSQL',
  'probe, median', 'probe, slowest', 'failed probes', 'new sockets a second', 'frames a second'];

const mib = (kib) => `${(kib / 1024).toFixed(1)} MiB`;
const ms = (value) => `${value.toFixed(1)} ms`;

export class Observer {
  rows = [];
  times = [];
  failures = [];
  going = true;

  constructor({ portal, metricsPort }) {
    Object.assign(this, { portal, metricsPort });
    this.ended = this.probe();
  }

  async probe() {
    while (this.going) {
      const { ms: time, text } = await this.portal.caller.post(PROBE, {}, this.portal.key);
      // A machine that does other work may be too busy: that is shown, and not judged.
      if (text.includes('"errors"')) this.failures.push(text);
      this.times.push(time);
      await sleep(PROBE_MS);
    }
  }

  async metrics() {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
    return (name) => Number(new RegExp(`^vestibule_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
  }

  async process() {
    const { pid } = this.portal.server.child;
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const value = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]);
    const files = (await readdir(`/proc/${pid}/fd`)).length;
    return { rss: value('VmRSS'), anonymous: value('RssAnon'), threads: value('Threads'), files };
  }

  async databaseConnections() {
    const place = await postmaster(this.portal.server.dataDir);
    return Number(await psql(place, 'vestibule', "select count(*) from pg_stat_activity where backend_type = 'client backend'")) - 1;
  }

  // `rates`: what the clients have counted since the last row.
  async sample(name, rates = {}) {
    const [metric, taken, backends] = [await this.metrics(), await this.process(), await this.databaseConnections()];
    const times = this.times.splice(0);
    const failed = this.failures.splice(0).length;
    const row = { name, ...taken, backends, sockets: metric('graphql_sockets'), subscriptions: metric('graphql_subscriptions'),
      pool: metric('database_connections'), middle: median(times), slowest: Math.max(...times), failed, ...rates };
    this.rows.push(row);
    console.log(this.cells(row).join(' | '));
    return row;
  }

  cells(row) {
    return [row.name, mib(row.rss), mib(row.anonymous), row.files, row.threads, row.sockets, row.subscriptions, row.pool, row.backends,
      ms(row.middle), ms(row.slowest), row.failed, row.opened?.toFixed(0) ?? '–', row.frames?.toFixed(0) ?? '–'];
  }

  table() {
    const line = (cells) => `| ${cells.join(' | ')} |`;
    return [line(COLUMNS), line(COLUMNS.map(() => '---')), ...this.rows.map((row) => line(this.cells(row)))].join('\n');
  }

  // Each judgement: what it says, and whether it is as it must be. The first row is the start, the last one when all have left.
  judge(sockets) {
    const [start, ...minutes] = this.rows;
    const left = minutes.pop();
    const third = Math.max(1, Math.floor(minutes.length / 3));
    const [middle, last] = [minutes.slice(third, minutes.length - third), minutes.slice(minutes.length - third)];
    const judgements = ['rss', 'anonymous'].map((name) => {
      const [one, other] = [middle, last].map((rows) => median(rows.map((row) => row[name])));
      return { text: `${name}: median of the last third ${mib(other)}, of the middle third ${mib(one)}: ${(other / one).toFixed(2)} ×`,
        good: other <= one * MOST_GROWTH };
    });
    const frames = median([...middle, ...last].map((row) => row.frames));
    const held = median([...middle, ...last].map((row) => row.sockets));
    return [...judgements,
      { text: `open files: ${start.files} at the start, ${left.files} after all have left`, good: left.files <= start.files + MOST_FILES_LEFT },
      { text: `open sockets: ${held} in the median, ${left.sockets} after all have left`, good: held >= sockets * 0.8 && left.sockets === 0 },
      { text: `${frames.toFixed(0)} frames a second in the median`, good: frames > 0 }];
  }

  async stop() {
    this.going = false;
    await this.ended;
  }
}
