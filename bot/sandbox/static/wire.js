/** The journal of the wire: what went between Slack and the desk; and the story of the tour, line by line. */

import { byId, el, reconcile } from "./dom.js";

const GOOD = new Set(["ok", "acked"]);

/**
 * @param {object[]} passages oldest first
 * @param {import("./mrkdwn.js").Directory} directory
 */
export function drawWire(passages, directory) {
  const named = passages.map((passage, index) => ({
    ...passage,
    who: passage.who && directory.userName(passage.who),
    where: placeName(passage.where, directory),
    key: `${passage.at} ${passage.name} ${passages.length - index}`,
  }));
  reconcile(byId("wire"), named.reverse(), ({ key }) => key, drawPassage);
}

function placeName(id, directory) {
  if (id.startsWith("V")) return "a view";
  return id.startsWith("C") ? `#${directory.channelName(id)}` : id && directory.channelName(id);
}

function drawPassage({ at, direction, name, who, where, outcome, took_ms: took }) {
  const when = new Date(at);
  const toDesk = direction === "to_app";
  return el(
    "li",
    { class: toDesk ? "passage" : "passage from-desk" },
    el("code", {}, name),
    el("span", { class: GOOD.has(outcome) ? "outcome" : "outcome is-bad" }, outcome),
    el(
      "span",
      { class: "passage-about" },
      el("time", { datetime: when.toISOString() }, when.toLocaleTimeString()),
      el("span", { class: "passage-way" }, toDesk ? " Slack → desk " : " desk → Slack "),
      [who, where, `${took} ms`].filter(Boolean).join(" · "),
    ),
  );
}

/** @param {string[]} narration */
export function drawTour(narration) {
  byId("tour").hidden = narration.length === 0;
  const lines = narration.map((text, index) => ({ text: text.trim(), index, isStep: /^\d+\./.test(text.trim()) }));
  reconcile(byId("narration"), lines, ({ index }) => String(index), ({ text, isStep }) =>
    el("li", { class: isStep ? "tour-step" : "tour-line" }, text),
  );
}
