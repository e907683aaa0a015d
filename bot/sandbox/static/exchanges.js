/** What the exchanges really hold, and what moved. */

import { change, grouped } from "./decimals.js";
import { byId, el, reconcile } from "./dom.js";

const MOVEMENTS_SHOWN = 8;

/** @param {object[]} exchanges */
export function drawExchanges(exchanges) {
  const names = exchanges.map(({ name }) => ({ name }));
  reconcile(byId("exchanges"), names, ({ name }) => name, ({ name }) => drawExchange(name));
  exchanges.forEach((exchange, index) => update(byId("exchanges").children[index], exchange));
}

function drawExchange(name) {
  return el(
    "section",
    { class: "card", "aria-label": name },
    el("h4", {}, name),
    el("div", { class: "balances", tabindex: "0", role: "region", "aria-label": `${name}: balances` }),
    el("h5", {}, "Movements"),
    el("ul", { class: "movements" }),
  );
}

function update(section, { name, balances, movements }) {
  const part = (selector) => section.querySelector(selector);
  reconcile(part(".balances"), [{ balances }], () => "balances", () => drawBalances(name, balances));
  const latest = movements.slice(-MOVEMENTS_SHOWN).reverse();
  reconcile(part(".movements"), latest, (one) => JSON.stringify(one), drawMovement);
  part(".movements").classList.toggle("is-empty", latest.length === 0);
}

/** The balances last drawn, by exchange, to tell which figure moved and by how much. */
const drawnBalances = new Map();

function drawBalances(exchange, balances) {
  const before = drawnBalances.get(exchange);
  drawnBalances.set(exchange, balances);
  const currencies = [...new Set(Object.values(balances).flatMap(Object.keys))];
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, "Account"),
    ...currencies.map((currency) => el("th", { scope: "col", class: "figure" }, currency)),
  );
  const rows = Object.entries(balances).map(([account, held]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, account.replace(`${exchange}:`, "")),
      ...currencies.map((currency) => drawFigure(held[currency], before && (before[account]?.[currency] ?? "0"))),
    ),
  );
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
}

function drawFigure(text, before) {
  if (text === undefined) return el("td", { class: "figure faint" }, "–");
  const moved = before === undefined ? "" : change(text, before);
  if (!moved) return el("td", { class: "figure" }, grouped(text));
  const marks = moved.startsWith("+") ? "figure rose" : "figure fell";
  return el("td", { class: marks }, el("span", { class: "moved" }, moved), " ", grouped(text));
}

function drawMovement({ at, from, to, currency, amount }) {
  const when = new Date(at);
  return el(
    "li",
    {},
    el("time", { class: "faint", datetime: when.toISOString() }, when.toLocaleTimeString()),
    el("span", { class: "movement-route" }, `${from} → ${to}`),
    el("span", { class: "figure" }, `${grouped(amount)} ${currency}`),
  );
}
