// What contacts may open: the tab Access of a contact, and the actions for one, many, or all that match.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { until } from '../../scenario/lib/processes.mjs';

const MANY = 120;

let dashboard;
let page;
let bread;
let cakes;
let bakers;
let offer;

const api = (query, variables) => dashboard.api(page, query, variables);
const change = async (name, type, input, fields) =>
  (await api(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input }))[name];
const idOf = async (email) => (await api('query ($email: EmailAddress!) { contact(email: $email) { id } }', { email })).contact.id;

const accessOf = async (email) => {
  const { contact } = await api(`query ($email: EmailAddress!) { contact(email: $email) {
    courses { edges { open node { title } } } communities { edges { open node { name } } }
    grants(includeRevoked: true) { nodes { status startsAt endsAt target { __typename } } } } }`, { email });
  return {
    courses: contact.courses.edges.map(({ open, node }) => `${node.title}${open ? '' : ' (closed)'}`).sort(),
    communities: contact.communities.edges.map(({ open, node }) => `${node.name}${open ? '' : ' (closed)'}`),
    grants: contact.grants.nodes,
  };
};

const dialog = (name) => page.getByRole('dialog', { name, exact: true });
const toast = (text) => page.locator('.toast').filter({ hasText: text }).last();
const section = (name) => page.getByRole('region', { name, exact: true });

