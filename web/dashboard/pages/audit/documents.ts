import type { ResultOf, VariablesOf } from '../../api';
import { graphql } from '../../api';

export const AUDIT = graphql(`
  query AuditLog($filter: AuditFilter, $first: Int, $after: String) {
    auditLog(first: $first, after: $after, filter: $filter) {
      nodes {
        id at kind outcome method reason details ip userAgent subjectId contactId
        actor { id display }
        contact { id name email }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

/** The next pages of an export: nothing is counted. */
export const AUDIT_PAGE = graphql(`
  query AuditPage($filter: AuditFilter, $after: String) {
    auditLog(first: 100, after: $after, filter: $filter) {
      nodes {
        id at kind outcome method reason details ip userAgent subjectId contactId
        actor { id display }
        contact { id name email }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const ACTORS = graphql(`
  query AuditActors {
    teamMembers(first: 100) { nodes { id name email } }
    apiKeys(first: 100) { nodes { id name } }
  }
`);

export type AuditEvent = NonNullable<ResultOf<typeof AUDIT>['auditLog']>['nodes'][number];
export type Kind = AuditEvent['kind'];
export type Filter = NonNullable<VariablesOf<typeof AUDIT>['filter']>;
