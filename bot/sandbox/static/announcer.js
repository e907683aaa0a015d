/** Tells screen readers what arrived or changed; sighted readers see it in the channel. */

import { byId, el } from "./dom.js";
import { spoken } from "./mrkdwn.js";

const LINES_KEPT = 20;

let heard = new Map();
let listener = "";

/**
 * @param {object} state
 * @param {import("./channel.js").Around} around
 */
export function announce(state, around) {
  const now = new Map();
  for (const [channel, messages] of Object.entries(state.messages)) {
    for (const message of messages) {
      const who = `#${around.channelName(channel)}, ${around.userName(message.user)}`;
      now.set(`${channel} ${message.ts}`, `${who}: ${spoken(message.text, around)}`);
    }
  }
  for (const { channel, ts, text } of state.ephemerals) {
    now.set(`private ${channel} ${ts}`, `Only visible to you: ${spoken(text, around)}`);
  }
  // Somebody who has just sat down does not want the whole history read out.
  const isSameReader = listener === state.me;
  const fresh = [...now].filter(([key, line]) => heard.get(key) !== line).map(([, line]) => line);
  heard = now;
  listener = state.me;
  if (isSameReader) speak(fresh);
}

function speak(lines) {
  const place = byId("announcer");
  place.append(...lines.map((line) => el("span", {}, `${line} `)));
  while (place.childElementCount > LINES_KEPT) place.firstElementChild.remove();
}
