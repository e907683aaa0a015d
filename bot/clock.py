"""Time, as a thing the desk is given: the simulator gives a virtual one, `app.py` gives the real one."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """Wall time for the record, monotonic time for waiting, and the wait itself."""

    def now(self) -> datetime:
        """Return the time in UTC, aware, cut to whole milliseconds (what the journal can hold)."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never steps."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's UTC time in whole milliseconds."""
        return whole_milliseconds(datetime.now(UTC))

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()


def whole_milliseconds(moment: datetime) -> datetime:
    """Cut a moment to milliseconds, so that what is written and what is read back are equal."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@lru_cache(maxsize=256)  # of what is written in one transaction, most has happened at one moment
def to_text(moment: datetime) -> str:
    """Write a moment as the journal keeps it: UTC ISO 8601 with milliseconds, `2026-11-21T10:15:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """Read a moment written by `to_text`."""
    return datetime.fromisoformat(text)
