"""What every use case needs: the rules of the house, who asks, and the one way a transfer goes an arrow further."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from bot import words
from bot.accounts import Account, is_readable, margin_account, plain
from bot.clock import to_text
from bot.config import Config
from bot.grammar import TransferIntent
from bot.journal import DESK, Due, Event, Transaction
from bot.policy import Request, Rule, Spent, Verdict, decide, select, together
from bot.reconcile import pause
from bot.totp import SecondFactors
from bot.transfers import FINAL, WATCHED, WITHOUT_ANSWER, State, Transfer

# How long an ended transfer still counts as "the same one again": people retype after a time-out.
RECENT = timedelta(minutes=10)

# It ended, and the money is where it was.
FAILED = FINAL - {State.SUCCEEDED}
# States that end a transfer or leave it without an answer: told in the audit channel.
OUTCOMES = FINAL | {State.UNKNOWN}
# The requester pressed Cancel and knows; everything else they hear about under the card.
_TOLD_TO_THE_REQUESTER = OUTCOMES - {State.CANCELLED}
# Their cards show what both sides have, as last read.
PREVIEWED = (State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED)
# A reply, because an edited card calls nobody: the approvers, who are named in the event.
_TOLD_UNDER_THE_CARD = _TOLD_TO_THE_REQUESTER | {State.AWAITING_APPROVAL}


@dataclass(frozen=True)
class House:
    """The rules in force.

    Attributes:
        fingerprints: which key each connection uses now.
        users: the exchange's own user behind each connection, as `Exchange.user` gives it.
        factors: who has one-time codes.
    """

    config: Config
    fingerprints: Mapping[str, str]
    users: Mapping[str, str] = field(default_factory=dict)
    factors: SecondFactors = field(default_factory=lambda: SecondFactors({}))

    def name_of(self, user: str) -> str:
        """Return the name desk.toml gives a user id, for texts."""
        return self.config.name_of(user)


@dataclass(frozen=True)
class Person:
    """Who is asking: Slack team id and user id, nothing a person can choose."""

    team: str
    user: str


@dataclass(frozen=True)
class Ask:
    """A typed transfer. `key` names the delivery; the same key twice is the same request.

    Attributes:
        follows: the step that was done, where this one moves the same money on.
        retry_of: the transfer this one tries again.
        available: what the amount is a share of, where it was typed as one.
    """

    key: str
    person: Person
    channel: str
    text: str
    intent: TransferIntent
    follows: int | None = None
    retry_of: int | None = None
    available: Decimal | None = None


@dataclass(frozen=True)
class Click:
    """A pressed button: what it says it is about, and the message it stood on."""

    key: str
    person: Person
    transfer_id: int
    version: int
    channel: str
    message_ts: str


class Refusal(str):
    """An answer that says why not. Nothing changed."""

    __slots__ = ()


def facts(transfer: Transfer) -> dict[str, Any]:
    """What an auditor wants beside every outcome, so that its event can be read alone.

    It is the whole row, but for where its card stands and for the moments that are the events' own: from the events
    alone `bot.audit` works out every row again. `policy_hash` is what it was shown under, `policy` what was in force.
    """
    return {
        "route": str(transfer.route),
        "margin_account": transfer.margin_account,
        "amount": plain(transfer.amount),
        "currency": transfer.currency,
        "requester": transfer.requester,
        "team": transfer.team,
        "channel": transfer.channel,
        "connection": transfer.connection,
        "rule": transfer.rule,
        "rule_hash": transfer.rule_hash,
        "policy_hash": transfer.policy_hash,
        "seal": transfer.seal,
        "version": transfer.version,
        "approvals_needed": transfer.approvals_needed,
        "deadline": to_text(transfer.deadline) if transfer.deadline else None,
        "outcome": transfer.outcome,
        "reference": transfer.exchange_reference,
        **({"reason": transfer.reason} if transfer.reason else {}),
        **({"follows": transfer.follows} if transfer.follows else {}),
        **({"retry_of": transfer.retry_of} if transfer.retry_of else {}),
        **({"share": transfer.share} if transfer.share else {}),
    }


def move(
    tx: Transaction,
    before: Transfer,
    state: State,
    actor: str = DESK,
    data: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Transfer:
    """Take one arrow: compare-and-set, one event, and what Slack must be told, all in this transaction.

    A step that waits for one which ends without success ends with it.

    Args:
        actor: the Slack user id of whoever caused it, or `desk`.
        data: what the event says beside the facts of the transfer.
        changes: fields of the transfer that change with the state.
    """
    if state in FINAL:
        changes |= {"settled_at": tx.now, "deadline": None}
    after = tx.advance(before, before.moved(state, **changes))
    if before.state in WITHOUT_ANSWER:
        _look_after(tx, after)
    event = tx.event(state.value, actor, after, **facts(after), before=before.state.value, **(data or {}))
    publish(tx, after, event)
    second = waiting_step(tx, after) if state in FAILED else None
    if second is not None:
        move(tx, second, State.CANCELLED, outcome=f"{words.FIRST_STEP_FAILED} {words.NOTHING_SENT}")
    return after


def _look_after(tx: Transaction, transfer: Transfer) -> None:
    """Have the exchange's records read while an answer is missing, and for a day when it should not be there."""
    if transfer.state is State.UNKNOWN or transfer.state in WATCHED:
        watched = transfer.state is not State.UNKNOWN
        due = Due(transfer.id, watched, 0, tx.now + pause(watched, 0))
        tx.looks.plan(transfer.route.exchange, due)
    else:
        tx.looks.end(transfer.id)


