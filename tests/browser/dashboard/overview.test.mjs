// The overview: live counts, their history, what needs attention, the feed and the checklist.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { MailServer } from '../lib/mail_server.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(() => dashboard?.stop());

const INVITE = 'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }';
const invite = (page, ...emails) => dashboard.api(page, INVITE, { emails });
const card = (page, name) => page.getByRole('region', { name });
const number = (value) => new Intl.NumberFormat('en').format(value);
const count = (page, name) => page.locator(`[data-count=${name}] .count-value`);

/** Reads what `locator` says until it is `expected`. */
const says = (locator, expected) => locator.filter({ hasText: expected }).first().waitFor();

test('the counts are those of the API, and each leads to its list', async () => {
  const page = await dashboard.signIn();
  const { portalStats } = await dashboard.api(page, '{ portalStats { invited active invitedTotal activeLast30Days } }');
  for (const [name, value] of Object.entries(portalStats)) {
    assert.equal(await count(page, name).textContent(), number(value), name);
  }
  await inspect(page, 'overview');
  await page.locator('[data-count=invited]').click();
  await page.waitForURL(/\/contacts\?status=INVITED$/);
  assert.deepEqual(page.errors, []);
});

test('the first key leads past the navigation', async () => {
  const page = await dashboard.signIn();
  await count(page, 'invited').waitFor();
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await skip.focus();
  await skip.press('Enter');
  await page.locator('#main:focus').waitFor();
  assert.deepEqual(page.errors, []);
});

test('a contact who is invited elsewhere moves the counts, which are announced, and appears in the feed', async () => {
  const page = await dashboard.signIn();
  const before = Number(await count(page, 'invited').textContent());
  await invite(page, 'Nora Lind <nora@people.example>');
  await says(count(page, 'invited'), number(before + 1));
  await page.locator('[data-count=invited] [data-changed]').waitFor();
  await page.locator('[data-count=invited] .count-value:not([data-changed])').waitFor();
  await says(page.getByRole('status'), `Invited: ${before + 1}.`);

  const entry = card(page, 'Activity').getByRole('listitem').filter({ hasText: 'Nora Lind was invited' });
  await entry.waitFor();
  await entry.getByRole('link', { name: 'Nora Lind' }).click();
  await page.waitForURL(/\/contacts\/contact_/);
  assert.deepEqual(page.errors, []);
});

test('many events at once are one entry, and the feed stands still while it is read', async () => {
  const page = await dashboard.signIn();
  await invite(page, ...Array.from({ length: 6 }, (_, index) => `burst-${index}@people.example`));
  const feed = card(page, 'Activity');
  await feed.getByText(/^([6-9]|\d\d) contacts were invited$/).waitFor();

  await feed.getByRole('button', { name: 'Pause' }).click();
  await page.mouse.move(0, 0);
  await page.locator('h1').focus();
  const { contact } = await dashboard.api(page, '{ contact(email: "burst-0@people.example") { id } }');
  await dashboard.api(page, 'mutation ($id: ID!) { revokePortalAccess(input: { contactId: $id }) { contact { id } } }', { id: contact.id });
  const fresh = feed.getByRole('button', { name: /^\d+ new$/ });
  await fresh.waitFor();
  const entry = feed.getByText('burst-0@people.example no longer has access');
  assert.equal(await entry.count(), 0);
  await fresh.click();
  await entry.waitFor();
  await feed.getByRole('button', { name: 'Resume' }).click();
  assert.deepEqual(page.errors, []);
});

const HISTORY = `query ($from: Date!, $to: Date!, $interval: StatsInterval!) {
  portalStatsHistory(from: $from, to: $to, interval: $interval) { invited joined active }
}`;

const shown = (page) => page.locator('.figures tbody tr').evaluateAll((rows) =>
  rows.map((row) => [...row.querySelectorAll('td')].map(({ textContent }) => Number(textContent.replaceAll(',', '')))).reverse());

test('the history has the figures of the API as bars and as a table, for the period of the address', async () => {
  const page = await dashboard.signIn();
  await invite(page, 'Olav Dahl <olav@people.example>');
  await page.reload();
  const history = card(page, 'Invited and joined');
  await history.getByRole('img', { name: /^30 days: / }).waitFor();
  const to = new Date().toISOString().slice(0, 10);
  const from = new Date(Date.now() - 29 * 86_400_000).toISOString().slice(0, 10);
  const { portalStatsHistory } = await dashboard.api(page, HISTORY, { from, to, interval: 'DAY' });
  await history.getByText('Show as a table').click();
  assert.deepEqual(await shown(page), portalStatsHistory.map(({ invited, joined, active }) => [invited, joined, active]));

  await history.locator('.chart-column').last().hover();
  await says(history.locator('.chart-tip'), `Invited${portalStatsHistory.at(-1).invited}`);
  await page.mouse.move(0, 0);
  await inspect(page, 'overview-table');

  await history.getByRole('tab', { name: '90 days' }).click();
  await page.waitForURL(/\?days=90$/);
  await page.reload();
  await history.getByRole('img', { name: /^90 days: / }).waitFor();
  assert.equal(await history.locator('.chart-column').count(), 13);
  assert.deepEqual(page.errors, []);
});

