import type { ResultOf, VariablesOf } from '../../api';
import { boot, graphql, may, mutate } from '../../api';
import type { Tone } from '../../components';
import { t } from '../../i18n';

export const WORKFLOWS = graphql(`
  query Workflows($status: [WorkflowStatus!], $after: String) {
    workflows(status: $status, first: 50, after: $after) {
      nodes {
        id name status hasChanges updatedAt
        triggers { trigger targetIds tags days }
        running: runs(status: RUNNING, first: 0) { totalCount }
        completed: runs(status: COMPLETED, first: 0) { totalCount }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

const CREATE = graphql(`
  mutation CreateWorkflow($input: CreateWorkflowInput!) {
    createWorkflow(input: $input) { workflow { id } }
  }
`);

const CREATE_TEMPLATE = graphql(`
  mutation CreateWorkflowTemplate($input: CreateTemplateInput!) {
    createTemplate(input: $input) { template { id } }
  }
`);

export type WorkflowRow = ResultOf<typeof WORKFLOWS>['workflows']['nodes'][number];
export type WorkflowStatus = WorkflowRow['status'];
export type Rule = WorkflowRow['triggers'][number];
export type Trigger = Rule['trigger'];
export type CreateInput = VariablesOf<typeof CREATE>['input'];
export type TemplateInput = VariablesOf<typeof CREATE_TEMPLATE>['input'];

export const STATUSES: readonly WorkflowStatus[] = ['DRAFT', 'PUBLISHED', 'PAUSED', 'ARCHIVED'];

export const TONES: Record<WorkflowStatus, Tone> = { DRAFT: 'none', PUBLISHED: 'good', PAUSED: 'warn', ARCHIVED: 'none' };

/** Why this member can't read and write workflows. */
export const noWriting = (): string | undefined => (may('ADMIN') ? undefined : t.common.noRole(t.words.role[boot.role]));

/** The id of the new workflow. */
export async function createWorkflow(input: CreateInput): Promise<string> {
  return (await mutate(CREATE, { input })).createWorkflow?.workflow.id ?? '';
}

/** The id of the new template. */
export async function createTemplate(input: TemplateInput): Promise<string> {
  return (await mutate(CREATE_TEMPLATE, { input })).createTemplate?.template.id ?? '';
}
