"""Rows as dictionaries, read inside a transaction that is open anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database


def read(db: Database, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Iterator[dict[str, Any]]:
    """Run a SELECT at once and return its rows one by one.

    What `Database.query` does, without its savepoint: two statements a query that only guard against SQL from
    people, of which there is none here. Nor is `LIMIT ?` written here, nor `kind = ?` where an index is for one kind
    alone: SQLite plans such a query anew at every call, which takes several times as long as running it.
    """
    cursor = db.execute(sql, values)  # type: ignore[arg-type]
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
