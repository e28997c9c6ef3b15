// What a contact may open, and by which grants.
import type { ResultOf } from '../../../api';
import { graphql } from '../../../api';
import { t } from '../../../i18n';
import { link } from '../../../router';

const TARGET = graphql(`
  fragment GrantTarget on AccessGrant @_unmask {
    target {
      __typename
      ... on Course { id title }
      ... on Community { id title: name }
      ... on Offer { id title }
    }
  }
`);

// The grants are read once, and not below each course: that would cost more than a request may.
export const ACCESS = graphql(`
  query ContactAccess($id: ID!) {
    contact(id: $id) {
      id
      grants(first: 100) { nodes { id source status ...GrantTarget } }
      courses(first: 100) {
        edges {
          open opensAt endsAt
          progress { startedAt completedAt completedLessonCount }
          grants { id }
          node { id title status lessonCount externalUrl }
        }
        pageInfo { hasNextPage }
      }
      communities(first: 100) {
        edges {
          open opensAt endsAt
          grants { id }
          node { id title: name status }
        }
        pageInfo { hasNextPage }
      }
    }
  }
`, [TARGET]);

export const GRANTS = graphql(`
  query ContactGrants($id: ID!, $includeRevoked: Boolean, $after: String) {
    contact(id: $id) {
      id
      grants(first: 50, after: $after, includeRevoked: $includeRevoked) {
        nodes { id source status startsAt endsAt revokedAt grantedBy createdAt ...GrantTarget }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`, [TARGET]);

type Opened = NonNullable<ResultOf<typeof ACCESS>['contact']>;
type Brief = Opened['grants']['nodes'][number];

/** Something that the contact may open now or later, with the grants that open it. */
type With<Node> = Omit<Node, 'grants'> & { grants: readonly Brief[] };

export type CourseEdge = With<Opened['courses']['edges'][number]>;
export type CommunityEdge = With<Opened['communities']['edges'][number]>;
export type Edge = CourseEdge | CommunityEdge;
export type Grant = NonNullable<ResultOf<typeof GRANTS>['contact']>['grants']['nodes'][number];
type Target = Grant['target'];

const PATHS = { Course: 'courses', Community: 'communities', Offer: 'offers' } as const;

export const hrefOf = ({ __typename, id }: Target): string => link(`${PATHS[__typename]}/${id}`);

/** Where a grant comes from: the offer that holds the item, or what granted the item itself. */
export const originOf = (grant: { source: string; target: Target }): string =>
  grant.target.__typename === 'Offer' ? grant.target.title : sourceOf(grant.source);

/** More sources will be added to the API. */
export const sourceOf = (source: string): string => (t.words.grantSource as Partial<Record<string, string>>)[source] ?? source;

export function openedOf({ grants: { nodes }, courses, communities }: Opened): { courses: CourseEdge[]; communities: CommunityEdge[]; more: boolean } {
  const known = new Map(nodes.map((grant) => [grant.id, grant]));
  const resolve = (grants: readonly { id: string }[] | null) => (grants ?? []).flatMap(({ id }) => known.get(id) ?? []);
  return {
    courses: courses.edges.map((edge) => ({ ...edge, grants: resolve(edge.grants) })),
    communities: communities.edges.map((edge) => ({ ...edge, grants: resolve(edge.grants) })),
    more: courses.pageInfo.hasNextPage || communities.pageInfo.hasNextPage,
  };
}
