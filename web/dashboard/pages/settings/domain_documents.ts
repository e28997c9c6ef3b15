import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const DOMAIN = graphql(`
  query SendingDomain {
    portal { id sendingDomain { domain status checkedAt problem records { purpose type name value found ok required } } }
  }
`);

export const SET_DOMAIN = graphql(`
  mutation SetSendingDomain($domain: String!) {
    setSendingDomain(input: { domain: $domain }) { sendingDomain { domain status } }
  }
`);

export const VERIFY_DOMAIN = graphql(`
  mutation VerifySendingDomain($domain: String!) {
    verifySendingDomain(input: { domain: $domain }) { sendingDomain { domain status } }
  }
`);

export const REMOVE_DOMAIN = graphql(`
  mutation RemoveSendingDomain($domain: String!) {
    removeSendingDomain(input: { domain: $domain }) { removedDomain }
  }
`);

export type SendingDomain = NonNullable<ResultOf<typeof DOMAIN>['portal']['sendingDomain']>;
export type DnsRecord = SendingDomain['records'][number];
