// Code that runs as it is: a test runs those for curl and TypeScript.
import { URLS } from './endpoints';

export const LANGUAGES = [
  { id: 'curl', label: 'curl' },
  { id: 'typescript', label: 'TypeScript' },
  { id: 'swift', label: 'Swift' },
] as const;

export type Language = (typeof LANGUAGES)[number]['id'];

const COUNTS = 'subscription { portalStats { invited active version } }';

const INVITE = `mutation Invite($emails: [String!]!) {
    inviteContacts(input: { emails: $emails }) {
      invitations { id contact { email } }
      skipped { email reason }
    }
  }`;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

const curl = {
  invite: `curl -sS ${URLS.http} \\
  -H "Authorization: Bearer $VESTIBULE_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{
    "query": "${oneLine(INVITE)}",
    "variables": { "emails": ["Ida Berg <ida@example.com>"] }
  }'`,
  subscribe: `curl -sSN ${URLS.stream} \\
  -H "Authorization: Bearer $VESTIBULE_KEY" \\
  -H 'Content-Type: application/json' \\
  -H 'Accept: text/event-stream' \\
  -d '{ "query": "${COUNTS}" }'`,
};

const typescript = {
  invite: `import { gql, GraphQLClient } from 'graphql-request';

const client = new GraphQLClient('${URLS.http}', {
  headers: { Authorization: \`Bearer \${process.env.VESTIBULE_KEY}\` },
});

const response = await client.request(gql\`
  ${INVITE}
\`, { emails: ['Ida Berg <ida@example.com>'] });

console.log(JSON.stringify(response));`,
  subscribe: `import { createClient } from 'graphql-ws';

const client = createClient({
  url: '${URLS.socket}',
  connectionParams: { authorization: \`Bearer \${process.env.VESTIBULE_KEY}\` },
  retryAttempts: Infinity,
});

for await (const { data } of client.iterate({ query: '${COUNTS}' })) {
  console.log(JSON.stringify(data));
}`,
};

const swift = {
  invite: `import Foundation

var request = URLRequest(url: URL(string: "${URLS.http}")!)
request.httpMethod = "POST"
request.setValue("Bearer \\(token)", forHTTPHeaderField: "Authorization")
request.setValue("application/json", forHTTPHeaderField: "Content-Type")
request.httpBody = try JSONSerialization.data(withJSONObject: [
  "query": """
  ${INVITE}
  """,
  "variables": ["emails": ["Ida Berg <ida@example.com>"]],
] as [String: Any])

let (data, _) = try await URLSession.shared.data(for: request)
print(String(decoding: data, as: UTF8.self))`,
  subscribe: `import Foundation

var request = URLRequest(url: URL(string: "${URLS.stream}")!)
request.httpMethod = "POST"
request.timeoutInterval = .infinity
request.setValue("Bearer \\(token)", forHTTPHeaderField: "Authorization")
request.setValue("application/json", forHTTPHeaderField: "Content-Type")
request.setValue("text/event-stream", forHTTPHeaderField: "Accept")
request.httpBody = try JSONSerialization.data(withJSONObject: [
  "query": "${COUNTS}",
])

let (bytes, _) = try await URLSession.shared.bytes(for: request)
for try await line in bytes.lines where line.hasPrefix("data:") {
  print(line.dropFirst(5))
}`,
};

export const SNIPPETS: Record<Language, { invite: string; subscribe: string }> = { curl, typescript, swift };
