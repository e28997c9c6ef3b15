export { AssignCourses as ASSIGN_COURSES, GrantOffer as GRANT_OFFER, RevokeOffer as REVOKE_OFFER, UpdateCommunityAccess as UPDATE_COMMUNITY_ACCESS } from '../access';
export { default as invite } from '../invite';
export { default as login_email } from '../login_email';
export { default as magic_link } from '../magic_link';
