"""Settling an unknown by hand: admins other than the requester, several of them, each with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot import words
from bot.desk.house import Click, House, facts, move, redraw
from bot.desk.looking import last_look, shown
from bot.desk.refusing import turn_away
from bot.desk.requests import card_problem
from bot.journal import Transaction, Vote
from bot.reconcile import EXECUTED_WITHIN, Trace
from bot.transfers import State, Transfer

REASON_MAX = 500


class Decision(StrEnum):
    """What an admin found at the exchange."""

    EXECUTED = "executed"
    NOT_EXECUTED = "not_executed"


_ENDS: Mapping[Decision, State] = {
    Decision.EXECUTED: State.SUCCEEDED,
    Decision.NOT_EXECUTED: State.NOT_EXECUTED,
}


@dataclass(frozen=True)
class Resolution:
    """One admin's decision, as pressed on the card and reasoned in the form.

    Attributes:
        evidence: the digest of what the form showed of the exchange's records, see `looking.Looked.digest`.
    """

    click: Click
    decision: Decision
    reason: str
    evidence: str


def may_resolve(tx: Transaction, house: House, click: Click, decision: Decision) -> str | None:
    """Say why this person may not settle this transfer by hand this way, or None. A refusal is recorded."""
    transfer = tx.get(click.transfer_id)
    problem = card_problem(tx, click, transfer)
    if problem is None and transfer is not None:
        problem = _problem(tx, house, click, transfer, decision)
    if problem is not None:
        name = f"T{click.transfer_id}"
        attempt = words.TRIED_TO_SETTLE.format(transfer=name, version=click.version, decision=decision)
        turn_away(tx, click.person, click.channel, attempt, problem)
    return problem


def _problem(tx: Transaction, house: House, click: Click, transfer: Transfer, decision: Decision) -> str | None:
    if transfer.state is not State.UNKNOWN:
        return words.NOTHING_TO_SETTLE.format(transfer=transfer.name, state=words.IN_WORDS[transfer.state])
    if not house.config.is_listed(click.person.team, click.person.user) or click.person.user not in house.config.admins:
        return words.ADMINS_SETTLE.format(transfer=transfer.name)
    if click.person.user == transfer.requester:
        return words.OTHERS_SETTLE.format(transfer=transfer.name)
    still = _may_still_happen_for(tx, transfer)
    if decision is Decision.NOT_EXECUTED and still > timedelta(0):
        minutes = -(-still // timedelta(minutes=1))
        span = words.ONE_MINUTE if minutes == 1 else words.MINUTES.format(count=minutes)
        return words.STILL_POSSIBLE.format(transfer=transfer.name, span=span)
    return None


def _is_found(tx: Transaction, transfer: Transfer) -> bool:
    seen = last_look(tx, transfer)
    return seen is not None and seen.trace == Trace.FOUND


def _may_still_happen_for(tx: Transaction, transfer: Transfer) -> timedelta:
    """Return for how long a request that got stuck on its way could still be carried out and recorded."""
    sent_at = transfer.sent_at or transfer.created_at
    return sent_at + EXECUTED_WITHIN - tx.now


def resolve(tx: Transaction, house: House, resolution: Resolution) -> str:
    """Count one admin's decision; settle the transfer when enough agree. Returns the private answer."""
    return tx.once(resolution.click.key, lambda: _resolve(tx, house, resolution))


def _resolve(tx: Transaction, house: House, resolution: Resolution) -> str:
    click, decision, reason = resolution.click, resolution.decision, resolution.reason.strip()
    problem = may_resolve(tx, house, click, decision)
    if problem is None and not 1 <= len(reason) <= REASON_MAX:
        problem = words.REASON_NEEDED.format(longest=REASON_MAX)
    transfer = tx.get(click.transfer_id)
    if problem is None and transfer is not None and resolution.evidence != shown(tx, transfer):
        problem = words.RECORDS_CHANGED
    if problem is not None or transfer is None:
        return f"{problem} {words.NOTHING_CHANGED}"
    seal = _seal(tx, transfer)
    tx.vote(transfer, click.person.user, decision.value, seal)
    votes = [vote for vote in tx.votes(transfer) if vote.person in house.config.admins]
    agreeing = [vote.person for vote in votes if (vote.decision, vote.seal) == (decision.value, seal)]
    executed = [vote.person for vote in votes if vote.decision == Decision.EXECUTED]
    opposed = executed if decision is Decision.NOT_EXECUTED else []
    # With the transfer in the exchange's records, one admin who says so is enough; against them, as many as ever.
    enough = 1 if decision is Decision.EXECUTED and _is_found(tx, transfer) else house.config.resolve_by
    missing = enough - len(agreeing)
    tx.event(
        "resolve_vote",
        click.person.user,
        transfer,
        # Here the reason is the admin's; that of the transfer stands in every other event of it.
        **{**facts(transfer), "reason": reason},
        decision=decision.value,
        evidence=resolution.evidence,
        missing=max(missing, 0),
    )
    redraw(tx, transfer)
    in_words = decision.value.replace("_", " ")
    if opposed:
        # Wrongly "not executed" opens the route for the same money once more; so one who saw it happen is enough.
        names = ", ".join(house.name_of(person) for person in opposed)
        return words.OPPOSED.format(people=names, transfer=transfer.name)
    if missing > 0:
        others = words.ONE_MORE_ADMIN if missing == 1 else words.MORE_ADMINS.format(count=missing)
        return words.VOTE_NOTED.format(transfer=transfer.name, decision=in_words, others=others)
    said = reasons(tx, transfer)
    settled = "; ".join(f"{house.name_of(person)}: {said[person]}" for person in agreeing)
    move(
        tx,
        transfer,
        _ENDS[decision],
        click.person.user,
        data={"settled_by": agreeing, "reasons": {person: said[person] for person in agreeing}},
        outcome=words.SETTLED_BY_HAND.format(decision=in_words, reasons=settled),
    )
    return words.SETTLED.format(transfer=transfer.name, decision=in_words)


def standing(tx: Transaction, transfer: Transfer) -> tuple[Vote, ...]:
    """Return the decisions made on what the exchange's records show now; older ones count as doubts alone."""
    seal = _seal(tx, transfer)
    return tuple(vote for vote in tx.votes(transfer) if vote.seal == seal)


def _seal(tx: Transaction, transfer: Transfer) -> str:
    """What a decision is bound to: what was sent, and what its records show."""
    return f"{transfer.seal}.{shown(tx, transfer)}"


def reasons(tx: Transaction, transfer: Transfer) -> dict[str, str]:
    """Return what each admin last gave as a reason, by user id."""
    votes = tx.events("transfer_id = ? AND kind = 'resolve_vote'", transfer.id)
    return {vote.actor: str(vote.data["reason"]) for vote in votes}
