// Writing to contacts: whom, what and when, and a last look at what will happen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(async () => dashboard?.stop());

const dialog = (page) => page.locator('dialog.dialog[open]');
const mail = (page) => page.frameLocator('.message-frame');
const review = (page) => page.getByRole('button', { name: 'Review and send' }).click();
const reach = (page, text) => page.locator('.compose-recipients .dry-run').filter({ hasText: text }).waitFor();

const created = async (page, input) => (await dashboard.api(
  page, 'mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }', { input })).createContact.contact.id;

const template = async (page, input) => (await dashboard.api(
  page, 'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', { input })).createTemplate.template.id;

const list = async (page, name, filter) => (await dashboard.api(
  page, 'mutation ($input: CreateSmartListInput!) { createSmartList(input: $input) { smartList { id } } }', { input: { name, filter } })).createSmartList.smartList.id;

const written = async (page) => (await dashboard.api(
  page, '{ messages(first: 100, filter: { kinds: [WRITTEN] }) { nodes { id channel address status contact { id } } } }')).messages.nodes;

/** What the last step says of the message. */
const facts = (page) => dialog(page).locator('.description-list').evaluate((list) =>
  Object.fromEntries([...list.children].map((row) => [row.querySelector('dt').innerText, row.querySelector('dd').innerText])));

async function pick(page, typed, name) {
  await page.getByRole('combobox', { name: 'Contacts' }).fill(typed);
  await page.getByRole('option', { name }).click();
}

async function write(page, subject, body) {
  await page.getByLabel('Subject').fill(subject);
  await page.getByLabel('Body').fill(body);
}

