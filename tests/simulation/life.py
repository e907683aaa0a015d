"""One world lived through: steps that may kill the desk, a check after each, and rest at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bot.errors import JournalError
from bot.sandbox.slack_standings import MEMBER, OWN
from simulation.half_way import AllSteps
from simulation.invariants import Watch
from simulation.mortal import Died
from simulation.people import People
from simulation.scenery import CAROL, DAN, ERIN, TREASURY
from simulation.world import Violation, World

REST_ROUNDS = 40
UNFINISHED = (
    "SELECT 1 FROM transfers WHERE state NOT IN "
    "('succeeded', 'refused', 'not_sent', 'not_executed', 'denied', 'cancelled', 'expired', 'blocked') "
    "UNION ALL SELECT 1 FROM outbox WHERE state = 'pending'"
)
# Second steps that were sent, and what was sent because one failed.
TRIES = (
    "SELECT count(*) FILTER (WHERE follows IS NOT NULL AND retry_of IS NULL), "
    "count(*) FILTER (WHERE follows IS NOT NULL AND retry_of IS NOT NULL), "
    "count(*) FILTER (WHERE follows IS NULL AND retry_of IS NOT NULL) FROM transfers WHERE sent_at IS NOT NULL"
)


@dataclass
class Result:
    """What came of one seed.

    Attributes:
        problem: the broken promise, or nothing.
        trace: every step, one line each.
    """

    seed: int
    tally: Counter[str] = field(default_factory=Counter)
    problem: str = ""
    trace: list[str] = field(default_factory=list)

    def report(self) -> str:
        """Everything somebody needs who has to find out why."""
        replay = f"make simulate SEEDS=1 FIRST_SEED={self.seed}"
        return "\n".join((*self.trace, "", f"seed {self.seed}: {self.problem}", f"replay: {replay}"))


class Life:
    """One seed's world, and what is done to it."""

    def __init__(self, seed: int, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.result = Result(seed)
        self.rng = Random(seed)
        self.step = 0
        self.world = World(folder, loop, self._log)
        self.people = People(self.world)
        self.steps = AllSteps(self.world, self.people, self.rng)
        self.watch = Watch(self.world, self.people)

    def run(self, live: Callable[[], None]) -> Result:
        """Live, then come to rest; or stop at the first broken promise."""
        try:
            live()
            self._rest()
        except Violation as problem:
            self.result.problem = str(problem)
        except Exception as error:  # whatever the product raised here, it should not have
            self.result.problem = f"{type(error).__name__} got away: {error}"
            self.result.trace.append(_where(error))
        finally:
            self._count()
            self.world.close()
        return self.result

    def survive(self, act: Callable[[], None]) -> None:
        """Take a step, with a new process if there is none. A death ends the step, not the world."""
        world = self.world
        try:
            if not world.alive:
                world.open()
                with contextlib.suppress(JournalError):
                    world.begin()
                world.log("the desk is started")
                self.watch.check()
            act()
        except Died as death:
            world.tally["crashes"] += 1
            world.log(f"the process died {death}")
        self.watch.check()
        if world.points.dead:
            world.close()

    def _rest(self) -> None:
        """Let every fault end, people act honestly and time pass, then look at everything once more."""
        world = self.world
        self._log("everything comes to rest")
        world.meanwhile = lambda where: None
        world.points.die_in(0)
        slack = world.slack
        for faults in (*world.send_faults.values(), *world.read_faults.values(), slack.faults, slack.ask_faults):
            faults.clear()
        slack.down = False
        if world.disk is not None:
            world.disk.full, world.disk.slow_s = "", 0.0
        for lookalike in world.lookalikes.values():
            lookalike.records_lag_s = 0.0
        world.set_clock(-world.clock_error_s)
        for subject in list(world.unwell_since):
            world.become(subject, OWN if subject == TREASURY else MEMBER)
        self.survive(lambda: self.steps.work_for(60.0))
        for _ in range(REST_ROUNDS):
            if not world.rows(UNFINISHED):
                break
            self.survive(self._settle_all)
            self.survive(lambda: self.steps.work_for(200.0))
        self.watch.check_at_rest()

    def _settle_all(self) -> None:
        for row in self.world.rows("SELECT id, requester FROM transfers WHERE state = 'unknown' ORDER BY id"):
            for user in (CAROL, DAN, ERIN):
                if self.world.rows("SELECT 1 FROM transfers WHERE id = ? AND state = 'unknown'", row[0]):
                    self.steps.settle(row, user)

    def _count(self) -> None:
        tally, world = self.world.tally, self.world
        tally["seeds"] += 1
        tally["steps"] += self.step
        tally["undecidable"] += len(self.watch.undecidable)
        tally["violations"] += bool(self.result.problem)
        if world.alive and not world.points.dead:
            for state, count in world.rows("SELECT state, count(*) FROM transfers GROUP BY state"):
                tally["transfers"] += count
                tally[f"ended {state}"] += count
            ((tally["two steps"], tally["tries"], tally["sent back"]),) = world.rows(TRIES)
            for kind, count in world.rows(
                "SELECT kind, count(DISTINCT coalesce(transfer_id, -seq)) FROM events GROUP BY kind"
            ):
                tally[f"ever {kind}"] += count
        self.result.tally = tally

    def _log(self, text: str) -> None:
        now = self.world.true.now() if hasattr(self, "world") else None
        self.result.trace.append(f"{self.step:4} {now:%H:%M:%S.%f} {text}" if now else text)


def _where(error: Exception) -> str:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(frames)
