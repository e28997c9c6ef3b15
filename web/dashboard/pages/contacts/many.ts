// Changing many contacts at once: those that are selected, all that match the filter, or all in a smart list.
import type { ResultOf } from '../../api';
import { graphql, mutate, query } from '../../api';
import type { Contact, Filter } from './state';

export type Chosen = { contacts: Contact[] } | { filter: Filter; count: number; smartListId?: string };

export const REVOKE = graphql(`
  mutation RevokeAccessForMany($input: RevokePortalAccessForManyInput!) {
    revokePortalAccessForMany(input: $input) { count bulkJob { id } skipped { contactId email reason } }
  }
`);

const RESTORE = graphql(`
  mutation RestoreAccessForMany($input: RestorePortalAccessForManyInput!) {
    restorePortalAccessForMany(input: $input) { count bulkJob { id } skipped { contactId email reason } }
  }
`);

const TAG = graphql(`
  mutation UpdateContactTags($input: UpdateContactTagsInput!) {
    updateContactTags(input: $input) { count bulkJob { id } skipped { contactId email reason } }
  }
`);

export type Outcome = NonNullable<ResultOf<typeof REVOKE>['revokePortalAccessForMany']>;
export type SkippedContact = Outcome['skipped'][number];

export type Access = 'revoke' | 'restore';

export const countOf = (chosen: Chosen): number => ('contacts' in chosen ? chosen.contacts.length : chosen.count);

function targetOf(chosen: Chosen): { contactIds: string[] } | { smartListId: string } | { filter: Filter } {
  if ('contacts' in chosen) return { contactIds: chosen.contacts.map(({ id }) => id) };
  return chosen.smartListId ? { smartListId: chosen.smartListId } : { filter: chosen.filter };
}

const NOTHING: Outcome = { count: 0, bulkJob: null, skipped: [] };

export async function changeAccess(access: Access, chosen: Chosen, options: { reason?: string; dryRun?: boolean } = {}): Promise<Outcome> {
  const { reason, dryRun } = options;
  if (access === 'revoke') {
    const { revokePortalAccessForMany } = await mutate(REVOKE, { input: { ...targetOf(chosen), reason: reason?.trim() || null, dryRun } });
    return revokePortalAccessForMany ?? NOTHING;
  }
  const { restorePortalAccessForMany } = await mutate(RESTORE, { input: { ...targetOf(chosen), dryRun } });
  return restorePortalAccessForMany ?? NOTHING;
}

export async function changeTags(chosen: Chosen, add: string[], remove: string[]): Promise<Outcome> {
  const { updateContactTags } = await mutate(TAG, { input: { ...targetOf(chosen), add, remove } });
  return updateContactTags ?? NOTHING;
}

/** Gives the contacts back the tags that they had: only those that the change touched. */
export async function undoTags(contacts: Contact[], add: string[], remove: string[]): Promise<void> {
  const back = async (affected: Contact[], added: string[], removed: string[]) => {
    if (affected.length) await changeTags({ contacts: affected }, added, removed);
  };
  for (const tag of add) await back(contacts.filter(({ tags }) => !tags.includes(tag)), [], [tag]);
  for (const tag of remove) await back(contacts.filter(({ tags }) => tags.includes(tag)), [tag], []);
}

const READ = graphql(`
  query ReadContacts($ids: [ID!]!) {
    nodes(ids: $ids) { id ... on Contact { portalStatus tags } }
  }
`);

const READ_AT_ONCE = 100;

/** Reads the contacts again: the list then shows what they are now, and no row moves. */
export async function reread(contacts: readonly Contact[]): Promise<void> {
  for (let at = 0; at < contacts.length; at += READ_AT_ONCE) {
    await query(READ, { ids: contacts.slice(at, at + READ_AT_ONCE).map(({ id }) => id) });
  }
}
