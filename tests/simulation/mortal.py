"""Where the desk's process can die, and a disk that can be slow or full. Both stand at the edges of the real parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]


class Died(BaseException):
    """The desk's process ended here. No `except Exception` of the product may survive it."""


class Points:
    """Counts every place where the process could die, and lets it die at one of them.

    Attributes:
        passed: how many have been passed.
        names: what they were, in order.
        dead: the process is gone; nothing it still holds may do anything.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.dead = False
        self._die_at = 0

    @property
    def passed(self) -> int:
        return len(self.names)

    def die_in(self, more: int) -> None:
        """Let the process die at the `more`th point from now; 0 lets it live."""
        self._die_at = self.passed + more if more else 0

    @property
    def doomed(self) -> bool:
        """A death is planned and has not come yet."""
        return self._die_at > self.passed

    def __call__(self, name: str) -> None:
        if self.dead:
            raise Died("it is dead already")
        self.names.append(name)
        if self.passed == self._die_at:
            self.dead = True
            raise Died(name)

    def revive(self) -> None:
        """Begin another process."""
        self.dead = False
        self._die_at = 0


class Disk:
    """A journal's connection with a disk below it that can be full or slow.

    Attributes:
        full: "" or where it shows: at the first `write`, or at the `commit`.
        slow_s: how long the next commit takes.
    """

    def __init__(self, connection: Any, point: Callable[[str], None], wait: Callable[[float], None]) -> None:
        self.connection = connection
        self.full = ""
        self.slow_s = 0.0
        self.refusals = 0
        self._point = point
        self._wait = wait
        self._changes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, *parameters: Any) -> Any:
        match sql[:6]:
            case "BEGIN ":
                done = self.connection.execute(sql, *parameters)
                self._changes = self.connection.total_changes
                return done
            case "COMMIT":
                return self._commit(sql)
            case "INSERT" | "UPDATE" | "DELETE" if self.full == "write":
                self._refuse()
        return self.connection.execute(sql, *parameters)

    def _commit(self, sql: str) -> Any:
        if self.connection.total_changes == self._changes:
            return self.connection.execute(sql)
        self._point("before a commit")
        if self.full == "commit":
            self._refuse()
        if self.slow_s:
            seconds, self.slow_s = self.slow_s, 0.0
            self._wait(seconds)
        done = self.connection.execute(sql)
        self._point("after a commit")
        return done

    def _refuse(self) -> None:
        self.refusals += 1
        raise sqlite3.OperationalError("database or disk is full")
