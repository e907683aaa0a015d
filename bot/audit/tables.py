"""The other tables, held against what follows from the events.

Not compared, because no event says it: where a card stands (`transfers.card_ts`), when a journal's first name was given
(`journal.begun_at`), and the desk's own notes (deliveries, outbox, looks, standings, codes, balances, wishes, homes).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlite_utils import Database

from bot.audit.differences import Differences
from bot.audit.record import COLUMNS, NAMES, UNTOLD, Record
from bot.audit.replay import Replay
from bot.journal import EVERYTHING

Row = tuple[Any, ...]
_VOTE = "version, approver, decision, seal, at"


class _Ahead:
    """The rows of a table by transfer, read once from beginning to end; what was passed over is kept until asked for.

    Transfers end nearly in the order they began in, so little is kept, and nothing has to be looked up.
    """

    def __init__(self, rows: Iterator[Row]) -> None:
        """Take rows, ordered by their first column, the transfer's id."""
        self._rows = rows
        self._next = next(rows, None)
        self._kept: dict[int, list[Row]] = {}

    def take(self, transfer_id: int) -> list[Row]:
        """Return a transfer's rows without its id, once."""
        while self._next is not None and self._next[0] <= transfer_id:
            self._kept.setdefault(self._next[0], []).append(self._next[1:])
            self._next = next(self._rows, None)
        return self._kept.pop(transfer_id, [])

    def rest(self) -> Iterator[tuple[int, Row]]:
        """Yield what nobody asked for."""
        for transfer_id, rows in sorted(self._kept.items()):
            yield from ((transfer_id, row) for row in rows)
        while self._next is not None:
            yield self._next[0], self._next[1:]
            self._next = next(self._rows, None)


