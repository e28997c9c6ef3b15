// Invitations on the dashboard: their states, sending them again and cancelling them, one or many.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { MailServer, REPLIES } from '../lib/mail_server.mjs';

const LONG = `${'W'.repeat(60)} ${'x'.repeat(39)}`;
const INVITE = `mutation ($input: InviteContactsInput!) {
  inviteContacts(input: $input) { count bulkJob { id } invitations { id contact { email } } }
}`;
const STATES = `query ($search: String) {
  invitations(first: 100, filter: { search: $search }) { totalCount nodes { id status sentCount contact { email } lastMessage { status } } }
}`;

let mail;
let dashboard;
let page;

before(async () => {
  mail = await MailServer.start();
  dashboard = await Dashboard.start({ SMTP_URL: mail.url });
  page = await dashboard.signIn();
});

after(async () => {
  await dashboard?.stop();
  mail?.stop();
});

const invite = async (...emails) => (await dashboard.api(page, INVITE, { input: { emails } })).inviteContacts;
const invitation = async (name) =>
  (await dashboard.api(page, STATES, { search: name })).invitations.nodes.find(({ contact }) => contact.email.startsWith(`${name}@`));
const open = (search = '') => page.goto(`${dashboard.base}/invitations${search}`);
const row = (name) => page.locator('tbody tr').filter({ hasText: `${name}@people.example` });
const dialog = () => page.getByRole('dialog').filter({ has: page.getByRole('heading', { level: 2 }) });
const select = (name) => row(name).getByRole('checkbox').click();
const bar = () => page.locator('.selection-bar');

