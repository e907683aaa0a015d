"""Looking after sends: what the exchange's records show of one without an answer, and of one that should not be there.

A lane asks what is due, reads the records, and hands the reading back; here it is judged in one transaction with what
the journal knows by then. Every look is an event, and when the next is due is in the journal too, across restarts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import words
from bot.accounts import plain
from bot.clock import from_text, to_text
from bot.desk.house import House, facts, move, redraw
from bot.evidence import Balance, Reading, Snapshot
from bot.journal import DESK, Due, Event, Transaction
from bot.reconcile import EXECUTED_WITHIN, Finding, Sent, Trace, find, is_enough, pause, surplus
from bot.transfers import WATCHED, State, Transfer

# For how long an equal send can still be what a line belongs to.
_NEAR = timedelta(hours=24)

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
        at: when the records were read last; when that was tried last while they never could.
        trace: a `Trace`, or `unreadable`.
        why: what follows, one sentence.
        words: what was looked at and seen, one sentence each.
        digest: what a person who decides has seen, in 8 hex digits; looks that show nothing new have the same.
        failed: why the records could not be read since; empty when they could.
        next_at: when it is looked at again; None when no more by itself.
    """

    at: datetime
    trace: str
    why: str
    words: tuple[str, ...]
    digest: str
    failed: str
    next_at: datetime | None


# When --------------------------------------------------------------------------------------------------------------


def soonest(tx: Transaction, exchange: str, watched: bool) -> Look | None:
    """Return the look at one exchange that is due soonest; its `due_at` may lie ahead.

    Args:
        watched: look for transfers that did not happen and are watched, instead of those without an answer.
    """
    looks = [(_due_at(tx, due), due) for due in tx.looks.planned(exchange, watched)]
    if not looks:
        return None
    due_at, due = min(looks, key=lambda look: look[0])
    transfer = tx.get(due.transfer_id)
    snapshot = _snapshot(tx, transfer) if transfer else None
    if transfer is None or snapshot is None:
        # Without its lines nothing can be told from what came after; people settle it.
        tx.looks.end(due.transfer_id)
        return None
    return Look(transfer, snapshot, due_at)


def _due_at(tx: Transaction, due: Due) -> datetime:
    """Return when a look is due. One further ahead than its pause was planned before the clock went back: now."""
    return tx.now if due.due_at - tx.now > pause(due.watched, due.step) else due.due_at


def _plan_next(tx: Transaction, transfer: Transfer, readable: bool) -> None:
    due = tx.looks.of(transfer.id)
    if due is None:
        return
    step = due.step + 1
    if readable and is_enough(due.watched, step):
        tx.looks.end(transfer.id)
        return
    due_at = tx.now + pause(due.watched, step)
    tx.looks.plan(transfer.route.exchange, Due(transfer.id, due.watched, step, due_at))


# What was seen -----------------------------------------------------------------------------------------------------


def last_look(tx: Transaction, transfer: Transfer) -> Looked | None:
    """Return what the last look at a transfer showed; one that failed does not hide what was seen before."""
    events = list(_looks(tx, transfer))
    if not events:
        return None
    last = events[-1]
    seen = next((event for event in reversed(events) if event.data["trace"] != Trace.UNREADABLE), last)
    due = tx.looks.of(transfer.id)
    return Looked(
        at=from_text(seen.at),
        trace=str(seen.data["trace"]),
        why=str(seen.data["why"]),
        words=tuple(seen.data["words"]),
        digest=str(seen.data["digest"]),
        failed=str(last.data["why"]) if last is not seen else "",
        next_at=_due_at(tx, due) if due else None,
    )


def shown(tx: Transaction, transfer: Transfer) -> str:
    """Return the digest of what people can see of a transfer in the exchange's records now."""
    seen = last_look(tx, transfer)
    return seen.digest if seen else NOTHING_SEEN


def alarm(tx: Transaction, transfer: Transfer) -> Event | None:
    """Return the alarm about a transfer that did not happen but seems to be in the records."""
    return next(tx.events("transfer_id = ? AND kind = 'surplus'", transfer.id, limit=1), None)


def _looks(tx: Transaction, transfer: Transfer) -> Iterator[Event]:
    return tx.events("transfer_id = ? AND kind = 'looked'", transfer.id)


def _digest(finding: Finding, reading: Reading) -> str:
    """Return what a decision is bound to: the lines, what follows from them, and the balance. Never times or words."""
    nothing = finding.trace is Trace.ABSENT and reading.balance is Balance.UNMOVED
    if nothing and not finding.lines and not reading.doubts:
        return NOTHING_SEEN
    says = (finding.trace, reading.balance, *sorted(finding.lines), *sorted(reading.doubts))
    return hashlib.sha256("\n".join(says).encode()).hexdigest()[:8]


# What it means -----------------------------------------------------------------------------------------------------


def looked(tx: Transaction, house: House, transfer_id: int, result: Reading | str) -> None:
    """Write down what a look showed, or why nothing could be read; settle the transfer if nothing else is possible."""
    transfer = tx.get(transfer_id)
    if transfer is None or tx.looks.of(transfer_id) is None:
        return  # it was settled while the exchange was asked
    _plan_next(tx, transfer, readable=not isinstance(result, str))
    if isinstance(result, str):
        _note(tx, transfer, Finding(Trace.UNREADABLE, (), result), (), NOTHING_SEEN)
    elif transfer.state is State.UNKNOWN:
        _judge(tx, house, transfer, result)
    else:
        _watch(tx, transfer, result)


