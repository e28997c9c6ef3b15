import type { ResultOf } from '../../../api';
import { graphql } from '../../../api';

export const REPORT = graphql(`
  query AccessReport($id: ID!, $itemId: ID) {
    contact(id: $id) {
      id
      accessReport(itemId: $itemId) {
        canSignIn canOpen
        steps { kind outcome reason at action targetId }
      }
    }
  }
`);

export const ITEMS = graphql(`
  query ReportItems {
    courses(first: 100) { nodes { id title status } }
    communities(first: 100) { nodes { id title: name status } }
  }
`);

export type AccessReport = NonNullable<NonNullable<ResultOf<typeof REPORT>['contact']>['accessReport']>;
export type Step = AccessReport['steps'][number];
export type Action = NonNullable<Step['action']>;

/** What the report can be about beside the sign-in. */
export type Item = { id: string; title: string; status: 'DRAFT' | 'PUBLISHED' | 'ARCHIVED'; kind: 'course' | 'community' };

type When = 'until' | 'since' | 'from' | 'next' | 'on';

const WHEN: Partial<Record<Step['reason'], When>> = {
  EMAIL_PAUSED: 'until', GRANTED: 'until', INVITATION_OPEN: 'until', LINK_LIVE: 'until', TOO_MANY_ATTEMPTS: 'until',
  EMAIL_SUPPRESSED: 'since', MESSAGE_QUEUED: 'since', REVOKED: 'since',
  GRANT_NOT_STARTED: 'from', MESSAGE_DEFERRED: 'next',
};

/** What the time of a step means. */
export const whenOf = ({ reason }: Step): When => WHEN[reason] ?? 'on';