async function choose(name, action) {
  await row(name).getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

test('without invitations it offers to invite', async () => {
  await open();
  await page.getByRole('heading', { name: 'No open invitations' }).waitFor();
  await inspect(page, 'invitations-empty');
  await page.locator('.empty-state').getByRole('button', { name: 'Invite' }).waitFor();
});

test('an invitation by someone else is announced, and shown when asked for', async () => {
  await invite('Fine Person <fine@people.example>');
  await row('fine').waitFor();
  await invite('busy@people.example', 'gone@people.example', `${LONG} <long@people.example>`, 'محمد عبد الله <rtl@people.example>');
  await page.getByRole('button', { name: '4 new' }).click();
  await row('gone').waitFor();
  await page.getByRole('tab', { name: /^Open/ }).getByText('5', { exact: true }).waitFor();
});

test('rows show how the last email was delivered', async () => {
  await row('fine').getByText('Sent', { exact: true }).waitFor();
  await row('busy').getByText('Deferred').waitFor();
  await row('busy').getByText(REPLIES.busy).waitFor();
  await row('busy').getByText(/^Next attempt/).waitFor();
  await row('gone').getByText('Bounced').waitFor();
  await row('gone').getByText(REPLIES.gone).waitFor();
  await inspect(page, 'invitations');
});

test('one is sent again from its menu', async () => {
  await choose('fine', 'Resend');
  await page.getByText('The invitation to Fine Person was sent again.').waitFor();
  assert.equal((await invitation('fine')).sentCount, 2);
  await row('fine').getByText('Sent 2 times').waitFor();
});

test('nothing is sent to a paused address, and the reason is said', async () => {
  await choose('gone', 'Resend');
  await page.getByText('Nothing was sent to gone@people.example. Email to this address is paused.').waitFor();
  assert.equal((await invitation('gone')).sentCount, 1);
});

test('one is cancelled after a question', async () => {
  await choose('long', 'Cancel invitation');
  await dialog().getByText('1 invitation will be cancelled.').waitFor();
  await inspect(page, 'invitations-cancel');
  await dialog().getByRole('button', { name: 'Back' }).click();
  assert.equal((await invitation('long')).status, 'OPEN');
  await choose('long', 'Cancel invitation');
  await dialog().getByRole('button', { name: 'Cancel 1 invitation' }).click();
  await row('long').waitFor({ state: 'detached' });
  assert.equal((await invitation('long')).status, 'CANCELLED');
  await page.getByRole('tab', { name: /^Cancelled/ }).click();
  await row('long').waitFor();
  assert.match(page.url(), /\?status=CANCELLED$/);
});

test('several are sent again, and those that stay as they are have a reason', async () => {
  await open();
  for (const name of ['fine', 'rtl', 'gone']) await select(name);
  await bar().getByText('3 selected').waitFor();
  await inspect(page, 'invitations-selected');
  await bar().getByRole('button', { name: 'Resend' }).click();
  await dialog().getByText('2 contacts will get a new email.').waitFor();
  await dialog().getByText('1 will stay as it is').click();
  await dialog().getByText('gone@people.example').waitFor();
  await inspect(page, 'invitations-resend');
  await dialog().getByRole('button', { name: 'Resend 2 invitations' }).click();
  await page.getByText('2 invitations were sent again.').waitFor();
  assert.deepEqual(await Promise.all(['fine', 'rtl', 'gone'].map(async (name) => (await invitation(name)).sentCount)), [3, 2, 1]);
  await bar().waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
});

test('several are cancelled by keyboard alone', async () => {
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await bar().getByText('1 selected').waitFor();
  await bar().getByRole('button', { name: 'Cancel', exact: true }).focus();
  await page.keyboard.press('Enter');
  await dialog().getByRole('button', { name: 'Cancel 1 invitation' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('1 invitation was cancelled.').waitFor();
});

test('the tab, the search and the filter are in the address', async () => {
  await open();
  await page.getByRole('tab', { name: /^All/ }).click();
  await page.getByRole('searchbox').fill('fine');
  await row('gone').waitFor({ state: 'detached' });
  await page.waitForURL(/\?status=ALL&search=fine$/);
  await page.reload();
  await row('fine').waitFor();
  await until('one row', async () => await page.locator('tbody tr').count() === 1, 10);
  assert.equal(await page.getByRole('tab', { name: /^All/ }).getAttribute('aria-selected'), 'true');
  await open('?expires=1');
  await page.getByRole('heading', { name: 'No invitations match' }).waitFor();
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await row('fine').waitFor();
});

test('all that match are changed by a job', async () => {
  const many = Array.from({ length: 120 }, (_, index) => `many${index}@people.example`);
  await invite(...many);
  await until('all are invited', async () => (await dashboard.api(page, STATES, { search: 'many' })).invitations.totalCount === 120);
  await open('?search=many');
  await page.getByRole('tab', { name: /^Open/ }).getByText('120', { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: 'Select all loaded rows' }).click();
  await page.getByRole('button', { name: 'Select all 120 that match' }).click();
  await bar().getByRole('button', { name: 'Cancel', exact: true }).click();
  await dialog().getByText('This runs as a job.').waitFor();
  await dialog().getByRole('button', { name: 'Cancel 120 invitations' }).click();
  await page.getByText('A job with 120 invitations has started.').waitFor();
  await page.getByRole('heading', { name: 'No invitations match' }).waitFor();
  const left = (await dashboard.api(page, STATES, { search: 'many' })).invitations.nodes.filter(({ status }) => status !== 'CANCELLED');
  assert.deepEqual(left, []);
});

test('a member who may only read sees why the actions are off', async () => {
  await dashboard.api(page, `mutation { inviteTeamMember(input: { email: "reader@demo.example", role: READ_ONLY }) { teamMember { id } } }`);
  const reader = await dashboard.signIn('invitations', { member: 'reader@demo.example', locale: 'de-DE' });
  await reader.getByRole('heading', { name: 'Einladungen' }).waitFor();
  const button = reader.locator('.page-header').getByRole('button', { name: 'Einladen' });
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  await button.focus();
  await reader.getByRole('tooltip').first().waitFor();
  assert.deepEqual(reader.errors, []);
  await reader.context().close();
});

test('the page reported no errors', () => assert.deepEqual(page.errors, []));
