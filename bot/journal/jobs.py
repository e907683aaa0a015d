"""What waits for the writing thread, and the order it is taken in."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import math
import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.journal.transaction import Transaction

# How long the desk's own work lets people's go first. It does so only in a rush, and a rush cannot hold it up for ever.
BEHIND_S = 0.25
# So many people's jobs share a commit, and with it the disk's time: the first of them waits for the last.
TOGETHER_MAX = 16


@dataclass(eq=False)
class Job:
    """A use case that is to be one transaction.

    Attributes:
        not_after: monotonic seconds after which it may no longer begin; None where nobody waits for an ack.
        future: gets what it returns or raises, when it is on disk.
    """

    fn: Callable[[Transaction], Any]
    not_after: float | None
    future: Future[Any] = field(default_factory=Future)

    @property
    def is_awaited(self) -> bool:
        """Whether an ack waits for it."""
        return self.not_after is not None


# When it is due, in monotonic seconds; its place among those due at once; None to stop.
_Entry = tuple[float, int, Job | None]


class Jobs:
    """The jobs of one writing thread. Anybody may `put`, one thread takes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._arrivals: queue.SimpleQueue[_Entry] = queue.SimpleQueue()
        self._places = itertools.count()
        self._waiting: list[_Entry] = []

    def put(self, job: Job, patience_s: float) -> None:
        """Add a job that lets those go first that come within `patience_s`."""
        self._arrivals.put((self._clock.monotonic() + patience_s, next(self._places), job))

    def stop(self) -> None:
        """End after what was put so far."""
        self._arrivals.put((math.inf, next(self._places), None))

    def take(self) -> list[Job]:
        """Wait for a job and take it: the first, and where an ack waits for it, the next of its kind with it.

        Returns nothing at the end.
        """
        self._welcome()
        first = self._next()
        jobs = [first] if first is not None else []
        while jobs and jobs[-1].is_awaited and len(jobs) < TOGETHER_MAX and self._is_awaited_next():
            following = self._next()
            jobs += [following] if following is not None else []
        return jobs

    def _welcome(self) -> None:
        # Not a PriorityQueue: in a rush everybody would wait for its lock more than for the disk.
        with contextlib.suppress(queue.Empty):
            while True:
                heapq.heappush(self._waiting, self._arrivals.get(block=not self._waiting))

    def _next(self) -> Job | None:
        return heapq.heappop(self._waiting)[-1]

    def _is_awaited_next(self) -> bool:
        job = self._waiting[0][-1] if self._waiting else None
        return job is not None and job.is_awaited
