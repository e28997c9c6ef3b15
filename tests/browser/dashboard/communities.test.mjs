// The pages Communities and Community: their status, details, announcements and members.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

const LONG = 'Donaudampfschifffahrtsgesellschaft 🛥️ '.repeat(5).trim();
const BODY = '# Hello\n\nA **bold** [rule](https://example.com/rules) and <script>alert(1)</script>\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |';

let dashboard;
let page;

const api = (query, variables) => dashboard.api(page, query, variables);
const change = async (name, type, input, fields) =>
  (await api(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input }))[name];
const communities = async () =>
  (await api('{ communities(statuses: [DRAFT, PUBLISHED, ARCHIVED]) { nodes { id name description coverUrl joinUrl status announcements { nodes { title body } } } } }')).communities.nodes;
const community = async (name) => (await communities()).find((one) => one.name === name);

const dialog = (name) => page.getByRole('dialog', { name, exact: true });
const toast = (text) => page.locator('.toast').filter({ hasText: text }).last();
const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true });
const tab = (name) => page.getByRole('tab', { name }).click();

before(async () => {
  dashboard = await Dashboard.start();
  await dashboard.deleteContents();
  page = await dashboard.signIn('communities');
});

after(() => dashboard?.stop());

test('the empty list says what to do, and a community is created as a draft', async () => {
  await page.getByText('No communities yet').waitFor();
  await inspect(page, 'communities-empty');
  await page.getByRole('button', { name: 'New community' }).first().click();
  const box = dialog('New community');
  await box.getByRole('button', { name: 'Create draft' }).click();
  await box.getByText('Enter a name.').waitFor();
  await inspect(page, 'communities-new');
  await box.getByLabel('Name').fill('Bakers');
  await page.reload();
  await page.getByRole('button', { name: 'New community' }).first().click();
  assert.equal(await box.getByLabel('Name').inputValue(), 'Bakers');
  await box.getByRole('button', { name: 'Create draft' }).click();
  await heading('Bakers').waitFor();
  await page.getByText('No announcements yet').waitFor();
  await inspect(page, 'community-empty');
  assert.equal((await community('Bakers')).status, 'DRAFT');
});

test('details are saved and undone, and a bad address is refused beside its field', async () => {
  await tab('Details');
  await page.getByLabel(/^Join address/).fill('http://forum.example');
  await page.getByLabel(/^Cover picture/).fill('https://pictures.example/bread.jpg');
  await page.getByText('Contacts load this picture from pictures.example.').waitFor();
  await page.getByLabel(/^Description/).fill('For **all** who bake.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[aria-invalid=true]').waitFor();
  assert.ok(await page.getByLabel(/^Join address/).getAttribute('aria-invalid'));
  await inspect(page, 'community-details');
  await page.reload();
  await page.getByLabel(/^Join address/).fill('https://forum.example/bakers');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast('Saved').waitFor();
  const { joinUrl, coverUrl, description } = await community('Bakers');
  assert.deepEqual([joinUrl, coverUrl, description], ['https://forum.example/bakers', 'https://pictures.example/bread.jpg', 'For **all** who bake.']);
  assert.equal(await page.getByRole('link', { name: 'Open community' }).getAttribute('href'), 'https://forum.example/bakers');
  await toast('Saved').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'Open community' }).waitFor({ state: 'detached' });
  assert.equal((await community('Bakers')).joinUrl, null);
});

test('what someone else changed meanwhile is asked about', async () => {
  const { id } = await community('Bakers');
  await page.getByLabel(/^Description/).fill('Mine.');
  await change('updateCommunity', 'UpdateCommunityInput', { communityId: id, description: 'Theirs.' }, 'community { id }');
  await page.getByRole('button', { name: 'Save' }).click();
  const box = dialog('This was changed meanwhile');
  await box.getByText('Theirs.').waitFor();
  await box.getByRole('button', { name: 'Keep editing' }).click();
  assert.equal(await page.getByLabel(/^Description/).inputValue(), 'Mine.');
  await page.getByRole('button', { name: 'Save' }).click();
  await box.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Discard changes' }).waitFor({ state: 'detached' });
  assert.equal((await community('Bakers')).description, 'Mine.');
});

