"""A clock that moves when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Wall time and monotonic time, moved together."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float = 0.0, **more: float) -> None:
        """Move on by seconds, or by what `timedelta` takes: `advance(minutes=10)`."""
        step = timedelta(seconds=seconds, **more)
        self._now += step
        self._monotonic += step.total_seconds()

    def set(self, seconds: float) -> None:
        """Move wall time alone, as a suspended machine or somebody who sets the clock does."""
        self._now += timedelta(seconds=seconds)
