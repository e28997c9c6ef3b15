// What a page with Relay would ask: lists that grow, a row that is fetched anew, a mutation that fills the store.
import { graphql } from 'relay-runtime';

export const page = graphql`
  query peoplePageQuery($count: Int!, $cursor: String, $search: String) {
    portalStats {
      invited
      active
    }
    viewer {
      __typename
      ... on TeamMember {
        id
        role
      }
    }
    ...people_contacts @arguments(count: $count, cursor: $cursor)
    ...people_invited @arguments(count: $count, cursor: $cursor, search: $search)
  }
`;

export const contacts = graphql`
  fragment people_contacts on Query
  @refetchable(queryName: "peopleContactsQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }, filter: { type: "ContactFilter" }) {
    contacts(first: $count, after: $cursor, filter: $filter) @connection(key: "people_contacts") {
      totalCount
      edges {
        node {
          id
          ...people_row
        }
      }
    }
  }
`;

export const invited = graphql`
  fragment people_invited on Query
  @refetchable(queryName: "peopleInvitedQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }, search: { type: "String" }) {
    invitedUsers(first: $count, after: $cursor, search: $search, orderBy: { field: EMAIL, direction: ASC })
      @connection(key: "people_invitedUsers") {
      edges {
        node {
          ...people_row
        }
      }
    }
  }
`;

// Fetched anew through `node(id:)`.
export const row = graphql`
  fragment people_row on Contact @refetchable(queryName: "peopleRowQuery") {
    email
    name
    portalStatus
    invitation {
      status
      expiresAt
    }
  }
`;

// A list below a row, which pages through `node(id:)` too.
export const messages = graphql`
  fragment people_messages on Contact
  @refetchable(queryName: "peopleMessagesQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" }) {
    messages(last: $count, before: $cursor) @connection(key: "people_messages") {
      edges {
        node {
          status
        }
      }
    }
  }
`;

export const invite = graphql`
  mutation peopleInviteMutation($emails: [String!]!, $connections: [ID!]!) {
    inviteContacts(input: { emails: $emails }) {
      count
      invitations {
        contact @appendNode(connections: $connections, edgeTypeName: "ContactEdge") {
          id
          ...people_row
        }
      }
      skipped {
        email
        reason
      }
    }
  }
`;

export const remove = graphql`
  mutation peopleDeleteMutation($contactId: ID!, $connections: [ID!]!) {
    deleteContact(input: { contactId: $contactId }) {
      deletedContactId @deleteEdge(connections: $connections)
    }
  }
`;

export const counts = graphql`
  subscription peopleCountsSubscription {
    portalStats {
      invited
      active
      version
    }
  }
`;
