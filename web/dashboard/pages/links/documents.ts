import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const LINKS = graphql(`
  query MagicLinks($status: MagicLinkStatus, $contactId: ID, $first: Int, $after: String) {
    magicLinks(status: $status, contactId: $contactId, first: $first, after: $after) {
      nodes {
        id purpose section limitToSection status createdAt createdBy expiresAt usedAt
        contact { id name email }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export type MagicLink = ResultOf<typeof LINKS>['magicLinks']['nodes'][number];

export const REVOKE = graphql(`
  mutation RevokeMagicLink($input: RevokeMagicLinkInput!) {
    revokeMagicLink(input: $input) { magicLink { id status } }
  }
`);

export const TEAM = graphql(`
  query LinkCreators {
    teamMembers(first: 100) { nodes { id name email } }
  }
`);

export const CONTACT = graphql(`
  query LinksOfContact($id: ID!) {
    contact(id: $id) { id name email }
  }
`);
