"""A running `transferdesk explore` over the journal of a desk on which everything happened that its queries ask for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from clock import VirtualClock
from desk_bench import ALICE, BOB, CAROL, DAN, DeskBench, rule_says

from bot.desk import Decision
from bot.transfers import Accepted

ROOT = Path(__file__).parents[1]
START_S = 60


class Explorer:
    """A running `transferdesk explore`, and a browser that has or has not opened its link."""

    def __init__(self, process: subprocess.Popen[str], link: str, folder: Path) -> None:
        self.process = process
        self.link = link
        self.folder = folder
        self.base = f"http://{urlsplit(link).netloc}"
        self.stranger = httpx.Client(base_url=self.base, trust_env=False, timeout=START_S)
        self.browser = httpx.Client(base_url=self.base, trust_env=False, timeout=START_S, follow_redirects=True)

    def let_in(self) -> None:
        assert self.browser.get(self.link).status_code == 200

    def rows(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        answer = self.browser.get(f"/journal/{path}.json", params={"_shape": "objects", **parameters})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])

    def ask(self, sql: str) -> httpx.Response:
        return self.browser.get("/journal.json", params={"sql": sql, "_shape": "objects"})

    def copies(self) -> list[Path]:
        return list(self.folder.iterdir())

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(START_S)


@contextmanager
def exploring(bench: DeskBench, folder: Path, *arguments: str) -> Iterator[Explorer]:
    folder.mkdir()
    files = {"TRANSFERDESK_CONFIG": bench.folder / "desk.toml", "TRANSFERDESK_DATABASE": bench.path, "TMPDIR": folder}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "explore", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, **{name: str(value) for name, value in files.items()}},
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        named = re.match(r"The pages: (http://127\.0\.0\.1:\d+/\S+)   \(Ctrl-C ends it\)", line)
        assert named, line + process.stdout.read()
        explorer = Explorer(process, named[1], folder)
        with explorer.stranger, explorer.browser:
            yield explorer
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def lived(folder: Path) -> Iterator[DeskBench]:
    """A desk that still runs."""
    bench = DeskBench(folder, VirtualClock())
    bench.restart(rule_says('approvals = [{ above = "500", count = 1, from = "treasurers" }]'))
    bench.settled(Accepted("1"), "250.10 usdt htx:spot -> htx:linear-swap")
    bench.settled(Accepted("2"), "0.20 usdt htx:spot -> htx:linear-swap")
    slow = bench.awaiting("1000 usdt htx:linear-swap -> htx:spot", BOB)
    bench.clock.advance(minutes=42)
    bench.approve(slow, CAROL)
    lost = bench.lost("7 usdt htx:linear-swap -> htx:spot")
    bench.resolve(lost, CAROL, Decision.EXECUTED)
    bench.resolve(lost, DAN, Decision.EXECUTED)
    bench.unknown("8 usdt htx:spot -> htx:linear-swap")
    bench.awaiting("600 usdt htx:spot -> htx:linear-swap/BTC-USDT")
    bench.ask("9999 usdt htx:spot -> htx:linear-swap", ALICE)
    try:
        yield bench
    finally:
        bench.close()
