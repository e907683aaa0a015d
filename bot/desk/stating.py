"""What the journal has to say to an exchange's records: every transfer that was sent. Takes a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.clock import to_text
from bot.desk.house import House
from bot.desk.looking import as_sent
from bot.desk.sending import is_same_user
from bot.journal import Transaction
from bot.statement import Claim
from bot.transfers import WATCHED, WITHOUT_ANSWER, State

_SENT = ", ".join(f"'{state.value}'" for state in sorted({State.SUCCEEDED, *WITHOUT_ANSWER, *WATCHED}))


def claims(tx: Transaction, house: House, exchange: str, since: datetime) -> Iterator[tuple[Claim, bool]]:
    """Yield what was sent through a connection since a moment, and whether it was its present exchange user's."""
    sent = f"exchange = ? AND sent_at >= ? AND state IN ({_SENT})"
    for transfer in tx.select(sent, exchange, to_text(since)):
        yield Claim(transfer, as_sent(tx, transfer)), is_same_user(tx, house, transfer)


def currencies(tx: Transaction, house: House, exchange: str) -> frozenset[str]:
    """Return every currency a connection may move or was ever asked to."""
    may = (rule for rule in house.config.rules if any(one.exchange == exchange for one in rule.sources))
    return tx.currencies(exchange).union(*(rule.currencies for rule in may))
