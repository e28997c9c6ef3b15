// Importing contacts on the dashboard, and the jobs that do it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

const CONTACTS = `query ($search: String!) {
  contacts(first: 100, filter: { search: $search }) { totalCount nodes { email name phone tags timezone locale portalStatus } }
}`;
const INVITATIONS = 'query ($search: String!) { invitations(first: 10, filter: { search: $search }) { nodes { section contact { email } } } }';
const JOBS = 'query { bulkJobs(first: 20) { nodes { id kind status total done failed } } }';

// A mark, semicolons, quotes, a line break and German names of columns.
const GERMAN = '\ufeffVorname;Nachname;E-Mail-Adresse;Handy;Schlagworte;Bemerkung\r\n'
  + '"Anna ""Ann""";Müller;anna@import.example;+4915112345678;"vip;new";first\r\n'
  + 'Björn;Ö;bjoern@import.example;;;"two\r\nlines"\r\n'
  + '\r\n'
  + 'Carla;Díaz;not an address;;;\r\n'
  + 'Dora;"=Lang;-Kurz";dora@import.example;12;;\r\n'
  + 'Emil;Zwei;anna@import.example;;;\r\n'
  + 'محمد;عبد الله;rtl@import.example;;;\r\n';

let dashboard;
let page;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn();
});

after(() => dashboard?.stop());

const open = (path) => page.goto(`${dashboard.base}/${path}`);
const contacts = async (search) => (await dashboard.api(page, CONTACTS, { search })).contacts.nodes;
const choose = (name, text) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.isBuffer(text) ? text : Buffer.from(text) });
const next = () => page.getByRole('button', { name: 'Continue' }).click();
const heading = (name) => page.getByRole('heading', { level: 2, name }).waitFor();
const field = (name) => page.getByRole('textbox', { name, exact: true });
const download = async (press) => {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
};

test('without jobs, the list offers an import', async () => {
  await open('jobs');
  await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();
  await inspect(page, 'jobs-empty');
  await page.locator('.page-header').getByRole('link', { name: 'Import contacts' }).click();
  await heading('Choose a CSV file');
  await inspect(page, 'import-file');
});

test('a file that is no CSV is refused with what to do', async () => {
  for (const [name, content, words] of [
    ['empty.csv', '\ufeff \n', 'The file is empty.'],
    ['list.xlsx', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'This is a spreadsheet'],
    ['photo.csv', Buffer.from([0x89, 0x50, 0, 0, 1]), 'This is not a text file.'],
    ['notes.csv', 'just,words\nand,more\n', 'No email address was found'],
  ]) {
    await choose(name, content);
    await page.getByText(words).waitFor();
  }
  await inspect(page, 'import-refused');
});

test('columns are recognized by their names, and can be chosen', async () => {
  await choose('kunden.csv', GERMAN);
  await heading('Match the columns');
  const targets = await page.locator('.import-columns select').evaluateAll((all) => all.map(({ value }) => value));
  assert.deepEqual(targets, ['first_name', 'last_name', 'email', 'phone', 'tags', '']);
  await inspect(page, 'import-columns');
  const column = (name) => page.getByRole('combobox', { name: `Import “${name}” as` });
  await column('Bemerkung').selectOption('email');
  assert.equal(await column('E-Mail-Adresse').inputValue(), '');
  await column('Bemerkung').selectOption('');
  await page.getByText('Choose the column that holds the email addresses.').waitFor();
  await column('E-Mail-Adresse').selectOption('email');
});

test('another encoding is read, with a warning', async () => {
  await page.goBack();
  await choose('excel.csv', Buffer.from('Name\tE-Mail\nZoë Müller\tzoe@import.example\n', 'latin1'));
  await page.getByText('The file is not UTF-8.').waitFor();
  await page.getByText('Zoë Müller').waitFor();
  await page.goBack();
  await page.getByText('excel.csv: 1 row').waitFor();
  await choose('kunden.csv', GERMAN);
  await heading('Match the columns');
});

test('rows are checked, mended and skipped in place', async () => {
  await next();
  await heading('Check the contacts');
  await page.getByText('2 rows have problems').waitFor();
  assert.equal(await page.getByRole('tab', { name: /^Problems/ }).getAttribute('aria-selected'), 'true');
  await page.getByText('This is not an email address.').waitFor();
  await page.getByText('Same address as row 1: only fills what is empty.').waitFor();
  await page.getByText('It is not a phone number with its country code').waitFor();
  await inspect(page, 'import-check');
  await field('Email, row 3').fill('carla@import.example');
  await page.getByText('This is not an email address.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Skip row 5' }).click();
  await page.getByText('1 row has a problem').waitFor();
  await page.getByRole('tab', { name: /^All/ }).click();
  assert.equal(await field('First name, row 1').inputValue(), 'Anna "Ann"');
  assert.deepEqual(await contacts('import.example'), []);
});

test('going back, and a reload, keep everything', async () => {
  await page.goBack();
  await heading('Match the columns');
  await page.goForward();
  await until('it is kept in the tab', () => page.evaluate(() =>
    Object.entries(sessionStorage).some(([key, value]) => key.endsWith('.draft.import') && JSON.parse(value).skipped[0] === 4)));
  await page.reload();
  await heading('Check the contacts');
  await page.getByText('1 row has a problem').waitFor();
  await page.getByRole('tab', { name: /^Skipped/ }).getByText('1', { exact: true }).waitFor();
});

