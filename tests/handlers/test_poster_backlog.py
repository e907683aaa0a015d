"""A long backlog is looked at now and then, whatever happens; a short one whenever there is news."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, cast

from clock import VirtualClock

from bot.journal import Parcel
from handlers.poster import BACKLOG, Poster

NEWS = 100


class PutOff:
    """A desk with parcels of which none may be delivered yet, and a journal that takes 10 ms to read them."""

    def __init__(self, clock: VirtualClock, waiting: int) -> None:
        self._clock, self._waiting = clock, waiting
        self.looks = 0

    def parcels(self) -> Future[list[Parcel]]:
        self.looks += 1
        self._clock.advance(0.01)
        due = self._clock.now() + timedelta(seconds=50)
        found: Future[list[Parcel]] = Future()
        found.set_result(
            [
                Parcel(number, "private", None, number, 1, due, 0, None, None, "", False)
                for number in range(self._waiting)
            ]
        )
        return found


def looks(waiting: int) -> int:
    """Return how often a poster looked while there was news a hundred times within 0.2 s and more."""
    clock = VirtualClock()
    desk = PutOff(clock, waiting)
    nobody = cast("Any", None)  # nothing is posted, so nobody is told
    poster = Poster(cast("Any", desk), nobody, nobody, clock)

    async def act() -> None:
        news = asyncio.Event()
        running = asyncio.create_task(poster.run(news))
        for _ in range(NEWS):
            news.set()
            await asyncio.sleep(0.002)
        poster.finish()
        news.set()
        await running

    asyncio.run(act())
    return desk.looks


def test_a_long_backlog_is_left_alone_for_a_while_after_each_look() -> None:
    # Each look takes 10 ms, and 100 ms go by before the next.
    assert looks(BACKLOG) <= NEWS / 5


def test_a_short_one_is_looked_at_whenever_there_is_news() -> None:
    assert looks(BACKLOG - 1) >= NEWS / 2
