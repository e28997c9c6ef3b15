// The page for developers. What it shows as code is run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(() => dashboard?.stop());

const card = (page, name) => page.getByRole('region', { name, exact: true });
const code = (page, title) => page.getByRole('region', { name: title, exact: true }).textContent();

const NEW_KEY = 'mutation { createApiKey(input: { name: "Test", scopes: [READ, INVITE] }) { secret } }';

/** What a program printed until `enough`; the program is ended then. */
function output(command, args, options, enough) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  return new Promise((done, fail) => {
    let printed = '';
    child.on('error', fail);
    child.on('exit', () => done(printed));
    child.stdout.on('data', (text) => {
      printed += text;
      if (enough?.test(printed)) child.kill();
    });
  });
}

const environment = (secret) => ({ env: { PATH: process.env.PATH, VESTIBULE_KEY: secret } });

async function contactName(page, email) {
  const { contact } = await dashboard.api(page, 'query ($email: EmailAddress!) { contact(email: $email) { name portalStatus } }', { email });
  return contact;
}

test('the endpoints are the server’s, and can be copied', async () => {
  const page = await dashboard.signIn('developers', { permissions: ['clipboard-read', 'clipboard-write'] });
  const { url } = dashboard.server;
  const socket = url.replace('http', 'ws');
  const endpoints = {
    GraphQL: `${url}/graphql`,
    WebSocket: `${socket}/graphql`,
    'Event stream': `${url}/graphql/stream`,
    'Signing keys (JWKS)': `${url}/.well-known/jwks.json`,
  };
  for (const [label, value] of Object.entries(endpoints)) {
    assert.equal(await page.getByLabel(label, { exact: true }).inputValue(), value);
  }
  assert.ok((await (await fetch(endpoints['Signing keys (JWKS)'])).json()).keys.length > 0);
  await page.getByRole('button', { name: 'Copy Event stream' }).click();
  await page.getByText('Copied').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), endpoints['Event stream']);

  const playground = page.getByRole('link', { name: 'Open the playground' });
  assert.equal(await playground.getAttribute('href'), '/graphiql?account=demo');
  const schema = page.getByRole('link', { name: 'Download schema.graphql' });
  assert.match(await (await fetch(new URL(await schema.getAttribute('href'), url))).text(), /^type Query/m);
  await card(page, 'Schema').getByText(`${url}/schema.graphql`).waitFor();
  await inspect(page, 'developers');
  assert.deepEqual(page.errors, []);
});

test('the examples for curl run as they are', async () => {
  const page = await dashboard.signIn('developers');
  const { createApiKey: { secret } } = await dashboard.api(page, NEW_KEY);
  const answer = JSON.parse(await output('bash', ['-c', await code(page, 'Invite a contact')], environment(secret)));
  assert.equal(answer.data.inviteContacts.invitations[0].contact.email, 'ida@example.com');
  assert.deepEqual(await contactName(page, 'ida@example.com'), { name: 'Ida Berg', portalStatus: 'INVITED' });
  const stream = `exec ${await code(page, 'Subscribe to the counts')}`;
  assert.match(await output('bash', ['-c', stream], environment(secret), /invited/), /"portalStats":\{"invited":\d+/);
  assert.deepEqual(page.errors, []);
});

test('the examples for TypeScript run as they are', async () => {
  const page = await dashboard.signIn('developers');
  await page.getByRole('tab', { name: 'TypeScript' }).click();
  await page.waitForURL(/\?language=typescript$/);
  await page.reload();
  const { createApiKey: { secret } } = await dashboard.api(page, NEW_KEY);
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-example-'));
  try {
    await symlink(new URL('../../node_modules', import.meta.url).pathname, join(folder, 'node_modules'));
    const run = async (title, enough) => {
      const file = join(folder, 'example.mjs');
      await writeFile(file, await code(page, title));
      return output(process.execPath, ['--experimental-websocket', '--no-warnings', file], environment(secret), enough);
    };
    assert.match(await run('Invite a contact'), /"inviteContacts":\{"invitations":\[/);
    assert.match(await run('Subscribe to the counts', /invited/), /"portalStats":\{"invited":\d+/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await page.getByRole('tab', { name: 'TypeScript' }).press('ArrowRight');
  assert.match(await code(page, 'Invite a contact'), /URLSession/);
  await inspect(page, 'developers-swift');
  assert.deepEqual(page.errors, []);
});

test('the health of the server is shown, and why it isn’t ready', async () => {
  const page = await dashboard.signIn('developers');
  const health = card(page, 'Health');
  const ready = page.locator('[data-path=readyz]');
  await ready.getByText('Yes').waitFor();
  await page.locator('[data-path=healthz]').getByText('Yes').waitFor();
  await page.route('**/readyz', (route) => route.fulfill({ status: 503, body: 'the database does not answer\n' }));
  await health.getByRole('button', { name: 'Check again' }).click();
  await ready.getByText('No', { exact: true }).waitFor();
  await ready.getByText('the database does not answer').waitFor();
  await inspect(page, 'developers-not-ready');
  await page.unroute('**/readyz');
  await page.route('**/readyz', (route) => route.abort());
  await health.getByRole('button', { name: 'Check again' }).click();
  await ready.getByText('No response').waitFor();
  assert.deepEqual(page.errors, []);
});

test('staff who may not make API keys are told whom to ask', async () => {
  const page = await dashboard.signIn();
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "sam@demo.example", role: STAFF }) { teamMember { id } } }');
  const staff = await dashboard.signIn('developers', { member: 'sam@demo.example' });
  await staff.getByText('Ask an owner or admin for an API key.').waitFor();
  assert.equal(await staff.getByRole('link', { name: 'Manage API keys' }).count(), 0);
  assert.deepEqual(staff.errors, []);
});
