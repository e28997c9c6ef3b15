import type { ResultOf } from '../../api';
import { boot, graphql, may } from '../../api';
import { t } from '../../i18n';

export const CONTACT = graphql(`
  query Contact($id: ID!) {
    contact(id: $id) {
      id name email firstName lastName phone tags timezone locale portalStatus
      createdAt invitedAt joinedAt lastSeenAt revokedAt unsubscribedAt
      suppression { reason detail since until }
      smsSuppression { reason detail since until }
      invitation { id status expiresAt lastSentAt sentCount section note }
      affiliate { id }
    }
  }
`);

export type Contact = NonNullable<ResultOf<typeof CONTACT>['contact']>;

type Named = { name: string | null; email: string | null; phone: string | null };

export const nameOf = ({ name, email, phone }: Named): string => name ?? email ?? phone ?? t.common.aContact;

export const noRole = (permission: Parameters<typeof may>[0]): string | undefined =>
  may(permission) ? undefined : t.common.noRole(t.words.role[boot.role]);

/** Why no email can be sent to the contact. */
export function noMail({ email, portalStatus, suppression }: Contact): string | undefined {
  if (portalStatus === 'REVOKED') return t.contact.isRevoked;
  if (!email) return t.contact.hasNoAddress;
  return suppression ? t.contact.isSuppressed : undefined;
}

/** An invitation that can be sent again or cancelled. */
export const openInvitation = ({ portalStatus, invitation }: Contact) =>
  portalStatus === 'INVITED' && invitation && invitation.status === 'OPEN' ? invitation : null;
