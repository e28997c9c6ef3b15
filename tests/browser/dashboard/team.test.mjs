// The page Team: who may sign in to the dashboard, with which role, and what ends with it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;
let page;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn('team');
  await page.getByRole('table', { name: 'Team' }).waitFor();
});

after(async () => dashboard?.stop());

const members = async () => (await dashboard.api(page, '{ teamMembers { nodes { id email name role joinedAt } } }')).teamMembers.nodes;
const member = async (email) => (await members()).find((one) => one.email === email);
const toast = (text) => page.locator('.toast').filter({ hasText: text }).last();
const dialog = (name) => page.getByRole('dialog', { name, exact: true });
const choose = async (on, name, item) => {
  await on.getByRole('button', { name: `Actions for ${name}` }).click();
  await on.getByRole('menuitem', { name: item }).click();
};

test('a member is invited, after a bad address is refused beside its field', async () => {
  await page.getByRole('button', { name: 'Invite member' }).click();
  const invite = dialog('Invite a team member');
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await invite.getByText('Enter an email address.').waitFor();
  await invite.getByLabel('Email').fill('ida');
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await invite.getByText('it is not an email address').waitFor();
  assert.equal(await invite.getByLabel('Email').getAttribute('aria-invalid'), 'true');
  await inspect(page, 'team-invite');
  await invite.getByLabel('Email').fill('ida@acme.example');
  await invite.getByLabel('Name').fill('Ida Berg');
  await invite.getByRole('radio', { name: 'Admin' }).check();
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await toast('ida@acme.example was added').waitFor();
  await page.getByRole('row', { name: /Ida Berg/ }).getByText('Invited').waitFor();
  assert.deepEqual({ ...await member('ida@acme.example'), id: '' }, { id: '', email: 'ida@acme.example', name: 'Ida Berg', role: 'ADMIN', joinedAt: null });
});

test('an invitation is sent again, as long as the member has not signed in', async () => {
  await choose(page, 'Ida Berg', 'Resend invitation');
  await toast('The invitation to Ida Berg was kept on this server').waitFor();
  const sent = '{ auditLog(filter: { kinds: [MEMBER_INVITATION_RESENT] }) { nodes { subjectId } } }';
  const { auditLog } = await dashboard.api(page, sent);
  assert.deepEqual(auditLog.nodes, [{ subjectId: (await member('ida@acme.example')).id }]);
  await page.getByRole('button', { name: 'Actions for owner@demo.example' }).click();
  await page.getByRole('menuitem', { name: 'Sessions' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: 'Resend invitation' }).count(), 0);
  await page.keyboard.press('Escape');
});

test('an address that belongs to a member is refused, and nothing typed is lost', async () => {
  await page.getByRole('button', { name: 'Invite member' }).click();
  const invite = dialog('Invite a team member');
  await invite.getByLabel('Email').fill('ida@acme.example');
  await invite.getByLabel('Name').fill('اِيدا');
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await invite.getByText('already belongs to a team member').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Invite member' }).click();
  assert.equal(await invite.getByLabel('Name').inputValue(), 'اِيدا');
  await page.keyboard.press('Escape');
});

test('a name is changed and undone', async () => {
  await choose(page, 'Ida Berg', 'Change name or role');
  await dialog('Change Ida Berg').getByLabel('Name').fill('Ida 🌱 Berg-Lindström');
  await dialog('Change Ida Berg').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('row', { name: /Lindström/ }).waitFor();
  assert.equal((await member('ida@acme.example')).name, 'Ida 🌱 Berg-Lindström');
  await toast('changes saved').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('row', { name: /Ida Berg/ }).waitFor();
  assert.equal((await member('ida@acme.example')).name, 'Ida Berg');
});

test('an admin can’t manage owners, and sees why', async () => {
  const admin = await dashboard.signIn('team', { member: 'ida@acme.example' });
  await admin.getByRole('button', { name: 'Actions for owner@demo.example' }).click();
  assert.equal(await admin.getByRole('menuitem', { name: /^Remove/ }).getAttribute('aria-disabled'), 'true');
  await admin.keyboard.press('Escape');
  await admin.getByRole('button', { name: 'Invite member' }).click();
  assert.ok(await admin.getByRole('radio', { name: 'Owner' }).isDisabled());
  await admin.getByText('Only an owner can add, change or remove owners.').waitFor();
  assert.deepEqual(admin.errors, []);
  await dashboard.api(admin, 'mutation { createApiKey(input: { name: "Shop", scopes: [READ] }) { apiKey { id } } }');
});

test('the sessions of a member are listed and ended', async () => {
  await choose(page, 'Ida Berg', 'Sessions');
  const sessions = dialog('Sessions of Ida Berg');
  await sessions.getByRole('button', { name: 'End session' }).first().waitFor();
  await inspect(page, 'team-sessions');
  await sessions.getByRole('button', { name: 'End session' }).first().click();
  await page.getByRole('dialog', { name: /End the session on/ }).getByRole('button', { name: 'End session' }).click();
  await sessions.getByText('Not signed in').waitFor();
  await sessions.locator('.dialog-footer').getByRole('button', { name: 'Close' }).click();
});

test('a lower role says which API keys ended', async () => {
  await choose(page, 'Ida Berg', 'Change name or role');
  await dialog('Change Ida Berg').getByRole('radio', { name: 'Read only' }).check();
  await dialog('Change Ida Berg').getByText('the API keys that they created stop working').waitFor();
  await dialog('Change Ida Berg').getByRole('button', { name: 'Save' }).click();
  await dialog('1 API key ended').getByText('Shop').waitFor();
  await inspect(page, 'team-keys-ended');
  await dialog('1 API key ended').locator('.dialog-footer').getByRole('button', { name: 'Close' }).click();
  assert.equal((await member('ida@acme.example')).role, 'READ_ONLY');
  await page.getByRole('row', { name: /Ida Berg.*Read only/ }).waitFor();
});

test('the last owner stays', async () => {
  await choose(page, 'owner@demo.example', 'Remove');
  const removal = page.getByRole('dialog', { name: /^Remove owner@demo.example/ });
  await removal.getByText('That is you').waitFor();
  await removal.getByRole('button', { name: 'Remove' }).click();
  await removal.getByText('An account needs at least one owner.').waitFor();
  await removal.getByRole('button', { name: 'Cancel' }).click();
});

test('a member without access to the team is told so', async () => {
  const reader = await dashboard.signIn('team', { member: 'ida@acme.example' });
  await reader.getByText('Owners and admins manage the team').waitFor();
  assert.deepEqual(reader.errors, []);
  await reader.context().close();
});

test('a member is removed after a question', async () => {
  await inspect(page, 'team');
  await choose(page, 'Ida Berg', 'Remove');
  await page.getByRole('dialog', { name: 'Remove Ida Berg from the team?' }).getByRole('button', { name: 'Remove' }).click();
  await toast('Ida Berg was removed').waitFor();
  await page.getByRole('row', { name: /Ida Berg/ }).waitFor({ state: 'detached' });
  assert.equal(await member('ida@acme.example'), undefined);
});

test('the page logged no error', () => {
  assert.deepEqual(page.errors, []);
});
