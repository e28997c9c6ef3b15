import type { VariablesOf } from '../../api';
import { graphql, mutate } from '../../api';
import { required } from '../outcome';
import type { Request } from '../sending';

const ASSIGN = graphql(`
  mutation AssignCourses($input: AssignCoursesInput!) {
    assignCourses(input: $input) { count bulkJob { id } skipped { contactId email reason } }
  }
`);

const UPDATE = graphql(`
  mutation UpdateCommunityAccess($input: UpdateCommunityAccessInput!) {
    updateCommunityAccess(input: $input) { count bulkJob { id } skipped { contactId email reason } }
  }
`);

const GRANT = graphql(`
  mutation GrantOffer($input: GrantOfferInput!) {
    grantOffer(input: $input) { count bulkJob { id } skipped { contactId email reason } }
  }
`);

const REVOKE = graphql(`
  mutation RevokeOffer($input: RevokeOfferInput!) {
    revokeOffer(input: $input) { count bulkJob { id } skipped { contactId email reason } }
  }
`);

type Dates = Pick<VariablesOf<typeof GRANT>['input'], 'startsAt' | 'endsAt'>;

/** What contacts get and lose: an offer is the only one of its list. */
export type Change = Dates & { add: readonly string[]; remove: readonly string[] };

export const assignCourses = ({ add, remove, ...dates }: Change): Request => async (selection, dryRun) => {
  const { assignCourses: payload } = await mutate(ASSIGN, { input: { selection, add: [...add], remove: [...remove], ...dates, dryRun } });
  return required(payload);
};

export const updateCommunityAccess = ({ add, remove, ...dates }: Change): Request => async (selection, dryRun) => {
  const { updateCommunityAccess: payload } = await mutate(UPDATE, { input: { selection, add: [...add], remove: [...remove], ...dates, dryRun } });
  return required(payload);
};

export const grantOffer = ({ add: [offerId = ''], startsAt, endsAt }: Change): Request => async (selection, dryRun) => {
  const { grantOffer: payload } = await mutate(GRANT, { input: { selection, offerId, startsAt, endsAt, dryRun } });
  return required(payload);
};

export const revokeOffer = ({ remove: [offerId = ''] }: Change): Request => async (selection, dryRun) => {
  const { revokeOffer: payload } = await mutate(REVOKE, { input: { selection, offerId, dryRun } });
  return required(payload);
};
