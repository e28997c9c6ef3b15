import { mutate, query } from "./api.js";
import { copyField } from "./copy.js";
import { byId, element, onSubmit, setText } from "./dom.js";
import { ago } from "./words.js";

const FIELDS = "domain status checkedAt problem records { purpose type name value found ok required }";
const READ = `{ portal { sendingDomain { ${FIELDS} } } }`;
const SET = `mutation SetDomain($domain: String!) { setSendingDomain(input: { domain: $domain }) { sendingDomain { ${FIELDS} } } }`;
const VERIFY = `mutation VerifyDomain($domain: String!) { verifySendingDomain(input: { domain: $domain }) { sendingDomain { ${FIELDS} } } }`;
const REMOVE = "mutation RemoveDomain($domain: String!) { removeSendingDomain(input: { domain: $domain }) { removedDomain } }";

const STATUSES = {
  PENDING: ["busy", "Waiting for the records", "Publish these records at your DNS provider. We check them automatically for three days. Until they are found, emails come from this server’s domain."],
  VERIFIED: ["good", "Verified", "Emails are signed and come from this domain. Keep the records: they are checked every hour."],
  FAILED: ["bad", "Not verified", "Emails come from this server’s domain until all required records are found. Use Check now after you have changed them."],
};

const PURPOSES = {
  DKIM: "DKIM: signs your emails",
  RETURN_PATH: "Return path: takes bounces",
  SPF: "SPF: who may send",
  DMARC: "DMARC: recommended",
};

export function startSendingDomain() {
  const form = byId("domain");
  if (!form) return;
  const field = byId("domain-name");
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"));

  onSubmit(form, async (values) => {
    const domain = values.get("domain").trim();
    try {
      if (!domain) throw new Error("Enter a domain, such as acme.com.");
      show((await mutate(SET, { domain })).setSendingDomain.sendingDomain);
      form.reset();
    } catch (error) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      throw error;
    }
  });
  read();
  document.addEventListener("visibilitychange", () => document.hidden || read());
}

async function read() {
  try {
    show((await query(READ)).portal.sendingDomain);
  } catch (error) {
    setText(byId("domain-problem"), error.message);
  }
}

function show(domain) {
  byId("domain").hidden = Boolean(domain);
  setText(byId("domain-problem"), null);
  byId("domain-state").replaceChildren(...(domain ? state(domain) : []));
}

function state({ domain, status, checkedAt, problem, records }) {
  const [tone, words, meaning] = STATUSES[status] ?? ["plain", status, ""];
  const checked = checkedAt ? `Checked ${ago(checkedAt)}.` : "Not checked yet.";
  return [
    element("div", { class: "heading" },
      element("strong", {}, domain),
      element("span", { class: "pill", "data-tone": tone }, words)),
    problem && element("p", { class: "error" }, problem),
    element("p", { class: "hint" }, `${meaning} ${checked}`),
    table(records, checkedAt),
    element("div", { class: "actions" },
      action("Check now", async () => show((await mutate(VERIFY, { domain })).verifySendingDomain.sendingDomain)),
      action("Remove", async () => {
        if (!confirm(`Remove ${domain}? Emails then come from this server’s domain, and you can delete its DNS records.`)) return;
        await mutate(REMOVE, { domain });
        show(null);
      })),
  ].filter(Boolean);
}

function table(records, checked) {
  const head = ["Record", "Name", "Value", "State"].map((name) => element("th", { scope: "col" }, name));
  const rows = records.map((record) => {
    const { purpose, type, name, value, found, ok } = record;
    const other = !ok && found.length ? element("div", { class: "address" }, `Found: ${found.join("; ")}`) : null;
    return element("tr", {},
      element("td", {}, element("div", {}, type), element("div", { class: "address" }, PURPOSES[purpose] ?? purpose)),
      element("td", { "data-label": "Name" }, copyField(`Name of the ${purpose} record`, name)),
      element("td", { "data-label": "Value" }, copyField(`Value of the ${purpose} record`, value), other),
      element("td", {}, recordState(record, checked)));
  });
  return element("table", { class: "rows records" },
    element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

function recordState({ ok, required, found }, checked) {
  if (!checked) return element("span", { class: "pill" }, "Not checked");
  if (ok) return element("span", { class: "pill", "data-tone": "good" }, "Found");
  const tone = required ? "bad" : "warn";
  const words = found.length ? "Another value" : "Missing";
  return element("span", { class: "pill", "data-tone": tone }, words);
}

function action(name, work) {
  const button = element("button", { type: "button", class: "quiet small" }, name);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    setText(byId("domain-problem"), null);
    try {
      await work();
    } catch (error) {
      setText(byId("domain-problem"), error.message);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}
