"""Who is woken after a commit, and when: the lane that may send now at once, everybody else a moment later.

A wake-up is only a hint, so it may be late. At once it would come between a commit and the ack that waits for it, and
between a click and the request it leads to: in one process only one thread runs Python at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

EVERYBODY_AFTER_S = 0.025

Wake = Callable[[], object]


class Wakes:
    """Tells of commits, from any thread. What it is told itself may come from any; it lives in one event loop."""

    def __init__(self, lanes: Mapping[str, Wake], others: Iterable[Wake], news: Wake) -> None:
        """Take whom to wake.

        Args:
            lanes: by the exchange they send to; may be woken from any thread.
            others: are woken in the event loop.
            news: one of the others, who tells people and is woken at once when an exchange has answered.
        """
        self._loop = asyncio.get_running_loop()
        self._lanes = lanes
        self._everybody = (*lanes.values(), *others)
        self._news = news
        self._is_rung = False

    def approved(self, exchange: str) -> None:
        """A transfer may leave to an exchange."""
        wake = self._lanes.get(exchange)
        if wake is not None:
            wake()

    def committed(self) -> None:
        """Something was committed. Several commits within 25 ms wake once."""
        self._from_thread(self._ring)

    def answered(self) -> None:
        """An exchange's answer was committed: somebody looks at its card."""
        self._from_thread(self._news)

    def _ring(self) -> None:
        if not self._is_rung:
            self._is_rung = True
            self._loop.call_later(EVERYBODY_AFTER_S, self._wake_everybody)

    def _wake_everybody(self) -> None:
        self._is_rung = False
        for wake in self._everybody:
            wake()

    def _from_thread(self, act: Wake) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)
