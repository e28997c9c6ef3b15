import type { ResultOf } from '../../api';
import { graphql, mutate } from '../../api';
import type { ContentStatus } from '../../components/content/items';

export const COMMUNITY = graphql(`
  query Community($id: ID!) {
    community(id: $id) { id name description coverUrl joinUrl status memberCount updatedAt }
  }
`);

export const UPDATE = graphql(`
  mutation UpdateCommunity($input: UpdateCommunityInput!) {
    updateCommunity(input: $input) { community { id name description coverUrl joinUrl status updatedAt } }
  }
`);

const ARCHIVE = graphql(`
  mutation ArchiveCommunity($input: ArchiveCommunityInput!) {
    archiveCommunity(input: $input) { community { id status updatedAt } }
  }
`);

export const ANNOUNCEMENTS = graphql(`
  query Announcements($id: ID!, $after: String) {
    community(id: $id) {
      id
      announcements(first: 20, after: $after) {
        nodes { id title body bodyHtml author publishedAt updatedAt }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

export const MEMBERS = graphql(`
  query CommunityMembers($id: ID!, $after: String) {
    community(id: $id) {
      id
      members(first: 50, after: $after) {
        nodes { id name email phone portalStatus }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

export type Community = NonNullable<ResultOf<typeof COMMUNITY>['community']>;
export type Announcement = NonNullable<NonNullable<ResultOf<typeof ANNOUNCEMENTS>['community']>['announcements']>['nodes'][number];

export const setStatus = (communityId: string, status: ContentStatus): Promise<unknown> =>
  status === 'ARCHIVED' ? mutate(ARCHIVE, { input: { communityId } }) : mutate(UPDATE, { input: { communityId, status } });
