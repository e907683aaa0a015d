"""What a benchmark says: figures with what stands beside them, as text, as Markdown, and as JSON between processes."""

from __future__ import annotations

import json
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Figure:
    """One figure of one run.

    Attributes:
        what: what was measured, in a few words.
        value: how much, with its unit.
        beside: what it is held against, measured in the same run, and the ratio.
        aim: what it should be, where something was aimed at.
        met: whether it is.
    """

    what: str
    value: str
    beside: str = ""
    aim: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the aim is met, as one word."""
        return {None: "", True: "yes", False: "no"}[self.met]


@dataclass(frozen=True)
class Part:
    """What one benchmark found, and how to find it again.

    Attributes:
        title: what it is about.
        command: what prints it, from the top of the repository.
        setting: how it was measured, in a sentence or a few.
        remarks: what explains a figure, a paragraph each.
    """

    title: str
    command: str
    setting: str
    figures: Sequence[Figure]
    remarks: Sequence[str] = field(default=())

    def as_text(self) -> str:
        """Return it as a table for a terminal."""
        rows = [("", "measured", "beside it", "aim", "met"), *(_cells(figure) for figure in self.figures)]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([f"{self.title}  ({self.command})", self.setting, "", *lines, *self.remarks, ""])

    def as_markdown(self) -> str:
        """Return it as a chapter of a page."""
        rows = [_cells(figure) for figure in self.figures]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        head = "| | measured | beside it | aim | met |\n|---|---|---|---|---|"
        return "\n\n".join([f"## {self.title}", f"`{self.command}`. {self.setting}", f"{head}\n{table}", *self.remarks])


def _cells(figure: Figure) -> tuple[str, str, str, str, str]:
    return figure.what, figure.value, figure.beside, figure.aim, figure.verdict


def at(values: Sequence[float], percent: float) -> float:
    """Return a percentile, the nearest measured value at or above it."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-percent * len(ordered) // 100) - 1))]


median = statistics.median


def ms(seconds: float) -> str:
    """Write a time in milliseconds, with three digits that count."""
    value = seconds * 1000
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def us(seconds: float) -> str:
    """Write a time in microseconds."""
    return f"{seconds * 1e6:,.0f} µs"


def mb(kilobytes: float) -> str:
    """Write a size in megabytes."""
    return f"{kilobytes / 1024:,.1f} MB"


def within(what: str, value: str, ratio: float, beside: str, limit: float) -> Figure:
    """Return a figure that is to be at most `limit` times what stands beside it."""
    return Figure(what, value, f"{ratio:.2f} × {beside}", f"≤ {limit:g} ×", ratio <= limit)


def machine() -> str:
    """Name the machine: its processor, cores, kernel, and what runs on it."""
    from sqlite_utils.utils import sqlite3

    cores = _line_of("/proc/cpuinfo", "processor", last=True)
    model = _line_of("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()
    count = f"{int(cores) + 1} cores" if cores.isdigit() else "cores unknown"
    python = f"Python {platform.python_version()}"
    return f"{model}, {count}, {platform.system()} {platform.release()}, {python}, SQLite {sqlite3.sqlite_version}"


def _line_of(path: str, name: str, *, last: bool = False) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    found = [line.partition(":")[2].strip() for line in lines if line.startswith(name)]
    return found[-1 if last else 0] if found else ""


def show(measure: Callable[[], Part]) -> None:
    """Measure and print; with `--json`, for another process to read."""
    part = measure()
    if "--json" in sys.argv:
        json.dump(asdict(part), sys.stdout)
    else:
        sys.stdout.write(part.as_text())


def read(text: str) -> Part:
    """Read what `show` printed for another process."""
    document: dict[str, Any] = json.loads(text)
    figures = tuple(Figure(**figure) for figure in document.pop("figures"))
    return Part(figures=figures, **document)
