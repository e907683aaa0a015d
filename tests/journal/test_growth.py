"""What people and lanes wait for takes as many steps of SQLite's machine in a long journal as in a short one."""

from __future__ import annotations

import shutil
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from past import lived
from station import Station

SHORT, LONG = 6, 60  # weeks
# A tree is a level deeper where there is more in it, and that is all.
SLACK, ROUNDS = 1.15, 3


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Folders with a journal of so many weeks, the same week again and again."""
    growing = tmp_path_factory.mktemp("growing")
    past = lived(growing, transfers=100)
    folders = {weeks: tmp_path_factory.mktemp(f"weeks-{weeks}-") for weeks in (SHORT, LONG)}
    for weeks, folder in folders.items():
        past.grow(weeks)
        shutil.copyfile(past.database, folder / "desk.db")
    past.close()
    return folders


def steps(folder: Path, weeks: int) -> dict[str, float]:
    """How many steps of SQLite's virtual machine each thing takes that a desk is asked, the second time and later."""
    taken = count()
    reached = [0]

    def step() -> None:
        reached[0] = next(taken)

    station = Station(folder, weeks, lambda: reached[0], threaded=False)
    station.journal._db.conn.set_progress_handler(step, 1)  # type: ignore[union-attr]
    for _ in range(ROUNDS):
        station.live()
        station.look()
        station.idle()
    station.journal._db.conn.set_progress_handler(None, 0)  # type: ignore[union-attr]
    station.close()
    return {what: max(each[1:]) for what, each in station.taken.items()}


def test_every_query_is_planned_once(tmp_path: Path) -> None:
    station = Station(tmp_path, 0, threaded=False)
    planned: Counter[str] = Counter()

    def plan(action: int, *names: str | None) -> int:
        planned[str(names)] += 1
        return 0  # SQLITE_OK

    for _ in range(ROUNDS):  # whatever will be asked has been asked
        station.live()
        station.idle()
    station.journal._db.conn.set_authorizer(plan)  # type: ignore[union-attr]
    station.live()  # this itself has SQLite plan anew
    station.idle()
    assert planned
    planned.clear()
    station.live()
    station.idle()
    assert not planned
    station.close()


def test_nothing_takes_more_steps_in_a_longer_journal(journals: dict[int, Path]) -> None:
    short, long = (steps(folder, weeks) for weeks, folder in journals.items())
    assert len(short) > 25 and all(short.values())
    more = {what: (short[what], long[what]) for what in short if long[what] > short[what] * SLACK}
    assert more == {}
