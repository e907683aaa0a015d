"""What the requester does: propose, confirm, cancel; and what happens when nobody does anything: expire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.accounts import for_people, label, margin_account, near_miss
from bot.desk.freezing import frozen_in_words
from bot.desk.house import (
    Ask,
    Click,
    House,
    Person,
    expire,
    facts,
    is_due,
    judge,
    move,
    publish,
    still_as_shown,
    twins,
)
from bot.desk.refusing import ASKED_MAX, turn_away
from bot.journal import Transaction
from bot.policy import Tier
from bot.transfers import State, Transfer

_Act = Callable[[Transaction, House, Click, Transfer], str]

CANCELLABLE = (State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED, State.WAITING)

# How a state is told to people, in the middle of a sentence.
IN_WORDS = {
    State.PROPOSED: "not confirmed yet",
    State.AWAITING_APPROVAL: "waiting for approval",
    State.WAITING: "waiting for the step before it",
    State.APPROVED: "confirmed and about to be sent",
    State.SENDING: "being sent",
    State.SUCCEEDED: "done",
    State.REFUSED: "refused by the exchange; nothing moved",
    State.NOT_SENT: "not sent; nothing moved",
    State.UNKNOWN: "without an answer: it was sent and may have happened; do not repeat it",
    State.NOT_EXECUTED: "settled as not executed",
    State.DENIED: "denied",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "expired",
    State.BLOCKED: "blocked",
}


def propose(tx: Transaction, house: House, ask: Ask) -> str:
    """Put a transfer before its requester as a card, or say why it may not be. Returns the private answer."""
    return tx.once(ask.key, lambda: _propose(tx, house, ask))


def _propose(tx: Transaction, house: House, ask: Ask) -> str:
    config, intent = house.config, ask.intent
    venue = config.venues[intent.route.exchange]
    draft = Transfer(
        id=0,
        version=1,
        state=State.PROPOSED,
        route=intent.route,
        currency=intent.currency,
        amount=intent.amount,
        margin_account=margin_account(intent.route, venue),
        connection=house.fingerprints[intent.route.exchange],
        requester=ask.person.user,
        team=ask.person.team,
        channel=ask.channel,
        rule="",
        rule_hash="",
        policy_hash=config.hash,
        seal="",
        created_at=tx.now,
        deadline=tx.now + config.confirm_within,
        reason=intent.reason,
    )
    verdict = judge(tx, house, draft)
    if verdict.rule is None or not verdict.allowed:
        why = " ".join(verdict.reasons)
        turn_away(tx, ask.person, ask.channel, ask.text, why, intent=intent)
        known = {currency for rule in config.rules for currency in rule.currencies}
        hint = "" if intent.currency in known else near_miss(intent.currency, known)
        return f"Not allowed, and nothing happened. {why}{hint}"
    frozen = tx.freezes.of(intent.route.exchange)
    if frozen is not None:
        why = frozen_in_words(house, frozen)
        turn_away(tx, ask.person, ask.channel, ask.text, why)
        return f"Nothing happened. {why}"
    allowed = replace(
        draft,
        rule=verdict.rule.name,
        rule_hash=verdict.rule.hash,
        approvals_needed=verdict.tier.count if verdict.tier else 0,
    )
    transfer = tx.insert(allowed.sealed())
    same = twins(tx, transfer)
    event = tx.event(
        State.PROPOSED.value,
        ask.person.user,
        transfer,
        **facts(transfer),
        asked=ask.text[:ASKED_MAX],
        channel=ask.channel,
        approvals=transfer.approvals_needed,
        tier=str(verdict.tier or ""),
        equal=[f"{twin.name} {twin.state}" for twin in same],
    )
    publish(tx, transfer, event)
    unknown = next((twin for twin in same if twin.state is State.UNKNOWN), None)
    if unknown is not None:
        return (
            f"{transfer.name} is noted but cannot be confirmed yet: {unknown.name}, an equal transfer, was sent "
            f"without an answer and may have happened. Settle {unknown.name} first."
        )
    source, destination = (label(side, venue) for side in (transfer.route.source, transfer.route.destination))
    return (
        f"{transfer.name}: {for_people(transfer.amount)} {transfer.currency} from `{source}` to `{destination}`. "
        "Nothing has moved yet; check the card in this channel and press Confirm there."
    )


def confirm(tx: Transaction, house: House, click: Click) -> str:
    """Let the requester say yes. From here the transfer is sent within `send_within`, or not at all."""
    return tx.once(click.key, lambda: _clicked(tx, house, click, _confirm))


def _confirm(tx: Transaction, house: House, click: Click, transfer: Transfer) -> str:
    if transfer.state is not State.PROPOSED:
        return f"{transfer.name} is already {IN_WORDS[transfer.state]}. Nothing changed."
    unknown = [twin.name for twin in twins(tx, transfer) if twin.state is State.UNKNOWN]
    if unknown:
        turn_away(tx, click.person, click.channel, f"confirm {transfer.name}", f"{unknown[0]} is without an answer")
        return (
            f"Not confirmed: {unknown[0]} is an equal transfer that was sent without an answer, and it may have "
            f"happened. {transfer.name} can be confirmed once {unknown[0]} is settled."
        )
    frozen = tx.freezes.of(transfer.route.exchange)
    if frozen is not None:
        why = frozen_in_words(house, frozen)
        turn_away(tx, click.person, click.channel, f"confirm {transfer.name}", why)
        return f"Not confirmed: {why}"
    verdict = still_as_shown(tx, house, transfer)
    if verdict is None:
        return f"{transfer.name} was not confirmed: it is no longer what this card showed. Look at the card."
    if verdict.tier is not None:
        return _ask_for_approval(tx, house, click, transfer, verdict.tier)
    move(
        tx,
        transfer,
        State.APPROVED,
        click.person.user,
        reserved_at=tx.now,
        deadline=tx.now + house.config.send_within,
        outcome=None,
    )
    return f"{transfer.name} is confirmed and goes out next. The card shows how it ends."


def _ask_for_approval(tx: Transaction, house: House, click: Click, transfer: Transfer, tier: Tier) -> str:
    """Let others decide. The event names those whose action is needed, and nobody else is called."""
    move(
        tx,
        transfer,
        State.AWAITING_APPROVAL,
        click.person.user,
        data={"asks": str(tier), "approvers": sorted(tier.wanted(transfer.requester, ()))},
        deadline=tx.now + house.config.approve_within,
        approvals_needed=tier.count,
        outcome=None,
    )
    return f"{transfer.name} is confirmed and waits for the approval of {tier}."


def cancel_by_button(tx: Transaction, house: House, click: Click) -> str:
    """Let the requester take a transfer back, from its card."""
    return tx.once(click.key, lambda: _clicked(tx, house, click, _cancel_clicked))


def _cancel_clicked(tx: Transaction, _: House, click: Click, transfer: Transfer) -> str:
    return _cancel(tx, click.person, transfer)


def cancel_by_command(tx: Transaction, house: House, key: str, person: Person, transfer_id: int) -> str:
    """Let the requester take a transfer back, by `/transfer cancel T12`."""
    return tx.once(key, lambda: _cancel_typed(tx, house, person, transfer_id))


def _cancel_typed(tx: Transaction, house: House, person: Person, transfer_id: int) -> str:
    transfer = tx.get(transfer_id)
    if transfer is None or transfer.team != person.team:
        return f"There is no transfer T{transfer_id}."
    if transfer.requester != person.user:
        turn_away(tx, person, "", f"cancel {transfer.name}", "only the requester may cancel")
        return f"Only {house.name_of(transfer.requester)}, who asked for {transfer.name}, can cancel it."
    return _cancel(tx, person, transfer)


def _cancel(tx: Transaction, person: Person, transfer: Transfer) -> str:
    if transfer.state not in CANCELLABLE:
        return f"{transfer.name} is {IN_WORDS[transfer.state]}; there is nothing to cancel."
    if is_due(tx, transfer):
        expire(tx, transfer)
        return f"{transfer.name} had already expired. Nothing was sent."
    move(tx, transfer, State.CANCELLED, person.user, outcome="Cancelled by the requester. Nothing was sent.")
    return f"{transfer.name} is cancelled. Nothing was sent."


def _clicked(tx: Transaction, house: House, click: Click, act: _Act) -> str:
    """Do what a click asks when it comes from the requester and from the transfer's present card."""
    transfer = tx.get(click.transfer_id)
    problem = card_problem(tx, click, transfer)
    if problem is None and transfer is not None and transfer.requester != click.person.user:
        problem = f"Only {house.name_of(transfer.requester)}, who asked for {transfer.name}, can do that."
    if problem is None and not house.config.is_listed(click.person.team, click.person.user):
        problem = "You are not on this desk's allowlist."
    if problem is not None or transfer is None:
        attempt = f"{'confirm' if act is _confirm else 'cancel'} T{click.transfer_id} version {click.version}"
        turn_away(tx, click.person, click.channel, attempt, problem or "")
        return f"{problem} Nothing changed."
    if transfer.state in CANCELLABLE and is_due(tx, transfer):
        expire(tx, transfer)
        return f"{transfer.name} has expired. Nothing was sent; type the command again if it is still wanted."
    return act(tx, house, click, transfer)


def card_problem(tx: Transaction, click: Click, transfer: Transfer | None) -> str | None:
    """Say why a click does not count for where it stands: another message, an old version, no such transfer."""
    if transfer is None or transfer.team != click.person.team:
        return f"There is no transfer T{click.transfer_id} here."
    if transfer.card_ts is None and transfer.channel == click.channel:
        return f"The card of {transfer.name} is just being posted; please try again in a moment."
    if (transfer.channel, transfer.card_ts) != (click.channel, click.message_ts):
        return f"This message is not the card of {transfer.name}."
    if transfer.version != click.version:
        return f"The card of {transfer.name} has changed since; look at it again."
    return None


def expire_due(tx: Transaction) -> datetime | None:
    """End every transfer whose deadline has passed. Returns the next deadline, if any."""
    waiting = [state.value for state in CANCELLABLE]
    marks = ", ".join("?" * len(waiting))
    for transfer in list(tx.select(f"state IN ({marks}) AND deadline IS NOT NULL", *waiting, order="deadline")):
        if not is_due(tx, transfer):
            return transfer.deadline
        expire(tx, transfer)
    return None
