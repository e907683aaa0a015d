"""Who is woken after a commit, and when: once the acks have left whoever sends, and then, a moment later, the others.

A wake-up is only a hint, so it may be late. At once it would come between a commit and the ack that waits for it, and
between a click and the request it leads to: in one process only one thread runs Python at a time. What lets a transfer
leave is what people do; of all other commits whoever sends hears with the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

# In a rush there is always an ack to come; nobody who sends waits longer for it.
SENDERS_AFTER_S = 0.005
OTHERS_AFTER_S = 0.025

Wake = Callable[[], object]


class Wakes:
    """Rings some time after a commit; several within that time ring once. Lives in the event loop it is made in."""

    def __init__(
        self, senders: Iterable[Wake], others: Iterable[Wake], news: Wake, is_acking: Callable[[], bool]
    ) -> None:
        """Take whom to wake.

        Args:
            news: one of the others, who tells people and is woken at once when an exchange has answered.
            is_acking: tells whether an ack is still to come; `acked` is called when it has left.
        """
        self._loop = asyncio.get_running_loop()
        self._senders = tuple(senders)
        self._others = tuple(others)
        self._news = news
        self._is_acking = is_acking
        self._senders_rung: asyncio.TimerHandle | None = None
        self._others_rung: asyncio.TimerHandle | None = None

    def committed(self) -> None:
        """Something was committed. From any thread."""
        self._from_thread(self._ring)

    def people_acted(self) -> None:
        """What was committed is what a person did, whose ack comes or has just left. From any thread."""
        self._from_thread(self._ring_senders)

    def answered(self) -> None:
        """An exchange's answer was committed: somebody looks at its card. From any thread."""
        self._from_thread(self._news)

    def acked(self) -> None:
        """No ack is to come any more. From the event loop."""
        if self._senders_rung is not None:
            self._wake_senders()

    def _ring(self) -> None:
        if self._others_rung is None:
            self._others_rung = self._loop.call_later(OTHERS_AFTER_S, self._wake_all)

    def _ring_senders(self) -> None:
        if not self._is_acking():
            self._wake_senders()
        elif self._senders_rung is None:
            self._senders_rung = self._loop.call_later(SENDERS_AFTER_S, self._wake_senders)

    def _wake_senders(self) -> None:
        if self._senders_rung is not None:
            self._senders_rung.cancel()
        self._senders_rung = None
        for wake in self._senders:
            wake()

    def _wake_all(self) -> None:
        self._others_rung = None
        for wake in (*self._senders, *self._others):
            wake()

    def _from_thread(self, act: Wake) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)