def _judge(tx: Transaction, house: House, transfer: Transfer, reading: Reading) -> None:
    """Judge a look at a transfer without an answer, and settle it where the house lets evidence settle."""
    executed = [as_sent(tx, other) for other in _equal(tx, transfer, (State.SUCCEEDED,))]
    rivals = [as_sent(tx, other) for other in _equal(tx, transfer, WATCHED) if _may_have_happened(tx, other)]
    finding = find(as_sent(tx, transfer), reading, executed, rivals, tx.now, _first_seen(tx, transfer))
    if finding.trace is Trace.FOUND and _has_gap(tx, transfer):
        finding = Finding(Trace.UNCLEAR, finding.lines, words.GAP)
    event = _note(tx, transfer, finding, reading.words, _digest(finding, reading))
    if finding.trace is Trace.FOUND and house.config.settle_by_evidence == "desk":
        seen = " ".join((finding.why, *reading.words))
        # Which line is its own is certain only where no other could be.
        line = finding.lines[0] if len(finding.lines) == 1 else ""
        move(
            tx,
            transfer,
            State.SUCCEEDED,
            data={"settled_by": "evidence", "line": line, "looked": event.seq},
            outcome=words.SETTLED_BY_EVIDENCE.format(seen=seen),
        )


def _may_have_happened(tx: Transaction, transfer: Transfer) -> bool:
    """Tell whether a transfer that ended as not happened could own a line: people, gateways and alarms can be wrong."""
    if transfer.state is State.NOT_EXECUTED or alarm(tx, transfer) is not None:
        return True
    refused = next(tx.events("transfer_id = ? AND kind = 'refused'", transfer.id, limit=1), None)
    return refused is not None and refused.data.get("by") != "exchange"


def _first_seen(tx: Transaction, transfer: Transfer) -> Mapping[str, datetime]:
    """Return when each line was seen first by an earlier look."""
    seen: dict[str, datetime] = {}
    for event in _looks(tx, transfer):
        for line in event.data["lines"]:
            seen.setdefault(line, from_text(event.at))
    return seen


def _has_gap(tx: Transaction, transfer: Transfer) -> bool:
    """Tell whether the journal was restored from a backup since the send.

    Successes after the backup are then missing here, and their lines would be taken for surplus: people must say.
    """
    sent = next(tx.events("transfer_id = ? AND kind = 'sending'", transfer.id, order="seq DESC", limit=1), None)
    return sent is None or tx.was_restored_since(sent)


def _watch(tx: Transaction, transfer: Transfer, reading: Reading) -> None:
    """Raise the alarm when the records show one transfer too many and this one, which did not happen, fits."""
    owners = _equal(tx, transfer, (State.SUCCEEDED, State.UNKNOWN, State.SENDING))
    # Of those an alarm was raised about, each is taken to own a line.
    owners += [other for other in _equal(tx, transfer, WATCHED) if alarm(tx, other) is not None]
    lost = as_sent(tx, transfer)
    left_over = surplus(lost, reading.lines, [as_sent(tx, owner) for owner in owners])
    own = tuple(line.id for line in reading.lines if lost.may_own(line))
    if not left_over or left_over < 0:
        nothing = Finding(Trace.ABSENT, own, words.RECORDS_SHOW_NONE)
        _note(tx, transfer, nothing, reading.words, _digest(nothing, reading))
        return
    said = {"why": words.SURPLUS, "words": list(reading.words)}
    event = tx.event("surplus", DESK, transfer, **facts(transfer), lines=list(own), **said)
    tx.looks.end(transfer.id)
    redraw(tx, transfer)
    tx.outbox.tell("thread", transfer.id, event.seq)
    tx.outbox.tell("audit", transfer.id, event.seq)


def _note(tx: Transaction, transfer: Transfer, finding: Finding, seen: Sequence[str], digest: str) -> Event:
    event = tx.event(
        "looked",
        DESK,
        transfer,
        trace=str(finding.trace),
        why=finding.why,
        words=list(seen),
        lines=list(finding.lines),
        digest=digest,
    )
    if transfer.state is State.UNKNOWN:
        redraw(tx, transfer)
    return event


def _equal(tx: Transaction, transfer: Transfer, states: Sequence[State]) -> list[Transfer]:
    """Return other transfers of the same ledger key and amount, sent since a day before this one."""
    sent_at = transfer.sent_at or transfer.created_at
    others = tx.select(
        f"exchange = ? AND currency = ? AND amount = ? AND id <> ? AND sent_at >= ? "
        f"AND state IN ({', '.join('?' * len(states))})",
        transfer.route.exchange,
        transfer.currency,
        plain(transfer.amount),
        transfer.id,
        to_text(sent_at - _NEAR),
        *states,
    )
    return [other for other in others if other.ledger_key == transfer.ledger_key]


def as_sent(tx: Transaction, transfer: Transfer) -> Sent:
    """Return a transfer as the exchange's records can know it."""
    first = transfer.sent_at or transfer.created_at
    latest = first + EXECUTED_WITHIN
    answered = transfer.state is State.SUCCEEDED and transfer.exchange_reference is not None
    last = min(transfer.settled_at, latest) if answered and transfer.settled_at else latest
    snapshot = _snapshot(tx, transfer)
    settled = next(tx.events("transfer_id = ? AND kind = 'succeeded'", transfer.id, limit=1), None)
    line = str(settled.data.get("line", "")) if settled and transfer.state is State.SUCCEEDED else ""
    return Sent(transfer.name, first, last, snapshot.lines if snapshot else frozenset(), line)


def _snapshot(tx: Transaction, transfer: Transfer) -> Snapshot | None:
    """Return what the exchange said before the send."""
    sent = next(tx.events("transfer_id = ? AND kind = 'sending'", transfer.id, order="seq DESC", limit=1), None)
    if sent is None or "lines" not in sent.data:
        return None
    return Snapshot(sent.data["evidence"], frozenset(sent.data["lines"]))
