"""What the requester does: propose, confirm, cancel; and what happens when nobody does anything: expire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot import words
from bot.accounts import Route, for_people, label, margin_account, near_miss, plain, steps
from bot.desk.freezing import frozen_in_words
from bot.desk.house import (
    Ask,
    Click,
    House,
    Person,
    Refusal,
    all_twins,
    expire,
    facts,
    is_due,
    judge,
    judge_steps,
    move,
    show,
    still_as_shown,
    twins,
    waiting_step,
)
from bot.desk.refusing import ASKED_MAX, turn_away
from bot.journal import Transaction
from bot.policy import Request, Tier, select
from bot.transfers import State, Transfer

_Act = Callable[[Transaction, House, Click, Transfer], str]

CANCELLABLE = (State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED, State.WAITING)


def propose(tx: Transaction, house: House, ask: Ask) -> str | Refusal:
    """Put a transfer before its requester as a card, or say why it may not be. Returns the private answer."""
    return tx.once(ask.key, lambda: propose_now(tx, house, ask))


def propose_now(tx: Transaction, house: House, ask: Ask) -> str | Refusal:
    """Propose without looking whether the delivery came before; for those who have looked."""
    config, intent = house.config, ask.intent
    drafts = [_draft(tx, house, ask, route) for route in steps(intent.route, config.venues[intent.route.exchange])]
    verdict = judge_steps(tx, house, drafts)
    if not verdict.allowed:
        return _not_allowed(tx, house, ask, drafts, " ".join(verdict.reasons))
    frozen = tx.freezes.of(intent.route.exchange)
    if frozen is not None:
        why = frozen_in_words(house, frozen)
        turn_away(tx, ask.person, ask.channel, ask.text, why)
        return Refusal(words.NOTHING_HAPPENED.format(why=why))
    transfer, equal = _insert(tx, ask, drafts, verdict.tier)
    unknown = next((twin for twin in equal if twin.state is State.UNKNOWN), None)
    if unknown is not None:
        return words.NOTED_BEHIND_TWIN.format(transfer=transfer.name, twin=unknown.name)
    venue = config.venues[intent.route.exchange]
    source, destination = (label(side, venue) for side in (intent.route.source, intent.route.destination))
    how = f" {words.IN_TWO_STEPS.format(hub=venue.hub)}" if len(drafts) > 1 else ""
    money = f"{for_people(transfer.amount)} {transfer.currency}"
    return words.PROPOSED.format(transfer=transfer.name, money=money, source=source, destination=destination, how=how)


def _draft(tx: Transaction, house: House, ask: Ask, route: Route) -> Transfer:
    """Return one step of what is asked for, with what the rules say of it, if any rule lets it through."""
    config, intent = house.config, ask.intent
    rule = select(Request(ask.person.user, route, intent.currency, intent.amount, intent.reason), config.rules)
    return Transfer(
        id=0,
        version=1,
        state=State.PROPOSED,
        route=route,
        currency=intent.currency,
        amount=intent.amount,
        margin_account=margin_account(route, config.venues[route.exchange]),
        connection=house.fingerprints[route.exchange],
        requester=ask.person.user,
        team=ask.person.team,
        channel=ask.channel,
        rule=rule.name if rule else "",
        rule_hash=rule.hash if rule else "",
        policy_hash=config.hash,
        seal="",
        created_at=tx.now,
        deadline=tx.now + config.confirm_within,
        follows=ask.follows,
        retry_of=ask.retry_of,
        reason=intent.reason,
        share=intent.share,
    )


def _not_allowed(tx: Transaction, house: House, ask: Ask, drafts: Sequence[Transfer], why: str) -> Refusal:
    config, intent = house.config, ask.intent
    # Where each would do alone and only both together will not, the first stands for the route.
    refused = next((draft for draft in drafts if not judge(tx, house, draft).allowed), drafts[0])
    turn_away(tx, ask.person, ask.channel, ask.text, why, intent=replace(intent, route=refused.route))
    known = {currency for rule in config.rules for currency in rule.currencies}
    hint = "" if intent.currency in known else near_miss(intent.currency, known)
    return Refusal(words.NOT_ALLOWED.format(why=why, hint=hint))


def _insert(
    tx: Transaction, ask: Ask, drafts: Sequence[Transfer], tier: Tier | None
) -> tuple[Transfer, tuple[Transfer, ...]]:
    """Put a proposal on record, with the step that waits for it, if there is one; its card shows both.

    Returns it and what equals either step.
    """
    needed = tier.count if tier else 0
    # The seal says nothing of approvals: what they were asked for is on the card beside it.
    first, *rest = (replace(draft, approvals_needed=needed, seal=draft.seal_now()) for draft in drafts)
    transfer = tx.insert(first)
    equal = twins(tx, transfer)
    besides: list[Transfer] = []
    for draft in rest:
        # What the first step brings to the hub is the figure; the second is no share of what else is there.
        second = replace(draft, state=State.WAITING, deadline=None, follows=transfer.id, retry_of=None, share="")
        waiting = tx.insert(second.sealed())
        tx.event(State.WAITING.value, ask.person.user, waiting, **facts(waiting), asked=ask.text[:ASKED_MAX])
        besides += twins(tx, waiting)
    tx.event(
        State.PROPOSED.value,
        ask.person.user,
        transfer,
        **facts(transfer),
        asked=ask.text[:ASKED_MAX],
        approvals=needed,
        tier=str(tier or ""),
        equal=[f"{twin.name} {twin.state}" for twin in (*equal, *besides)],
        **({} if ask.available is None else {"available": plain(ask.available)}),
    )
    show(tx, transfer, (first.route.source, drafts[-1].route.destination), equal)
    return transfer, (*equal, *besides)


def confirm(tx: Transaction, house: House, click: Click) -> str:
    """Let the requester say yes. From here the transfer is sent within `send_within`, or not at all."""
    return tx.once(click.key, lambda: _clicked(tx, house, click, _confirm))


def _confirm(tx: Transaction, house: House, click: Click, transfer: Transfer) -> str:
    if transfer.state is not State.PROPOSED:
        already = words.ALREADY.format(transfer=transfer.name, state=words.IN_WORDS[transfer.state])
        return f"{already} {words.NOTHING_CHANGED}"
    unknown = [twin.name for twin in all_twins(tx, transfer) if twin.state is State.UNKNOWN]
    if unknown:
        why = words.UNKNOWN_TWIN.format(twin=unknown[0], transfer=transfer.name)
        turn_away(tx, click.person, click.channel, words.TRIED.format(what="confirm", transfer=transfer.name), why)
        return why
    frozen = tx.freezes.of(transfer.route.exchange)
    if frozen is not None:
        why = frozen_in_words(house, frozen)
        turn_away(tx, click.person, click.channel, words.TRIED.format(what="confirm", transfer=transfer.name), why)
        return words.NOT_CONFIRMED.format(why=why)
    verdict = still_as_shown(tx, house, transfer)
    if verdict is None:
        return words.NOT_AS_SHOWN.format(transfer=transfer.name, what="confirmed")
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
    return words.CONFIRMED.format(transfer=transfer.name)


def _ask_for_approval(tx: Transaction, house: House, click: Click, transfer: Transfer, tier: Tier) -> str:
    """Let others decide. The event names those whose action is needed, and nobody else is called."""
    move(
        tx,
        transfer,
        State.AWAITING_APPROVAL,
        click.person.user,
        data=call(tx, transfer, tier, tier.wanted(transfer.requester, ())),
        deadline=tx.now + house.config.approve_within,
        approvals_needed=tier.count,
        outcome=None,
    )
    return words.WAITS_FOR_APPROVAL.format(transfer=transfer.name, tier=tier)


def call(tx: Transaction, transfer: Transfer, tier: Tier, people: Iterable[str]) -> dict[str, Any]:
    """Return what an event says that calls approvers: whom, what it takes, and where two steps end up."""
    second = waiting_step(tx, transfer)
    onward = {"onward": str(second.route.destination)} if second else {}
    return {"asks": str(tier), "approvers": sorted(people), **onward}


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
        return words.NO_TRANSFER.format(transfer=f"T{transfer_id}")
    if transfer.requester != person.user:
        requester = house.name_of(transfer.requester)
        why = words.ONLY_THE_REQUESTER_CANCELS.format(person=requester, transfer=transfer.name)
        turn_away(tx, person, "", words.TRIED.format(what="cancel", transfer=transfer.name), why)
        return why
    return _cancel(tx, person, transfer)


def _cancel(tx: Transaction, person: Person, transfer: Transfer) -> str:
    first = tx.get(transfer.follows) if transfer.state is State.WAITING and transfer.follows else None
    if first is not None and first.state in CANCELLABLE:
        transfer = first  # the whole route: nobody wants the money half way
    if transfer.state not in CANCELLABLE:
        return words.NOTHING_TO_CANCEL.format(transfer=transfer.name, state=words.IN_WORDS[transfer.state])
    if is_due(tx, transfer):
        expire(tx, transfer)
        return f"{words.ALREADY_EXPIRED.format(transfer=transfer.name)} {words.NOTHING_SENT}"
    move(tx, transfer, State.CANCELLED, person.user, outcome=f"{words.BY_THE_REQUESTER} {words.NOTHING_SENT}")
    return f"{words.CANCELLED.format(transfer=transfer.name)} {words.NOTHING_SENT}"


def _clicked(tx: Transaction, house: House, click: Click, act: _Act) -> str:
    """Do what a click asks when it comes from the requester and from the transfer's present card."""
    transfer = tx.get(click.transfer_id)
    problem = card_problem(tx, click, transfer)
    if problem is None and transfer is not None and transfer.requester != click.person.user:
        problem = words.ONLY_THE_REQUESTER.format(person=house.name_of(transfer.requester), transfer=transfer.name)
    if problem is None and not house.config.is_listed(click.person.team, click.person.user):
        problem = words.NOT_LISTED
    if problem is not None or transfer is None:
        what = "confirm" if act is _confirm else "cancel"
        attempt = words.TRIED_VERSION.format(what=what, transfer=f"T{click.transfer_id}", version=click.version)
        turn_away(tx, click.person, click.channel, attempt, problem or "")
        return f"{problem} {words.NOTHING_CHANGED}"
    if transfer.state in CANCELLABLE and is_due(tx, transfer):
        expire(tx, transfer)
        return words.EXPIRED.format(transfer=transfer.name)
    return act(tx, house, click, transfer)


def card_problem(tx: Transaction, click: Click, transfer: Transfer | None) -> str | None:
    """Say why a click does not count for where it stands: another message, an old version, no such transfer."""
    if transfer is None or transfer.team != click.person.team:
        return words.NOT_HERE.format(transfer=f"T{click.transfer_id}")
    if transfer.card_ts is None and transfer.channel == click.channel:
        return words.CARD_COMES.format(transfer=transfer.name)
    if (transfer.channel, transfer.card_ts) != (click.channel, click.message_ts):
        return words.NOT_THE_CARD.format(transfer=transfer.name)
    if transfer.version != click.version:
        return words.CARD_CHANGED.format(transfer=transfer.name)
    return None


def expire_due(tx: Transaction) -> datetime | None:
    """End every transfer whose deadline has passed. Returns the next deadline, if any."""
    while (transfer := tx.first_to_die(CANCELLABLE)) is not None:
        if not is_due(tx, transfer):
            return transfer.deadline
        expire(tx, transfer)
    return None
