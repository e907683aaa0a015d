"""What Linux says of a running process: its memory, its open files, its threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Look:
    """One look at a process; sizes in KB.

    Attributes:
        resident: the memory it holds.
        peak: the most it held so far. `ru_maxrss` would not do: it starts with what its parent held.
    """

    resident: int
    peak: int
    files: int
    threads: int


def look(pid: int) -> Look:
    """Look at a process of this user's.

    Raises:
        ProcessLookupError: it has ended.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except (FileNotFoundError, PermissionError):
        raise ProcessLookupError(pid) from None
    said = dict(line.split(":", 1) for line in lines)
    if "VmRSS" not in said:  # it has ended, and nobody has asked how yet
        raise ProcessLookupError(pid)
    resident, peak = (int(said[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    return Look(resident, peak, files, int(said["Threads"]))
