// The page of a browser that asked for a sign-in: it learns that the link was used on another device, and loads itself anew;
// and it counts down to the next mail. Without this script a link and a button of the page do the same.
const { challenge, state } = document.body.dataset;
const rank = { PENDING: 0, LINK_OPENED: 1, CONFIRMED: 2, COMPLETED: 3, EXPIRED: 3 };

if (challenge && state in rank && rank[state] < 2) watch();

function watch() {
  const query = 'subscription ($id: ID!) { signInChallenge(challengeId: $id) }';
  const asked = new URLSearchParams({ query, variables: JSON.stringify({ id: challenge }) });
  const events = new EventSource(`/graphql/stream?${asked}`);
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
  // A form that was submitted leads somewhere itself: the code completes this sign-in, which must not lead away from there.
  document.addEventListener('submit', stop);
}

const resend = document.querySelector('button[data-seconds]');
if (resend) countDown(resend, Date.now() + resend.dataset.seconds * 1000);

function countDown(button, until) {
  const left = Math.ceil((until - Date.now()) / 1000);
  button.disabled = left > 0;
  button.textContent = label(left);
  if (left > 0) setTimeout(countDown, 1000, button, until);
}

// The words of the server, which says the first ones.
function label(seconds) {
  if (seconds <= 0) return 'Resend';
  return seconds < 120 ? `Resend in ${seconds} s` : `Resend in ${Math.ceil(seconds / 60)} min`;
}
