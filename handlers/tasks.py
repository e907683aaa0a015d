"""What is still to be done after an ack: tasks of their own, each with an error edge of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Keeps tasks until they end. None of them can change what was acknowledged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Run something; a failure is logged by its name alone."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - Slack's texts may hold payloads
                log.warning("an answer after the ack failed (%s)", type(error).__name__)

        task = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, within_s: float) -> None:
        """Wait for what was started, at most so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_s)
