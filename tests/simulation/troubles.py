"""What may go wrong around a simulated desk: exchanges, Slack, its people, the machine; and edits of desk.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from bot.sandbox.slack_standings import CHANNELS, MEMBER, OWN, PEOPLE
from simulation.people import People
from simulation.scenery import ALICE, BOB, CAROL, DAN, NAMES, TIERS, TREASURY, Policy
from simulation.wires import EXECUTED_LATE, READ_FAULTS, SEND_FAULTS, SLACK_FAULTS
from simulation.world import World

SHARED = sorted({*CHANNELS} - {OWN, "archived"})  # nothing can be posted into an archived one
LIMITS = (150, 400, 1000)
# What a policy may ask for and forbid beside what every one does.
AGREEMENT: Mapping[str, tuple[Any, ...]] = {
    "per_day": (None, 700, 2000),
    "per_person_per_day": (None, None, 400, 1500),
    "tiers": tuple(TIERS),
    "carol_approves": (True, True, False),
}
OPEN_STATES = ("proposed", "awaiting_approval", "approved", "waiting")
OPEN = (
    "SELECT id, requester, state, exchange, source, destination, amount FROM transfers WHERE state IN ({}) ORDER BY id"
)


class Troubles:
    """Steps that nobody wants, each one drawing what it needs from the seed's own random numbers."""

    def __init__(self, world: World, people: People, rng: Random) -> None:
        self._world = world
        self._people = people
        self._rng = rng
        self._exchanges: list[str] = []

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
        self._lag(name, self._rng.choice((0.0, 5.0, 20.0, 60.0, 200.0)))

    def _lag(self, name: str, lag_s: float) -> None:
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

    def unasked(self) -> None:
        """Slack cannot be asked about people for a while."""
        fault, times = self._rng.choice(sorted(SLACK_FAULTS)), self._rng.choice((1, 4, 12))
        self._world.slack.ask_faults.extend([fault] * times)
        self._world.log(f"planned for who is there: {times} times {fault}")

    def standing(self) -> None:
        """Somebody leaves Slack, or comes back; the channel is shared, or no longer."""
        world, rng = self._world, self._rng
        subject = rng.choice((ALICE, BOB, CAROL, DAN, TREASURY, *world.unwell_since))
        kinds = (OWN, *SHARED) if subject == TREASURY else (MEMBER, *sorted({*PEOPLE} - {MEMBER}))
        standing = kinds[0] if subject in world.unwell_since else rng.choice(kinds[1:])
        world.become(subject, standing)
        world.log(f"{NAMES.get(subject, 'the channel')} is now {standing}")

    def slack_down(self) -> None:
        self._world.slack.down = not self._world.slack.down
        self._world.log(f"Slack is {'down' if self._world.slack.down else 'up'}")

    def delete_card(self) -> None:
        """A workspace admin deletes a card."""
        if chosen := self._one_of("proposed", "approved", "unknown", "succeeded"):
            card = self._people.card(chosen[0])
            if card is not None:
                self._people.deleted.add(self._people.named(chosen[0]))
                self._world.workspace.delete(TREASURY, card.ts)
                self._world.log(f"the card of T{chosen[0]} is deleted")

    def clock_step(self) -> None:
        seconds = self._rng.choice((-600.0, -60.0, -7.0, -2.0, 2.0, 7.0, 60.0, 600.0))
        self._world.set_clock(seconds)
        self._world.log(f"the desk's clock is set by {seconds} s")

    def clock_right(self) -> None:
        self._world.set_clock(-self._world.clock_error_s)
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

    def _edited(self) -> Policy:
        world, rng = self._world, self._rng
        edits: tuple[dict[str, Any], ...] = (
            {"limit": rng.choice(LIMITS)},
            {"bob": not world.policy.bob},
            {"by_person": not world.policy.by_person},
            {"rule": rng.choice(("collateral", "margin"))},
            *({name: rng.choice(values)} for name, values in AGREEMENT.items()),
            *({name: rng.choice(values)} for name, values in AGREEMENT.items() if name == "tiers"),
        )
        return replace(world.policy, **rng.choice(edits))

    def policy_edit(self) -> None:
        self._world.close()
        self._world.policy = self._edited()
        self._world.log(f"the desk is stopped, {self._world.policy}")

    def policy_reload(self) -> None:
        self._load(self._edited())

    def _load(self, policy: Policy) -> None:
        self._world.policy = policy
        loaded = self._world.reload()
        self._world.log(f"{'loaded' if loaded else 'not loaded'}: {self._world.policy}")

    def begin_with_agreement(self) -> None:
        """Begin under a policy that has limits for a day, or asks for approvals."""
        chosen = {name: self._rng.choice(values) for name, values in AGREEMENT.items()}
        self._world.policy = replace(self._world.policy, **chosen)
        self._world.log(f"at first {self._world.policy}")

    # Helpers

    def _open(self, *states: str) -> list[Any]:
        marks = ", ".join("?" * len(states))
        return self._world.rows(OPEN.format(marks), *states)

    def _one_of(self, *states: str) -> Any:
        rows = self._open(*states)
        return self._rng.choice(rows[-4:]) if rows else None
