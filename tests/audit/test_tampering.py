"""Whatever somebody changes in a journal is found from the journal alone, be it with the chain computed anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audited import audit, busy, copied, edit, first, rehash, rewrite
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.audit.tables import __doc__ as named

# Where a card stands, and when a journal's first name was given, is told by no event: see `bot.audit.tables`.
COLUMNS = {
    "events": "seq at transfer_id kind actor data previous_hash hash",
    "transfers": "id version state exchange source destination currency amount margin_account connection requester "
    "team channel rule rule_hash policy_hash seal approvals_needed deadline created_at reserved_at sent_at settled_at "
    "exchange_reference outcome follows retry_of reason share",
    "approvals": "transfer_id version approver decision seal at",
    "resolutions": "transfer_id version approver decision seal at",
    "freezes": "exchange actor reason at",
    "policies": "hash text at",
    "journal": "uuid",
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return busy(tmp_path_factory.mktemp("original"))


def held(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    connection.close()
    return found


def test_every_column_is_compared_or_named_as_one_that_is_not(original: Path) -> None:
    for table, columns in COLUMNS.items():
        there = {name for (name,) in held(original, f"SELECT name FROM pragma_table_info('{table}')")}
        assert all(f"{table}.{name}" in str(named) for name in there - set(columns.split()))
    tables = {name for (name,) in held(original, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    others = {name for name in tables - set(COLUMNS) if not name.startswith(("sqlite_", "_sqlite_"))}
    assert others == {"deliveries", "outbox", "looks", "standings", "codes", "balances", "wishes", "homes"}
    assert all(name in str(named) for name in others)


# Changed by hand -----------------------------------------------------------------------------------------------------


def another(value: Any, drawn: Any) -> Any:
    """Another value of the kind a column holds; None stays out of columns that have one."""
    if isinstance(value, int):
        return value + drawn.draw(st.integers(1, 1000))
    if value is None:
        return drawn.draw(st.sampled_from(["0", "x", "2026-11-21T10:15:00.000Z"]))
    fresh = drawn.draw(st.sampled_from([f"{value}0", f"0{value}", value[1:], value.swapcase(), "", "U02BOB", " " * 9]))
    return fresh if fresh != value else f"{value}x"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.data())
def test_a_column_that_was_changed(original: Path, tmp_path: Path, drawn: Any) -> None:
    table = drawn.draw(st.sampled_from(sorted(COLUMNS)))
    column = drawn.draw(st.sampled_from(COLUMNS[table].split()))
    path = copied(original, tmp_path)
    rows = held(path, f"SELECT rowid, {column} FROM {table} ORDER BY rowid")
    rowid, value = drawn.draw(st.sampled_from(rows))
    fresh = another(value, drawn)
    if column in ("transfer_id", "follows", "retry_of") and isinstance(fresh, str):
        fresh = 1
    edit(path, (f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", [fresh, rowid]))
    assert first(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.data())
def test_rows_that_were_removed_slipped_in_or_swapped(original: Path, tmp_path: Path, drawn: Any) -> None:
    table = drawn.draw(st.sampled_from(sorted(set(COLUMNS) - {"journal"})))
    path = copied(original, tmp_path)
    rowids = [rowid for (rowid,) in held(path, f"SELECT rowid FROM {table} ORDER BY rowid")]
    # The end of the chain cut off cleanly takes another witness: see `test_channel`.
    one = drawn.draw(st.sampled_from(rowids[:-1] if table == "events" else rowids))
    key = COLUMNS[table].split()[0]
    how = drawn.draw(st.sampled_from(["remove", "slip in", "swap"]))
    if how == "swap" and table == "events":
        # Two neighbours change places.
        edit(
            path,
            f"UPDATE events SET seq = -1 WHERE seq = {one}",
            f"UPDATE events SET seq = {one} WHERE seq = {one + 1}",
            f"UPDATE events SET seq = {one + 1} WHERE seq = -1",
        )
    elif how == "slip in":
        columns = [name for (name,) in held(path, f"SELECT name FROM pragma_table_info('{table}')")]
        fresh = [
            "99999" if name == key and key != "hash" else f"'{'ab' * 32}'" if name == key else name for name in columns
        ]
        edit(path, f"INSERT INTO {table} SELECT {', '.join(fresh)} FROM {table} WHERE rowid = {one}")
    else:
        edit(path, f"DELETE FROM {table} WHERE rowid = {one}")
    assert first(path)


def test_the_first_row_that_differs_is_named_and_the_rest_is_counted(journal: Path) -> None:
    edit(
        journal,
        "UPDATE events SET actor = 'U66STRANGER' WHERE seq = 7",
        "UPDATE transfers SET amount = '900' WHERE id = 1",
    )
    differences = audit(journal).differences
    assert str(differences.first).startswith("events #7: hash is ")
    assert str(differences.first).endswith(", which is what the row comes to")
    assert differences.total > 1
    assert differences.counts["transfers"] == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE transfers SET amount = '900' WHERE id = 1", "transfers T1: amount is 900, expected 100"),
        ("DELETE FROM transfers WHERE id = 1", "transfers T1: the row is missing, expected there"),
        ("UPDATE approvals SET approver = 'U05ERIN' WHERE transfer_id = 2 AND approver = 'U03CAROL'",
         "approvals T2 version 1 U03CAROL: the row is missing"),
        ("DELETE FROM freezes", "freezes coinw: the row is missing, expected there, as an event freezes it"),
        ("UPDATE policies SET text = replace(text, '5000', '9000')", "policies "),
        ("UPDATE journal SET uuid = 'ab'", "journal ab: uuid is ab, expected "),
    ],
)  # fmt: skip
def test_a_difference_says_which_row_which_column_and_what_was_expected(
    journal: Path, statement: str, said: str
) -> None:
    edit(journal, statement)
    assert str(first(journal)).startswith(said)


def test_data_that_reads_alike_but_is_written_otherwise_is_named(journal: Path) -> None:
    # Two readers of one text with a key twice may see two amounts.
    edit(journal, """UPDATE events SET data = '{"amount":"1",' || substr(data, 2) WHERE kind = 'sending'""")
    rehash(journal)
    assert first(journal).column == "data"


# Changed, and the chain computed anew --------------------------------------------------------------------------------

Change = Callable[[dict[str, Any], dict[str, Any]], None]


def says(name: str, value: Any) -> Change:
    return lambda row, data: data.__setitem__(name, value)


def by(actor: str) -> Change:
    return lambda row, data: row.__setitem__("actor", actor)


def at(moment: str) -> Change:
    return lambda row, data: row.__setitem__("at", moment)


def unsaid(name: str) -> Change:
    return lambda row, data: data.__delitem__(name)


@pytest.mark.parametrize(
    ("kind", "number", "change"),
    [
        ("proposed", 0, says("amount", "90")),
        ("proposed", 0, says("seal", "00000000")),
        ("proposed", 0, says("rule_hash", "0" * 64)),
        ("proposed", 0, says("policy_hash", "0" * 64)),
        ("proposed", 1, says("approvals_needed", 0)),
        ("proposed", 0, by("U66STRANGER")),
        ("proposed", 0, says("deadline", "2026-11-22T10:15:00.000Z")),
        ("awaiting_approval", 0, by("U03CAROL")),
        ("awaiting_approval", 0, says("approvals_needed", 1)),
        ("approve_vote", 0, by("U01ALICE")),  # who asked
        ("approve_vote", 0, by("U66STRANGER")),
        ("approve_vote", 1, by("U03CAROL")),  # the same person twice
        ("approve_vote", 0, says("seal", "00000000")),
        ("approve_vote", 0, says("version", 2)),
        ("approve_vote", 0, says("second_factor", True)),
        ("approve_vote", 0, says("missing", 0)),
        ("approve_vote", 0, says("policy", "0" * 64)),
        ("approved", 0, by("U02BOB")),
        ("approved", 1, says("approvers", ["U03CAROL"])),
        ("approved", 0, says("before", "awaiting_approval")),
        ("denied", 0, by("U02BOB")),
        ("cancelled", 0, by("U02BOB")),
        ("expired", 0, at("2026-11-21T10:16:00.000Z")),
        ("sending", 0, says("amount", "90")),
        ("sending", 0, at("2026-11-21T10:30:00.000Z")),  # after the deadline
        ("sending", 0, by("U01ALICE")),
        ("sending", 0, says("channel", "C09OTHER")),
        ("succeeded", 0, says("reference", "1")),
        ("succeeded", 0, says("outcome", "It was all right.")),
        ("succeeded", 0, lambda row, data: row.__setitem__("kind", "refused")),
        ("succeeded", 1, says("settled_by", ["U03CAROL"])),
        ("resolve_vote", 0, by("U01ALICE")),
        ("resolve_vote", 0, says("decision", "executed")),
        ("resolve_vote", 0, says("evidence", "12345678")),
        ("not_executed", 0, says("settled_by", ["U03CAROL"])),
        ("looked", 1, says("trace", "absent")),
        ("waiting", 0, says("follows", 1)),
        ("frozen", 0, says("exchange", "coinw")),
        ("unfrozen", 0, by("U01ALICE")),  # who froze
        ("unfrozen", 0, by("U66STRANGER")),
        ("unfrozen", 0, says("exchange", "all")),
        ("policy_loaded", 0, says("before", "0" * 64)),
        ("policy_loaded", 0, says("policy", "0" * 64)),
        ("asked_again", 0, says("version", 1)),
        ("asked_again", 0, says("amount", "200")),
        ("looked", 0, lambda row, data: row.__setitem__("kind", "held")),
        ("started", 0, says("journal", "ab" * 16)),
        ("started", 1, unsaid("journal")),
        ("daily_head", 0, says("day", "2026-01-01")),
        ("turned_away", 0, lambda row, data: row.__setitem__("kind", "noted")),
        ("turned_away", 0, unsaid("why")),
        ("sending", 0, unsaid("deadline")),
    ],
)
def test_an_event_that_contradicts_the_others_is_found_though_the_chain_fits(
    journal: Path, kind: str, number: int, change: Change
) -> None:
    rewrite(journal, kind, number, change)
    assert first(journal)


def test_words_nothing_else_repeats_can_be_changed_where_only_the_channel_knows_better(journal: Path) -> None:
    rewrite(journal, "turned_away", 0, says("why", "No reason."))
    assert audit(journal).differences.first is None  # see `test_channel`


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("approve_vote", 1),
        ("awaiting_approval", 0),
        ("unfrozen", 0),
        ("sending", 0),
        ("proposed", 0),
        ("asked_again", 0),
        ("policy_loaded", 0),
        ("resolve_vote", 1),
    ],
)
def test_an_event_that_was_taken_out_is_found_though_the_chain_fits(journal: Path, kind: str, number: int) -> None:
    edit(
        journal,
        f"DELETE FROM events WHERE seq = (SELECT seq FROM events WHERE kind = '{kind}' ORDER BY seq "
        f"LIMIT 1 OFFSET {number})",
    )
    rehash(journal)
    assert first(journal)


def test_what_a_freeze_should_have_kept_is_found_though_every_table_fits(journal: Path) -> None:
    # The freeze was there, and somebody moved a send into it: the two events change places.
    ((frozen,),) = held(journal, "SELECT min(seq) FROM events WHERE kind = 'frozen'")
    ((sent,),) = held(journal, f"SELECT min(seq) FROM events WHERE kind = 'sending' AND seq > {frozen}")
    ((lifted,),) = held(journal, "SELECT min(seq) FROM events WHERE kind = 'unfrozen'")
    assert frozen < lifted < sent
    edit(
        journal,
        f"UPDATE events SET seq = -1 WHERE seq = {sent}",
        f"UPDATE events SET seq = {sent} WHERE seq = {lifted}",
        f"UPDATE events SET seq = {lifted} WHERE seq = -1",
    )
    rehash(journal)
    found = [str(one) for one in audit(journal).differences.kept]
    assert any("sending, expected waiting, as htx is frozen by U01ALICE" in one for one in found)


def test_nothing_of_whatever_somebody_writes_into_an_event_ends_the_audit(journal: Path) -> None:
    strange = ["[]", "1", '"x"', "null", "{}", '{"policy":1}', "[" * 5000, "", '{"amount":{}}']
    ((last,),) = held(journal, "SELECT max(seq) FROM events")
    for number in range(2, last + 1):
        edit(journal, ("UPDATE events SET data = ? WHERE seq = ?", [strange[number % len(strange)], number]))
    rehash(journal)
    assert audit(journal).differences.total > last
