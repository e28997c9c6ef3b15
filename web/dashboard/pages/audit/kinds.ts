import type { IconName, Tone } from '../../components';
import type { Kind } from './documents';

export const GROUPS = {
  SIGN_IN: [
    'JOINED', 'LINK_USED', 'LINK_REFUSED', 'LOGIN_REQUESTED', 'SIGNED_IN', 'SIGN_IN_REFUSED', 'SIGN_IN_CONFIRMED', 'SIGN_IN_DENIED',
    'SIGNED_OUT', 'SESSION_ENDED', 'STEPPED_UP',
  ],
  STAFF: ['STAFF_SIGNED_IN', 'STAFF_SIGN_IN_REFUSED', 'STAFF_SIGNED_OUT', 'STAFF_LINK_CREATED'],
  CREDENTIALS: [
    'PASSWORD_SET', 'PASSWORD_CHANGED', 'PASSWORD_RESET', 'PASSWORD_RESET_REQUESTED', 'PASSWORD_DISABLED', 'GOOGLE_LINKED', 'ADDRESS_CHANGED',
  ],
  INVITATIONS: ['INVITED', 'INVITATION_RESENT', 'INVITATION_CANCELLED', 'LOGIN_EMAIL_QUEUED', 'LINK_CREATED', 'LINK_REVOKED'],
  CONTACTS: ['CONTACT_CREATED', 'CONTACT_UPDATED', 'CONTACT_DELETED', 'ACCESS_REVOKED', 'ACCESS_RESTORED'],
  EMAIL: [
    'MESSAGE_SENT', 'MESSAGE_KEPT', 'MESSAGE_DELAYED', 'MESSAGE_BOUNCED', 'MESSAGE_COMPLAINED', 'MESSAGE_FAILED', 'MAIL_PAUSED', 'MAIL_RESUMED',
  ],
  JOBS: ['JOB_CREATED', 'JOB_PAUSED', 'JOB_RESUMED', 'JOB_CANCELLED', 'JOB_FINISHED'],
  TEAM: ['MEMBER_INVITED', 'MEMBER_INVITATION_RESENT', 'MEMBER_CHANGED', 'MEMBER_REMOVED', 'API_KEY_CREATED', 'API_KEY_REVOKED'],
  ACCOUNT: [
    'SETTINGS_CHANGED', 'SENDING_DOMAIN_SET', 'SENDING_DOMAIN_VERIFIED', 'SENDING_DOMAIN_FAILED', 'SENDING_DOMAIN_REMOVED', 'ACCOUNT_CREATED',
    'SIGNING_KEY_MADE',
  ],
} as const satisfies Record<string, readonly Kind[]>;

type Group = keyof typeof GROUPS;

export const GROUP_NAMES = Object.keys(GROUPS) as Group[];

const KINDS: readonly Kind[] = Object.values(GROUPS).flat();

export const isGroup = (name: string): name is Group => name in GROUPS;

export const isKind = (name: string): name is Kind => KINDS.some((kind) => kind === name);

const ICONS: Record<Group, IconName> = {
  SIGN_IN: 'user', STAFF: 'team', CREDENTIALS: 'key', INVITATIONS: 'invite', CONTACTS: 'people', EMAIL: 'mail', JOBS: 'jobs', TEAM: 'team',
  ACCOUNT: 'settings',
};

const BAD = /^(ACCESS_REVOKED|CONTACT_DELETED|MEMBER_REMOVED|API_KEY_REVOKED|SENDING_DOMAIN_FAILED|MESSAGE_(BOUNCED|COMPLAINED|FAILED))$/;
const WARN = /REFUSED$|^(PASSWORD_DISABLED|ADDRESS_CHANGED|SIGN_IN_DENIED|MAIL_PAUSED|MESSAGE_DELAYED)$/;

export function lookOf(kind: Kind, outcome: string): { icon: IconName; tone: Tone } {
  const group = GROUP_NAMES.find((name) => (GROUPS[name] as readonly Kind[]).includes(kind));
  const tone = BAD.test(kind) ? 'bad' : outcome !== 'OK' || WARN.test(kind) ? 'warn' : 'none';
  return { icon: group ? ICONS[group] : 'audit', tone };
}
