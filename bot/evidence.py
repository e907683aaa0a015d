"""Evidence: what an exchange said before a send, and what its records show after one whose answer was lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True)
class Snapshot:
    """What the exchange said just before a send, kept in the claim's event.

    Attributes:
        evidence: balances and the like, plain texts only.
        lines: ids of every line of the exchange's records on the order's ledger key, of any amount, that was there
            before the send, as far back as one of the send itself could be taken for one of them.
    """

    evidence: Mapping[str, str]
    lines: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """One line of an exchange's own records: a movement of an order's amount on the order's ledger key.

    Attributes:
        id: tells it apart from every other line on the key, and is the same in every reading.
        at: when it was executed, by the exchange's clock; None where the exchange's time cannot be trusted.
    """

    id: str
    at: datetime | None


class Balance(StrEnum):
    """What the balance beside the records says of a send, held against its snapshot."""

    MOVED = "moved"  # by exactly the order's amount, in the order's direction
    UNMOVED = "unmoved"  # nothing changed at all
    UNCLEAR = "unclear"  # it changed otherwise, or could not be read


@dataclass(frozen=True)
class Reading:
    """What an exchange's records show about a send whose answer was lost.

    Attributes:
        lines: every line with the order's amount in which the send, or one near it, could have been recorded.
        words: what was looked at and seen, one sentence each, for people; free of URLs and secrets.
        doubts: ids of what could be the send but is no clear line; people must judge it.
    """

    lines: tuple[Line, ...]
    balance: Balance
    words: tuple[str, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One movement in an exchange's own records, whoever made it.

    Attributes:
        id: as a `Line`'s of the same movement.
        at: when it was executed, by the exchange's clock; None where it gives no usable time.
        is_exact: its time can be held against this machine's; else it may be off by up to `Statement.off_max`.
        source, destination: kinds of account (`Account.kind`); both empty for a kind of movement that is no desk's.
        amount: without sign.
        kind: the exchange's own word for it, where it has one that can be repeated.
        doubt: why it cannot clearly be said what it is, in a few words; empty when it can.
    """

    id: str
    at: datetime | None
    is_exact: bool
    source: str
    destination: str
    currency: str
    amount: Decimal
    kind: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Statement:
    """What an exchange's records show of a span of time, whoever moved the money.

    Attributes:
        since: from here on everything is there, but for `begins`.
        begins: where the records of a source, destination and currency begin later than that.
        off_max: how far a time that is not exact may be off.
        notes: what a reader must know about it, one sentence each.
    """

    entries: tuple[Entry, ...]
    since: datetime
    begins: Mapping[tuple[str, str, str], datetime]
    off_max: timedelta
    notes: tuple[str, ...]
