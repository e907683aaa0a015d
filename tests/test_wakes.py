"""Who is woken after a commit, in which order, and how often."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from bot.wakes import OTHERS_AFTER_S, SENDERS_AFTER_S, Wakes

SENDERS = ["lane 1", "lane 2"]


class Rung:
    """Wakes with two who send and two others, one of whom has the news; and what rang, in its order."""

    def __init__(self, *, is_acking: bool = False) -> None:
        self.rang: list[str] = []
        self.is_acking = is_acking
        self.all = asyncio.Event()
        names = ("lane 1", "lane 2", "poster", "roll")
        lane_1, lane_2, poster, roll = (self._bell(name) for name in names)
        self.wakes = Wakes([lane_1, lane_2], [poster, roll], poster, lambda: self.is_acking)

    def acted(self) -> None:
        """Let a person have done something: what the journal tells of its commit."""
        self.wakes.people_acted()
        self.wakes.committed()

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


def test_who_sends_is_woken_before_the_others_and_once_for_many_commits() -> None:
    async def act() -> None:
        rung = Rung(is_acking=True)
        for _ in range(5):
            rung.acted()
        assert await rung.everybody() == [*SENDERS, *SENDERS, "poster", "roll"]

    play(act)


def test_while_an_ack_is_to_come_nobody_is_woken_before_it_has_left() -> None:
    async def act() -> None:
        rung = Rung(is_acking=True)
        rung.acted()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert rung.rang == []
        rung.wakes.acked()
        assert rung.rang == SENDERS
        await rung.everybody()
        assert rung.rang == [*SENDERS, *SENDERS, "poster", "roll"]

    play(act)


def test_where_the_ack_has_left_already_who_sends_is_woken_at_once() -> None:
    async def act() -> None:
        rung = Rung()
        rung.acted()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert rung.rang == SENDERS

    play(act)


def test_what_nobody_did_wakes_who_sends_with_the_others() -> None:
    async def act() -> None:
        rung = Rung()
        begun = asyncio.get_running_loop().time()
        rung.wakes.committed()
        assert await rung.everybody() == [*SENDERS, "poster", "roll"]
        assert asyncio.get_running_loop().time() - begun >= OTHERS_AFTER_S

    play(act)


def test_an_ack_without_a_commit_wakes_nobody() -> None:
    async def act() -> None:
        rung = Rung()
        rung.wakes.acked()
        await asyncio.sleep(2 * OTHERS_AFTER_S)
        assert rung.rang == []

    play(act)


def test_a_rush_of_acks_keeps_no_send_waiting() -> None:
    async def act() -> None:
        rung = Rung(is_acking=True)
        begun = asyncio.get_running_loop().time()
        rung.acted()
        await rung.everybody()
        assert asyncio.get_running_loop().time() - begun >= SENDERS_AFTER_S
        assert rung.rang[:2] == SENDERS

    play(act)


def test_an_exchanges_answer_is_told_at_once_from_any_thread() -> None:
    async def act() -> None:
        rung = Rung(is_acking=True)
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
    kept[0].acted()
    kept[0].wakes.answered()
    assert kept[0].rang == []
