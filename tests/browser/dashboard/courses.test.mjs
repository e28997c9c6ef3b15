// Courses on the dashboard: the list, the outline with its order, lessons, and who has a course.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

const LONG = `${'W'.repeat(60)} ${'x'.repeat(139)}`;
const OUTLINE = `query ($id: ID!) { course(id: $id) {
  id title description coverUrl externalUrl status memberCount modules { id title lessons { id title kind url body bodyHtml durationMinutes } }
} }`;

let dashboard;
let page;

before(async () => {
  dashboard = await Dashboard.start();
  await dashboard.deleteContents();
  page = await dashboard.signIn();
});

after(() => dashboard?.stop());

const api = (query, input) => dashboard.api(page, query, input && { input });
const createCourse = async (input) =>
  (await api('mutation ($input: CreateCourseInput!) { createCourse(input: $input) { course { id } } }', input)).createCourse.course.id;
const createModule = async (courseId, title) =>
  (await api('mutation ($input: CreateCourseModuleInput!) { createCourseModule(input: $input) { module { id } } }', { courseId, title }))
    .createCourseModule.module.id;
const UPDATE = 'mutation ($input: UpdateCourseInput!) { updateCourse(input: $input) { course { id } } }';
const changeStatus = async (to) => {
  await page.getByRole('button', { name: 'Change the status' }).click();
  await page.getByRole('menuitem', { name: to }).click();
};
const createLesson = async (moduleId, title, rest = { kind: 'TEXT' }) =>
  (await api('mutation ($input: CreateLessonInput!) { createLesson(input: $input) { lesson { id } } }', { moduleId, title, ...rest })).createLesson.lesson.id;
const read = async (id) => (await dashboard.api(page, OUTLINE, { id })).course;
/** The outline as `{ Bread: ['Dough', 'Oven'] }`. */
const outlineOf = async (id) => Object.fromEntries((await read(id)).modules.map(({ title, lessons }) => [title, lessons.map((lesson) => lesson.title)]));
const shownOutline = () => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('[data-module]')].map((module) => [
  module.querySelector('h2').textContent, [...module.querySelectorAll('.outline-title')].map(({ textContent }) => textContent),
])));

const open = (path = 'courses') => page.goto(`${dashboard.base}/${path}`);
const row = (title) => page.locator('tbody tr').filter({ hasText: title });
const dialog = () => page.getByRole('dialog').filter({ has: page.getByRole('heading', { level: 2 }) });
const item = (title) => page.locator('[data-lesson]').filter({ hasText: title });
const module = (title) => page.locator('[data-module]').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
const said = (text) => page.locator('.outline > [role=status]').filter({ hasText: text }).waitFor({ state: 'attached' });

/** Signs a contact in to the portal, and completes a lesson for them. */
async function complete(contactId, lessonId) {
  const { generateMagicLink } = await api('mutation ($input: GenerateMagicLinkInput!) { generateMagicLink(input: $input) { url } }', { contactId });
  const post = async (query, input, headers = {}) => {
    const response = await fetch(`${dashboard.server.url}/graphql`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify({ query, variables: { input } }),
    });
    const { data, errors } = await response.json();
    assert.deepEqual(errors, undefined);
    return data;
  };
  const { signInWithMagicLink: { session } } = await post(
    'mutation ($input: SignInWithMagicLinkInput!) { signInWithMagicLink(input: $input) { session { accessToken } } }',
    { token: generateMagicLink.url.split('/').pop() });
  await post('mutation ($input: CompleteLessonInput!) { completeLesson(input: $input) { courseCompleted } }', { lessonId },
    { Authorization: `Bearer ${session.accessToken}` });
}

async function baking() {
  const id = await createCourse({ title: 'Baking', description: 'Bread and *more*.', status: 'PUBLISHED' });
  const bread = await createModule(id, 'Bread');
  const cake = await createModule(id, 'Cake');
  for (const title of ['Dough', 'Oven', 'Crust']) await createLesson(bread, title);
  await createLesson(cake, 'Cream', { kind: 'VIDEO', url: 'https://video.example/cream', durationMinutes: 12 });
  return id;
}

test('without courses it offers to create one', async () => {
  await page.getByRole('navigation').getByRole('link', { name: 'Courses' }).click();
  await page.getByRole('heading', { name: 'No courses yet' }).waitFor();
  await inspect(page, 'courses-empty');
});

