"""One full flow, told as a script that can be taken up again wherever the desk died."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from simulation.life import Life, Result
from simulation.scenery import ALICE, CAROL, DAN, Policy

ROUNDS = 14  # of four seconds and everything that is due in them; the rest comes to an end at rest


@dataclass(frozen=True)
class Script:
    """What is typed, and what goes wrong at the exchange and at Slack."""

    text: str
    send_faults: tuple[str, ...] = ()
    slack_faults: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)


SCRIPTS = {
    "answered": Script("100 usdt htx:spot -> htx:linear-swap"),
    "lost after execution": Script(
        "100 usdt htx:spot -> htx:linear-swap", ("hang_after",), ("drop_after", "", "limited")
    ),
    "approved, lost at CoinW": Script(
        "100 usdt coinw:maker -> coinw:master", ("drop_after",), ("", "timeout_after"), Policy(tiers="two", per_day=700)
    ),
    "never executed": Script("100 usdt coinw:master -> coinw:maker", ("hang_before",)),
    "two steps, the second lost": Script("100 usdt coinw:maker -> coinw:arbitrage", ("", "drop_after")),
    "two steps, the first settled by evidence": Script("100 usdt coinw:maker -> coinw:arbitrage", ("drop_after",)),
}


@dataclass(frozen=True)
class Told:
    """What came of one run: how many points the first and the second process passed before rest."""

    result: Result
    first: int
    second: int


def play(script: Script, folder: Path, loop: asyncio.AbstractEventLoop, *deaths: int) -> Told:
    """Play a script; the first process dies at the first of `deaths`, the next one at the second (points, from 1)."""
    life = Life(1, folder, loop)
    world = life.world
    world.policy = script.policy
    world.slack.faults.extend(script.slack_faults)
    world.send_faults[script.text.split()[2].partition(":")[0]].extend(script.send_faults)
    planned = list(deaths)
    passed: list[int] = []

    def live() -> None:
        for step in range(1, ROUNDS + 1):
            life.step = step
            if not world.alive and planned:
                # The count begins before the desk opens: it may die while it starts.
                world.next_death = planned.pop(0)
            begins = not world.alive
            start = world.points.passed
            life.survive(lambda: _go_on(life, script))
            if begins:
                passed.append(0)
            passed[-1] += world.points.passed - start

    result = life.run(live)
    passed += [0, 0]
    return Told(result, passed[0], passed[1])


def _go_on(life: Life, script: Script) -> None:
    """Do what is next: people do again what nobody acknowledged, the desk does what is due."""
    rows = life.world.rows("SELECT id, state, card_ts FROM transfers ORDER BY id")
    if not rows:
        life.world.log(f"alice types {script.text}: {life.people.act(life.people.typed(ALICE, script.text))}")
    for number, state, card_ts in rows:
        if state == "proposed" and card_ts is not None:
            _press(life, number, "transfer_confirm", ALICE)
        elif state == "awaiting_approval":
            _press(life, number, "transfer_approve", CAROL, DAN)
    life.steps.work_for(4.0)


def _press(life: Life, number: int, action: str, *users: str) -> None:
    for user in users:
        card = life.people.card(number)
        press = life.people.pressed(user, card, action) if card else None
        if press:
            life.world.log(f"{user} presses {action}: {life.people.act(press)}")
