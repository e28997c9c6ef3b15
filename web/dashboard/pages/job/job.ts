// A job, what changes it, and its items.
import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const JOB = graphql(`
  query Job($id: ID!) {
    bulkJob(id: $id) { id kind status total done failed skipped succeeded createdAt startsAt finishedAt requestedBy lastError }
  }
`);

export const LIVE = graphql(`
  subscription JobLive($id: ID!) {
    bulkJob(id: $id) { id kind status total done failed skipped succeeded createdAt startsAt finishedAt requestedBy lastError }
  }
`);

export const PAUSE = graphql(`
  mutation PauseJob($input: BulkJobInput!) {
    pauseBulkJob(input: $input) { bulkJob { id status done failed skipped succeeded finishedAt lastError } }
  }
`);

export const RESUME = graphql(`
  mutation ResumeJob($input: BulkJobInput!) {
    resumeBulkJob(input: $input) { bulkJob { id status done failed skipped succeeded finishedAt lastError } }
  }
`);

export const CANCEL = graphql(`
  mutation CancelJob($input: BulkJobInput!) {
    cancelBulkJob(input: $input) { bulkJob { id status done failed skipped succeeded finishedAt lastError } }
  }
`);

export const ITEMS = graphql(`
  query JobItems($id: ID!, $outcome: BulkItemOutcome, $after: String) {
    bulkJob(id: $id) {
      id
      items(outcome: $outcome, first: 50, after: $after) {
        nodes { position line email outcome reason detail contact { id name email } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const OUTCOME_COUNTS = graphql(`
  query JobOutcomes($id: ID!) {
    bulkJob(id: $id) {
      id
      DONE: items(outcome: DONE, first: 0) { totalCount }
      UPDATED: items(outcome: UPDATED, first: 0) { totalCount }
      UNCHANGED: items(outcome: UNCHANGED, first: 0) { totalCount }
      SKIPPED: items(outcome: SKIPPED, first: 0) { totalCount }
      FAILED: items(outcome: FAILED, first: 0) { totalCount }
    }
  }
`);

export type Job = NonNullable<ResultOf<typeof JOB>['bulkJob']>;

export type Item = NonNullable<ResultOf<typeof ITEMS>['bulkJob']>['items']['nodes'][number];

export type Outcome = NonNullable<Item['outcome']>;

export const OUTCOMES: readonly Outcome[] = ['DONE', 'UPDATED', 'UNCHANGED', 'SKIPPED', 'FAILED'];

export const permissionOf = ({ kind }: Job) => (kind === 'IMPORT' || kind === 'TAG' || kind === 'ACCESS' || kind === 'GRANT' ? 'CONTACTS' : 'INVITE');

/** Why, in the language of the page where it has words for the code. */
export const reasonOf = (item: Pick<Item, 'reason' | 'detail'>, words: Partial<Record<string, string>>): string =>
  words[item.reason ?? ''] ?? item.detail ?? item.reason ?? '';
