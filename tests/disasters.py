"""What a test of a disaster does in a process of its own: a desk on a real file, and an exchange that counts.

Run as a script: `disasters.py ACT FOLDER`. Prints one line of JSON per observation; the test reads them.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clock import VirtualClock
from desk_bench import DeskBench, ScriptedExchange

from bot.errors import TransferdeskError
from bot.journal import Journal
from bot.lanes import Lane
from bot.transfers import Accepted, Outcome

NOBODY = 65534


def say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Victim:
    """A desk with one transfer approved and one proposed, and its lane."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.bench = DeskBench(folder, self.clock)
        self.exchange = ScriptedExchange(self.clock)
        self.lane = Lane(self.exchange, self.bench.desk, self.clock)
        self.approved = self.bench.approved()
        self.proposed = self.bench.proposed("30 usdt htx:linear-swap -> htx:spot")

    def look(self, when: str) -> None:
        """Try everything a desk does, and say what came of it."""
        self.clock.advance(2)
        self.say_of(when, "ask", lambda: self.bench.ask("40 usdt htx:spot -> htx:linear-swap"))
        self.say_of(when, "confirm", lambda: self.bench.confirm(self.proposed))
        self.say_of(when, "lane", self.lane.step)
        say(when=when, orders=len(self.exchange.orders))

    def say_of(self, when: str, what: str, act: Callable[[], object]) -> None:
        try:
            say(when=when, what=what, answer=str(act()))
        except TransferdeskError as error:
            say(when=when, what=what, error=f"{type(error).__name__}: {error}")

    def states(self) -> None:
        say(states=dict(self.bench.read("SELECT 'T' || id, state FROM transfers")))


def no_more_bytes(victim: Victim) -> None:
    """Let no file grow: what a full disk is to a process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = victim.bench.path.with_name("desk.db-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))


def bytes_again() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def full(folder: Path) -> None:
    victim = Victim(folder)
    no_more_bytes(victim)
    victim.look("full")
    bytes_again()
    victim.look("again")
    victim.states()


def full_after_the_claim(folder: Path) -> None:
    """The disk fills up while the request is on its way: the outcome waits, and nothing else is sent."""
    victim = Victim(folder)
    victim.bench.confirm(victim.proposed)

    def fill_up() -> Outcome:
        no_more_bytes(victim)
        return Accepted("900001")

    victim.exchange.answers.append(fill_up)
    for _ in range(3):
        victim.lane.step()
        victim.clock.advance(2)
    say(when="full", orders=len(victim.exchange.orders))
    bytes_again()
    for _ in range(3):
        victim.lane.step()
        victim.clock.advance(2)
    say(when="again", orders=len(victim.exchange.orders))
    victim.states()


def read_only(folder: Path) -> None:
    """The file system goes read-only under a running desk, as after an error of its disk."""
    victim = Victim(folder)
    victim.bench.journal.run(lambda tx: tx._db.execute("PRAGMA query_only = 1").fetchall()).result()
    victim.look("read-only")
    victim.states()


def not_mine(folder: Path) -> None:
    """A start as somebody who may read everything and write nothing."""
    if os.getuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        DeskBench(folder, VirtualClock())
    except TransferdeskError as error:
        say(error=f"{type(error).__name__}: {error}")


def tiny_disk(folder: Path) -> None:
    """A disk of its own that is really full."""
    victim = Victim(folder)
    with (folder / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(b"\0" * 4096):
                pass
        except OSError as error:
            say(filled=error.strerror)
    victim.look("full")
    (folder / "filler").unlink()
    victim.look("again")
    victim.states()


def start_on_a_full_disk(folder: Path) -> None:
    victim = Victim(folder)
    victim.bench.close()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        Journal(victim.bench.path, victim.clock, threaded=False)
    except TransferdeskError as error:
        say(error=f"{type(error).__name__}: {error}")


ACTS = {act.__name__: act for act in (full, full_after_the_claim, read_only, not_mine, tiny_disk, start_on_a_full_disk)}

if __name__ == "__main__":
    ACTS[sys.argv[1]](Path(sys.argv[2]))
