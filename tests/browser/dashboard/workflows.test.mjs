// Workflows: building, publishing and watching them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { postmaster, psql } from '../../scenario/lib/postgres.mjs';
import { until } from '../../scenario/lib/processes.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(async () => dashboard?.stop());

const dialog = (page) => page.locator('dialog.dialog[open]');
const card = (page, key) => page.locator(`[data-step="${key}"]`);

const WORKFLOW = `query ($id: ID!) { workflow(id: $id) {
  id name status version updatedAt hasChanges settings { reentry stopOnJoin quietHours { start end } } triggers { trigger targetIds tags days }
  steps { __typename key next ... on BranchStep { otherwise } ... on WaitStep { otherwise } ... on SendEmailStep { templateId } ... on SendSmsStep { templateId } ... on AddTagsStep { tags } } } }`;

const read = async (page, id) => (await dashboard.api(page, WORKFLOW, { id })).workflow;
const idOf = (page) => /workflows\/([^/?]+)/.exec(page.url())[1];

const createTemplate = async (page, input) => (await dashboard.api(
  page, 'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', { input })).createTemplate.template.id;
const createWorkflow = async (page, input) => (await dashboard.api(
  page, 'mutation ($input: CreateWorkflowInput!) { createWorkflow(input: $input) { workflow { id } } }', { input })).createWorkflow.workflow.id;
const database = async (statement) => psql(await postmaster(dashboard.home.path), 'vestibule', statement);

async function addStep(page, where, kind) {
  await where.getByRole('button', { name: 'Add a step' }).last().click();
  await page.locator('[popover]:popover-open').getByRole('button', { name: kind, exact: true }).click();
}

test('a workflow starts from a template, is changed, published and watched', async () => {
  const page = await dashboard.signIn('workflows');
  await page.getByText('No workflows yet').waitFor();
  await inspect(page, 'workflows-none');
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  await inspect(page, 'workflows-new');
  await dialog(page).getByLabel('Name').fill('Welcome');
  await dialog(page).getByRole('button', { name: 'Create workflow' }).click();
  await page.getByRole('heading', { name: 'Welcome', level: 1 }).waitFor();
  const id = idOf(page);
  await card(page, 'send_sms_1').waitFor();
  await page.getByText('Welcome: email').waitFor();
  await inspect(page, 'workflow');
  const draft = await read(page, id);
  assert.deepEqual(draft.steps.map(({ key, next, otherwise }) => [key, next, otherwise]), [
    ['send_email_1', 'wait_1', undefined], ['wait_1', 'branch_1', null], ['branch_1', null, 'send_sms_1'], ['send_sms_1', null, undefined],
  ]);
  assert.deepEqual(page.errors, []);
});
