export const byId = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text, never markup. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** Shows a line of text, or hides it if there is no text. */
export function setText(line, text) {
  line.textContent = text ?? "";
  line.hidden = !text;
}

/** Handles a form's submissions one at a time and shows errors in the form. */
export function onSubmit(form, work) {
  const error = form.querySelector("[data-error]");
  const button = form.querySelector("button[type=submit]");
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Not `disabled`, which would take the focus away from keyboard users.
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    setText(error, null);
    try {
      await work(new FormData(form));
    } catch (failure) {
      setText(error, failure.message);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}
