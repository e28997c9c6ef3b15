// What other members changed is there when the window has the focus again, and takes nothing away from a form.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';

let dashboard;
let page;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn();
});

after(async () => dashboard?.stop());

const api = (query, variables) => dashboard.api(page, query, variables);
const comeBack = () => page.evaluate(() => dispatchEvent(new Event('focus')));
const change = (input) => api('mutation ($input: UpdatePortalSettingsInput!) { updatePortalSettings(input: $input) { portal { id } } }', { input });

async function open(path) {
  await page.goto(`${dashboard.base}/${path}`);
  await page.locator('.connection[data-state=live]').waitFor();
}

test('settings: what is typed stays, other fields change, and a collision is named until it is resolved', async () => {
  await open('settings');
  const general = page.getByRole('form', { name: 'General' });
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Mine');
  await change({ timezone: 'Asia/Tokyo' });
  await comeBack();
  await page.locator('select').filter({ has: page.locator('option:checked[value="Asia/Tokyo"]') }).waitFor();
  assert.equal(await name.inputValue(), 'Mine');
  assert.equal(await general.getByText('Another member saved a change here').count(), 0);
  await change({ name: 'Theirs' });
  await comeBack();
  await general.getByText('Another member saved a change here').waitFor();
  assert.equal(await name.inputValue(), 'Mine');
  await general.getByRole('button', { name: 'Discard' }).click();
  await general.getByText('Another member saved a change here').waitFor({ state: 'detached' });
  assert.equal(await name.inputValue(), 'Theirs');
});

test('settings: a sending domain that another member set is shown, and what was typed is named', async () => {
  const { sendingDomain } = (await api('{ portal { sendingDomain { domain } } }')).portal;
  if (sendingDomain) await api('mutation ($domain: String!) { removeSendingDomain(input: {domain: $domain}) { removedDomain } }', sendingDomain);
  await comeBack();
  await page.getByLabel('Your domain').fill('mine.example');
  await api('mutation ($domain: String!) { setSendingDomain(input: {domain: $domain}) { sendingDomain { domain } } }', { domain: 'theirs.example' });
  await comeBack();
  await page.getByText('Another member set theirs.example while you were entering mine.example.').waitFor();
});

test('team: a role that another member changed is named in the dialog that changes the member', async () => {
  const { inviteTeamMember } = await api('mutation ($input: InviteTeamMemberInput!) { inviteTeamMember(input: $input) { teamMember { id } } }',
    { input: { email: 'ida@acme.example', name: 'Ida', role: 'STAFF' } });
  await open('team');
  await page.getByRole('button', { name: 'Actions for Ida' }).click();
  await page.getByRole('menuitem', { name: 'Change name or role' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change Ida' });
  await dialog.getByLabel('Name').fill('Ida Berg');
  await api('mutation ($input: UpdateTeamMemberInput!) { updateTeamMember(input: $input) { teamMember { id } } }',
    { input: { teamMemberId: inviteTeamMember.teamMember.id, role: 'READ_ONLY' } });
  await comeBack();
  await dialog.getByText('Another member changed this meanwhile. Now: Ida, Read only.').waitFor();
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'Ida Berg');
});

test('API keys: one that another member revoked is shown as revoked', async () => {
  const { createApiKey } = await api('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }',
    { input: { name: 'Shop', scopes: ['READ'] } });
  await open('api-keys');
  const row = page.getByRole('row').filter({ hasText: 'Shop' });
  await row.getByText('Active').waitFor();
  await api('mutation ($id: ID!) { revokeApiKey(input: {apiKeyId: $id}) { apiKey { id } } }', { id: createApiKey.apiKey.id });
  await comeBack();
  await row.getByText('Revoked').waitFor();
  assert.deepEqual(page.errors, []);
});