class Tables:
    """The tables of one journal, as of the one moment its transaction sees.

    Attributes:
        partly: transfers of which some columns were told by no event, as an older version wrote them.
    """

    def __init__(self, db: Database, differences: Differences) -> None:
        self.partly = 0
        self._execute = db.conn.execute
        self._differences = differences
        self._transfers = _Ahead(iter(self._execute(f"SELECT id, {COLUMNS} FROM transfers ORDER BY id")))  # noqa: S608
        self._votes = {
            table: _Ahead(iter(self._execute(f"SELECT transfer_id, {_VOTE} FROM {table} ORDER BY 1, 2, 3")))  # noqa: S608
            for table in ("approvals", "resolutions")
        }

    def row(self, transfer_id: int) -> Row | None:
        """Return a transfer's row in the order of `record.COLUMNS`."""
        sql = f"SELECT {COLUMNS} FROM transfers WHERE id = ?"  # noqa: S608
        found: Row | None = self._execute(sql, (transfer_id,)).fetchone()
        return found

    def hash_of(self, seq: int) -> str | None:
        """Return the hash of an event."""
        found = self._execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
        return str(found[0]) if found else None

    def policy(self, digest: str) -> str | None:
        """Return the text of a policy version."""
        found = self._execute("SELECT text FROM policies WHERE hash = ?", (digest,)).fetchone()
        return str(found[0]) if found else None

    def agrees(self, record: Record) -> bool:
        """Tell whether the row of a transfer, and the votes on it, are what its events say. Asked once for each."""
        expected, rows = record.row(), self._transfers.take(record.id)
        votes = [table.take(record.id) == _expected(name, record) for name, table in self._votes.items()]
        if not rows or not all(votes):
            return False
        if rows[0] == expected:
            return True
        if any(_differing(rows[0], expected)):
            return False
        self.partly += 1  # it differs in what was not told; the seal, which was, is over some of that
        return Record.from_row(record.id, rows[0]).seal() == record.shown.seal

    def differ(self, record: Record, seq: int) -> None:
        """Say what of a transfer's row and votes is not what its events say, if anything."""
        expected, row = record.row(), self.row(record.id)
        if row is None:
            self._wrong("transfers", record.name, "the row", "missing", "there, as events tell of it", seq)
            return
        for name, found, wanted in _differing(row, expected):
            self._wrong("transfers", record.name, name, found, wanted, seq)
        seal = Record.from_row(record.id, row).seal()
        if UNTOLD in expected and seal != record.shown.seal:
            wanted = f"{seal}, which is what its row comes to"
            self._wrong("transfers", record.name, "seal", record.shown.seal, wanted, seq)
        for table in self._votes:
            self._differ_in_votes(table, record, seq)

    def _differ_in_votes(self, table: str, record: Record, seq: int) -> None:
        sql = f"SELECT {_VOTE} FROM {table} WHERE transfer_id = ?"  # noqa: S608
        expected = {row[:2]: row[2:] for row in _expected(table, record)}
        found = {row[:2]: row[2:] for row in self._execute(sql, (record.id,))}
        for key in sorted(expected.keys() | found.keys()):
            name = f"{record.name} version {key[0]} {key[1]}"
            if key not in found:
                self._wrong(table, name, "the row", "missing", "there, as an event tells of it", seq)
            elif key not in expected:
                self._wrong(table, name, "the row", "there", "none, as no event tells of it", seq)
            else:
                for column, one, other in zip(_VOTE.split(", ")[2:], found[key], expected[key], strict=True):
                    if one != other:
                        self._wrong(table, name, column, one, other, seq)

    # At the end

    def finish(self, replay: Replay, seq: int) -> int:
        """Compare what is left after the last event, `seq`. Returns how many transfers there are."""
        for record, ended_seq in replay.doubtful.values():
            self.differ(record, ended_seq)
        for record in replay.open.values():
            if not self.agrees(record):
                self.differ(record, seq)
        for transfer_id, _ in self._transfers.rest():
            self._wrong("transfers", f"T{transfer_id}", "the row", "there", "none, as no event tells of it", seq)
        for table, votes in self._votes.items():
            for transfer_id, (version, person, *_) in votes.rest():
                name = f"T{transfer_id} version {version} {person}"
                self._wrong(table, name, "the row", "there", "none, as no event tells of it", seq)
        self._policies(replay, seq)
        self._freezes(replay, seq)
        self._names(replay, seq)
        return int(self._execute("SELECT count(*) FROM transfers").fetchone()[0])

    def _policies(self, replay: Replay, seq: int) -> None:
        announced = dict(replay.announced)
        for digest, text, at in self._execute("SELECT hash, text, at FROM policies ORDER BY at, hash"):
            row = str(digest)[:12]
            comes_to = hashlib.sha256(str(text).encode()).hexdigest()
            if comes_to != digest:
                self._wrong("policies", row, "hash", digest, f"{comes_to}, which is what its text comes to", seq)
            told_at = announced.pop(digest, None)
            if at < replay.unannounced_until:
                continue
            if told_at is None:
                self._wrong("policies", row, "the row", "there", "none, as no event puts it in force", seq)
            elif told_at != at:
                self._wrong("policies", row, "at", at, told_at, seq)
        for digest in announced:
            self._wrong("policies", digest[:12], "the row", "missing", "there, as an event puts it in force", seq)

    def _freezes(self, replay: Replay, seq: int) -> None:
        expected = {EVERYTHING if what == "all" else what: freeze for what, freeze in replay.frozen.items()}
        for exchange, *found in self._execute("SELECT exchange, actor, reason, at FROM freezes ORDER BY exchange"):
            row = exchange or "all"
            wanted = expected.pop(exchange, None)
            if wanted is None:
                self._wrong("freezes", row, "the row", "there", "none, as no event freezes it", seq)
                continue
            for column, one, other in zip(("actor", "reason", "at"), found, wanted, strict=True):
                if one != other:
                    self._wrong("freezes", row, column, one, other, seq)
        for exchange in expected:
            self._wrong("freezes", exchange or "all", "the row", "missing", "there, as an event freezes it", seq)

    def _names(self, replay: Replay, seq: int) -> None:
        names = replay.names
        rows: Iterable[Row] = self._execute("SELECT uuid, begun_at FROM journal ORDER BY rowid").fetchall()
        uuids = [str(uuid) for uuid, _ in rows]
        last = uuids[-1] if uuids else ""
        if names.present and last != names.present:
            self._wrong("journal", last[:8], "uuid", last, names.present, seq)
        known = set().union(*names.noted.values(), {names.present})
        for number, (uuid, at) in enumerate(rows):
            if number and uuid not in known:
                self._wrong("journal", str(uuid)[:8], "uuid", uuid, "a name some event tells of", seq)
            elif number and at not in names.noted:
                self._wrong("journal", str(uuid)[:8], "begun_at", at, "the moment of a restore", seq)
        for uuid in sorted(known - set(uuids) - {""}):
            self._wrong("journal", uuid[:8], "the row", "missing", "there, as an event tells of it", seq)

    def _wrong(self, table: str, row: str, column: str, found: object, expected: object, seq: int) -> None:
        self._differences.add(table, row, column, found, expected, seq)


def _differing(row: Row, expected: Row) -> Iterator[tuple[str, Any, Any]]:
    for name, found, wanted in zip(NAMES, row, expected, strict=True):
        if found != wanted and wanted is not UNTOLD:
            yield name, found, wanted


def _expected(table: str, record: Record) -> list[Row]:
    votes = record.votes if table == "approvals" else record.resolutions
    return sorted((*key, *vote) for key, vote in votes.items()) if votes else []
