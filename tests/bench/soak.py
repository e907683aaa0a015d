"""An hour of people at a desk, one command upon the other: what its process holds meanwhile."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from time import perf_counter

from procfs import Look, look
from scene import Scene

from bot.sandbox.world import ALICE, BOB, CAROL, MALLORY, TREASURY

AT_ONCE = 8  # people who type, each the next line when the last was answered
SAMPLE_EVERY_S = 1.0
_NAME = re.compile(r"\bT(\d+)\b")


@dataclass(frozen=True)
class Sample:
    """One look at the desk.

    Attributes:
        at: seconds since the soak began.
        commands: acknowledged so far.
        proposed: transfers on record so far.
    """

    at: float
    commands: int
    proposed: int
    desk: Look


@dataclass
class Soak:
    """What was done to a desk, and what it was seen to hold.

    Attributes:
        acks: seconds to each ack.
        failed: what was not acknowledged in time, or answered otherwise than the mix expects.
    """

    scene: Scene
    pid: int
    begun: float = field(default_factory=perf_counter)
    commands: int = 0
    proposed: int = 0
    acks: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    async def type(self, user: str, text: str) -> str:
        """Type `/transfer TEXT`; returns the answer."""
        act = await self.scene.world.slack.slash(user, TREASURY, "/transfer", text)
        if not act.acked:
            self.failed.append(f"{text}: {act.failure}")
        self._count(act.seconds)
        return str(act.payload.get("text", ""))

    async def click(self, user: str, action: str) -> None:
        """Press a button on the newest card that has one."""
        slack = self.scene.world.slack
        for message in reversed(slack.workspace.messages(TREASURY)):
            if action in str(message.blocks):
                act = await slack.press(user, TREASURY, message.ts, action)
                if not act.acked:
                    self.failed.append(f"{action}: {act.failure}")
                return self._count(act.seconds)
        return None

    async def look_home(self, user: str) -> None:
        """Open the Home tab."""
        act = await self.scene.world.slack.open_home(user)
        if act is not None:
            self._count(act.seconds)

    def _count(self, seconds: float | None) -> None:
        self.commands += 1
        if seconds is not None:
            self.acks.append(seconds)

    def sample(self) -> Sample:
        """Look at the desk now."""
        self.samples.append(Sample(perf_counter() - self.begun, self.commands, self.proposed, look(self.pid)))
        return self.samples[-1]


async def soak(scene: Scene, pid: int, commands: int, within_s: float) -> Soak:
    """Have people at it until so many commands are acknowledged, or the time is up."""
    run = Soak(scene, pid)
    numbers = count(1)

    def go_on() -> bool:
        return run.commands < commands and perf_counter() - run.begun < within_s

    async def watch() -> None:
        while True:
            run.sample()
            await asyncio.sleep(SAMPLE_EVERY_S)

    watching = asyncio.create_task(watch())
    people = [(ALICE, BOB)[number % 2] for number in range(AT_ONCE)]
    await asyncio.gather(*(_person(run, user, numbers, go_on) for user in people))
    watching.cancel()
    run.sample()
    return run


async def alone(scene: Scene, text: str, times: int) -> list[float]:
    """Return what the acks of one person took, who types the same again and again."""
    acts = [await scene.world.slack.slash(ALICE, TREASURY, "/transfer", text) for _ in range(times)]
    return [act.seconds for act in acts if act.seconds is not None]


async def _person(run: Soak, user: str, numbers: Iterator[int], go_on: Callable[[], bool]) -> None:
    """Two in three propose something and take it back, the third is what else people type, in turn."""
    others = cycle(_others(run, user))
    while go_on():
        number = next(numbers)
        # No two alike, and too little in all to come near a limit of the day.
        money = f"{1 + number % 20}.{number:06d}"
        said = await run.type(user, f"{money} usdt {_ROUTES[number % len(_ROUTES)]}")
        found = _NAME.search(said)
        if found is None:
            run.failed.append(f"no proposal: {said}")
            continue
        run.proposed += 1
        await next(others)()
        await run.type(user, f"cancel {found[0]}")


_ROUTES = ("htx:spot -> htx:linear-swap", "coinw:maker -> coinw:arbitrage", "htx:spot -> htx:linear-swap/BTC-USDT")


def _others(run: Soak, user: str) -> Sequence[Callable[[], Awaitable[object]]]:
    def typing(text: str, by: str = user) -> Callable[[], Awaitable[object]]:
        return lambda: run.type(by, text)

    return [
        typing("history"),
        typing("show T1"),
        typing("mine"),
        typing("why 250 usdt htx:spot -> htx:linear-swap"),
        typing("limits"),
        typing("25 usdt from the moon"),
        typing("help"),
        typing("100 usdt htx:spot -> htx:linear-swap", by=MALLORY),
        typing("history failed since 7d"),
        typing("why 4000 usdt coinw:master -> coinw:maker as bob"),
        typing("1,00 usdt htx:spot -> htx:linear-swap"),
        lambda: run.click(user, "transfer_confirm"),
        typing("show T2", by=CAROL),
        lambda: run.look_home(user),
    ]
