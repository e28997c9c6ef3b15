import type { ResultOf, VariablesOf } from '../../api';
import { graphql, mutate } from '../../api';
import { required } from '../outcome';

const GENERATE = graphql(`
  mutation GenerateMagicLink($input: GenerateMagicLinkInput!) {
    generateMagicLink(input: $input) {
      confirmation
      url
      skipped { reason }
      magicLink { id status purpose section limitToSection createdAt createdBy expiresAt usedAt contact { id name email } }
    }
  }
`);

const REVOKE = graphql(`
  mutation RevokeGeneratedLink($input: RevokeMagicLinkInput!) {
    revokeMagicLink(input: $input) { magicLink { id status } }
  }
`);

/** The one link of a contact that a new one can replace. */
export const LIVE_LINKS = graphql(`
  query LiveLinksOfContact($contactId: ID!) {
    magicLinks(contactId: $contactId, status: LIVE, first: 50) { nodes { id purpose createdAt expiresAt } }
    contact(id: $contactId) { id name email portalStatus }
  }
`);

export const PORTAL = graphql(`
  query MagicLinkPortal {
    portal { name limitCopiedLinks }
  }
`);

export type GenerateInput = VariablesOf<typeof GENERATE>['input'];

/** Holds the URL: it is kept nowhere but in the dialog's memory. */
export type Generated = NonNullable<ResultOf<typeof GENERATE>['generateMagicLink']>;

export const generate = async (input: GenerateInput): Promise<Generated> =>
  required((await mutate(GENERATE, { input })).generateMagicLink);

export async function revoke(magicLinkId: string): Promise<void> {
  required((await mutate(REVOKE, { input: { magicLinkId } })).revokeMagicLink);
}
