"""The names a journal had: its own before a restore, and those of journals that went on from the same backup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Names:
    """What events tell of them.

    Attributes:
        present: the name the journal has now; empty while no event told.
        noted: the names noted at each restore, by its moment.
        farewells: how far each other journal had gone by then; None where nobody could look.
        ancestors: by the name of a journal this one continues, the last event they have in common.
    """

    present: str = ""
    noted: dict[str, set[str]] = field(default_factory=dict)
    farewells: dict[str, int | None] = field(default_factory=dict)
    ancestors: dict[str, int] = field(default_factory=dict)

    def restored(self, seq: int, at: str, data: Mapping[str, Any]) -> None:
        """Take in a restore: what its event says."""
        previous, witnessed = data["previous"], data["witnessed"]
        seen: dict[str, int | None] = {previous: None} if witnessed is None else dict(witnessed)
        self.farewells |= seen
        self.ancestors[previous] = seq - 1
        self.noted.setdefault(at, set()).update({*seen, data["journal"]})
        self.present = data["journal"]
