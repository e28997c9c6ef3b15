// packaging/prometheus/alerts.yaml and docs/operate/metrics.md against the metrics of a running server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import yaml from 'js-yaml';
import { Client } from '../scenario/lib/client.mjs';
import { folder, Server, until } from '../scenario/lib/processes.mjs';
import { read } from './lib/packaging.mjs';

const TOKEN = 'a-token-of-this-test';
const rules = yaml.load(await read('packaging/prometheus/alerts.yaml')).groups.flatMap((group) => group.rules);
const documented = [...(await read('docs/operate/metrics.md')).matchAll(/^\| `(vestibule_\w+)` \|/gm)].map(([, name]) => name);

let home;
let server;
let printed;

before(async () => {
  home = await folder();
  server = new Server(home.path, { VESTIBULE_METRICS_TOKEN: TOKEN });
  await server.start();
  const { apiKey } = await server.createAccount('acme');
  await new Client(server, apiKey).execute('mutation { inviteContacts(input: { emails: ["anna@example.com"] }) { count } }');
  // Some metrics appear with the first request or message that they count.
  await until('the invitation is counted', async () => {
    const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    // OpenMetrics leaves `_total` out of the name of a counter.
    const types = [...(await response.text()).matchAll(/^# TYPE (\w+) (\w+)$/gm)];
    printed = types.map(([, name, type]) => (type === 'counter' ? `${name}_total` : name));
    return printed.includes('vestibule_messages_total');
  });
});

after(async () => {
  await server?.stop();
  await home?.remove();
});

test('each metric of the server is documented', () => {
  assert.ok(printed.includes('vestibule_graphql_operations_total'));
  assert.deepEqual(printed.filter((name) => !documented.includes(name)), []);
});

test('each alert is about documented metrics', () => {
  for (const { alert, expr } of rules) {
    const names = (expr.match(/\bvestibule_\w+/g) ?? []).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    assert.ok(names.length > 0 || /^up\{/.test(expr), alert);
    assert.deepEqual(names.filter((name) => !documented.includes(name)), [], alert);
  }
});

test('each alert has a severity, a summary, and a runbook that names it', async () => {
  for (const { alert, labels, annotations } of rules) {
    assert.match(alert, /^Vestibule[A-Z]\w+$/);
    assert.match(labels.severity, /^(page|ticket)$/, alert);
    assert.match(annotations.summary, /^\S.*[^.]$/, alert);
    const [file, anchor] = annotations.runbook.split('#');
    const section = (await read(file)).split(/^## /m).find((part) => part.toLowerCase().startsWith(`${anchor}\n`));
    assert.match(section ?? '', new RegExp(`^\\| \`${alert}\` \\|`, 'm'), `${annotations.runbook} has no row for ${alert}`);
  }
});

test('no two alerts have the same name', () => {
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
});
