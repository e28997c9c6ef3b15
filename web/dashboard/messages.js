import { query } from "./api.js";
import { byId, element, setText } from "./dom.js";
import { ago, exactly, plain, status as words, tone, underway } from "./words.js";

const LAST = `{
  messages(first: 10) {
    edges {
      node { id channel kind status address subject createdAt sentAt attempts lastError contact { id email name } }
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
    if (messages.some(({ status }) => underway(status)) && !document.hidden) refreshMessages(UNDERWAY_DELAY);
  } catch (error) {
    setText(byId("messages-empty"), error.message);
  } finally {
    loading = false;
    if (reloadNeeded) refreshMessages();
    reloadNeeded = false;
  }
}

function show(messages) {
  byId("messages").tBodies[0].replaceChildren(...messages.map(row));
  byId("messages").hidden = !messages.length;
  setText(byId("messages-empty"), messages.length ? null : "No messages yet. Invite a contact to see it here.");
}

function row({ kind, status, address, subject, createdAt, sentAt, attempts, lastError, contact }) {
  const name = contact?.name?.trim();
  const attempted = attempts > 1 ? ` (${attempts} attempts)` : "";
  return element("tr", {},
    name ? twoLines(name, address) : element("td", {}, address),
    subject ? twoLines(subject, plain(kind)) : element("td", {}, plain(kind)),
    element("td", {},
      element("span", { class: "pill", "data-tone": tone(status) }, `${words(status)}${attempted}`),
      lastError ? element("div", { class: "why" }, lastError) : null),
    element("td", {}, clock(sentAt ?? createdAt)));
}

const twoLines = (first, second) =>
  element("td", {}, element("div", {}, first), element("div", { class: "address" }, second));

const clock = (time) => element("time", { datetime: time, title: exactly(time) }, ago(time));

setInterval(() => {
  for (const time of document.querySelectorAll("#messages time")) time.textContent = ago(time.dateTime);
}, UPDATE_TIMES);

document.addEventListener("visibilitychange", () => document.hidden || refreshMessages());
