/**
 * The sandbox page: a Slack workspace on this machine, and beside it what the exchanges really hold.
 *
 * The server owns all state. Every change there raises a version; the page reads the whole state again and redraws
 * what differs. What the page itself knows is who is sitting here, which channel and thread are open, and what was
 * read; who and where stand in the address, so that two windows can be two people.
 */

import { announce } from "./announcer.js";
import { act, follow, readState } from "./api.js";
import { drawBooks } from "./books.js";
import { avatar, byTime, drawChannel, drawThread, isReply, stayAtEnd } from "./channel.js";
import { say, startComposer } from "./composer.js";
import { byId, el, reconcile } from "./dom.js";
import { askToConfirm, showView } from "./modal.js";

/** How many avatar colours blocks.css has. */
const TONES = 6;

const here = { as: "", channel: "", thread: "" };
const seen = new Map();
let state = null;

/* Who is who */

function person(id) {
  return state.users.find((user) => user.id === id);
}

const around = {
  get me() {
    return state.me;
  },
  userName: (id) => person(id)?.name ?? state.apps[id] ?? id,
  isApp: (id) => id in state.apps,
  tone: (id) => state.users.findIndex((user) => user.id === id) % TONES,
  channelName: (id) => state.channels.find((channel) => channel.id === id)?.name ?? id,
  press,
  openThread: (ts) => {
    here.thread = ts;
    draw();
    byId("thread-close").focus();
  },
  dismiss: (ts) => attempt("/sandbox/dismiss", { as: here.as, ts }),
};

/* Acts */

/** Do something at the server; a refusal is told beside the composer. */
async function attempt(path, body) {
  try {
    await act(path, body);
    say("");
  } catch (error) {
    say(error.message);
  }
}

/** Submit a modal; what goes wrong is returned, to be told inside it. Fields left empty are named beside themselves. */
async function submitView(viewId, values) {
  try {
    const { failure } = await act("/sandbox/submit", { as: here.as, view_id: viewId, values });
    return failure && failure !== "incomplete" ? "We had some trouble connecting. Try again?" : "";
  } catch (error) {
    return error.message;
  }
}

/** Press a button of a message, after its confirm dialog when it has one. */
async function press(message, button) {
  const { as, channel } = here;
  if (button.confirm && !(await askToConfirm(button.confirm, around))) return;
  await attempt("/sandbox/press", { as, channel, ts: message.ts, action_id: button.action_id, value: button.value });
}

const viewActs = {
  submit: submitView,
  close: (viewId) => attempt("/sandbox/close_view", { as: here.as, view_id: viewId }),
};

const bookActs = {
  fault: (exchange, kind) => attempt("/sandbox/fault", { exchange, kind, times: 1 }),
  clearFaults: (exchange) => attempt("/sandbox/fault/clear", { exchange }),
  recordsLag: (exchange, seconds) => attempt("/sandbox/records_lag", { exchange, seconds }),
  flip: (name, on) => attempt("/sandbox/switch", { name, on }),
  become: (subject, standing) => attempt("/sandbox/standing", { subject, standing }),
};

/* Reading the state */

let reading = false;
let readAgain = false;

/** Read and draw; changes that arrive meanwhile cause exactly one more read. */
async function refresh() {
  readAgain = true;
  if (reading) return;
  reading = true;
  try {
    while (readAgain) {
      readAgain = false;
      await readOnce();
    }
  } catch (error) {
    say(error.message);
  } finally {
    reading = false;
  }
}

async function readOnce() {
  const asked = here.as;
  const answer = await readState(asked);
  if (asked !== here.as) return;
  state = answer;
  here.as = state.me;
  if (!state.channels.some((channel) => channel.id === here.channel)) here.channel = state.channels[0]?.id ?? "";
  draw();
  announce(state, around);
}

/* Drawing */

