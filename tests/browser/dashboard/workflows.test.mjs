// Workflows: building, publishing and watching them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { addStep, card, dialog, idOf, makersOf, publish } from '../lib/workflows.mjs';
import { until } from '../../scenario/lib/processes.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
  await archiveAll();
});

after(async () => dashboard?.stop());

const { read, createTemplate, createWorkflow, createContact, createOffer, database, addTag, archiveAll } = makersOf(() => dashboard);

test('the example of a welcome is built from its template, published and watched', async () => {
  const page = await dashboard.signIn('workflows');
  await page.getByText('No workflows yet').waitFor();
  await inspect(page, 'workflows-none');
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  await inspect(page, 'workflows-new');
  await dialog(page).getByLabel('Name').fill('Welcome');
  await dialog(page).getByRole('button', { name: 'Create workflow' }).click();
  await page.getByRole('heading', { name: 'Welcome', level: 1 }).waitFor();
  const id = idOf(page);
  await card(page, 'send_email_1').getByText('Welcome: email', { exact: true }).waitFor();
  await inspect(page, 'workflow');
  const draft = await read(page, id);
  assert.deepEqual(draft.steps.map(({ key, next, otherwise }) => [key, next, otherwise]), [
    ['send_email_1', 'wait_1', undefined], ['wait_1', 'branch_1', null], ['branch_1', null, 'send_sms_1'], ['send_sms_1', null, undefined],
  ]);

  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await inspect(page, 'workflow-publish');
  await dialog(page).getByRole('button', { name: 'Publish' }).click();
  await page.getByText('“Welcome” was published').waitFor();
  assert.equal((await read(page, id)).status, 'PUBLISHED');

  const reader = { id: await createContact(page, { firstName: 'Nina', lastName: 'Nova', email: 'nina@people.example', phone: '+4915112345678' }), name: 'Nina Nova' };
  const offerId = await createOffer(page);
  await dashboard.api(page, 'mutation ($input: GrantOfferInput!) { grantOffer(input: $input) { __typename } }', { input: { selection: { contactIds: [reader.id] }, offerId } });
  // The counts follow by themselves.
  await card(page, 'send_email_1').getByText('1 done').waitFor();
  await card(page, 'wait_1').getByText('1 here now').waitFor();
  await inspect(page, 'workflow-running');

  await page.getByRole('tab', { name: /Runs/ }).click();
  await page.getByRole('row', { name: new RegExp(reader.name) }).getByText('Running').waitFor();
  await inspect(page, 'workflow-runs');
  await database(`update workflow_runs set due_at = now() - interval '1 minute' where status = 'RUNNING'`);
  await page.getByRole('row', { name: new RegExp(reader.name) }).getByText('Completed').waitFor();
  await page.getByRole('link', { name: reader.name }).click();
  await card(page, 'branch_1').getByText('No', { exact: true }).waitFor();
  await card(page, 'send_email_1').getByRole('link', { name: 'Open message' }).waitFor();
  assert.equal(await page.locator('.flow-way[data-taken]').getAttribute('data-way'), 'no');
  await inspect(page, 'workflow-run');
  await page.goto(`${dashboard.base}/contacts/${reader.id}`);
  await page.getByRole('region', { name: 'Workflows' }).getByRole('link', { name: 'Welcome' }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('a workflow is built step by step, and what is missing is said where it is', async () => {
  const page = await dashboard.signIn('workflows');
  const email = await createTemplate(page, { name: 'Hello you', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Hello', body: 'Hello' });
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  await dialog(page).getByLabel('Empty workflow').check();
  await dialog(page).getByLabel('Name').fill('By hand');
  await dialog(page).getByRole('button', { name: 'Create workflow' }).click();
  await page.getByRole('heading', { name: 'By hand', level: 1 }).waitFor();
  const id = idOf(page);
  await page.getByRole('button', { name: 'Publish', exact: true }).hover();
  await page.getByText('Add what starts it.').last().waitFor();
  await inspect(page, 'workflow-empty');

  await page.getByRole('button', { name: 'Add trigger' }).click();
  await dialog(page).getByLabel('Starts when').selectOption({ label: 'Course completed' });
  await inspect(page, 'workflow-trigger');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  const flow = page.locator('.flow-steps').first();
  await addStep(page, flow, 'Wait');
  await dialog(page).getByLabel('How long').fill('2');
  await inspect(page, 'workflow-wait');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await addStep(page, flow, 'Branch');
  await inspect(page, 'workflow-branch');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await addStep(page, page.locator('[data-way="no"]'), 'Send email');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await addStep(page, page.locator('[data-way="yes"]'), 'Add tags');
  await dialog(page).getByLabel('Tags').fill('regular');
  await dialog(page).getByLabel('Tags').press('Enter');
  await dialog(page).getByRole('button', { name: 'Done' }).click();

  // What was built survives a reload; what is missing is said at its step.
  await page.reload();
  await card(page, 'add_tags_1').getByText('regular', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await card(page, 'send_email_1').locator('.flow-problem').waitFor();
  await page.waitForFunction(() => document.activeElement?.closest('[data-step]')?.dataset.step === 'send_email_1');
  await inspect(page, 'workflow-missing');
  await page.keyboard.press('Enter');
  await dialog(page).getByLabel('Template').last().selectOption({ label: 'Hello you' });
  await dialog(page).getByRole('heading', { name: 'Preview' }).waitFor();
  await inspect(page, 'workflow-send');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const saved = await read(page, id);
  assert.deepEqual(saved.steps.map(({ key, next, otherwise }) => [key, next, otherwise]), [
    ['wait_1', 'branch_1', null], ['branch_1', 'add_tags_1', 'send_email_1'], ['add_tags_1', null, undefined], ['send_email_1', null, undefined],
  ]);
  assert.deepEqual([saved.triggers[0].trigger, saved.steps[3].templateId, saved.steps[2].tags], ['COURSE_COMPLETED', email, ['regular']]);

  // Moved by keyboard: out of its way, to before the branch.
  const up = card(page, 'send_email_1').getByRole('button', { name: /Move up/ });
  await up.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await until('the order is saved', async () => (await read(page, id)).steps[1].key === 'send_email_1');
  await card(page, 'send_email_1').getByRole('button', { name: /Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Delete step' }).click();
  await card(page, 'send_email_1').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await card(page, 'send_email_1').waitFor();
  assert.deepEqual(page.errors, []);
});

test('a refusal of the server is at its step; another person’s changes are not overwritten', async () => {
  const page = await dashboard.signIn();
  const template = await createTemplate(page, { name: 'With a link', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Hello', body: '[in]({{ portal.login_url }})' });
  const id = await createWorkflow(page, { name: 'Refused', triggers: [{ trigger: 'CONTACT_JOINED' }], steps: [{ sendEmail: { key: 'mail', templateId: template } }] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await page.locator('.flow-triggers .flow-open').click();
  await dialog(page).getByLabel('Starts when').selectOption({ label: 'Tag added' });
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await card(page, 'mail').locator('.flow-open').click();
  await dialog(page).getByRole('button', { name: /Body, line 1/ }).waitFor();
  await dialog(page).locator('.editor-problems code').filter({ hasText: 'portal.login_url' }).waitFor();
  await inspect(page, 'workflow-barred');
  await dialog(page).getByLabel('Write it here').check();
  await dialog(page).getByRole('button', { name: 'Insert field' }).click();
  const login = page.getByRole('dialog', { name: 'Insert field' }).getByRole('button', { name: /Login URL/ });
  await login.waitFor();
  assert.equal(await login.getAttribute('aria-disabled'), 'true');
  await inspect(page, 'workflow-write');
  await page.keyboard.press('Escape');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await card(page, 'mail').locator('.flow-problem').filter({ hasText: 'the trigger “Tag added”' }).waitFor();
  await inspect(page, 'workflow-refused');
  await page.getByRole('button', { name: 'Discard changes' }).click();

  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByLabel('Never').check();
  await page.getByRole('switch', { name: 'Quiet hours' }).check();
  await inspect(page, 'workflow-settings');
  await dashboard.api(page, 'mutation ($input: UpdateWorkflowInput!) { updateWorkflow(input: $input) { workflow { id } } }', { input: { workflowId: id, name: 'Theirs' } });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/Someone else saved this workflow/).waitFor();
  assert.equal((await read(page, id)).settings.reentry, 'AFTER_END');
  await inspect(page, 'workflow-conflict');
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const { settings } = await read(page, id);
  assert.deepEqual([settings.reentry, settings.quietHours.start.slice(0, 5)], ['NEVER', '22:00']);
  assert.deepEqual(page.errors, []);
});

test('a step is moved into a way of the branch beside it, and out of it', async () => {
  const page = await dashboard.signIn();
  const tag = (key, next = null) => ({ addTags: { key, tags: [key], next } });
  const id = await createWorkflow(page, { name: 'Moved', triggers: [{ trigger: 'CONTACT_JOINED' }], steps: [
    tag('first', 'ask'), { branch: { key: 'ask', condition: { tags: ['x'] }, next: 'yes', otherwise: 'no' } }, tag('yes', 'last'), tag('no', 'last'), tag('last', 'end'), { stop: { key: 'end' } },
  ] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  const move = async (key, item) => {
    await card(page, key).getByRole('button', { name: /Actions for/ }).click();
    await page.getByRole('menuitem', { name: item }).click();
    await page.waitForFunction((moved) => document.activeElement?.closest('[data-step]')?.dataset.step === moved, key);
  };
  const shown = () => page.locator('[data-step]').evaluateAll((cards) => cards.map((each) =>
    [each.closest('.flow-way')?.dataset.way, each.dataset.step].filter(Boolean).join('.')));
  await card(page, 'first').getByRole('button', { name: /Actions for/ }).click();
  await inspect(page, 'workflow-move');
  await page.keyboard.press('Escape');
  await move('first', 'Move down into “If so”');
  assert.deepEqual(await shown(), ['ask', 'yes.first', 'yes.yes', 'no.no', 'last', 'end']);
  await move('last', 'Move up into “If not”');
  assert.deepEqual(await shown(), ['ask', 'yes.first', 'yes.yes', 'no.no', 'no.last', 'end']);
  // An end stays the last.
  await move('end', 'Move up into “If not”');
  await move('yes', 'Move out of “If so”');
  await move('yes', 'Move up into “If not”');
  assert.deepEqual(await shown(), ['ask', 'yes.first', 'no.no', 'no.last', 'no.yes', 'no.end']);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  assert.deepEqual((await read(page, id)).steps.map(({ key, next }) => [key, next]), [
    ['ask', 'first'], ['first', null], ['no', 'last'], ['last', 'yes'], ['yes', 'end'], ['end', null],
  ]);
  assert.deepEqual(page.errors, []);
});

test('a template beyond the first hundred is found by its name', async () => {
  const page = await dashboard.signIn();
  for (let at = 0; at < 105; at += 15) {
    await Promise.all(Array.from({ length: 15 }, (_, n) => createTemplate(page, { name: `Reminder ${at + n}`, channel: 'SMS', format: 'TEXT', body: `Number ${at + n}` })));
  }
  const tag = { addTags: { key: 'tag', tags: ['x'] } };
  const id = await createWorkflow(page, { name: 'Many templates', triggers: [{ trigger: 'CONTACT_JOINED' }], steps: [tag] });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await addStep(page, page.locator('.flow-steps').first(), 'Send SMS');
  await dialog(page).getByText(/^10\d templates, the newest 100 are listed$/).waitFor();
  await inspect(page, 'workflow-many-templates');
  const select = dialog(page).getByLabel('Template', { exact: true });
  await dialog(page).getByRole('searchbox', { name: 'Search by name' }).fill('reminder 3');
  await dialog(page).getByText('11 templates', { exact: true }).waitFor();
  await dialog(page).getByRole('searchbox').press('Enter');
  await select.selectOption({ label: 'Reminder 3' });
  await dialog(page).getByText('Number 3', { exact: true }).waitFor();
  // The chosen one stays, whatever is searched.
  await dialog(page).getByRole('searchbox').fill('nothing like it');
  await dialog(page).getByText('No templates match').waitFor();
  assert.equal(await select.evaluate((element) => element.selectedOptions[0].label), 'Reminder 3');
  await page.goto(`${dashboard.base}/compose`);
  await page.getByRole('radio', { name: 'SMS' }).check();
  await page.getByRole('radio', { name: 'From a template' }).check();
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('reminder 1');
  await page.getByText('16 templates', { exact: true }).waitFor();
  await page.getByLabel('Template', { exact: true }).selectOption({ label: 'Reminder 1' });
  await page.getByText('Number 1', { exact: true }).waitFor();
  await inspect(page, 'compose-many-templates');
  assert.deepEqual(page.errors, []);
});

test('a message is written for a step, and a test shows the way of a contact', async () => {
  const page = await dashboard.signIn();
  const template = await createTemplate(page, { name: 'First', channel: 'EMAIL', format: 'MARKDOWN', subject: 'First for {{ contact.first_name | default("you") }}', body: 'Hi' });
  const id = await createWorkflow(page, {
    name: 'Tested', triggers: [{ trigger: 'CONTACT_INVITED' }],
    steps: [{ sendEmail: { key: 'mail', templateId: template, next: 'ask' } }, { branch: { key: 'ask', condition: { tags: ['no-one-has-it'] }, otherwise: 'tag', next: null } }, { addTags: { key: 'tag', tags: ['late'] } }],
  });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await card(page, 'mail').locator('.flow-open').click();
  await dialog(page).getByLabel('Write it here').check();
  await dialog(page).getByLabel('Subject').fill('Second for you');
  await dialog(page).getByLabel('Body').fill('Hello');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  // It needs a name.
  await dialog(page).getByLabel('Name').and(page.locator('[aria-invalid="true"]')).waitFor();
  await dialog(page).getByLabel('Name').fill('Second');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Test' }).click();
  await page.getByRole('combobox', { name: 'Contact' }).fill('ada');
  await page.getByRole('option', { name: /Ada Lovelace/ }).click();
  await page.getByText('3 steps would happen.').waitFor();
  await card(page, 'mail').getByText('Second for you').waitFor();
  assert.equal(await page.locator('.flow-way[data-taken]').getAttribute('data-way'), 'no');
  await inspect(page, 'workflow-test');
  assert.deepEqual(page.errors, []);
});

test('ways that meet again and a circle are shown, and saved as they were', async () => {
  const page = await dashboard.signIn();
  const tags = (key, next = null) => ({ addTags: { key, tags: [key], next } });
  const id = await createWorkflow(page, {
    name: 'Circle', triggers: [{ trigger: 'CONTACT_INVITED' }, { trigger: 'TAG_ADDED', tags: ['again'] }],
    steps: [
      tags('first', 'joins'),
      { wait: { key: 'joins', event: { trigger: 'CONTACT_JOINED' }, atMost: { amount: 2, unit: 'HOURS' }, next: 'thanks', otherwise: 'ask' } },
      tags('thanks', 'last'),
      { branch: { key: 'ask', condition: { tags: ['patient'] }, next: 'joins', otherwise: 'last' } },
      tags('last'),
    ],
  });
  const { steps } = await read(page, id);
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await page.getByText('Goes on at “Wait: Contact joined, at most 2 hours”.', { exact: true }).waitFor();
  await inspect(page, 'workflow-circle');
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByLabel('Name').fill('Circle, renamed');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const saved = await read(page, id);
  const byKey = (list) => list.toSorted((one, other) => one.key.localeCompare(other.key));
  assert.equal(saved.name, 'Circle, renamed');
  assert.deepEqual(byKey(saved.steps), byKey(steps));
  assert.equal(saved.steps[0].key, 'first');
  assert.deepEqual(page.errors, []);
});

test('runs are stopped; a workflow is paused, resumed, published anew and archived', async () => {
  const page = await dashboard.signIn();
  const id = await createWorkflow(page, {
    name: 'Long', triggers: [{ trigger: 'TAG_ADDED', tags: ['long'] }],
    steps: [{ wait: { key: 'pause', duration: { amount: 3, unit: 'DAYS' }, next: 'tag' } }, { addTags: { key: 'tag', tags: ['waited'] } }],
  });
  await page.goto(`${dashboard.base}/workflows/${id}`);
  await publish(page);
  const { contacts } = await dashboard.api(page, '{ contacts(first: 2) { nodes { id name } } }');
  for (const { id: contactId } of contacts.nodes) {
    await addTag(page, contactId, 'long');
  }
  await card(page, 'pause').getByText('2 here now').waitFor();

  await page.getByRole('button', { name: 'Actions for Long' }).click();
  await page.getByRole('menuitem', { name: 'Pause' }).click();
  await inspect(page, 'workflow-pause');
  await dialog(page).getByLabel('Starts nothing').check();
  await dialog(page).getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused: runs rest. What happens now starts nothing.').waitFor();
  await inspect(page, 'workflow-paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('The workflow was resumed').waitFor();

  await addStep(page, page.locator('.flow-steps').first(), 'Remove tags');
  await dialog(page).getByLabel('Tags').fill('long');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Save and publish' }).click();
  await dialog(page).getByText('2 runs are on their way').waitFor();
  await dialog(page).getByText(/A step that was changed begins anew/).waitFor();
  await dialog(page).getByLabel('Go on with the new version').check();
  await inspect(page, 'workflow-publish-again');
  await dialog(page).getByRole('button', { name: 'Publish' }).click();
  await page.getByText('“Long” was published').waitFor();
  assert.equal((await read(page, id)).version, 2);

  await page.getByRole('tab', { name: /Runs/ }).click();
  await page.getByRole('button', { name: /^Stop the run of/ }).first().click();
  await dialog(page).getByRole('button', { name: 'Stop run' }).click();
  await page.getByText('1 run was stopped').waitFor();
  await page.getByRole('button', { name: 'Stop all runs' }).click();
  await dialog(page).getByRole('button', { name: 'Stop all runs' }).click();
  await page.getByText('Stopped by your team').nth(1).waitFor();
  await page.getByRole('button', { name: 'Actions for Long' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await dialog(page).getByRole('button', { name: 'Archive' }).click();
  await page.getByText(/“Long” was archived/).waitFor();
  assert.equal((await read(page, id)).status, 'ARCHIVED');

  await page.goto(`${dashboard.base}/workflows`);
  await page.getByRole('row', { name: /Welcome/ }).waitFor();
  await inspect(page, 'workflows');
  await page.getByRole('button', { name: 'Status' }).first().click();
  await page.getByRole('dialog', { name: 'Status' }).getByLabel('Archived').check();
  await page.getByRole('row', { name: /Long/ }).waitFor();
  assert.deepEqual(page.errors, []);
});

test('staff see why workflows are not theirs', async () => {
  const owner = await dashboard.signIn();
  await dashboard.api(owner, 'mutation { inviteTeamMember(input: { email: "sam@acme.example", role: STAFF }) { teamMember { id } } }');
  const page = await dashboard.signIn('workflows', { member: 'sam@acme.example' });
  await page.getByText('Owners and admins write workflows').waitFor();
  await page.getByText(/Your role \(Staff\)/).waitFor();
  await inspect(page, 'workflows-staff');
  assert.deepEqual(page.errors, []);
});