async function start(action) {
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function open(email, tab = 'access') {
  await page.goto(`${dashboard.base}/contacts/${await idOf(email)}?tab=${tab}`);
  await page.getByRole('heading', { name: 'Grants', exact: true }).waitFor();
}

async function pickContact(box, ...emails) {
  for (const email of emails) {
    await box.getByRole('combobox', { name: /^Contacts/ }).fill(email);
    await page.keyboard.press('Comma');
  }
}

async function pickItem(box, label, title) {
  await box.getByRole('combobox', { name: label }).fill(title);
  await box.getByRole('option', { name: title }).click();
}

before(async () => {
  dashboard = await Dashboard.start();
  await dashboard.deleteContents();
  page = await dashboard.signIn();
  bread = (await change('createCourse', 'CreateCourseInput', { title: 'Baking bread', status: 'PUBLISHED' }, 'course { id }')).course.id;
  cakes = (await change('createCourse', 'CreateCourseInput', { title: 'كعك 🍰 Cakes', status: 'DRAFT' }, 'course { id }')).course.id;
  bakers = (await change('createCommunity', 'CreateCommunityInput', { name: 'Bakers', status: 'PUBLISHED' }, 'community { id }')).community.id;
  offer = (await change('createOffer', 'CreateOfferInput', {
    title: 'All about baking', courseIds: [bread], communityIds: [bakers], status: 'PUBLISHED', durationDays: 90,
  }, 'offer { id }')).offer.id;
});

beforeEach(async () => {
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(dashboard.base);
  await page.locator('.connection[data-state=live]').waitFor();
});

after(() => dashboard?.stop());

test('a contact without access says what to do, and gets courses by the keyboard alone', async () => {
  await open('ada@people.example');
  await page.getByText('No grants yet').waitFor();
  await inspect(page, 'access-empty');
  await page.getByRole('button', { name: 'Assign courses' }).press('Enter');
  const box = dialog('Assign courses');
  await box.getByText('Ada Lovelace').waitFor();
  await box.getByRole('combobox', { name: /Courses to assign/ }).focus();
  await page.keyboard.type('bak');
  await box.getByRole('option', { name: 'Baking bread' }).waitFor();
  assert.equal(await box.getByRole('option').count(), 1);
  // Escape closes the list, and not the dialog.
  await page.keyboard.press('Escape');
  await box.getByRole('listbox', { name: /Courses to assign/ }).waitFor({ state: 'hidden' });
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await box.getByRole('option', { name: /Cakes Draft/ }).waitFor();
  await page.keyboard.press('Enter');
  await box.getByText('Applies to 1 contact').waitFor();
  await inspect(page, 'assign-courses');
  await box.getByRole('button', { name: 'Assign to 1' }).click();
  await box.getByRole('heading', { name: 'Access of 1 contact updated' }).waitFor();
  await inspect(page, 'assign-courses-done');
  await box.getByRole('button', { name: 'Done' }).click();
  await section('Courses').getByRole('listitem').filter({ hasText: 'Baking bread' }).getByText('Open').waitFor();
  await section('Courses').getByRole('listitem').filter({ hasText: 'Cakes' }).getByText('Closed: it is a draft').waitFor();
  assert.deepEqual((await accessOf('ada@people.example')).courses, ['Baking bread', 'كعك 🍰 Cakes (closed)']);
});

test('an offer that is granted by someone else appears by itself, with what opens what', async () => {
  await open('ada@people.example');
  await change('grantOffer', 'GrantOfferInput', { offerId: offer, selection: { emails: ['ada@people.example'] } }, 'count');
  await section('Communities').getByText('Bakers').waitFor();
  await section('Communities').getByRole('link', { name: 'All about baking' }).waitFor();
  await section('Courses').getByText('By its own grant, All about baking').waitFor();
  await page.getByRole('row', { name: /All about baking/ }).getByText('Active').waitFor();
  await inspect(page, 'access');
});

test('revoking a grant says first what closes and what stays open, and shows it among the revoked ones', async () => {
  await open('ada@people.example');
  await page.getByRole('button', { name: 'Revoke All about baking' }).click();
  const box = dialog('Revoke All about baking?');
  await box.getByText('Closes:').waitFor();
  assert.deepEqual(await box.getByRole('listitem').allInnerTexts(), ['Bakers', 'Baking bread by its own grant']);
  await inspect(page, 'access-revoke');
  await box.getByRole('button', { name: 'Revoke', exact: true }).click();
  await toast('All about baking was revoked').waitFor();
  await page.getByText('No communities').first().waitFor();
  const access = await accessOf('ada@people.example');
  assert.deepEqual([access.communities, access.courses], [[], ['Baking bread', 'كعك 🍰 Cakes (closed)']]);
  await page.getByRole('row', { name: /All about baking/ }).waitFor({ state: 'detached' });
  await page.getByRole('switch', { name: 'Show revoked grants' }).check();
  await page.getByRole('row', { name: /All about baking/ }).getByText('Revoked').waitFor();
  await page.reload();
  await page.getByRole('row', { name: /All about baking/ }).getByText('Revoked').waitFor();
});

test('revoking says what opens again later, by a grant that has not started', async () => {
  const contactId = await idOf('edsger@people.example');
  await change('assignCourses', 'AssignCoursesInput', { contactId, add: [bread] }, 'count');
  await change('grantOffer', 'GrantOfferInput', { offerId: offer, selection: { contactIds: [contactId] }, startsAt: '2031-01-01T00:00:00Z' }, 'count');
  await open('edsger@people.example');
  await page.getByRole('button', { name: 'Revoke Baking bread' }).click();
  await dialog('Revoke Baking bread?').getByText('Closes, and opens again later:').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Revoke All about baking' }).click();
  await dialog('Revoke All about baking?').getByText('Won’t open:').waitFor();
  await dialog('Revoke All about baking?').getByText('Stays open:').waitFor();
});

test('an offer is granted from the menu with dates in the account’s zone; a wrong one is refused beside its field', async () => {
  await change('updatePortalSettings', 'UpdatePortalSettingsInput', { timezone: 'America/New_York' }, 'portal { id }');
  await start('Grant offer');
  const box = dialog('Grant offer');
  await pickContact(box, 'grace@people.example', 'nobody@people.example');
  await pickItem(box, 'Offer', 'All about baking');
  await box.getByText('Times are in your account’s time zone, America/New_York.').waitFor();
  await box.getByLabel(/^Ends/).fill('2020-01-01T12:00');
  await box.getByText('The access would have ended already.').waitFor();
  assert.equal(await box.getByLabel(/^Ends/).getAttribute('aria-invalid'), 'true');
  await box.getByLabel(/^Starts/).fill('2030-07-01T09:30');
  await box.getByLabel(/^Ends/).fill('2030-12-01T09:30');
  await box.getByText('Applies to 1 contact').waitFor();
  await box.getByText('1 is not a contact').waitFor();
  await inspect(page, 'grant-offer');
  await page.reload();
  await box.getByRole('button', { name: 'Grant to 1' }).click();
  await box.getByRole('heading', { name: 'Access of 1 contact updated' }).waitFor();
  await box.getByRole('button', { name: 'Invite them instead' }).waitFor();
  await box.getByRole('button', { name: 'Done' }).click();
  const { grants, communities } = await accessOf('grace@people.example');
  assert.deepEqual(grants.map(({ status, startsAt, endsAt }) => [status, startsAt, endsAt].map((text) => text.replace('.000000', ''))),
    [['SCHEDULED', '2030-07-01T13:30:00Z', '2030-12-01T14:30:00Z']]);
  assert.deepEqual(communities, ['Bakers (closed)']);
  await open('grace@people.example');
  await section('Courses').getByText('Opens').waitFor();
  await inspect(page, 'access-scheduled');
  await change('updatePortalSettings', 'UpdatePortalSettingsInput', { timezone: 'UTC' }, 'portal { id }');
});

test('communities are given and taken away from selected contacts', async () => {
  await change('updateCommunityAccess', 'UpdateCommunityAccessInput', { contactId: await idOf('alan@people.example'), add: [bakers] }, 'count');
  await page.goto(`${dashboard.base}/contacts?search=a`);
  for (const name of ['Alan Turing', 'Ada Lovelace']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Update community access' }).click();
  const box = dialog('Update community access');
  await box.getByText('Ada Lovelace').waitFor();
  await pickItem(box, /Communities to take away/, 'Bakers');
  await box.getByRole('button', { name: 'Update 2' }).click();
  await box.getByRole('heading', { name: 'Access of 2 contacts updated' }).waitFor();
  await box.getByRole('button', { name: 'Done' }).click();
  assert.deepEqual((await accessOf('alan@people.example')).communities, []);
});

test('all that match get a course by a bulk job', async () => {
  const rows = Array.from({ length: MANY }, (_, at) => `wave-${at}@many.example`);
  const invited = await change('inviteContacts', 'InviteContactsInput', { emails: rows }, 'bulkJob { id }');
  await until('the contacts are there', async () =>
    (await api('query ($id: ID!) { node(id: $id) { ... on BulkJob { status } } }', { id: invited.bulkJob.id })).node.status === 'SUCCEEDED');
  await page.goto(`${dashboard.base}/contacts?search=wave`);
  await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
  await page.getByRole('button', { name: `Select all ${MANY} that match` }).click();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Assign courses' }).click();
  const box = dialog('Assign courses');
  await box.getByText(`${MANY} contacts that match`).waitFor();
  await pickItem(box, /Courses to assign/, 'Baking bread');
  await box.getByText('More than 100 contacts').waitFor();
  await inspect(page, 'assign-courses-many');
  // The response to the query arrives after the last state of the job.
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('query ActionJob')) return route.fallback();
    const response = await route.fetch();
    await box.getByText(`${MANY} done`).waitFor();
    await route.fulfill({ response });
  });
  const response = page.waitForResponse((of) => of.request().postData()?.includes('query ActionJob') ?? false);
  await box.getByRole('button', { name: `Assign to ${MANY}` }).click();
  await (await response).finished();
  await page.unrouteAll({ behavior: 'wait' });
  await box.getByText(`${MANY} done`).waitFor();
  await inspect(page, 'assign-courses-job');
  await box.getByRole('button', { name: 'Done' }).click();
  assert.deepEqual((await accessOf('wave-7@many.example')).courses, ['Baking bread']);
});

