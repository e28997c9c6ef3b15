// The page API keys: a secret is shown once, and a revoked key is refused at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

const LIST = '{ apiKeys { nodes { id name status scopes expiresAt } } }';

let dashboard;
let page;
let secret;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn('api-keys');
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
});

after(async () => dashboard?.stop());

const creation = () => page.getByRole('dialog', { name: 'Create API key' });
const key = async (name) => (await dashboard.api(page, LIST)).apiKeys.nodes.find((one) => one.name === name);

async function call() {
  const response = await fetch(`${dashboard.server.url}/graphql`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
    body: JSON.stringify({ query: '{ viewer { __typename } portalStats { invited } }' }),
  });
  return { status: response.status, body: await response.json() };
}

test('what is missing is said beside its field', async () => {
  await page.getByRole('button', { name: 'Create API key' }).first().click();
  await creation().getByRole('checkbox', { name: 'Read' }).uncheck();
  await creation().getByRole('combobox', { name: 'Expiry' }).selectOption('DATE');
  await creation().getByRole('button', { name: 'Create API key' }).click();
  for (const text of ['Give it a name.', 'Choose at least one scope.', 'Choose a day.']) await creation().getByText(text).waitFor();
  await inspect(page, 'api-keys-create');
});

test('a date that is too far away is refused by the server beside its field', async () => {
  await creation().getByLabel('Name').fill('Shop <script>, production');
  await creation().getByRole('checkbox', { name: 'Read' }).check();
  await creation().getByLabel('Last day').fill('2099-01-01');
  await creation().getByRole('button', { name: 'Create API key' }).click();
  await creation().getByText('within five years').waitFor();
  await creation().getByRole('combobox', { name: 'Expiry' }).selectOption('NEVER');
  await creation().getByText('works until someone revokes it').waitFor();
  await creation().getByRole('combobox', { name: 'Expiry' }).selectOption('90');
});

test('the secret is shown once and works', async () => {
  await creation().getByRole('checkbox', { name: 'Invite' }).check();
  await creation().getByRole('button', { name: 'Create API key' }).click();
  const created = page.getByRole('dialog', { name: 'Shop <script>, production was created' });
  secret = await created.getByLabel('Secret', { exact: true }).inputValue();
  assert.match(secret, /^apikey_/);
  await inspect(page, 'api-keys-secret');
  await created.getByRole('button', { name: 'I have stored it' }).click();
  const row = page.getByRole('row', { name: /Shop/ });
  await row.getByText('Active').waitFor();
  await row.getByText(`…${secret.slice(-4)}`).waitFor();
  const { scopes, expiresAt } = await key('Shop <script>, production');
  assert.deepEqual([...scopes].sort(), ['INVITE', 'READ']);
  assert.ok(Math.abs(new Date(expiresAt) - Date.now() - 90 * 86_400_000) < 600_000);
  assert.equal((await call()).body.data.viewer.__typename, 'ApiKey');
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.documentElement.outerHTML]));
  assert.ok(!kept.includes(secret));
});

test('a key is revoked after a question, and refused at once', async () => {
  await inspect(page, 'api-keys');
  await page.getByRole('button', { name: 'Actions for Shop' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  const question = page.getByRole('dialog', { name: /^Revoke Shop/ });
  await question.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await key('Shop <script>, production')).status, 'ACTIVE');
  await page.getByRole('button', { name: 'Actions for Shop' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await question.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('row', { name: /Shop/ }).getByText('Revoked').waitFor();
  const refused = await call();
  assert.ok(refused.status === 401 || refused.body.errors);
});

test('staff are told who manages the keys', async () => {
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "sam@acme.example", role: STAFF }) { teamMember { id } } }');
  const staff = await dashboard.signIn('api-keys', { member: 'sam@acme.example' });
  await staff.getByText('Owners and admins manage API keys').waitFor();
  assert.deepEqual(staff.errors, []);
  await staff.context().close();
});

test('the page logged no error', () => {
  assert.deepEqual(page.errors, []);
});