test('a course is created, and what is wrong is said beside its field', async () => {
  await page.locator('.empty-state').getByRole('button', { name: 'New course' }).click();
  await page.waitForURL(/\/courses\?new=1$/);
  await dialog().getByRole('button', { name: 'Create course' }).click();
  await dialog().getByText('Enter a title.').waitFor();
  await dialog().getByLabel('Title').fill('Somewhere else');
  await dialog().getByRole('radio', { name: 'On another site' }).click();
  await dialog().getByLabel('URL of the course').fill('http://school.example');
  await inspect(page, 'courses-new');
  await dialog().getByRole('button', { name: 'Create course' }).click();
  await dialog().getByRole('alert').filter({ hasText: /https/ }).waitFor();
  await page.reload();
  assert.equal(await dialog().getByLabel('Title').inputValue(), 'Somewhere else');
  await dialog().getByLabel('URL of the course').fill('school.example/a');
  await dialog().getByRole('button', { name: 'Create course' }).click();
  await page.getByRole('heading', { name: 'This course is on another site' }).waitFor();
  await inspect(page, 'course-elsewhere');
  const course = await read(page.url().split('/').pop());
  assert.equal(course.externalUrl, 'https://school.example/a');
  assert.equal(course.status, 'DRAFT');
});

test('the list shows the courses, and its filter is in the address', async () => {
  await createCourse({ title: LONG });
  await createCourse({ title: 'مبادئ الخبز', status: 'ARCHIVED' });
  await baking();
  await open();
  await row('Baking').getByText('Published').waitFor();
  await row('Baking').getByText('4', { exact: true }).waitFor();
  await row('Somewhere else').getByText('school.example').waitFor();
  assert.equal(await row('مبادئ').count(), 0);
  await inspect(page, 'courses');
  await page.getByRole('button', { name: 'Status', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Archived' }).click();
  await row('مبادئ').waitFor();
  await page.waitForURL(/\/courses\?status=ARCHIVED$/);
  await page.reload();
  await row('مبادئ').waitFor();
  await row('Baking').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('searchbox', { name: 'Search courses' }).fill('bak');
  await page.waitForURL(/\/courses\?search=bak$/);
  await row('Somewhere else').waitFor({ state: 'detached' });
  await row('Baking').waitFor();
  await page.reload();
  await row('Baking').waitFor();
  await page.getByRole('searchbox', { name: 'Search courses' }).fill('nothing like it');
  await page.getByRole('heading', { name: 'No course matches' }).waitFor();
  await inspect(page, 'courses-no-match');
  await page.getByRole('button', { name: 'Show all courses' }).click();
  await row('Somewhere else').waitFor();
});

test('an outline is built by keyboard', async () => {
  const id = await createCourse({ title: 'Cheese' });
  await open(`courses/${id}`);
  await page.getByRole('heading', { name: 'No modules yet' }).waitFor();
  await inspect(page, 'course-empty');
  await page.getByRole('button', { name: 'Add module' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.matches('.outline-form input'));
  await page.keyboard.press('Enter');
  await page.getByText('Enter a title.').waitFor();
  await page.keyboard.type('Milk');
  await page.keyboard.press('Enter');
  await module('Milk').waitFor();
  await page.keyboard.type('Rennet');
  await page.keyboard.press('Enter');
  await module('Rennet').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Add module');
  await module('Milk').getByRole('button', { name: 'Add lesson' }).click();
  await page.waitForFunction(() => document.activeElement?.matches('.outline-form input'));
  for (const title of ['Cow', 'Goat']) {
    await page.keyboard.type(title);
    await page.keyboard.press('Enter');
    await item(title).waitFor();
  }
  await inspect(page, 'course-adding');
  assert.deepEqual(await outlineOf(id), { Milk: ['Cow', 'Goat'], Rennet: [] });
  await page.keyboard.type('Sheep');
  await page.getByRole('button', { name: 'Add and write' }).click();
  await page.getByRole('heading', { name: 'Sheep', level: 1 }).waitFor();
  await page.getByText('Lesson 3 of 3 in “Milk”').waitFor();
});

test('lessons and modules are moved by keyboard, said aloud, and keep the focus', async () => {
  const id = await baking();
  await open(`courses/${id}`);
  await item('Dough').getByRole('link').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await said('“Dough”: moved to place 2 of 3 in “Bread”');
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('Alt+ArrowDown');
  await said('“Dough”: moved to place 1 of 2 in “Cake”');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Dough');
  await until('it is saved', async () => JSON.stringify(await outlineOf(id)) === JSON.stringify({ Bread: ['Oven', 'Crust'], Cake: ['Dough', 'Cream'] }));
  await item('Oven').getByRole('button', { name: 'Move “Oven” down' }).click();
  await said('“Oven”: moved to place 2 of 2 in “Bread”');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Move “Oven” down');
  await module('Cake').locator('.outline-module-header').getByRole('button', { name: 'Actions for “Cake”' }).click();
  await page.getByRole('menuitem', { name: 'Move up' }).click();
  await said('“Cake”: moved to place 1 of 2');
  await until('it is saved', async () => Object.keys(await outlineOf(id)).join() === 'Cake,Bread');
  await item('Dough').getByRole('link').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await said('“Dough” is already the first');
  assert.deepEqual(await shownOutline(), { Cake: ['Dough', 'Cream'], Bread: ['Crust', 'Oven'] });
  await inspect(page, 'course');
});

async function drag(from, to, inspected) {
  const start = await from.boundingBox();
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  const end = await to.boundingBox();
  await page.mouse.move(start.x + 20, end.y + 8, { steps: 4 });
  await page.locator('.outline-line').waitFor();
  await inspected?.();
  await page.mouse.up();
}

test('lessons and modules are dragged', async () => {
  const id = await baking();
  await open(`courses/${id}`);
  await drag(item('Crust').locator('.outline-grip'), item('Dough'));
  await until('it is saved', async () => (await outlineOf(id)).Bread.join() === 'Crust,Dough,Oven');
  await drag(item('Dough').locator('.outline-grip'), item('Cream'));
  await until('it is saved', async () => (await outlineOf(id)).Cake.join() === 'Dough,Cream');
  await drag(module('Cake').locator('.outline-module-header .outline-grip'), module('Bread'));
  await until('it is saved', async () => Object.keys(await outlineOf(id)).join() === 'Cake,Bread');
  await drag(item('Oven').locator('.outline-grip'), item('Dough'), async () => {
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/course-dragging.png` });
    await page.keyboard.press('Escape');
  });
  assert.deepEqual(await shownOutline(), { Cake: ['Dough', 'Cream'], Bread: ['Crust', 'Oven'] });
});

test('a move that meets a change by someone else is taken back, and says so', async () => {
  const id = await baking();
  await open(`courses/${id}`);
  await item('Oven').waitFor();
  await createLesson((await read(id)).modules[0].id, 'Yeast');
  await item('Oven').getByRole('button', { name: 'Move “Oven” up' }).click();
  await page.getByText('Someone else changed the outline meanwhile').waitFor();
  await item('Yeast').waitFor();
  assert.deepEqual((await shownOutline()).Bread, ['Dough', 'Oven', 'Crust', 'Yeast']);
  await item('Oven').getByRole('button', { name: 'Move “Oven” up' }).click();
  await until('it is saved', async () => (await outlineOf(id)).Bread.join() === 'Oven,Dough,Crust,Yeast');
  await page.getByText('Someone else changed the outline meanwhile').waitFor({ state: 'detached' });
});

test('modules and lessons are renamed and deleted', async () => {
  const id = await baking();
  await open(`courses/${id}`);
  await item('Oven').getByRole('button', { name: 'Actions for “Oven”' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await dialog().getByLabel('Title of the lesson').fill('Heat');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await item('Heat').waitFor();
  await item('Crust').getByRole('button', { name: 'Actions for “Crust”' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog().getByText('“Crust” and its content are deleted.').waitFor();
  await dialog().getByRole('button', { name: 'Delete' }).click();
  await item('Crust').waitFor({ state: 'detached' });
  await module('Bread').locator('.outline-module-header').getByRole('button', { name: 'Actions for “Bread”' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog().getByText('“Bread” is deleted with 2 lessons.').waitFor();
  await inspect(page, 'course-delete');
  await dialog().getByRole('button', { name: 'Delete' }).click();
  await module('Bread').waitFor({ state: 'detached' });
  assert.deepEqual(await outlineOf(id), { Cake: ['Cream'] });
});

test('names of any length and direction fit', async () => {
  const id = await createCourse({ title: LONG });
  const first = await createModule(id, LONG);
  await createLesson(first, LONG, { kind: 'LINK', url: `https://${'a'.repeat(60)}.example/${'b'.repeat(300)}`, durationMinutes: 6000 });
  await createLesson(first, 'الخبز 🥖 والماء');
  await open(`courses/${id}`);
  await item('🥖').waitFor();
  await inspect(page, 'course-long');
  await item('WWWW').getByRole('link').click();
  await page.locator('.lesson-target').waitFor();
  await inspect(page, 'lesson-long');
  await page.getByRole('link', { name: /^Back to/ }).click();
  await page.waitForFunction(() => document.activeElement?.matches('.outline-title'));
});

test('a lesson is written; its draft survives a reload, and the preview shows what the server made of it', async () => {
  const id = await baking();
  await open(`courses/${id}`);
  await item('Dough').getByRole('link').click();
  await page.getByText('There is no text yet.').waitFor();
  await page.getByLabel('Text', { exact: true }).last().fill('# Mix\n\nFlour & *water*. [More](https://bread.example/)\n\n<img src=x onerror=alert(1)>\n\n| a | b |\n|---|---|\n| 1 | 2 |');
  await page.getByText('Your changes are not saved yet.').waitFor();
  await page.reload();
  await page.getByText('Your changes are not saved yet.').waitFor();
  await page.getByLabel('Minutes').fill('7000');
  await page.keyboard.press('Control+s');
  await page.getByRole('alert').filter({ hasText: 'between 1 and 6,000' }).waitFor();
  await page.getByLabel('Minutes').fill('20');
  await page.getByRole('radio', { name: 'Video' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Enter the URL.').waitFor();
  await page.getByLabel('URL of the video').fill('http://video.example/dough');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').filter({ hasText: /https/ }).waitFor();
  await inspect(page, 'lesson-refused');
  await page.getByLabel('URL of the video').fill('video.example/dough');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const preview = page.locator('.rich-text');
  await preview.getByRole('heading', { name: 'Mix' }).waitFor();
  await preview.getByRole('link', { name: 'More' }).waitFor();
  assert.equal(await preview.locator('img').count(), 0);
  assert.equal(await preview.locator('td').count(), 2);
  await inspect(page, 'lesson');
  const [{ lessons }] = (await read(id)).modules;
  assert.equal(lessons[0].kind, 'VIDEO');
  assert.equal(lessons[0].url, 'https://video.example/dough');
  assert.equal(lessons[0].durationMinutes, 20);
  await page.getByRole('link', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Oven', level: 1 }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Dough', level: 1 }).waitFor();
});

test('what someone else wrote into a lesson meanwhile is not replaced unseen', async () => {
  const id = await baking();
  const [{ lessons: [{ id: lessonId }] }] = (await read(id)).modules;
  await open(`courses/${id}?lesson=${lessonId}`);
  await page.getByLabel('Title of the lesson').fill('My dough');
  await api('mutation ($input: UpdateLessonInput!) { updateLesson(input: $input) { lesson { id } } }', { lessonId, title: 'Their dough' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Someone else changed this while you were editing: Title of the lesson.').waitFor();
  await inspect(page, 'lesson-conflict');
  assert.equal((await read(id)).modules[0].lessons[0].title, 'Their dough');
  await page.getByRole('button', { name: 'Replace theirs' }).click();
  await page.getByRole('heading', { name: 'My dough', level: 1 }).waitFor();
  assert.equal((await read(id)).modules[0].lessons[0].title, 'My dough');
});

test('details are changed', async () => {
  const id = await baking();
  await open(`courses/${id}?tab=details`);
  assert.ok(await page.getByLabel('URL of the course').isDisabled());
  await page.getByLabel('URL of the cover picture').fill('http://pictures.example/a.png');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').filter({ hasText: /https/ }).waitFor();
  await page.getByLabel('URL of the cover picture').fill('pictures.example/a.png');
  await page.getByText('From pictures.example').waitFor();
  await page.getByLabel('Title').fill('Baking for all');
  await inspect(page, 'course-details');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Baking for all', level: 1 }).waitFor();
  const course = await read(id);
  assert.equal(course.coverUrl, 'https://pictures.example/a.png');
  assert.equal(course.description, 'Bread and *more*.');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await page.getByRole('heading', { name: 'Baking', level: 1, exact: true }).waitFor();
  assert.equal((await read(id)).coverUrl, null);
});

test('details that someone else changed meanwhile are not replaced unseen', async () => {
  const id = await baking();
  await open(`courses/${id}?tab=details`);
  await page.getByLabel('Title').fill('My baking');
  await page.getByLabel('Description').fill('Mine.');
  // What is not being changed here is no conflict.
  await api(UPDATE, { courseId: id, coverUrl: 'https://pictures.example/theirs.png' });
  await api(UPDATE, { courseId: id, title: 'Their baking' });
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog().getByRole('heading', { name: 'This was changed meanwhile' }).waitFor();
  await dialog().getByRole('group', { name: 'Title' }).getByText('Their baking').waitFor();
  await inspect(page, 'course-conflict');
  assert.equal((await read(id)).title, 'Their baking');
  await dialog().getByRole('group', { name: 'Title' }).getByRole('radio', { name: 'Take theirs' }).check();
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).last().waitFor();
  const { title, description, coverUrl } = await read(id);
  assert.deepEqual([title, description, coverUrl], ['Their baking', 'Mine.', 'https://pictures.example/theirs.png']);
});

test('details are saved beside a change of something else', async () => {
  const id = await baking();
  await open(`courses/${id}?tab=details`);
  await page.getByLabel('Title').fill('Baking for two');
  await api(UPDATE, { courseId: id, description: 'Theirs.' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Baking for two', level: 1 }).waitFor();
  const { title, description } = await read(id);
  assert.deepEqual([title, description], ['Baking for two', 'Theirs.']);
});

test('a course is published, taken back and archived', async () => {
  const id = await createCourse({ title: 'Steps' });
  await open(`courses/${id}`);
  await page.getByRole('button', { name: 'Publish' }).click();
  await dialog().getByText('The course has no lessons yet.').waitFor();
  await dialog().getByRole('button', { name: 'Publish' }).click();
  await page.getByText('Steps was published').waitFor();
  assert.equal((await read(id)).status, 'PUBLISHED');
  await changeStatus('Back to draft');
  await dialog().getByText('The course will be closed to everyone: 0 contacts have it now.').waitFor();
  await dialog().getByRole('button', { name: 'Back to draft' }).click();
  await page.locator('.page-header .pill').getByText('Draft').waitFor();
  await changeStatus('Archive');
  await page.locator('.page-header').getByText('Archived').waitFor();
  assert.equal((await read(id)).status, 'ARCHIVED');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await page.locator('.page-header .pill').getByText('Draft').waitFor();
  assert.equal((await read(id)).status, 'DRAFT');
});

test('members are shown with their access, live', async () => {
  const id = await baking();
  await open(`courses/${id}?tab=members`);
  await page.getByRole('heading', { name: 'No contact has this course' }).waitFor();
  await inspect(page, 'course-no-members');
  const assign = async (email, rest) => {
    const { createContact } = await api('mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }', { email, firstName: email.split('@')[0] });
    await api('mutation ($input: AssignCoursesInput!) { assignCourses(input: $input) { count } }', { contactId: createContact.contact.id, add: [id], ...rest });
    return createContact.contact.id;
  };
  const ida = await assign('ida@people.example');
  await row('ida@people.example').getByText('Not started').waitFor();
  await row('ida@people.example').getByText('No end date').waitFor();
  await assign('otto@people.example', { endsAt: '2099-12-31T12:00:00Z' });
  await page.getByRole('button', { name: '1 new' }).click();
  await row('otto@people.example').getByText(/^Until/).waitFor();
  await complete(ida, (await read(id)).modules[0].lessons[0].id);
  await row('ida@people.example').getByText('1 of 4 lessons').waitFor();
  await row('ida@people.example').getByText('Joined').waitFor();
  await page.getByRole('tab', { name: /^Members/ }).getByText('2', { exact: true }).waitFor();
  await inspect(page, 'course-members');
  await row('ida@people.example').getByRole('link').click();
  await page.waitForURL(new RegExp(`/contacts/${ida}$`));
  await open(`courses/${id}`);
  await changeStatus('Back to draft');
  await dialog().getByText('2 contacts have it now.').waitFor();
});

test('a new course is started from the palette', async () => {
  await open('invitations');
  await page.getByRole('heading', { name: 'Invitations', level: 1 }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search contacts and actions' }).fill('new course');
  await page.keyboard.press('Enter');
  await dialog().getByRole('heading', { name: 'New course' }).waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await page.waitForURL(/\/courses$/);
});

test('a course that is not there is said to be missing', async () => {
  await open('courses/course_00000000000000000000000000');
  await page.getByRole('heading', { name: 'This course was not found' }).waitFor();
});

test('a member who may only read sees why the actions are off', async () => {
  const id = await baking();
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "reader@demo.example", role: READ_ONLY }) { teamMember { id } } }');
  const reader = await dashboard.signIn(`courses/${id}`, { member: 'reader@demo.example', locale: 'de-DE' });
  await reader.getByRole('heading', { name: 'Bread' }).waitFor();
  assert.equal(await reader.getByRole('button', { name: 'Modul hinzufügen' }).getAttribute('aria-disabled'), 'true');
  await reader.getByRole('button', { name: 'Status ändern' }).click();
  assert.equal(await reader.getByRole('menuitem', { name: 'Zurück zum Entwurf' }).getAttribute('aria-disabled'), 'true');
  await reader.keyboard.press('Escape');
  await inspect(reader, 'course-reader');
  assert.deepEqual(reader.errors, []);
  await reader.context().close();
});

test('the page reported no errors', () => assert.deepEqual(page.errors, []));
