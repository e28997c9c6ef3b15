// The private PostgreSQL of a server: its processes, its socket, and a proxy that can hang.
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

// The lines of postmaster.pid: the process, its data directory, when it began, the port, the socket's directory.
export async function postmaster(dataDir) {
  const paths = [`${dataDir}/postgres/postmaster.pid`];
  for (const name of await readdir('/var/lib/vestibule').catch(() => [])) {
    paths.push(`/var/lib/vestibule/${name}/postgres/postmaster.pid`);
  }
  for (const place of paths) {
    const text = await readFile(place, 'utf8').catch(() => '');
    if (text.includes(dataDir) || place === paths[0] && text) {
      const lines = text.split('\n');
      return { pid: Number(lines[0]), port: Number(lines[3]), socket: lines[4].trim() };
    }
  }
  throw new Error('the private PostgreSQL has no postmaster.pid');
}

// Sends a signal to the postmaster and to every process it has started.
export async function signalAll(pid, signal) {
  process.kill(pid, signal);
  const { stdout } = await run('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }));
  for (const child of stdout.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(child), signal);
    } catch {
      // It has just ended.
    }
  }
}

export async function psql({ socket, port }, database, statement) {
  const place = ['-h', socket, '-p', String(port), '-U', 'vestibule', '-d', database];
  const { stdout } = await run('psql', [...place, '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', statement]);
  return stdout.trim();
}

// A TCP proxy to a Unix socket. When it hangs, it reads and discards bytes without closing connections; those that were open
// hang forever.
export async function startProxy({ socket, port }) {
  const path = `${socket}/.s.PGSQL.${port}`;
  const open = new Set();
  let hanging = false;
  const discard = (from) => {
    from.removeAllListeners('data');
    from.removeAllListeners('end');
    from.on('data', () => {});
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {});
    if (hanging) return discard(client);
    const database = createConnection({ path, allowHalfOpen: true });
    const pair = [client, database];
    open.add(pair);
    for (const [from, to] of [[client, database], [database, client]]) {
      from.on('data', (bytes) => to.write(bytes));
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(pair));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: server.address().port,
    hang() {
      hanging = true;
      for (const pair of open) pair.forEach(discard);
    },
    resume() {
      hanging = false;
    },
    stop() {
      server.close();
      for (const pair of open) pair.forEach((end) => end.destroy());
    },
  };
}
