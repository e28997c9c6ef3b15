import { query } from "./api.js";
import { byId, element, setText } from "./dom.js";
import { ago, exactly, plain, status as words, tone, underway } from "./words.js";

const LAST = `{
  messages(first: 10) {
    edges {
      node { id channel kind status address subject createdAt sentAt attempts nextAttemptAt lastError contact { id email name } }
    }
  }
}`;

const REFRESH_DELAY = 400;
const UNDERWAY_DELAY = 2_000;
const UPDATE_TIMES = 20_000;

let waiting = null;
let loading = false;
let reloadNeeded = false;

/** Reads the last messages after a short delay; calls in between are merged into one read. */
export function refreshMessages(wait = REFRESH_DELAY) {
  clearTimeout(waiting);
  waiting = setTimeout(read, typeof wait === "number" ? wait : REFRESH_DELAY);
}

async function read() {
  if (loading) {
    reloadNeeded = true;
    return;
  }
  loading = true;
  try {
    const messages = (await query(LAST)).messages.edges.map(({ node }) => node);
    show(messages);
    const wait = untilChange(messages);
    if (wait !== null && !document.hidden) refreshMessages(wait);
  } catch (error) {
    setText(byId("messages-empty"), error.message);
  } finally {
    loading = false;
    if (reloadNeeded) refreshMessages();
    reloadNeeded = false;
  }
}

/** The time until a message changes without an event in the activity; null if none is expected to. */
function untilChange(messages) {
  if (messages.some(({ status }) => underway(status))) return UNDERWAY_DELAY;
  const attempts = messages.filter(({ status }) => status === "DEFERRED").map(({ nextAttemptAt }) => Date.parse(nextAttemptAt));
  return attempts.length ? Math.max(Math.min(...attempts) - Date.now(), 0) + UNDERWAY_DELAY : null;
}

function show(messages) {
  byId("messages").tBodies[0].replaceChildren(...messages.map(row));
  byId("messages").hidden = !messages.length;
  setText(byId("messages-empty"), messages.length ? null : "No messages yet. Invite a contact to see it here.");
}

function row(message) {
  const { kind, status, address, subject, createdAt, sentAt, attempts, nextAttemptAt, lastError, contact } = message;
  const name = contact?.name?.trim();
  const attempted = attempts > 1 ? ` (${attempts} attempts)` : "";
  return element("tr", {},
    name ? twoLines(name, address) : element("td", {}, address),
    subject ? twoLines(subject, plain(kind)) : element("td", {}, plain(kind)),
    element("td", {},
      element("span", { class: "pill", "data-tone": tone(message) }, `${words(status)}${attempted}`),
      lastError ? element("div", { class: "why" }, lastError) : null,
      status === "DEFERRED" ? element("div", { class: "hint" }, "Next try ", nextTry(nextAttemptAt)) : null),
    element("td", {}, clock(sentAt ?? createdAt)));
}

const twoLines = (first, second) =>
  element("td", {}, element("div", {}, first), element("div", { class: "address" }, second));

const nextTry = (time) => (new Date(time) > new Date() ? clock(time) : "soon");

const clock = (time) => element("time", { datetime: time, title: exactly(time) }, ago(time));

setInterval(() => {
  for (const time of document.querySelectorAll("#messages time")) time.textContent = ago(time.dateTime);
}, UPDATE_TIMES);

document.addEventListener("visibilitychange", () => document.hidden || refreshMessages());
