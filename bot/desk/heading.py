"""The head of the chain in the audit channel once a day, so that no day's events can be rewritten unseen, however
little happened: `transferdesk audit verify --slack` holds the journal against every head the channel has seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clock import from_text
from bot.journal import DESK, Transaction

DAILY_HEAD = "daily_head"


def tell_head(tx: Transaction) -> datetime:
    """Tell the head if none was told on this day, by UTC, yet. Returns when the next day begins.

    A journal's first day needs none: its starts tell the head as well.
    """
    last = next(tx.events(f"actor = ? AND kind = '{DAILY_HEAD}'", DESK, order="seq DESC", limit=1), None)
    last = last or next(tx.events("seq = 1"), None)
    today = tx.now.astimezone(UTC).date()
    if last is not None and from_text(last.at).date() != today:
        event = tx.event(DAILY_HEAD, DESK, day=today.isoformat())
        tx.outbox.tell("audit", None, event.seq)
    return datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
