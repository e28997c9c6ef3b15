import type { ResultOf } from '../../api';
import { graphql, mutate } from '../../api';
import type { ContentStatus } from '../../components/content/items';

export const OFFER = graphql(`
  query Offer($id: ID!) {
    offer(id: $id) {
      id title description status startsAt durationDays listsBeforeStart updatedAt
      courses { id title status }
      communities { id name status }
      holders(first: 0) { totalCount }
    }
  }
`);

export const UPDATE = graphql(`
  mutation UpdateOffer($input: UpdateOfferInput!) {
    updateOffer(input: $input) {
      offer {
        id title description status startsAt durationDays listsBeforeStart updatedAt
        courses { id title status }
        communities { id name status }
      }
    }
  }
`);

const ARCHIVE = graphql(`
  mutation ArchiveOffer($input: ArchiveOfferInput!) {
    archiveOffer(input: $input) { offer { id status updatedAt } }
  }
`);

export const HOLDERS = graphql(`
  query OfferHolders($id: ID!, $after: String) {
    offer(id: $id) {
      id
      holders(first: 50, after: $after) {
        nodes { id name email phone portalStatus }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

export type Offer = NonNullable<ResultOf<typeof OFFER>['offer']>;

export const setStatus = (offerId: string, status: ContentStatus): Promise<unknown> =>
  status === 'ARCHIVED' ? mutate(ARCHIVE, { input: { offerId } }) : mutate(UPDATE, { input: { offerId, status } });
