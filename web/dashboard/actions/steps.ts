// What can be done for recipients who were skipped.
import { graphql, mutate, query } from '../api';
import type { Skipped } from './outcome';
import { required } from './outcome';

const INVITATIONS = graphql(`
  query InvitationsOfContacts($ids: [ID!]!) {
    nodes(ids: $ids) { ... on Contact { id invitation { id } } }
  }
`);

const RESEND = graphql(`
  mutation ResendInvitations($input: ResendInvitationsInput!) {
    resendInvitations(input: $input) { count bulkJob { id } invitations { id status lastSentAt sentCount } }
  }
`);

const RESTORE = graphql(`
  mutation RestoreAccess($input: RestorePortalAccessInput!) {
    restorePortalAccess(input: $input) { contact { id portalStatus } }
  }
`);

const RESTORE_MANY = graphql(`
  mutation RestoreAccessForMany($input: RestorePortalAccessForManyInput!) {
    restorePortalAccessForMany(input: $input) { count bulkJob { id } }
  }
`);

/** Nodes in one request. */
const BATCH = 100;

export const contactIds = (group: readonly Skipped[]): string[] => group.flatMap(({ contactId }) => contactId ?? []);

async function invitationIds(contacts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let start = 0; start < contacts.length; start += BATCH) {
    const { nodes } = await query(INVITATIONS, { ids: contacts.slice(start, start + BATCH) });
    found.push(...nodes.flatMap((node) => (node && 'invitation' in node && node.invitation ? [node.invitation.id] : [])));
  }
  return found;
}

/** Sends the open invitations of these contacts again: how many, and whether a job does it. */
export async function resend(group: readonly Skipped[]): Promise<{ count: number; later: boolean }> {
  const ids = await invitationIds(contactIds(group));
  const { resendInvitations } = await mutate(RESEND, { input: { invitationIds: ids } });
  const { count, bulkJob } = required(resendInvitations);
  return { count, later: bulkJob !== null };
}

/** Lets these contacts in again: how many. */
export async function restore(ids: readonly string[]): Promise<number> {
  const [first, ...more] = ids;
  if (!first) return 0;
  if (more.length > 0) {
    const { restorePortalAccessForMany } = await mutate(RESTORE_MANY, { input: { contactIds: [...ids] } });
    return required(restorePortalAccessForMany).count;
  }
  await mutate(RESTORE, { input: { contactId: first } });
  return 1;
}
