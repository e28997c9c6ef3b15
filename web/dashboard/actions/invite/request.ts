import { graphql, mutate } from '../../api';
import { required } from '../outcome';
import type { Section } from '../section_field';
import type { Request } from '../sending';

export const INVITE = graphql(`
  mutation InviteContacts($input: InviteContactsInput!) {
    inviteContacts(input: $input) {
      count
      bulkJob { id }
      skipped { contactId email reason }
      invitations { id status contact { id portalStatus invitedAt } }
    }
  }
`);

export const invite = (section: Section, note: string): Request => async (who, dryRun) => {
  const { inviteContacts } = await mutate(INVITE, { input: { ...who, section, dryRun, ...(note.trim() && { note: note.trim() }) } });
  return required(inviteContacts);
};
