// packaging/compose.yaml: what it names exists, what it sets is known, and nothing but the proxy is open to others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import yaml from 'js-yaml';
import { outcomes, read, settings, wrongSettings } from './lib/packaging.mjs';

const text = await read('packaging/compose.yaml');
const compose = yaml.load(text);
const services = Object.entries(compose.services);
const ours = services.filter(([name]) => ['gateway', 'worker'].includes(name));
const VARIABLE = /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g;

// As compose fills them in, with a value for each that is required.
const filled = (value) => String(value).replace(VARIABLE, (_, name, kind, rest) => (kind === '-' ? rest : `${name}-${'x'.repeat(32)}`));

test('gateway and worker set only settings that the program knows', async () => {
  const known = new Set(await settings());
  for (const [name, { environment }] of ours) {
    assert.deepEqual(Object.keys(environment).filter((setting) => !known.has(setting)), [], name);
  }
});

test('the program accepts the values', async () => {
  for (const [name, { environment }] of ours) {
    const env = Object.fromEntries(Object.entries(environment).map(([setting, value]) => [setting, filled(value)]));
    // The services have names that only compose knows.
    env.DATABASE_URL = env.DATABASE_URL.replace('@postgres:5432', '@127.0.0.1:1');
    assert.equal(await wrongSettings(env), '', name);
  }
});

test('a value that is wrong would be noticed', async () => {
  assert.match(await wrongSettings({ VESTIBULE_PUBLIC_URL: 'nowhere' }), /VESTIBULE_PUBLIC_URL/);
});

test('every variable is in the example of the .env file, and secrets have no default', async () => {
  const example = await read('packaging/compose.env.example');
  for (const [, name, kind] of text.matchAll(VARIABLE)) {
    assert.match(example, new RegExp(`^#?${name}=`, 'm'));
    if (/PASSWORD|SECRET/.test(name)) assert.equal(kind, '?', `${name} is required`);
  }
});

test('each service has an image, and what it needs is declared', () => {
  for (const [name, { image, depends_on: needs = {}, networks, volumes = [] }] of services) {
    assert.match(image, /:[\w.$]/, `${name} names a version of its image`);
    for (const [needed, { condition }] of Object.entries(needs)) {
      assert.ok(compose.services[needed], `${name} needs ${needed}`);
      // Podman leaves the health check of an image out unless it is built in Docker's format.
      if (condition === 'service_healthy') assert.ok(compose.services[needed].healthcheck, needed);
    }
    for (const network of networks) assert.ok(network in compose.networks, `${name}: network ${network}`);
    for (const volume of volumes.map((entry) => entry.split(':')[0]).filter((entry) => !entry.startsWith('.'))) {
      assert.ok(volume in compose.volumes, `${name}: volume ${volume}`);
    }
  }
});

test('the health checks of gateway and worker tell a ready one from one that is not', async () => {
  for (const [name, port, path] of [['gateway', 8000, '/readyz'], ['worker', 9090, '/healthz']]) {
    const [kind, ...command] = compose.services[name].healthcheck.test.map((text) => text.replaceAll('$$', '$'));
    assert.equal(kind, 'CMD');
    assert.deepEqual(await outcomes(command, port, path), ['healthy', 'unhealthy', 'unhealthy'], name);
  }
});

test('only the proxy is open to other machines', () => {
  const open = services.filter(([, { ports = [] }]) => ports.some((port) => !port.startsWith('127.0.0.1:')));
  assert.deepEqual(open.map(([name]) => name), ['proxy']);
});

test('only the proxy and Vestibule are in the network whose addresses are trusted', () => {
  const [{ subnet }] = compose.networks.proxied.ipam.config;
  assert.deepEqual(services.filter(([, { networks }]) => networks.includes('proxied')).map(([name]) => name), ['gateway', 'worker', 'proxy']);
  for (const [, { environment }] of ours) assert.equal(environment.VESTIBULE_TRUSTED_PROXIES, subnet);
});
