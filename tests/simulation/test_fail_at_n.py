"""Die at every commit and every call of a full flow, start again, die again, start again: every promise holds."""

from __future__ import annotations

import pytest

from simulation.flow import SCRIPTS, play
from simulation.run import stage

# Of the places to die during recovery, one in so many is tried, another one for each place of the first death.
STRIDE = 43


@pytest.mark.parametrize("name", SCRIPTS)
def test_dying_anywhere_breaks_no_promise(name: str) -> None:
    script = SCRIPTS[name]
    with stage() as on_stage:
        whole = play(script, *on_stage)
        assert not whole.result.problem, whole.result.report()
        assert whole.first >= 40
        for death in range(1, whole.first + 1):
            once = play(script, *on_stage, death)
            assert not once.result.problem, f"died at {death}\n{once.result.report()}"
            assert once.result.tally["crashes"] == 1
            for second in range(1 + death % STRIDE, once.second + 1, STRIDE):
                twice = play(script, *on_stage, death, second)
                assert not twice.result.problem, f"died at {death}, then at {second}\n{twice.result.report()}"
