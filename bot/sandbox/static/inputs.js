/** The fields of a view: how each is drawn, what it holds as Slack would send it, and how it keeps what was typed. */

import { el } from "./dom.js";
import { plainText } from "./mrkdwn.js";

/** What each field holds, by its node, in the form of `view.state.values`. */
const answers = new WeakMap();

const FIELDS = { plain_text_input: drawText, number_input: drawText, static_select: drawChoice };

/**
 * @param {object} block an input block
 * @param {import("./blocks.js").Surroundings} around
 * @returns {HTMLElement|null} label, field, hint, and the place for the server's error about it; null for a kind of
 *   field that the sandbox does not know
 */
export function drawInput(block, around) {
  const id = `input-${around.me}-${block.block_id}`;
  const field = drawField(block.element, block, around, {
    id,
    required: !block.optional,
    "aria-describedby": `${id}-hint ${id}-error`,
  });
  if (!field) return null;
  return el(
    "div",
    { class: "block-input" },
    el("label", { for: id }, plainText(block.label), block.optional && el("span", { class: "faint" }, " (optional)")),
    field,
    el("p", { id: `${id}-hint`, class: "faint" }, plainText(block.hint)),
    el("p", { id: `${id}-error`, class: "error", role: "alert", "data-error": block.block_id }),
  );
}

/**
 * @param {object} element
 * @param {object} block the one it stands in
 * @param {import("./blocks.js").Surroundings} around
 * @param {object} attributes of the field; one without a label is named by its placeholder
 * @returns {HTMLElement|null} null for a kind of field that the sandbox does not know
 */
export function drawField(element, block, around, attributes = { "aria-label": plainText(element.placeholder) }) {
  const draw = FIELDS[element.type];
  if (!draw || !around.change) return null;
  const held = around.values[block.block_id]?.[element.action_id];
  const field = draw(element, held, {
    ...attributes,
    class: "field",
    autofocus: element.focus_on_load === true,
    "data-focus": `${block.block_id} ${element.action_id}`,
    "data-block": block.block_id,
    "data-action": element.action_id,
  });
  listen(field, element, block, around);
  return field;
}

/** The server keeps what was typed, and tells the app when the app asked to hear of it. */
function listen(field, element, block, around) {
  const tell = (entered) => around.change(element, block, field.value || null, entered);
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const isHeardByCharacter = block.dispatch_action && triggers.includes("on_character_entered");
  field.addEventListener(isHeardByCharacter ? "input" : "change", () => tell(false));
  if (!block.dispatch_action || field.tagName !== "INPUT" || !triggers.includes("on_enter_pressed")) return;
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    tell(true);
  });
}

function drawText(element, held, attributes) {
  const isLong = element.multiline === true;
  const field = el(isLong ? "textarea" : "input", {
    ...attributes,
    type: isLong ? null : "text",
    inputmode: element.type === "number_input" ? "decimal" : null,
    rows: isLong ? 3 : null,
    placeholder: plainText(element.placeholder) || null,
    maxlength: element.max_length ?? 3000,
    autocomplete: "off",
  });
  field.value = held?.value ?? "";
  answers.set(field, () => ({ type: element.type, value: field.value || null }));
  return field;
}

function drawChoice(element, held, attributes) {
  const groups = element.option_groups ?? [{ label: null, options: element.options }];
  const options = groups.flatMap((group) => group.options);
  const drawn = groups.flatMap(({ label, options: own }) => {
    const nodes = own.map((option) => el("option", { value: option.value }, plainText(option.text)));
    return label ? [el("optgroup", { label: plainText(label) }, ...nodes)] : nodes;
  });
  const nothing = el("option", { value: "" }, plainText(element.placeholder) || "Choose …");
  const field = el("select", attributes, nothing, ...drawn);
  field.value = held?.selected_option?.value ?? "";
  const chosen = () => options.find((option) => option.value === field.value) ?? null;
  answers.set(field, () => ({ type: element.type, selected_option: chosen() }));
  return field;
}

/** @param {HTMLElement} place @returns {HTMLElement[]} every field in it */
export function fieldsIn(place) {
  return [...place.querySelectorAll("[data-action]")];
}

/** @param {HTMLElement} place @returns {object} the fields as Slack sends them in `view.state.values` */
export function valuesIn(place) {
  const values = {};
  for (const field of fieldsIn(place)) {
    const { block, action } = field.dataset;
    values[block] = { ...values[block], [action]: answers.get(field)() };
  }
  return values;
}

/** @param {HTMLElement} place @returns {Map<string, object>} what was typed, and where the cursor stands, by field */
export function typedIn(place) {
  return new Map(
    fieldsIn(place).map((field) => [
      field.dataset.focus,
      { value: field.value, cursor: "selectionStart" in field ? [field.selectionStart, field.selectionEnd] : null },
    ]),
  );
}

/**
 * Put back what was typed, where the field is still the same by block and action; an option that is gone stays gone.
 *
 * @param {HTMLElement} place
 * @param {Map<string, object>} typed
 */
export function restoreTyped(place, typed) {
  for (const field of fieldsIn(place)) {
    const before = typed.get(field.dataset.focus);
    if (!before || before.value === field.value) continue;
    if (field.options && ![...field.options].some((option) => option.value === before.value)) continue;
    field.value = before.value;
    if (before.cursor) field.setSelectionRange(...before.cursor);
  }
}

/**
 * Put each error beside its field; the first one in error gets the focus when it is new.
 *
 * @param {HTMLElement} place
 * @param {Object<string, string>} errors by block id
 */
export function showErrors(place, errors) {
  let first = null;
  for (const field of fieldsIn(place)) {
    const message = errors[field.dataset.block] ?? "";
    const beside = place.querySelector(`[data-error="${CSS.escape(field.dataset.block)}"]`);
    if (message && beside.textContent !== message) first ??= field;
    if (beside.textContent !== message) beside.textContent = message;
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  first?.focus();
}
