"""The kill-point suite: a desk is killed at every point of a transfer's way and again at every point of its recovery.

For each flow a desk first lives undisturbed, which counts its kill points. Then, for each, in a fresh world: it dies
there, is started again, dies again at each point of that recovery in turn, is started once more and left alone.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli.selftest_crash.fork import in_a_fork
from bot.cli.selftest_crash.invariants import read, violations
from bot.cli.selftest_crash.points import leaves_a_mark
from bot.cli.selftest_crash.stage import ON_THE_WIRE, Death, Flow, Lived, Stage

FLOWS = (
    Flow("HTX answers, after an approval", "htx", "1500 usdt htx:spot -> htx:linear-swap"),
    Flow(
        "HTX's answer is lost, the transfer not executed", "htx", "75 usdt htx:spot -> htx:linear-swap", "drop_before"
    ),
    Flow("CoinW's answer is lost, the transfer executed", "coinw", "40 usdt coinw:master -> coinw:maker", "drop_after"),
    Flow("CoinW refuses", "coinw", "600 usdt coinw:maker -> coinw:master", refused=True),
    Flow(
        "CoinW in two steps, the first one's answer is lost",
        "coinw",
        "40 usdt coinw:maker -> coinw:arbitrage",
        "drop_after",
        steps=2,
    ),
)

# A quick run takes every so many-th point of a flow, and this many of the points of its recovery.
QUICK_STEP, QUICK_SECONDS = 8, 2


@dataclass(frozen=True)
class Task:
    """One first death in one flow.

    Attributes:
        where: the name of the point, when nothing goes wrong on the way to it.
        alone: no second death follows it; those that follow its neighbour come to the same.
    """

    flow: Flow
    first: Death
    where: str
    alone: bool
    quick: bool
    folder: Path


@dataclass
class Tally:
    """What came of it.

    Attributes:
        failures: per schedule that went wrong: which, and what did not hold.
        kept: folders of those schedules, with the journal and the desk's log.
    """

    schedules: int = 0
    deaths: int = 0
    requests: int = 0
    executed: int = 0
    redelivered: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what came of others."""
        for name in ("schedules", "deaths", "requests", "executed", "redelivered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ends += other.ends
        self.points += other.points
        self.failures += other.failures
        self.kept += other.kept

    @property
    def whole(self) -> bool:
        """Whether every invariant held, and there was something to hold."""
        return bool(self.deaths) and not self.failures


def tasks(folder: Path, *, quick: bool, flows: Sequence[Flow] = FLOWS) -> tuple[list[Task], Tally]:
    """Let every flow live undisturbed, and return the first deaths that follow, with what came of these lives."""
    undisturbed, found = Tally(), []
    for number, flow in enumerate(flows):
        with _stage(flow, folder) as stage:
            points, tally = _finish(stage)
        undisturbed.add(tally)
        deaths = _chosen(points, QUICK_STEP, number) if quick else list(enumerate(points, 1))
        if not flow.fault and not flow.refused:
            on_the_wire = [Death(0, executed=False), Death(0, executed=True)]
            found += [Task(flow, death, ON_THE_WIRE, False, quick, folder) for death in on_the_wire]
        # Up to the request all flows are alike, so what can follow a death there is played in the first one only.
        alike = 0 if flow is flows[0] else points.index("before the transfer request")
        found += [
            Task(flow, Death(point), name, point <= alike or not leaves_a_mark(name), quick, folder)
            for point, name in deaths
        ]
    return found, undisturbed


def play(task: Task) -> Tally:
    """Play a first death alone and, where it leaves something of its own behind, with each second one."""
    with _stage(task.flow, task.folder) as stage:
        stage.live(task.first)
        points, tally = in_a_fork(lambda: _go_on(stage, None))
        if task.alone:
            return tally
        seconds = [(point, name) for point, name in enumerate(points, 1) if leaves_a_mark(name)]
        if task.quick:
            # Not always the same ones: each first death takes others.
            seconds = _chosen(points, max(1, len(points) // QUICK_SECONDS), task.first.point)
        for point, _ in seconds:
            tally.add(in_a_fork(lambda point=point: _go_on(stage, Death(point)))[1])  # type: ignore[misc]
    return tally


def play_all(planned: list[Task]) -> Iterator[Tally]:
    """Play tasks on every core, and return what came of each as it is done."""
    # Forked, and forking in turn: the workers have one thread each.
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        yield from pool.imap_unordered(play, planned)


def _chosen(points: tuple[str, ...], step: int, offset: int) -> list[tuple[int, str]]:
    return list(enumerate(points, 1))[offset % step :: step]


@contextmanager
def _stage(flow: Flow, folder: Path) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="stage-", dir=folder) as place:
        yield Stage(flow, Path(place))


def _go_on(stage: Stage, second: Death | None) -> tuple[tuple[str, ...], Tally]:
    """In a fork: go on from a first death in a folder of its own."""
    stage.branch_off(Path(tempfile.mkdtemp(prefix="schedule-", dir=stage.folder.parent)) / "desk")
    if second is not None:
        stage.live(second)
    return _finish(stage)


def _finish(stage: Stage) -> tuple[tuple[str, ...], Tally]:
    """Leave the desk alone until all is done. Returns the kill points of that last life, and what came of it all."""
    points = stage.live(None).points
    record = read(stage)
    tally = Tally(
        schedules=1,
        deaths=sum(life.killed for life in stage.lives),
        requests=len(stage.exchange.requests),
        executed=len(stage.exchange.executed),
        redelivered=stage.people.redelivered,
        ends=Counter(_end(row["id"], row["state"], record.events) for row in record.transfers),
        points=Counter(life.where for life in stage.lives if life.killed),
    )
    wrong = [*_misled(stage.lives), *violations(stage, record)]
    if wrong:
        where = ", then ".join(life.where or "nowhere" for life in stage.lives[:-1]) or "never killed"
        tally.failures.append(f"{stage.flow.name}, killed {where}: {'; '.join(wrong)}")
        tally.kept.append(stage.folder)
    elif len(stage.lives) > 1:
        shutil.rmtree(stage.folder.parent)
    return points, tally


def _misled(lives: list[Lived]) -> Iterator[str]:
    *killed, last = lives
    for life in killed:
        if not life.killed:
            yield f"a life that was to be killed ended by itself (wait status {life.exit_status})"
    if last.exit_status != 0:
        yield f"the desk did not come to rest (wait status {last.exit_status})"


def _end(number: int, state: str, events: list[dict[str, object]]) -> str:
    kinds = {event["kind"] for event in events if event["transfer_id"] == number}
    if "resolve_vote" in kinds:
        return f"{state}, settled by people"
    return f"{state}, found in the exchange's records" if state == "succeeded" and "unknown" in kinds else state
