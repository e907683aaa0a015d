"""Transfers as a CSV file for an auditor: times in UTC, amounts plain, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.accounts import plain
from bot.clock import to_text
from bot.transfers import Transfer

COLUMNS = (
    *("id", "state", "version", "proposed_at", "confirmed_at", "sent_at", "settled_at"),
    *("exchange", "source", "destination", "source_account", "destination_account", "margin_account"),
    *("amount", "currency", "share", "requester", "requester_name", "approvals_needed", "approvers", "rule"),
    *("reference", "outcome", "reason", "follows", "retry_of", "channel", "seal", "policy"),
)

# A spreadsheet takes what begins like this for a formula; in some languages the sign may be of full width, and in some
# a cell begins after a semicolon as well.
_FORMULA = re.compile(r"(^|;)(?=[=+\-@＝＋－＠\t\r\n])")


@dataclass(frozen=True)
class Row:
    """A transfer with what only the configuration and the votes can tell.

    Attributes:
        source, destination: addresses as people type them.
        requester: what desk.toml calls them.
        approvers: who agreed to the version that went ahead, each as `bob (U02BOB)`.
    """

    transfer: Transfer
    source: str
    destination: str
    requester: str
    approvers: tuple[str, ...]


def to_csv(rows: Iterable[Row]) -> str:
    """Write rows as RFC 4180 has it, the names of the columns first.

    What a spreadsheet would take for a formula gets an apostrophe before it.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([inert(cell) for cell in _cells(row)] for row in rows)
    return file.getvalue()


def _cells(row: Row) -> Iterable[str]:
    """Return a row's cells in the order of `COLUMNS`."""
    transfer, route = row.transfer, row.transfer.route
    yield from (transfer.name, transfer.state.value, str(transfer.version))
    yield from map(_moment, (transfer.created_at, transfer.reserved_at, transfer.sent_at, transfer.settled_at))
    yield from (route.exchange, row.source, row.destination, str(route.source), str(route.destination))
    yield from (transfer.margin_account, plain(transfer.amount), transfer.currency, transfer.share)
    yield from (transfer.requester, row.requester, str(transfer.approvals_needed), ", ".join(row.approvers))
    yield from (transfer.rule, transfer.exchange_reference or "", transfer.outcome or "", transfer.reason)
    yield from (f"T{other}" if other else "" for other in (transfer.follows, transfer.retry_of))
    yield from (transfer.channel, transfer.seal, transfer.policy_hash)


def _moment(at: datetime | None) -> str:
    return to_text(at) if at else ""


def inert(cell: str) -> str:
    """Write a cell so that every spreadsheet takes it for a text."""
    return _FORMULA.sub(r"\1'", cell)