def publish(tx: Transaction, transfer: Transfer, event: Event) -> None:
    """Queue what Slack must be told of a change: the card, equal proposals' cards, and outcomes."""
    show(tx, transfer, ends(tx, transfer), twins(tx, transfer))
    goes_on = transfer.state is State.SUCCEEDED and waiting_step(tx, transfer) is not None
    if transfer.state in _TOLD_UNDER_THE_CARD and not goes_on:
        tx.outbox.tell("thread", transfer.id, event.seq)
    if transfer.state in OUTCOMES:
        tx.outbox.tell("audit", transfer.id, event.seq)


def show(tx: Transaction, transfer: Transfer, both: tuple[Account, Account], equal: Iterable[Transfer]) -> None:
    """Queue the cards a change shows on: the transfer's own, equal proposals', and that of a step it tries again.

    Where people are asked something, what both sides have is read anew for them.
    """
    redraw(tx, transfer)
    if transfer.state in (State.PROPOSED, State.AWAITING_APPROVAL):
        for account in filter(is_readable, both):
            tx.balances.want(account, transfer.currency)
    for twin in equal:
        if twin.state in (State.PROPOSED, State.WAITING):
            redraw(tx, twin)
    again = tx.get(transfer.retry_of) if transfer.retry_of else None
    if again is not None and again.follows:
        redraw(tx, again)  # it says what became of the step it could not take


def redraw(tx: Transaction, transfer: Transfer) -> None:
    """Have the card a transfer stands on posted, or edited to what is true then."""
    tx.outbox.card(transfer.card_of)


def ends(tx: Transaction, transfer: Transfer) -> tuple[Account, Account]:
    """Return where money leaves and where it ends up: with a step that waits for this one, where that one takes it."""
    second = waiting_step(tx, transfer)
    return transfer.route.source, (second or transfer).route.destination


def waiting_step(tx: Transaction, first: Transfer) -> Transfer | None:
    """Return the second step of a route, while it waits for the first."""
    return next(tx.select("follows = ? AND retry_of IS NULL AND state = ?", first.id, State.WAITING.value), None)


