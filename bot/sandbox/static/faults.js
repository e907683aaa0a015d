/** What can be made to go wrong, each with a line that says what it does: at the exchanges, in Slack, with people. */

import { byId, el, reconcile } from "./dom.js";

/**
 * What the pane can do.
 * @typedef {{
 *   fault: (exchange: string, kind: string) => void,
 *   clearFaults: (exchange: string) => void,
 *   recordsLag: (exchange: string, seconds: number) => void,
 *   flip: (name: string, on: boolean) => void,
 *   become: (subject: string, standing: string) => void,
 * }} FaultActs
 */

/**
 * @param {object} state
 * @param {FaultActs} acts
 */
export function drawFaults(state, acts) {
  const names = state.exchanges.map(({ name }) => ({ name }));
  reconcile(byId("exchange-faults"), names, ({ name }) => name, ({ name }) => drawExchange(name, acts));
  state.exchanges.forEach((exchange, index) => update(byId("exchange-faults").children[index], exchange, acts));

  const { available, active } = state.slack_switches;
  byId("switches-active").textContent = active.length ? `${active.length} on` : "";
  const switches = entries(available).map((item) => ({ ...item, on: active.includes(item.name) }));
  reconcile(byId("switches"), switches, ({ name }) => name, (item) => drawSwitch(item, acts));
  reconcile(byId("standings"), state.standings, ({ id }) => id, (item) => drawStanding(item, acts));

  const ordered = state.exchanges.reduce((sum, { faults }) => sum + faults.pending.length, active.length);
  byId("faults-active").textContent = ordered ? String(ordered) : "";
}

function drawExchange(name, acts) {
  return el(
    "details",
    { class: "drawer", open: true },
    el("summary", {}, el("h4", {}, name), " ", el("span", { class: "count" })),
    el(
      "div",
      { class: "pending" },
      el("ol", { "aria-label": `${name}: faults waiting` }),
      el("button", { type: "button", class: "quiet", onclick: () => acts.clearFaults(name) }, "Clear"),
    ),
    el("div", { class: "lag" }),
    el("p", { class: "faint" }, "Each click strikes one transfer request, in the order clicked."),
    el("ul", { class: "faults" }),
  );
}

function update(section, { name, faults, records_lag: lag }, acts) {
  const part = (selector) => section.querySelector(selector);
  const pending = faults.pending.map((kind, index) => ({ kind, index }));
  part(".count").textContent = pending.length ? `${pending.length} waiting` : "";
  part(".pending").hidden = pending.length === 0;
  reconcile(part(".pending ol"), pending, ({ kind, index }) => `${index} ${kind}`, ({ kind }) =>
    el("li", { class: "count" }, words(kind)),
  );
  reconcile(part(".lag"), [lag], () => "lag", () => drawLag(name, lag, acts));
  reconcile(part(".faults"), entries(faults.available), ({ name: kind }) => kind, (item) => drawFault(name, item, acts));
}

function entries(texts) {
  return Object.entries(texts).map(([name, explanation]) => ({ name, explanation }));
}

function words(name) {
  return name.replaceAll("_", " ");
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
    "Its records show a transfer ",
    el("select", { "data-focus": "lag", onchange }, ...options),
  );
}

function spoken(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${seconds / 60} min` : "an hour";
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
