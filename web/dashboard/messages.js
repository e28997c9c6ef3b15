import { query } from "./api.js";
import { byId, element, say } from "./dom.js";
import { ago, exactly, plain, status as words, tone, underway } from "./words.js";

const LAST = `{
  messages(first: 10) {
    edges {
      node { id channel kind status address subject createdAt sentAt attempts lastError contact { id email name } }
    }
  }
}`;

const AFTER_NEWS = 400;
const WHILE_UNDERWAY = 2_000;
const REPHRASE = 20_000;

let waiting = null;
let asking = false;
let askAgain = false;

/** Reads the last messages after a short delay; calls in between are merged into one read. */
export function refreshMessages(wait = AFTER_NEWS) {
  clearTimeout(waiting);
  waiting = setTimeout(read, typeof wait === "number" ? wait : AFTER_NEWS);
}

async function read() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    const messages = (await query(LAST)).messages.edges.map(({ node }) => node);
    show(messages);
    if (messages.some(({ status }) => underway(status)) && !document.hidden) refreshMessages(WHILE_UNDERWAY);
  } catch (error) {
    say(byId("messages-empty"), error.message);
  } finally {
    asking = false;
    if (askAgain) refreshMessages();
    askAgain = false;
  }
}

function show(messages) {
  byId("messages").tBodies[0].replaceChildren(...messages.map(row));
  byId("messages").hidden = !messages.length;
  say(byId("messages-empty"), messages.length ? null : "No messages yet. Invite a contact to see it here.");
}

function row({ kind, status, address, subject, createdAt, sentAt, attempts, lastError, contact }) {
  const name = contact?.name?.trim();
  const tried = attempts > 1 ? ` (${attempts} tries)` : "";
  return element("tr", {},
    name ? twoLines(name, address) : element("td", {}, address),
    subject ? twoLines(subject, plain(kind)) : element("td", {}, plain(kind)),
    element("td", {},
      element("span", { class: "pill", "data-tone": tone(status) }, `${words(status)}${tried}`),
      lastError ? element("div", { class: "why" }, lastError) : null),
    element("td", {}, clock(sentAt ?? createdAt)));
}

const twoLines = (first, second) =>
  element("td", {}, element("div", {}, first), element("div", { class: "address" }, second));

const clock = (time) => element("time", { datetime: time, title: exactly(time) }, ago(time));

setInterval(() => {
  for (const time of document.querySelectorAll("#messages time")) time.textContent = ago(time.dateTime);
}, REPHRASE);

document.addEventListener("visibilitychange", () => document.hidden || refreshMessages());
