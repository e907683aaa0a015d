/** The side bar: the channels, and the people one can be, alone or side by side. */

import { avatar, countAfter, newestIn } from "./channel.js";
import { directoryOf } from "./directory.js";
import { byId, el, reconcile } from "./dom.js";

/**
 * What the side bar can do.
 * @typedef {{
 *   look: (channel: string) => void,
 *   be: (user: string) => void,
 *   toggleBeside: (user: string) => void,
 * }} RailActs
 */

/** The `ts` of the newest message that was on screen, by person and channel. */
const seen = new Map();

/**
 * @param {object} state as the person sees it whose seat is active
 * @param {{channel: string, seats: string[], active: string, seatsMax: number}} here
 * @param {RailActs} acts
 */
export function drawRail(state, here, acts) {
  byId("team").textContent = state.team.name;
  seen.set(`${state.me} ${here.channel}`, newestIn(state, here.channel));
  const channels = state.channels.map(({ id, name }) => ({
    id,
    name,
    unread: countAfter(state, id, seen.get(`${state.me} ${id}`) ?? ""),
    current: id === here.channel,
  }));
  reconcile(byId("channels"), channels, ({ id }) => id, (item) => drawChannelLink(item, acts));
  const people = state.users.map((user) => ({
    ...user,
    isActive: user.id === here.active,
    isSeated: here.seats.includes(user.id),
    isAlone: here.seats.length === 1,
    isFull: here.seats.length >= here.seatsMax,
  }));
  reconcile(byId("people"), people, ({ id }) => id, (item) => drawPerson(item, directoryOf(state), acts));
}

function drawChannelLink({ id, name, unread, current }, acts) {
  return el(
    "li",
    {},
    el(
      "button",
      {
        type: "button",
        class: unread ? "channel-link is-unread" : "channel-link",
        "aria-current": current ? "true" : null,
        "data-focus": id,
        onclick: () => acts.look(id),
      },
      el("span", {}, `# ${name}`),
      unread > 0 && el("span", { class: "badge" }, String(unread), el("span", { class: "unseen" }, " unread")),
    ),
  );
}

function drawPerson({ id, name, role, isActive, isSeated, isAlone, isFull }, directory, acts) {
  const marks = `person${isActive ? " is-me" : ""}${isSeated ? " is-seated" : ""}`;
  const words = el("span", { class: "person-words" }, el("strong", {}, name), el("span", { class: "role" }, role));
  const be = {
    type: "button",
    class: "person-choice",
    "aria-current": isActive ? "true" : null,
    "data-focus": id,
    onclick: () => acts.be(id),
  };
  const label = isSeated ? `Close ${name}’s view` : `Show ${name}’s view beside`;
  const beside = {
    type: "button",
    class: "beside",
    "aria-label": label,
    title: label,
    "data-focus": `beside ${id}`,
    disabled: isSeated ? isAlone : isFull,
    onclick: () => acts.toggleBeside(id),
  };
  return el(
    "li",
    { class: marks },
    el("button", be, avatar(id, directory), words),
    el("button", beside, isSeated ? "−" : "+"),
  );
}
