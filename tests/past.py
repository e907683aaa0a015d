"""A past for a journal: weeks a real desk lived through, as many as it takes.

The first week is lived: a thousand transfers go through a desk, from the command to the card of the outcome, so that
every table holds what a desk writes. The other weeks are that week again, later: with ids, times and deliveries of
their own, and with a real chain over their events. What an event says of itself is as it was in the first week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from clock import VirtualClock
from desk_bench import ALICE, BOB, CAROL, RULES, SNAPSHOT, STRANGER, DeskBench, Person, rule_says
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.desk.refusing import TRIES
from bot.journal.chain import link
from bot.transfers import Accepted, Refused, State

WEEK = timedelta(days=7)
A_WEEK_OF = 1000  # transfers
LIMITS = ('per_day = "100000000"', 'per_person_per_day = "90000000"')
TIERS = 'approvals = [{ above = "500", count = 1, from = "treasurers" }]'
TEXT = RULES.replace(*rule_says(*LIMITS, TIERS)).replace(
    'currencies = ["USDT", "BTC"]', 'currencies = ["USDT", "BTC"]\nper_day = { USDT = "100000000", BTC = "100000" }'
)
ROUTES = (
    ("usdt", "htx:spot -> htx:linear-swap"),
    ("usdt", "htx:linear-swap -> htx:spot"),
    ("usdt", "htx:spot -> htx:linear-swap/BTC-USDT"),
    ("usdt", "coinw:master -> coinw:maker"),
    ("btc", "coinw:maker -> coinw:master"),
)
NO = Refused("1301", "Insufficient amount available.")

# What is later by whole days, what is a transfer, and what is given anew, by table.
_MOMENTS = {"deadline", "created_at", "reserved_at", "sent_at", "settled_at", "at", "due_at", "tried_at"}
_TRANSFERS = {"follows", "retry_of", "transfer_id"}
_COPIED = ("transfers", "approvals", "deliveries", "outbox")


def lived(folder: Path, transfers: int = A_WEEK_OF) -> Past:
    """Live the first week in a folder."""
    clock = VirtualClock()
    bench = DeskBench(folder, clock, rules=TEXT)
    begun = clock.now()
    for number in range(1, transfers + 1):
        _live(bench, number)
        clock.set((begun + WEEK * number / transfers - clock.now()).total_seconds())
    bench.close()
    return Past(bench.path)


def _live(bench: DeskBench, number: int) -> None:
    """One transfer from the command to its end; a few are refused, a few taken back, and somebody tries their luck."""
    currency, route = ROUTES[number % len(ROUTES)]
    amount = f"{250 + 500 * (number % 4 < 2)}.{number % 97:02}"
    by: Person = ALICE if number % 3 else BOB
    transfer = bench.proposed(f"{amount} {currency} {route}", by)
    if number % 50 == 0:
        bench.cancel(transfer, by)
    else:
        bench.confirm(transfer, by)
        transfer = bench.get(transfer.id)
        if transfer.state is State.AWAITING_APPROVAL:
            bench.approve(transfer, CAROL)
        following = bench.desk.what_next(transfer.route.exchange).result().transfer
        assert following is not None and bench.desk.claim(following.id, SNAPSHOT).result() is not None
        outcome = NO if number % 50 == 25 else Accepted(f"90000{number}")
        bench.desk.settle(following.id, outcome).result()
    if number % 30 == 0:
        for _ in range(TRIES):
            bench.ask(by=STRANGER)
    bench.post()


@dataclass
class Past:
    """A journal that grows by weeks.

    Attributes:
        weeks: how many it holds.
    """

    database: Path
    weeks: int = 1

    def __post_init__(self) -> None:
        self._db = sqlite3.connect(self.database, isolation_level=None)
        # Nobody waits for this disk, and nothing is lost that could not be made again.
        for pragma in ("synchronous = 0", "journal_mode = off", "cache_size = -2000000"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self._ids = {table: self._last(table) for table in ("transfers", "outbox", "events", "deliveries")}
        self._hash = self._db.execute("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()[0]

    def grow(self, weeks: int) -> None:
        """Go on until so many weeks are in it."""
        copies = {table: self._copying(table) for table in _COPIED}
        while self.weeks < weeks:
            steps = {name: last * self.weeks for name, last in self._ids.items()}
            bound = {**self._ids, **{f"{name}_step": step for name, step in steps.items()}}
            bound["later"] = f"+{WEEK.days * self.weeks} days"
            self._db.execute("BEGIN")
            self._events(bound)
            for sql in copies.values():
                self._db.execute(sql, bound)
            self._db.execute("COMMIT")
            self.weeks += 1

    def close(self) -> None:
        """Leave the file as a desk finds it."""
        self._db.execute("PRAGMA journal_mode = wal").fetchall()
        self._db.close()

    def _last(self, table: str) -> int:
        return int(self._db.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0])

    def _copying(self, table: str) -> str:
        columns = [str(row[1]) for row in self._db.execute(f"PRAGMA table_info({table})")]
        # Nothing of the weeks after: what has an id is told by it, and the rest by what it is about.
        of_the_first = {"approvals": "transfer_id <= :transfers", "deliveries": "rowid <= :deliveries"}
        where = of_the_first.get(table, f"id <= :{table}")
        values = ", ".join(_later(table, name) for name in columns)
        return f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {where}"

    def _events(self, bound: dict[str, object]) -> None:
        rows = self._db.execute(
            f"SELECT seq + :events_step, {_later('events', 'at')}, transfer_id + :transfers_step, kind, actor, data "
            "FROM events WHERE seq <= :events ORDER BY seq",
            bound,
        ).fetchall()
        self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._chained(rows))

    def _chained(self, rows: Sequence[tuple[int, str, int | None, str, str, str]]) -> list[tuple[object, ...]]:
        chained: list[tuple[object, ...]] = []
        for row in rows:
            before, self._hash = self._hash, link(*row, self._hash)
            chained.append((*row, before, self._hash))
        return chained


def _later(table: str, column: str) -> str:
    """A column of a later week, in SQL."""
    if column == "id":
        return f"id + :{table}_step"
    if column == "key":
        return "lower(hex(randomblob(32)))"
    if column == "event_seq":
        return "event_seq + :events_step"
    if column in _TRANSFERS:
        return f"{column} + :transfers_step"
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column}, :later)" if column in _MOMENTS else column
