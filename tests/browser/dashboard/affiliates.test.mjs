// Affiliates on the dashboard: the list, making one, and an affiliate with clicks and sales.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

const LONG = { firstName: 'Maximiliane-Alexandra', lastName: `von ${'Wolkenburg-'.repeat(8)}`, email: 'maximiliane.von.wolkenburg@students.university.example' };
const AFFILIATE = 'query ($id: ID!) { affiliate(id: $id) { code link status targetUrl clickCount contact { id } sales(first: 10) { nodes { externalId status } } } }';

let dashboard;
let page;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn();
  page.setDefaultTimeout(15_000);
});

after(() => dashboard?.stop());

const api = (query, input) => dashboard.api(page, query, input && { input });
const createContact = async (input) =>
  (await api('mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }', input)).createContact.contact.id;
const setAffiliate = async (input) =>
  (await api('mutation ($input: SetAffiliateInput!) { setAffiliate(input: $input) { affiliate { id link } } }', input)).setAffiliate.affiliate;
const recordSale = (affiliateId, externalId, amount, commission, currencyCode = 'EUR', status = 'PENDING') => api(
  'mutation ($input: RecordAffiliateSaleInput!) { recordAffiliateSale(input: $input) { sale { id } } }',
  { affiliateId, externalId, amount, commission, currencyCode, status, soldAt: '2026-11-01T10:00:00Z' });
const read = async (id) => (await dashboard.api(page, AFFILIATE, { id })).affiliate;

const open = (path = 'affiliates') => page.goto(`${dashboard.base}/${path}`);
const row = (text) => page.locator('tbody tr').filter({ hasText: text });
const dialog = () => page.getByRole('dialog').filter({ has: page.getByRole('heading', { level: 2 }) });
const idOf = () => page.url().split('/').pop().split('?')[0];

test('without affiliates it says what they are', async () => {
  await open();
  const known = (await dashboard.api(page, '{ affiliates { totalCount } }')).affiliates.totalCount;
  await page.getByRole('heading', { level: 1, name: 'Affiliates' }).waitFor();
  if (known === 0) {
    await page.getByRole('heading', { name: 'No affiliates yet' }).waitFor();
    await inspect(page, 'affiliates-empty');
  }
});

test('a contact is chosen by keyboard and made an affiliate; a refused code is said beside its field', async () => {
  await createContact({ firstName: 'Ann', lastName: 'Lind', email: 'ann.lind@people.example' });
  const bo = await createContact({ firstName: 'Bo', email: 'bo@people.example' });
  await setAffiliate({ contactId: bo, code: 'bo-taken' });
  await open();
  await page.getByRole('button', { name: 'Make an affiliate' }).first().click();
  await dialog().getByRole('button', { name: 'Make an affiliate' }).click();
  await dialog().getByText('Choose a contact.').waitFor();
  await dialog().getByLabel('Contact', { exact: true }).pressSequentially('ann.lind');
  await dialog().getByRole('option', { name: 'Ann Lind' }).waitFor();
  await inspect(page, 'affiliates-new');
  await dialog().getByLabel('Contact', { exact: true }).press('Enter');
  await dialog().getByRole('button', { name: 'Change' }).waitFor();
  await dialog().getByLabel('Code').fill('BO-taken');
  await dialog().getByLabel('Target').fill('shop.example/start');
  await dialog().getByRole('button', { name: 'Make an affiliate' }).click();
  await dialog().locator('.field').filter({ hasText: 'Code' }).getByRole('alert').waitFor();
  await inspect(page, 'affiliates-refused');
  await dialog().getByLabel('Code').fill('ann');
  await dialog().getByRole('button', { name: 'Make an affiliate' }).click();
  await page.getByRole('heading', { level: 1, name: 'Ann Lind' }).waitFor();
  const made = await read(idOf());
  assert.equal(made.code, 'ann');
  assert.equal(made.targetUrl, 'https://shop.example/start');
  await inspect(page, 'affiliate-new');
});

