// The page Contacts: finding, ordering, selecting and changing contacts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(async () => dashboard?.stop());

const row = (page, name) => page.locator('tbody tr').filter({ hasText: name });
const names = (page) => page.locator('.contacts-name').allTextContents();
const status = (page) => page.getByRole('main').getByRole('status').first();
const toastOf = (page, text) => page.locator('.toast').filter({ hasText: text });
const dialog = (page) => page.locator('dialog[open]');

const contact = async (page, email) => (await dashboard.api(page,
  'query ($email: EmailAddress!) { contact(email: $email) { id name tags portalStatus phone locale timezone } }', { email })).contact;

const create = (page, input) => dashboard.api(page,
  'mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }', { input });

async function select(page, ...chosen) {
  for (const name of chosen) await row(page, name).getByRole('checkbox').check();
}

async function addTag(page, label, tag) {
  const field = dialog(page).getByLabel(label);
  await field.fill(tag);
  await field.press('Enter');
}

test('the list shows what the API has, and orders by its headers', async () => {
  const page = await dashboard.signIn('contacts');
  await status(page).filter({ hasText: '8 contacts' }).waitFor();
  await row(page, 'Ada Lovelace').getByText('Not invited').waitFor();
  await page.getByRole('columnheader', { name: 'Contact' }).getByRole('button').click();
  await page.waitForURL(/order=NAME/);
  await page.locator('tbody tr').first().filter({ hasText: 'Ada Lovelace' }).waitFor();
  assert.deepEqual(await names(page), (await names(page)).toSorted());
  assert.equal(await page.getByRole('columnheader', { name: 'Contact' }).getAttribute('aria-sort'), 'ascending');
  await page.getByRole('columnheader', { name: 'Contact' }).getByRole('button').click();
  await page.locator('tbody tr').first().filter({ hasText: 'Radia Perlman' }).waitFor();
  await page.reload();
  await page.locator('tbody tr').first().filter({ hasText: 'Radia Perlman' }).waitFor();
  await inspect(page, 'contacts');
  assert.deepEqual(page.errors, []);
});

