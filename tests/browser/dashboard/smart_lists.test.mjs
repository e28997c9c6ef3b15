// Smart lists: conditions on contacts under a name, made on their page or from the filters of the page Contacts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(async () => dashboard?.stop());

const dialog = (page) => page.locator('dialog.dialog[open]');
const condition = (page, name) => page.locator(`[data-condition="${name}"]`);
const count = (page, text) => page.locator('.smart-list-count').filter({ hasText: text }).waitFor();
const rows = (page) => page.locator('tbody tr');

const LISTS = '{ smartLists(first: 50) { nodes { id name count problem filter { portalStatus tags noTags createdWithinDays joinedForDays notSeenForDays courseIds offerIds } } } }';

async function listNamed(page, name) {
  return (await dashboard.api(page, LISTS)).smartLists.nodes.find((list) => list.name === name);
}

async function create(page, name, filter) {
  const { createSmartList } = await dashboard.api(
    page, 'mutation ($input: CreateSmartListInput!) { createSmartList(input: $input) { smartList { id } } }', { input: { name, filter } });
  return createSmartList.smartList.id;
}

async function pick(page, field, title) {
  await field.fill(title.slice(0, 4));
  await page.getByRole('option', { name: title }).click();
}

async function add(page, name) {
  await page.getByRole('button', { name: 'Add condition' }).click();
  await page.getByRole('dialog', { name: 'Add condition' }).getByRole('button', { name, exact: true }).click();
}

test('a list is built from conditions, with the contacts who meet them at once', async () => {
  const page = await dashboard.signIn('smart-lists');
  await page.getByText('No smart lists yet').waitFor();
  await inspect(page, 'smart-lists-none');
  await page.getByRole('link', { name: 'New smart list' }).first().click();
  await count(page, '8 contacts match');
  await page.getByRole('button', { name: 'Add condition' }).click();
  await inspect(page, 'smart-list-add');
  await page.keyboard.press('Escape');

  // By keyboard alone; the field of the new condition has the focus.
  await page.getByRole('button', { name: 'Add condition' }).press('Enter');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Portal status is any of');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.closest('[data-condition="portalStatus"]'));
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelector('[data-condition="portalStatus"] input').checked);
  await add(page, 'Has any of these tags');
  await page.getByRole('button', { name: 'Save smart list' }).click();
  await condition(page, 'tags').getByText('Complete this condition, or remove it.').waitFor();
  await page.waitForFunction(() => document.activeElement?.closest('[data-condition="tags"]'));
  await page.keyboard.type('course');
  await page.keyboard.press('Enter');
  await count(page, '3 contacts match');
  // Each condition can be there once.
  await page.getByRole('button', { name: 'Add condition' }).click();
  assert.equal(await page.getByRole('dialog', { name: 'Add condition' }).getByRole('button', { name: 'Has any of these tags' }).count(), 0);
  await page.keyboard.press('Escape');

  await page.reload();
  await condition(page, 'tags').locator('.tag').filter({ hasText: 'course' }).waitFor();
  await page.getByRole('button', { name: 'Save smart list' }).click();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('Enter a name.').waitFor();
  await dialog(page).getByLabel('Name').fill('To invite to the course');
  await inspect(page, 'smart-list-name');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/smart-lists\/smartlist_/);
  await page.getByRole('heading', { name: 'To invite to the course' }).waitFor();
  const list = await listNamed(page, 'To invite to the course');
  assert.deepEqual([list.filter.portalStatus, list.filter.tags], [['NOT_INVITED'], ['course']]);
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), list.count);
  await inspect(page, 'smart-list');
  assert.deepEqual(page.errors, []);
});

