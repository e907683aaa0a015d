"""Transfers to be reported on: plain ones, unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.report import Report, Row, report
from bot.transfers import State

UNTIL = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=7)
ALICE, BOB, CAROL, DAN = "U01ALICE", "U02BOB", "U03CAROL", "U04DAN"
PEOPLE = {ALICE: "alice", BOB: "bob", CAROL: "carol", DAN: "dan"}


def row(number: int = 1, amount: str = "250", **changes: Any) -> Row:
    """A transfer that was done the day before, ten seconds after it was proposed."""
    ended = changes.pop("ended_at", UNTIL - timedelta(days=1))
    took = changes.pop("took", timedelta(seconds=10))
    plain: dict[str, Any] = {
        "id": number,
        "follows": None,
        "state": State.SUCCEEDED,
        "source": "htx:spot",
        "destination": "htx:linear-swap",
        "currency": "USDT",
        "amount": Decimal(amount),
        "requester": ALICE,
        "approvers": (),
        "proposed_at": (ended or UNTIL) - took,
        "ended_at": ended,
    }
    return Row(**plain | changes)


def of(*rows: Row) -> Report:
    return report(rows, SINCE, UNTIL)
