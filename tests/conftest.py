"""What every test may ask for: a clock that moves when told, and a whole desk on a real file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clock import VirtualClock
from desk_bench import DeskBench
from hypothesis import settings

# Machines that share their cores have no deadline worth failing for.
settings.register_profile("desk", deadline=None, max_examples=100)
settings.load_profile("desk")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def bench(tmp_path: Path, clock: VirtualClock) -> Iterator[DeskBench]:
    """A desk that does everything in the test's own thread."""
    bench = DeskBench(tmp_path, clock)
    yield bench
    bench.close()


@pytest.fixture
def threaded_bench(tmp_path: Path, clock: VirtualClock) -> Iterator[DeskBench]:
    """A desk whose journal writes in a thread of its own, as in production."""
    bench = DeskBench(tmp_path, clock, threaded=True)
    yield bench
    bench.close()
