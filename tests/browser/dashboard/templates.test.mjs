// Templates of emails and text messages: writing, checking, previewing, and their versions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(async () => dashboard?.stop());

const dialog = (page) => page.locator('dialog.dialog[open]');
const mail = (page) => page.frameLocator('.message-frame');
const problems = (page) => page.getByRole('region', { name: 'Problems' });

const TEMPLATES = '{ templates(first: 50, statuses: [ACTIVE, ARCHIVED]) { nodes { id name channel status version format subject body text } } }';

async function named(page, name) {
  return (await dashboard.api(page, TEMPLATES)).templates.nodes.find((template) => template.name === name);
}

async function create(page, input) {
  const { createTemplate } = await dashboard.api(
    page, 'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', { input });
  return createTemplate.template.id;
}

test('an email is written with merge fields, and its preview shows it at once', async () => {
  const page = await dashboard.signIn();
  // Those of the demo's workflow.
  const { templates } = await dashboard.api(page, '{ templates(first: 50, statuses: [ACTIVE]) { nodes { id } } }');
  for (const { id } of templates.nodes) {
    await dashboard.api(page, 'mutation ($input: ArchiveTemplateInput!) { archiveTemplate(input: $input) { template { id } } }', { input: { templateId: id, archived: true } });
  }
  await page.goto(`${dashboard.base}/templates`);
  await page.getByText('No templates yet').waitFor();
  await inspect(page, 'templates-none');
  await page.getByRole('link', { name: 'New template' }).first().click();
  await page.getByRole('heading', { name: 'New template' }).waitFor();
  await page.getByLabel('Subject').fill('Hello from ');
  await page.getByRole('button', { name: 'Insert field' }).click();
  const fields = page.getByRole('dialog', { name: 'Insert field' });
  await fields.getByRole('button', { name: /Title of the course/ }).waitFor();
  assert.equal(await fields.getByRole('button', { name: /Title of the course/ }).getAttribute('aria-disabled'), 'true');
  await inspect(page, 'template-fields');
  await fields.getByRole('button', { name: /Name of the portal/ }).click();
  assert.equal(await page.getByLabel('Subject').inputValue(), 'Hello from {{ portal.name }}');

  await page.getByLabel('Body').fill('# Welcome\n\nHello ');
  await page.getByRole('button', { name: 'Insert field' }).click();
  await fields.getByRole('button', { name: /First name/ }).click();
  // The caret is where the default belongs.
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  await page.keyboard.type('there');
  assert.match(await page.getByLabel('Body').inputValue(), /\{\{ contact\.first_name \| default\("there"\) \}\}$/);
  await mail(page).getByRole('heading', { name: 'Welcome' }).waitFor();
  await mail(page).getByText('Hello Anna').waitFor();
  await page.locator('.editor-subject').filter({ hasText: 'Hello from Demo Academy' }).waitFor();
  await page.reload();
  await mail(page).getByText('Hello Anna').waitFor();

  await page.getByRole('button', { name: 'Create template' }).click();
  await page.getByText('Enter a name.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Welcome');
  await page.getByRole('button', { name: 'Create template' }).click();
  await page.getByRole('heading', { name: 'Welcome', level: 1 }).waitFor();
  const saved = await named(page, 'Welcome');
  assert.equal(saved.subject, 'Hello from {{ portal.name }}');
  assert.match(page.url(), new RegExp(saved.id));
  await mail(page).getByText('Hello Anna').waitFor();
  await inspect(page, 'template');
  assert.deepEqual(page.errors, []);
});