test('search and filters live in the address', async () => {
  const page = await dashboard.signIn('contacts');
  await page.getByRole('searchbox', { name: /Search by name/ }).fill('gra hop');
  await status(page).filter({ hasText: '1 contact matches' }).waitFor();
  assert.match(page.url(), /search=gra\+hop/);
  await page.getByRole('searchbox', { name: /Search by name/ }).press('Escape');
  await status(page).filter({ hasText: '8 contacts' }).waitFor();

  await page.getByRole('button', { name: 'Tags' }).first().click();
  await page.getByRole('dialog', { name: 'Tags' }).getByText('course').waitFor();
  await page.getByRole('dialog', { name: 'Tags' }).getByLabel(/course/).check();
  await status(page).filter({ hasText: '3 contacts match' }).waitFor();
  await page.keyboard.press('Escape');
  await page.reload();
  await status(page).filter({ hasText: '3 contacts match' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await status(page).filter({ hasText: '8 contacts' }).waitFor();

  await page.getByRole('button', { name: 'Custom dates' }).click();
  const dates = page.getByRole('dialog', { name: 'Custom dates' });
  await dates.getByLabel('Added since').fill('2001-01-01');
  await dates.getByLabel('Added until').fill('2000-01-01');
  await dates.getByRole('button', { name: 'Apply dates' }).click();
  await dates.getByText('This is before the first day').waitFor();
  await inspect(page, 'contacts-dates');
  await dates.getByLabel('Added until').fill('2001-02-01');
  await dates.getByRole('button', { name: 'Apply dates' }).click();
  await page.getByText('No contacts match').waitFor();
  assert.match(page.url(), /added=2001-01-01\.\.2001-02-01/);
  await inspect(page, 'contacts-no-match');
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await status(page).filter({ hasText: '8 contacts' }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('a new contact is added; what is wrong is said beside its field, and what was typed survives', async () => {
  const page = await dashboard.signIn('contacts');
  await page.getByRole('button', { name: 'New contact' }).click();
  await dialog(page).getByRole('button', { name: 'Add contact' }).click();
  await dialog(page).getByText('Enter an email address or a phone number.').waitFor();
  await dialog(page).getByLabel('Email').fill('ADA@people.example');
  await dialog(page).getByRole('button', { name: 'Add contact' }).click();
  await dialog(page).getByText('Another contact of this account has that address.').waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
  await dialog(page).getByLabel('Email').fill('ida@people.example');
  await dialog(page).getByLabel('First name').fill('Ida');
  await dialog(page).getByLabel('Last name').fill('Berg');
  await dialog(page).getByLabel('Phone').fill('12');
  await addTag(page, 'Tags', 'vip');
  await addTag(page, 'Tags', 'course');
  await dialog(page).getByLabel('Language').selectOption('de');
  await dialog(page).getByLabel('Time zone').fill('Europe/Berlin');
  await inspect(page, 'contacts-new');
  await dialog(page).getByRole('button', { name: 'Add contact' }).click();
  await dialog(page).getByText(/not a phone number/).waitFor();

  await page.reload();
  await page.getByRole('button', { name: 'New contact' }).click();
  assert.equal(await dialog(page).getByLabel('First name').inputValue(), 'Ida');
  await dialog(page).getByLabel('Phone').fill('+49 151 12345678');
  await dialog(page).getByRole('button', { name: 'Add contact' }).click();
  await toastOf(page, 'Ida Berg was added').waitFor();
  await row(page, 'Ida Berg').waitFor();
  const { id, ...made } = await contact(page, 'ida@people.example');
  assert.match(id, /^contact_/);
  assert.deepEqual(made, {
    name: 'Ida Berg', tags: ['vip', 'course'], portalStatus: 'NOT_INVITED', phone: '+4915112345678', locale: 'de', timezone: 'Europe/Berlin',
  });
  await page.getByRole('button', { name: 'New contact' }).click();
  assert.equal(await dialog(page).getByLabel('First name').inputValue(), '');
  assert.deepEqual(page.errors, []);
});

test('contacts that others add are announced, and move no row until they are asked for', async () => {
  const page = await dashboard.signIn('contacts');
  await row(page, 'Ada Lovelace').waitFor();
  const before = await names(page);
  await create(page, { email: 'new@people.example', firstName: 'Newly', lastName: 'Added' });
  await page.getByRole('button', { name: '1 new' }).waitFor();
  assert.deepEqual(await names(page), before);
  await page.getByRole('button', { name: '1 new' }).click();
  await row(page, 'Newly Added').waitFor();
  assert.deepEqual(page.errors, []);
});

test('tags of selected contacts change, and back again', async () => {
  const page = await dashboard.signIn('contacts');
  await select(page, 'Alan Turing', 'Grace Hopper');
  await page.getByText('2 selected').waitFor();
  await page.getByRole('region', { name: /selected rows/ }).getByRole('button', { name: 'Tags' }).click();
  await dialog(page).getByRole('button', { name: 'Apply' }).click();
  await dialog(page).getByText('Enter at least one tag').waitFor();
  await addTag(page, 'Add tags', 'spring');
  await addTag(page, 'Remove tags', 'course');
  await inspect(page, 'contacts-tags');
  await dialog(page).getByRole('button', { name: 'Apply' }).click();
  await toastOf(page, 'Tags of 2 contacts changed').waitFor();
  assert.deepEqual((await contact(page, 'grace@people.example')).tags, ['spring']);
  assert.deepEqual((await contact(page, 'alan@people.example')).tags, ['community', 'spring']);
  await row(page, 'Grace Hopper').getByText('spring').waitFor();
  await toastOf(page, 'Tags of 2').getByRole('button', { name: 'Undo' }).click();
  await row(page, 'Grace Hopper').getByText('spring').waitFor({ state: 'detached' });
  await row(page, 'Grace Hopper').getByText('course').waitFor();
  assert.deepEqual((await contact(page, 'alan@people.example')).tags, ['community']);
  assert.deepEqual(page.errors, []);
});

test('access is revoked and restored for many after a dry run', async () => {
  const page = await dashboard.signIn('contacts');
  const more = async (item) => {
    await page.getByRole('region', { name: /selected rows/ }).getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await select(page, 'Barbara Liskov', 'Donald Knuth');
  await more('Revoke access');
  await dialog(page).getByText('Revoke the access of 2 contacts?').waitFor();
  await dialog(page).getByLabel('Reason').fill('Course ended');
  await inspect(page, 'contacts-revoke');
  await dialog(page).getByRole('button', { name: 'Revoke access' }).click();
  await toastOf(page, 'Access of 2 contacts revoked').waitFor();
  await row(page, 'Barbara Liskov').getByText('Access revoked').waitFor();
  assert.equal((await contact(page, 'donald@people.example')).portalStatus, 'REVOKED');

  await select(page, 'Barbara Liskov', 'Donald Knuth', 'Ada Lovelace');
  await more('Restore access');
  await dialog(page).getByText('Restore the access of 2 contacts?').waitFor();
  await dialog(page).getByText('1 contact is skipped').click();
  await dialog(page).getByText('ada@people.example').waitFor();
  await dialog(page).getByRole('button', { name: 'Restore access' }).click();
  await toastOf(page, 'Access of 2 contacts restored').waitFor();
  assert.equal((await contact(page, 'donald@people.example')).portalStatus, 'NOT_INVITED');

  await select(page, 'Ada Lovelace');
  await more('Restore access');
  await dialog(page).getByText('There is no access to restore').waitFor();
  assert.deepEqual(page.errors, []);
});

test('everything that matches a filter becomes a job when it is much', async () => {
  const page = await dashboard.signIn('contacts');
  for (let at = 0; at < 110; at += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, n) => create(page, { email: `many${at + n}@bulk.example`, tags: ['bulk'] })));
  }
  await page.goto(`${dashboard.base}/contacts?tag=bulk`);
  await status(page).filter({ hasText: '110 contacts match' }).waitFor();
  await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
  await page.getByRole('button', { name: 'Select all 110 that match' }).click();
  await page.getByText('110 selected').waitFor();
  await page.getByRole('region', { name: /selected rows/ }).getByRole('button', { name: 'Tags' }).click();
  await addTag(page, 'Add tags', 'wave');
  await dialog(page).getByRole('button', { name: 'Apply' }).click();
  await toastOf(page, 'Changing the tags of 110 contacts').getByRole('button', { name: 'Show progress' }).waitFor();
  const { bulkJobs } = await dashboard.api(page, '{ bulkJobs(first: 1) { nodes { kind total } } }');
  assert.deepEqual(bulkJobs.nodes, [{ kind: 'TAG', total: 110 }]);
  assert.deepEqual(page.errors, []);
});

test('the export is what the list shows, or everything', async () => {
  const page = await dashboard.signIn('contacts?search=ada');
  await status(page).filter({ hasText: 'matches' }).waitFor();
  await page.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export the matching contacts (1)' }).click();
  const text = await readAll(await (await download).createReadStream());
  assert.match(text, /ada@people\.example/);
  assert.doesNotMatch(text, /grace@people\.example/);
  assert.deepEqual(page.errors, []);
});

test('selected contacts are exported by their ids', async () => {
  const page = await dashboard.signIn('contacts?search=people.example');
  await select(page, 'Alan Turing', 'Grace Hopper');
  const ids = await Promise.all(['alan', 'grace'].map(async (name) => (await contact(page, `${name}@people.example`)).id));
  const download = page.waitForEvent('download');
  await page.getByRole('region', { name: /selected rows/ }).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Export as CSV' }).click();
  const { pathname, searchParams } = new URL((await download).url());
  assert.match(pathname, /\/contacts\.csv$/);
  assert.deepEqual(searchParams.get('ids').split(','), ids);
  assert.deepEqual(page.errors, []);
});

async function readAll(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

test('names in any script and of any length keep the layout', async () => {
  const page = await dashboard.signIn('contacts');
  await create(page, { email: 'rtl@people.example', firstName: 'مريم', lastName: 'العبدالله' });
  await create(page, { email: `${'l'.repeat(60)}@people.example`, firstName: 'Ludwig'.repeat(16), lastName: '🦉'.repeat(50) });
  await page.reload();
  await row(page, 'مريم').waitFor();
  await inspect(page, 'contacts-names');
  assert.deepEqual(page.errors, []);
});

test('an account without contacts offers what to do first', async () => {
  const page = await dashboard.signIn('contacts');
  const { contacts } = await dashboard.api(page, '{ contacts(first: 100) { nodes { id } } }');
  let left = contacts.nodes;
  while (left.length) {
    for (const { id } of left) await dashboard.api(page, 'mutation ($id: ID!) { deleteContact(input: { contactId: $id }) { deletedContactId } }', { id });
    left = (await dashboard.api(page, '{ contacts(first: 100) { nodes { id } } }')).contacts.nodes;
  }
  await page.reload();
  await page.getByText('No contacts yet').waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Invite to client portal' }).waitFor();
  await inspect(page, 'contacts-empty');
  assert.deepEqual(page.errors, []);
});
