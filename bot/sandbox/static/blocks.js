/** Block Kit as nodes: the blocks a card or a modal of the desk may use. Any other block says that it is not shown. */

import { el } from "./dom.js";
import { mrkdwn, withEmoji } from "./mrkdwn.js";

/**
 * What blocks need besides themselves.
 * @typedef {import("./mrkdwn.js").Directory & {press: ((button: object) => Promise<void>) | null}} Surroundings
 *   without `press`, as in a modal, buttons are not shown
 */

const DRAWN = {
  header: (block) => el("h4", { class: "block-header" }, plainText(block.text)),
  divider: () => el("hr", { class: "block-divider" }),
  section: drawSection,
  context: drawContext,
  actions: (block, around) =>
    el("div", { class: "block-actions" }, ...block.elements.map((element) => drawElement(element, around))),
  input: drawInput,
};

/**
 * @param {object[]} blocks
 * @param {Surroundings} around
 * @returns {HTMLElement[]}
 */
export function drawBlocks(blocks, around) {
  return blocks.map((block) => {
    const draw = DRAWN[block.type];
    return draw ? draw(block, around) : notShown("block", block.type);
  });
}

/**
 * @param {object|string|null|undefined} text a text object, or its text alone
 * @returns {string} shown as it is: plain_text knows no markup and no entities, only emoji names
 */
export function plainText(text) {
  if (!text) return "";
  return withEmoji(typeof text === "string" ? text : text.text);
}

/** @param {object} text a text object of either kind @param {Surroundings} around @returns {Node|string} */
export function textNode(text, around) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, around) : plainText(text);
}

function drawSection(block, around) {
  const words = el("div", { class: "block-words" });
  if (block.text) words.append(el("div", { class: "text" }, textNode(block.text, around)));
  if (block.fields) {
    const fields = block.fields.map((field) => el("div", { class: "text" }, textNode(field, around)));
    words.append(el("div", { class: "block-fields" }, ...fields));
  }
  const accessory = block.accessory && el("div", {}, drawElement(block.accessory, around));
  return el("div", { class: "block-section" }, words, accessory);
}

function drawContext(block, around) {
  const parts = block.elements.map((element) =>
    element.type === "plain_text" || element.type === "mrkdwn"
      ? el("span", { class: "text" }, textNode(element, around))
      : notShown("element", element.type),
  );
  return el("div", { class: "block-context" }, ...parts);
}

function drawElement(element, around) {
  if (element.type !== "button" || !around.press) return notShown("element", element.type);
  const press = async ({ currentTarget: button }) => {
    button.setAttribute("aria-busy", "true");
    await around.press(element);
    button.removeAttribute("aria-busy");
  };
  return el(
    "button",
    {
      type: "button",
      class: `button ${element.style ?? ""}`.trim(),
      "data-focus": `${element.action_id} ${element.value ?? ""}`,
      "aria-label": element.accessibility_label,
      onclick: press,
    },
    plainText(element.text),
  );
}

/** An input block: label, field, hint, and the place for the server's error about it. */
function drawInput(block) {
  const { element } = block;
  if (element.type !== "plain_text_input") return notShown("element", element.type);
  const id = `input-${block.block_id}`;
  const field = el(element.multiline ? "textarea" : "input", {
    id,
    class: "field",
    type: element.multiline ? null : "text",
    rows: element.multiline ? 4 : null,
    placeholder: plainText(element.placeholder) || null,
    minlength: element.min_length,
    maxlength: element.max_length ?? 3000,
    required: !block.optional,
    autocomplete: "off",
    autofocus: element.focus_on_load === true,
    "aria-describedby": `${id}-hint ${id}-error`,
    "data-block": block.block_id,
    "data-action": element.action_id,
    "data-type": element.type,
  });
  field.value = element.initial_value ?? "";
  return el(
    "div",
    { class: "block-input" },
    el("label", { for: id }, plainText(block.label), block.optional && el("span", { class: "faint" }, " (optional)")),
    field,
    el("p", { id: `${id}-hint`, class: "faint" }, plainText(block.hint)),
    el("p", { id: `${id}-error`, class: "error", role: "alert", "data-error": block.block_id }),
  );
}

/** Nothing a bot posts may vanish in silence: a treasurer would decide on half a card. */
function notShown(what, type) {
  return el("p", { class: "faint" }, `[${what} “${type}” is not shown in the sandbox]`);
}
