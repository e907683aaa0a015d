/** The panel beside Slack: what the exchanges really hold, the faults one can order, and the tour's story. */

import { change, grouped } from "./decimals.js";
import { byId, el, reconcile } from "./dom.js";

const MOVEMENTS_SHOWN = 6;

/**
 * What the panel can do.
 * @typedef {{
 *   fault: (exchange: string, kind: string) => void,
 *   clearFaults: (exchange: string) => void,
 *   recordsLag: (exchange: string, seconds: number) => void,
 *   flip: (name: string, on: boolean) => void,
 *   become: (subject: string, standing: string) => void,
 * }} BookActs
 */

/**
 * @param {object} state
 * @param {BookActs} acts
 */
export function drawBooks(state, acts) {
  drawTour(state.narration ?? []);
  const exchanges = state.exchanges ?? [];
  const names = exchanges.map(({ name }) => ({ name }));
  reconcile(byId("exchanges"), names, ({ name }) => name, ({ name }) => drawExchange(name, acts));
  exchanges.forEach((exchange, index) => updateExchange(byId("exchanges").children[index], exchange, acts));
  drawSwitches(state.slack_switches, acts);
  reconcile(byId("standings"), state.standings ?? [], ({ id }) => id, (item) => drawStanding(item, acts));
}

function drawTour(narration) {
  byId("tour").hidden = narration.length === 0;
  const list = byId("narration");
  const before = list.childElementCount;
  const lines = narration.map((text, index) => ({ text, index }));
  reconcile(list, lines, ({ index }) => String(index), ({ text }) => el("li", {}, text));
  if (lines.length > before) list.scrollTop = list.scrollHeight;
}

function drawExchange(name, acts) {
  return el(
    "section",
    { class: "exchange", "aria-label": name },
    el("h3", {}, name),
    el("div", { class: "balances", tabindex: "0", role: "region", "aria-label": `${name}: balances` }),
    el("h4", {}, "Last movements"),
    el("ul", { class: "movements" }),
    el(
      "div",
      { class: "misbehave" },
      el(
        "div",
        { class: "pending" },
        el("ul", { "aria-label": `${name}: faults waiting` }),
        el("button", { type: "button", class: "quiet", onclick: () => acts.clearFaults(name) }, "Clear"),
      ),
      el(
        "details",
        {},
        el("summary", {}, `Make ${name} misbehave`),
        el("p", { class: "faint" }, "Each click strikes one transfer request, in the order clicked."),
        el("div", { class: "lag" }),
        el("ul", { class: "faults" }),
      ),
    ),
  );
}

function updateExchange(section, exchange, acts) {
  const part = (selector) => section.querySelector(selector);
  reconcile(part(".balances"), [{ balances: exchange.balances }], () => "balances", (item) =>
    drawBalances(exchange.name, item.balances),
  );
  const movements = [...exchange.movements].slice(-MOVEMENTS_SHOWN).reverse();
  reconcile(part(".movements"), movements, (one) => JSON.stringify(one), drawMovement);
  part(".movements").classList.toggle("is-empty", movements.length === 0);

  const pending = exchange.faults.pending.map((kind, index) => ({ kind, index }));
  part(".pending").hidden = pending.length === 0;
  reconcile(part(".pending ul"), pending, ({ kind, index }) => `${index} ${kind}`, ({ kind }) =>
    el("li", { class: "count" }, words(kind)),
  );
  reconcile(part(".lag"), [exchange.records_lag], () => "lag", (lag) => drawLag(exchange.name, lag, acts));
  reconcile(part(".faults"), entries(exchange.faults.available), ({ name }) => name, (item) =>
    drawFault(exchange.name, item, acts),
  );
}

function entries(texts) {
  return Object.entries(texts).map(([name, explanation]) => ({ name, explanation }));
}

function words(name) {
  return name.replaceAll("_", " ");
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

function drawFault(exchange, { name, explanation }, acts) {
  const id = `fault-${exchange}-${name}`;
  const onclick = () => acts.fault(exchange, name);
  return el(
    "li",
    {},
    el("button", { type: "button", class: "button", "aria-describedby": id, "data-focus": name, onclick }, words(name)),
    el("span", { id, class: "faint" }, explanation),
  );
}

/** The exchange's records are where the desk looks for a transfer whose answer was lost. */
function drawLag(exchange, { available, seconds }, acts) {
  const options = available.map((value) =>
    drawOption(value, value === 0 ? "at once" : `after ${spoken(value)}`, value === seconds),
  );
  const onchange = (event) => acts.recordsLag(exchange, Number(event.target.value));
  return el(
    "label",
    {},
    "Its ledger and history show a transfer ",
    el("select", { "data-focus": "lag", onchange }, ...options),
  );
}

function spoken(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${seconds / 60} min` : "an hour";
}

function drawSwitches(switches, acts) {
  const section = byId("slack-switches");
  section.hidden = !switches || Object.keys(switches.available).length === 0;
  if (section.hidden) return;
  byId("switches-active").textContent = switches.active.length ? `${switches.active.length} on` : "";
  const items = entries(switches.available).map((item) => ({ ...item, on: switches.active.includes(item.name) }));
  reconcile(byId("switches"), items, ({ name }) => name, (item) => drawSwitch(item, acts));
}

function drawSwitch({ name, explanation, on }, acts) {
  const id = `switch-${name}`;
  const box = el("input", {
    type: "checkbox",
    role: "switch",
    "aria-describedby": id,
    "data-focus": name,
    onchange: (event) => {
      const wanted = event.target.checked;
      // The mark shows what the server says; a switch that acts at once never stays on.
      event.target.checked = on;
      acts.flip(name, wanted);
    },
  });
  box.checked = on;
  return el("li", {}, el("label", {}, box, " ", words(name)), el("span", { id, class: "faint" }, explanation));
}

/** A person or a channel, and what Slack shall say of them from now on. */
function drawStanding({ id, name, standing, available }, acts) {
  const options = available.map((value) => drawOption(value, value, value === standing));
  const onchange = (event) => acts.become(id, event.target.value);
  return el("li", {}, el("label", {}, `${name} is `, el("select", { "data-focus": id, onchange }, ...options)));
}

function drawOption(value, text, selected) {
  return el("option", { value: String(value), selected }, text);
}
