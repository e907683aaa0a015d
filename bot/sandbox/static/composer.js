/** A person's box for slash commands: shortcuts, examples to click, and what was typed before on the arrow keys. */

import { el, reconcile } from "./dom.js";

const COMMAND = "/transfer";

const EXAMPLES = [
  "250 usdt from htx:spot to htx:linear-swap",
  "1500 usdt from htx:spot to htx:linear-swap",
  "10 usdt coinw:master -> coinw:maker",
  "why 3500 usdt htx:spot -> htx:linear-swap",
  "limits",
  "history",
  "help",
];

/** One person's box. */
export class Composer {
  #error = el("p", { class: "error", role: "alert" });
  #history = new History();
  #input;
  #shortcuts = el("span", { class: "shortcuts" });
  #acts;

  /**
   * @param {string} as whose box it is
   * @param {{send: (text: string) => Promise<void>, run: (shortcut: string) => void}} acts `send` resolves when the
   *   command was delivered, and rejects with a message for the person otherwise
   */
  constructor(as, acts) {
    this.#acts = acts;
    const id = `command-${as}`;
    this.#input = el("input", {
      id,
      type: "text",
      maxlength: 4000,
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      enterkeyhint: "send",
      placeholder: `${COMMAND} ${EXAMPLES[0]}`,
      "aria-describedby": `${id}-note`,
      onkeydown: (event) => this.#walk(event),
    });
    const examples = EXAMPLES.map((text) => this.#drawExample(text));
    this.node = el(
      "form",
      { class: "composer", autocomplete: "off", onsubmit: (event) => this.#submit(event) },
      el("div", { class: "examples", role: "group", "aria-label": "Shortcuts and examples" }, this.#shortcuts, ...examples),
      el(
        "div",
        { class: "command-line" },
        el("label", { for: id, class: "unseen" }, "Slash command"),
        this.#input,
        el("button", { type: "submit", class: "send" }, "Send"),
      ),
      el("p", { id: `${id}-note`, class: "unseen" }, "Enter sends. The up arrow brings back what you typed before."),
      this.#error,
    );
  }

  /** @param {{name: string, callback_id: string, description: string}[]} shortcuts the app's, to run with a click */
  offer(shortcuts) {
    reconcile(this.#shortcuts, shortcuts, ({ callback_id: id }) => id, ({ name, callback_id: id, description }) => {
      const onclick = () => this.#acts.run(id);
      return el("button", { type: "button", class: "example shortcut", title: description, onclick }, `⚡ ${name}`);
    });
  }

  /** @param {string} problem for the person at the page; empty takes it away */
  say(problem) {
    this.#error.textContent = problem;
  }

  focus() {
    this.#input.focus();
  }

  #walk(event) {
    let text = null;
    if (event.key === "ArrowUp") text = this.#history.older(this.#input.value);
    if (event.key === "ArrowDown") text = this.#history.newer();
    if (text === null) return;
    event.preventDefault();
    this.#fill(text);
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#input.value.trim();
    if (!text) return;
    if (!text.startsWith("/")) {
      this.say(`This workspace takes slash commands only: begin with ${COMMAND}.`);
      return;
    }
    this.say("");
    this.#history.add(text);
    this.#input.value = "";
    try {
      await this.#acts.send(text);
    } catch (error) {
      this.say(error.message);
      if (!this.#input.value) this.#fill(text);
    }
  }

  #drawExample(text) {
    const onclick = () => {
      this.#fill(`${COMMAND} ${text}`);
      this.focus();
    };
    return el("button", { type: "button", class: "example", onclick }, text);
  }

  #fill(text) {
    this.#input.value = text;
    this.#input.setSelectionRange(text.length, text.length);
  }
}

/** What was sent, walked with the arrow keys; what was being typed waits at the newer end. */
class History {
  #sent = [];
  #at = 0;
  #draft = "";

  add(text) {
    if (this.#sent.at(-1) !== text) this.#sent.push(text);
    this.#at = this.#sent.length;
    this.#draft = "";
  }

  /** @param {string} typed @returns {string|null} null when there is nothing older */
  older(typed) {
    if (this.#at === 0) return null;
    if (this.#at === this.#sent.length) this.#draft = typed;
    this.#at -= 1;
    return this.#sent[this.#at];
  }

  /** @returns {string|null} null when already at the newest */
  newer() {
    if (this.#at === this.#sent.length) return null;
    this.#at += 1;
    return this.#sent[this.#at] ?? this.#draft;
  }
}
