import { element } from "./dom.js";

/** A read-only field with a button that copies its value. */
export function copyField(label, value) {
  const field = element("input", { readonly: "", "aria-label": label, value });
  const button = element("button", { type: "button", class: "quiet", "aria-label": `Copy: ${label}` }, "Copy");
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    button.textContent = (await copied(field)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 2_500);
  });
  return element("div", { class: "copy" }, field, button);
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
