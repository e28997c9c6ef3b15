import { mutate, watch } from "./api.js";
import { byId, element, onSubmit, say } from "./dom.js";
import { refreshMessages } from "./messages.js";
import { count, number, plain, reason } from "./words.js";

const INVITE = `mutation Invite($input: InviteContactsInput!) {
  inviteContacts(input: $input) {
    invitations { id contact { id email } }
    skipped { email reason }
    bulkJob { id status total done succeeded skipped failed }
  }
}`;

const WATCH_JOB = `subscription ($id: ID!) {
  bulkJob(id: $id) { id status total done succeeded skipped failed }
}`;

const SHOWN = 6;
const ENDED = ["SUCCEEDED", "FAILED", "CANCELLED"];

/** The addresses in a text: also from "Anna <anna@example.com>", a spreadsheet column or a mail's To line. */
export function addresses(text) {
  return text.split(/[,;\n]+/).flatMap((part) => {
    const inBrackets = [...part.matchAll(/<([^<>]+)>/g)].map((match) => match[1].trim());
    return inBrackets.length ? inBrackets : part.split(/\s+/).filter(Boolean);
  });
}

export function startInviting() {
  const form = byId("invite");
  if (!form) return;
  const field = byId("invite-emails");
  const hint = byId("invite-count");
  const firstHint = hint.textContent;
  const showCount = () => {
    const found = addresses(field.value).length;
    hint.textContent = found ? count(found, "address", "addresses") : firstHint;
    field.removeAttribute("aria-invalid");
  };
  field.addEventListener("input", showCount);

  onSubmit(form, async (values) => {
    const emails = addresses(values.get("emails"));
    if (!emails.length) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      throw new Error("Enter at least one email address.");
    }
    const note = values.get("note").trim();
    const input = { emails, section: values.get("section"), ...(note && { note }) };
    const { inviteContacts: payload } = await mutate(INVITE, { input });
    if (!payload) throw new Error("The server didn’t answer. Try again in a moment.");
    showOutcome(payload);
    form.reset();
    // What was no address stays, to be corrected.
    const wrong = payload.skipped.filter((one) => one.reason === "INVALID_EMAIL" && one.email);
    field.value = wrong.map((one) => one.email).join("\n");
    showCount();
    refreshMessages();
  });
}

function showOutcome({ invitations, skipped, bulkJob }) {
  const parts = [];
  if (invitations.length) {
    const sent = count(invitations.length, "invitation is", "invitations are");
    parts.push(element("div", {}, element("p", {}, element("strong", {}, `${sent} on the way.`)),
      list(invitations.map(({ contact }) => contact?.email ?? "a contact"))));
  }
  if (skipped.length) {
    parts.push(element("div", { class: "skipped" },
      element("p", {}, element("strong", {}, `${number(skipped.length)} skipped:`)),
      list(skipped.map((one) => `${one.email ?? "a contact"}: ${reason(one.reason)}`))));
  }
  if (bulkJob) parts.push(progress(bulkJob));
  byId("invite-outcome").replaceChildren(...parts);
}

function list(lines) {
  const items = lines.slice(0, SHOWN).map((line) => element("li", {}, line));
  if (lines.length > SHOWN) items.push(element("li", {}, `and ${number(lines.length - SHOWN)} more`));
  return element("ul", {}, ...items);
}

// The numbers are not announced at each step, only the end is: the box is a live region.
function progress(job) {
  const title = element("strong");
  const bar = element("progress", { "aria-label": "Progress of the invitations" });
  const line = element("p", { class: "hint", "aria-live": "off" });
  const box = element("div", {}, element("p", {}, title), bar, line);

  const show = (now) => {
    const running = !ENDED.includes(now.status);
    const end = now.status === "SUCCEEDED" ? "done" : plain(now.status).toLowerCase();
    title.textContent = running ? `Inviting ${count(now.total, "person", "people")}` : `Invitations: ${end}`;
    bar.max = Math.max(now.total, 1);
    bar.value = now.done;
    bar.hidden = !running;
    line.textContent = [
      `${number(now.done)} of ${number(now.total)}`,
      `${number(now.succeeded)} invited`,
      now.skipped ? `${number(now.skipped)} skipped` : "",
      now.failed ? `${number(now.failed)} failed` : "",
      now.status === "PAUSED" ? "paused" : "",
    ].filter(Boolean).join(", ");
  };
  show(job);

  const stop = watch(WATCH_JOB, { id: job.id }, {
    next: ({ bulkJob: now }) => {
      show(now);
      if (ENDED.includes(now.status)) {
        stop();
        refreshMessages();
      }
    },
    failed: (error) => say(line, error.message),
  });
  return box;
}
