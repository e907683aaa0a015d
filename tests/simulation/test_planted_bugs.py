"""The simulator proves itself: each bug planted in the real parts is found."""

from __future__ import annotations

import pytest

from simulation.bugs import BUGS
from simulation.run import run_seed, stage

SEEDS = range(1, 301)


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    with BUGS[name](), stage() as on_stage:
        assert any(run_seed(seed, *on_stage).problem for seed in SEEDS), f"{name} was not found"
