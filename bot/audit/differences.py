"""What an audit finds: which row, which column, what is there and what should be. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

# Of these the report shows the first; the rest are counted. So many are kept.
KEPT_MAX = 100
SHOWN_MAX = 120  # characters of a value


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    Attributes:
        table: the table, or `channel` and `export` for what was seen there.
        row: which one, as people name it: `#12`, `T5`, `T5 version 1 U03CAROL`.
        column: the column; `data.NAME` for something an event says.
        found, expected: in words or as they stand there.
        seq: the event by which it shows; what shows first is named first.
    """

    table: str
    row: str
    column: str
    found: str
    expected: str
    seq: int

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.column} is {self.found}, expected {self.expected}"


class Differences:
    """All that was found, the first of it in full."""

    def __init__(self) -> None:
        self.kept: list[Difference] = []
        self.counts: Counter[str] = Counter()

    def add(self, table: str, row: str, column: str, found: object, expected: object, seq: int) -> None:
        """Note one difference."""
        self.counts[table] += 1
        self._keep(Difference(table, row, column, _shown(found), _shown(expected), seq))

    def include(self, others: Differences) -> None:
        """Note what was found elsewhere, too."""
        self.counts.update(others.counts)
        for difference in others.kept:
            self._keep(difference)

    def _keep(self, difference: Difference) -> None:
        if len(self.kept) < KEPT_MAX:
            self.kept.append(difference)
        elif difference.seq < (last := max(self.kept, key=_place)).seq:
            self.kept[self.kept.index(last)] = difference

    @property
    def total(self) -> int:
        """How many there are."""
        return self.counts.total()

    @property
    def first(self) -> Difference | None:
        """The one that shows first."""
        return min(self.kept, key=_place, default=None)

    def as_json(self) -> dict[str, Any]:
        """Return the first one, and how many there are in each table."""
        return {
            "first": asdict(self.first) if self.first else None,
            "total": self.total,
            "by_table": dict(sorted(self.counts.items())),
        }


def _place(difference: Difference) -> tuple[int, bool]:
    """Where one event shows several things, a broken link explains the others."""
    return difference.seq, difference.column not in ("seq", "previous_hash", "hash")


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = "".join(char if char.isprintable() else "?" for char in str(value))
    if not text:
        return "empty"
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
