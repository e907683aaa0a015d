"""What the lanes ask of the desk: what is next, may it leave now, how did it end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.desk.house import House, expire, facts, is_due, move, still_as_shown
from bot.errors import StartError
from bot.journal import DESK, Transaction
from bot.transfers import OUTCOME_STATE, WITHOUT_ANSWER, Accepted, NotSent, Outcome, Refused, State, Transfer, Unknown

_LOST_TRACK = Unknown("The desk stopped while the request was on its way; the exchange's answer was not seen.")


def recover(tx: Transaction, house: House) -> int:
    """At the start, with the lock held: whatever was being sent has no answer any more. Returns how many.

    Raises:
        StartError: one of them belongs to a connection desk.toml no longer has; its lock would hold nothing.
    """
    for transfer in _without_answer(tx):
        if transfer.route.exchange not in house.config.connections:
            raise StartError(
                f"{transfer.name} was sent to {transfer.route.exchange} without an answer, and desk.toml has no such "
                f"connection any more; keep [exchanges.{transfer.route.exchange}] until {transfer.name} is settled"
            )
    return _adopt(tx, list(tx.select("state = ?", State.SENDING.value)))


def next_to_send(tx: Transaction, house: House, exchange: str) -> Transfer | None:
    """Return the approved transfer a lane may try now, longest reserved first.

    One whose ledger key is taken by a transfer without an answer waits and says so on its card, without holding up
    the others. A `sending` row cannot be this lane's (it has none in flight when it asks), so it is without an owner
    and becomes unknown.
    """
    _adopt(tx, list(tx.select("state = ? AND exchange = ?", State.SENDING.value, exchange)))
    approved = list(tx.select("state = ? AND exchange = ?", State.APPROVED.value, exchange, order="reserved_at, id"))
    for transfer in approved:
        if is_due(tx, transfer):
            expire(tx, transfer)
        elif not house.config.connections.get(exchange):
            still_as_shown(tx, house, transfer)
        elif (holder := _key_holder(tx, transfer)) is not None:
            hold(tx, transfer, f"It waits for {holder.name}, which was sent without an answer on the same route.")
        else:
            return transfer
    return None


def hold(tx: Transaction, transfer: Transfer, why: str) -> None:
    """Say on the card why an approved transfer has not left yet. Saying the same twice writes nothing."""
    now = tx.get(transfer.id)
    if now is None or now.state is not State.APPROVED or now.outcome == why:
        return
    after = tx.advance(now, replace(now, outcome=why))
    tx.event("held", DESK, after, why=why)
    tx.outbox.card(after.id)


def claim(tx: Transaction, house: House, transfer_id: int, evidence: Mapping[str, str]) -> Transfer | None:
    """Take the last look and commit to sending. After this returns a transfer, exactly one request leaves, at once.

    State, deadline, policy, key, seal and ledger key are checked again here, because each may have changed since the
    click. Returns None when it may not leave; the journal then says why.
    """
    transfer = tx.get(transfer_id)
    if transfer is None or transfer.state is not State.APPROVED:
        return None
    if is_due(tx, transfer):
        expire(tx, transfer)
        return None
    if not still_as_shown(tx, house, transfer):
        return None
    holder = _key_holder(tx, transfer)
    if holder is not None:
        hold(tx, transfer, f"It waits for {holder.name}, which was sent without an answer on the same route.")
        return None
    return move(
        tx,
        transfer,
        State.SENDING,
        data={"evidence": dict(evidence), "policy": house.config.hash, "connection": transfer.connection},
        sent_at=tx.now,
        deadline=None,
        outcome=None,
    )


def settle(tx: Transaction, transfer_id: int, outcome: Outcome) -> None:
    """Write down what a send came to."""
    transfer = tx.get(transfer_id)
    if transfer is None:
        raise ValueError(f"T{transfer_id} was sent but is not in the journal")
    if transfer.state is State.SENDING or (transfer.state is State.UNKNOWN and isinstance(outcome, Accepted)):
        _settle(tx, transfer, outcome)
    else:
        # The answer came after the transfer had been settled otherwise. It changes nothing and is not lost.
        event = tx.event("late_answer", DESK, transfer, **facts(transfer), answer=_in_words(outcome))
        tx.outbox.tell("audit", transfer.id, event.seq)


def _settle(tx: Transaction, transfer: Transfer, outcome: Outcome) -> Transfer:
    changes: dict[str, Any] = {"outcome": _in_words(outcome)}
    data: dict[str, str] = {}
    if isinstance(outcome, Accepted):
        changes["exchange_reference"] = outcome.reference
    if isinstance(outcome, Refused):
        data = {"code": outcome.code, "message": outcome.message, "by": outcome.by}
    return move(tx, transfer, OUTCOME_STATE[type(outcome)], data=data, **changes)


def _in_words(outcome: Outcome) -> str:
    match outcome:
        case Accepted(reference):
            text = f"The exchange's reference is {reference}"
        case Refused(code, message, by):
            said_by = "" if by == "exchange" else f" ({by})"
            text = f"The exchange said no{said_by}: {code} {message}"
        case NotSent(reason) | Unknown(reason):
            text = reason[:1].upper() + reason[1:]
    return text.rstrip(" .") + "."


def _adopt(tx: Transaction, abandoned: list[Transfer]) -> int:
    for transfer in abandoned:
        _settle(tx, transfer, _LOST_TRACK)
    return len(abandoned)


def _key_holder(tx: Transaction, transfer: Transfer) -> Transfer | None:
    """Return the transfer without an answer that holds this one's ledger key."""
    others = (other for other in _without_answer(tx) if other.id != transfer.id)
    return next((other for other in others if other.ledger_key == transfer.ledger_key), None)


def _without_answer(tx: Transaction) -> Iterator[Transfer]:
    states = sorted(state.value for state in WITHOUT_ANSWER)
    return tx.select(f"state IN ({', '.join('?' * len(states))})", *states)
