import type { ResultOf } from '../../api';
import { boot, graphql } from '../../api';
import { t } from '../../i18n';

export const TEAM = graphql(`
  query Team($after: String) {
    teamMembers(first: 50, after: $after) {
      nodes { id email name role joinedAt lastSeenAt createdAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export const INVITE = graphql(`
  mutation InviteTeamMember($input: InviteTeamMemberInput!) {
    inviteTeamMember(input: $input) { teamMember { id email name role } }
  }
`);

export const RESEND = graphql(`
  mutation ResendTeamInvitation($input: ResendTeamInvitationInput!) {
    resendTeamInvitation(input: $input) { teamMember { id } }
  }
`);

export const UPDATE = graphql(`
  mutation UpdateTeamMember($input: UpdateTeamMemberInput!) {
    updateTeamMember(input: $input) {
      teamMember { id name role }
      revokedApiKeys { id name hint status revokedAt }
    }
  }
`);

export const REMOVE = graphql(`
  mutation RemoveTeamMember($input: RemoveTeamMemberInput!) {
    removeTeamMember(input: $input) {
      teamMember { id }
      revokedApiKeys { id name hint status revokedAt }
    }
  }
`);

export type Member = NonNullable<ResultOf<typeof TEAM>['teamMembers']>['nodes'][number];
export type Role = Member['role'];
export type EndedKey = NonNullable<ResultOf<typeof UPDATE>['updateTeamMember']>['revokedApiKeys'][number];

export const ROLES: readonly Role[] = ['OWNER', 'ADMIN', 'STAFF', 'READ_ONLY'];

export const nameOf = ({ name, email }: Pick<Member, 'name' | 'email'>): string => name ?? email;

export const isViewer = ({ id }: { id: string }): boolean => id === boot.memberId;

/** Admins can't manage owners. */
export const manages = (role: Role): boolean => boot.role === 'OWNER' || (boot.role === 'ADMIN' && role !== 'OWNER');

export const refusal = (role: Role): { disabledReason?: string } => (manages(role) ? {} : { disabledReason: t.team.ownersOnly });
