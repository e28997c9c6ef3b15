// Editing workflows: names, numbers and what is said when something is deleted or refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { addStep, card, dialog, idOf, makersOf } from '../lib/workflows.mjs';
import { until } from '../../scenario/lib/processes.mjs';

let dashboard;

const { read, createTemplate, createWorkflow, createContact, addTag, publishWorkflow, archiveAll } = makersOf(() => dashboard);

before(async () => {
  dashboard = await Dashboard.start();
  await archiveAll();
});

after(async () => dashboard?.stop());

const tag = (key, next = null) => ({ addTags: { key, tags: [key], next } });
const menu = async (page, name, item) => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
};

test('a workflow is renamed from its menu, and what is not saved stays', async () => {
  const page = await dashboard.signIn();
  const id = await createWorkflow(page, { name: 'Old name', triggers: [{ trigger: 'CONTACT_JOINED' }], steps: [tag('first')] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await addStep(page, page.locator('.flow-steps').first(), 'End here');
  await page.getByText('You have unsaved changes.').waitFor();
  await menu(page, 'Old name', 'Rename');
  await inspect(page, 'workflow-rename');
  await dialog(page).getByLabel('Name').fill('  ');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('Enter a name.').waitFor();
  await dialog(page).getByLabel('Name').fill('New name');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'New name', level: 1 }).waitFor();
  assert.equal((await read(page, id)).name, 'New name');
  assert.equal((await read(page, id)).steps.length, 1);
  await page.getByText('You have unsaved changes.').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await until('the step is saved', async () => (await read(page, id)).steps.length === 2);

  // Another person's name is not overwritten unseen.
  await dashboard.api(page, 'mutation ($input: UpdateWorkflowInput!) { updateWorkflow(input: $input) { workflow { id } } }', { input: { workflowId: id, name: 'Theirs' } });
  await menu(page, 'New name', 'Rename');
  await dialog(page).getByLabel('Name').fill('Mine');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).locator('.error-notice, [role=alert]').first().waitFor();
  assert.equal((await read(page, id)).name, 'Theirs');
  assert.deepEqual(page.errors, []);
});

