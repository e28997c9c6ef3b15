// The emails that the system sends, in an account's own words.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(async () => dashboard?.stop());

const mail = (page) => page.frameLocator('.message-frame');
const subject = (page) => page.getByLabel('Subject');
const body = (page) => page.getByLabel('Body');
const save = (page) => page.getByRole('button', { name: 'Save', exact: true });

const TEXT = 'query ($kind: SystemEmailKind!, $language: Language!) { systemEmail(kind: $kind, language: $language) { subject body custom updatedAt } }';
const text = async (page, kind, language) => (await dashboard.api(page, TEXT, { kind, language })).systemEmail;

const write = (page, input) => dashboard.api(
  page, 'mutation ($input: SetSystemEmailInput!) { setSystemEmail(input: $input) { systemEmail { updatedAt } } }', { input });

test('each email says when it is sent, and opens in the language that was chosen', async () => {
  const page = await dashboard.signIn();
  await page.getByRole('navigation', { name: 'Dashboard' }).getByRole('link', { name: 'System emails' }).click();
  await page.getByRole('heading', { name: 'System emails', level: 1 }).waitFor();
  await page.getByText('When a contact asks for a code on the sign-in page. Goes to the contact.').waitFor();
  assert.equal(await page.locator('.system-emails-row').count(), 13);
  await inspect(page, 'system-emails');
  await page.getByRole('link', { name: /Deutsch ?: Password reset/ }).click();
  await page.getByRole('heading', { name: 'Password reset', level: 1 }).waitFor();
  assert.equal(await page.getByRole('tab', { selected: true }).first().innerText(), 'Deutsch');
  assert.match(page.url(), /emails\/password-reset\?language=de$/);
  assert.match(await body(page).inputValue(), /Passwort/);
  assert.deepEqual(page.errors, []);
});

test('an own text is written with merge fields, shown at once and saved; what is fixed stays', async () => {
  const page = await dashboard.signIn('emails/invitation');
  await page.getByText('Built-in text').waitFor();
  await mail(page).getByRole('link', { name: /portal/i }).or(mail(page).locator('a')).first().waitFor();
  await page.getByText('The button that opens the portal').waitFor();
  await inspect(page, 'system-email');
  await subject(page).fill('Welcome to ');
  await page.getByRole('button', { name: 'Insert field' }).click();
  const fields = page.getByRole('dialog', { name: 'Insert field' });
  const login = fields.getByRole('button', { name: /Login URL/ });
  await login.waitFor();
  assert.equal(await login.getAttribute('aria-disabled'), 'true');
  await inspect(page, 'system-email-fields');
  await fields.getByRole('button', { name: /Name of the portal/ }).click();
  assert.equal(await subject(page).inputValue(), 'Welcome to {{ portal.name }}');
  await body(page).fill('Hello,\n\nyour **courses** are ready.');
  await mail(page).getByText('courses', { exact: true }).waitFor();
  await page.locator('.editor-subject').filter({ hasText: 'Welcome to Demo Academy' }).waitFor();
  // What is typed survives a reload, and is nobody else's yet.
  await page.reload();
  await mail(page).getByText('courses', { exact: true }).waitFor();
  assert.equal((await text(page, 'INVITATION', 'ENGLISH')).custom, false);
  await save(page).click();
  await page.getByRole('tab', { name: 'English · own text' }).waitFor();
  const saved = await text(page, 'INVITATION', 'ENGLISH');
  assert.deepEqual([saved.custom, saved.subject], [true, 'Welcome to {{ portal.name }}']);
  assert.equal((await text(page, 'INVITATION', 'GERMAN')).custom, false);
  await inspect(page, 'system-email-own');
  await page.getByRole('link', { name: 'System emails' }).first().click();
  await page.getByRole('link', { name: /English ?: Invitation, Own text/ }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('a problem names its place; a text with an error can’t be saved', async () => {
  const page = await dashboard.signIn('emails/login-email');
  await body(page).fill('One\nTwo {{ contact.nickname }}');
  await page.getByRole('region', { name: 'Problems' }).getByRole('button', { name: /Body, line 2/ }).click();
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  await save(page).click();
  await page.locator('.editor-body .error').waitFor();
  await inspect(page, 'system-email-problem');
  assert.equal((await text(page, 'LOGIN_EMAIL', 'ENGLISH')).custom, false);
  await page.getByRole('button', { name: 'Discard changes' }).click();
  assert.doesNotMatch(await body(page).inputValue(), /nickname/);
  assert.deepEqual(page.errors, []);
});

test('what another person saved meanwhile is not overwritten, and a text is reset', async () => {
  const page = await dashboard.signIn('emails/new-device?language=fr');
  await body(page).fill('Ma version.');
  const input = { kind: 'NEW_DEVICE', locale: 'FRENCH', subject: 'Nouvel appareil' };
  await write(page, { ...input, body: 'Leur version.' });
  await save(page).click();
  await page.getByText(/Someone else saved or reset this text/).waitFor();
  assert.equal(await body(page).inputValue(), 'Ma version.');
  await inspect(page, 'system-email-conflict');
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await save(page).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Français · own text' }).waitFor();
  assert.equal((await text(page, 'NEW_DEVICE', 'FRENCH')).body, 'Ma version.');

  // The next change is compared by its time.
  await body(page).fill('Ma deuxième version.');
  await write(page, { ...input, body: 'Encore la leur.' });
  await save(page).click();
  await page.getByText(/Someone else saved or reset this text/).waitFor();
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await page.waitForFunction(() => document.querySelector('.editor-body textarea').value === 'Encore la leur.');

  await page.getByRole('button', { name: 'Reset to the built-in text' }).click();
  const asked = page.getByRole('dialog', { name: 'Reset to the built-in text?' });
  await asked.getByRole('button', { name: 'Reset to the built-in text' }).click();
  await page.getByText('The built-in text is sent again.').waitFor();
  await page.getByRole('tab', { name: 'Français', exact: true }).waitFor();
  assert.equal((await text(page, 'NEW_DEVICE', 'FRENCH')).custom, false);
  assert.notEqual(await body(page).inputValue(), 'Encore la leur.');
  assert.deepEqual(page.errors, []);
});

test('staff see who may write system emails', async () => {
  const owner = await dashboard.signIn();
  await dashboard.api(owner, 'mutation { inviteTeamMember(input: { email: "sam@people.example", role: STAFF }) { teamMember { id } } }');
  const page = await dashboard.signIn('emails', { member: 'sam@people.example' });
  await page.getByText(/Your role \(Staff\) can’t do this/).waitFor();
  assert.equal(await page.getByRole('navigation', { name: 'Dashboard' }).getByRole('link', { name: 'System emails' }).count(), 0);
  await inspect(page, 'system-emails-staff');
  await page.goto(`${dashboard.base}/emails/unknown`);
  await page.getByText('There is no such email').waitFor();
  assert.deepEqual(page.errors, []);
});
