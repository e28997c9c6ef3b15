// What the programs of the cluster read. docs/scale.md explains the values.

// Patroni reads YAML; JSON is a part of it. `ttl` bounds how long a dead primary stays the leader; 20 s is Patroni's minimum.
export function patroni({ name, folder, bin, port, api, etcd, passwords }) {
  return JSON.stringify({
    scope: 'vestibule',
    name,
    restapi: { listen: `127.0.0.1:${api}`, connect_address: `127.0.0.1:${api}` },
    etcd3: { hosts: [`127.0.0.1:${etcd}`] },
    bootstrap: {
      dcs: {
        ttl: 20,
        loop_wait: 2,
        retry_timeout: 5,
        maximum_lag_on_failover: 1 << 20,
        synchronous_mode: true,
        postgresql: {
          use_pg_rewind: true,
          use_slots: true,
          parameters: { max_connections: 200, shared_buffers: '64MB', wal_log_hints: 'on', wal_keep_size: '256MB' },
        },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: `${folder}/data`,
      bin_dir: bin,
      pgpass: `${folder}/pgpass`,
      authentication: {
        superuser: { username: 'postgres', password: passwords.superuser },
        replication: { username: 'replicator', password: passwords.replication },
      },
      parameters: { unix_socket_directories: folder },
      pg_hba: [
        'local all all scram-sha-256',
        'host all all 127.0.0.1/32 scram-sha-256',
        'host replication replicator 127.0.0.1/32 scram-sha-256',
      ],
    },
  }, null, 2);
}

// A gateway is asked by /readyz, a database by Patroni's REST API. While no gateway is ready, because all lack the database, those that
// run say so themselves. A request goes to another gateway only if the first one did not take it: then it can't have had an effect.
export function haproxy({ socket, ports, databases, gateways }) {
  const database = ({ name, port, api }) => `  server ${name} 127.0.0.1:${port} check port ${api}`;
  const role = (name, bind) => [
    `listen ${name}`,
    `  bind 127.0.0.1:${bind}`,
    `  option httpchk GET /${name}`,
    '  http-check expect status 200',
    '  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions',
    ...databases.map(database),
  ];
  const pool = (name, health) => [
    `backend ${name}`,
    '  mode http',
    '  balance roundrobin',
    '  option redispatch 1',
    '  retries 3',
    '  retry-on conn-failure',
    `  option httpchk GET ${health}`,
    '  http-check expect status 200',
    '  default-server inter 1s fall 2 rise 1',
    ...gateways.map((gateway) => `  server ${gateway.name} 127.0.0.1:${gateway.port} check`),
  ];
  return [
    'global',
    '  maxconn 8000',
    `  stats socket ${socket} mode 600 level admin`,
    'defaults',
    '  mode tcp',
    '  timeout connect 2s',
    '  timeout client 1h',
    '  timeout server 1h',
    '  timeout check 2s',
    ...role('primary', ports.primary),
    ...role('replica', ports.replica),
    'frontend web',
    '  mode http',
    `  bind 127.0.0.1:${ports.front}`,
    '  option forwardfor',
    '  use_backend running if { nbsrv(gateways) eq 0 }',
    '  default_backend gateways',
    ...pool('gateways', '/readyz'),
    ...pool('running', '/healthz'),
    '',
  ].join('\n');
}
