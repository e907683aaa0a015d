"""Approving and denying: other people than the requester, as many as the tier asks for, each with a one-time code
where it says so. Every decision is bound to what was shown: to the seal and the version."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from functools import reduce

from bot import words
from bot.desk.freezing import frozen_in_words
from bot.desk.house import (
    Click,
    House,
    Refusal,
    expire,
    facts,
    is_due,
    move,
    redraw,
    still_as_shown,
    twins,
    waiting_step,
)
from bot.desk.refusing import turn_away
from bot.desk.requests import card_problem
from bot.journal import Transaction
from bot.policy import Tier
from bot.transfers import State, Transfer

APPROVED, DENIED = "approved", "denied"

WRONG_CODES_MAX = 5
WRONG_CODES_WITHIN = timedelta(minutes=10)


class Asked(Enum):
    """What a press on Approve may lead to beside an answer."""

    CODE = "the tier wants a one-time code"


CODE_NEEDED = Asked.CODE


def approve(tx: Transaction, house: House, click: Click, code: str | None = None) -> str | Refusal | Asked:
    """Count one approval; when enough agree the transfer may leave. Returns the private answer.

    Returns `CODE_NEEDED`, and writes nothing, where all is well but the tier wants a code and none came.
    """
    return tx.once(click.key, lambda: _approve(tx, house, click, code))


def approve_with_code(tx: Transaction, house: House, click: Click, code: str) -> str | Refusal:
    """Count one approval that comes with a one-time code; see `approve`."""
    answer = approve(tx, house, click, code)
    if isinstance(answer, Asked):
        raise TypeError("a code was asked for beside the one given")
    return answer


def _approve(tx: Transaction, house: House, click: Click, code: str | None) -> str | Refusal | Asked:
    transfer = tx.get(click.transfer_id)
    problem = _problem(tx, house, click, transfer, "approve")
    if problem is not None or transfer is None:
        return Refusal(f"{problem} {words.NOTHING_CHANGED}")
    if is_due(tx, transfer):
        expire(tx, transfer)
        return Refusal(f"{words.HAS_EXPIRED.format(transfer=transfer.name)} {words.NOTHING_SENT}")
    why = withheld(tx, house, transfer)
    if why is not None:
        attempt = words.TRIED_VERSION.format(what="approve", transfer=transfer.name, version=transfer.version)
        turn_away(tx, click.person, click.channel, attempt, why)
        return Refusal(words.NOT_APPROVED.format(why=why))
    verdict = still_as_shown(tx, house, transfer)
    if verdict is None or verdict.tier is None:
        return Refusal(words.NOT_AS_SHOWN.format(transfer=transfer.name, what="approved"))
    if verdict.tier.second_factor:
        if code is None:
            return CODE_NEEDED
        wrong = _code_problem(tx, house, click, transfer, code)
        if wrong:
            return Refusal(f"{wrong} {words.NOTHING_CHANGED}")
    return _count(tx, house, click, transfer, verdict.tier)


def withheld(tx: Transaction, house: House, transfer: Transfer) -> str | None:
    """Say what keeps everybody from approving a transfer just now, if anything does."""
    unknown = next((twin.name for twin in twins(tx, transfer) if twin.state is State.UNKNOWN), None)
    if unknown is not None:
        return words.SETTLE_FIRST.format(twin=unknown)
    frozen = tx.freezes.of(transfer.route.exchange)
    return frozen_in_words(house, frozen) if frozen is not None else None


def _count(tx: Transaction, house: House, click: Click, transfer: Transfer, tier: Tier) -> str:
    person = click.person.user
    second = waiting_step(tx, transfer)
    for step in (transfer, second) if second else (transfer,):
        tx.approve(step, person, APPROVED)
    people = agreed(tx, transfer)
    missing = tier.missing(people)
    tx.event(
        "approve_vote",
        person,
        transfer,
        **facts(transfer),
        decision=APPROVED,
        missing=missing,
        second_factor=tier.second_factor,
    )
    if missing > 0:
        redraw(tx, transfer)
        more = words.ONE_MORE_PERSON if missing == 1 else words.MORE_PEOPLE.format(count=missing)
        return words.APPROVED_SO_FAR.format(transfer=transfer.name, more=more)
    move(
        tx,
        transfer,
        State.APPROVED,
        person,
        data={"approvers": people},
        reserved_at=tx.now,
        deadline=tx.now + house.config.send_within,
        outcome=None,
    )
    return words.APPROVED.format(transfer=transfer.name)


def deny(tx: Transaction, house: House, click: Click) -> str:
    """End a transfer that waits for approval; any one of those who may approve can."""
    return tx.once(click.key, lambda: _deny(tx, house, click))


def _deny(tx: Transaction, house: House, click: Click) -> str:
    transfer = tx.get(click.transfer_id)
    problem = _problem(tx, house, click, transfer, "deny")
    if problem is not None or transfer is None:
        return f"{problem} {words.NOTHING_CHANGED}"
    if is_due(tx, transfer):
        expire(tx, transfer)
        return f"{words.HAS_EXPIRED.format(transfer=transfer.name)} {words.NOTHING_SENT}"
    tx.approve(transfer, click.person.user, DENIED)
    name = house.name_of(click.person.user)
    move(
        tx,
        transfer,
        State.DENIED,
        click.person.user,
        outcome=f"{words.DENIED_BY.format(person=name)} {words.NOTHING_SENT}",
    )
    return f"{words.DENIED.format(transfer=transfer.name)} {words.NOTHING_SENT}"


def _problem(tx: Transaction, house: House, click: Click, transfer: Transfer | None, verb: str) -> str | None:
    """Say why this person may not decide on this transfer, or None. A refusal is recorded."""
    problem = card_problem(tx, click, transfer)
    if problem is None and transfer is not None:
        problem = _not_theirs(tx, house, click, transfer, verb)
    if problem is not None:
        attempt = words.TRIED_VERSION.format(what=verb, transfer=f"T{click.transfer_id}", version=click.version)
        turn_away(tx, click.person, click.channel, attempt, problem)
    return problem


def _not_theirs(tx: Transaction, house: House, click: Click, transfer: Transfer, verb: str) -> str | None:
    person = click.person.user
    if transfer.state is not State.AWAITING_APPROVAL:
        return words.ALREADY.format(transfer=transfer.name, state=words.IN_WORDS[transfer.state])
    if not house.config.is_listed(click.person.team, person):
        return words.NOT_LISTED
    if person == transfer.requester:
        return words.OTHERS_DECIDE.format(transfer=transfer.name, verb=verb)
    tier = tier_of(tx, house, transfer)
    if tier is not None and person not in tier.members:
        return words.ONLY_THE_TIER.format(tier=tier, verb=verb, transfer=transfer.name)
    # Who approved and has second thoughts may still stop it.
    if verb == "approve" and any(vote.person == person for vote in tx.approvals(transfer)):
        return words.APPROVED_ALREADY.format(transfer=transfer.name)
    return None


def _code_problem(tx: Transaction, house: House, click: Click, transfer: Transfer, code: str) -> str | None:
    """Check a one-time code and put the try on record; say what is wrong with it, if anything."""
    person = click.person.user
    attempt = words.TRIED_CODE.format(transfer=transfer.name, version=transfer.version)
    if tx.people.wrong_codes(person, tx.now - WRONG_CODES_WITHIN) >= WRONG_CODES_MAX:
        why = words.TOO_MANY_CODES.format(count=WRONG_CODES_MAX)
        turn_away(tx, click.person, click.channel, attempt, why)
        return why
    if not house.factors.has(person):
        why = words.NO_CODES
        turn_away(tx, click.person, click.channel, attempt, why)
        return why
    step, last = house.factors.step_of(person, code, tx.now), tx.people.last_step(person)
    if step is not None and (last is None or step > last):
        tx.people.code_given(person, step)
        return None
    why = words.WRONG_CODE if step is None else words.USED_CODE
    tx.people.code_given(person, None)
    turn_away(tx, click.person, click.channel, attempt, why)
    return why


def tier_of(tx: Transaction, house: House, transfer: Transfer) -> Tier | None:
    """Return what the rules a transfer, and the step that waits for it, were shown under ask for.

    None where they ask for nobody, or there is no such rule any more.
    """
    second = waiting_step(tx, transfer)
    shown_under = {transfer.rule_hash, second.rule_hash if second else transfer.rule_hash}
    rules = [rule for rule in house.config.rules if rule.hash in shown_under]
    tiers = [tier for rule in rules if (tier := rule.tier(transfer.currency, transfer.amount))]
    return reduce(Tier.joined, tiers) if tiers else None


def agreed(tx: Transaction, transfer: Transfer) -> list[str]:
    """Return who approved what the transfer says now, in the order they did."""
    votes = tx.approvals(transfer)
    return [vote.person for vote in votes if (vote.decision, vote.seal) == (APPROVED, transfer.seal)]
