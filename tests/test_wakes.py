"""Who is woken after a commit, in which order, and how often."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from bot.wakes import EVERYBODY_AFTER_S, Wakes

EVERYBODY = ["lane htx", "lane coinw", "poster", "roll"]


class Rung:
    """Wakes with two lanes and two others, one of whom has the news; and what rang, in its order."""

    def __init__(self) -> None:
        self.rang: list[str] = []
        self.all = asyncio.Event()
        htx, coinw, poster, roll = (self._bell(name) for name in EVERYBODY)
        self.wakes = Wakes({"htx": htx, "coinw": coinw}, [poster, roll], poster)

    def _bell(self, name: str) -> Callable[[], None]:
        def ring() -> None:
            self.rang.append(name)
            if name == "roll":
                self.all.set()

        return ring

    async def everybody(self) -> list[str]:
        """Wait until the last of them was woken, and return who was."""
        async with asyncio.timeout(5):
            await self.all.wait()
        return self.rang


def play(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(act())


def test_many_commits_wake_everybody_once_a_moment_later() -> None:
    async def act() -> None:
        rung = Rung()
        begun = asyncio.get_running_loop().time()
        for _ in range(5):
            rung.wakes.committed()
        assert await rung.everybody() == EVERYBODY
        assert asyncio.get_running_loop().time() - begun >= EVERYBODY_AFTER_S

    play(act)


def test_commits_that_come_later_wake_everybody_again() -> None:
    async def act() -> None:
        rung = Rung()
        for _ in range(2):
            rung.all.clear()
            rung.wakes.committed()
            await rung.everybody()
        assert rung.rang == EVERYBODY * 2

    play(act)


def test_the_lane_of_an_approved_transfer_is_woken_at_once_and_no_other() -> None:
    async def act() -> None:
        rung = Rung()
        rung.wakes.approved("coinw")
        assert rung.rang == ["lane coinw"]

    play(act)


def test_an_exchange_without_a_lane_wakes_nobody() -> None:
    async def act() -> None:
        rung = Rung()
        rung.wakes.approved("gone")
        assert rung.rang == []

    play(act)


def test_an_exchanges_answer_is_told_at_once_from_any_thread() -> None:
    async def act() -> None:
        rung = Rung()
        teller = threading.Thread(target=rung.wakes.answered)
        teller.start()
        await asyncio.to_thread(teller.join)
        assert rung.rang == ["poster"]

    play(act)


def test_what_comes_after_the_loops_end_is_nobodys() -> None:
    kept: list[Rung] = []

    async def act() -> None:
        kept.append(Rung())

    play(act)
    kept[0].wakes.committed()
    kept[0].wakes.answered()
    assert kept[0].rang == []
