"""Hundreds of seeds of the simulator hold every promise, and a seed is the same life every time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from simulation.life import Result
from simulation.run import chunks, run_chunk

SEEDS = range(1, 301)
PROGRAM = Path(__file__).with_name("__main__.py")


def lived() -> Iterator[Result]:
    """All seeds, on every core. One test asks for them: workers side by side would live all of them once each."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for results in pool.map(run_chunk, chunks(SEEDS)):
            yield from results


def test_every_promise_holds_in_seeds_that_meet_what_they_are_for() -> None:
    results = list(lived())
    assert len(results) == len(SEEDS)
    broken = [result for result in results if result.problem]
    assert not broken, "\n".join(result.report() for result in broken)
    met = {name for result in results for name, count in result.tally.items() if count}
    assert {
        "crashes", "restarts", "movements by hand", "ever unknown", "ever not_executed", "ever refused",
        "ever not_sent", "ever asked_again", "ever blocked", "ever held", "ever turned_away", "ever resolve_vote",
        "ever looked", "ever surplus", "ever awaiting_approval", "ever approve_vote", "ever denied", "ever frozen",
        "ever unfrozen", "ever policy_loaded", "ever tries",
        "two steps", "tries", "sent back",
    } <= met  # fmt: skip


def traced(seeds: int, hash_seed: str) -> str:
    # The rate in the last line is the machine's.
    command = [sys.executable, str(PROGRAM), "--trace", "--seeds", str(seeds)]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.rpartition(", ")[0]


def test_a_seed_replays_exactly() -> None:
    first, second = traced(6, "1"), traced(6, "2")
    assert first.count("everything comes to rest") == 6
    assert first == second
