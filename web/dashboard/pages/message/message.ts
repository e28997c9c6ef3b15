import type { ResultOf } from '../../api';
import { graphql } from '../../api';
import { DELIVERY } from '../messages/delivery';

export const MESSAGE = graphql(`
  query Message($id: ID!) {
    node(id: $id) {
      __typename
      ... on Message {
        id kind channel subject address createdAt createdBy sentAt attempts html text
        ...Delivery
        contact { id name email phone suppression { reason detail since until } }
        invitation { id status expiresAt }
        magicLink { id status expiresAt usedAt section }
        template { id name }
      }
    }
    portal { id name replyTo }
  }
`, [DELIVERY]);

type Node = NonNullable<ResultOf<typeof MESSAGE>['node']>;

export type Message = Extract<Node, { __typename: 'Message' }>;
