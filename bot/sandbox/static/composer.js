/** The box for slash commands: examples to click, and what was typed before on the arrow keys. */

import { byId, el } from "./dom.js";

const COMMAND = "/transfer";

const EXAMPLES = [
  "250 usdt from htx:spot to htx:linear-swap",
  "10 usdt coinw:master -> coinw:maker",
  "1,250 usdt from htx:spot to htx:linear-swap",
  "why 3500 usdt htx:spot -> htx:linear-swap",
  "limits",
  "history",
  "help",
];

/**
 * @param {(text: string) => Promise<void>} send resolves when the command was delivered, rejects with a message for
 *   the person otherwise
 */
export function startComposer(send) {
  const input = byId("command");
  const history = new History();
  byId("examples").append(el("span", { class: "faint" }, "Try"), ...EXAMPLES.map((text) => drawExample(text, input)));
  input.addEventListener("keydown", (event) => {
    let text = null;
    if (event.key === "ArrowUp") text = history.older(input.value);
    if (event.key === "ArrowDown") text = history.newer();
    if (text === null) return;
    event.preventDefault();
    fill(input, text);
  });
  byId("composer").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    if (!text.startsWith("/")) {
      say(`This workspace takes slash commands only: begin with ${COMMAND}.`);
      return;
    }
    say("");
    history.add(text);
    input.value = "";
    try {
      await send(text);
    } catch (error) {
      say(error.message);
      if (!input.value) fill(input, text);
    }
  });
}

/** @param {string} problem for the person at the page, beside the box; empty takes it away */
export function say(problem) {
  byId("composer-error").textContent = problem;
}

function drawExample(text, input) {
  const onclick = () => {
    fill(input, `${COMMAND} ${text}`);
    input.focus();
  };
  return el("button", { type: "button", class: "example", onclick }, text);
}

function fill(input, text) {
  input.value = text;
  input.setSelectionRange(text.length, text.length);
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
