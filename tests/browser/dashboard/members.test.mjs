// Two members in one browser: nothing of one is shown to the other, and a tab never acts as someone else than it shows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';

const INVITE_MEMBER = 'mutation ($input: InviteTeamMemberInput!) { inviteTeamMember(input: $input) { teamMember { id } } }';
const SAM = 'sam@demo.example';
let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
  const page = await dashboard.signIn();
  await dashboard.api(page, INVITE_MEMBER, { input: { email: SAM, name: 'Sam', role: 'STAFF' } });
  await page.context().close();
});

after(() => dashboard?.stop());

async function openInvite(page) {
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Invite to client portal' }).click();
  return page.getByRole('dialog', { name: 'Invite to client portal' });
}

test('what a member typed and where they were is gone after signing out', async () => {
  const page = await dashboard.signIn('contacts');
  const typed = await openInvite(page);
  await typed.getByLabel('Note').fill('Only for my eyes');
  await page.reload();
  assert.equal(await typed.getByLabel('Note').inputValue(), 'Only for my eyes');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /Owner$/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: /Sign in/ }).waitFor();
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);

  await page.goto(await dashboard.signInUrl(SAM));
  await page.getByRole('button').click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  assert.equal(await (await openInvite(page)).getByLabel('Note').inputValue(), '');
  assert.deepEqual(page.errors, []);
});

test('a tab whose browser was switched to another member shows that member', async () => {
  const page = await dashboard.signIn('contacts');
  const other = await page.context().newPage();
  await other.goto(await dashboard.signInUrl(SAM));
  await other.getByRole('button').first().click();
  await other.waitForURL(/\/dashboard\/demo$/);
  await page.getByRole('button', { name: /Sam.*Staff/ }).waitFor();
});
