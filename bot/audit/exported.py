"""An export read back: checked by its own script, and what the audit channel is held against."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.audit import standalone
from bot.audit.differences import Differences
from bot.audit.names import Names
from bot.errors import StartError
from bot.journal.chain import GENESIS, Head


@dataclass(frozen=True)
class Exported:
    """An export.

    Attributes:
        hashes: of the events that were asked for, as far as they are there.
    """

    head: Head
    events: int
    names: Names
    hashes: dict[int, str]
    differences: Differences


def examine(folder: Path, asked: Collection[int]) -> Exported:
    """Check an export as its own `verify.py` does, whatever that file says now.

    Args:
        asked: the numbers of events whose hashes are wanted.

    Raises:
        StartError: it is no export, or cannot be read.
    """
    differences, names = Differences(), Names()
    hashes: dict[int, str] = {}
    last, count = (0, GENESIS), 0
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        journal = str(manifest["journal"])
        for problem in standalone.problems(folder):
            name, _, what = problem.partition(": ")
            differences.add("export", name, "it", what, "as it was exported", 0)
        if (folder / "verify.py").read_bytes() != Path(standalone.__file__).read_bytes():
            differences.add("export", "verify.py", "it", "another script", "the one this version writes", 0)
        with (folder / "events.jsonl").open(encoding="utf-8", newline="\n") as events:
            for event in map(json.loads, events):
                last, count = (event["seq"], event["hash"]), count + 1
                if event["seq"] in asked:
                    hashes[event["seq"]] = event["hash"]
                _name(names, event)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(f"{folder}: not a whole export ({type(error).__name__})") from None
    return Exported(Head(journal, *last), count, names, hashes, differences)


def _name(names: Names, event: dict[str, Any]) -> None:
    if event["kind"] == "restored":
        names.restored(event["seq"], event["at"], json.loads(event["data"]))
    elif event["kind"] == "started":
        names.present = json.loads(event["data"]).get("journal") or names.present
