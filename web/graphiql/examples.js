// Each tab holds one kind of operation; the Execute button lists those of a tab with several.
const reading = `# Staff of any role, or a key with READ.
# Enter your API key in "Headers" below.
query WhoAmI {
  viewer {
    __typename
    ... on TeamMember { id email role }
    ... on ApiKey { id name scopes }
    ... on PortalUser { id }
  }
}

query InvitedUsers($first: Int!, $after: String) {
  invitedUsers(first: $first, after: $after, orderBy: { field: INVITED_AT, direction: DESC }) {
    edges {
      node { id email name portalStatus invitedAt }
    }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}

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

# Owners, admins, or a key with ADMIN.
query AuditLog($filter: AuditFilter) {
  auditLog(first: 20, filter: $filter) {
    nodes { at kind outcome actor { id display } contact { email } details ip }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const live = `# Leave it running, then invite a contact.
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

const inviting = `# Staff (not READ_ONLY), or a key with INVITE.
# Set dryRun to true to send nothing.
mutation InviteContacts($invite: InviteContactsInput!) {
  inviteContacts(input: $invite) {
    invitations {
      id
      contact { id email portalStatus }
    }
    skipped { email reason }
    bulkJob { id status total }
  }
}

# Staff (not READ_ONLY), or a key with LINKS.
mutation GenerateMagicLink($link: GenerateMagicLinkInput!) {
  generateMagicLink(input: $link) {
    confirmation
    url
    magicLink { id status expiresAt }
  }
}

# No credential: the token is the last part
# of a magic link's URL.
mutation SignInWithMagicLink($token: String!) {
  signInWithMagicLink(input: { token: $token }) {
    session { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt }
    viewer { __typename }
    landingUrl
    refusal { reason message retryAfter }
  }
}
`;

const granting = `# Staff (not READ_ONLY), or a key with CONTENT.
mutation CreateCourse($course: CreateCourseInput!) {
  createCourse(input: $course) {
    course { id title status }
  }
}

# Staff (not READ_ONLY), or a key with CONTACTS.
mutation AssignCourses($courses: AssignCoursesInput!) {
  assignCourses(input: $courses) {
    count
    skipped { email reason }
  }
}
`;

const managing = `# Owners and admins who are signed in.
mutation InviteTeamMember($member: InviteTeamMemberInput!) {
  inviteTeamMember(input: $member) {
    teamMember { id email role }
  }
}

mutation CreateApiKey($key: CreateApiKeyInput!) {
  createApiKey(input: $key) {
    secret
    apiKey { id name scopes hint status }
  }
}
`;

export const examples = [
  {
    query: reading,
    variables: { first: 20, email: "anna@example.com", filter: { refusedOnly: true } },
  },
  { query: live },
  {
    query: inviting,
    variables: {
      invite: { emails: ["anna@example.com", "ben@example.com"], section: "HOME" },
      link: { contactId: "contact_…", section: "COURSES" },
      token: "…",
    },
  },
  {
    query: granting,
    variables: {
      course: { title: "Baking", status: "PUBLISHED" },
      courses: { contactId: "contact_…", add: ["course_…"] },
    },
  },
  {
    query: managing,
    variables: {
      member: { email: "bo@example.com", role: "STAFF" },
      key: { name: "Shop", scopes: ["READ", "INVITE"] },
    },
  },
];