test('an email is written to a contact from its page, looked at as the contact, and sent', async () => {
  const page = await dashboard.signIn();
  const id = await created(page, { firstName: 'Nora', lastName: 'Nord', email: 'nora@people.example' });
  await page.goto(`${dashboard.base}/contacts/${id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Send message' }).click();
  await page.getByRole('heading', { name: 'Send message', level: 1 }).waitFor();
  await reach(page, '1 contact gets it');
  await page.getByText('Nora Nord').first().waitFor();
  await write(page, 'Your course', 'Hello {{ contact.first_name | default("you") }}, it **starts** today.');
  await mail(page).getByText('Hello Nora').waitFor();
  // Nothing that was typed is in the address, and a reload loses nothing.
  assert.match(page.url(), /\/compose$/);
  await page.reload();
  await mail(page).getByText('Hello Nora').waitFor();
  await reach(page, '1 contact gets it');
  await inspect(page, 'compose');
  await review(page);
  await dialog(page).getByText('Send 1 email now.').waitFor();
  assert.deepEqual(await facts(page), { Recipients: 'Nora Nord', Kind: 'Email', Subject: 'Your course' });
  await inspect(page, 'compose-review');
  await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
  // This server has no mail server.
  await page.getByText('No mail server is configured: 1 email is kept on this server').waitFor();
  await page.waitForURL(/\/messages\//);
  const sent = (await written(page)).filter(({ contact }) => contact?.id === id);
  assert.equal(sent.length, 1);
  // The next message begins empty.
  await page.goto(`${dashboard.base}/compose`);
  await page.getByRole('heading', { name: 'Send message', level: 1 }).waitFor();
  assert.equal(await page.getByLabel('Subject').inputValue(), '');
  assert.equal(await page.locator('.chip').count(), 0);
  assert.deepEqual(page.errors, []);
});

test('it says who doesn’t get it and why; what is missing is said beside its field', async () => {
  const page = await dashboard.signIn('compose');
  await review(page);
  await page.getByText('Choose who gets it.').waitFor();
  await page.getByText('Write a subject.').waitFor();
  await page.getByText('Write the message.').waitFor();
  await inspect(page, 'compose-missing');
  await created(page, { firstName: 'Uma', email: 'uma@people.example', phone: '+4915112345678' });
  await created(page, { firstName: 'Viktor', email: 'viktor@people.example' });
  await pick(page, 'uma', /Uma/);
  await pick(page, 'viktor', /Viktor/);
  await reach(page, '2 contacts get it');
  await page.getByRole('radio', { name: 'SMS' }).check();
  await reach(page, '1 contact gets it');
  await reach(page, '1 has no phone number');
  await page.getByLabel('Text message').fill('Your course starts today. '.repeat(8));
  await page.getByText('2 messages ·').waitFor();
  await inspect(page, 'compose-sms');
  await review(page);
  await dialog(page).getByText('Send 1 text message now.').waitFor();
  await dialog(page).getByText('1 has no phone number').waitFor();
  assert.match((await facts(page))['Text message'], /^Your course starts today/);
  assert.equal((await facts(page)).Kind, 'Text message');
  await inspect(page, 'compose-review-sms');
  await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
  await page.waitForURL(/\/messages\//);
  assert.equal((await written(page)).filter(({ channel }) => channel === 'SMS').length, 1);
  assert.deepEqual(page.errors, []);
});

test('recipients are stepped through; a mistake in the text is shown where it is', async () => {
  const page = await dashboard.signIn('compose');
  await created(page, { firstName: 'Wim', email: 'wim@people.example' });
  await created(page, { firstName: 'Xenia', email: 'xenia@people.example' });
  await pick(page, 'wim', /Wim/);
  await pick(page, 'xenia', /Xenia/);
  await write(page, 'Hi', 'Dear {{ contact.first_name | default("you") }}');
  await mail(page).getByText('Dear Wim').waitFor();
  await page.getByRole('button', { name: 'Next recipient' }).click();
  await mail(page).getByText('Dear Xenia').waitFor();
  await page.getByText('2 of 2').waitFor();
  await page.getByLabel('Body').fill('Dear {{ contact.nickname }}');
  await page.getByRole('region', { name: 'Problems' }).getByRole('button', { name: /Body, line 1/ }).waitFor();
  await review(page);
  await page.locator('.editor-body .error').waitFor();
  assert.equal(await dialog(page).count(), 0);
  await page.getByRole('button', { name: 'Start over' }).click();
  assert.equal(await page.getByLabel('Body').inputValue(), '');
  assert.deepEqual(page.errors, []);
});

test('a template is used as it is, or changed for this message', async () => {
  const page = await dashboard.signIn();
  const id = await template(page, { name: 'Monday', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Reminder', body: 'See you on **Monday**.' });
  await page.goto(`${dashboard.base}/templates/${id}`);
  await page.getByRole('link', { name: 'Use' }).click();
  await mail(page).getByText('Monday').waitFor();
  assert.match(page.url(), /\/compose$/);
  assert.equal(await page.getByLabel('Template', { exact: true }).inputValue(), id);
  await inspect(page, 'compose-template');
  await page.getByRole('button', { name: 'Change the text for this message' }).click();
  assert.equal(await page.getByLabel('Subject').inputValue(), 'Reminder');
  await page.getByLabel('Body').fill('See you on **Tuesday**.');
  await mail(page).getByText('Tuesday').waitFor();
  const saved = (await dashboard.api(page, 'query ($id: ID!) { template(id: $id) { body } }', { id })).template;
  assert.equal(saved.body, 'See you on **Monday**.');
  await page.getByRole('radio', { name: 'From a template' }).check();
  await created(page, { firstName: 'Tina', email: 'tina@people.example' });
  await pick(page, 'tina', /Tina/);
  await reach(page, '1 contact gets it');
  await review(page);
  await dialog(page).getByText('Send 1 email now.').waitFor();
  assert.deepEqual(await facts(page), { Recipients: 'Tina', Kind: 'Email', Template: 'Monday', Subject: 'Reminder' });
  await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
  await page.waitForURL(/\/messages\//);
  await page.getByRole('link', { name: 'Monday' }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('those who were selected in Contacts are the recipients', async () => {
  const page = await dashboard.signIn();
  for (const name of ['Yara', 'Zeno']) await created(page, { firstName: name, email: `${name.toLowerCase()}@chosen.example`, tags: ['chosen'] });
  await page.goto(`${dashboard.base}/contacts?tag=chosen`);
  await page.getByRole('checkbox', { name: /Yara/ }).check();
  await page.getByRole('checkbox', { name: /Zeno/ }).check();
  await inspect(page, 'contacts-selected-message');
  await page.getByRole('button', { name: 'Send message' }).click();
  await reach(page, '2 contacts get it');
  assert.equal(await page.locator('.chip').count(), 2);
  assert.deepEqual(page.errors, []);
});

test('a smart list gets a message at a time, slowly and outside of quiet hours', async () => {
  const page = await dashboard.signIn();
  for (const name of ['Aino', 'Bela']) await created(page, { firstName: name, email: `${name.toLowerCase()}@listed.example`, tags: ['listed'] });
  const id = await list(page, 'Listed', { tags: ['listed'] });
  await page.goto(`${dashboard.base}/smart-lists/${id}`);
  await page.getByRole('group', { name: 'For all' }).getByRole('button', { name: 'Send message' }).click();
  assert.equal(await page.getByLabel('Smart list', { exact: true }).inputValue(), id);
  await reach(page, '2 contacts get it');
  await write(page, 'News', 'Hello {{ contact.first_name | default("you") }}');
  await mail(page).getByText(/Hello (Aino|Bela)/).waitFor();
  const aino = (await dashboard.api(page, '{ contact(email: "aino@listed.example") { id } }')).contact.id;
  const subscribe = (subscribed) => dashboard.api(
    page, 'mutation ($input: UpdateSubscriptionInput!) { updateSubscription(input: $input) { contact { id } } }', { input: { contactId: aino, subscribed } });
  await subscribe(false);
  await page.getByRole('switch', { name: 'Marketing email' }).check();
  await reach(page, '1 contact gets it');
  await reach(page, '1 has unsubscribed from marketing emails');
  await inspect(page, 'compose-unsubscribed');
  await page.getByRole('switch', { name: 'Marketing email' }).uncheck();
  await reach(page, '2 contacts get it');
  await page.getByRole('radio', { name: 'At a time' }).check();
  await page.getByLabel('Date and time').fill('2020-01-01T09:00');
  await review(page);
  await page.getByText('This time has passed. Choose a later one.').waitFor();
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Date and time').fill(`${tomorrow}T09:00`);
  await page.getByText(/tomorrow at 9:00/).waitFor();
  await page.getByRole('switch', { name: 'Send slowly' }).check();
  await page.getByLabel('Messages a minute').fill('0');
  await page.getByRole('switch', { name: 'Quiet hours' }).check();
  await review(page);
  await page.getByText('Enter a whole number from 1 to 10,000.').waitFor();
  await page.getByLabel('Messages a minute').fill('60');
  await inspect(page, 'compose-list');
  await review(page);
  await dialog(page).getByText(/^Send 2 emails tomorrow at 9:00.* \(UTC\), at most 60 a minute, but not from 9:00.PM to 8:00.AM\.$/).waitFor();
  await dialog(page).getByText(/The recipients are chosen at that time/).waitFor();
  await dialog(page).getByText('Has any of these tags: listed').waitFor();
  assert.deepEqual(await facts(page), { Recipients: 'Listed\nHas any of these tags: listed', Kind: 'Email', Subject: 'News' });
  await inspect(page, 'compose-schedule');
  await dialog(page).getByRole('button', { name: 'Schedule' }).click();
  await page.waitForURL(/\/jobs\//);
  await page.getByText(/^Starts: /).waitFor();
  await page.getByText('Email · News', { exact: true }).waitFor();
  // What has not begun is no running job.
  assert.equal(await page.getByRole('complementary', { name: 'Running jobs' }).count(), 0);
  await inspect(page, 'job-scheduled');
  const job = page.url().split('/').at(-1);
  const { startsAt } = (await dashboard.api(page, 'query ($id: ID!) { bulkJob(id: $id) { startsAt } }', { id: job })).bulkJob;
  assert.equal(startsAt.slice(0, 13), `${tomorrow}T09`);
  assert.deepEqual(page.errors, []);
});

test('all that match get a message by a job, which the tray follows', async () => {
  const page = await dashboard.signIn();
  const emails = Array.from({ length: 60 }, (_, at) => `person-${at}@matched.example`);
  await Promise.all(emails.map((email) => created(page, { email, tags: ['matched'] })));
  await page.goto(`${dashboard.base}/contacts?tag=matched`);
  await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
  await page.getByRole('button', { name: 'Select all 60 that match' }).click();
  await page.getByRole('button', { name: 'Send message' }).click();
  await page.getByRole('radio', { name: '60 contacts that match' }).waitFor();
  await reach(page, '60 contacts get it');
  await write(page, 'To all', 'Hello');
  await review(page);
  await dialog(page).getByText('Send 60 emails now.').waitFor();
  assert.deepEqual(await facts(page), { Recipients: 'Has any of these tags: matched', Kind: 'Email', Subject: 'To all' });
  await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
  await page.waitForURL(/\/jobs\//);
  await until('all messages are there', async () => (await written(page)).filter(({ address }) => /matched/.test(address)).length === 60);
  assert.deepEqual(page.errors, []);
});

test('all contacts are an audience', async () => {
  const page = await dashboard.signIn('compose');
  const { totalCount } = (await dashboard.api(page, '{ contacts(first: 0) { totalCount } }')).contacts;
  await page.getByRole('radio', { name: 'All contacts' }).check();
  await reach(page, /contacts get it/);
  await page.getByRole('switch', { name: 'Marketing email' }).check();
  await reach(page, /contacts get it/);
  await write(page, 'To everyone', 'Hello');
  await inspect(page, 'compose-all');
  await review(page);
  await dialog(page).getByText(/^Send \d+ emails now\.$/).waitFor();
  assert.deepEqual(await facts(page), { Recipients: 'All contacts', Kind: 'Marketing email', Subject: 'To everyone' });
  await inspect(page, 'compose-review-all');
  await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
  await page.waitForURL(/\/jobs\//);
  const { total } = (await dashboard.api(page, 'query ($id: ID!) { bulkJob(id: $id) { total } }', { id: page.url().split('/').at(-1) })).bulkJob;
  assert.equal(total, totalCount);
  assert.deepEqual(page.errors, []);
});

test('what a server refuses or a lost connection interrupts can be sent again', async () => {
  const page = await dashboard.signIn('compose');
  const id = await created(page, { firstName: 'Emil', email: 'emil@people.example' });
  await pick(page, 'emil', /Emil/);
  await reach(page, '1 contact gets it');
  await write(page, 'Once', 'Only once.');
  await review(page);
  await dialog(page).getByText('Send 1 email now.').waitFor();
  // The response is lost, the request is not.
  await page.route('**/graphql', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
  await dialog(page).getByText(/The server can’t be reached/).waitFor();
  await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
  await page.waitForURL(/\/messages\//);
  assert.equal((await written(page)).filter(({ contact }) => contact?.id === id).length, 1);
  assert.deepEqual(page.errors, []);
});

test('a member who may only read sees why nothing can be sent', async () => {
  const owner = await dashboard.signIn();
  await dashboard.api(owner, 'mutation { inviteTeamMember(input: { email: "rita@people.example", role: READ_ONLY }) { teamMember { id } } }');
  const page = await dashboard.signIn('messages', { member: 'rita@people.example' });
  await page.getByRole('button', { name: 'Send message' }).focus();
  await page.getByText(/Your role \(Read only\) can’t do this/).first().waitFor();
  await page.goto(`${dashboard.base}/compose`);
  await page.getByRole('heading', { name: 'Send message', level: 1 }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Review and send' }).getAttribute('aria-disabled'), 'true');
  assert.deepEqual(page.errors, []);
});
