// Messages of workflows: what became of them, who sent them, and templates that only workflows can send.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { MailServer, REPLIES } from '../lib/mail_server.mjs';
import { card, makersOf } from '../lib/workflows.mjs';

let mail;
let dashboard;

const { createTemplate, createWorkflow, createContact, database, addTag, publishWorkflow, archiveAll } = makersOf(() => dashboard);

before(async () => {
  mail = await MailServer.start();
  dashboard = await Dashboard.start({ SMTP_URL: mail.url });
  await archiveAll();
});

after(async () => {
  await dashboard?.stop();
  mail?.stop();
});

const email = (name, body = 'Hello') => ({ name, channel: 'EMAIL', format: 'MARKDOWN', subject: name, body });
const sms = (name, body = 'Hello') => ({ name, channel: 'SMS', format: 'TEXT', body });
const wait = (key, next, days = 1) => ({ wait: { key, duration: { amount: days, unit: 'DAYS' }, next } });
const runs = 'query ($id: ID!) { workflow(id: $id) { runs(first: 5) { nodes { id } } } }';

test('a run shows what became of its messages, and messages name their workflow', async () => {
  const page = await dashboard.signIn();
  const [mailId, textId] = [await createTemplate(page, email('Will bounce')), await createTemplate(page, sms('Will be kept'))];
  const id = await createWorkflow(page, {
    name: 'Bouncer', triggers: [{ trigger: 'TAG_ADDED', tags: ['go'] }],
    steps: [{ sendEmail: { key: 'mail', templateId: mailId, next: 'text' } }, { sendSms: { key: 'text', templateId: textId, next: 'pause' } }, wait('pause', 'tag'), { addTags: { key: 'tag', tags: ['went'] } }],
  });
  await publishWorkflow(page, id);
  const contact = await createContact(page, { firstName: 'Gina', lastName: 'Gone', email: 'gone@people.example', phone: '+4915112345679' });
  await addTag(page, contact, 'go');
  await page.goto(`${dashboard.base}/workflows/${id}?tab=runs`);
  await page.getByRole('columnheader', { name: 'Contact', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Gina Gone' }).click();
  await card(page, 'mail').getByText('Bounced', { exact: true }).waitFor();
  await card(page, 'mail').getByText(REPLIES.gone).waitFor();
  await card(page, 'text').getByText('Kept on this server', { exact: true }).waitFor();
  // It is on its way: nothing is complete.
  assert.equal(await page.locator('.flow-end').getByText(/complete|End of/).count(), 0);
  await inspect(page, 'workflow-run-bounced');
  await database(`update workflow_runs set due_at = now() - interval '1 minute' where status = 'RUNNING'`);
  await page.locator('.flow-end').getByText('The run is complete').waitFor();
  await card(page, 'mail').getByRole('link', { name: 'Open message' }).click();

  // One that was not sent has no subject.
  await page.getByRole('heading', { name: 'Workflow “Bouncer”', level: 1 }).waitFor();
  const sender = page.getByRole('link', { name: 'Workflow “Bouncer”' });
  await sender.waitFor();
  assert.match(await sender.getAttribute('href'), new RegExp(`/workflows/${id}$`));
  await page.goto(`${dashboard.base}/messages?search=gone`);
  await page.locator('tbody tr').filter({ hasText: 'gone@people.example' }).getByText('Workflow “Bouncer”').waitFor();
  await inspect(page, 'messages-workflow');
  await page.getByRole('button', { name: 'Kind', exact: true }).click();
  await page.getByRole('dialog', { name: 'Kind' }).getByLabel('Written by staff or a workflow').waitFor();
  await page.goto(`${dashboard.base}/contacts/${contact}?tab=messages`);
  await page.getByText('Workflow “Bouncer” · SMS').waitFor();
  await page.goto(`${dashboard.base}/contacts/${contact}`);
  await page.locator('.timeline-when').getByText('Workflow “Bouncer”').first().waitFor();
  await page.locator('.timeline-entry').filter({ hasText: 'A message was kept on this server' }).getByText('Workflow “Bouncer”').waitFor();
  await page.goto(`${dashboard.base}/audit`);
  await page.getByText('A message to Gina Gone was kept on this server').waitFor();
  assert.equal((await dashboard.api(page, runs, { id })).workflow.runs.nodes.length, 1);
  assert.deepEqual(page.errors, []);
});

test('staff see that a workflow sent a message, without its name', async () => {
  const owner = await dashboard.signIn();
  await dashboard.api(owner, 'mutation { inviteTeamMember(input: { email: "sam@acme.example", role: STAFF }) { teamMember { id } } }');
  const page = await dashboard.signIn('messages', { member: 'sam@acme.example' });
  await page.locator('tbody tr').filter({ hasText: 'gone@people.example' }).getByText('A workflow', { exact: true }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('a test says what would happen, and when', async () => {
  const page = await dashboard.signIn();
  const template = await createTemplate(page, email('Would be sent'));
  const id = await createWorkflow(page, {
    name: 'Tried', triggers: [{ trigger: 'CONTACT_INVITED' }],
    steps: [
      { sendEmail: { key: 'mail', templateId: template, next: 'pause' } }, wait('pause', 'ask', 2),
      { branch: { key: 'ask', condition: { tags: ['no-one-has-it'] }, next: null, otherwise: 'tag' } }, { addTags: { key: 'tag', tags: ['late'], next: 'last' } }, wait('last', null),
    ],
  });
  await page.goto(`${dashboard.base}/workflows/${id}?tab=test`);
  await page.getByRole('combobox', { name: 'Contact' }).fill('ada');
  await page.getByRole('option', { name: /Ada Lovelace/ }).click();
  await card(page, 'mail').getByText('Would send this email').waitFor();
  await card(page, 'pause').getByText(/^Would wait until .*\d/).waitFor();
  await card(page, 'ask').getByText('Would not meet the conditions').waitFor();
  await card(page, 'tag').getByText('Would add the tags').waitFor();
  await card(page, 'last').getByText('Would wait', { exact: true }).waitFor();
  await page.locator('.flow-end').getByText('End of the workflow').waitFor();
  assert.equal(await page.locator('.flow').getByText(/^(Done|Waited|The run is complete)$/).count(), 0);
  await page.getByRole('heading', { name: 'Then' }).scrollIntoViewIfNeeded();
  await inspect(page, 'workflow-would');
  assert.deepEqual(page.errors, []);
});

test('a template for workflows has no problems outside of them', async () => {
  const page = await dashboard.signIn();
  const id = await createTemplate(page, email('Of an offer', 'Hello,\n\n**{{ offer.title }}** is [ready]({{ portal.login_url }}).'));
  await page.goto(`${dashboard.base}/templates`);
  const row = page.getByRole('row').filter({ hasText: 'Of an offer' });
  await row.getByText('For workflows').waitFor();
  assert.equal(await row.getByText(/problem/).count(), 0);
  await inspect(page, 'templates-workflow');
  await page.goto(`${dashboard.base}/templates/${id}`);
  await page.getByText(/^Only workflows that start with one of these can send it: Offer granted/).waitFor();
  await page.frameLocator('.message-frame').getByText('ready', { exact: true }).waitFor();
  assert.equal(await page.locator('.editor-problems li').count(), 0);
  await inspect(page, 'template-workflow');
  // Another mistake is still one.
  await page.getByLabel('Body').fill('{{ offer.title }} {{ contact.first_name }}');
  await page.locator('.editor-problems code').filter({ hasText: 'contact.first_name' }).first().waitFor();
  assert.equal(await page.locator('.editor-problems li').count(), 1);
  // No event has both.
  await page.getByLabel('Body').fill('{{ offer.title }} {{ community.name }}');
  await page.locator('.editor-problems').getByText(/Only workflows that start with one of these have it: Offer granted/).waitFor();
  assert.equal(await page.locator('.editor-problems').getByText(/OFFER_|COMMUNITY_/).count(), 0);
  assert.deepEqual(page.errors, []);
});