test('an offer is revoked, and a draft of it all survives a reload', async () => {
  await change('grantOffer', 'GrantOfferInput', { offerId: offer, selection: { emails: ['alan@people.example'] } }, 'count');
  await start('Revoke offer');
  const box = dialog('Revoke offer');
  await pickContact(box, 'alan@people.example');
  await pickItem(box, 'Offer', 'All about baking');
  await page.reload();
  await box.getByText('Alan Turing').waitFor();
  await box.getByText('Applies to 1 contact').waitFor();
  await inspect(page, 'revoke-offer');
  await box.getByRole('button', { name: 'Revoke from 1' }).click();
  await box.getByRole('heading', { name: 'Access of 1 contact updated' }).waitFor();
  await box.getByRole('button', { name: 'Done' }).click();
  assert.deepEqual((await accessOf('alan@people.example')).courses, []);
});

test('a member who may only read sees why nothing can be changed', async () => {
  await change('inviteTeamMember', 'InviteTeamMemberInput', { email: 'ron@acme.example', role: 'READ_ONLY' }, 'teamMember { id }');
  const reader = await dashboard.signIn(`contacts/${await idOf('ada@people.example')}?tab=access`, { member: 'ron@acme.example' });
  const button = reader.getByRole('button', { name: 'Assign courses' });
  await button.waitFor();
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  assert.match(await reader.locator(`[id="${await button.getAttribute('aria-describedby')}"]`).textContent(), /^Your role \(Read only\) can’t do this/);
  assert.equal(await reader.getByRole('button', { name: /^Revoke/ }).first().getAttribute('aria-disabled'), 'true');
  assert.deepEqual(reader.errors, []);
  await reader.context().close();
});

test('the pages logged no error', () => assert.deepEqual(page.errors, []));
