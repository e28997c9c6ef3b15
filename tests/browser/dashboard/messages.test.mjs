// Messages on the dashboard: the list with its filters, and one message with its email.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { MailServer, REPLIES } from '../lib/mail_server.mjs';

const INVITE = 'mutation ($emails: [String!]) { inviteContacts(input: { emails: $emails, note: "See you <soon>" }) { invitations { id contact { id } } } }';
const SUPPRESSION = 'query ($id: ID!) { node(id: $id) { ... on Contact { suppression { reason } } } }';

let mail;
let dashboard;
let page;
let contactIds;

before(async () => {
  mail = await MailServer.start();
  dashboard = await Dashboard.start({ SMTP_URL: mail.url });
  page = await dashboard.signIn();
});

after(async () => {
  await dashboard?.stop();
  mail?.stop();
});

const open = (path = 'messages') => page.goto(`${dashboard.base}/${path}`);
const row = (name) => page.locator('tbody tr').filter({ hasText: `${name}@people.example` });
const rows = () => page.locator('tbody tr');
const rowsAre = (count) => until(`${count} rows`, async () => await rows().count() === count, 10);
const frame = () => page.frameLocator('.message-frame');

async function filter(chip, ...options) {
  await page.getByRole('button', { name: chip, exact: true }).click();
  for (const option of options) await page.getByRole('dialog', { name: chip }).getByLabel(option, { exact: true }).click();
  await page.keyboard.press('Escape');
}

async function openMessage(name) {
  await open(`messages?search=${name}`);
  await row(name).getByRole('link').first().click();
  await page.getByRole('heading', { level: 2, name: 'Delivery' }).waitFor();
}

test('messages appear while the list is open, with their states', async () => {
  await open();
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  await inspect(page, 'messages-empty');
  const { inviteContacts } = await dashboard.api(page, INVITE, { emails: ['Fine <fine@people.example>', 'busy@people.example', 'gone@people.example'] });
  contactIds = inviteContacts.invitations.map(({ contact }) => contact.id);
  await row('fine').getByText('Sent', { exact: true }).waitFor();
  await row('busy').getByText('Deferred').waitFor();
  await row('busy').getByText(/^Next attempt/).waitFor();
  await row('gone').getByText('Bounced').waitFor();
  await row('gone').getByText(REPLIES.gone).waitFor();
  await inspect(page, 'messages');
});

test('a newer message is announced and does not move the rows', async () => {
  await dashboard.api(page, 'mutation ($ids: [ID!]) { sendLoginEmails(input: { contactIds: $ids }) { count } }', { ids: [contactIds[0]] });
  await page.getByRole('button', { name: '1 new' }).waitFor();
  assert.equal(await rows().count(), 3);
  await page.getByRole('button', { name: '1 new' }).click();
  await rows().filter({ hasText: 'Login email' }).waitFor();
});

test('filters are in the address and survive a reload', async () => {
  await open();
  await filter('Status', 'Bounced', 'Deferred');
  await rowsAre(2);
  await page.reload();
  await row('gone').waitFor();
  await rowsAre(2);
  assert.match(page.url(), /status=BOUNCED&status=DEFERRED/);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await filter('Kind', 'Login email');
  await rowsAre(1);
});

test('the search finds addresses by their beginning', async () => {
  await open();
  await page.getByRole('searchbox').fill('GON');
  await rowsAre(1);
  await page.getByRole('searchbox').fill('stranger');
  await page.getByRole('heading', { name: 'No messages match' }).waitFor();
  await inspect(page, 'messages-no-match');
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await row('gone').waitFor();
});

test('the time can be a number of days or two dates', async () => {
  await page.getByRole('button', { name: 'Requested', exact: true }).click();
  const popover = page.getByRole('dialog', { name: 'Requested' });
  await popover.getByLabel('In the last 7 days').click();
  await page.waitForURL(/\?period=7$/);
  await row('gone').waitFor();
  await popover.getByLabel('Between two days').click();
  await popover.getByLabel('Until').fill('2020-01-01');
  await page.getByRole('heading', { name: 'No messages match' }).waitFor();
  await inspect(page, 'messages-period');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear the filter Requested' }).click();
  await row('gone').waitFor();
});

