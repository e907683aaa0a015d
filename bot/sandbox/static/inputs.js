/** The fields of a modal: how each is drawn, what it holds as Slack would send it, and how it keeps what was typed. */

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
  const { element } = block;
  const draw = FIELDS[element.type];
  if (!draw) return null;
  const id = `input-${around.me}-${block.block_id}`;
  const attributes = {
    id,
    class: "field",
    required: !block.optional,
    autofocus: element.focus_on_load === true,
    "aria-describedby": `${id}-hint ${id}-error`,
    "data-focus": `${block.block_id} ${element.action_id}`,
    "data-block": block.block_id,
    "data-action": element.action_id,
  };
  const field = draw(element, attributes);
  if (block.dispatch_action) field.addEventListener("change", () => tell(field, block, around));
  return el(
    "div",
    { class: "block-input" },
    el("label", { for: id }, plainText(block.label), block.optional && el("span", { class: "faint" }, " (optional)")),
    field,
    el("p", { id: `${id}-hint`, class: "faint" }, plainText(block.hint)),
    el("p", { id: `${id}-error`, class: "error", role: "alert", "data-error": block.block_id }),
  );
}

function tell(field, block, around) {
  const { type, ...answer } = answers.get(field)();
  around.act({ element: block.element, block_id: block.block_id, ...answer });
}

function drawText(element, attributes) {
  const isLong = element.multiline === true;
  const field = el(isLong ? "textarea" : "input", {
    ...attributes,
    type: isLong ? null : "text",
    inputmode: element.type === "number_input" ? "decimal" : null,
    rows: isLong ? 3 : null,
    placeholder: plainText(element.placeholder) || null,
    minlength: element.min_length,
    maxlength: element.max_length ?? 3000,
    autocomplete: "off",
  });
  field.value = element.initial_value ?? "";
  answers.set(field, () => ({ type: element.type, value: field.value || null }));
  return field;
}

function drawChoice(element, attributes) {
  const { select, chosen } = selectOf(element, attributes);
  answers.set(select, () => ({ type: element.type, selected_option: chosen() }));
  return select;
}

/**
 * @param {object} element a static_select
 * @param {object} attributes of the `<select>`
 * @returns {{select: HTMLSelectElement, chosen: () => object|null}} `chosen` gives the option as Slack would send it
 */
export function selectOf(element, attributes) {
  const groups = element.option_groups ?? [{ label: null, options: element.options ?? [] }];
  const options = groups.flatMap((group) => group.options);
  const initial = element.initial_option?.value;
  const draw = (option) =>
    el("option", { value: option.value, selected: option.value === initial }, plainText(option.text));
  const drawn = groups.flatMap(({ label, options: own }) =>
    label ? [el("optgroup", { label: plainText(label) }, ...own.map(draw))] : own.map(draw),
  );
  const nothing = el("option", { value: "", selected: initial === undefined }, plainText(element.placeholder) || "Choose …");
  const select = el("select", attributes, nothing, ...drawn);
  return { select, chosen: () => options.find((option) => option.value === select.value) ?? null };
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