test('a wait of nothing or of years is refused in its field', async () => {
  const page = await dashboard.signIn();
  const id = await createWorkflow(page, { name: 'Waits', triggers: [{ trigger: 'CONTACT_JOINED' }], steps: [tag('first')] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await addStep(page, page.locator('.flow-steps').first(), 'Wait');
  await dialog(page).getByLabel('How long').fill('0');
  await dialog(page).getByText('Enter a whole number, at least 1.').waitFor();
  await inspect(page, 'workflow-wait-wrong');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-invalid')), 'true');
  await dialog(page).getByLabel('How long').fill('366');
  await dialog(page).getByText('A wait takes at most 365 days.').waitFor();
  await dialog(page).getByLabel('How long').fill('365');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Add trigger' }).click();
  await dialog(page).getByLabel('Starts when').selectOption({ label: 'Invitation not answered' });
  await dialog(page).getByLabel('After how many days').fill('0');
  await dialog(page).getByText('Enter a whole number of days, from 1 to 365.').waitFor();
  assert.deepEqual(page.errors, []);
});

test('deleting a fork says what goes with it, and the bar covers nothing', async () => {
  // Toasts don't slide in.
  const page = await dashboard.signIn('', { reducedMotion: 'reduce' });
  const id = await createWorkflow(page, { name: 'Forked', triggers: [{ trigger: 'CONTACT_JOINED' }], steps: [
    tag('first', 'ask'), { branch: { key: 'ask', condition: { tags: ['x'] }, next: 'yes', otherwise: 'no' } }, tag('yes', 'last'), tag('no', 'more'), tag('more', 'last'), tag('last'),
  ] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await page.locator('.flow-end').getByText('End of the workflow').waitFor();
  await card(page, 'ask').getByRole('button', { name: /Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Delete step' }).click();
  const toast = page.locator('.toast').filter({ hasText: /^“Branch.*” was deleted, with 3 steps in it/ });
  await toast.waitFor();
  const [bar, said] = [await page.locator('.workflow-unsaved').boundingBox(), await toast.boundingBox()];
  assert.ok(said.y + said.height <= bar.y + 8 || bar.y + bar.height < said.y, 'the toast covers the bar');
  await toast.getByRole('button', { name: 'Undo' }).click();
  await card(page, 'more').waitFor();
  await card(page, 'last').getByRole('button', { name: /Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Delete step' }).click();
  await page.locator('.toast').filter({ hasText: /^“Add tags, last” was deleted/ }).waitFor();
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const under = await page.evaluate(() => {
      const end = [...document.querySelectorAll('.flow-end')].at(-1).getBoundingClientRect();
      return end.bottom - document.querySelector('.workflow-unsaved').getBoundingClientRect().top;
    });
    assert.ok(under <= 0, `the bar covers ${under} px at ${width}`);
  }
  assert.deepEqual(page.errors, []);
});

test('a problem is said in the words of the builder', async () => {
  const page = await dashboard.signIn();
  const template = await createTemplate(page, { name: 'Of a course', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Hello', body: 'Hi,\n\nsee {{ course.title }}' });
  const id = await createWorkflow(page, { name: 'Worded', triggers: [{ trigger: 'COURSE_COMPLETED' }], steps: [{ sendEmail: { key: 'mail', templateId: template } }] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await page.getByRole('button', { name: 'Add trigger' }).click();
  await dialog(page).getByLabel('Starts when').selectOption({ label: 'Contact joined' });
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const problem = card(page, 'mail').locator('.flow-problem');
  await problem.waitFor();
  const text = await problem.textContent();
  assert.match(text, /^Body, line 3, column \d+ in “Of a course”: /);
  assert.match(text, /the trigger “Contact joined”/);
  assert.doesNotMatch(text, /CONTACT_JOINED/);
  await inspect(page, 'workflow-worded');
  assert.deepEqual(page.errors, []);
});

test('an email is marked as marketing, for those who have not unsubscribed', async () => {
  const page = await dashboard.signIn();
  const template = await createTemplate(page, { name: 'News', channel: 'EMAIL', format: 'MARKDOWN', subject: 'News', body: 'Hello' });
  const id = await createWorkflow(page, { name: 'Newsletter', triggers: [{ trigger: 'CONTACT_JOINED' }], steps: [{ sendEmail: { key: 'mail', templateId: template } }] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await card(page, 'mail').locator('.flow-open').click();
  await dialog(page).getByText(/Contacts who unsubscribed don’t get it/).waitFor();
  await dialog(page).getByRole('switch', { name: 'Marketing email' }).check();
  await inspect(page, 'workflow-marketing');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await card(page, 'mail').getByText('News · Marketing email', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const { workflow } = await dashboard.api(page, 'query ($id: ID!) { workflow(id: $id) { steps { ... on SendEmailStep { marketing } } } }', { id });
  assert.deepEqual(workflow.steps, [{ marketing: true }]);
  assert.deepEqual(page.errors, []);
});

test('a workflow is duplicated, the ways of a branch are counted, and archiving a template names who sends it', async () => {
  const page = await dashboard.signIn();
  const template = await createTemplate(page, { name: 'Sent on', channel: 'SMS', format: 'TEXT', body: 'Hello' });
  const id = await createWorkflow(page, { name: 'Original', triggers: [{ trigger: 'TAG_ADDED', tags: ['go'] }], steps: [
    { branch: { key: 'ask', condition: { tags: ['go'] }, next: 'yes', otherwise: 'no' } }, tag('yes'), { sendSms: { key: 'no', templateId: template } },
  ] });
  await publishWorkflow(page, id);
  await addTag(page, await createContact(page, { firstName: 'Way', email: 'way@people.example' }), 'go');
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await page.locator('[data-way="yes"]').getByText('1 went this way').waitFor();
  assert.equal(await page.locator('[data-way="no"]').getByText(/went this way/).count(), 0);
  await inspect(page, 'workflow-ways');
  await menu(page, 'Original', 'Duplicate');
  await page.getByRole('heading', { name: 'Original (copy)', level: 1 }).waitFor();
  await card(page, 'ask').waitFor();
  assert.equal((await read(page, idOf(page))).status, 'DRAFT');
  await page.goto(`${dashboard.base}/templates/${template}`);
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByText('“Sent on” was archived. Workflows that send it go on with what they published: “Original”.').waitFor();
  assert.deepEqual(page.errors, []);
});
