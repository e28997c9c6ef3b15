import type { ResultOf } from '../../api';
import { boot, graphql, may, mutate } from '../../api';
import { t } from '../../i18n';
import type { Filter } from '../contacts/state';

export const LISTS = graphql(`
  query SmartLists($after: String) {
    smartLists(first: 50, after: $after) {
      nodes { id name count problem updatedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

const CREATE = graphql(`
  mutation CreateSmartList($input: CreateSmartListInput!) {
    createSmartList(input: $input) { smartList { id name } }
  }
`);

const UPDATE = graphql(`
  mutation UpdateSmartList($input: UpdateSmartListInput!) {
    updateSmartList(input: $input) {
      smartList {
        id name count problem updatedAt
        filter {
          affiliate allTags communityIds courseIds courseProgress { courseId progress } createdAfter createdBefore createdForDays createdWithinDays
          invitedAfter invitedBefore invitedForDays invitedWithinDays joinedAfter joinedBefore joinedForDays joinedWithinDays
          lastSeenAfter lastSeenBefore noTags
          notSeenForDays offerIds portalStatus search seenWithinDays tags withoutCommunityIds withoutCourseIds withoutOfferIds
        }
      }
    }
  }
`);

const DELETE = graphql(`
  mutation DeleteSmartList($input: DeleteSmartListInput!) {
    deleteSmartList(input: $input) { deletedSmartListId }
  }
`);

export type SmartListRow = ResultOf<typeof LISTS>['smartLists']['nodes'][number];

/** What changes who is in a list. */
export const CHANGES = [
  'CONTACT_CREATED', 'CONTACT_UPDATED', 'CONTACT_DELETED', 'INVITED', 'INVITATION_CANCELLED', 'JOINED', 'ACCESS_REVOKED', 'ACCESS_RESTORED',
  'SIGNED_IN', 'LINK_USED', 'COURSE_ASSIGNED', 'COURSE_REVOKED', 'OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED',
] as const;

/** Why this member can't save lists. */
export const noSaving = (): string | undefined => (may('CONTACTS') ? undefined : t.common.noRole(t.words.role[boot.role]));

/** The id of the new list. */
export async function createList(name: string, filter: Filter): Promise<string> {
  const { createSmartList } = await mutate(CREATE, { input: { name, filter } });
  return createSmartList?.smartList.id ?? '';
}

export const updateList = (smartListId: string, changes: { name?: string; filter?: Filter }) =>
  mutate(UPDATE, { input: { smartListId, ...changes } });

export const deleteList = (smartListId: string) => mutate(DELETE, { input: { smartListId } });