def tell(tx: Transaction, person: Person, channel: str, said: str) -> None:
    """Tell one person something privately, where they used the desk."""
    event = tx.event("told", DESK, team=person.team, person=person.user, channel=channel, words=said)
    tx.outbox.tell("private", None, event.seq)


def twins(tx: Transaction, transfer: Transfer) -> tuple[Transfer, ...]:
    """Return other transfers of the same route and amount that are open or ended within `RECENT`."""
    route = transfer.route
    # No limit on how many: an equal transfer without an answer must be found however long ago it was sent.
    equal = tx.select(
        "exchange = ? AND source = ? AND destination = ? AND currency = ? AND amount = ? AND id <> ? "
        "AND coalesce(settled_at, 'open') >= ?",
        route.exchange,
        str(route.source),
        str(route.destination),
        transfer.currency,
        plain(transfer.amount),
        transfer.id,
        to_text(tx.now - RECENT),
        order="coalesce(settled_at, 'open')",  # as they lie in the index; they are few, and mostly none
    )
    return tuple(sorted(equal, key=attrgetter("id"), reverse=True))


def all_twins(tx: Transaction, transfer: Transfer) -> tuple[Transfer, ...]:
    """Return the twins of a transfer and of the step that waits for it."""
    second = waiting_step(tx, transfer)
    return twins(tx, transfer) + (twins(tx, second) if second else ())


def expire(tx: Transaction, transfer: Transfer) -> Transfer:
    """End a transfer whose deadline has passed, saying why nothing happened."""
    why = {
        State.PROPOSED: words.UNCONFIRMED,
        State.APPROVED: words.UNSENT,
        State.AWAITING_APPROVAL: words.UNAPPROVED,
    }[transfer.state]
    if transfer.state is State.APPROVED and transfer.outcome:
        why = f"{why} {transfer.outcome}"
    return move(tx, transfer, State.EXPIRED, outcome=f"{why} {words.NOTHING_SENT}")


def is_due(tx: Transaction, transfer: Transfer) -> bool:
    """Tell whether the deadline of a transfer has passed."""
    return transfer.deadline is not None and transfer.deadline <= tx.now


def judge(tx: Transaction, house: House, transfer: Transfer, spent: Iterable[Spent] | None = None) -> Verdict:
    """Ask the policy about a transfer as of now; somebody taken off the allowlist may do nothing.

    Args:
        spent: what counts against limits; all that does, unless it is given.
    """
    if not house.config.is_listed(transfer.team, transfer.requester):
        return Verdict(None, (words.REQUESTER_GONE,))
    if spent is None:
        spent = tx.spent(transfer.currency, besides=transfer.money_id)
    return decide(_request(transfer), house.config.rules, tx.now, spent)


def _request(transfer: Transfer) -> Request:
    return Request(transfer.requester, transfer.route, transfer.currency, transfer.amount, transfer.reason)


def is_as_shown(tx: Transaction, house: House, transfer: Transfer) -> bool:
    """Tell whether the rule that decides on a transfer, the key and the margin account are those its card showed."""
    second = waiting_step(tx, transfer)
    return _is_as_shown(house, transfer) and (second is None or _is_as_shown(house, second))


def _is_as_shown(house: House, transfer: Transfer) -> bool:
    config = house.config
    rule = select(_request(transfer), config.rules)
    if rule is None or transfer.route.exchange not in house.fingerprints:
        return False
    served = transfer.channel in config.channels and config.is_listed(transfer.team, transfer.requester)
    return served and _shown_now(house, transfer, rule).seal_now() == transfer.seal


def _shown_now(house: House, transfer: Transfer, rule: Rule) -> Transfer:
    """Return a transfer with what its card would show of the rules and keys of now."""
    exchange = transfer.route.exchange
    return replace(
        transfer,
        rule=rule.name,
        rule_hash=rule.hash,
        connection=house.fingerprints[exchange],
        margin_account=margin_account(transfer.route, house.config.venues[exchange]),
    )


