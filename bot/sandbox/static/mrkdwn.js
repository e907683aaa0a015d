/** Slack's mrkdwn as nodes: emphasis, code, quotes, mentions, dates, emoji. Links are shown, never followed. */

import { el } from "./dom.js";

/**
 * What a mention needs to become a name.
 * @typedef {{me: string, userName: (id: string) => string, channelName: (id: string) => string}} Directory
 */

const INLINE = new RegExp(
  [
    "`(?<code>[^`\\n]+)`",
    "<(?<angle>[^<>\\n]+)>",
    "(?<![\\w*])\\*(?<bold>[^\\s*]|[^\\s*][^*\\n]*[^\\s*])\\*(?![\\w*])",
    "(?<![\\w_])_(?<italic>[^\\s_]|[^\\s_][^_\\n]*[^\\s_])_(?![\\w_])",
    "(?<![\\w~])~(?<strike>[^\\s~]|[^\\s~][^~\\n]*[^\\s~])~(?![\\w~])",
    ":(?<emoji>[a-z][a-z0-9_+-]*):",
  ].join("|"),
  "g",
);

const EMPHASIS = { bold: "strong", italic: "em", strike: "s" };

/** The few names an operations card uses; any other name stays as typed. */
const EMOJI = {
  arrow_right: "➡️",
  bell: "🔔",
  grey_question: "❔",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  information_source: "ℹ️",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  lock: "🔒",
  no_entry: "⛔",
  no_entry_sign: "🚫",
  question: "❓",
  red_circle: "🔴",
  rotating_light: "🚨",
  snowflake: "❄️",
  warning: "⚠️",
  white_check_mark: "✅",
  x: "❌",
};

/** @param {string} text plain text in which `:name:` may stand for an emoji @returns {string} */
function withEmoji(text) {
  return text.replace(/:([a-z][a-z0-9_+-]*):/g, (typed, name) => EMOJI[name] ?? typed);
}

/**
 * @param {object|string|null|undefined} text a text object, or its text alone
 * @returns {string} shown as it is: plain_text knows no markup and no entities, only emoji names
 */
export function plainText(text) {
  if (!text) return "";
  return withEmoji(typeof text === "string" ? text : text.text);
}

/** @param {object} text a text object of either kind @param {Directory} directory @returns {Node|string} */
export function textNode(text, directory) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, directory) : plainText(text);
}

/**
 * @param {string} text mrkdwn, with `&`, `<` and `>` of user text escaped as Slack asks
 * @param {Directory} directory
 * @returns {DocumentFragment}
 */
export function mrkdwn(text, directory) {
  const nodes = document.createDocumentFragment();
  text.split(/```\n?([\s\S]+?)\n?```/).forEach((part, index) => {
    if (index % 2 === 1) nodes.append(el("pre", {}, unescaped(part)));
    else nodes.append(...quotesAndLines(part, directory));
  });
  return nodes;
}

/** @param {string} text mrkdwn @param {Directory} directory @returns {string} the words alone, to be read aloud */
export function spoken(text, directory) {
  return mrkdwn(text, directory).textContent;
}

function quotesAndLines(text, directory) {
  return text
    .split(/((?:^(?:>|&gt;).*(?:\n|$))+)/m)
    .filter((part) => part !== "")
    .flatMap((part) => {
      if (!/^(>|&gt;)/.test(part)) return inline(part, directory);
      const quoted = part.replace(/\n$/, "").replace(/^(>|&gt;) ?/gm, "");
      return [el("blockquote", {}, ...inline(quoted, directory))];
    });
}

function inline(text, directory) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(unescaped(text.slice(end, match.index)), inlineNode(match, directory));
    end = match.index + match[0].length;
  }
  nodes.push(unescaped(text.slice(end)));
  return nodes.filter((node) => node !== "");
}

function inlineNode(match, directory) {
  const { code, angle, emoji } = match.groups;
  if (code !== undefined) return el("code", {}, unescaped(code));
  if (angle !== undefined) return angleNode(angle, directory);
  if (emoji !== undefined) return EMOJI[emoji] ?? match[0];
  const [kind, tag] = Object.entries(EMPHASIS).find(([name]) => match.groups[name] !== undefined);
  return el(tag, {}, ...inline(match.groups[kind], directory));
}

/** What stands in angle brackets: a person, a channel, a date, a call to everybody, or a link. */
function angleNode(angle, directory) {
  const [target, label = ""] = splitOnce(angle, "|");
  if (target.startsWith("@")) return mention(target.slice(1), directory);
  if (target.startsWith("#")) return el("span", { class: "mention" }, `#${directory.channelName(target.slice(1))}`);
  if (target.startsWith("!date^")) return dateNode(target, unescaped(label));
  if (target.startsWith("!")) {
    return el("span", { class: "mention mention-me" }, unescaped(label) || `@${target.slice(1)}`);
  }
  const url = unescaped(target.replace(/^mailto:/, ""));
  return el("span", { class: "link", title: url }, unescaped(label) || url);
}

function mention(id, directory) {
  const marks = id === directory.me ? "mention mention-me" : "mention";
  return el("span", { class: marks }, `@${directory.userName(id)}`);
}

const DATE_FORMATS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

/** `!date^UNIX^FORMAT[^LINK]` in the reader's own time zone, or the sender's fallback text. */
function dateNode(target, fallback) {
  const [, seconds, format = ""] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (!/^\d+$/.test(seconds) || Number.isNaN(when.getTime())) return fallback;
  const text = format.replace(/\{(\w+)\}/g, (token, name) => dateText(name, when) ?? token);
  return el("time", { datetime: when.toISOString(), title: fallback }, unescaped(text));
}

function dateText(name, when) {
  const plainName = name.replace(/_pretty$/, "");
  const options = DATE_FORMATS[plainName];
  if (!options) return undefined;
  const near = name === plainName ? undefined : dayName(when);
  return near ?? when.toLocaleString(undefined, options);
}

/** @param {Date} when @returns {string|undefined} today, yesterday or tomorrow, when it is one of them */
export function dayName(when) {
  const days = { "-1": "yesterday", 0: "today", 1: "tomorrow" };
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return days[Math.round((midnight(when) - midnight(new Date())) / 86_400_000)];
}

function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Undo Slack's three escapes once; `&amp;lt;` stays `&lt;`. */
function unescaped(text) {
  const characters = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => characters[entity]);
}
