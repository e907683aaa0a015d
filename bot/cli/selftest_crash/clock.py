"""A clock that several processes read and any of them moves on, so that hours of waiting take no time."""

from __future__ import annotations

import math
import mmap
import struct
from datetime import UTC, datetime, timedelta

_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_MICROSECONDS = struct.Struct("q")


class SharedClock:
    """Wall time and monotonic time, moved together, the same in every process forked from this one."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)  # of no file; a forked process shares it

    def now(self) -> datetime:
        """See `Clock`."""
        return _START + timedelta(microseconds=self._passed)

    def monotonic(self) -> float:
        """See `Clock`."""
        return 1000.0 + self._passed / 1_000_000

    def part(self) -> None:
        """In a forked process: go on from here alone."""
        passed = self._passed
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        _MICROSECONDS.pack_into(self._page, 0, passed)

    def advance(self, seconds: float) -> None:
        """Move on, by whole milliseconds and at least one."""
        passed = self._passed + max(1, math.ceil(seconds * 1000)) * 1000
        _MICROSECONDS.pack_into(self._page, 0, passed)

    @property
    def _passed(self) -> int:
        (passed,) = _MICROSECONDS.unpack_from(self._page, 0)
        return int(passed)
