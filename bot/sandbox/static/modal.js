/** The two dialogs: "are you sure?" of a button, and the modal view an app opened. */

import { drawBlocks, plainText, textNode } from "./blocks.js";
import { byId, el } from "./dom.js";

/**
 * Ask what a button's confirm object asks.
 *
 * @param {object} question `{title, text, confirm, deny, style}`
 * @param {import("./blocks.js").Surroundings} around
 * @returns {Promise<boolean>}
 */
export function askToConfirm(question, around) {
  const dialog = byId("confirm");
  const style = question.style === "danger" ? "danger" : "primary";
  // The way out comes first: showModal focuses it, so that a stray Enter moves nothing.
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "confirm-title" }, plainText(question.title)),
    el("div", { class: "text" }, textNode(question.text, around)),
    el(
      "div",
      { class: "modal-buttons" },
      el("button", { class: "button", value: "deny" }, plainText(question.deny)),
      el("button", { class: `button ${style}`, value: "confirm" }, plainText(question.confirm)),
    ),
  );
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true });
  });
}

/**
 * What a modal can do.
 * @typedef {{
 *   submit: (viewId: string, values: object) => Promise<string>,
 *   close: (viewId: string) => void,
 * }} ViewActs `submit` resolves to what went wrong, in words, or to an empty text
 */

let shown = "";

/**
 * Show, redraw or take away the person's modal. What was typed survives a redraw as in Slack: by block and action.
 *
 * @param {object|null} view `{id, title, submit, close, blocks, errors}`
 * @param {import("./blocks.js").Surroundings} around
 * @param {ViewActs} acts
 */
export function showView(view, around, acts) {
  const dialog = byId("view");
  if (!view) {
    shown = "";
    if (dialog.open) dialog.close();
    return;
  }
  const { errors, ...drawing } = view;
  const source = JSON.stringify(drawing);
  if (source !== shown) {
    const typed = dialog.open && dialog.dataset.view === view.id ? typedIn(dialog) : new Map();
    drawView(dialog, view, around, acts);
    for (const field of fields(dialog)) field.value = typed.get(nameOf(field)) ?? field.value;
    shown = source;
  }
  showErrors(dialog, errors);
  if (!dialog.open) dialog.showModal();
}

function drawView(dialog, view, around, acts) {
  const close = () => acts.close(view.id);
  const problem = el("p", { class: "error", role: "alert" });
  const form = el(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        problem.textContent = "";
        problem.textContent = await acts.submit(view.id, valuesOf(dialog));
      },
    },
    el("h2", { id: "view-title" }, plainText(view.title)),
    ...drawBlocks(view.blocks, around),
    problem,
    el(
      "div",
      { class: "modal-buttons" },
      el("button", { type: "button", class: "button", onclick: close }, plainText(view.close) || "Cancel"),
      view.submit && el("button", { type: "submit", class: "button primary" }, plainText(view.submit)),
    ),
  );
  dialog.dataset.view = view.id;
  dialog.replaceChildren(form);
  // Escape closes the view at the server; the dialog goes when the server says that it is gone.
  dialog.oncancel = (event) => {
    event.preventDefault();
    close();
  };
}

function fields(dialog) {
  return [...dialog.querySelectorAll("[data-action]")];
}

function nameOf(field) {
  return `${field.dataset.block} ${field.dataset.action}`;
}

function typedIn(dialog) {
  return new Map(fields(dialog).map((field) => [nameOf(field), field.value]));
}

/** The fields as Slack sends them in `view.state.values`; an empty field is null. */
function valuesOf(dialog) {
  const values = {};
  for (const field of fields(dialog)) {
    const { block, action, type } = field.dataset;
    values[block] = { ...values[block], [action]: { type, value: field.value || null } };
  }
  return values;
}

/** Put each error beside its field; the first one in error gets the focus when it is new. */
function showErrors(dialog, errors) {
  let first = null;
  for (const field of fields(dialog)) {
    const message = errors[field.dataset.block] ?? "";
    const place = dialog.querySelector(`[data-error="${CSS.escape(field.dataset.block)}"]`);
    if (message && place.textContent !== message) first ??= field;
    if (place.textContent !== message) place.textContent = message;
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  first?.focus();
}
