import { mutate, query, watch } from "./api.js";
import { byId, element, onSubmit, setText } from "./dom.js";
import { refreshMessages } from "./messages.js";
import { recipients } from "./recipients.js";
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

const SKIPPED = `query ($id: ID!, $after: String) {
  bulkJob(id: $id) {
    items(first: 100, after: $after, outcome: SKIPPED) { nodes { email reason } pageInfo { hasNextPage endCursor } }
  }
}`;

const SHOWN = 6;
const ENDED = ["SUCCEEDED", "FAILED", "CANCELLED"];

export function startInviting() {
  const form = byId("invite");
  if (!form) return;
  const field = byId("invite-emails");
  const hint = byId("invite-count");
  const firstHint = hint.textContent;
  const showCount = () => {
    const found = recipients(field.value).length;
    hint.textContent = found ? count(found, "recipient", "recipients") : firstHint;
    field.removeAttribute("aria-invalid");
  };
  // Unreadable addresses stay in the field, to be corrected.
  const keepUnreadable = (skipped) => {
    const unreadable = skipped.filter((one) => one.reason === "INVALID_EMAIL" && one.email).map((one) => one.email);
    field.value = [...unreadable, field.value.trim()].filter(Boolean).join("\n");
    showCount();
    if (unreadable.length) field.setAttribute("aria-invalid", "true");
  };
  field.addEventListener("input", showCount);

  onSubmit(form, async (values) => {
    const emails = recipients(values.get("emails"));
    if (!emails.length) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      throw new Error("Enter at least one email address.");
    }
    const note = values.get("note").trim();
    const input = { emails, section: values.get("section"), ...(note && { note }) };
    const { inviteContacts: payload } = await mutate(INVITE, { input });
    if (!payload) throw new Error("The server didn’t respond. Try again in a moment.");
    showOutcome(payload, keepUnreadable);
    form.reset();
    keepUnreadable(payload.skipped);
    refreshMessages();
  });
}

function showOutcome({ invitations, skipped, bulkJob }, keepUnreadable) {
  const parts = [];
  if (invitations.length) {
    const sent = count(invitations.length, "invitation is", "invitations are");
    parts.push(element("div", {}, element("p", {}, element("strong", {}, `${sent} on the way.`)),
      list(invitations.map(({ contact }) => contact?.email ?? "a contact"))));
  }
  if (skipped.length) parts.push(skippedList(skipped));
  if (bulkJob) parts.push(progress(bulkJob, keepUnreadable));
  byId("invite-outcome").replaceChildren(...parts);
}

// Unreadable addresses first: only they need a correction.
function skippedList(skipped) {
  const unreadable = (one) => (one.reason === "INVALID_EMAIL" ? 0 : 1);
  const sorted = [...skipped].sort((a, b) => unreadable(a) - unreadable(b));
  return element("div", { class: "skipped" },
    element("p", {}, element("strong", {}, `${number(skipped.length)} skipped:`)),
    list(sorted.map((one) => `${one.email ?? "a contact"}: ${reason(one.reason)}`)));
}

async function fetchSkipped(id) {
  const all = [];
  let after = null;
  do {
    const { bulkJob } = await query(SKIPPED, { id, after });
    all.push(...bulkJob.items.nodes);
    after = bulkJob.items.pageInfo.hasNextPage ? bulkJob.items.pageInfo.endCursor : null;
  } while (after);
  return all;
}

function list(lines) {
  const items = lines.slice(0, SHOWN).map((line) => element("li", {}, line));
  if (lines.length > SHOWN) items.push(element("li", {}, `and ${number(lines.length - SHOWN)} more`));
  return element("ul", {}, ...items);
}

// The box is a live region: only the end is announced, not each step.
function progress(job, keepUnreadable) {
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
  const showSkipped = async () => {
    try {
      const skipped = await fetchSkipped(job.id);
      box.append(skippedList(skipped));
      keepUnreadable(skipped);
    } catch (error) {
      setText(line, error.message);
    }
  };

  const stop = watch(WATCH_JOB, { id: job.id }, {
    next: ({ bulkJob: now }) => {
      show(now);
      if (ENDED.includes(now.status)) {
        stop();
        refreshMessages();
        if (now.skipped) showSkipped();
      }
    },
    failed: (error) => setText(line, error.message),
  });
  return box;
}
