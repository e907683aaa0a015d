"""Trying what one may not: every try is an event, and somebody who keeps trying is named in the audit channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.accounts import plain
from bot.clock import from_text
from bot.desk.house import Person
from bot.grammar import TransferIntent
from bot.journal import Transaction

ASKED_MAX = 300  # characters of a person's text kept in an event

# So many tries within so long are told, and then nothing more of that person for an hour.
TRIES = 3
TRIES_WITHIN = timedelta(minutes=10)
TOLD_EVERY = timedelta(hours=1)


def turn_away(
    tx: Transaction,
    person: Person,
    channel: str,
    attempt: str,
    why: str,
    key: str = "",
    intent: TransferIntent | None = None,
) -> None:
    """Record that somebody tried something they may not. Nothing else happens, but for a line about repeated tries.

    Args:
        key: the delivery, where its answer is not remembered otherwise; a repeat of it is not recorded again.
        intent: the transfer that was wanted, for later questions about what another policy would have said.
    """
    if key:
        if tx.answer_given(key) is not None:
            return
        tx.remember(key, why)
    data: dict[str, Any] = {"team": person.team, "channel": channel, "attempt": attempt[:ASKED_MAX], "why": why}
    if intent is not None:
        data["intent"] = _facts(intent)
    tx.event("turned_away", person.user, **data)
    _sum_up(tx, person, attempt[:ASKED_MAX], why)


def _facts(intent: TransferIntent) -> Mapping[str, Any]:
    return {
        "route": str(intent.route),
        "currency": intent.currency,
        "amount": plain(intent.amount),
        "reason": intent.reason,
    }


def _sum_up(tx: Transaction, person: Person, attempt: str, why: str) -> None:
    """Tell the audit channel of repeated tries, once an hour for each person at most."""
    # The latest by their place in the chain: whoever tries every day has a long past.
    last = next(tx.events("actor = ? AND kind = 'tries'", person.user, order="seq DESC", limit=1), None)
    if last is not None and from_text(last.at) > tx.now - TOLD_EVERY:
        return
    turned_away = "actor = ? AND kind = 'turned_away'"
    tries = list(tx.events(turned_away, person.user, order="seq DESC", limit=TRIES))
    if len(tries) < TRIES or from_text(tries[-1].at) <= tx.now - TRIES_WITHIN:
        return
    count = tx.count_events(f"{turned_away} AND seq > ?", person.user, last.seq if last else 0)
    event = tx.event("tries", person.user, team=person.team, count=count, attempt=attempt, why=why)
    tx.outbox.tell("audit", None, event.seq)
