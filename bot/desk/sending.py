"""What the lanes ask of the desk: what is next, may it leave now, how did it end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot import words
from bot.accounts import plain
from bot.desk.approving import agreed
from bot.desk.freezing import frozen_in_words
from bot.desk.house import House, ask_again, expire, facts, is_due, move, redraw, still_as_shown, twins
from bot.desk.roll import unasked, unfit
from bot.desk.shrinking import is_still_there
from bot.desk.steps import CLOCK_STEP_MAX, carry_on, lead
from bot.errors import StartError
from bot.evidence import Snapshot
from bot.journal import DESK, Transaction
from bot.policy import Tier
from bot.transfers import OUTCOME_STATE, WITHOUT_ANSWER, Accepted, NotSent, Outcome, Refused, State, Transfer, Unknown

_LOST_TRACK = Unknown(words.LOST_TRACK)

# The sign keeps the exchange out of the choice of an index: few are in such a state, and an exchange has a long past.
_HERE = "state = ? AND +exchange = ?"


def recover(tx: Transaction, house: House) -> int:
    """At the start, with the lock held: whatever was being sent has no answer any more. Returns how many.

    Raises:
        StartError: a transfer without an answer could not be guarded or settled under this desk.toml.
    """
    for transfer in list(_without_answer(tx)):
        problem = _unguarded(tx, house, transfer)
        if problem:
            raise StartError(f"{transfer.name} was sent without an answer. {problem} until {transfer.name} is settled.")
        if transfer.channel not in house.config.channels:
            _move_card(tx, transfer, min(house.config.channels))
    return _adopt(tx, house, list(tx.select("state = ?", State.SENDING.value)))


def _unguarded(tx: Transaction, house: House, transfer: Transfer) -> str | None:
    """Say what must stay as it was for a transfer without an answer to keep its lock and its people."""
    exchange = transfer.route.exchange
    if transfer.team != house.config.team:
        return f"Keep slack.team {transfer.team}"
    if exchange not in house.config.connections:
        return f"Keep [exchanges.{exchange}] in desk.toml"
    if is_same_user(tx, house, transfer):
        return None
    return f"Keep the keys of the exchange user it was sent with as the connection {exchange}"


def is_same_user(tx: Transaction, house: House, transfer: Transfer) -> bool:
    """Tell whether a transfer was sent as the exchange user its connection has now."""
    exchange = transfer.route.exchange
    if transfer.connection == house.fingerprints.get(exchange):
        return True
    # Another key is fine when it is the same user's. CoinW names no user; but a sub-account has one master, and no
    # desk starts before its key has been seen to list every sub-account of desk.toml.
    subaccounts = {side.name for side in (transfer.route.source, transfer.route.destination) if side.kind == "sub"}
    if subaccounts and subaccounts <= set(house.config.venues[exchange].subaccounts.values()):
        return True
    sent = next(tx.events("transfer_id = ? AND kind = 'sending'", transfer.id, order="seq DESC", limit=1), None)
    return sent is not None and sent.data.get("user") == house.users.get(exchange)


def _move_card(tx: Transaction, transfer: Transfer, channel: str) -> None:
    """Give a transfer a new card where the desk is listened to now; without one nobody could settle it."""
    for shown in tx.select("id = ? OR (follows = ? AND retry_of IS NULL)", transfer.card_of, transfer.card_of):
        after = tx.advance(shown, replace(shown, channel=channel, card_ts=None))
        tx.event("card_moved", DESK, after, before=shown.channel, channel=channel)
    tx.outbox.card(transfer.card_of)


def next_to_send(
    tx: Transaction, house: House, exchange: str, resting: frozenset[int] = frozenset()
) -> Transfer | None:
    """Return the approved transfer a lane may try now, longest reserved first, leaving out the `resting` ones.

    One whose ledger key is taken by a transfer without an answer waits and says so on its card, without holding up
    the others. A `sending` row cannot be this lane's (it has none in flight when it asks), so it is without an owner
    and becomes unknown.
    """
    _adopt(tx, house, list(tx.select(_HERE, State.SENDING.value, exchange)))
    carry_on(tx, house)
    approved = list(tx.select(_HERE, State.APPROVED.value, exchange, order="reserved_at, id"))
    for transfer in approved:
        if is_due(tx, transfer):
            expire(tx, transfer)
        elif transfer.id in resting:
            continue
        elif (why := _must_wait(tx, house, transfer)) is not None:
            hold(tx, transfer, why)
        else:
            return transfer
    return None


def _must_wait(tx: Transaction, house: House, transfer: Transfer) -> str | None:
    """Say what keeps an approved transfer from leaving just now, if anything does."""
    frozen = tx.freezes.of(transfer.route.exchange)
    if frozen is not None:
        return words.WAITS_FOR_FREEZE.format(frozen=frozen_in_words(house, frozen))
    holder = _key_holder(tx, transfer)
    if holder is not None:
        return words.WAITS_FOR_KEY.format(transfer=holder.name)
    return unasked(tx, house, transfer)


def hold(tx: Transaction, transfer: Transfer, why: str) -> None:
    """Say on the card why an approved transfer has not left yet. Saying the same twice writes nothing."""
    now = tx.get(transfer.id)
    if now is None or now.state is not State.APPROVED or now.outcome == why:
        return
    after = tx.advance(now, replace(now, outcome=why))
    tx.event("held", DESK, after, why=why)
    redraw(tx, after)


def claim(
    tx: Transaction, house: House, transfer_id: int, snapshot: Snapshot, available: Decimal | None = None
) -> Transfer | None:
    """Take the last look and commit to sending. After this returns a transfer, exactly one request leaves, at once.

    State, deadline, policy, limits, approvals, people, freeze, key, seal and ledger key are checked again here, because
    each may have changed since the click. Returns None when it may not leave; the journal then says why.

    Args:
        available: what can leave the source, just read; needed where the amount is a share of it.
    """
    transfer = tx.get(transfer_id)
    if transfer is None or transfer.state is not State.APPROVED:
        return None
    if is_due(tx, transfer):
        expire(tx, transfer)
        return None
    verdict = still_as_shown(tx, house, transfer)
    if verdict is None:
        return None
    why_not = _not_agreed(tx, transfer, verdict.tier) or unfit(tx, house, transfer)
    if why_not is not None:
        move(tx, transfer, State.BLOCKED, outcome=f"{why_not} {words.NOTHING_SENT}")
        return None
    why = _must_wait(tx, house, transfer)
    if why is not None:
        hold(tx, transfer, why)
        return None
    if tx.now < tx.latest_since(State.APPROVED.value, transfer) - CLOCK_STEP_MAX:
        ask_again(tx, house, transfer, words.CLOCK_WENT_BACK)
        return None
    if transfer.share and available is None:
        hold(tx, transfer, words.WAITS_FOR_BALANCE)
        return None
    if transfer.share and available is not None and not is_still_there(tx, house, transfer, available):
        return None
    return move(
        tx,
        transfer,
        State.SENDING,
        data={
            "evidence": dict(snapshot.evidence) | _as_evidence(available),
            "lines": sorted(snapshot.lines),
            "user": house.users.get(transfer.route.exchange),
        },
        sent_at=tx.now,
        deadline=None,
        outcome=None,
    )


def _as_evidence(available: Decimal | None) -> dict[str, str]:
    return {} if available is None else {"source.available": plain(available)}


def _not_agreed(tx: Transaction, transfer: Transfer, tier: Tier | None) -> str | None:
    """Say that the approvals on record are not enough; they were when it became approved, so somebody changed them."""
    people = agreed(tx, transfer)
    if tier is None or (transfer.requester not in people and tier.missing(people) == 0):
        return None
    return words.VOTES_MISSING.format(tier=tier)


def settle(tx: Transaction, house: House, transfer_id: int, outcome: Outcome) -> None:
    """Write down what a send came to."""
    transfer = tx.get(transfer_id)
    if transfer is None:
        raise ValueError(f"T{transfer_id} was sent but is not in the journal")
    if transfer.state is State.SENDING or (transfer.state is State.UNKNOWN and isinstance(outcome, Accepted)):
        _settle(tx, house, transfer, outcome)
    else:
        # The answer came after the transfer had been settled otherwise. It changes nothing and is not lost.
        event = tx.event("late_answer", DESK, transfer, **facts(transfer), answer=_in_words(outcome))
        tx.outbox.tell("audit", transfer.id, event.seq)


def _settle(tx: Transaction, house: House, transfer: Transfer, outcome: Outcome) -> Transfer:
    changes: dict[str, Any] = {"outcome": _in_words(outcome)}
    data: dict[str, str] = {}
    if isinstance(outcome, Accepted):
        changes["exchange_reference"] = outcome.reference
    if isinstance(outcome, Refused):
        data = {"code": outcome.code, "message": outcome.message, "by": outcome.by}
    settled = move(tx, transfer, OUTCOME_STATE[type(outcome)], data=data, **changes)
    if settled.state is State.UNKNOWN:
        _recall_twins(tx, house, settled)
    return settled


def _recall_twins(tx: Transaction, house: House, unknown: Transfer) -> None:
    """Ask again for equal transfers confirmed while this one's answer was still awaited: they may be the same wish."""
    for twin in twins(tx, unknown):
        # A waiting step is asked again with the one it waits for, or when its turn comes (`steps.carry_on`).
        twin = lead(tx, twin) if twin.state is State.WAITING else twin
        agreed_to = twin.state in (State.APPROVED, State.AWAITING_APPROVAL)
        if agreed_to and is_due(tx, twin):
            expire(tx, twin)
        elif agreed_to and still_as_shown(tx, house, twin):
            ask_again(tx, house, twin, words.EQUAL_UNANSWERED.format(transfer=unknown.name))


def _in_words(outcome: Outcome) -> str:
    match outcome:
        case Accepted(reference):
            text = words.REFERENCE_IS.format(reference=reference)
        case Refused(code, message, "exchange"):
            text = words.SAID_NO.format(code=code, message=message)
        case Refused(code, message, by):
            text = words.SAID_NO_BY.format(by=by, code=code, message=message)
        case NotSent(reason) | Unknown(reason):
            text = reason[:1].upper() + reason[1:]
    return text.rstrip(" .") + "."


def _adopt(tx: Transaction, house: House, abandoned: list[Transfer]) -> int:
    for transfer in abandoned:
        _settle(tx, house, transfer, _LOST_TRACK)
    return len(abandoned)


def _key_holder(tx: Transaction, transfer: Transfer) -> Transfer | None:
    """Return the transfer without an answer that holds this one's ledger key."""
    others = (other for other in _without_answer(tx) if other.id != transfer.id)
    return next((other for other in others if other.ledger_key == transfer.ledger_key), None)


def _without_answer(tx: Transaction) -> Iterator[Transfer]:
    states = sorted(state.value for state in WITHOUT_ANSWER)
    return tx.select(f"state IN ({', '.join('?' * len(states))})", *states)
