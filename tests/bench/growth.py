"""What a desk's answers cost as its journal grows: with 10³, 10⁴, 10⁵ and 10⁶ transfers in it.

    python tests/bench/growth.py

Takes about four minutes and 7 GB of the disk for temporary files. Four desks, each with a journal of its own on this
disk, do the same things in turn; what is compared was measured within the same few milliseconds.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from figures import ROOT, Figure, Part, median, ms, show

sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import throughput  # noqa: E402 - only now can it be found
from past import lived  # noqa: E402
from station import Station  # noqa: E402

WEEKS = (1, 10, 100, 1000)  # of a thousand transfers
WARM_UP, ROUNDS = 5, 60
FLAT = 1.3

SETTING = (
    "On the left with 10⁶ transfers in the journal, on the right with 10³, then 10⁴ and 10⁵. A real desk on a real "
    f"file, every commit flushed; medians of {ROUNDS} rounds, in which four desks with a journal each took turns, and "
    "the median of the rounds' ratios."
)
REMARKS = (
    "A real desk lives a week of a thousand transfers; the past is that week again and again, with ids, times and "
    "deliveries of its own and a real chain: about 4.6 events, 3.3 lines to Slack and 2.4 deliveries a transfer.",
    "Limits cost by what is in their window of 24 hours, so that is the same everywhere: 143 transfers of the past and "
    "what the bench itself adds. So does a history `since`: 1,000 transfers in seven days.",
    "Opening reads every page of the file (`PRAGMA quick_check`) before anything is acknowledged or sent, so a start "
    "takes longer with every transfer; nothing waits for that but the start.",
    f"The transfers a second are those of {2 * throughput.EACH} through two lanes without a pause, while they are "
    "proposed and confirmed as fast as the desk answers. HTX and CoinW are look-alikes without limits, in a process of "
    "their own on the same processor. What bounds a real desk is the pause after each send that both ask for.",
)


def built(folder: Path) -> tuple[list[Station], list[float]]:
    """Make one journal grow, leave a copy at every station, and open a desk on each.

    Returns them, and how many seconds each took to open.
    """
    growing = folder / "growing"
    growing.mkdir()
    past = lived(growing)
    for weeks in WEEKS:
        past.grow(weeks)
        place = folder / str(weeks)
        place.mkdir()
        (shutil.copyfile if weeks < WEEKS[-1] else shutil.move)(past.database, place / "desk.db")
    past.close()
    stations, took_s = [], []
    for weeks in WEEKS:
        begun = perf_counter()
        stations.append(Station(folder / str(weeks), weeks))
        took_s.append(perf_counter() - begun)
    return stations, took_s


def rounds(stations: list[Station], many: int) -> list[float]:
    """Have every desk do everything so many times, in turn, each time beginning with another one.

    Returns how many seconds a flush of the disk took in each round: the floor of whatever is committed.
    """
    flushes_s = []
    for number in range(many):
        turn = number % len(stations)
        for act in (Station.live, Station.look, Station.idle):
            for station in stations[turn:] + stations[:turn]:
                act(station)
        flushes_s.append(_flush_s(stations[0].folder / "flush"))
    return flushes_s


def _flush_s(path: Path) -> float:
    with path.open("ab", buffering=0) as file:
        file.write(b"x" * 4096)
        begun = perf_counter()
        os.fsync(file.fileno())
        return perf_counter() - begun


def figures(stations: list[Station]) -> list[Figure]:
    """Return what each thing took at the first and the last station, and the median of the ratios of every round."""
    few, *between, most = stations
    found = []
    for what, times in few.taken.items():
        ratio = median(late / early for early, late in zip(times, most.taken[what], strict=True))
        least = ms(median(times))
        others = ", ".join(ms(median(station.taken[what])) for station in between)
        value, beside = ms(median(most.taken[what])), f"{ratio:.2f} × {least}; {others} between"
        found.append(Figure(what, value, beside, f"≤ {FLAT:g} ×", ratio <= FLAT))
    return found


def measure() -> Part:
    """Build the journals, ask their desks, and say what it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stations, opening_s = built(folder)
        rounds(stations, WARM_UP)
        for station in stations:
            station.taken.clear()
        flush = Figure("one flush of this disk alone", ms(median(rounds(stations, ROUNDS))))
        for station in stations:
            station.close()
    opening = Figure(
        "opening the journal", f"{opening_s[-1]:.0f} s", f"{', '.join(map(ms, opening_s[:-1]))} with 10³, 10⁴ and 10⁵"
    )
    return Part(
        "Growth",
        "python tests/bench/growth.py",
        SETTING,
        [*figures(stations), flush, opening, *throughput.figures()],
        REMARKS,
    )


if __name__ == "__main__":
    show(measure)
