// "Why can't they get in?" on a contact's page: the verdict, the steps, and what can be done about each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { MailServer } from '../lib/mail_server.mjs';

const LONG = `${'Wolkenburg-'.repeat(8)}Hohenstein`;

let dashboard;
let mail;
let page;

before(async () => {
  mail = await MailServer.start();
  dashboard = await Dashboard.start({ SMTP_URL: mail.url });
  page = await dashboard.signIn();
  page.setDefaultTimeout(10_000);
});

after(async () => {
  await dashboard?.stop();
  mail?.stop();
});

const api = (query, input) => dashboard.api(page, query, input && { input });
const createContact = async (input) =>
  (await api('mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }', input)).createContact.contact.id;
const invite = (contactId) => api('mutation ($input: InviteContactsInput!) { inviteContacts(input: $input) { count } }', { contactIds: [contactId] });
const createCourse = async (input) =>
  (await api('mutation ($input: CreateCourseInput!) { createCourse(input: $input) { course { id } } }', input)).createCourse.course.id;
const statusOf = async (id) => (await dashboard.api(page, 'query ($id: ID!) { contact(id: $id) { portalStatus } }', { id })).contact.portalStatus;
const reportOf = async (id, itemId) => (await dashboard.api(page,
  'query ($id: ID!, $itemId: ID) { contact(id: $id) { accessReport(itemId: $itemId) { canSignIn canOpen steps { kind outcome reason action } } } }',
  { id, itemId })).contact.accessReport;

const open = (id, query = '') => page.goto(`${dashboard.base}/contacts/${id}${query}`);
const report = () => page.getByRole('region', { name: 'Why can’t they get in?' });
const verdict = (text) => report().getByRole('status').filter({ hasText: text }).waitFor();
const step = (kind) => report().locator(`.report-step[data-kind=${kind}]`);

test('the report opens from the header, takes the focus, and shows each step of the API', async () => {
  const id = await createContact({ firstName: 'Nia', lastName: LONG, email: 'nia@people.example' });
  await open(id);
  await page.getByRole('button', { name: 'Why can’t they get in?' }).click();
  await page.waitForURL(/\?why=1$/);
  await verdict('can sign in');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'report-title');
  const { steps } = await reportOf(id);
  assert.deepEqual(await report().locator('.report-step').evaluateAll((all) => all.map(({ dataset }) => [dataset.kind, dataset.outcome])),
    steps.map(({ kind, outcome }) => [kind, outcome]));
  await inspect(page, 'report-new');
  await page.reload();
  await verdict('can sign in');
  await report().getByRole('button', { name: 'Close' }).click();
  await report().waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Why can’t they get in?');
});

test('a contact who was never invited is invited from the report', async () => {
  const id = await createContact({ firstName: 'Ivo', email: 'ivo@people.example' });
  await open(id, '?why=1');
  await step('INVITATION').getByText('They were never invited.').waitFor();
  await step('INVITATION').getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Ivo').first().waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await invite(id);
  await step('INVITATION').getByText('The invitation is open.').waitFor();
  await step('DELIVERY').waitFor();
});

test('revoked access stops the contact, and is restored', async () => {
  const id = await createContact({ firstName: 'Rea', email: 'rea@people.example' });
  await api('mutation ($input: RevokePortalAccessInput!) { revokePortalAccess(input: $input) { contact { id } } }', { contactId: id });
  await open(id, '?why=1');
  await verdict('Rea can’t sign in.');
  await verdict('Their access to the portal was revoked.');
  await step('REVOCATION').getByText('Stops them').waitFor();
  await inspect(page, 'report-revoked');
  await step('REVOCATION').getByRole('button', { name: 'Restore access' }).click();
  await verdict('Rea can sign in.');
  assert.notEqual(await statusOf(id), 'REVOKED');
});

test('email to an address that bounced is resumed', async () => {
  const id = await createContact({ firstName: 'Gus', email: 'gone@people.example' });
  await invite(id);
  await until('it bounced', async () => (await reportOf(id)).steps.some(({ reason }) => reason === 'EMAIL_SUPPRESSED'));
  await open(id, '?why=1');
  await verdict('Gus can’t sign in.');
  await inspect(page, 'report-bounced');
  await step('EMAIL').getByRole('button', { name: 'Resume email' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume email' }).click();
  await step('EMAIL').getByText('Email to the address is not paused.').waitFor();
});

test('without an address, the details are opened to add one', async () => {
  const id = await createContact({ firstName: 'Ada', phone: '+4915112345678' });
  await open(id, '?why=1');
  await verdict('Ada can’t sign in.');
  await step('ADDRESS').getByRole('button', { name: 'Change address' }).click();
  await page.getByLabel('Email', { exact: true }).fill('ada.new@people.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await verdict('Ada can sign in.');
});

test('the report is about a course too', async () => {
  const id = await createContact({ firstName: 'Kim', email: 'kim@people.example' });
  const course = await createCourse({ title: 'Baking', status: 'PUBLISHED' });
  await createCourse({ title: 'Brewing' });
  await open(id, '?why=1');
  const about = report().getByLabel('Course or community');
  await about.getByRole('option', { name: 'Baking' }).waitFor({ state: 'attached' });
  assert.deepEqual((await about.locator('option').allTextContents()).slice(0, 3), ['Only the sign-in', 'Brewing (Draft)', 'Baking']);
  await about.selectOption('Baking');
  await verdict('Kim can sign in, but can’t open Baking.');
  await page.waitForURL(/\?why=course_/);
  await step('GRANT').getByText('Nothing gives them access to it.').waitFor();
  await inspect(page, 'report-course');
  await api('mutation ($input: AssignCoursesInput!) { assignCourses(input: $input) { count } }', { contactId: id, add: [course] });
  await verdict('Kim can sign in and open Baking.');
  await about.selectOption('Brewing (Draft)');
  await step('CONTENT').getByRole('link', { name: 'Publish it' }).click();
  await page.getByRole('heading', { level: 1, name: 'Brewing' }).waitFor();
});

test('a member who may only read sees why the actions are not theirs', async () => {
  await api('mutation ($input: InviteTeamMemberInput!) { inviteTeamMember(input: $input) { teamMember { id } } }', { email: 'rob@acme.example', role: 'READ_ONLY' });
  const id = await createContact({ firstName: 'Zoe', phone: '+4915112345679' });
  const theirs = await dashboard.signIn(`contacts/${id}?why=1`, { member: 'rob@acme.example' });
  const button = theirs.locator('.report-step[data-kind=ADDRESS]').getByRole('button', { name: 'Change address' });
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  assert.deepEqual(theirs.errors, []);
  await theirs.context().close();
});

test('nothing failed on the way', () => assert.deepEqual(page.errors, []));