test('the import starts with its options, and the job shows the outcome of each row', async () => {
  await next();
  await page.getByText('1 row has a problem and is left out.').waitFor();
  await page.getByRole('switch', { name: 'Invite them to the portal' }).click();
  await page.getByRole('combobox', { name: 'Opens in' }).selectOption('COURSES');
  await page.getByRole('textbox', { name: /^Personal note/ }).fill('See you there');
  await inspect(page, 'import-start');
  await page.getByRole('button', { name: 'Import and invite 4 contacts' }).click();
  await page.getByRole('heading', { level: 1, name: 'Import' }).waitFor();
  await page.locator('.job-facts').getByText('Finished', { exact: true }).waitFor();
  await page.getByRole('tab', { name: /^Failed/ }).getByText('1', { exact: true }).waitFor();
  await page.getByText('bjoern@import.example').waitFor();
  await inspect(page, 'job');
  const imported = await contacts('import.example');
  assert.deepEqual(imported.map(({ email }) => email.split('@')[0]).sort(), ['anna', 'bjoern', 'carla', 'rtl']);
  const anna = imported.find(({ email }) => email.startsWith('anna'));
  assert.deepEqual([anna.name, anna.phone, anna.tags], ['Anna "Ann" Müller', '+4915112345678', ['vip', 'new']]);
  assert.equal((await dashboard.api(page, INVITATIONS, { search: 'carla' })).invitations.nodes[0]?.section, 'COURSES');
});

test('rows that failed are downloaded with their reasons, guarded against formulas', async () => {
  await page.getByRole('tab', { name: /^Failed/ }).click();
  await page.getByText('dora@import.example').waitFor();
  assert.match(page.url(), /\?outcome=FAILED$/);
  const { name, text } = await download(() => page.getByRole('button', { name: 'Download as CSV' }).click());
  assert.equal(name, 'failed rows.csv');
  const [header, row] = text.replace('\ufeff', '').split('\r\n');
  assert.equal(header, 'email,first_name,last_name,phone,tags,timezone,locale,reason');
  assert.match(row, /^dora@import\.example,Dora,"'=Lang;'-Kurz",12,,,,.*number is not valid/);
});

test('rows that failed are mended and imported again', async () => {
  await page.getByRole('button', { name: 'Fix and try again' }).click();
  await heading('Check the contacts');
  await page.getByText('1 row has a problem').waitFor();
  await inspect(page, 'import-mend');
  await field('Phone, row 1').fill('+12025550123');
  await page.getByText('1 contact is ready to import.').waitFor();
  await next();
  await page.getByRole('button', { name: 'Import and invite 1 contact' }).click();
  await page.locator('.job-facts').getByText('Finished', { exact: true }).waitFor();
  await until('it is imported', async () => (await contacts('dora@')).length === 1);
});

test('a large file without a header is imported, paused, resumed and cancelled', async () => {
  await open('import');
  const rows = Array.from({ length: 40_000 }, (_, index) => `big${index}@large.example,=1+1 Name${index},Europe/Berlin`);
  await choose('large.csv', `${rows.join('\n')}\n`);
  await heading('Match the columns');
  assert.equal(await page.locator('.import-columns select').first().inputValue(), 'email');
  await page.getByRole('combobox', { name: 'Import “Column 2” as' }).selectOption('full_name');
  await next();
  await page.getByText('40,000 contacts are ready to import.').waitFor({ timeout: 60_000 });
  await next();
  await page.getByRole('button', { name: 'Import 40,000 contacts' }).click();
  await page.getByRole('button', { name: 'Pause' }).click({ timeout: 60_000 });
  await page.locator('.job-facts').getByText('Paused', { exact: true }).waitFor();
  await inspect(page, 'job-paused');
  // Looked at while it is paused: it would have ended meanwhile.
  await page.getByRole('button', { name: 'Cancel job' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Cancel this job?' });
  await dialog.getByText('What is done stays done.').waitFor();
  await inspect(page, 'job-cancel');
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Cancel job' }).click();
  await dialog.getByRole('button', { name: 'Cancel job' }).click();
  await page.locator('.job-facts').getByText('Cancelled', { exact: true }).waitFor();
  assert.equal((await dashboard.api(page, JOBS)).bulkJobs.nodes[0].status, 'CANCELLED');
});

test('the list is live, and exports contacts', async () => {
  await open('jobs');
  await page.locator('tbody tr').filter({ hasText: 'Cancelled' }).waitFor();
  assert.equal(await page.locator('tbody tr').count(), 3);
  const emails = Array.from({ length: 150 }, (_, index) => `live${index}@jobs.example`);
  await dashboard.api(page, 'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { bulkJob { id } } }', { emails });
  await page.getByRole('button', { name: '1 new' }).click();
  await page.locator('tbody tr').filter({ hasText: 'Invitations' }).getByText('Finished').waitFor();
  await inspect(page, 'jobs');
  const { text } = await download(() => page.getByRole('link', { name: 'Export contacts' }).click());
  assert.match(text, /anna@import\.example/);
});

test('a job that is unknown says so', async () => {
  await open('jobs');
  await page.getByRole('heading', { level: 1, name: 'Imports and jobs' }).waitFor();
  await page.evaluate(() => {
    history.pushState(null, '', `${location.pathname}/job_00000000000000000000000000`);
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await page.getByRole('heading', { level: 1, name: 'Job not found' }).waitFor();
});

test('a member who may only read sees why the import is off', async () => {
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "reader@demo.example", role: READ_ONLY }) { teamMember { id } } }');
  const reader = await dashboard.signIn('jobs', { member: 'reader@demo.example', locale: 'de-DE' });
  const button = reader.locator('.page-header').getByRole('button', { name: 'Kontakte importieren' });
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  await reader.goto(`${dashboard.base}/import`);
  await reader.getByText(/^Mit Ihrer Rolle/).waitFor();
  assert.deepEqual(reader.errors, []);
  await reader.context().close();
});

test('the page reported no errors', () => assert.deepEqual(page.errors, []));
