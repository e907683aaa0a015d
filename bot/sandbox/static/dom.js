/**
 * Building the page out of nodes. Text only ever becomes text nodes: what a person types or an app posts can never
 * become markup here.
 */

/**
 * Make one element.
 *
 * @param {string} tag
 * @param {Object<string, unknown>} properties attributes, named as in HTML; functions named `onclick` and the like
 *   become listeners, `true` sets an empty attribute, `false`, `null` and `undefined` none
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** @param {string} id @returns {HTMLElement} the element index.html gives this id */
export function byId(id) {
  return document.getElementById(id);
}

/** What each node was drawn from, so that an unchanged item keeps its node, its focus and its open details. */
const drawnFrom = new WeakMap();

/**
 * Make the children of `parent` show `items`, touching only what changed since the last call.
 *
 * @template T
 * @param {HTMLElement} parent
 * @param {T[]} items plain data; everything `draw` depends on belongs in the item
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} draw
 */
export function reconcile(parent, items, keyOf, draw) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const before = known.get(key);
    known.delete(key);
    const node = redraw(before, item, key, draw);
    if (before && node !== before) {
      if (place === before) place = node;
      replaceKeepingFocus(before, node);
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const gone of known.values()) gone.remove();
}

function redraw(before, item, key, draw) {
  const source = JSON.stringify(item);
  if (before && drawnFrom.get(before) === source) return before;
  const node = draw(item);
  node.dataset.key = key;
  node.classList.add(before ? "is-changed" : "is-new");
  drawnFrom.set(node, source);
  return node;
}

/** A redrawn card must not throw a keyboard user back to the top of the page. */
function replaceKeepingFocus(before, node) {
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  before.replaceWith(node);
  if (!focused) return;
  const focusKey = focused.dataset.focus;
  const twin = focusKey && [...node.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === focusKey);
  if (!twin && !node.hasAttribute("tabindex")) node.tabIndex = -1;
  (twin || node).focus({ preventScroll: true });
}