test('from the page of a contact, who may be an affiliate already', async () => {
  const id = await createContact({ firstName: 'Cleo', email: 'cleo@people.example' });
  await open(`contacts/${id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Make an affiliate' }).click();
  await dialog().getByText('cleo@people.example').waitFor();
  await dialog().getByRole('button', { name: 'Make an affiliate' }).click();
  await page.getByRole('heading', { level: 1, name: 'Cleo' }).waitFor();
  const made = idOf();
  await open(`affiliates?new=${id}`);
  await dialog().getByText('Cleo is an affiliate already.').waitFor();
  await open(`contacts/${id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Show affiliate' }).click();
  await page.waitForURL(new RegExp(`/affiliates/${made}$`));
});

test('the list shows figures of each; search and status are in the address', async () => {
  const contactId = await createContact(LONG);
  const { id } = await setAffiliate({ contactId, code: 'maximiliane-alexandra-von-wolkenburg', status: 'PAUSED' });
  await recordSale(id, 'M-1', '100.00', '20.00');
  await recordSale(id, 'M-2', '5000', '1000', 'JPY');
  await open();
  await row('Maximiliane').getByText('€20.00').waitFor();
  await row('Maximiliane').getByText('¥1,000').waitFor();
  await row('Maximiliane').getByRole('button', { name: 'Copy the link' }).waitFor();
  await inspect(page, 'affiliates');
  await page.getByRole('button', { name: 'Status', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Paused' }).click();
  await row('Cleo').waitFor({ state: 'detached' });
  await page.getByRole('searchbox', { name: 'Search affiliates' }).fill('zz');
  await page.getByRole('heading', { name: 'No affiliate matches' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Show all affiliates' }).click();
  await row('Cleo').waitFor();
});

test('an affiliate: clicks, sales, their status, and the link', async () => {
  const contactId = await createContact({ firstName: 'Dee', email: 'dee@people.example' });
  const { id, link } = await setAffiliate({ contactId, code: 'dee-one' });
  const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36';
  await fetch(link, { redirect: 'manual', headers: { 'User-Agent': agent, Accept: 'text/html' } });
  await until('the click is counted', async () => (await read(id)).clickCount === 1);
  await recordSale(id, 'ORDER-1', '49.90', '10.00');
  await recordSale(id, 'ORDER-2', '49.90', '10.00', 'USD', 'APPROVED');
  await open(`affiliates/${id}`);
  await page.getByRole('img', { name: '1 click in the last 30 days' }).waitFor();
  await row('ORDER-1').getByText('Pending').first().waitFor();
  await inspect(page, 'affiliate');
  await row('ORDER-1').getByRole('button', { name: /Change the status/ }).click();
  await page.getByRole('menuitem', { name: 'Approve' }).click();
  await row('ORDER-1').getByText('Approved').first().waitFor();
  const statuses = async () => Object.fromEntries((await read(id)).sales.nodes.map(({ externalId, status }) => [externalId, status]));
  assert.deepEqual(await statuses(), { 'ORDER-1': 'APPROVED', 'ORDER-2': 'APPROVED' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await row('ORDER-1').getByText('Pending').first().waitFor();
  await row('ORDER-2').getByRole('button', { name: /Change the status/ }).click();
  await page.getByRole('menuitem', { name: 'Mark as paid' }).click();
  await row('ORDER-2').getByText('Paid').first().waitFor();
  await row('ORDER-2').getByRole('button', { name: /Change the status/ }).click();
  assert.equal(await page.getByRole('menuitem', { name: 'Set to pending' }).getAttribute('aria-disabled'), 'true');
  await page.keyboard.press('Escape');
  assert.deepEqual(await statuses(), { 'ORDER-1': 'PENDING', 'ORDER-2': 'PAID' });
});

test('the link is paused, resumed and edited', async () => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('The link is paused: it leads to the portal, and clicks are not counted.').waitFor();
  assert.equal((await read(idOf())).status, 'PAUSED');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.getByRole('button', { name: 'Edit link' }).click();
  await dialog().getByLabel('Code').fill('x');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByRole('alert').waitFor();
  await dialog().getByLabel('Code').fill('dee-two');
  await dialog().getByLabel('Target').fill('http://shop.example');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().locator('.field').filter({ hasText: 'Target' }).getByRole('alert').waitFor();
  await inspect(page, 'affiliate-edit');
  await dialog().getByLabel('Target').fill('');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().waitFor({ state: 'detached' });
  assert.equal((await read(idOf())).code, 'dee-two');
});

test('staff see sales, but can’t change their status', async () => {
  await api('mutation ($input: InviteTeamMemberInput!) { inviteTeamMember(input: $input) { teamMember { id } } }', { email: 'sue@acme.example', role: 'STAFF' });
  const theirs = await dashboard.signIn(`affiliates/${idOf()}`, { member: 'sue@acme.example' });
  await theirs.getByText('Owners and admins can change the status of a sale.').waitFor();
  await theirs.locator('tbody tr').filter({ hasText: 'ORDER-1' }).waitFor();
  assert.equal(await theirs.getByRole('button', { name: /Change the status/ }).count(), 0);
  assert.deepEqual(theirs.errors, []);
  await theirs.context().close();
});

test('an affiliate that is not there', async () => {
  await open('affiliates/affiliate_00000000000000000000000000');
  await page.getByText('This affiliate was not found').waitFor();
});

test('nothing failed on the way', () => assert.deepEqual(page.errors, []));
