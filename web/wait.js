// The waiting page of a browser that requested a sign-in: reloads when the link is used on another device, and counts down to the
// next email. Without this script, a link and a button on the page do the same.
const { challenge, state } = document.body.dataset;
const rank = { PENDING: 0, LINK_OPENED: 1, CONFIRMED: 2, COMPLETED: 3, EXPIRED: 3 };

if (challenge && state in rank && rank[state] < 2) watch();

function watch() {
  const query = 'subscription ($id: ID!) { signInChallenge(challengeId: $id) }';
  const parameters = new URLSearchParams({ query, variables: JSON.stringify({ id: challenge }) });
  const events = new EventSource(`/graphql/stream?${parameters}`);
  const stop = () => events.close();
  events.addEventListener('next', (event) => {
    const now = JSON.parse(event.data).data?.signInChallenge;
    const typing = document.querySelector('input[name="code"]')?.value;
    if (now in rank && rank[now] > rank[state] && (!typing || rank[now] > 1)) {
      stop();
      location.assign(new URL('wait', location.href.replace(/\/login(\/.*)?$/, '/login/')));
    }
  });
  events.addEventListener('complete', stop);
  // A submitted form navigates by itself: its code completes this sign-in, and that event must not navigate elsewhere.
  document.addEventListener('submit', stop);
}

const resend = document.querySelector('button[data-seconds]');
if (resend) countDown(resend, Date.now() + resend.dataset.seconds * 1000);

function countDown(button, until) {
  const left = Math.ceil((until - Date.now()) / 1000);
  button.disabled = left > 0;
  button.textContent = label(left, button.dataset);
  if (left > 0) setTimeout(countDown, 1000, button, until);
}

// The server renders the first label, and the words of all.
function label(seconds, { now, inSeconds, inMinutes }) {
  if (seconds <= 0) return now;
  return seconds < 120 ? inSeconds.replace('#', seconds) : inMinutes.replace('#', Math.ceil(seconds / 60));
}