def still_as_shown(
    tx: Transaction, house: House, transfer: Transfer, spent: Iterable[Spent] | None = None
) -> Verdict | None:
    """Check a transfer against the rules, limits and keys of now. Returns the verdict; None, and nothing advances.

    Forbidden now, or the journal's row is not what was sealed: it ends as blocked. Allowed but by another rule, key or
    margin account than the card showed: it becomes a new version and is asked again. With a step that waits for it,
    both are checked, and the verdict takes the people of both.

    Args:
        spent: as for `judge`.
    """
    second = waiting_step(tx, transfer)
    steps = (transfer, second) if second else (transfer,)
    if any(step.seal != step.seal_now() for step in steps):
        move(tx, transfer, State.BLOCKED, outcome=f"{words.ROW_CHANGED} {words.NOTHING_SENT}")
        return None
    if transfer.channel not in house.config.channels:
        move(tx, transfer, State.BLOCKED, outcome=f"{words.CHANNEL_GONE} {words.NOTHING_SENT}")
        return None
    verdict = judge_steps(tx, house, steps, spent)
    if verdict.rule is None or not verdict.allowed or transfer.route.exchange not in house.fingerprints:
        reasons = " ".join(verdict.reasons) or words.EXCHANGE_GONE.format(exchange=transfer.route.exchange)
        move(tx, transfer, State.BLOCKED, outcome=f"{reasons} {words.NOTHING_SENT}")
        return None
    if all(_is_as_shown(house, step) for step in steps):
        return verdict
    tier = verdict.tier
    changed = replace(
        _shown_now(house, transfer, verdict.rule),
        policy_hash=house.config.hash,
        approvals_needed=tier.count if tier else 0,
    )
    void = f" {words.VOTES_VOID}" if tx.approvals(transfer) else ""
    ask_again(tx, house, changed, f"{words.RULES_CHANGED}{void}")
    return None


def judge_steps(
    tx: Transaction, house: House, steps: Sequence[Transfer], spent: Iterable[Spent] | None = None
) -> Verdict:
    """Ask the policy about every step of a route; see `bot.policy.together`."""
    return together([judge(tx, house, step, spent) for step in steps], steps[0].requester)


def ask_again(tx: Transaction, house: House, transfer: Transfer, why: str, **data: str) -> None:
    """Put a transfer before its requester as a new version; what was agreed to no longer counts.

    A step that waits for it becomes a new version with it, and moves the same amount.

    Args:
        data: what the event says beside the facts of the transfer.
    """
    before = tx.get(transfer.id)
    if before is None:
        raise ValueError(f"{transfer.name} is not in the journal")
    after = replace(
        transfer,
        state=State.PROPOSED,
        version=before.version + 1,
        deadline=tx.now + house.config.confirm_within,
        reserved_at=None,
        outcome=words.ASKED_AGAIN.format(why=why),
    ).sealed()
    if before.state is not State.PROPOSED:
        before.moved(State.PROPOSED)  # the arrow must exist
    second = waiting_step(tx, before)
    tx.advance(before, after)
    if second is not None:
        _renew(tx, house, replace(second, amount=after.amount))
    event = tx.event("asked_again", DESK, after, **facts(after), before=before.state.value, **data)
    publish(tx, after, event)
    tx.outbox.tell("thread", after.id, event.seq)


def _renew(tx: Transaction, house: House, second: Transfer) -> None:
    """Make a new version of a step that waits, with what the rules and keys of now say of it."""
    rule = select(_request(second), house.config.rules)
    shown = _shown_now(house, second, rule) if rule and second.route.exchange in house.fingerprints else second
    renewed = replace(shown, version=second.version + 1, policy_hash=house.config.hash).sealed()
    tx.advance(second, renewed)
    tx.event(State.WAITING.value, DESK, renewed, **facts(renewed), before=State.WAITING.value)
