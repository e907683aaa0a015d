"""Looking after sends: what the exchange's records show of one without an answer, and of one that should not be there.

A lane asks what is due, reads the records, and hands the reading back; here it is judged in one transaction with what
the journal knows by then. Every look is an event, so the next one is due at the same moment after a restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.accounts import plain
from bot.clock import from_text, to_text
from bot.desk.house import House, facts, move
from bot.evidence import Reading, Snapshot
from bot.journal import DESK, Event, Transaction
from bot.reconcile import EXECUTED_WITHIN, Sent, Trace, find, surplus
from bot.transfers import State, Transfer

# For how long a send without an answer is looked after, and one that did not happen is watched.
LOOKED_AFTER = timedelta(hours=24)
# Moments after the send: an answer got lost, the records are usually there within seconds (htx-api.md §4).
_LOOKS = tuple(timedelta(seconds=s) for s in (2, 5, 15, 45, 120, 300, 600, 1200, 1800)) + tuple(
    timedelta(hours=hours) for hours in range(1, 25)
)
# Moments after the end of one the exchange refused, or people settled as not executed.
_WATCHES = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60))
_LONGEST_PAUSE = timedelta(hours=18)
_WATCHED = (State.REFUSED, State.NOT_SENT, State.NOT_EXECUTED)

UNREADABLE = "unreadable"
# The digest of records that show nothing of a transfer, or were not read yet.
NOTHING_SEEN = "00000000"


@dataclass(frozen=True)
class Look:
    """A look at the exchange's records that is due, or will be."""

    transfer: Transfer
    snapshot: Snapshot
    due_at: datetime


@dataclass(frozen=True)
class Looked:
    """What the last look at a transfer showed.

    Attributes:
        trace: a `Trace`, or `unreadable`.
        why: what follows, one sentence.
        words: what was looked at and seen, one sentence each.
        next_at: when it is looked at again; None when no more by itself.
    """

    at: datetime
    trace: str
    why: str
    words: tuple[str, ...]
    lines: tuple[str, ...]
    next_at: datetime | None

    @property
    def digest(self) -> str:
        """What a person who decides has seen, in 8 hex digits; looks that show nothing new have the same."""
        return _digest(self)


def soonest(tx: Transaction, exchange: str) -> Look | None:
    """Return the look at one exchange that is due soonest; its `due_at` may lie ahead."""
    looks = [look for transfer in _looked_after(tx, exchange) if (look := _look(tx, transfer))]
    # Those without an answer first: others wait for them.
    return min(
        looks,
        key=lambda look: (look.due_at > tx.now, look.transfer.state is not State.UNKNOWN, look.due_at),
        default=None,
    )


def looked(tx: Transaction, house: House, transfer_id: int, result: Reading | str) -> None:
    """Write down what a look showed, or why nothing could be read; settle the transfer if nothing else is possible."""
    transfer = tx.get(transfer_id)
    snapshot = _snapshot(tx, transfer) if transfer else None
    if transfer is None or snapshot is None:
        return
    if isinstance(result, str):
        if transfer.state in (State.UNKNOWN, *_WATCHED):
            _note(tx, transfer, UNREADABLE, result, (), ())
    elif transfer.state is State.UNKNOWN:
        _judge(tx, house, transfer, result)
    elif transfer.state in _WATCHED and alarm(tx, transfer) is None:
        _watch(tx, transfer, result)


def last_look(tx: Transaction, transfer: Transfer) -> Looked | None:
    """Return what the last look at a transfer showed."""
    event = next(_looks(tx, transfer), None)
    if event is None:
        return None
    data = event.data
    return Looked(
        from_text(event.at),
        str(data["trace"]),
        str(data["why"]),
        tuple(data["words"]),
        tuple(data["lines"]),
        _due_at(tx, transfer),
    )


def shown(tx: Transaction, transfer: Transfer) -> str:
    """Return the digest of what people can see of a transfer in the exchange's records now."""
    return _digest(last_look(tx, transfer))


