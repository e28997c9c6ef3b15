export const developers = {
  lead: 'Everything in this dashboard goes through one GraphQL API. Use it from your servers, apps and pages.',
  playground: 'Open the playground',

  endpointsTitle: 'Endpoints',
  endpoints: {
    http: { label: 'GraphQL', hint: 'POST for queries and mutations; GET for queries only.' },
    socket: { label: 'WebSocket', hint: 'Subscriptions with the sub-protocol graphql-transport-ws. The credential goes into connection_init.' },
    stream: { label: 'Event stream', hint: 'Subscriptions as server-sent events, for networks that break WebSockets.' },
    keys: { label: 'Signing keys (JWKS)', hint: 'Other services verify access tokens with these keys.' },
  },

  accessTitle: 'Credentials',
  access: 'Send an API key from your server, or the access token of a signed-in contact or team member from an app. The account follows from the credential.',
  manageKeys: 'Manage API keys',
  askForKey: 'Ask an owner or admin for an API key.',

  schemaTitle: 'Schema',
  schema: 'Browse the schema with its descriptions in the playground. Code generators read it from this address, while introspection is on:',
  schemaAddress: 'the address of the schema',
  downloadSchema: 'Download schema.graphql',
  browseSchema: 'Browse the schema',

  healthTitle: 'Health',
  health: { healthz: 'Running', readyz: 'Ready for requests' },
  healthState: { checking: 'Checking', well: 'Yes', failing: 'No', unreachable: 'No response' },
  checkAgain: 'Check again',

  originsTitle: 'Allowed origins',
  origins: 'Pages of other origins may call the API with a token if their origin is listed. Write each with its scheme and port, separated by commas. Cookies never count there.',
  originsSetting: 'the setting',
  originsRestart: 'It is a setting of the server: change it, then restart.',

  examplesTitle: 'Examples',
  examples: (read: string, invite: string) => `They run as they are. Put an API key with the scopes ${read} and ${invite} into VESTIBULE_KEY.`,
  languageLabel: 'Programming language',
  invite: 'Invite a contact',
  subscribe: 'Subscribe to the counts',
  codeOf: (title: string) => `code: ${title}`,
  typescriptHint: 'Packages: graphql-request, graphql-ws and graphql. Node.js has a WebSocket of its own since version 22.',
  swiftHint: 'token is the access token of a signed-in team member. Never put an API key into an app: anyone can read it there.',
};
