// What the server wrote into the page: who is signed in, and where things are. Everything else comes from the GraphQL API.

export type Role = 'OWNER' | 'ADMIN' | 'STAFF' | 'READ_ONLY';

type Boot = {
  /** The account's slug, sent with each request. */
  account: string;
  accountName: string;
  /** The path of the dashboard, without a trailing slash. */
  base: string;
  memberId: string;
  memberName: string;
  role: Role;
  portalUrl: string;
  /** No mail server is configured: emails are kept on this server. */
  keepsMail: boolean;
  /** The local outbox, for owners on a server that keeps emails. */
  outboxHref: string | null;
  /** Posting it with `form_token` signs out. */
  signOut: { action: string; formToken: string };
};

const app = document.getElementById('app');

export const boot = JSON.parse(app?.dataset['boot'] ?? '{}') as Boot;

/** What roles may do, as the table "Who calls" of the API says. */
export type Permission = 'INVITE' | 'LINKS' | 'CONTACTS' | 'CONTENT' | 'ADMIN' | 'TEAM' | 'OWNER';

const ALLOWED: Record<Permission, readonly Role[]> = {
  INVITE: ['OWNER', 'ADMIN', 'STAFF'],
  LINKS: ['OWNER', 'ADMIN', 'STAFF'],
  CONTACTS: ['OWNER', 'ADMIN', 'STAFF'],
  CONTENT: ['OWNER', 'ADMIN', 'STAFF'],
  ADMIN: ['OWNER', 'ADMIN'],
  TEAM: ['OWNER', 'ADMIN'],
  OWNER: ['OWNER'],
};

export const may = (permission: Permission): boolean => ALLOWED[permission].includes(boot.role);
