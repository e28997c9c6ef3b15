import type { ResultOf, VariablesOf } from '../../api';
import { graphql } from '../../api';

const CONTENT = graphql(`
  fragment WorkflowContent on Workflow @_unmask {
    id name status version publishedAt pausedAt keepsEvents updatedAt hasChanges
    triggers { trigger targetIds tags days }
    steps {
      __typename key next
      ... on SendEmailStep { templateId marketing }
      ... on SendSmsStep { templateId }
      ... on WaitStep {
        otherwise until untilTime
        duration { amount unit }
        atMost { amount unit }
        event { trigger targetIds tags days }
      }
      ... on BranchStep {
        otherwise
        condition {
          affiliate allTags communityIds courseIds courseProgress { courseId progress } createdAfter createdBefore createdWithinDays
          invitedAfter invitedBefore invitedForDays joinedAfter joinedBefore joinedWithinDays lastSeenAfter lastSeenBefore noTags
          notSeenForDays offerIds portalStatus search tags withoutCommunityIds withoutCourseIds withoutOfferIds
        }
      }
      ... on AddTagsStep { tags }
      ... on RemoveTagsStep { tags }
      ... on GrantOfferStep { offerId }
      ... on RevokeOfferStep { offerId }
      ... on AssignCourseStep { courseId }
      ... on AddToCommunityStep { communityId }
    }
    settings { reentry stopOnJoin quietHours { start end } }
    problems { field message stepKey }
  }
`);

export const WORKFLOW = graphql(`
  query Workflow($id: ID!) {
    workflow(id: $id) { ...WorkflowContent }
  }
`, [CONTENT]);

export const UPDATE = graphql(`
  mutation UpdateWorkflow($input: UpdateWorkflowInput!) {
    updateWorkflow(input: $input) { workflow { ...WorkflowContent } }
  }
`, [CONTENT]);

export const COUNTS = graphql(`
  query WorkflowCounts($id: ID!) {
    workflow(id: $id) {
      id status
      counts { stepKey waiting done skipped failed matched notMatched }
      RUNNING: runs(status: RUNNING, first: 0) { totalCount }
      COMPLETED: runs(status: COMPLETED, first: 0) { totalCount }
      STOPPED: runs(status: STOPPED, first: 0) { totalCount }
      FAILED: runs(status: FAILED, first: 0) { totalCount }
    }
  }
`);

export const PUBLISH = graphql(`
  mutation PublishWorkflow($input: PublishWorkflowInput!) {
    publishWorkflow(input: $input) { inFlight { finishing moved stopped } workflow { ...WorkflowContent } }
  }
`, [CONTENT]);

export const PAUSE = graphql(`
  mutation PauseWorkflow($input: PauseWorkflowInput!) {
    pauseWorkflow(input: $input) { workflow { ...WorkflowContent } }
  }
`, [CONTENT]);

export const RESUME = graphql(`
  mutation ResumeWorkflow($input: ResumeWorkflowInput!) {
    resumeWorkflow(input: $input) { workflow { ...WorkflowContent } }
  }
`, [CONTENT]);

export const ARCHIVE = graphql(`
  mutation ArchiveWorkflow($input: ArchiveWorkflowInput!) {
    archiveWorkflow(input: $input) { stopped workflow { ...WorkflowContent } }
  }
`, [CONTENT]);

export const DUPLICATE = graphql(`
  mutation DuplicateWorkflow($input: DuplicateWorkflowInput!) {
    duplicateWorkflow(input: $input) { workflow { id name } }
  }
`);

export const STOP_RUNS = graphql(`
  mutation StopWorkflowRuns($input: StopWorkflowRunsInput!) {
    stopWorkflowRuns(input: $input) { stopped }
  }
`);

export const TEST = graphql(`
  mutation TestWorkflow($input: TestWorkflowInput!) {
    testWorkflow(input: $input) {
      problems { field message stepKey }
      steps { key at outcome reason subject text next }
    }
  }
`);

export const RUNS = graphql(`
  query WorkflowRuns($id: ID!, $status: WorkflowRunStatus, $after: String) {
    workflow(id: $id) {
      id
      runs(status: $status, first: 50, after: $after) {
        nodes { id status trigger currentStepKey dueAt startedAt endedAt endReason problem version contact { id name email } }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

export const RUN = graphql(`
  query WorkflowRun($id: ID!) {
    node(id: $id) {
      __typename
      ... on WorkflowRun {
        id status trigger currentStepKey dueAt startedAt endedAt endReason problem version
        contact { id name email }
        steps { key visit outcome reason enteredAt doneAt message { id status lastError } }
      }
    }
  }
`);

export type Workflow = NonNullable<ResultOf<typeof WORKFLOW>['workflow']>;
export type ApiStep = Workflow['steps'][number];
export type Settings = Workflow['settings'];
export type Problem = Workflow['problems'][number];
export type Count = NonNullable<ResultOf<typeof COUNTS>['workflow']>['counts'][number];
export type RunRow = NonNullable<NonNullable<ResultOf<typeof RUNS>['workflow']>['runs']>['nodes'][number];
export type RunStatus = RunRow['status'];
export type Run = Extract<ResultOf<typeof RUN>['node'], { __typename: 'WorkflowRun' }>;
export type TestStep = NonNullable<ResultOf<typeof TEST>['testWorkflow']>['steps'][number];
export type Outcome = TestStep['outcome'];
export type UpdateInput = VariablesOf<typeof UPDATE>['input'];
export type StepInput = NonNullable<NonNullable<UpdateInput['steps']>[number]>;
export type InFlight = NonNullable<VariablesOf<typeof PUBLISH>['input']['inFlight']>;

export const RUN_STATUSES: readonly RunStatus[] = ['RUNNING', 'COMPLETED', 'STOPPED', 'FAILED'];
