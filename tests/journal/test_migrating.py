"""A database of the versions before: everything in it is kept, and the desk goes on from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from clock import VirtualClock
from desk_bench import ALICE, CAROL, CHANNEL, DAN, KEYS, TEAM, DeskBench
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.desk import Decision
from bot.errors import StartError
from bot.journal import Journal
from bot.journal.backup import back_up, examine, looking_at
from bot.journal.chain import GENESIS, link
from bot.journal.schema import KNOWN, migrations
from bot.transfers import State

AT = "2026-11-21T10:00:00.000Z"
SEAL = "01234567"
EVENTS = {"sending": "desk", "unknown": "desk", "resolve_vote": CAROL.user}
DATA = '{"reason":"order 17"}'
COLUMNS = (
    "version, state, exchange, source, destination, currency, amount, margin_account, connection, requester, team, "
    "channel, card_ts, rule, rule_hash, policy_hash, seal, approvals_needed, created_at, sent_at"
)


def row(state: str, amount: str, sent_at: str | None = None) -> list[object]:
    route = ["htx", "htx:spot", "htx:linear-swap"]
    people = [ALICE.user, TEAM, CHANNEL, "1795000000.000001"]
    return [
        1,
        state,
        *route,
        "USDT",
        amount,
        "USDT",
        KEYS["htx"],
        *people,
        "collateral",
        "ab",
        "cd",
        SEAL,
        0,
        AT,
        sent_at,
    ]


@pytest.fixture(params=["agreement", "touch", "filters"])
def next_version(request: pytest.FixtureRequest) -> str:
    """The first migration an older version did not have."""
    return str(request.param)


@pytest.fixture
def old(path: Path, next_version: str) -> Path:
    """A journal as that version left it: an unknown with a vote, a success, and an outbox in every state."""
    db = Database(sqlite3.connect(str(path), isolation_level=None), execute_plugins=False)
    db.execute("PRAGMA journal_mode = wal").fetchall()
    migrations.apply(db, stop_before=next_version)
    db.execute("INSERT INTO policies VALUES ('cd', 'the policy', ?)", [AT])
    rows = [row("cancelled", "1"), row("unknown", "250", AT), row("succeeded", "1000.50", AT)]
    for values in rows:
        db.execute(f"INSERT INTO transfers ({COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)
    digest = GENESIS
    for seq, (kind, actor) in enumerate(EVENTS.items(), start=1):
        before, digest = digest, link(seq, AT, 2, kind, actor, DATA, digest)
        db.execute("INSERT INTO events VALUES (?, ?, 2, ?, ?, ?, ?, ?)", [seq, AT, kind, actor, DATA, before, digest])
    votes = "approvals" if next_version == "agreement" else "resolutions"
    db.execute(f"INSERT INTO {votes} VALUES (2, 1, ?, 'executed', ?, ?)", [CAROL.user, f"{SEAL}.00000000", AT])
    db.execute("INSERT INTO deliveries VALUES ('0a', 'T2 is noted', ?)", [AT])
    for number, (kind, state) in enumerate(
        [("card", "done"), ("card", "pending"), ("card", "pending"), ("thread", "parked"), ("audit", "pending")]
    ):
        problem = "channel_not_found" if state == "parked" else None
        values = [kind, number % 3 + 1, None if kind == "card" else 2, 3, state, AT, number, problem, AT, AT]
        db.execute(
            "INSERT INTO outbox (kind, transfer_id, event_seq, generation, state, due_at, attempts, problem, "
            "created_at, tried_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    # The last transfer and the last row of the outbox are gone, but what they were called was given.
    db.execute("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'outbox'")
    db.execute("UPDATE sqlite_sequence SET seq = 17 WHERE name = 'transfers'")
    db.close()
    return path


def held(path: Path, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return list(connection.execute(f"SELECT {columns} FROM {table} ORDER BY rowid"))
    finally:
        connection.close()


KEPT = {
    "transfers": f"id, {COLUMNS}, deadline, reserved_at, settled_at, outcome",
    "outbox": "id, kind, transfer_id, event_seq, generation, state, due_at, attempts, problem, created_at, tried_at",
    "events": "*",
    "deliveries": "*",
    "policies": "*",
    "journal": "*",
}


@pytest.mark.parametrize("table", KEPT)
def test_every_row_is_kept(old: Path, clock: VirtualClock, table: str) -> None:
    before = held(old, table, KEPT[table])
    Journal(old, clock, threaded=False).close()
    assert held(old, table, KEPT[table]) == before != []


@pytest.mark.parametrize("next_version", ["agreement"], indirect=True)
def test_the_votes_on_unknowns_are_told_apart_from_approvals(old: Path, clock: VirtualClock) -> None:
    votes = held(old, "approvals")
    Journal(old, clock, threaded=False).close()
    assert held(old, "resolutions") == votes != []
    assert held(old, "approvals") == []


def test_no_id_that_was_given_is_given_again(old: Path, clock: VirtualClock) -> None:
    journal = Journal(old, clock, threaded=False)
    transfer = journal.run(lambda tx: tx.insert(replace(next(tx.select("id = 1")), id=0))).result()
    journal.run(lambda tx: tx.outbox.card(transfer.id)).result()
    journal.close()
    assert transfer.id == 18
    assert held(old, "outbox", "id")[-1] == (42,)


def test_nothing_else_is_left_behind(old: Path, clock: VirtualClock) -> None:
    Journal(old, clock, threaded=False).close()
    fresh = old.with_name("fresh.db")
    Journal(fresh, clock, threaded=False).close()
    schema = "sqlite_master"
    assert sorted(held(old, schema, "type, name, sql")) == sorted(held(fresh, schema, "type, name, sql"))
    assert {name for (name,) in held(old, "_sqlite_migrations", "name")} == KNOWN


def test_an_empty_database_of_that_version_is_brought_up_to_date_too(
    path: Path, clock: VirtualClock, next_version: str
) -> None:
    db = Database(sqlite3.connect(str(path), isolation_level=None), execute_plugins=False)
    migrations.apply(db, stop_before=next_version)
    db.close()
    Journal(path, clock, threaded=False).close()
    assert held(path, "outbox") == []


def test_opening_it_again_changes_nothing(old: Path, clock: VirtualClock) -> None:
    Journal(old, clock, threaded=False).close()
    tables = ("transfers", "outbox", "resolutions", "sqlite_sequence", "_sqlite_migrations")
    before = {table: held(old, table) for table in tables}
    Journal(old, clock, threaded=False).close()
    assert {table: held(old, table) for table in tables} == before


@pytest.mark.parametrize("next_version", ["agreement", "touch"], indirect=True)
def test_what_breaks_off_in_the_middle_leaves_the_old_version_whole(old: Path, clock: VirtualClock) -> None:
    before = held(old, "sqlite_master", "name, sql"), held(old, "approvals"), held(old, "outbox")
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("CREATE TABLE outbox_before (x)")  # in the way of the last steps
    connection.close()
    with pytest.raises(StartError):
        Journal(old, clock, threaded=False)
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("DROP TABLE outbox_before")
    connection.close()
    assert (held(old, "sqlite_master", "name, sql"), held(old, "approvals"), held(old, "outbox")) == before
    Journal(old, clock, threaded=False).close()
    assert len(held(old, "resolutions")) == 1


def test_a_backup_of_that_version_can_be_made_examined_and_looked_at(old: Path, tmp_path: Path) -> None:
    copy = tmp_path / "desk.bak"
    assert back_up(old, copy) == examine(copy)
    with looking_at(copy) as tx:
        assert [event.kind for event in tx.events()] == list(EVENTS)


def test_a_desk_goes_on_from_it(old: Path, clock: VirtualClock) -> None:
    bench = DeskBench(old.parent, clock)
    lost = bench.get(2)
    assert (lost.state, lost.reason) == (State.UNKNOWN, "")
    assert [vote.person for vote in bench.view(lost).votes] == [CAROL.user]
    bench.resolve(lost, DAN, Decision.EXECUTED)
    assert bench.state(lost) == "succeeded"
    assert {parcel.kind for parcel in bench.parcels()} == {"card", "thread", "audit"}
    bench.close()
