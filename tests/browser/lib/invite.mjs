import assert from 'node:assert/strict';

/** Invites an address to the demo account by the API, with the session of the dashboard that `page` is signed in to. */
export async function invite(page, server, address) {
  const query = 'mutation ($input: InviteContactsInput!) { inviteContacts(input: $input) { count } }';
  const response = await page.request.post(`${server.url}/graphql`, {
    headers: { 'Vestibule-Account': 'demo', 'X-Vestibule-CSRF': '1', Origin: server.url },
    data: { query, variables: { input: { emails: [address] } } },
  });
  assert.deepEqual(await response.json(), { data: { inviteContacts: { count: 1 } } });
}
