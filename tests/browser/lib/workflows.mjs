// What the tests of workflows share. `dashboard` is asked for when it is needed: it starts before the first test.
import { postmaster, psql } from '../../scenario/lib/postgres.mjs';

const WORKFLOW = `query ($id: ID!) { workflow(id: $id) {
  id name status version updatedAt hasChanges settings { reentry stopOnJoin quietHours { start end } } triggers { trigger targetIds tags days }
  steps { __typename key next ... on BranchStep { otherwise } ... on WaitStep { otherwise } ... on SendEmailStep { templateId } ... on SendSmsStep { templateId } ... on AddTagsStep { tags } } } }`;

export const dialog = (page) => page.locator('dialog.dialog[open]');

export const card = (page, key) => page.locator(`[data-step="${key}"]`);

export const idOf = (page) => /workflows\/([^/?]+)/.exec(page.url())[1];

export async function addStep(page, where, kind) {
  await where.getByRole('button', { name: 'Add a step' }).last().click();
  await page.locator('[popover]:popover-open').getByRole('button', { name: kind, exact: true }).click();
}

export async function publish(page) {
  await page.getByRole('button', { name: /^(Save and publish|Publish)$/ }).click();
  await dialog(page).getByRole('button', { name: 'Publish' }).click();
  await page.getByText('was published').first().waitFor();
}

export function makersOf(dashboard) {
  const made = async (page, kind, input) => {
    const [small, result] = [`create${kind}`, kind.charAt(0).toLowerCase() + kind.slice(1)];
    return (await dashboard().api(page, `mutation ($input: Create${kind}Input!) { ${small}(input: $input) { ${result} { id } } }`, { input }))[small][result].id;
  };
  return {
    read: async (page, id) => (await dashboard().api(page, WORKFLOW, { id })).workflow,
    createTemplate: (page, input) => made(page, 'Template', input),
    createWorkflow: (page, input) => made(page, 'Workflow', input),
    createContact: (page, input) => made(page, 'Contact', input),
    createOffer: async (page) => {
      const course = await made(page, 'Course', { title: 'Roasting', status: 'PUBLISHED' });
      return made(page, 'Offer', { title: 'Roastery', courseIds: [course], status: 'PUBLISHED' });
    },
    addTag: (page, contactId, tag) => dashboard().api(
      page, 'mutation ($input: UpdateContactTagsInput!) { updateContactTags(input: $input) { __typename } }', { input: { contactIds: [contactId], add: [tag] } }),
    publishWorkflow: (page, workflowId) => dashboard().api(
      page, 'mutation ($input: PublishWorkflowInput!) { publishWorkflow(input: $input) { workflow { version } } }', { input: { workflowId } }),
    database: async (statement) => psql(await postmaster(dashboard().home.path), 'vestibule', statement),
    /** The demo's own workflow would also send. */
    archiveAll: async () => {
      const page = await dashboard().signIn();
      const { workflows } = await dashboard().api(page, '{ workflows(first: 10) { nodes { id } } }');
      for (const { id } of workflows.nodes) await dashboard().api(page, 'mutation ($input: ArchiveWorkflowInput!) { archiveWorkflow(input: $input) { stopped } }', { input: { workflowId: id } });
      await page.context().close();
    },
  };
}
