// The pages Offers and Offer: contents, terms, status and holders.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;
let page;

const api = (query, variables) => dashboard.api(page, query, variables);
const change = async (name, type, input, fields) =>
  (await api(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input }))[name];
const offer = async (title) => (await api(`{ offers(statuses: [DRAFT, PUBLISHED, ARCHIVED]) { nodes {
  id title status startsAt durationDays listsBeforeStart courses { title } communities { name } holders { nodes { email } } } } }`)).offers.nodes
  .find((one) => one.title === title);

const dialog = (name) => page.getByRole('dialog', { name, exact: true });
const toast = (text) => page.locator('.toast').filter({ hasText: text }).last();
const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true });
const tab = (name) => page.getByRole('tab', { name }).click();

async function pick(label, title) {
  await page.getByRole('combobox', { name: label }).fill(title);
  await page.getByRole('option', { name: title }).click();
}

before(async () => {
  dashboard = await Dashboard.start();
  await dashboard.deleteContents();
  page = await dashboard.signIn('offers');
  await change('createCourse', 'CreateCourseInput', { title: 'Baking bread', status: 'PUBLISHED' }, 'course { id }');
  await change('createCourse', 'CreateCourseInput', { title: 'Cakes' }, 'course { id }');
  await change('createCommunity', 'CreateCommunityInput', { name: 'Bakers', status: 'PUBLISHED' }, 'community { id }');
});

after(() => dashboard?.stop());

test('the empty list says what to do, and an offer is created as a draft that can’t be published or granted yet', async () => {
  await page.getByText('No offers yet').waitFor();
  await inspect(page, 'offers-empty');
  await page.getByRole('button', { name: 'New offer' }).first().click();
  await dialog('New offer').getByLabel('Title').fill('All about baking');
  await dialog('New offer').getByRole('button', { name: 'Create draft' }).click();
  await heading('All about baking').waitFor();
  await page.getByText('Put a course or a community into it before you publish it.').waitFor({ state: 'attached' });
  assert.equal(await page.getByRole('button', { name: 'Publish' }).getAttribute('aria-disabled'), 'true');
  assert.equal(await page.getByRole('button', { name: 'Grant offer' }).getAttribute('aria-disabled'), 'true');
  await inspect(page, 'offer-empty');
});

test('courses and communities are added and removed', async () => {
  // Without waiting for the first to be saved.
  await pick('Add a course', 'Baking bread');
  await pick('Add a course', 'Cakes');
  await pick('Add a community', 'Bakers');
  for (const title of ['Baking bread', 'Cakes', 'Bakers']) await page.getByRole('button', { name: `Remove ${title}` }).waitFor();
  await toast('Baking bread was added').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Remove Baking bread' }).waitFor({ state: 'detached' });
  assert.deepEqual((await offer('All about baking')).courses, [{ title: 'Cakes' }]);
  // The toast that closes gives the focus back.
  await toast('Baking bread was added').waitFor({ state: 'detached' });
  await pick('Add a course', 'Baking bread');
  await page.getByRole('button', { name: 'Remove Baking bread' }).waitFor();
  const { courses, communities } = await offer('All about baking');
  assert.deepEqual([courses.map(({ title }) => title).sort(), communities.map(({ name }) => name)], [['Baking bread', 'Cakes'], ['Bakers']]);
  await inspect(page, 'offer-contents');
  await page.getByRole('combobox', { name: 'Add a course' }).press('ArrowDown');
  await page.getByText('No more courses').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Remove Cakes' }).click();
  const box = dialog('Remove Cakes from the offer?');
  await box.getByText('No one has the offer yet').waitFor();
  await box.getByRole('button', { name: 'Remove' }).click();
  await toast('Cakes was removed').waitFor();
  assert.deepEqual((await offer('All about baking')).courses.map(({ title }) => title), ['Baking bread']);
  await toast('Cakes was removed').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Remove Cakes' }).waitFor();
  assert.equal((await offer('All about baking')).courses.length, 2);
});

