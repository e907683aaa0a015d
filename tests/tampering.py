"""The hand of somebody who changes a journal and knows his way around its triggers."""

from __future__ import annotations

from typing import Any


def disarm(connection: Any) -> None:
    """Take away every trigger that guards the record."""
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
