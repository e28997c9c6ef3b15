import { mutate, query } from "./api.js";
import { byId, element, onSubmit } from "./dom.js";
import { ago } from "./words.js";

const FIND = "query ($email: EmailAddress!) { contact(email: $email) { id } }";

const CREATE = `mutation CreateLink($input: GenerateMagicLinkInput!) {
  generateMagicLink(input: $input) { confirmation url magicLink { id expiresAt } }
}`;

export function startLinks() {
  const form = byId("link");
  if (!form) return;
  const field = byId("link-email");
  const outcome = byId("link-outcome");
  const refuse = (text) => {
    field.setAttribute("aria-invalid", "true");
    field.focus();
    throw new Error(text);
  };
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"));

  onSubmit(form, async (values) => {
    outcome.replaceChildren();
    const email = values.get("email").trim();
    if (!email) refuse("Enter the contact’s email address.");
    const { contact } = await query(FIND, { email });
    if (!contact) refuse("No contact has this email address. Invite them first.");
    const input = { contactId: contact.id, section: values.get("section") };
    const { generateMagicLink: created } = await mutate(CREATE, { input });
    if (!created) throw new Error("The server didn’t respond. Try again in a moment.");
    outcome.replaceChildren(shownOnce(created));
    form.reset();
  });
}

function shownOnce({ confirmation, url, magicLink }) {
  const field = element("input", { readonly: "", "aria-label": "Magic link", value: url });
  const button = element("button", { type: "button", class: "quiet" }, "Copy");
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    button.textContent = (await copied(field)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 2_500);
  });
  return element("div", {},
    element("p", {}, element("strong", {}, confirmation)),
    element("div", { class: "copy" }, field, button),
    element("p", { class: "hint" }, `Copy it now: it is shown only once. It expires ${ago(magicLink.expiresAt)}.`));
}

// Browsers allow the clipboard only over https or on localhost.
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    return false;
  }
}
