"""The file `FREEZE` beside the database: how a shell stops a running desk, which alone may write the journal.

One order a line, as JSON `{"exchange": "htx", "reason": "…", "actor": "…"}`; an empty exchange is all of them. Whatever
else is in the file freezes everything: whoever just types `touch FREEZE` is in a hurry.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.desk.freezing import REASON_MAX, Order
from bot.journal import EVERYTHING

ORDERS_MAX = 1000
_FILE, _SHELL = "a FREEZE file", "a shell"


class FreezeFile:
    """The orders of a shell, until the journal holds them."""

    def __init__(self, database: Path) -> None:
        folder = database.resolve().parent
        self._path = folder / "FREEZE"
        # The desk moves the file here before it carries it out, so that an order given meanwhile is another file.
        self._taken = folder / "FREEZE.taken"

    def add(self, order: Order) -> None:
        """Give an order; those the desk has not seen yet stay.

        Raises:
            OSError: the folder cannot be written.
        """
        line = json.dumps({"exchange": order.exchange, "reason": order.reason, "actor": order.actor})
        with _alone_in(self._path.parent):
            # An empty file is an order too.
            before = []
            with contextlib.suppress(FileNotFoundError):  # the desk may take it at any moment
                before.append(self._path.read_bytes().strip() or _FILE.encode())
            with NamedTemporaryFile("wb", dir=self._path.parent, prefix=".FREEZE-", delete=False) as file:
                file.write(b"\n".join((*before, line.encode(), b"")))
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self._path)

    def orders(self) -> tuple[Order, ...]:
        """Return every order the journal may not hold yet. A file that cannot be read is one to freeze everything."""
        # First where it is moved from, then where it is moved to: moved in between, it is read twice and not missed.
        new = _read(self._path)
        return (*_read(self._taken), *new)

    def take(self) -> tuple[Order, ...]:
        """Return the orders to carry out now; `done` ends them. Only for the one who carries them out."""
        if not self._taken.exists():
            with contextlib.suppress(FileNotFoundError):
                self._path.rename(self._taken)
        return tuple(_read(self._taken))

    def done(self) -> None:
        """Forget the orders that were taken: the journal holds them."""
        # What cannot be removed, a folder say, goes on freezing until somebody removes it.
        with contextlib.suppress(OSError):
            self._taken.unlink()


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other shells waiting: of two that add to one file at once, one would write over the other's order."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _read(path: Path) -> list[Order]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    except OSError:
        return [Order(EVERYTHING, "a FREEZE file that cannot be read", _SHELL)]
    lines = [line for line in text.splitlines() if line.strip()]
    orders = [_order(line) for line in lines[:ORDERS_MAX]]
    if not lines or len(lines) > ORDERS_MAX:
        orders.append(Order(EVERYTHING, _FILE, _SHELL))
    return orders


def _order(line: str) -> Order:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return Order(EVERYTHING, _short(line) or _FILE, _SHELL)
    exchange, reason, actor = (said.get(name) for name in ("exchange", "reason", "actor"))
    return Order(
        exchange if isinstance(exchange, str) else EVERYTHING,
        _short(reason) or _FILE,
        _short(actor) or _SHELL,
    )


def _short(text: object) -> str:
    """Return text as one line that can be kept; nothing of whatever else it is."""
    if not isinstance(text, str):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:REASON_MAX]
