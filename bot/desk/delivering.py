"""What became of a parcel in Slack: it arrived, was found there, is tried again later, or is given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.desk.steps import second_step
from bot.journal import DESK, Parcel, Transaction


def found(tx: Transaction, parcel: Parcel, card_ts: str) -> None:
    """Record the card that turned out to be there; its row still waits, for the card to show what is true now."""
    _note_card(tx, parcel, card_ts)
    tx.outbox.found(parcel)


def delivered(tx: Transaction, parcel: Parcel, card_ts: str | None) -> None:
    """Record that a parcel arrived; a card's message is from then on the only one whose buttons count."""
    if card_ts is not None:
        _note_card(tx, parcel, card_ts)
    tx.outbox.done(parcel)


def put_off(tx: Transaction, parcel: Parcel, seconds: float, problem: str, *, refused: bool) -> None:
    """Try a parcel again later. `refused`: Slack certainly did not take what was just tried."""
    if refused:
        tx.outbox.untried(parcel)
    tx.outbox.again(parcel, tx.now + timedelta(seconds=seconds), problem)


def park(tx: Transaction, parcel: Parcel, problem: str) -> None:
    """Give up a parcel Slack will never take, on the record."""
    if tx.outbox.park(parcel, problem):
        transfer = None if parcel.transfer_id is None else tx.get(parcel.transfer_id)
        tx.event("parked", DESK, transfer, what=parcel.kind, problem=problem)


def _note_card(tx: Transaction, parcel: Parcel, card_ts: str) -> None:
    transfer = None if parcel.transfer_id is None else tx.get(parcel.transfer_id)
    if transfer is not None:
        second = second_step(tx, transfer)
        for shown in (transfer, second) if second else (transfer,):
            tx.advance(shown, replace(shown, card_ts=card_ts))
            tx.outbox.revive_replies(shown.id)
