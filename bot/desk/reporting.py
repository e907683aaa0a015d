"""What a report is about, read from the journal. It takes a while, so only from a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot import words
from bot.clock import to_text
from bot.desk.approving import agreed
from bot.journal import Transaction
from bot.report import Row
from bot.transfers import WITHOUT_ANSWER, Transfer

_UNANSWERED = ", ".join(f"'{state.value}'" for state in sorted(WITHOUT_ANSWER))
# What ended since, with the other steps of its route: a request ends with its last one.
_CONCERNED = f"""
    id IN (
        WITH firsts AS (SELECT coalesce(follows, id) AS id FROM transfers WHERE settled_at >= ?)
        SELECT id FROM firsts
        UNION SELECT id FROM transfers WHERE follows IN (SELECT id FROM firsts)
        UNION SELECT id FROM transfers WHERE state IN ({_UNANSWERED})
    ) AND team = ?
"""  # noqa: S608 - written here, nothing of a person's in it


def ask(tx: Transaction, key: str) -> bool:
    """Note that a delivery asks for a report. Returns False for a repeat: the report was, or is being, posted."""
    if tx.answer_given(key) is not None:
        return False
    tx.remember(key, words.REPORT_COMES)
    return True


def rows(tx: Transaction, team: str, since: datetime) -> Iterator[Row]:
    """Return every transfer a report from a moment on needs: see `bot.report.report`."""
    for transfer in tx.select(_CONCERNED, to_text(since), team):
        yield _row(transfer, tuple(agreed(tx, transfer)))


def _row(transfer: Transfer, approvers: tuple[str, ...]) -> Row:
    return Row(
        id=transfer.id,
        follows=transfer.follows,
        state=transfer.state,
        source=str(transfer.route.source),
        destination=str(transfer.route.destination),
        currency=transfer.currency,
        amount=transfer.amount,
        requester=transfer.requester,
        approvers=approvers,
        proposed_at=transfer.created_at,
        ended_at=transfer.settled_at,
    )
