import { closeLive, onConnection, query, watch } from "./dashboard/api.js";
import { byId, setText } from "./dashboard/dom.js";
import { showCounts } from "./dashboard/counts.js";
import { startInviting } from "./dashboard/invite.js";
import { startLinks } from "./dashboard/links.js";
import { refreshMessages } from "./dashboard/messages.js";
import { startSendingDomain } from "./dashboard/sending_domain.js";

const STATES = {
  connecting: "Connecting",
  live: "Live",
  waiting: "Connection lost. Reconnecting",
  ended: "Signed out",
};

// Without a session, the dashboard's address redirects to its sign-in page.
function endSession() {
  closeLive();
  onState("ended");
  location.replace(`/dashboard/${document.body.dataset.account}`);
}

function onState(state) {
  const line = byId("connection");
  line.dataset.state = state;
  line.textContent = STATES[state];
}

async function checkSession() {
  try {
    const { viewer } = await query("{ viewer { __typename } }");
    if (!viewer) endSession();
  } catch (error) {
    if (error.code === "UNAUTHENTICATED") endSession();
  }
}

onConnection({ state: onState, refused: checkSession, back: refreshMessages });

watch("subscription { portalStats { invited active invitedTotal activeLast30Days version } }", {}, {
  next: (data) => data.portalStats && showCounts(data.portalStats),
  failed: (error) => (error.code === "UNAUTHENTICATED" ? endSession() : setText(byId("problem"), error.message)),
});
watch("subscription { portalActivity { id } }", {}, { next: refreshMessages, failed: () => {} });

startInviting();
startLinks();
startSendingDomain();
refreshMessages();
