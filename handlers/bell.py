"""Rings with every commit of the journal, for whoever waits for something to be written."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from bot.desk import Desk


class Bell:
    """Any number of tasks may listen."""

    def __init__(self, desk: Desk) -> None:
        """Hang it where commits are told; it hangs there as long as the journal lives."""
        self._listening: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        desk.on_commit(self._ring)

    @contextlib.contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """Give an event that is set with every commit. Clear it before a look, not after: nothing is missed then."""
        rung = asyncio.Event()
        self._listening[rung] = asyncio.get_running_loop()
        try:
            yield rung
        finally:
            del self._listening[rung]

    def _ring(self) -> None:
        """Called in the journal's thread."""
        for rung, loop in tuple(self._listening.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(rung.set)
