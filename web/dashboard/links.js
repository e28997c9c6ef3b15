import { mutate, query } from "./api.js";
import { copyField } from "./copy.js";
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
  return element("div", {},
    element("p", {}, element("strong", {}, confirmation)),
    copyField("Magic link", url),
    element("p", { class: "hint" }, `Copy it now: it is shown only once. It expires ${ago(magicLink.expiresAt)}.`));
}
