/** The panes beside the conversation. On a narrow screen they take its place, and the conversation is one of them. */

import { byId } from "./dom.js";
import { markTab, startTabs } from "./tabs.js";

const NARROW = matchMedia("(max-width: 1100px)");
const CONVERSATION = "slack";

let beside = "exchanges";

/** Make the tabs work. */
export function startPanes() {
  startTabs(byId("pane-tabs"), show);
  NARROW.addEventListener("change", () => show(document.body.dataset.pane));
  show(CONVERSATION);
}

function show(pane) {
  document.body.dataset.pane = pane;
  if (pane !== CONVERSATION) beside = pane;
  markTab(byId("pane-tabs"), NARROW.matches ? pane : beside);
  for (const panel of byId("panes").children) panel.hidden = panel.id !== `pane-${beside}`;
}

/** Bring the conversation back where it shares its place with the panes. */
export function showConversation() {
  if (NARROW.matches) show(CONVERSATION);
}
