// The page of a browser that asked for a sign-in: it learns that the link was used on another device, and loads itself anew.
// Without this script the page has a link that does the same.
const { challenge, state } = document.body.dataset;
const rank = { PENDING: 0, LINK_OPENED: 1, CONFIRMED: 2, COMPLETED: 3, EXPIRED: 3 };

if (challenge && state in rank && rank[state] < 2) {
  const query = 'subscription ($id: ID!) { signInChallenge(challengeId: $id) }';
  const asked = new URLSearchParams({ query, variables: JSON.stringify({ id: challenge }) });
  const events = new EventSource(`/graphql/stream?${asked}`);
  events.addEventListener('next', (event) => {
    const now = JSON.parse(event.data).data?.signInChallenge;
    const typing = document.querySelector('input[name="code"]')?.value;
    if (now in rank && rank[now] > rank[state] && (!typing || rank[now] > 1)) {
      events.close();
      location.assign(new URL('wait', location.href.replace(/\/login(\/.*)?$/, '/login/')));
    }
  });
  events.addEventListener('complete', () => events.close());
}
