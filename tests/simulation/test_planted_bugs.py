"""The simulator proves itself: each bug planted in the real parts is found."""

from __future__ import annotations

import pytest

from simulation.bugs import BUGS
from simulation.run import run_seed, stage

SEEDS = range(1, 301)


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    with BUGS[name](), stage() as on_stage:
        found = next((problem for seed in SEEDS if (problem := run_seed(seed, *on_stage).problem)), "")
    assert found, f"{name} was not found"
    assert "got away" not in found  # a bug that only raises would show nothing