def alarm(tx: Transaction, transfer: Transfer) -> Event | None:
    """Return the alarm about a transfer that did not happen but seems to be in the records."""
    return next(tx.events("transfer_id = ? AND kind = 'surplus'", transfer.id, limit=1), None)


def _digest(seen: Looked | None) -> str:
    if seen is None or seen.trace not in (Trace.FOUND, Trace.UNCLEAR):
        return NOTHING_SEEN
    return hashlib.sha256("\n".join((seen.trace, *sorted(seen.lines))).encode()).hexdigest()[:8]


# When --------------------------------------------------------------------------------------------------------------


def _looked_after(tx: Transaction, exchange: str) -> Iterator[Transfer]:
    yield from tx.select("state = ? AND exchange = ?", State.UNKNOWN.value, exchange)
    yield from tx.select(
        "exchange = ? AND state IN ('refused', 'not_sent', 'not_executed') AND settled_at >= ?",
        exchange,
        to_text(tx.now - LOOKED_AFTER - _LONGEST_PAUSE),
    )


def _look(tx: Transaction, transfer: Transfer) -> Look | None:
    due_at = _due_at(tx, transfer)
    snapshot = _snapshot(tx, transfer) if due_at else None
    return Look(transfer, snapshot, due_at) if due_at and snapshot else None


def _due_at(tx: Transaction, transfer: Transfer) -> datetime | None:
    """Return when a transfer is looked at next; None when it has been long enough, or told an alarm."""
    if transfer.state is State.UNKNOWN:
        began, moments = transfer.sent_at, _LOOKS
    elif transfer.state in _WATCHED and alarm(tx, transfer) is None:
        began, moments = transfer.settled_at, _WATCHES
    else:
        return None
    if began is None:
        return None
    last = next(_looks(tx, transfer), None)
    since = from_text(last.at) if last and from_text(last.at) >= began else began
    due_at = next((began + moment for moment in moments if began + moment > since), None)
    # A clock that was ahead for a while must not put a look off for as long.
    return tx.now if due_at and due_at - tx.now > _LONGEST_PAUSE else due_at


def _looks(tx: Transaction, transfer: Transfer) -> Iterator[Event]:
    return tx.events("transfer_id = ? AND kind = 'looked'", transfer.id, order="seq DESC", limit=1)


def _snapshot(tx: Transaction, transfer: Transfer) -> Snapshot | None:
    """Return what the exchange said before the send; without its lines nothing can be told from what came after."""
    sent = next(tx.events("transfer_id = ? AND kind = 'sending'", transfer.id, order="seq DESC", limit=1), None)
    if sent is None or "lines" not in sent.data:
        return None
    return Snapshot(sent.data["evidence"], frozenset(sent.data["lines"]))


# What it means -----------------------------------------------------------------------------------------------------


def _judge(tx: Transaction, house: House, transfer: Transfer, reading: Reading) -> None:
    """Judge a look at a transfer without an answer, and settle it where the house lets evidence settle."""
    executed = [_sent(tx, other) for other in _equal(tx, transfer, (State.SUCCEEDED,))]
    rivals = [_sent(tx, other) for other in _equal(tx, transfer, (State.NOT_EXECUTED,))]
    finding = find(_sent(tx, transfer), reading, executed, rivals, tx.now)
    event = _note(tx, transfer, finding.trace, finding.why, reading.words, finding.lines)
    if finding.trace is Trace.FOUND and house.config.settle_by_evidence == "desk" and not _has_gap(tx, transfer):
        words = " ".join((finding.why, *reading.words))
        # Which line is its own is certain only where no other could be.
        line = finding.lines[0] if len(finding.lines) == 1 else ""
        move(
            tx,
            transfer,
            State.SUCCEEDED,
            data={"settled_by": "evidence", "line": line, "looked": event.seq},
            outcome=f"Settled by evidence. {words}",
        )


