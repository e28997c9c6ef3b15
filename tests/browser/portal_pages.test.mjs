// The pages of a signed-in contact: courses, lessons and communities without JavaScript, on a phone and on a desktop.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from './lib/dashboard.mjs';

const LONG = `${'Donaudampfschifffahrtsgesellschaft'.repeat(3)} ${'and a long title '.repeat(5)}`.slice(0, 200);
const RIGHT_TO_LEFT = 'خبز البيت';

let dashboard;
let staff;

before(async () => {
  dashboard = await Dashboard.start();
  staff = await dashboard.signIn();
});

after(async () => dashboard?.stop());

const api = (query, input) => dashboard.api(staff, query, { input });

/** A browser of the contact, signed in by a link. */
async function signIn(email, options = {}) {
  const made = await api('mutation ($input: GenerateMagicLinkInput!) { generateMagicLink(input: $input) { url } }', { email });
  const context = await dashboard.browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, ...options });
  context.on('request', (request) => {
    const { hostname } = new URL(request.url());
    assert.ok(['127.0.0.1', 'localhost'].includes(hostname), `a request went to ${hostname}`);
  });
  const page = await context.newPage();
  await page.goto(made.generateMagicLink.url);
  await page.getByRole('button').first().click();
  await page.waitForURL(/\/p\/demo$/);
  return page;
}

/** A published course with as many lessons, open to the contact. */
async function addCourse(title, count, email) {
  const { createCourse: { course } } = await api('mutation ($input: CreateCourseInput!) { createCourse(input: $input) { course { id } } }',
    { title, description: `# ${title}\n\n- a list\n\n| a | b |\n|---|---|\n| 1 | 2 |`, status: 'PUBLISHED' });
  const { createCourseModule: { module } } = await api(
    'mutation ($input: CreateCourseModuleInput!) { createCourseModule(input: $input) { module { id } } }', { courseId: course.id, title });
  for (let number = 1; number <= count; number += 1) {
    await api('mutation ($input: CreateLessonInput!) { createLesson(input: $input) { lesson { id } } }',
      { moduleId: module.id, title: number % 7 === 2 ? title : `Lesson ${number}`, kind: 'TEXT', body: 'Hello', durationMinutes: number });
  }
  const { contact } = await dashboard.api(staff, 'query ($email: EmailAddress) { contact(email: $email) { id } }', { email });
  await api('mutation ($input: AssignCoursesInput!) { assignCourses(input: $input) { count } }', { contactId: contact.id, add: [course.id] });
  return course.id;
}

test('a contact continues a course without JavaScript', async () => {
  const page = await signIn('ada@people.example', { javaScriptEnabled: false });
  await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor();
  await page.getByText('3 of 6 lessons completed').waitFor();
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Mixing', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Mark as completed' }).click();
  await page.getByRole('heading', { name: 'Folding', level: 1 }).waitFor();
  await page.getByRole('link', { name: /^Previous/ }).click();
  await page.getByText('You completed this lesson on').waitFor();
  await page.getByRole('link', { name: 'Next lesson' }).click();
  await page.getByRole('button', { name: 'Mark as completed' }).click();
  await page.getByRole('button', { name: 'Mark as completed' }).click();
  await page.getByText('You completed this course on').waitFor();
  await page.getByRole('link', { name: 'Courses' }).first().click();
  await page.getByText('Opens on').waitFor();
  await page.getByText('Completed', { exact: true }).waitFor();
  await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Communities' }).click();
  await page.getByRole('link', { name: /bakers/ }).click();
  await page.getByRole('heading', { name: 'The recipe of the month' }).waitFor();
  await page.context().close();
});

test('every page fits a phone and a desktop, in light and dark', async () => {
  const page = await signIn('grace@people.example');
  const visit = async (path, name) => {
    await page.goto(`${dashboard.server.url}/p/demo${path}`);
    await inspect(page, `portal-${name}`);
  };
  await visit('', 'home');
  await visit('/courses', 'courses');
  await page.getByRole('link', { name: 'Bread at home' }).click();
  await inspect(page, 'portal-course');
  await page.getByRole('link', { name: /What you need/ }).click();
  await inspect(page, 'portal-lesson');
  await page.getByRole('button', { name: 'Mark as completed' }).click();
  await visit('', 'home-continue');
  await visit('/communities', 'communities');
  await page.getByRole('link', { name: /bakers/ }).click();
  await inspect(page, 'portal-community');
  await visit('/affiliates', 'no-affiliate');
  await visit('/courses/course_x', 'not-found');
  const long = await addCourse(LONG, 60, 'grace@people.example');
  await addCourse(RIGHT_TO_LEFT, 2, 'grace@people.example');
  await visit('/courses', 'long-courses');
  await visit(`/courses/${long}`, 'long-course');
  await page.getByRole('link', { name: LONG.slice(0, 40) }).first().click();
  await page.getByRole('button', { name: 'Mark as completed' }).waitFor();
  await inspect(page, 'portal-long-lesson');
  await visit('', 'long-home');
  await page.context().close();
});

test('an affiliate copies their link', async () => {
  const page = await signIn('edsger@people.example', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Affiliates' }).click();
  await page.getByText('24.00').first().waitFor();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.getByLabel('Your link').inputValue());
  await inspect(page, 'portal-affiliates');
  await page.context().close();
});