test('a sent email is shown as it looked, with its secrets masked', async () => {
  await openMessage('fine');
  await page.goto(page.url());
  const text = mail.mails.find((each) => /^To:.*fine@people/m.test(each) && /invited you/i.test(each));
  assert.ok(text);
  await open('messages?kind=INVITATION&search=fine');
  await row('fine').getByRole('link').first().click();
  await frame().getByText('See you <soon>').waitFor();
  assert.equal(await frame().locator('a.on-fill').evaluate((link) => getComputedStyle(link).display), 'inline-block');
  assert.equal(await frame().locator('[href]').count(), 0);
  const html = await frame().locator('body').innerHTML();
  assert.match(html, /\/link\/••••••/);
  await inspect(page, 'message-sent');
  const height = await page.locator('.message-frame').evaluate((element) => element.offsetHeight - element.contentDocument.documentElement.offsetHeight);
  assert.ok(Math.abs(height) <= 2, 'the frame is as high as the email');
  await page.getByRole('tab', { name: 'Plain text' }).click();
  await page.locator('.message-text').getByText('••••••').waitFor();
  await page.waitForURL(/\?view=text$/);
  await page.getByText('Headers').click();
  await inspect(page, 'message-text');
});

test('a deferred message says when it is tried again', async () => {
  await openMessage('busy');
  await page.getByText('It is tried again automatically').waitFor();
  await page.locator('.message-reason').getByText(REPLIES.busy).waitFor();
  await page.locator('dt').getByText('Next attempt').waitFor();
  await inspect(page, 'message-deferred');
});

test('after a bounce, email is resumed and the invitation sent again', async () => {
  await openMessage('gone');
  await page.locator('.message-reason').getByText(REPLIES.gone).waitFor();
  await page.getByText('Email to this address is paused. The address bounced.').waitFor();
  await inspect(page, 'message-bounced');
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('Nothing was sent. Email to this address is paused.').waitFor();
  await page.getByRole('button', { name: 'Resume email' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume email' }).click();
  await page.getByText('Email to gone@people.example is resumed.').waitFor();
  await page.getByText('Email to this address is paused. The address bounced.').waitFor({ state: 'detached' });
  assert.equal((await dashboard.api(page, SUPPRESSION, { id: contactIds[2] })).node.suppression, null);
  const before = page.url();
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('The invitation was sent again.').waitFor();
  await page.getByRole('button', { name: 'Open the new message' }).click();
  await page.waitForURL((url) => url.href !== before && /\/messages\/message_/.test(url.href));
  await page.getByText('Email to this address is paused. The address bounced.').waitFor();
});

test('text messages are told apart: by channel, number and text, with their links masked', async () => {
  const input = { firstName: 'Tess', email: 'tess@people.example', phone: '+4915112345691' };
  const { createContact } = await dashboard.api(
    page, 'mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }', { input });
  const text = { selection: { contactIds: [createContact.contact.id] }, channel: 'SMS', format: 'TEXT', body: 'Sign in: {{ portal.login_url }}' };
  await dashboard.api(page, 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { count } }', { input: text });
  await open();
  await filter('Channel', 'SMS');
  await rowsAre(1);
  await page.waitForURL(/\?channel=SMS$/);
  const only = rows().first();
  await only.getByText('Written by staff · SMS').waitFor();
  await only.getByText(input.phone).waitFor();
  await only.getByText('Kept on this server').waitFor();
  await inspect(page, 'messages-sms');
  await only.getByRole('link').first().click();
  await page.getByText('No SMS provider is configured.').waitFor();
  await page.locator('.editor-sms').filter({ hasText: 'Sign in: ' }).filter({ hasText: '•' }).waitFor();
  assert.equal(await page.getByText('The contact’s address now:').count(), 0);
  await inspect(page, 'message-sms');
  await page.getByRole('button', { name: 'Send message' }).click();
  await page.getByRole('heading', { name: 'Send message', level: 1 }).waitFor();
});

test('a message that does not exist says so', async () => {
  await open('messages/message_00000000000000000000000000');
  await page.getByRole('heading', { name: 'Not found' }).waitFor();
});

test('the page reported no errors', () => assert.deepEqual(page.errors, []));

test('a server without a mail server keeps emails and links its outbox', async () => {
  const keeping = await Dashboard.start();
  try {
    const kept = await keeping.signIn('messages');
    await keeping.api(kept, INVITE, { emails: ['kept@people.example'] });
    const link = kept.locator('tbody tr').filter({ hasText: 'kept@people.example' });
    await link.getByText('Kept on this server').waitFor();
    await kept.locator('.page-header').getByRole('link', { name: 'Open outbox' }).waitFor();
    await link.getByRole('link').first().click();
    await kept.getByText('No mail server is configured.').last().waitFor();
    await inspect(kept, 'message-kept');
    await kept.locator('.message-aside').getByRole('link', { name: 'Open outbox' }).click();
    await kept.waitForURL(/\/outbox$/);
    assert.deepEqual(kept.errors, []);
  } finally {
    await keeping.stop();
  }
});