def _has_gap(tx: Transaction, transfer: Transfer) -> bool:
    """Tell whether the journal was restored from a backup since the send.

    Successes after the backup are then missing here, and their lines would be taken for surplus: people must say.
    """
    if len(tx.uuids) < 2:  # events are not indexed by kind, and hardly any journal was ever restored
        return False
    sent = next(tx.events("transfer_id = ? AND kind = 'sending'", transfer.id, order="seq DESC", limit=1), None)
    return sent is None or next(tx.events("kind = 'restored' AND seq > ?", sent.seq, limit=1), None) is not None


def _watch(tx: Transaction, transfer: Transfer, reading: Reading) -> None:
    """Raise the alarm when the records show one transfer too many and this one, which did not happen, fits."""
    owners = _equal(tx, transfer, (State.SUCCEEDED, State.UNKNOWN, State.SENDING))
    told = {line for other in _equal(tx, transfer, _WATCHED) for line in _alarmed(tx, other)}
    lines = tuple(line for line in reading.lines if line.id not in told)
    lost = _sent(tx, transfer)
    left_over = surplus(lost, lines, [_sent(tx, owner) for owner in owners])
    own = tuple(line.id for line in lines if lost.may_own(line))
    if not left_over or left_over < 0:
        _note(tx, transfer, Trace.ABSENT, "The records show no such transfer.", reading.words, own)
        return
    why = "The exchange's records show such a transfer that is no other's. Look there before repeating it."
    event = tx.event("surplus", DESK, transfer, **facts(transfer), lines=list(own), why=why, words=list(reading.words))
    tx.outbox.card(transfer.id)
    tx.outbox.tell("thread", transfer.id, event.seq)
    tx.outbox.tell("audit", transfer.id, event.seq)


def _alarmed(tx: Transaction, transfer: Transfer) -> tuple[str, ...]:
    event = alarm(tx, transfer)
    return tuple(event.data["lines"]) if event else ()


def _note(
    tx: Transaction, transfer: Transfer, trace: str, why: str, words: Sequence[str], lines: Sequence[str]
) -> Event:
    event = tx.event("looked", DESK, transfer, trace=str(trace), why=why, words=list(words), lines=list(lines))
    if transfer.state is State.UNKNOWN:
        tx.outbox.card(transfer.id)
    return event


def _equal(tx: Transaction, transfer: Transfer, states: Sequence[State]) -> list[Transfer]:
    """Return other transfers of the same ledger key and amount that were sent within a day of this one."""
    sent_at = transfer.sent_at or transfer.created_at
    others = tx.select(
        f"exchange = ? AND currency = ? AND amount = ? AND id <> ? AND sent_at BETWEEN ? AND ? "
        f"AND state IN ({', '.join('?' * len(states))})",
        transfer.route.exchange,
        transfer.currency,
        plain(transfer.amount),
        transfer.id,
        to_text(sent_at - LOOKED_AFTER),
        to_text(sent_at + LOOKED_AFTER + _LONGEST_PAUSE),
        *states,
    )
    return [other for other in others if other.ledger_key == transfer.ledger_key]


def _sent(tx: Transaction, transfer: Transfer) -> Sent:
    """Return a transfer as the exchange's records can know it."""
    first = transfer.sent_at or transfer.created_at
    latest = first + EXECUTED_WITHIN
    answered = transfer.state is State.SUCCEEDED and transfer.exchange_reference is not None
    last = min(transfer.settled_at, latest) if answered and transfer.settled_at else latest
    snapshot = _snapshot(tx, transfer)
    settled = next(tx.events("transfer_id = ? AND kind = 'succeeded'", transfer.id, limit=1), None)
    line = str(settled.data.get("line", "")) if settled and transfer.state is State.SUCCEEDED else ""
    return Sent(transfer.name, first, last, snapshot.lines if snapshot else frozenset(), line)
