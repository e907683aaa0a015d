/** Messages: one channel's timeline with the reader's private answers in it, and one thread. */

import { drawBlocks } from "./blocks.js";
import { el, reconcile } from "./dom.js";
import { drawFile } from "./files.js";
import { dayName, mrkdwn, spoken } from "./mrkdwn.js";

/**
 * What a message can do, and who is who.
 * @typedef {import("./mrkdwn.js").Directory & {
 *   isApp: (id: string) => boolean,
 *   tone: (id: string) => number,
 *   pressIn: (message: object, element: object) => Promise<void>,
 *   openThread: (ts: string) => void,
 *   dismiss: (ts: string) => void,
 * }} Around
 */

/** @param {string} one @param {string} other two `ts` @returns {number} older first; digits, so longer is later */
export function byTime(one, other) {
  const [a, b] = [one, other].map((ts) => ts.padStart(24, "0"));
  return a < b ? -1 : Number(a > b);
}

/** @param {object} message @returns {boolean} whether it lives in a thread and not in the channel */
export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

/**
 * Draw a channel, keeping the newest message in sight when it was.
 *
 * @param {HTMLElement} parent
 * @param {object} state
 * @param {string} channel
 * @param {Around} around
 */
export function drawChannel(parent, state, channel, around) {
  const posted = state.messages[channel] ?? [];
  const told = state.ephemerals.filter((one) => one.channel === channel && !one.thread_ts);
  const privates = told.map((one) => ({ ...one, isPrivate: true }));
  const items = [...posted.filter((message) => !isReply(message)), ...privates]
    .sort((one, other) => byTime(one.ts, other.ts))
    .map((message) => ({ message, me: around.me }));
  drawList(parent, channel, withDays(items), around);
}

/**
 * Draw a thread: the message it hangs on, then its replies.
 *
 * @param {HTMLElement} parent
 * @param {object} state
 * @param {string} channel
 * @param {string} root the `ts` of the first message
 * @param {Around} around
 */
export function drawThread(parent, state, channel, root, around) {
  const posted = (state.messages[channel] ?? []).filter((one) => one.ts === root || one.thread_ts === root);
  const told = state.ephemerals.filter((one) => one.channel === channel && one.thread_ts === root);
  const privates = told.map((one) => ({ ...one, isPrivate: true }));
  const items = [...posted, ...privates]
    .sort((one, other) => byTime(one.ts, other.ts))
    .map((message) => ({ message: { ...message, reply_count: 0 }, me: around.me }));
  drawList(parent, `${channel} ${root}`, items, around);
}

/**
 * Keep a reader who is at the end there when the list gets narrower or lower, as when a thread opens beside it.
 *
 * @param {HTMLElement} list
 */
export function stayAtEnd(list) {
  let atEnd = true;
  let height = 0;
  list.addEventListener("scroll", () => {
    // A scroll that is told of only after the list got lower says nothing about where the reader was.
    if (list.clientHeight === height) atEnd = isAtEnd(list);
  });
  new ResizeObserver(() => {
    if (atEnd) list.scrollTop = list.scrollHeight;
    height = list.clientHeight;
  }).observe(list);
}

function isAtEnd(list) {
  return list.scrollHeight - list.scrollTop - list.clientHeight < 80;
}

/** An edit may grow a card, and a new one may arrive: a reader at the end stays at the end. */
function drawList(parent, what, items, around) {
  const isOther = parent.dataset.what !== what;
  const atEnd = isOther || isAtEnd(parent);
  parent.dataset.what = what;
  if (isOther) parent.replaceChildren();
  reconcile(parent, items, keyOf, (item) => (item.day ? drawDay(item) : drawMessage(item, around)));
  if (isOther) for (const row of parent.children) row.classList.remove("is-new");
  parent.classList.toggle("is-empty", items.length === 0);
  if (atEnd) parent.scrollTop = parent.scrollHeight;
}

function keyOf(item) {
  if (item.day) return `day ${item.day}`;
  return `${item.message.isPrivate ? "private " : ""}${item.message.ts}`;
}

function timeOf(ts) {
  return new Date(Number(ts) * 1000);
}

function withDays(items) {
  const dated = [];
  let last = "";
  for (const item of items) {
    const when = timeOf(item.message.ts);
    const day = when.toDateString();
    if (day !== last) dated.push({ day, name: dayName(when) });
    last = day;
    dated.push(item);
  }
  return dated;
}

function drawDay({ day, name }) {
  const text = name ? name[0].toUpperCase() + name.slice(1) : day;
  return el("div", { class: "day" }, el("span", {}, text));
}

function drawMessage({ message }, around) {
  const name = around.userName(message.user);
  const body = el(
    "div",
    { class: "message-body" },
    message.isPrivate && el("p", { class: "private-mark" }, `Only visible to ${around.userName(around.me)}`),
    el(
      "p",
      { class: "byline" },
      el("strong", {}, name),
      around.isApp(message.user) && el("span", { class: "app-mark" }, "APP"),
      drawTime(message.ts),
    ),
    ...drawContent(message, around),
    ...(message.files ?? []).map((file) => drawFile(file)),
    message.edited > 0 && el("span", { class: "faint edited" }, "(edited)"),
    message.reply_count > 0 && drawReplies(message, around),
    message.isPrivate && drawDismiss(message, around),
  );
  const marks = message.isPrivate ? "message is-private" : "message";
  const label = `${name}: ${spoken(message.text, around) || (message.files ?? []).map((file) => file.title).join(", ")}`;
  return el("article", { class: marks, "aria-label": label }, avatar(message.user, around), body);
}

function drawContent(message, around) {
  if (message.blocks?.length) {
    return drawBlocks(message.blocks, { ...around, press: (element) => around.pressIn(message, element) });
  }
  return message.text ? [el("div", { class: "text" }, mrkdwn(message.text, around))] : [];
}

function drawTime(ts) {
  const when = timeOf(ts);
  const text = when.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return el("time", { class: "faint", datetime: when.toISOString(), title: when.toLocaleString() }, text);
}

function drawReplies(message, around) {
  const { reply_count: count, reply_users: users, latest_reply: last } = message;
  return el(
    "button",
    {
      type: "button",
      class: "replies",
      "data-focus": "replies",
      onclick: () => around.openThread(message.ts),
    },
    el("strong", {}, count === 1 ? "1 reply" : `${count} replies`),
    el("span", { class: "faint" }, ` from ${users.map(around.userName).join(", ")}, last at `, drawTime(last)),
  );
}

function drawDismiss(message, around) {
  const onclick = () => around.dismiss(message.ts);
  return el("button", { type: "button", class: "quiet", "data-focus": "dismiss", onclick }, "Dismiss message");
}

/**
 * @param {string} user Slack user id
 * @param {Around} around
 * @returns {HTMLElement} initials on a colour that tells neighbours apart
 */
export function avatar(user, around) {
  const words = around.userName(user).split(/\s+/).filter(Boolean);
  const initials = words.map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const marks = around.isApp(user) ? "avatar avatar-app" : `avatar tone-${around.tone(user)}`;
  return el("span", { class: marks, "aria-hidden": "true" }, initials);
}

/** @param {object} state @param {string} channel @returns {string} the `ts` of its newest message */
export function newestIn(state, channel) {
  return (state.messages[channel] ?? []).map((message) => message.ts).sort(byTime).at(-1) ?? "";
}

/** @param {object} state @param {string} channel @param {string} last a `ts` @returns {number} messages after it */
export function countAfter(state, channel, last) {
  return (state.messages[channel] ?? []).filter((one) => !isReply(one) && byTime(one.ts, last) > 0).length;
}
