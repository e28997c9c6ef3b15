// A DNS server of our own: dnsmasq on loopback, restarted with each change of its records.
import { spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, until } from './processes.mjs';

const PROBE = 'ready.example';

// A TXT record is made of strings of at most 255 bytes.
function line({ type, name, value }) {
  if (type === 'MX') {
    const [preference, host] = value.split(' ');
    return `mx-host=${name},${host},${preference}`;
  }
  return `txt-record=${name},${value.match(/.{1,255}/g).map((text) => `"${text}"`).join(',')}`;
}

export class DnsServer {
  constructor(folder) {
    this.file = join(folder, 'dnsmasq.conf');
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }

  // Serves these records, as the API shows them, and no others.
  async serve(records) {
    await this.stop();
    this.port ??= await freePort();
    const lines = ['no-resolv', 'no-hosts', 'bind-interfaces', 'listen-address=127.0.0.1', `port=${this.port}`, 'local=/#/',
      'pid-file=', ...(process.getuid() === 0 ? ['user=root'] : []), `txt-record=${PROBE},yes`, ...records.map(line)];
    await writeFile(this.file, `${lines.join('\n')}\n`);
    const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin`;
    this.child = spawn('dnsmasq', ['--keep-in-foreground', `--conf-file=${this.file}`], {
      env: { PATH: path }, stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.failed = null;
    this.child.on('error', (error) => { this.failed = error; });
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([this.address]);
    await until('dnsmasq answers', async () => {
      if (this.failed) throw new Error(`the server ended: dnsmasq can't be started (${this.failed.code})`);
      return (await resolver.resolveTxt(PROBE)).length;
    });
  }

  async stop() {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.on('exit', done));
    child.kill();
    await ended;
  }
}
