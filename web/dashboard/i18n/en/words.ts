// The names of states and kinds, as `schema.graphql` has them.
export const words = {
  portalStatus: { NOT_INVITED: 'Not invited', INVITED: 'Invited', ACTIVE: 'Joined', REVOKED: 'Access revoked' },
  invitationStatus: { OPEN: 'Open', EXPIRED: 'Expired', ACCEPTED: 'Accepted', CANCELLED: 'Cancelled' },
  messageStatus: {
    QUEUED: 'Queued', SENDING: 'Sending', SENT: 'Sent', DELIVERED: 'Delivered', DEFERRED: 'Deferred', KEPT: 'Kept on this server', BOUNCED: 'Bounced',
    FAILED: 'Failed', SUPPRESSED: 'Not sent', CANCELLED: 'Cancelled',
  },
  messageKind: {
    CONTACTS_MERGED: 'Contacts merged',
    ADDRESS_CHANGED: 'Address changed', INVITATION: 'Invitation', LOGIN_CODE: 'Sign-in code', SIGN_UP_CODE: 'Sign-up code', WRITTEN: 'Written by staff', LOGIN_EMAIL: 'Login email',
    MAGIC_LINK: 'Magic link', NEW_DEVICE: 'New device', PASSWORD_CHANGED: 'Password changed', PASSWORD_RESET: 'Password reset',
    REQUESTED_LOGIN: 'Requested sign-in',
  },
  contentStatus: { DRAFT: 'Draft', PUBLISHED: 'Published', ARCHIVED: 'Archived' },
  lessonKind: { TEXT: 'Text', VIDEO: 'Video', LINK: 'Link' },
  channel: { EMAIL: 'Email', SMS: 'SMS' },
  section: { HOME: 'Home', COURSES: 'Courses', COMMUNITIES: 'Communities', AFFILIATES: 'Affiliates' },
  linkStatus: { LIVE: 'Live', USED: 'Used', EXPIRED: 'Expired', SUPERSEDED: 'Replaced', REVOKED: 'Revoked' },
  linkPurpose: {
    GENERATED: 'Generated', INVITATION: 'Invitation', LOGIN_EMAIL: 'Login email', MESSAGE: 'Message', REQUESTED: 'Requested sign-in',
  },
  jobKind: {
    ACCESS: 'Access', GRANT: 'Courses and offers', IMPORT: 'Import', INVITE: 'Invitations', LOGIN_EMAIL: 'Login emails', MESSAGE: 'Messages', TAG: 'Tags',
    RESEND_INVITATIONS: 'Resending invitations', CANCEL_INVITATIONS: 'Cancelling invitations',
  },
  jobStatus: {
    QUEUED: 'Queued', RUNNING: 'Running', PAUSED: 'Paused', SUCCEEDED: 'Finished', FAILED: 'Failed', CANCELLED: 'Cancelled',
  },
  itemOutcome: { DONE: 'Done', UPDATED: 'Updated', UNCHANGED: 'Unchanged', SKIPPED: 'Skipped', FAILED: 'Failed' },
  skipReason: {
    ALREADY_ACTIVE: 'Already joined', ALREADY_INVITED: 'Already invited', DUPLICATE: 'Listed twice', INVALID_EMAIL: 'Not an email address',
    NOT_FOUND: 'Not found', NO_EMAIL: 'Has no email address', REVOKED: 'Access is revoked', SUPPRESSED: 'Email to this address is paused',
    ALREADY_REVOKED: 'Access is already revoked', NOT_REVOKED: 'Access is not revoked',
    TOO_MANY_TAGS: 'Would have too many tags',
    NO_PHONE: 'Has no phone number', INVALID_PHONE: 'The phone number is not valid',
    UNSUBSCRIBED: 'Unsubscribed from marketing emails',
  },
  suppression: { BOUNCED: 'The address bounced', COMPLAINED: 'Reported as spam', NOT_ME: 'The reader had not requested an email', STOPPED: 'Answered STOP' },
  role: { OWNER: 'Owner', ADMIN: 'Admin', STAFF: 'Staff', READ_ONLY: 'Read only' },
  sessionMethod: {
    CHALLENGE: 'Confirmed sign-in', CODE: 'Code', GOOGLE: 'Google', LINK: 'Link', PASSWORD: 'Password', STAFF_LINK: 'Sign-in link',
    STEP_UP: 'Fresh proof',
  },
  scope: { READ: 'Read', INVITE: 'Invite', LINKS: 'Links', CONTACTS: 'Contacts', CONTENT: 'Content', AFFILIATES: 'Affiliates', ADMIN: 'Admin' },
  grantStatus: { SCHEDULED: 'Scheduled', ACTIVE: 'Active', ENDED: 'Ended', REVOKED: 'Revoked' },
  grantSource: { DIRECT: 'Direct', IMPORT: 'Import', WORKFLOW: 'Workflow' },
  scopeHint: {
    READ: 'Counts, contacts and messages', INVITE: 'Invite contacts and send login emails', LINKS: 'Create magic links',
    CONTACTS: 'Change contacts and what they may open', CONTENT: 'Write courses, communities, offers and menus',
    AFFILIATES: 'Record the sales of affiliates', ADMIN: 'Settings and the audit log',
  },
};
