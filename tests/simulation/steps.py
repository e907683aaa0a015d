"""The steps of a simulation: what people, time, the exchanges, Slack, the machine and the desk itself may do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from bot.sandbox.books import InsufficientFunds
from bot.sandbox.slack_workspace import Message
from simulation.people import Delivery, People
from simulation.scenery import ALICE, BOB, CAROL, DAN, ERIN, MALLORY, NAMES, ROUTES, TREASURY
from simulation.wires import EXECUTED_LATE, READ_FAULTS, SEND_FAULTS, SLACK_FAULTS
from simulation.world import World

ADMINS = (BOB, CAROL, DAN, ERIN)
AMOUNTS = ("100", "100", "250", "600", "1200")
TICK_S = 0.01  # the least time a machine takes to come back to something
LONG_S = (0.2, 1.2, 3.0, 20.0, 20.0, 90.0, 400.0, 700.0, 4000.0)
IDLE_MAX = 50  # rounds without rest in which nothing is written and nobody is asked
CONFIRM, CANCEL = "transfer_confirm", "transfer_cancel"
OPEN = (
    "SELECT id, requester, state, exchange, source, destination, amount FROM transfers WHERE state IN ({}) ORDER BY id"
)


class Steps:
    """Every kind of step, each one drawing what it needs from the seed's own random numbers."""

    def __init__(self, world: World, people: People, rng: Random) -> None:
        self._world = world
        self._people = people
        self._rng = rng
        self.hurried = rng.random() < 0.4
        # In a hurry the same sum goes back and forth between two accounts: lines that nothing but time tells apart.
        first = rng.choice((0, 0, 3))
        self._routes = list(ROUTES[first : first + 2]) if self.hurried else rng.sample(ROUTES, rng.randint(1, 3))
        self._amounts = ["100"] if self.hurried else rng.sample(AMOUNTS, rng.randint(1, 3))
        self._by_hand = rng.choice((["30"], [*self._amounts, "30"]))
        self._exchanges = sorted({route.partition(":")[0] for route in self._routes})
        self._seen: dict[int, list[Message]] = {}
        world.late_s = lambda: rng.uniform(25.0, 240.0)

    # People

    def type_transfer(self) -> None:
        user = self._rng.choice((ALICE, ALICE, BOB, CAROL, MALLORY))
        text = f"{self._rng.choice(self._amounts)} usdt {self._rng.choice(self._routes)}"
        self._act(self._people.typed(user, text))

    def type_and_confirm(self) -> None:
        """What most people do most of the time."""
        user = self._rng.choice((ALICE, BOB))
        text = f"{self._rng.choice(self._amounts)} usdt {self._rng.choice(self._routes)}"
        if self._open("unknown") and self._rng.random() < 0.6:
            self.lane()  # most people wait for the answer
            return
        self._act(self._people.typed(user, text))
        self.post_all()
        mine = [row for row in self._open("proposed") if row[1] == user]
        if mine:
            self._press(user, mine[-1][0], CONFIRM)

    def transfer_now(self) -> None:
        """Type, confirm and let the lane send it, all within seconds."""
        self.type_and_confirm()
        for _ in range(3):
            for lane in self._world.lanes.values():
                lane.step()
            self._world.pass_time(0.4)

    def press_confirm(self) -> None:
        if chosen := self._one_of("proposed"):
            user = self._person(chosen[1])
            self._press(user, chosen[0], CONFIRM)

    def press_cancel(self) -> None:
        if chosen := self._one_of("proposed", "approved"):
            self._press(self._person(chosen[1]), chosen[0], CANCEL)

    def press_together(self) -> None:
        """Two presses reach the desk at one moment."""
        chosen = self._one_of("proposed", "approved")
        card = self._people.card(chosen[0]) if chosen else None
        if chosen and card:
            first, second = self._rng.choice(((CONFIRM, CANCEL), (CONFIRM, CONFIRM), (CANCEL, CONFIRM)))
            other = self._rng.choice((chosen[1], self._person(chosen[1])))
            both = [self._people.pressed(chosen[1], card, first), self._people.pressed(other, card, second)]
            self._act(*(press for press in both if press))

    def press_old_card(self) -> None:
        """Somebody's screen still shows an older state."""
        if self._seen:
            card = self._rng.choice(self._seen[self._rng.choice(sorted(self._seen))])
            user = self._rng.choice((ALICE, BOB))
            action = self._rng.choice((CONFIRM, CANCEL))
            press = self._people.pressed(user, card, action)
            if press:
                self._act(press)

    def cancel_by_command(self) -> None:
        if chosen := self._one_of("proposed", "approved", "unknown", "succeeded"):
            self._act(self._people.typed(self._person(chosen[1]), f"cancel T{chosen[0]}"))

    def look(self) -> None:
        if chosen := self._one_of("proposed", "approved", "unknown", "succeeded"):
            text = self._rng.choice((f"show T{chosen[0]}", "history", "help"))
            self._act(self._people.typed(self._rng.choice((ALICE, BOB, MALLORY)), text))

    def redeliver(self) -> None:
        """Slack sends an old payload again."""
        if self._people.sent:
            old = self._rng.choice(self._people.sent[-8:])
            if not old.listener.startswith("transfer_resolve_"):
                self._act(replace(old, acks=[], error=""))

    def deliver_twice(self) -> None:
        chosen = self._one_of("proposed")
        card = self._people.card(chosen[0]) if chosen else None
        press = self._people.pressed(chosen[1], card, CONFIRM) if chosen and card else None
        if press:
            self._act(press, replace(press, acks=[]))

    def settle_unknown(self) -> None:
        if chosen := self._one_of("unknown"):
            self.settle(chosen, self._rng.choice((*ADMINS, ALICE, MALLORY)))

    def settle_patiently(self) -> None:
        """People wait until nothing more can happen, then settle what is left."""
        self._world.pass_time(400.0)
        self._world.log("people have waited for 400 s")
        for row in self._open("unknown"):
            for user in self._rng.sample(ADMINS, 3):
                if any(other[0] == row[0] for other in self._open("unknown")):
                    self.settle(row, user)

    def settle(self, row: Any, user: str) -> None:
        """Somebody honest looks at the exchange's true book and says what they see, or waits."""
        number = row[0]
        card = self._people.card(number)
        if card is None or number in self._world.books.held:
            return
        executed = number in self._world.books.executed
        told = self._people.settle(user, card, executed)
        self._world.log(f"{NAMES[user]} settles T{number} as {'' if executed else 'not '}executed: {told}")

    def move_by_hand(self) -> None:
        """A treasurer moves the same sum at the exchange itself."""
        text = self._rng.choice(self._routes)
        exchange = text.partition(":")[0]
        source, _, destination = text.replace(f"{exchange}:", "").partition(" -> ")
        aliases = {"maker": "39000001", "arbitrage": "39000002"}
        sides = (aliases.get(source, source), aliases.get(destination, destination))
        amount = self._rng.choice(self._by_hand)
        try:
            self._world.lookalikes[exchange].book.move(*sides, "USDT", Decimal(amount))
        except InsufficientFunds:
            return
        self._world.tally["movements by hand"] += 1
        self._world.log(f"by hand: {amount} {text}")

    # The desk

    def lane(self) -> None:
        name = self._rng.choice(sorted(self._world.lanes))
        wait = self._world.lanes[name].step()
        self._world.log(f"lane {name}: {wait:.1f} s")

    def deadlines(self) -> None:
        self._world.log(f"deadlines: {self._world.deadlines.step():.1f} s")

    def post(self) -> None:
        wait = self._world.run(self._world.poster.step())
        self._remember_cards()
        self._world.log(f"poster: {wait:.1f} s")

    def post_all(self) -> None:
        for _ in range(20):
            if self._world.run(self._world.poster.step()) > 0:
                break
        self._remember_cards()
        self._world.log("poster: all it can")

    def work(self) -> None:
        """The desk works undisturbed for a while."""
        self.work_for(self._rng.choice((5.0, 10.0, 20.0) if self.hurried else (5.0, 30.0, 120.0, 400.0)))

    def work_for(self, seconds: float) -> None:
        """Let every part step when it asked to, and after a commit that may concern it."""
        world, end = self._world, self._world.true.monotonic() + seconds
        world.log(f"the desk works for {seconds:.0f} s")
        parts: list[Callable[[], float]] = [lane.step for lane in world.lanes.values()]
        parts += [world.deadlines.step, lambda: world.run(world.poster.step())]
        due, idle = [0.0] * len(parts), 0
        while world.true.monotonic() < end:
            for number, part in enumerate(parts):
                if due[number] > world.true.monotonic():
                    continue
                commits, before = world.commits, world.points.passed
                due[number] = world.true.monotonic() + part()
                idle = idle + 1 if world.points.passed == before and due[number] <= world.true.monotonic() else 0
                if world.commits > commits:
                    # `bot.app` wakes all; what the poster writes concerns only itself.
                    due[-1:] = [0.0]
                    if number < len(parts) - 1:
                        due = [0.0] * len(parts)
            if idle > IDLE_MAX:
                world.blame(f"the desk spins: part {number} asks for no rest and does nothing")
                return
            if min(due) > world.true.monotonic():
                world.pass_time(max(TICK_S, min(*due, end) - world.true.monotonic()))
        self._remember_cards()

    def time(self) -> None:
        if self.hurried and self._rng.random() < 0.9:
            seconds = self._rng.choice((0.2, 1.2, 3.0, 8.0, 20.0))
        else:
            seconds = self._rng.choice(LONG_S)
        self._world.pass_time(seconds)
        self._world.log(f"{seconds} s pass")

    # Faults

    def exchange_fault(self) -> None:
        name = self._rng.choice(self._exchanges)
        usual = ("hang_after", "hang_before", "drop_after", "drop_before", EXECUTED_LATE)
        fault = self._rng.choice((*SEND_FAULTS, *usual, *usual))
        self._world.send_faults[name].append(fault)
        self._world.log(f"planned at {name}: {fault}")

    def unreadable(self) -> None:
        name = self._rng.choice(self._exchanges)
        fault, times = self._rng.choice(READ_FAULTS), self._rng.choice((1, 2, 5))
        self._world.read_faults[name].extend([fault] * times)
        self._world.log(f"the next {times} reads of {name}: {fault}")

    def lagging_records(self) -> None:
        name = self._rng.choice(self._exchanges)
        lag_s = self._rng.choice((0.0, 5.0, 20.0, 60.0, 200.0))
        lookalike: Any = self._world.lookalikes[name]
        if hasattr(lookalike, "records_lag_s"):
            lookalike.records_lag_s = lag_s
            self._world.books.lag_s_max = max(lag_s, self._world.books.lag_s_max)
            self._world.log(f"records of {name} lag {lag_s} s")

    def slack_fault(self) -> None:
        fault, times = self._rng.choice(sorted(SLACK_FAULTS)), self._rng.choice((1, 1, 3))
        self._world.slack.faults.extend([fault] * times)
        self._world.slack.rest_s = self._rng.choice((1, 5, 30))
        self._world.log(f"planned at Slack: {times} times {fault}")

    def slack_down(self) -> None:
        self._world.slack.down = not self._world.slack.down
        self._world.log(f"Slack is {'down' if self._world.slack.down else 'up'}")

    def delete_card(self) -> None:
        """A workspace admin deletes a card."""
        if chosen := self._one_of("proposed", "approved", "unknown", "succeeded"):
            card = self._people.card(chosen[0])
            if card is not None:
                self._people.deleted.add(chosen[0])
                self._world.workspace.delete(TREASURY, card.ts)
                self._world.log(f"the card of T{chosen[0]} is deleted")

    def clock_step(self) -> None:
        seconds = self._rng.choice((-600.0, -60.0, -7.0, -2.0, 2.0, 7.0, 60.0, 600.0))
        self._world.clock.set(seconds)
        self._world.log(f"the desk's clock is set by {seconds} s")

    def clock_right(self) -> None:
        self._world.clock.set(-self._world.clock_error_s)
        self._world.log("the desk's clock is right")

    def disk_full(self) -> None:
        disk = self._world.disk
        if disk is not None:
            disk.full = "" if disk.full else self._rng.choice(("write", "commit"))
            self._world.log(f"the disk is full: {disk.full or 'no more'}")

    def disk_slow(self) -> None:
        if self._world.disk is not None:
            self._world.disk.slow_s = self._rng.choice((1.0, 6.0, 40.0))
            self._world.log(f"the next commit takes {self._world.disk.slow_s} s")

    def crash_soon(self) -> None:
        more = self._rng.randint(1, 25)
        self._world.points.die_in(more)
        self._world.log(f"the process will die at point {more} from here")

    def restart(self) -> None:
        self._world.close()
        self._world.tally["restarts"] += 1
        self._world.log("the desk is stopped")

    def policy_edit(self) -> None:
        world, rng = self._world, self._rng
        edits: tuple[dict[str, Any], ...] = (
            {"limit": rng.choice((150, 400, 1000))},
            {"bob": not world.policy.bob},
            {"by_person": not world.policy.by_person},
            {"rule": rng.choice(("collateral", "margin"))},
        )
        world.close()
        world.policy = replace(world.policy, **rng.choice(edits))
        world.log(f"the desk is stopped, {world.policy}")

    # Helpers

    def meanwhile(self, where: str) -> None:
        """While the desk waits for an exchange, others may act."""
        if self._rng.random() < 0.12:
            act: Callable[[], None] = self._rng.choice(
                (
                    self.press_cancel,
                    self.press_confirm,
                    self.post,
                    self.deadlines,
                    self.type_transfer,
                    self.move_by_hand,
                )
            )
            self._world.log(f"  {where}:")
            act()

    def _open(self, *states: str) -> list[Any]:
        marks = ", ".join("?" * len(states))
        return self._world.rows(OPEN.format(marks), *states)

    def _one_of(self, *states: str) -> Any:
        rows = self._open(*states)
        return self._rng.choice(rows[-4:]) if rows else None

    def _person(self, requester: str) -> str:
        """Mostly whoever asked."""
        return self._rng.choice((requester, requester, requester, ALICE, BOB, MALLORY))

    def _press(self, user: str, number: int, action: str) -> None:
        card = self._people.card(number)
        press = self._people.pressed(user, card, action) if card else None
        if press:
            self._act(press)

    def _act(self, *deliveries: Delivery) -> None:
        for delivery, told in zip(deliveries, self._people.act(*deliveries), strict=True):
            what = delivery.body.get("text") or delivery.listener
            self._world.log(f"{NAMES[delivery.user]}: {what} → {told[:90]}")

    def _remember_cards(self) -> None:
        for message in self._world.workspace.messages(TREASURY):
            said = (message.metadata or {}).get("event_payload") or {}
            if said.get("kind") == "card":
                known = self._seen.setdefault(said["transfer"], [])
                if not known or known[-1] != message:
                    known.append(message)
