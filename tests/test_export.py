"""The CSV of an export: every column of every transfer, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.accounts import Account, Route
from bot.export import COLUMNS, Row, to_csv
from bot.transfers import State, Transfer

AT = datetime(2026, 11, 21, 10, 15, 30, 250000, tzinfo=UTC)
TRANSFER = Transfer(
    id=42,
    version=3,
    state=State.SUCCEEDED,
    route=Route(Account("coinw", "39000001"), Account("coinw", "master")),
    currency="USDT",
    amount=Decimal("1250000.50"),
    margin_account="",
    connection="1f2e3d4c5b6a",
    requester="U01ALICE",
    team="T01DESK",
    channel="C01TREASURY",
    rule="makers",
    rule_hash="a" * 64,
    policy_hash="b" * 64,
    seal="1f2e3d4c",
    created_at=AT,
    approvals_needed=2,
    reserved_at=AT,
    sent_at=AT,
    settled_at=AT,
    exchange_reference="90001",
    outcome="Done.",
    follows=40,
    retry_of=41,
    reason="month-end, “März”",
    share="half",
)
ROW = Row(TRANSFER, "coinw:maker", "coinw:master", "alice", ("bob (U02BOB)", "carol (U03CAROL)"))


def read(*rows: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(rows), newline="")))


def test_every_column_is_filled_with_what_it_is_called() -> None:
    assert read(ROW) == [
        {
            "id": "T42",
            "state": "succeeded",
            "version": "3",
            "proposed_at": "2026-11-21T10:15:30.250Z",
            "confirmed_at": "2026-11-21T10:15:30.250Z",
            "sent_at": "2026-11-21T10:15:30.250Z",
            "settled_at": "2026-11-21T10:15:30.250Z",
            "exchange": "coinw",
            "source": "coinw:maker",
            "destination": "coinw:master",
            "source_account": "coinw:39000001",
            "destination_account": "coinw:master",
            "margin_account": "",
            "amount": "1250000.5",
            "currency": "USDT",
            "share": "half",
            "requester": "U01ALICE",
            "requester_name": "alice",
            "approvals_needed": "2",
            "approvers": "bob (U02BOB), carol (U03CAROL)",
            "rule": "makers",
            "reference": "90001",
            "outcome": "Done.",
            "reason": "month-end, “März”",
            "follows": "T40",
            "retry_of": "T41",
            "channel": "C01TREASURY",
            "seal": "1f2e3d4c",
            "policy": "b" * 64,
        }
    ]


def test_what_is_not_known_is_empty() -> None:
    bare = replace(TRANSFER, reserved_at=None, sent_at=None, settled_at=None, follows=None, retry_of=None)
    (row,) = read(replace(ROW, transfer=replace(bare, exchange_reference=None, outcome=None, reason="", share="")))
    empty = {"confirmed_at", "sent_at", "settled_at", "follows", "retry_of", "reference", "outcome", "reason", "share"}
    assert {name for name, cell in row.items() if not cell} == empty | {"margin_account"}


def test_no_rows_are_a_heading() -> None:
    assert to_csv([]) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＠", "\t", "\r", "\n"])
def test_what_a_spreadsheet_would_run_becomes_text(start: str) -> None:
    hostile = f'{start}HYPERLINK("https://evil.example","x")'
    transfer = replace(TRANSFER, reason=hostile, outcome=hostile, exchange_reference=hostile, rule=hostile)
    (row,) = read(Row(transfer, hostile, hostile, hostile, (hostile,)))
    cells = ("reason", "outcome", "reference", "rule", "source", "destination", "requester_name", "approvers")
    assert [row[name] for name in cells] == [f"'{hostile}"] * len(cells)
    assert not [cell for cell in row.values() if cell.startswith(start)]


def test_what_begins_a_cell_where_semicolons_part_them_becomes_text_as_well() -> None:
    hostile = 'pay;=HYPERLINK("https://evil.example";"x");now;100'
    (row,) = read(replace(ROW, transfer=replace(TRANSFER, reason=hostile)))
    assert row["reason"] == hostile.replace(";=", ";'=")


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    hostile = 'a "quoted", text\r\nwith =1+1 on a line of its own'
    (row,) = read(replace(ROW, transfer=replace(TRANSFER, outcome=hostile)))
    assert row["outcome"] == hostile
