/** Tabs as the keyboard expects them: one stop for Tab, the arrow keys go round, Home and End to the ends. */

/**
 * @param {HTMLElement} list the element with `role="tablist"`; its tabs carry `data-pane`
 * @param {(pane: string) => void} choose
 */
export function startTabs(list, choose) {
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab.dataset.pane);
  });
  list.addEventListener("keydown", (event) => {
    const tabs = [...list.querySelectorAll("[role=tab]")].filter((tab) => tab.checkVisibility());
    const at = tabs.indexOf(event.target.closest("[role=tab]"));
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = tabs.at(steps[event.key] % tabs.length);
    next.focus();
    choose(next.dataset.pane);
  });
}

/**
 * @param {HTMLElement} list
 * @param {string} pane the chosen tab's
 */
export function markTab(list, pane) {
  for (const tab of list.querySelectorAll("[role=tab]")) {
    const isChosen = tab.dataset.pane === pane;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
  }
}
