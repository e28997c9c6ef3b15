// The page Audit log: sentences with their details, filters in the address, and an export of what is filtered.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;
let page;
let contact;

const invite = (email) => dashboard.api(page, `mutation ($email: EmailAddress!) {
  inviteContacts(input: { emails: [$email] }) { invitations { contact { id } } }
}`, { email });

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn('audit');
  await page.getByRole('list', { name: 'Audit log' }).waitFor();
  contact = (await invite('zoe@people.example')).inviteContacts.invitations[0].contact.id;
  await dashboard.api(page, 'mutation ($id: ID!) { updateContact(input: { contactId: $id, firstName: "Zoë", lastName: "=Ash;=1" }) { contact { id } } }', { id: contact });
  await dashboard.api(page, 'mutation { createApiKey(input: { name: "Shop", scopes: [READ] }) { apiKey { id } } }');
  await page.reload();
  await events().first().waitFor();
});

after(async () => dashboard?.stop());

const events = () => page.getByRole('list', { name: 'Audit log' }).locator(':scope > li');
const sentence = (text) => events().filter({ hasText: text });
const total = async (filter) => (await dashboard.api(page, 'query ($filter: AuditFilter) { auditLog(filter: $filter) { totalCount } }', { filter })).auditLog.totalCount;
const shownCount = (count) => page.getByRole('status').filter({ hasText: new RegExp(`^${count} events?$`) });

test('events are sentences, and open into everything that was recorded', async () => {
  await sentence('owner@demo.example created the API key Shop').waitFor();
  const invited = sentence('owner@demo.example invited Zoë =Ash').first();
  await invited.locator('summary').click();
  await invited.getByText('IP address').waitFor();
  await invited.getByText('INVITED', { exact: true }).waitFor();
  assert.equal(await invited.getByRole('link', { name: 'Zoë =Ash' }).getAttribute('href'), `/dashboard/demo/contacts/${contact}`);
  await inspect(page, 'audit');
});

test('what happens is announced, and shown when it is asked for', async () => {
  const before = await events().first().getAttribute('data-id');
  await invite('yan@people.example');
  await page.getByRole('button', { name: /^\d+ new$/ }).click();
  await sentence('invited yan@people.example').waitFor();
  assert.notEqual(await events().first().getAttribute('data-id'), before);
});

test('events are filtered by kind, and the address keeps it', async () => {
  await page.getByRole('button', { name: 'Events', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Team and API keys' }).check();
  await page.keyboard.press('Escape');
  await shownCount(await total({ kinds: ['MEMBER_INVITED', 'MEMBER_CHANGED', 'MEMBER_REMOVED', 'API_KEY_CREATED', 'API_KEY_REVOKED'] })).waitFor();
  assert.equal(await sentence('invited').count(), 0);
  await page.reload();
  await sentence('created the API key Shop').waitFor();
  assert.match(page.url(), /group=TEAM/);
  assert.equal(await sentence('invited').count(), 0);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await sentence('invited yan@people.example').waitFor();
});

test('a contact is found and filtered by', async () => {
  await page.getByRole('button', { name: 'Contact', exact: true }).click();
  await page.getByLabel('Name or email address').fill('zoë');
  await page.getByRole('button', { name: /zoe@people.example/ }).click();
  await shownCount(await total({ contactId: contact })).waitFor();
  assert.match(page.url(), new RegExp(`contact=${contact}`));
  assert.ok(!page.url().includes('people.example'));
  assert.equal(await sentence('yan@people.example').count(), 0);
});

test('what is filtered is exported as CSV, and formulas become text', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
  assert.match(download.suggestedFilename(), /^audit-log-demo-\d{4}-\d\d-\d\d\.csv$/);
  const text = await readFile(await download.path(), 'utf8');
  const lines = text.replace(/^\uFEFF/, '').trim().split('\r\n');
  assert.equal(lines.length - 1, await total({ contactId: contact }));
  assert.match(lines[0], /^"at","event","kind"/);
  assert.ok(lines.slice(1).every((line) => line.includes(contact)));
  assert.ok(!/(^|,)"[=+@-]|;[=+@-]/m.test(text));
  assert.ok(text.includes("Zoë =Ash;'=1"));
  await page.locator('.toast').filter({ hasText: 'exported' }).waitFor();
});

test('an export that fails goes on where it stopped', async () => {
  let failed = false;
  await page.route('**/graphql', async (route) => {
    if (failed || !route.request().postData()?.includes('AuditPage')) return route.fallback();
    failed = true;
    return route.abort();
  });
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const notice = page.getByRole('alert').filter({ hasText: 'can’t be reached' });
  await notice.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), notice.getByRole('button', { name: 'Try again' }).click()]);
  assert.ok(await download.path());
});

test('dates, refusals and the kind of one event narrow the list', async () => {
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('button', { name: 'Dates', exact: true }).click();
  await page.getByLabel('From').fill('2099-01-01');
  await page.getByText('No event matches these filters').waitFor();
  await inspect(page, 'audit-none');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear the filter Dates' }).click();
  const created = sentence('created the API key Shop');
  await created.locator('summary').click();
  await created.getByRole('button', { name: 'Only this kind' }).click();
  await shownCount(await total({ kinds: ['API_KEY_CREATED'] })).waitFor();
  await page.getByRole('button', { name: 'Remove Someone created the API key …' }).click();
  await page.goto(`${dashboard.base}/audit?refused=true`);
  const refused = await total({ refusedOnly: true });
  if (refused) await shownCount(refused).waitFor();
  else await page.getByText('No event matches these filters').waitFor();
});

test('staff are told who reads the log', async () => {
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "sam@acme.example", role: STAFF }) { teamMember { id } } }');
  const staff = await dashboard.signIn('audit', { member: 'sam@acme.example' });
  await staff.getByText('Owners and admins read the audit log').waitFor();
  assert.deepEqual(staff.errors, []);
  await staff.context().close();
});

test('the page logged no error', () => {
  assert.deepEqual(page.errors, []);
});
