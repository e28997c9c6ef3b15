const numbers = new Intl.NumberFormat(undefined);
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

export const number = (value) => (Number.isFinite(value) ? numbers.format(value) : "–");

export const count = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;

export function ago(time) {
  const seconds = Math.round((Date.parse(time) - Date.now()) / 1000);
  if (!Number.isFinite(seconds)) return "";
  if (Math.abs(seconds) < 5) return "just now";
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return relative.format(Math.trunc(seconds / size), unit);
}

export function exactly(time) {
  const parsed = Date.parse(time);
  return Number.isFinite(parsed) ? exact.format(parsed) : "";
}

/** Turns LOGIN_EMAIL into "Login email", for values that this page doesn't know. */
export function plain(word) {
  const text = String(word ?? "").toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const STATUSES = {
  KEPT: "Kept on this server",
  DEFERRED: "Waiting to retry",
  CANCELLED: "Not sent: no longer needed",
};

/** A message's status in words. */
export const status = (value) => STATUSES[value] ?? plain(value);

const REASONS = {
  ALREADY_ACTIVE: "has already joined",
  ALREADY_INVITED: "has an open invitation",
  DUPLICATE: "listed twice",
  INVALID_EMAIL: "not an email address: write anna@example.com or Anna Smith <anna@example.com>",
  NO_EMAIL: "has no email address",
  REVOKED: "access was revoked",
  SUPPRESSED: "email to this address is paused: it bounced, or its owner reported an email",
  NOT_FOUND: "not found",
  ALREADY_REVOKED: "access was revoked already",
  NOT_REVOKED: "access was not revoked",
  TOO_MANY_TAGS: "would have more than 50 tags",
};

export const reason = (value) => REASONS[value] ?? plain(value).toLowerCase();

const TONES = {
  SENT: "good",
  KEPT: "warn",
  QUEUED: "busy",
  SENDING: "busy",
  DEFERRED: "warn",
  CANCELLED: "warn",
  SUPPRESSED: "warn",
  BOUNCED: "bad",
  FAILED: "bad",
};

/** A message that was sent and has an error is delayed, or was reported as spam. */
export const tone = ({ status, lastError }) => (status === "SENT" && lastError ? "warn" : (TONES[status] ?? "plain"));
export const underway = (status) => status === "QUEUED" || status === "SENDING";
