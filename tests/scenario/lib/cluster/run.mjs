// Runs the cluster until Ctrl-C, with the account `demo`.
import { Cluster } from '../cluster.mjs';

const cluster = new Cluster();
let stopping;
function stop() {
  stopping ??= cluster.stop().then(() => process.exit(), (error) => { console.error(error); process.exit(1); });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

try {
  await cluster.start((text) => console.error(text));
  const demo = JSON.parse(await cluster.command('demo'));
  const { ports, folder } = cluster;
  console.log(`The cluster is up.
  Front:       ${cluster.url}/  (three gateways behind HAProxy)
  Gateways:    ${cluster.gateways.map(({ url }) => url).join('  ')}
  Sign in:     ${demo.ownerSignInUrl}
  API key:     ${demo.apiKey}
  Primary:     127.0.0.1:${ports.primary}
  Replica:     127.0.0.1:${ports.replica}
  NATS:        nats://127.0.0.1:${ports.nats}
  Metrics:     ${[...cluster.gateways, cluster.worker].map(({ name }) => `127.0.0.1:${ports[`${name}Metrics`]}`).join('  ')}
  Databases:   patronictl -c ${folder}/postgres1/patroni.json list
  HAProxy:     ${cluster.socket}
  Logs, mails: ${folder}
  Processes:   ${[...cluster.gateways, cluster.worker, cluster.haproxy, cluster.nats, ...cluster.databases, cluster.etcd]
    .map(({ name, child }) => `${name} ${child.pid}`).join(', ')}
Press Ctrl-C to stop.`);
} catch (error) {
  if (!stopping) {
    console.error(error.message);
    process.exitCode = 1;
  }
  stop();
}
