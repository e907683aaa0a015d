/** One person at the desk: what they see of a channel, of the app's Home tab and of their own messages with the app. */

import { ActFailed, act } from "./api.js";
import { drawBlock } from "./blocks.js";
import { avatar, drawChannel, drawThread, stayAtEnd } from "./channel.js";
import { Composer } from "./composer.js";
import { directoryOf } from "./directory.js";
import { el, reconcile } from "./dom.js";
import { valuesIn } from "./inputs.js";
import { Modal, askToConfirm } from "./modal.js";
import { markTab, startTabs } from "./tabs.js";

/** A column of the page in which one person reads and acts. */
export class Seat {
  #as;
  #state = null;
  #channel = "";
  #tab = "channel";
  #thread = "";
  #opener = null;
  #parts = {};
  #composer;
  #modal;

  /**
   * @param {string} as Slack user id
   * @param {() => void} leave take this seat away
   */
  constructor(as, leave) {
    this.#as = as;
    this.#composer = new Composer(as, {
      send: (text) => act("/sandbox/slash", { as, channel: this.#shownChannel(), text }),
      run: (shortcut) => this.#attempt("/sandbox/shortcut", { callback_id: shortcut }),
    });
    this.#modal = new Modal(as, this.#viewActs(), () => this.#composer.focus());
    this.node = this.#build(leave);
    startTabs(this.#parts.tabs, (tab) => this.#turnTo(tab));
    stayAtEnd(this.#parts.messages);
  }

  get as() {
    return this.#as;
  }

  /** @returns {object|null} the state last drawn */
  get state() {
    return this.#state;
  }

  /** @param {string} problem for the person at the page; empty takes it away */
  say(problem) {
    this.#composer.say(problem);
  }

  focus() {
    this.#composer.focus();
  }

  /**
   * @param {object} state as this person sees it
   * @param {string} channel the channel everybody looks at
   */
  draw(state, channel) {
    if (channel !== this.#channel) this.#thread = "";
    this.#state = state;
    this.#channel = channel;
    this.#draw();
  }

  #build(leave) {
    const as = this.#as;
    const panel = (name, ...children) =>
      el("div", { id: `${name}-${as}`, class: `seat-${name}`, role: "tabpanel", "aria-label": name }, ...children);
    const messages = el("div", { class: "messages", role: "region", "aria-label": "Messages", tabindex: "0" });
    const home = el("div", { class: "home-blocks" });
    const replies = el("div", { class: "messages", role: "region", "aria-label": "Thread", tabindex: "0" });
    const close = () => this.#closeThread();
    const parts = {
      who: el("div", { class: "seat-who" }),
      tabs: el("div", { class: "tabs", role: "tablist", "aria-label": "What to look at" }),
      code: el("p", { class: "authenticator" }),
      messages,
      home,
      replies,
      timeline: panel("timeline", messages, this.#composer.node),
      homePanel: panel("home", home),
      thread: el(
        "aside",
        { class: "thread", "aria-label": "Thread", onkeydown: (event) => event.key === "Escape" && close() },
        el(
          "header",
          { class: "thread-bar" },
          el("h3", {}, "Thread"),
          el("button", { type: "button", class: "quiet", onclick: close }, "Close"),
        ),
        replies,
      ),
    };
    this.#parts = parts;
    return el(
      "section",
      { class: "seat", "data-seat": as, "aria-labelledby": `who-${as}` },
      el(
        "header",
        { class: "seat-bar" },
        parts.who,
        parts.code,
        el("button", { type: "button", class: "quiet leave", onclick: leave, "aria-label": "Close this view" }, "✕"),
        parts.tabs,
      ),
      el("div", { class: "seat-body" }, parts.timeline, parts.homePanel, parts.thread),
      this.#modal.node,
    );
  }

  /* Drawing */

  #draw() {
    const { who, code, timeline, homePanel, home, tabs } = this.#parts;
    const around = this.#around();
    const me = this.#state.users.find((user) => user.id === this.#as);
    reconcile(who, [me], () => "me", (person) => this.#drawWho(person, around));
    code.hidden = !this.#state.code;
    reconcile(code, [{ code: this.#state.code }], () => "code", drawCode);
    this.#composer.offer(this.#state.shortcuts);
    reconcile(tabs, this.#tabs(), ({ pane }) => pane, (tab) => this.#drawTab(tab));
    markTab(tabs, this.#tab);
    timeline.hidden = this.#tab === "home";
    homePanel.hidden = this.#tab !== "home";
    if (this.#tab === "home") this.#drawHome(home, around);
    else drawChannel(this.#parts.messages, this.#state, this.#shownChannel(), around);
    this.#drawThread(around);
    this.#modal.show(this.#state.view, { ...around, ...this.#inView(this.#modal.node, () => this.#state.view) });
  }

  #drawWho(person, around) {
    return el(
      "div",
      {},
      avatar(person.id, around),
      el("h2", { id: `who-${person.id}` }, person.name),
      el("span", { class: "faint" }, person.role),
    );
  }

  #tabs() {
    const direct = this.#direct();
    return [
      { pane: "channel", title: `# ${this.#around().channelName(this.#channel)}` },
      ...(this.#state.home.enabled ? [{ pane: "home", title: "Home" }] : []),
      ...(direct ? [{ pane: "direct", title: "Messages" }] : []),
    ];
  }

  #drawTab({ pane, title }) {
    const panel = pane === "home" ? "home" : "timeline";
    const attributes = { type: "button", role: "tab", class: "tab", "data-pane": pane, "data-focus": pane };
    return el("button", { ...attributes, "aria-controls": `${panel}-${this.#as}` }, title);
  }

  #drawHome(place, around) {
    const { view } = this.#state.home;
    const blocks = view?.blocks ?? [];
    const inView = { ...around, ...this.#inView(place, () => this.#state.home.view), values: view?.values };
    reconcile(place, blocks, (block) => block.block_id, (block) => drawBlock(block, inView));
    place.classList.toggle("is-empty", blocks.length === 0);
  }

  #drawThread(around) {
    const channel = this.#shownChannel();
    const posted = this.#state.messages[channel] ?? [];
    const isOpen = this.#tab !== "home" && posted.some((message) => message.ts === this.#thread);
    this.#parts.thread.hidden = !isOpen;
    this.node.classList.toggle("has-thread", isOpen);
    if (isOpen) drawThread(this.#parts.replies, this.#state, channel, this.#thread, around);
  }

  #around() {
    return {
      ...directoryOf(this.#state),
      pressIn: (message, element) => this.#pressIn(message, element),
      openThread: (ts) => this.#openThread(ts),
      dismiss: (ts) => this.#attempt("/sandbox/dismiss", { ts }),
    };
  }

  /* Where this person is */

  #direct() {
    return this.#state.dms[0];
  }

  #shownChannel() {
    return this.#tab === "direct" ? this.#direct()?.id : this.#channel;
  }

  #turnTo(tab) {
    this.#tab = tab;
    this.#thread = "";
    this.#draw();
    if (tab === "home") this.#attempt("/sandbox/home", {});
  }

  #openThread(ts) {
    this.#thread = ts;
    this.#draw();
    this.#parts.thread.querySelector("button").focus();
  }

  #closeThread() {
    const root = this.#thread;
    this.#thread = "";
    this.#draw();
    const row = [...this.#parts.messages.children].find((node) => node.dataset.key === root);
    row?.querySelector(".replies")?.focus();
  }

  /* Acts */

  /** Do something at the server in this person's name; a refusal is told beside the composer. */
  async #attempt(path, body) {
    try {
      await act(path, { as: this.#as, ...body });
      this.say("");
    } catch (error) {
      if (!(error instanceof ActFailed)) throw error;
      this.say(error.message);
    }
  }

  /** Press a button of a message, after its confirm dialog when it has one. */
  async #pressIn(message, element) {
    if (!(await this.#isMeant(element))) return;
    const { action_id, value } = element;
    await this.#attempt("/sandbox/press", { channel: this.#shownChannel(), ts: message.ts, action_id, value });
  }

  /** What one can do in a modal or on the Home tab: in the view that is there at that moment. */
  #inView(place, viewNow) {
    const at = (element, block) => ({
      view_id: viewNow().id,
      block_id: block.block_id,
      action_id: element.action_id,
    });
    return {
      press: async (element, block) => {
        if (!(await this.#isMeant(element))) return;
        await this.#attempt("/sandbox/view/press", { ...at(element, block), values: valuesIn(place) });
      },
      change: async (element, block, value, entered) => {
        // A field also changes when it loses the focus because its modal goes away.
        if (viewNow()) await this.#attempt("/sandbox/view/change", { ...at(element, block), value, entered });
      },
    };
  }

  async #isMeant(element) {
    return !element.confirm || askToConfirm(element.confirm, this.#around());
  }

  #viewActs() {
    return {
      submit: (viewId, values) => this.#submitView(viewId, values),
      close: (viewId) => this.#attempt("/sandbox/close_view", { view_id: viewId }),
    };
  }

  /** What goes wrong is returned, to be told inside the modal. Fields left empty are named beside themselves. */
  async #submitView(viewId, values) {
    try {
      const { failure } = await act("/sandbox/submit", { as: this.#as, view_id: viewId, values });
      return failure && failure !== "incomplete" ? "We had some trouble connecting. Try again?" : "";
    } catch (error) {
      return error.message;
    }
  }
}

function drawCode({ code }) {
  return el("span", {}, "Code ", el("output", {}, code.replace(/(\d{3})(\d{3})/, "$1 $2")));
}