test('changes stay unsaved until they are saved, and a wrong value is named beside its field', async () => {
  const page = await dashboard.signIn();
  const id = await create(page, 'Recently added', { createdWithinDays: 30 });
  await page.goto(`${dashboard.base}/smart-lists/${id}`);
  await count(page, '8 contacts match');
  await add(page, 'Last seen at least … days ago');
  await condition(page, 'notSeenForDays').getByLabel(/Last seen/).fill('4000');
  await condition(page, 'notSeenForDays').getByText(/3,?650/).waitFor();
  await inspect(page, 'smart-list-wrong');
  await condition(page, 'notSeenForDays').getByLabel(/Last seen/).fill('365');
  await count(page, '0 contacts match');
  await page.getByText('Preview with unsaved changes').waitFor();
  await page.getByText('You have unsaved changes.').waitFor();
  // Also without a pointer that hovers.
  await page.locator('.smart-list-actions > .hint').getByText('Save the conditions first.').waitFor();
  await page.locator('.smart-list-actions').getByRole('button', { name: 'Invite' }).hover();
  await page.getByRole('tooltip', { name: 'Save the conditions first.' }).first().waitFor();
  assert.equal((await listNamed(page, 'Recently added')).filter.notSeenForDays, null);
  await page.reload();
  await condition(page, 'notSeenForDays').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  assert.equal((await listNamed(page, 'Recently added')).filter.notSeenForDays, 365);
  await page.getByRole('button', { name: 'Undo' }).click();
  await condition(page, 'notSeenForDays').waitFor({ state: 'detached' });
  await count(page, '8 contacts match');
  await condition(page, 'createdWithinDays').getByRole('button', { name: /Remove/ }).click();
  await page.getByText('Without any condition').waitFor();
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await condition(page, 'createdWithinDays').waitFor();
  assert.deepEqual(page.errors, []);
});

test('courses, times and progress are conditions; a copy is saved under another name', async () => {
  const page = await dashboard.signIn();
  const { courses } = await dashboard.api(page, '{ courses(first: 1, statuses: [PUBLISHED]) { nodes { id title } } }');
  const [course] = courses.nodes;
  const id = await create(page, 'Joined', { portalStatus: ['ACTIVE'] });
  await page.goto(`${dashboard.base}/smart-lists/${id}`);
  await add(page, 'May open any of these courses');
  await pick(page, condition(page, 'courseIds').getByRole('combobox'), course.title);
  await condition(page, 'courseIds').getByText(course.title, { exact: true }).waitFor();
  await add(page, 'Added after');
  await condition(page, 'createdAfter').getByLabel('Added after').fill('2020-05-01T10:30');
  await add(page, 'Progress in the course');
  await pick(page, condition(page, 'courseProgress').getByRole('combobox').first(), course.title);
  await condition(page, 'courseProgress').getByLabel('Progress', { exact: true }).selectOption('NOT_STARTED');
  await count(page, /match/);
  await inspect(page, 'smart-list-conditions');
  await page.getByRole('button', { name: 'Save as new list' }).click();
  await dialog(page).getByLabel('Name').fill('joined');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('Another smart list has this name.').waitFor();
  await dialog(page).getByLabel('Name').fill('Joined, not started');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Joined, not started' }).waitFor();
  assert.deepEqual((await listNamed(page, 'Joined, not started')).filter.courseIds, [course.id]);
  assert.deepEqual((await listNamed(page, 'Joined')).filter.courseIds, null);
  await condition(page, 'createdAfter').getByLabel('Added after').waitFor();
  assert.equal(await condition(page, 'createdAfter').getByLabel('Added after').inputValue(), '2020-05-01T10:30');
  assert.deepEqual(page.errors, []);
});

test('what is done to all in a list goes to those who are in it', async () => {
  const page = await dashboard.signIn();
  const id = await create(page, 'Not invited', { portalStatus: ['NOT_INVITED'] });
  await page.goto(`${dashboard.base}/smart-lists/${id}`);
  const before = (await listNamed(page, 'Not invited')).count;
  await page.locator('.smart-list-actions').getByRole('button', { name: 'Tags' }).click();
  await dialog(page).getByLabel('Add tags').fill('cold');
  await page.keyboard.press('Enter');
  const request = page.waitForRequest((each) => each.postData()?.includes('UpdateContactTags'));
  await dialog(page).getByRole('button', { name: 'Apply' }).click();
  const { variables } = JSON.parse((await request).postData());
  assert.equal(variables.input.smartListId, id);
  assert.equal(variables.input.filter, undefined);
  await page.getByText(new RegExp(`ags of ${before} contacts`)).first().waitFor();
  await page.getByRole('cell', { name: 'cold' }).first().waitFor();

  await page.locator('.smart-list-actions').getByRole('button', { name: 'Invite' }).click();
  await dialog(page).getByText(`${before} contacts that match`).waitFor();
  await inspect(page, 'smart-list-invite');
  await dialog(page).getByRole('button', { name: new RegExp(`${before}`) }).click();
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByText('No contacts match').waitFor();
  assert.equal((await listNamed(page, 'Not invited')).count, 0);
  assert.deepEqual(page.errors, []);
});

