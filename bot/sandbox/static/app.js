/**
 * The sandbox page: a Slack workspace on this machine, and beside it what the exchanges really hold.
 *
 * The server owns all state. Every change there raises a version; the page reads the state again, once for each person
 * who is shown, and redraws what differs. What the page itself knows is who sits here and which channel they look at;
 * both stand in the address, so that two windows can be two people.
 */

import { announce } from "./announcer.js";
import { act, follow, readState } from "./api.js";
import { directoryOf } from "./directory.js";
import { byId } from "./dom.js";
import { drawExchanges } from "./exchanges.js";
import { drawFaults } from "./faults.js";
import { showConversation, startPanes } from "./panes.js";
import { drawRail } from "./rail.js";
import { Seat } from "./seat.js";
import { drawTour, drawWire } from "./wire.js";

const SEATS_MAX = 3;

const here = { seats: [], active: "", channel: "", seatsMax: SEATS_MAX };
const seats = new Map();

/* Acts */

/** Do something at the server that nobody does in particular; a refusal is told where the person is. */
async function attempt(path, body) {
  try {
    await act(path, body);
  } catch (error) {
    seats.get(here.active)?.say(error.message);
  }
}

const faultActs = {
  fault: (exchange, kind) => attempt("/sandbox/fault", { exchange, kind, times: 1 }),
  clearFaults: (exchange) => attempt("/sandbox/fault/clear", { exchange }),
  recordsLag: (exchange, seconds) => attempt("/sandbox/records_lag", { exchange, seconds }),
  flip: (name, on) => attempt("/sandbox/switch", { name, on }),
  become: (subject, standing) => attempt("/sandbox/standing", { subject, standing }),
};

const railActs = {
  look: (channel) => {
    here.channel = channel;
    showConversation();
    draw();
  },
  be: (user) => {
    if (!here.seats.includes(user)) here.seats.splice(here.seats.indexOf(here.active), 1, user);
    here.active = user;
    showConversation();
    refresh();
  },
  toggleBeside: (user) => {
    if (here.seats.includes(user)) leave(user);
    else {
      here.seats.push(user);
      here.active = user;
      refresh();
    }
  },
};

function leave(user) {
  if (here.seats.length === 1) return;
  here.seats.splice(here.seats.indexOf(user), 1);
  if (here.active === user) here.active = here.seats.at(-1);
  refresh();
  seats.get(here.active)?.focus();
}

/* Reading the state */

const states = new Map();
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
    seats.get(here.active)?.say(error.message);
  } finally {
    reading = false;
  }
}

async function readOnce() {
  const asked = here.seats.length ? [...here.seats] : [""];
  const answers = await Promise.all(asked.map(readState));
  if (here.seats.length && String(asked) !== String(here.seats)) return; // somebody came or went: a new read is due
  for (const state of answers) states.set(state.me, state);
  // For an id it does not know, the server answers as its first person.
  here.seats = [...new Set(answers.map((state) => state.me))];
  if (!here.seats.includes(here.active)) here.active = here.seats[0];
  const state = states.get(here.active);
  const { channels } = state;
  if (!channels.some((channel) => channel.id === here.channel)) here.channel = channels[0]?.id ?? "";
  draw();
  announce(state, directoryOf(state));
}

/* Drawing */

function draw() {
  const state = states.get(here.active);
  rememberPlace();
  placeSeats();
  for (const [as, seat] of seats) seat.draw(states.get(as), here.channel);
  drawRail(state, here, railActs);
  drawExchanges(state.exchanges);
  drawFaults(state, faultActs);
  drawWire(state.wire, directoryOf(state));
  drawTour(state.narration);
}

/** Give everybody a seat who shall have one, in order, without moving those who sit. */
function placeSeats() {
  const main = byId("seats");
  for (const [as, seat] of seats) {
    if (here.seats.includes(as)) continue;
    seat.node.remove();
    seats.delete(as);
  }
  let place = main.querySelector(".seat");
  for (const as of here.seats) {
    if (!seats.has(as)) seats.set(as, new Seat(as, () => leave(as)));
    const { node } = seats.get(as);
    if (node === place) place = place.nextElementSibling;
    else main.insertBefore(node, place);
    node.classList.toggle("is-active", as === here.active);
  }
  document.body.dataset.seats = String(here.seats.length);
}

/* Where we are */

function rememberPlace() {
  const address = new URL(location.href);
  const place = new URLSearchParams({ as: here.seats.join(" "), channel: here.channel });
  if (address.search === `?${place}`) return;
  address.search = place;
  history.replaceState(null, "", address);
}

/** Whoever is typed or clicked at is the one the side bar speaks of. */
function follows(event) {
  const as = event.target.closest(".seat")?.dataset.seat;
  if (!as || as === here.active || !here.seats.includes(as)) return;
  here.active = as;
  draw();
}

function start() {
  const address = new URL(location.href);
  here.seats = (address.searchParams.get("as") ?? "").split(" ").filter(Boolean).slice(0, SEATS_MAX);
  here.active = here.seats[0] ?? "";
  here.channel = address.searchParams.get("channel") ?? "";
  startPanes();
  byId("seats").addEventListener("focusin", follows);
  follow(refresh, (connected) => {
    byId("connection").textContent = connected ? "" : "Connection lost, trying again …";
  });
}

start();
