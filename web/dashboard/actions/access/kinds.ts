// What the four dialogs differ in.
import type { Start } from '../../actions';
import type { ContentStatus, ItemKind } from '../../components/content/items';
import type { Request } from '../sending';
import type { Change } from './request';
import { assignCourses, grantOffer, revokeOffer, updateCommunityAccess } from './request';

export type Kind = {
  action: 'ASSIGN_COURSES' | 'UPDATE_COMMUNITY_ACCESS' | 'GRANT_OFFER' | 'REVOKE_OFFER';
  item: ItemKind;
  /** The statuses of what can be granted; missing if the dialog grants nothing. */
  adds?: readonly ContentStatus[];
  removes: boolean;
  /** The item that the dialog starts with. */
  from: (start: Start) => string | undefined;
  request: (change: Change) => Request;
};

export const KINDS = {
  courses: {
    action: 'ASSIGN_COURSES', item: 'course', adds: ['PUBLISHED', 'DRAFT'], removes: true, from: ({ courseId }) => courseId, request: assignCourses,
  },
  communities: {
    action: 'UPDATE_COMMUNITY_ACCESS', item: 'community', adds: ['PUBLISHED', 'DRAFT'], removes: true, from: ({ communityId }) => communityId,
    request: updateCommunityAccess,
  },
  grant: { action: 'GRANT_OFFER', item: 'offer', adds: ['PUBLISHED'], removes: false, from: ({ offerId }) => offerId, request: grantOffer },
  revoke: { action: 'REVOKE_OFFER', item: 'offer', removes: true, from: ({ offerId }) => offerId, request: revokeOffer },
} as const satisfies Record<string, Kind>;
