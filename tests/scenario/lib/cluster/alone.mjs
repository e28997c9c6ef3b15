// A single server with a database of its own on the cluster's PostgreSQL: what one process does is compared with it.
import { folder, Server } from '../processes.mjs';

export async function startAlone(cluster, sink) {
  await cluster.sqlAsSuperuser('create database alone owner vestibule');
  const home = await folder();
  const server = new Server(home.path, { DATABASE_URL: cluster.databaseUrl(cluster.ports.primary, 'alone'), VESTIBULE_SECRET: cluster.secret,
    SMTP_URL: sink.url });
  await server.start();
  const { apiKey } = await server.createAccount('alone');
  return { server, key: apiKey, stop: async () => {
    await server.stop();
    await home.remove();
  } };
}
