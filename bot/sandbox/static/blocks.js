/** Block Kit as nodes: the blocks a card, a modal or a Home tab may use. Any other block says that it is not shown. */

import { el } from "./dom.js";
import { drawImage } from "./files.js";
import { drawField, drawInput } from "./inputs.js";
import { plainText, textNode } from "./mrkdwn.js";

/**
 * What blocks need besides themselves.
 * @typedef {import("./mrkdwn.js").Directory & {
 *   press: (element: object, block: object) => Promise<void>,
 *   change: ((element: object, block: object, value: string|null, entered: boolean) => Promise<void>) | null,
 *   values: Object<string, Object<string, object>>,
 * }} Surroundings `change` and `values` belong to a view: without them, as in a message, fields are not shown
 */

const DRAWN = {
  header: (block) => el("h3", { class: "block-header" }, plainText(block.text)),
  divider: () => el("hr", { class: "block-divider" }),
  section: drawSection,
  context: drawContext,
  image: drawImageBlock,
  actions: drawActions,
  input: (block, around) => drawInput(block, around) ?? notShown("element", block.element.type),
};

/**
 * @param {object[]} blocks
 * @param {Surroundings} around
 * @returns {HTMLElement[]}
 */
export function drawBlocks(blocks, around) {
  return blocks.map((block) => drawBlock(block, around));
}

/** @param {object} block @param {Surroundings} around @returns {HTMLElement} */
export function drawBlock(block, around) {
  const draw = DRAWN[block.type];
  return draw ? draw(block, around) : notShown("block", block.type);
}

function drawSection(block, around) {
  const words = el("div", { class: "block-words" });
  if (block.text) words.append(el("div", { class: "text" }, textNode(block.text, around)));
  if (block.fields) {
    const fields = block.fields.map((field) => el("div", { class: "text" }, textNode(field, around)));
    words.append(el("div", { class: "block-fields" }, ...fields));
  }
  const accessory = block.accessory && el("div", {}, drawElement(block.accessory, block, around));
  return el("div", { class: "block-section" }, words, accessory);
}

function drawContext(block, around) {
  const parts = block.elements.map((element) => {
    if (element.type === "image") return drawImage(element.image_url, element.alt_text, "small-image");
    const isText = element.type === "plain_text" || element.type === "mrkdwn";
    return isText ? el("span", { class: "text" }, textNode(element, around)) : notShown("element", element.type);
  });
  return el("div", { class: "block-context" }, ...parts);
}

function drawImageBlock(block) {
  const title = block.title && el("figcaption", { class: "faint" }, plainText(block.title));
  return el("figure", { class: "picture" }, title, drawImage(block.image_url, block.alt_text));
}

function drawActions(block, around) {
  const elements = block.elements.map((element) => drawElement(element, block, around));
  return el("div", { class: "block-actions" }, ...elements);
}

function drawElement(element, block, around) {
  if (element.type === "image") return drawImage(element.image_url, element.alt_text, "small-image");
  if (element.type === "button") return drawButton(element, block, around);
  return drawField(element, block, around) ?? notShown("element", element.type);
}

function drawButton(element, block, around) {
  const press = async ({ currentTarget: button }) => {
    button.setAttribute("aria-busy", "true");
    await around.press(element, block);
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

/** Nothing a bot posts may vanish in silence: a treasurer would decide on half a card. */
function notShown(what, type) {
  return el("p", { class: "faint" }, `[${what} “${type}” is not shown in the sandbox]`);
}
