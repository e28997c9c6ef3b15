// Resending and cancelling many invitations: first a dry run, then the real one.
import type { ResultOf } from '../../api';
import { graphql, mutate } from '../../api';
import type { Filter } from './list';

const RESEND = graphql(`
  mutation ResendInvitations($input: ResendInvitationsInput!) {
    resendInvitations(input: $input) {
      count
      invitations { id status sentCount lastSentAt expiresAt cancelledAt }
      skipped { invitationId email reason }
      bulkJob { id kind status total done failed skipped succeeded }
    }
  }
`);

const CANCEL = graphql(`
  mutation CancelInvitations($input: CancelInvitationsInput!) {
    cancelInvitations(input: $input) {
      count
      invitations { id status sentCount lastSentAt expiresAt cancelledAt }
      skipped { invitationId email reason }
      bulkJob { id kind status total done failed skipped succeeded }
    }
  }
`);

export type Target = { invitationIds: string[] } | { filter: Filter };
export type Change = { action: 'resend' | 'cancel'; target: Target };
export type Outcome = NonNullable<ResultOf<typeof RESEND>['resendInvitations']>;

/** More are changed by a job. */
export const AT_ONCE = 100;

const NOTHING: Outcome = { count: 0, invitations: [], skipped: [], bulkJob: null };

export async function change({ action, target }: Change, dryRun: boolean): Promise<Outcome> {
  const variables = { input: { ...target, dryRun } };
  if (action === 'resend') return (await mutate(RESEND, variables)).resendInvitations ?? NOTHING;
  return (await mutate(CANCEL, variables)).cancelInvitations ?? NOTHING;
}
