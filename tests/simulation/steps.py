"""The steps of a simulation: what people, time, the exchanges, Slack, the machine and the desk itself may do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from bot.sandbox.books import InsufficientFunds
from bot.sandbox.slack_workspace import Message
from simulation.people import Delivery, People
from simulation.scenery import ALICE, BOB, BY_THE_HUB, CAROL, DAN, ERIN, MALLORY, NAMES, ROUTES, TREASURY
from simulation.troubles import LIMITS, OPEN_STATES, Troubles
from simulation.wires import EXECUTED_LATE
from simulation.world import World

ADMINS = (BOB, CAROL, DAN, ERIN)
AMOUNTS = ("100", "100", "250", "600", "1200")
TICK_S = 0.01  # the least time a machine takes to come back to something
LONG_S = (0.2, 1.2, 3.0, 20.0, 20.0, 90.0, 400.0, 700.0, 4000.0)
IDLE_MAX = 50  # rounds without rest in which nothing is written and nobody is asked
CONFIRM, CANCEL = "transfer_confirm", "transfer_cancel"
APPROVE, DENY = "transfer_approve", "transfer_deny"


class Steps(Troubles):
    """Every kind of step, each one drawing what it needs from the seed's own random numbers."""

    def __init__(self, world: World, people: People, rng: Random) -> None:
        super().__init__(world, people, rng)
        self.hurried = rng.random() < 0.5
        # In a hurry the same sum goes back and forth between two accounts: lines that nothing but time tells apart.
        first = rng.choice((0, 0, 3))
        self._routes = list(ROUTES[first : first + 2]) if self.hurried else rng.sample(ROUTES, rng.randint(1, 3))
        self._amounts = ["100"] if self.hurried else rng.sample(AMOUNTS, rng.randint(1, 3))
        self._by_hand = rng.choice((["30"], [*self._amounts, "30"], [*self._amounts, "30"]))
        self.by_the_hub = [route for route in BY_THE_HUB if self._is_beside(route) and rng.random() < 0.5]
        self._routes += self.by_the_hub * 2
        self._exchanges = sorted({route.partition(":")[0] for route in self._routes})
        self._seen: dict[int, list[Message]] = {}
        self.intruding: list[Callable[[], None]] = []  # what else may come in between
        world.late_s = lambda: rng.uniform(25.0, 240.0)

    def _is_beside(self, route: str) -> bool:
        """Tell whether one of the steps of a route is a route of this seed too."""
        return not {*BY_THE_HUB[route]}.isdisjoint(self._routes)

    # People

    def type_transfer(self) -> None:
        user = self._rng.choice((ALICE, ALICE, BOB, CAROL, MALLORY))
        text = f"{self._rng.choice(self._amounts)} usdt {self._rng.choice(self._routes)}"
        self._act(self._people.typed(user, text))

    def type_and_confirm(self) -> None:
        """What most people do most of the time."""
        text = f"{self._rng.choice(self._amounts)} usdt {self._rng.choice(self._routes)}"
        if self._open("unknown") and self._rng.random() < 0.6:
            self.lane()  # most people wait for the answer
        else:
            self._ask_and_confirm(text)

    def _ask_and_confirm(self, text: str) -> None:
        user = self._rng.choice((ALICE, BOB))
        self._act(self._people.typed(user, text))
        self.post_all()
        mine = [row for row in self._open("proposed") if row[1] == user]
        if mine:
            self._press(user, mine[-1][0], CONFIRM)

    def transfer_now(self) -> None:
        """Type, confirm and let the lane send it, all within seconds."""
        self.type_and_confirm()
        self._send_now()

    def lose_an_answer(self) -> None:
        """Send what gets no answer, perhaps just after a person moved the same, or an equal one was answered."""
        route, amount = self._rng.choice(self._routes), self._rng.choice(self._amounts)
        step, *_ = BY_THE_HUB.get(route, (route,))
        before = self._rng.choice(("by hand", "answered", "nothing"))
        if before == "by hand":
            self._move_by_hand(step, amount)
        if before == "answered":
            self._lag(route.partition(":")[0], 20.0)
            self._ask_and_confirm(f"{amount} usdt {route}")
            self._send_now()
        lost = ("hang_before", "drop_before", *(() if before != "nothing" else ("hang_after", EXECUTED_LATE)))
        fault = self._rng.choice(lost)
        self._world.send_faults[route.partition(":")[0]].append(fault)
        self._ask_and_confirm(f"{amount} usdt {route}")
        self._send_now()
        if self._rng.random() < 0.7:
            self._move_by_hand(step, "30")  # the balance tells nothing any more

    def _send_now(self) -> None:
        self.agree()
        for _ in range(3):
            self._ask_around()
            for lane in self._world.lanes.values():
                lane.step()
            self._world.pass_time(0.4)

    def press_confirm(self) -> None:
        if chosen := self._one_of("proposed"):
            user = self._person(chosen[1])
            self._press(user, chosen[0], CONFIRM)

    def press_cancel(self) -> None:
        if chosen := self._one_of(*OPEN_STATES):
            self._press(self._person(chosen[1]), chosen[0], CANCEL)

    def agree(self) -> None:
        """Those whose approval is asked for give it, as most do most of the time."""
        waiting = self._open("awaiting_approval")
        if waiting:
            self.post_all()
            for user in self._rng.sample((BOB, CAROL, DAN, ERIN), self._rng.choice((1, 3, 4))):
                self._press(user, waiting[-1][0], APPROVE)

    def decide(self) -> None:
        """Somebody decides on a transfer, whether they may or not."""
        if chosen := self._one_of("awaiting_approval"):
            self._press(self._approver(chosen[1]), chosen[0], self._rng.choice((APPROVE, APPROVE, APPROVE, DENY)))

    def change_of_mind(self) -> None:
        """The rules change while somebody's approval is awaited, and whoever asked confirms once more."""
        chosen = self._one_of("awaiting_approval")
        if chosen and self._world.policy.limit >= LIMITS[-1]:
            limit = next(limit for limit in (LIMITS[-1], LIMITS[-1] + 1) if limit != self._world.policy.limit)
            self._load(replace(self._world.policy, limit=limit))
            self.post_all()
            self._press(chosen[1], chosen[0], CONFIRM)
            self.post_all()

    def decide_together(self) -> None:
        """Two decisions on a transfer reach the desk at one moment."""
        chosen = self._one_of("awaiting_approval")
        card = self._people.card(chosen[0]) if chosen else None
        if chosen and card:
            first = self._approver(chosen[1])
            second = self._rng.choice((first, self._approver(chosen[1])))
            actions = ((APPROVE, APPROVE), (APPROVE, APPROVE), (APPROVE, DENY), (DENY, APPROVE))
            one, other = self._rng.choice(actions)
            both = [self._people.pressed(first, card, one), self._people.pressed(second, card, other)]
            if self._rng.random() < 0.3:
                both.append(self._people.pressed(chosen[1], card, CANCEL))
            self._act(*(press for press in both if press))

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
            user = self._rng.choice((ALICE, BOB, CAROL))
            action = self._rng.choice((CONFIRM, CANCEL, APPROVE))
            press = self._people.pressed(user, card, action)
            if press:
                self._act(press)

    def cancel_by_command(self) -> None:
        if chosen := self._one_of(*OPEN_STATES, "unknown", "succeeded"):
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
        route = self._rng.choice(self._routes)
        self._move_by_hand(self._rng.choice(BY_THE_HUB.get(route, (route,))), self._rng.choice(self._by_hand))

    def _move_by_hand(self, text: str, amount: str) -> None:
        exchange = text.partition(":")[0]
        source, _, destination = text.replace(f"{exchange}:", "").partition(" -> ")
        aliases = {"maker": "39000001", "arbitrage": "39000002"}
        sides = (aliases.get(source, source), aliases.get(destination, destination))
        try:
            self._world.lookalikes[exchange].book.move(*sides, "USDT", Decimal(amount))
        except InsufficientFunds:
            return
        self._world.tally["movements by hand"] += 1
        self._world.log(f"by hand: {amount} {text}")

    def freeze(self) -> None:
        """Somebody freezes, from the chat or from a shell; or, when something is frozen, somebody unfreezes."""
        frozen = self._world.rows("SELECT exchange, actor FROM freezes")
        what = self._rng.choice(("all", "htx", "coinw"))
        if frozen and self._rng.random() < 0.7:
            self._act(self._people.typed(self._rng.choice((*ADMINS, MALLORY)), "unfreeze all"))
        elif self._rng.random() < 0.3:
            self._world.order_freeze("" if what == "all" else what)
            self._world.log(f"a shell orders {what} frozen")
        else:
            self._act(self._people.typed(self._rng.choice((ALICE, *ADMINS, MALLORY)), f"freeze {what} a key leaked"))

    def unfreeze(self) -> None:
        """Two admins see to it that nothing is frozen."""
        for user in self._rng.sample((CAROL, DAN, ERIN), 2):
            if self._world.rows("SELECT 1 FROM freezes"):
                self._act(self._people.typed(user, "unfreeze all"))

    # The desk

    def lane(self) -> None:
        name = self._rng.choice(sorted(self._world.lanes))
        wait = self._world.lanes[name].step()
        self._world.log(f"lane {name}: {wait:.1f} s")

    def deadlines(self) -> None:
        self._world.log(f"deadlines: {self._world.deadlines.step():.1f} s")

    def post(self) -> None:
        self._ask_around()
        wait = self._world.run(self._world.poster.step())
        self._remember_cards()
        self._world.log(f"poster: {wait:.1f} s")

    def post_all(self) -> None:
        self._ask_around()
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
        if world.freeze_file.orders():
            parts.append(world.shell_orders.step)
        parts += [
            world.daily_head.step,
            world.deadlines.step,
            lambda: world.run(world.roll.step()),
            lambda: world.run(world.poster.step()),
        ]
        due, idle = [0.0] * len(parts), 0
        # `bot.app` wakes all after a commit; but what the roll hears concerns the lanes, what the poster writes itself.
        roll, poster = len(parts) - 2, len(parts) - 1
        concerned: dict[int, Iterable[int]] = {roll: range(len(world.lanes)), poster: (poster,)}
        while world.true.monotonic() < end:
            for number, part in enumerate(parts):
                if due[number] > world.true.monotonic():
                    continue
                commits, before = world.commits, world.points.passed
                due[number] = world.true.monotonic() + part()
                idle = idle + 1 if world.points.passed == before and due[number] <= world.true.monotonic() else 0
                if world.commits > commits:
                    for other in concerned.get(number, range(len(parts))):
                        due[other] = 0.0
            if idle > IDLE_MAX:
                world.blame(f"the desk spins: part {number} asks for no rest and does nothing")
                return
            if min(due) > world.true.monotonic():
                world.pass_time(max(TICK_S, min(*due, end) - world.true.monotonic()))
        self._remember_cards()

    def a_day(self) -> None:
        """So long that what was spent is forgotten, or nearly."""
        hours = self._rng.choice((8, 23.5, 24.5))
        self._world.pass_time(hours * 3600)
        self._world.log(f"{hours} hours pass")

    def time(self) -> None:
        if self.hurried and self._rng.random() < 0.9:
            seconds = self._rng.choice((0.2, 1.2, 3.0, 8.0, 20.0))
        else:
            seconds = self._rng.choice(LONG_S)
        self._world.pass_time(seconds)
        self._world.log(f"{seconds} s pass")

    # Helpers

    def _ask_around(self) -> float:
        return self._world.run(self._world.roll.step())

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
                    self.decide,
                    *self.intruding,
                )
            )
            self._world.log(f"  {where}:")
            act()

    def _person(self, requester: str) -> str:
        """Mostly whoever asked."""
        return self._rng.choice((requester, requester, requester, ALICE, BOB, MALLORY))

    def _approver(self, requester: str) -> str:
        """Mostly somebody who may."""
        return self._rng.choice((BOB, CAROL, CAROL, DAN, DAN, ERIN, requester, MALLORY))

    def _press(self, user: str, number: int, action: str) -> None:
        card = self._people.card(number)
        press = self._people.pressed(user, card, action) if card else None
        if press:
            self._act(press)

    def _act(self, *sent: Delivery) -> None:
        users = self._world.workspace.users
        gone = {user for user in users if users[user].deleted or users[user].team_id}  # they cannot act here any more
        deliveries = [delivery for delivery in sent if delivery.user not in gone]
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