test('terms are saved in the account’s time zone; a wrong number of days is refused beside its field', async () => {
  await change('updatePortalSettings', 'UpdatePortalSettingsInput', { timezone: 'Europe/Berlin' }, 'portal { id }');
  await page.reload();
  await tab('Details');
  await page.getByText('Times are in your account’s time zone, Europe/Berlin.').waitFor();
  await page.getByLabel(/^Days/).fill('0');
  await page.getByLabel(/^Opens at/).fill('2030-03-31T02:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Enter a whole number of days, 1 or more.').waitFor();
  await inspect(page, 'offer-terms');
  await page.getByLabel(/^Days/).fill('30');
  await page.getByRole('switch', { name: 'List the contents before they open' }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await toast('Saved').waitFor();
  const { startsAt, durationDays, listsBeforeStart } = await offer('All about baking');
  // The clocks go forward: there is no 2 o'clock.
  assert.deepEqual([new Date(startsAt).toISOString(), durationDays, listsBeforeStart], ['2030-03-31T01:00:00.000Z', 30, false]);
  await page.getByLabel(/^Opens at/).fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Discard changes' }).waitFor({ state: 'detached' });
  assert.equal((await offer('All about baking')).startsAt, null);
});

test('terms that someone else changed meanwhile are asked about, and shown as text', async () => {
  const { id } = await offer('All about baking');
  await page.getByRole('switch', { name: 'List the contents before they open' }).check();
  await page.getByLabel(/^Days/).fill('60');
  await change('updateOffer', 'UpdateOfferInput', { offerId: id, durationDays: 90 }, 'offer { id }');
  await page.getByRole('button', { name: 'Save' }).click();
  const box = dialog('This was changed meanwhile');
  await box.getByRole('group', { name: 'Days' }).getByText('90', { exact: true }).waitFor();
  await box.getByRole('group', { name: 'List the contents' }).getByText('On', { exact: true }).waitFor();
  await inspect(page, 'offer-conflict');
  await box.getByRole('group', { name: 'Days' }).getByRole('radio', { name: 'Take theirs' }).check();
  await box.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Discard changes' }).waitFor({ state: 'detached' });
  const { durationDays, listsBeforeStart } = await offer('All about baking');
  assert.deepEqual([durationDays, listsBeforeStart], [90, true]);
});

test('an offer is published and granted from its page; holders appear by themselves', async () => {
  await page.getByRole('button', { name: 'Publish' }).click();
  await toast('All about baking was published').waitFor();
  await page.getByRole('tab', { name: /Holders/ }).click();
  await page.getByText('No one has this offer').waitFor();
  await page.getByRole('button', { name: 'Grant offer' }).click();
  const box = dialog('Grant offer');
  await box.getByText('All about baking', { exact: true }).waitFor();
  await box.getByRole('combobox', { name: /^Contacts/ }).fill('ada@people.example');
  await page.keyboard.press('Comma');
  await box.getByRole('button', { name: 'Grant to 1' }).click();
  await box.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: /Ada Lovelace/ }).waitFor();
  await page.getByRole('tab', { name: 'Holders 1' }).waitFor();
  await inspect(page, 'offer-holders');
  assert.deepEqual((await offer('All about baking')).holders.nodes, [{ email: 'ada@people.example' }]);
  await tab('Contents');
  await page.getByRole('button', { name: 'Remove Bakers' }).click();
  await dialog('Remove Bakers from the offer?').getByText('It closes for 1 contact who has the offer').waitFor();
  await inspect(page, 'offer-remove');
  await page.keyboard.press('Escape');
});

test('an offer is revoked from its page', async () => {
  await page.getByRole('tab', { name: /Holders/ }).click();
  await page.getByRole('button', { name: 'Revoke offer' }).click();
  const box = dialog('Revoke offer');
  await box.getByText('All about baking', { exact: true }).waitFor();
  await box.getByRole('combobox', { name: /^Contacts/ }).fill('ada@people.example');
  await page.keyboard.press('Comma');
  await box.getByRole('button', { name: 'Revoke from 1' }).click();
  await box.getByRole('button', { name: 'Done' }).click();
  await page.getByText('No one has this offer').waitFor();
});

test('an archived offer is in its own list, and the palette finds the page', async () => {
  await page.getByRole('button', { name: 'Change the status' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await dialog('Archive All about baking?').getByText('Those who have it keep it').waitFor();
  await dialog('Archive All about baking?').getByRole('button', { name: 'Archive' }).click();
  await toast('All about baking was archived').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search contacts and actions' }).fill('offers');
  await page.keyboard.press('Enter');
  await heading('Offers').waitFor();
  await page.getByText('No offers yet').waitFor();
  await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'Status' }).click();
  await page.getByRole('checkbox', { name: 'Archived' }).check();
  await page.getByRole('row', { name: /All about baking.*2 courses, 1 community.*Archived/ }).waitFor();
  await page.keyboard.press('Escape');
  await inspect(page, 'offers');
  await page.reload();
  await page.getByRole('row', { name: /All about baking/ }).waitFor();
});

test('a member who may only read can’t write; an unknown offer is not found', async () => {
  const { id } = await offer('All about baking');
  await change('inviteTeamMember', 'InviteTeamMemberInput', { email: 'ron@acme.example', role: 'READ_ONLY' }, 'teamMember { id }');
  const reader = await dashboard.signIn(`offers/${id}`, { member: 'ron@acme.example' });
  await reader.getByRole('button', { name: 'Remove Bakers' }).waitFor();
  assert.equal(await reader.getByRole('button', { name: 'Remove Bakers' }).getAttribute('aria-disabled'), 'true');
  assert.equal(await reader.getByRole('combobox', { name: 'Add a course' }).count(), 0);
  await reader.goto(`${dashboard.base}/offers/offer_00000000000000000000000000`);
  await reader.getByText('This offer doesn’t exist').waitFor();
  assert.deepEqual(reader.errors, []);
  await reader.context().close();
});

test('the pages logged no error', () => assert.deepEqual(page.errors, []));
