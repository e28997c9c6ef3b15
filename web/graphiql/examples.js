const KEY = `# Requires an API key or access token: put it under
# "Headers" below. The other tabs use it too.
# Opened from the dashboard, you are signed in.`;

const viewer = `${KEY}
# Without a credential, viewer is null.
query WhoAmI {
  viewer {
    __typename
    ... on TeamMember { id email role }
    ... on ApiKey { id name scopes }
    ... on PortalUser { id }
  }
}
`;

const stats = `${KEY}
# Allowed: staff of any role, keys with READ.
# Leave it running and invite a contact in the
# dashboard.
subscription LiveCounts {
  portalStats {
    invited
    active
    invitedTotal
    activeLast30Days
    version
    asOf
  }
}
`;

const invite = `${KEY}
# Allowed: OWNER, ADMIN, STAFF, keys with INVITE.
# One bad address never fails the rest.
# dryRun: true sends nothing.
mutation InviteContacts($input: InviteContactsInput!) {
  inviteContacts(input: $input) {
    invitations {
      id
      contact { id email portalStatus }
    }
    skipped { email reason }
    bulkJob { id status total }
  }
}
`;

const invited = `${KEY}
# Allowed: staff of any role, keys with READ.
# Next page: put endCursor into "after".
query InvitedUsers($first: Int!, $after: String) {
  invitedUsers(first: $first, after: $after, orderBy: { field: INVITED_AT, direction: DESC }) {
    edges {
      node { id email name portalStatus invitedAt }
    }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}
`;

const contact = `${KEY}
# Allowed: staff of any role, keys with READ.
query ContactWithLinks($email: EmailAddress!) {
  contact(email: $email) {
    id
    name
    portalStatus
    invitedAt
    joinedAt
    magicLinks(first: 5) {
      edges { node { id status section purpose createdAt expiresAt usedAt } }
    }
    messages(first: 5) {
      edges { node { id kind status subject createdAt sentAt } }
    }
  }
}
`;

const makeLink = `${KEY}
# Allowed: OWNER, ADMIN, STAFF, keys with LINKS.
# contactId: copy one from another tab. Only this
# answer shows the URL.
mutation GenerateMagicLink($input: GenerateMagicLinkInput!) {
  generateMagicLink(input: $input) {
    confirmation
    url
    magicLink { id status expiresAt }
  }
}
`;

const auditLog = `${KEY}
# Allowed: OWNER, ADMIN, keys with ADMIN.
query AuditLog($filter: AuditFilter) {
  auditLog(first: 20, filter: $filter) {
    nodes { at kind outcome actor { id display } contact { email } details ip }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const makeKey = `${KEY}
# Allowed: OWNER and ADMIN, signed in to the
# dashboard. Only this answer shows the secret.
mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    secret
    apiKey { id name scopes hint status }
  }
}
`;

const inviteMember = `${KEY}
# Allowed: OWNER. ADMIN, except to invite an OWNER.
mutation InviteTeamMember($input: InviteTeamMemberInput!) {
  inviteTeamMember(input: $input) {
    teamMember { id email role }
  }
}
`;

const signIn = `# Requires no credential: the token is one.
# token: the last part of a magic link's URL. It
# works once.
mutation SignInWithMagicLink($input: SignInWithMagicLinkInput!) {
  signInWithMagicLink(input: $input) {
    session { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt }
    viewer { __typename }
    landingUrl
    refusal { reason message retryAfter }
  }
}
`;

export const examples = [
  { query: viewer },
  { query: stats },
  { query: invite, variables: { input: { emails: ["anna@example.com", "ben@example.com"], section: "HOME" } } },
  { query: invited, variables: { first: 20 } },
  { query: contact, variables: { email: "anna@example.com" } },
  { query: makeLink, variables: { input: { contactId: "contact_…", section: "COURSES" } } },
  { query: auditLog, variables: { filter: { refusedOnly: true } } },
  { query: makeKey, variables: { input: { name: "Shop", scopes: ["READ", "INVITE"] } } },
  { query: inviteMember, variables: { input: { email: "bo@example.com", role: "STAFF" } } },
  { query: signIn, variables: { input: { token: "…" } } },
];