test('the preview shows the dark and the narrow email, its text, and the values of a contact', async () => {
  const page = await dashboard.signIn();
  const id = await create(page, { name: 'Views', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Hi', body: 'Hello {{ contact.first_name | default("you") }}, [open]({{ portal.login_url }})' });
  await page.goto(`${dashboard.base}/templates/${id}`);
  await mail(page).getByText('Hello Anna').waitFor();
  const background = () => mail(page).locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
  assert.equal(await background(), 'rgb(244, 246, 248)');
  await page.getByLabel('Dark').check();
  await page.waitForFunction(() => getComputedStyle(document.querySelector('.message-frame').contentDocument.body).backgroundColor === 'rgb(15, 18, 23)');
  await page.getByLabel('Phone width').check();
  await page.locator('.message-frame').scrollIntoViewIfNeeded();
  assert.ok((await page.locator('.message-frame').boundingBox()).width <= 375);
  await inspect(page, 'template-dark-phone');
  await page.getByRole('button', { name: /As seen by/ }).click();
  await page.getByRole('combobox', { name: 'Contact' }).fill('ada');
  await page.getByRole('option', { name: /Ada Lovelace/ }).click();
  await mail(page).getByText('Hello Ada').waitFor();
  await page.getByRole('tab', { name: 'Text version' }).click();
  await page.locator('.message-text').filter({ hasText: 'Hello Ada' }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('a problem names its place and leads there; a template with an error can’t be saved', async () => {
  const page = await dashboard.signIn();
  const id = await create(page, { name: 'Mistakes', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Hi', body: 'Fine' });
  await page.goto(`${dashboard.base}/templates/${id}`);
  await page.getByLabel('Body').fill('One 😀\nTwo {{ contact.nickname }}');
  await problems(page).getByRole('button', { name: /Body, line 2, column \d+/ }).waitFor();
  await inspect(page, 'template-problem');
  await problems(page).getByRole('button', { name: /Body, line 2/ }).click();
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  const place = await page.getByLabel('Body').evaluate(({ value, selectionStart }) => value.slice(selectionStart));
  assert.match(place, /^(\{\{ )?contact\.nickname/);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('.editor-body .error').waitFor();
  assert.equal((await named(page, 'Mistakes')).body, 'Fine');
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await mail(page).getByText('Fine').waitFor();
  assert.deepEqual(page.errors, []);
});

test('a text message counts its segments', async () => {
  const page = await dashboard.signIn('templates/new?channel=SMS');
  await page.getByLabel('Text message').fill('Your course starts today.');
  await page.getByText('1 message ·').waitFor();
  await page.getByText('GSM alphabet').waitFor();
  await page.getByLabel('Text message').fill(`${'Your course starts today. '.repeat(4)}🥐`);
  await page.getByText('2 messages ·').waitFor();
  await page.getByText(/Unicode/).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Start');
  await inspect(page, 'template-sms');
  await page.getByRole('button', { name: 'Create template' }).click();
  await page.getByRole('heading', { name: 'Start', level: 1 }).waitFor();
  const saved = await named(page, 'Start');
  assert.deepEqual([saved.channel, saved.format, saved.subject], ['SMS', 'TEXT', null]);
  assert.deepEqual(page.errors, []);
});

test('versions are shown and restored; what another person saved meanwhile is not overwritten', async () => {
  const page = await dashboard.signIn();
  const id = await create(page, { name: 'History', channel: 'EMAIL', format: 'MARKDOWN', subject: 'One', body: 'First text' });
  const update = (expectedVersion, body) => dashboard.api(
    page, 'mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { version } } }', { input: { templateId: id, expectedVersion, body } });
  await update(1, 'Second text');
  await page.goto(`${dashboard.base}/templates/${id}?tab=versions`);
  await page.getByText('Version 1', { exact: true }).click();
  await page.locator('pre').filter({ hasText: 'First text' }).waitFor();
  await inspect(page, 'template-versions');
  await page.getByRole('button', { name: 'Restore' }).click();
  await dialog(page).getByRole('button', { name: 'Restore' }).click();
  await page.getByText('Version 1 was restored').waitFor();
  await page.getByText('Version 3', { exact: true }).waitFor();
  assert.equal((await named(page, 'History')).body, 'First text');

  await page.getByRole('tab', { name: 'Content' }).click();
  await page.getByLabel('Body').fill('My text');
  await update(3, 'Their text');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/Someone else saved this template/).waitFor();
  assert.equal((await named(page, 'History')).body, 'Their text');
  await inspect(page, 'template-conflict');
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  assert.deepEqual([(await named(page, 'History')).body, (await named(page, 'History')).version], ['My text', 5]);
  assert.deepEqual(page.errors, []);
});

test('templates are found, archived and taken back', async () => {
  const page = await dashboard.signIn();
  await create(page, { name: 'Old news', channel: 'EMAIL', format: 'MARKDOWN', subject: 'A subject that is shown', body: 'Hi' });
  await page.goto(`${dashboard.base}/templates`);
  await page.getByRole('row', { name: /Old news/ }).waitFor();
  await inspect(page, 'templates');
  await page.getByRole('searchbox').fill('old');
  await page.waitForURL(/search=old/);
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  await page.getByRole('button', { name: 'Actions for Old news' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await page.getByText('No templates match').waitFor();
  assert.equal((await named(page, 'Old news')).status, 'ARCHIVED');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('row', { name: /Old news/ }).waitFor();
  await page.getByRole('button', { name: 'Channel' }).click();
  await page.getByRole('dialog', { name: 'Channel' }).getByLabel('SMS').check();
  await page.getByText('No templates match').waitFor();
  assert.deepEqual(page.errors, []);
});

test('staff read templates, and see why they can’t write them', async () => {
  const owner = await dashboard.signIn();
  const id = await create(owner, { name: 'For staff', channel: 'EMAIL', format: 'HTML', subject: 'Hi', body: '<p>Hello</p>' });
  await dashboard.api(owner, 'mutation { inviteTeamMember(input: { email: "sam@acme.example", role: STAFF }) { teamMember { id } } }');
  const page = await dashboard.signIn(`templates/${id}`, { member: 'sam@acme.example' });
  await mail(page).getByText('Hello').waitFor();
  await page.getByRole('button', { name: 'Archive' }).hover();
  await page.getByText(/Your role \(Staff\)/).first().waitFor();
  await inspect(page, 'template-staff');
  assert.deepEqual(page.errors, []);
});

test('a test goes to the writer', async () => {
  const page = await dashboard.signIn();
  const id = await create(page, { name: 'Try it', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Hi', body: 'Hello' });
  await page.goto(`${dashboard.base}/templates/${id}`);
  await page.getByLabel('Body').fill('Hello again');
  const request = page.waitForRequest((each) => each.postData()?.includes('SendTestMessage'));
  await page.getByRole('button', { name: 'Send test to me' }).click();
  const { input } = JSON.parse((await request).postData()).variables;
  assert.deepEqual(input, { channel: 'EMAIL', format: 'MARKDOWN', subject: 'Hi', body: 'Hello again', text: null, contactId: null });
  // This server has no mail server.
  await page.getByText('No mail server is configured: the test is in the outbox of this server.').waitFor();
  await page.getByRole('region', { name: /Notifications/ }).getByRole('button', { name: 'Open outbox' }).click();
  await page.waitForURL(/\/outbox/);
  assert.deepEqual(page.errors, []);
});