test('lists are renamed and deleted; one with an archived course says so', async () => {
  const page = await dashboard.signIn();
  const { createCourse } = await dashboard.api(page, 'mutation { createCourse(input: { title: "Grinding", status: PUBLISHED }) { course { id } } }');
  const id = await create(page, 'Grinders', { courseIds: [createCourse.course.id] });
  await dashboard.api(page, 'mutation ($input: UpdateCourseInput!) { updateCourse(input: $input) { course { id } } }',
    { input: { courseId: createCourse.course.id, status: 'ARCHIVED' } });
  await page.goto(`${dashboard.base}/smart-lists`);
  await page.getByRole('row', { name: /Grinders/ }).getByText(/archived/).waitFor();
  await page.getByRole('row', { name: /Grinders/ }).getByText('Can’t be used').waitFor();
  await inspect(page, 'smart-lists');
  await page.getByRole('button', { name: 'Actions for Grinders' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await dialog(page).getByLabel('Name').fill('Bean grinders');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Bean grinders' }).click();
  await page.getByRole('heading', { name: 'Bean grinders' }).waitFor();
  await page.getByText(/archived: publish it again/).first().waitFor();
  await inspect(page, 'smart-list-problem');
  await page.getByRole('button', { name: 'Actions for Bean grinders' }).click();
  await page.getByRole('menuitem', { name: 'Delete smart list' }).click();
  await dialog(page).getByText(/Jobs that were started/).waitFor();
  await dialog(page).getByRole('button', { name: 'Delete smart list' }).click();
  await page.waitForURL(/smart-lists$/);
  await page.getByText('“Bean grinders” was deleted').waitFor();
  assert.equal(await listNamed(page, 'Bean grinders'), undefined);
  await page.goto(`${dashboard.base}/smart-lists/${id}`);
  await page.getByText('There is no such smart list').waitFor();
  assert.deepEqual(page.errors, []);
});

test('the filters of the contacts become a smart list, and lists are views of the contacts', async () => {
  const page = await dashboard.signIn('contacts?status=ACTIVE&seen=older-30d&added=90d&joined=older-7d');
  await page.getByRole('button', { name: 'More filters' }).click();
  await page.getByRole('button', { name: 'None of these tags' }).click();
  await page.getByRole('dialog', { name: 'None of these tags' }).getByLabel(/course/).check();
  await page.waitForURL(/noTag=course/);
  await page.keyboard.press('Escape');
  await inspect(page, 'contacts-more-filters');
  await page.getByRole('button', { name: 'Save as smart list' }).click();
  await dialog(page).getByLabel('Name').fill('Sleeping');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Sleeping' }).waitFor();
  const { filter } = await listNamed(page, 'Sleeping');
  assert.deepEqual(filter, { portalStatus: ['ACTIVE'], tags: null, noTags: ['course'], createdWithinDays: 90, joinedForDays: 7, notSeenForDays: 30, courseIds: null, offerIds: null });
  await page.goto(`${dashboard.base}/contacts`);
  await page.getByRole('button', { name: 'Smart lists' }).click();
  await page.getByRole('menuitem', { name: /Sleeping/ }).click();
  await page.getByRole('heading', { name: 'Sleeping' }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('who may not change contacts sees the conditions, and why they can’t be saved', async () => {
  const owner = await dashboard.signIn();
  const id = await create(owner, 'For readers', { tags: ['course'] });
  await dashboard.api(owner, 'mutation { inviteTeamMember(input: { email: "rita@acme.example", role: READ_ONLY }) { teamMember { id } } }');
  const page = await dashboard.signIn(`smart-lists/${id}`, { member: 'rita@acme.example' });
  await condition(page, 'tags').waitFor();
  await page.getByRole('button', { name: 'Rename' }).hover();
  await page.getByText(/Your role \(Read only\)/).first().waitFor();
  await inspect(page, 'smart-list-read-only');
  assert.deepEqual(page.errors, []);
});
