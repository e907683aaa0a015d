"""How long a person's command waits for its ack: alone, in a burst, and while an exchange hangs.

python tests/bench/ack.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from figures import Figure, Part, at, median, ms, show, within
from stage import Disk, open_bare, open_desk

from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.world import ALICE, TREASURY

ROUNDS = 200
BURST = 100
BURSTS = 5
HANGING, SENDS = 50, 10
# About as long as the desk is busy with what follows a command; a person takes longer for the next.
PAUSE_S = 0.05
COMMAND = "{number}.5 usdt htx:spot -> htx:linear-swap"


class Typist:
    """Types commands into one local Slack, each another one, and takes the time until its ack."""

    def __init__(self, slack: SlackDouble) -> None:
        self.slack = slack
        self._typed = 0

    async def one(self) -> float:
        """Return how long the ack of one command took, in seconds."""
        self._typed += 1
        act = await self.slack.slash(ALICE, TREASURY, "/transfer", COMMAND.format(number=self._typed % 999 + 1))
        assert act.acked and act.seconds is not None, act.failure
        return act.seconds

    async def burst(self) -> list[float]:
        """Return how long each of many acks took, for commands sent at once."""
        return list(await asyncio.gather(*(self.one() for _ in range(BURST))))


async def alone(typists: Sequence[Typist], disk: Disk) -> list[list[float]]:
    """One command at a time, each Slack in turn, and the disk."""
    taken: list[list[float]] = [[] for _ in range(len(typists) + 1)]
    for _ in range(ROUNDS):
        for typist, times in zip(typists, taken, strict=False):
            await asyncio.sleep(PAUSE_S)
            times.append(await typist.one())
        taken[-1].append(disk.sync())
    return taken


async def together(typists: Sequence[Typist]) -> list[list[float]]:
    """Bursts, each Slack in turn."""
    taken: list[list[float]] = [[] for _ in typists]
    for _ in range(BURSTS):
        for typist, times in zip(typists, taken, strict=True):
            await asyncio.sleep(1)
            times += await typist.burst()
    return taken


async def hung() -> list[float]:
    """Commands while both exchanges answer nothing and sends and previews wait for them."""
    async with open_desk() as scene:
        typist = Typist(scene.world.slack)
        for exchange in scene.world.exchanges:
            exchange.faults.break_reads(None, "hang_before")
            exchange.faults.plan("hang_before", None)
        await asyncio.gather(*(typist.one() for _ in range(HANGING)))
        for number in range(1, SENDS + 1):
            await scene.acts.confirm(ALICE, number)
        assert scene.states().count("approved") == SENDS, "they wait for a snapshot that does not come"
        single = [await typist.one() for _ in range(ROUNDS)]
        return single + await typist.burst()


async def measured() -> Part:
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(open_desk())
        disk = Disk(Path(scene.folder))
        stack.callback(disk.close)
        floor = Typist(await stack.enter_async_context(open_bare("floor")))
        default = Typist(await stack.enter_async_context(open_bare("default")))
        desk = Typist(scene.world.slack)
        for typist in (desk, floor, default):
            await typist.burst()  # warm
        ours, bare, as_it_comes, synced = await alone((desk, floor, default), disk)
        bursts = await together((desk, floor, default))
    dead = await hung()
    base = median(bare) + median(synced)
    most = at(bursts[0], 99)
    figures = (
        within("alone, p50", ms(median(ours)), median(ours) / base, f"bare Bolt + fsync ({ms(base)})", 2.5),
        Figure("alone, p99", ms(at(ours, 99)), f"bare Bolt {ms(at(bare, 99))}"),
        Figure("bare Bolt, acks at the end, p50", ms(median(bare))),
        Figure("bare Bolt, default settings, p50", ms(median(as_it_comes))),
        Figure("fsync of one page, p50", ms(median(synced)), f"p99 {ms(at(synced, 99))}"),
        Figure(f"burst of {BURST}, p50", ms(median(bursts[0])), f"bare Bolt {ms(median(bursts[1]))}"),
        Figure(f"burst of {BURST}, p99", ms(most), f"bare Bolt {ms(at(bursts[1], 99))}", "≤ 150 ms", most <= 0.15),
        Figure("dead exchange, p50", ms(median(dead))),
        Figure("dead exchange, slowest", ms(max(dead)), "Slack's limit 3 s", "≤ 1 s", max(dead) <= 1),
    )
    return Part(
        "Ack",
        "python tests/bench/ack.py",
        f"From the Socket Mode envelope to its ack, for a command that proposes a transfer, which is on disk by then: "
        f"{ROUNDS} alone, {BURSTS} bursts of {BURST}; with dead exchanges {HANGING} proposed and {SENDS} of them "
        f"confirmed, then {ROUNDS} commands one after the other and a burst. The bare apps do nothing but ack.",
        figures,
        (
            "Above the bare app are the reading of the command, a dozen statements of the journal's thread and a "
            "commit of some fifteen pages where the floor writes one. In a burst up to sixteen commands share a "
            "commit; Bolt's part of all hundred comes first.",
        ),
    )


if __name__ == "__main__":
    show(lambda: asyncio.run(measured()))
