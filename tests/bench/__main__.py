"""Every benchmark, one after the other, each in a process of its own; one table, and the page `docs/benchmarks.md`.

    python tests/bench [NAME …]

With names, only those, and no page: it is written from one whole run.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

from figures import ROOT, Part, machine, read

HERE = ROOT / "tests" / "bench"
PAGE = ROOT / "docs" / "benchmarks.md"
NAMES = ("ack", "wire", "transfer", "growth", "process", "policy", "audit")

_HEAD = """# Benchmarks

Written by `make bench` from one run, on {date}, on this machine: {machine}.

Times are medians unless a line says otherwise. Slack and the exchanges are look-alikes on loopback, so a real network's
time comes on top. What stands beside a figure was measured in the same run: on another machine the times will differ,
the ratios should hold. "Aim" is what was set before anything was measured.
"""


def measured(name: str) -> Part:
    """Run one benchmark.

    Raises:
        SystemExit: it failed; its own words are on the screen.
    """
    done = subprocess.run([sys.executable, str(HERE / f"{name}.py"), "--json"], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name}.py ended with {done.returncode}")
    return read(done.stdout)


def main() -> None:
    names = sys.argv[1:] or NAMES
    sys.stdout.write(f"{machine()}\n\n")
    parts = []
    for name in names:
        parts.append(measured(name))
        sys.stdout.write(parts[-1].as_text() + "\n")
        sys.stdout.flush()
    if names is NAMES:
        head = _HEAD.format(date=datetime.now(UTC).date(), machine=machine())
        PAGE.write_text("\n".join([head, "\n\n".join(part.as_markdown() for part in parts), ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
