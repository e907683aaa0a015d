/** The two dialogs: "are you sure?" of a button, and the modal view an app opened. */

import { drawBlock } from "./blocks.js";
import { byId, el, reconcile } from "./dom.js";
import { fieldsIn, restoreTyped, showErrors, typedIn, valuesIn } from "./inputs.js";
import { plainText, textNode } from "./mrkdwn.js";

/**
 * Ask what a button's confirm object asks.
 *
 * @param {object} question `{title, text, confirm, deny, style}`
 * @param {import("./mrkdwn.js").Directory} directory
 * @returns {Promise<boolean>}
 */
export function askToConfirm(question, directory) {
  const dialog = byId("confirm");
  const style = question.style === "danger" ? "danger" : "primary";
  // The way out comes first: showModal focuses it, so that a stray Enter moves nothing.
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "confirm-title" }, plainText(question.title)),
    el("div", { class: "text" }, textNode(question.text, directory)),
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

/** The modal of one person. Focus stays inside while it is open, and goes back where it was when it closes. */
export class Modal {
  #acts;
  #title;
  #blocks = el("div", { class: "modal-blocks" });
  #problem = el("p", { class: "error", role: "alert" });
  #buttons = el("div", { class: "modal-buttons" });
  #view = "";

  /**
   * @param {string} as whose modal it is
   * @param {ViewActs} acts
   * @param {() => void} refocus where the focus goes when the button that opened the modal is gone
   */
  constructor(as, acts, refocus) {
    this.#acts = acts;
    this.#title = el("h2", { id: `view-title-${as}` });
    const head = el("header", { class: "modal-head" }, this.#title, el("p", { class: "faint" }));
    const onsubmit = (event) => this.#submit(event);
    const form = el("form", { onsubmit, novalidate: true }, head, this.#blocks, this.#problem, this.#buttons);
    this.node = el("dialog", { class: "modal", "aria-labelledby": `view-title-${as}` }, form);
    this.node.addEventListener("cancel", (event) => {
      // Escape closes the view at the server; the dialog goes when the server says that it is gone.
      event.preventDefault();
      acts.close(this.#view);
    });
    this.node.addEventListener("close", () => {
      const focused = document.activeElement;
      // Where the button is gone, the focus stays in the hidden dialog until the next frame drops it.
      if (!focused || focused === document.body || this.node.contains(focused)) refocus();
    });
  }

  /**
   * Show, update or take away the modal. What was typed survives an update as in Slack: by block and action.
   *
   * @param {object|null} view `{id, title, submit, close, blocks, values, errors}`
   * @param {import("./blocks.js").Surroundings} around
   */
  show(view, around) {
    if (!view) {
      this.#view = "";
      if (this.node.open) this.node.close();
      return;
    }
    const typed = view.id === this.#view ? typedIn(this.node) : new Map();
    if (view.id !== this.#view) this.#blocks.replaceChildren();
    this.#view = view.id;
    this.#title.textContent = plainText(view.title);
    this.#title.nextElementSibling.textContent = around.userName(around.me);
    const inView = { ...around, values: view.values };
    reconcile(this.#blocks, view.blocks, (block) => block.block_id, (block) => drawBlock(block, inView));
    restoreTyped(this.#blocks, typed);
    const { submit, close } = view;
    const buttons = [{ kind: "close", text: plainText(close) || "Cancel" }];
    if (submit) buttons.push({ kind: "submit", text: plainText(submit) });
    reconcile(this.#buttons, buttons, ({ kind }) => kind, (button) => this.#drawButton(button));
    if (!this.node.open) this.#open();
    showErrors(this.#blocks, view.errors);
  }

  #open() {
    this.#problem.textContent = "";
    this.node.showModal();
    const fields = fieldsIn(this.#blocks);
    (fields.find((field) => field.autofocus) ?? fields[0])?.focus();
  }

  #drawButton({ kind, text }) {
    if (kind === "submit") return el("button", { type: "submit", class: "button primary" }, text);
    const onclick = () => this.#acts.close(this.#view);
    return el("button", { type: "button", class: "button", onclick }, text);
  }

  async #submit(event) {
    event.preventDefault();
    this.#problem.textContent = "";
    this.#problem.textContent = await this.#acts.submit(this.#view, valuesIn(this.#blocks));
  }
}