test('an announcement is written in Markdown and shown as members read it', async () => {
  await tab('Announcements');
  await page.getByRole('button', { name: 'Write announcement' }).click();
  const box = dialog('Write announcement');
  await box.getByRole('button', { name: 'Publish' }).click();
  await box.getByText('Enter a title.').waitFor();
  await box.getByLabel('Title').fill('Welcome');
  await box.getByRole('button', { name: 'Publish' }).click();
  await box.getByText('Write a text.').waitFor();
  await box.getByLabel('Text').fill(BODY);
  await inspect(page, 'announcement-write');
  await box.getByRole('button', { name: 'Publish' }).click();
  await toast('The announcement was published').waitFor();
  const card = page.getByRole('region', { name: 'Welcome' });
  await card.getByRole('heading', { level: 3, name: 'Hello' }).waitFor();
  assert.equal(await card.getByRole('link', { name: 'rule' }).getAttribute('href'), 'https://example.com/rules');
  assert.equal(await card.locator('script').count(), 0);
  await card.getByText('<script>').waitFor();
  await card.getByText('by you').waitFor();
  await inspect(page, 'announcements');
});

test('an announcement is edited and deleted', async () => {
  await page.getByRole('button', { name: 'Actions for Welcome' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const box = dialog('Edit announcement');
  assert.equal(await box.getByLabel('Text').inputValue(), BODY);
  await box.getByLabel('Title').fill(LONG.slice(0, 190));
  await box.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 2, name: LONG.slice(0, 30) }).waitFor();
  await inspect(page, 'announcements-long');
  await page.getByRole('button', { name: /^Actions for Donau/ }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: /^Delete Donau/ }).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No announcements yet').waitFor();
  assert.deepEqual((await community('Bakers')).announcements.nodes, []);
});

test('members appear as they are given access, and the button starts the dialog with this community', async () => {
  const { id } = await community('Bakers');
  await tab('Members');
  await page.getByText('No members yet').waitFor();
  await change('updateCommunityAccess', 'UpdateCommunityAccessInput', { add: [id], selection: { emails: ['ada@people.example'] } }, 'count');
  await page.getByRole('row', { name: /Ada Lovelace/ }).waitFor();
  await inspect(page, 'community-members');
  await page.getByRole('button', { name: 'Update community access' }).click();
  const box = dialog('Update community access');
  await box.getByText('Bakers', { exact: true }).waitFor();
  await box.getByRole('combobox', { name: /^Contacts/ }).fill('alan@people.example');
  await page.keyboard.press('Comma');
  await box.getByRole('button', { name: 'Update 1' }).click();
  await box.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: /Alan Turing/ }).click();
  await page.waitForURL(/contacts\/contact_\w+\?tab=access/);
});

test('a community is published, archived and brought back, and the list is filtered by status in the address', async () => {
  const { id } = await community('Bakers');
  await page.goto(`${dashboard.base}/communities/${id}`);
  await page.getByRole('button', { name: 'Publish' }).click();
  await toast('Bakers was published').waitFor();
  assert.equal((await community('Bakers')).status, 'PUBLISHED');
  await page.getByRole('button', { name: 'Change the status' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await dialog('Archive Bakers?').getByText('It closes for all members at once').waitFor();
  await dialog('Archive Bakers?').getByRole('button', { name: 'Archive' }).click();
  await toast('Bakers was archived').waitFor();
  assert.equal((await community('Bakers')).status, 'ARCHIVED');
  await page.goto(`${dashboard.base}/communities?status=ARCHIVED`);
  await page.getByRole('row', { name: /Bakers.*Archived/ }).waitFor();
  await page.getByRole('searchbox', { name: 'Search communities' }).fill('smiths');
  await page.getByText('Nothing matches').waitFor();
  await page.waitForURL(/search=smiths/);
  await page.getByRole('searchbox', { name: 'Search communities' }).fill('BAK');
  await page.getByRole('row', { name: /Bakers.*Archived/ }).waitFor();
  await inspect(page, 'communities');
  await page.getByRole('searchbox', { name: 'Search communities' }).fill('');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('No communities yet').waitFor();
  assert.ok(!page.url().includes('status'));
  await page.goBack();
});

test('a member who may only read can’t write; an unknown community is not found', async () => {
  await change('inviteTeamMember', 'InviteTeamMemberInput', { email: 'ron@acme.example', role: 'READ_ONLY' }, 'teamMember { id }');
  const reader = await dashboard.signIn('communities', { member: 'ron@acme.example' });
  assert.equal(await reader.getByRole('button', { name: 'New community' }).first().getAttribute('aria-disabled'), 'true');
  await reader.goto(`${dashboard.base}/communities/community_00000000000000000000000000`);
  await reader.getByText('This community doesn’t exist').waitFor();
  assert.deepEqual(reader.errors, []);
  await reader.context().close();
});

test('the pages logged no error', () => assert.deepEqual(page.errors, []));