test('the history follows the counts', async () => {
  const page = await dashboard.signIn();
  const history = card(page, 'Invited and joined');
  const total = history.locator('.history-legend strong').first();
  const before = Number(await total.textContent());
  await invite(page, 'Vera Moss <vera@people.example>');
  await says(total, number(before + 1));
});

test('what needs attention is counted and leads to its list', async () => {
  const page = await dashboard.signIn();
  await dashboard.api(page, 'mutation { updatePortalSettings(input: { invitationDays: 1 }) { portal { id } } }');
  await invite(page, 'soon@people.example');
  await dashboard.api(page, 'mutation { updatePortalSettings(input: { invitationDays: 7 }) { portal { id } } }');
  const soon = new Date(Date.now() + 2 * 86_400_000).toISOString();
  const { invitations } = await dashboard.api(page,
    'query ($before: DateTime!) { invitations(filter: { statuses: [OPEN], expiresBefore: $before }) { totalCount } }', { before: soon });
  const expiring = card(page, 'Needs attention').getByRole('link', { name: /^\d+ invitations? expires? within 2 days/ });
  await says(expiring, String(invitations.totalCount));
  await expiring.click();
  await page.waitForURL(/\/invitations\?status=OPEN&expires=2$/);
  assert.deepEqual(page.errors, []);
});

test('an email that bounces needs attention at once', async () => {
  const mail = await MailServer.start();
  const sending = await Dashboard.start({ SMTP_URL: mail.url });
  try {
    const page = await sending.signIn();
    const bounced = card(page, 'Needs attention').getByRole('link', { name: /^\d+ emails? bounced/ });
    const before = (await sending.api(page, '{ messages(filter: { statuses: [BOUNCED] }) { totalCount } }')).messages.totalCount;
    await sending.api(page, INVITE, { emails: ['gone@people.example'] });
    await says(bounced, `${before + 1} email`);
    await says(card(page, 'Activity'), 'gone@people.example can’t be reached');
    await inspect(page, 'overview-bounced');
    await bounced.click();
    await page.waitForURL(/\/messages\?status=BOUNCED&period=7$/);
    assert.deepEqual(page.errors, []);
  } finally {
    await sending.stop();
    mail.stop();
  }
});

test('the portal’s address can be copied and scanned', async () => {
  const page = await dashboard.signIn('', { permissions: ['clipboard-read', 'clipboard-write'] });
  const address = `${dashboard.server.url}/p/demo`;
  const group = page.getByRole('group', { name: 'Portal address' });
  assert.equal(await group.getByRole('link').getAttribute('href'), address);
  await group.getByRole('button', { name: 'Copy' }).click();
  await group.getByText('Copied').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
  await group.getByRole('button', { name: 'QR code' }).click();
  await page.getByRole('img', { name: /^QR code/ }).waitFor();
  await inspect(page, 'overview-qr');
  await page.keyboard.press('Escape');
  await page.getByRole('img', { name: /^QR code/ }).waitFor({ state: 'hidden' });
  assert.deepEqual(page.errors, []);
});

test('a new account begins with a checklist, an empty history and nothing to do', async () => {
  const page = await dashboard.signIn();
  const { ownerSignInUrl } = await dashboard.server.createAccount('fresh');
  await page.goto(ownerSignInUrl);
  await page.getByRole('button').click();
  await page.waitForURL(/\/dashboard\/fresh$/);
  const list = card(page, 'Get Fresh started');
  await list.getByText('0 of 5 done').waitFor();
  await says(count(page, 'invited'), '0');
  await card(page, 'Needs attention').getByText('All is well.').waitFor();
  await card(page, 'Invited and joined').getByText('No invitations in this period').waitFor();
  await inspect(page, 'overview-new');

  await page.evaluate((query) => fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Vestibule-Account': 'fresh', 'X-Vestibule-CSRF': '1' },
    body: JSON.stringify({ query, variables: { emails: ['owner@fresh.example'] } }),
  }), INVITE);
  await list.getByText('1 of 5 done').waitFor();
  await list.getByRole('button', { name: 'Hide' }).click();
  await list.waitFor({ state: 'detached' });
  await page.reload();
  await says(count(page, 'invited'), '1');
  assert.equal(await list.count(), 0);
  assert.deepEqual(page.errors, []);
});

test('what can’t be read says so in its place, and can be tried again', async () => {
  const page = await dashboard.signIn('developers');
  await page.route('**/graphql', (route) =>
    (/RecentActivity/.test(route.request().postData() ?? '') ? route.abort() : route.fallback()));
  await page.getByRole('link', { name: 'Overview' }).click();
  const feed = card(page, 'Activity');
  await feed.getByRole('alert').getByText('The server can’t be reached').waitFor();
  await says(count(page, 'invited'), /\d/);
  await inspect(page, 'overview-unreachable');
  await page.unroute('**/graphql');
  await feed.getByRole('button', { name: 'Try again' }).click();
  await feed.getByRole('listitem').first().waitFor();
  assert.deepEqual(page.errors, []);
});
