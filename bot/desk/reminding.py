"""Reminding approvers: once, when half of their time is over, and only those whose approval is still wanted.

Nothing is kept for it: when the wait began and whether somebody was reminded since is on the record already.
"""

from __future__ import annotations

from datetime import datetime

from bot.clock import from_text, to_text
from bot.desk.approving import agreed, tier_of, withheld
from bot.desk.house import House, facts, is_due
from bot.desk.requests import call
from bot.journal import DESK, Transaction
from bot.transfers import State, Transfer

REMINDED = "reminded"


def remind_due(tx: Transaction, house: House) -> datetime | None:
    """Remind of every transfer that waited for approval half of its time. Returns when the next one will have."""
    upcoming = []
    for transfer in list(tx.select("state = ?", State.AWAITING_APPROVAL.value)):
        half_time = _half_time(tx, transfer)
        if half_time is None or is_due(tx, transfer):
            continue
        if half_time > tx.now:
            upcoming.append(half_time)
        else:
            _remind(tx, house, transfer)
    return min(upcoming, default=None)


def _half_time(tx: Transaction, transfer: Transfer) -> datetime | None:
    """Return when half of the approvers' time is over; None once they were reminded."""
    kinds = f"kind IN ('{State.AWAITING_APPROVAL}', '{REMINDED}')"
    # By its place in the chain, not by its time: a clock that jumps back must not have anybody reminded twice.
    last = next(tx.events(f"transfer_id = ? AND {kinds}", transfer.id, order="seq DESC", limit=1), None)
    if last is None or last.kind == REMINDED or transfer.deadline is None:
        return None
    began = from_text(last.at)
    return began + (transfer.deadline - began) / 2


def _remind(tx: Transaction, house: House, transfer: Transfer) -> None:
    """Have those called whose approval would bring it further; nobody while it may not be approved anyway."""
    tier = tier_of(tx, house, transfer)
    wanted = tier.wanted(transfer.requester, agreed(tx, transfer)) if tier else ()
    if tier is None or not wanted or withheld(tx, house, transfer) is not None:
        return
    event = tx.event(
        REMINDED,
        DESK,
        transfer,
        **facts(transfer),
        **call(tx, transfer, tier, wanted),
        until=to_text(transfer.deadline) if transfer.deadline else "",
    )
    tx.outbox.tell("thread", transfer.id, event.seq)