function draw() {
  rememberPlace();
  byId("team").textContent = state.team.name;
  drawRail();
  byId("channel-name").textContent = `# ${around.channelName(here.channel)}`;
  drawChannel(byId("messages"), state, here.channel, around);
  drawOpenThread();
  showView(state.view, { ...around, press: null }, viewActs);
  drawBooks(state, bookActs);
  byId("authenticator").hidden = !state.code;
  byId("code").textContent = state.code.replace(/(\d{3})(\d{3})/, "$1 $2");
}

function drawOpenThread() {
  const pane = byId("thread");
  const root = here.thread && (state.messages[here.channel] ?? []).find((message) => message.ts === here.thread);
  pane.hidden = !root;
  document.body.classList.toggle("has-thread", Boolean(root));
  if (root) drawThread(byId("thread-messages"), state, here.channel, here.thread, around);
}

function drawRail() {
  markRead();
  const current = here.channel;
  const channels = state.channels.map(({ id, name }) => ({ id, name, unread: unread(id), current: id === current }));
  reconcile(byId("channels"), channels, ({ id }) => id, drawChannelLink);
  const people = state.users.map(({ id, name, role }) => ({ id, name, role, current: id === here.as }));
  reconcile(byId("people"), people, ({ id }) => id, drawPerson);
}

function drawChannelLink({ id, name, unread: count, current }) {
  return el(
    "li",
    {},
    el(
      "button",
      {
        type: "button",
        class: count ? "channel-link is-unread" : "channel-link",
        "aria-current": current ? "true" : null,
        "data-focus": id,
        onclick: () => go({ channel: id, thread: "" }),
      },
      el("span", {}, `# ${name}`),
      count > 0 && el("span", { class: "badge" }, String(count), el("span", { class: "unseen" }, " unread")),
    ),
  );
}

function drawPerson({ id, name, role, current }) {
  const choice = el("input", {
    type: "radio",
    name: "person",
    value: id,
    "data-focus": id,
    onchange: () => go({ as: id, thread: "" }),
  });
  choice.checked = current;
  const about = [el("strong", {}, name), el("span", { class: "role" }, role)];
  const words = el("span", { class: "person-words" }, ...about);
  return el("label", { class: current ? "person is-me" : "person" }, choice, avatar(id, around), words);
}

/* What was read, per person and channel: the `ts` of the newest message that was on screen */

function newest(channel) {
  return (state.messages[channel] ?? []).map((message) => message.ts).sort(byTime).at(-1) ?? "";
}

function markRead() {
  seen.set(`${here.as} ${here.channel}`, newest(here.channel));
}

function unread(channel) {
  const last = seen.get(`${here.as} ${channel}`) ?? "";
  return (state.messages[channel] ?? []).filter((one) => !isReply(one) && byTime(one.ts, last) > 0).length;
}

/* Where we are */

/** Sit down as somebody else, or look elsewhere. */
function go(change) {
  const isOther = change.as !== undefined && change.as !== here.as;
  Object.assign(here, change);
  say("");
  rememberPlace();
  if (isOther) refresh();
  else draw();
}

function rememberPlace() {
  const { as, channel } = here;
  const address = new URL(location.href);
  if (address.searchParams.get("as") === as && address.searchParams.get("channel") === channel) return;
  address.search = new URLSearchParams({ as, channel });
  history.replaceState(null, "", address);
}

function closeThread() {
  const root = here.thread;
  here.thread = "";
  draw();
  const row = [...byId("messages").children].find((node) => node.dataset.key === root);
  row?.querySelector(".replies")?.focus();
}

function start() {
  const address = new URL(location.href);
  here.as = address.searchParams.get("as") ?? "";
  here.channel = address.searchParams.get("channel") ?? "";
  byId("thread-close").addEventListener("click", closeThread);
  byId("thread").addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeThread();
  });
  stayAtEnd(byId("messages"));
  startComposer((text) => act("/sandbox/slash", { as: here.as, channel: here.channel, text }));
  follow(refresh, (connected) => {
    byId("connection").textContent = connected ? "" : "Connection lost, trying again …";
  });
}

start();
