"""Bugs planted in the real parts, each one a mistake this product must never make; the simulator finds them all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from bot import reconcile
from bot.desk import House, approving, looking, reloading, requests, roll, sending, steps
from bot.desk.house import move
from bot.desk.roll import unasked
from bot.evidence import Snapshot
from bot.exchanges.coinw import CoinwExchange
from bot.exchanges.htx import HtxExchange
from bot.journal import Transaction, transaction
from bot.lanes import Lane, _order
from bot.policy import Tier, Verdict
from bot.transfers import SPENT, State, Transfer, Unknown
from handlers.commands import Commands
from handlers.listening import Listening
from handlers.poster import Poster


@contextmanager
def claim_after_send() -> Iterator[None]:
    """Ask the exchange first and write it down afterwards."""

    def attempt(lane: Any, transfer: Transfer) -> None:
        snapshot = lane._exchange.snapshot(_order(transfer))
        outcome = lane._exchange.transfer(_order(transfer))
        if lane._desk.claim(transfer.id, snapshot).result() is not None:
            lane._record(transfer.id, outcome)

    with patch.object(Lane, "_attempt", attempt):
        yield


@contextmanager
def no_snapshot_of_the_records() -> Iterator[None]:
    """Keep the balance before a send, but not which lines were there already."""

    def blind(snapshot: Callable[..., Snapshot]) -> Callable[..., Snapshot]:
        return lambda exchange, order: Snapshot(snapshot(exchange, order).evidence)

    with (
        patch.object(HtxExchange, "snapshot", blind(HtxExchange.snapshot)),
        patch.object(CoinwExchange, "snapshot", blind(CoinwExchange.snapshot)),
    ):
        yield


@contextmanager
def resend_on_unknown() -> Iterator[None]:
    """Try once more when no answer came."""

    def stubborn(transfer: Callable[..., Any]) -> Callable[..., Any]:
        def twice(exchange: Any, order: Any) -> Any:
            outcome = transfer(exchange, order)
            return transfer(exchange, order) if isinstance(outcome, Unknown) else outcome

        return twice

    with (
        patch.object(HtxExchange, "transfer", stubborn(HtxExchange.transfer)),
        patch.object(CoinwExchange, "transfer", stubborn(CoinwExchange.transfer)),
    ):
        yield


@contextmanager
def line_claimed_twice() -> Iterator[None]:
    """Forget that a line of the records already belongs to a transfer that succeeded."""

    def careless(lost: Any, reading: Any, others: Any, *more: Any) -> Any:
        return reconcile.find(lost, reading, (), *more)

    with patch.object(looking, "find", careless):
        yield


@contextmanager
def ack_before_commit() -> Iterator[None]:
    """Tell Slack that all is well, then write it down."""

    async def unheard(**_: Any) -> None:
        """The ack has left already."""

    async def transfer(commands: Commands, ack: Any, body: Any, context: Any) -> None:
        await ack(text="noted", response_type="ephemeral")
        await told_first(commands, unheard, body, context)

    def button(listening: Listening, *given: Any) -> Any:
        listener = built(listening, *given)

        async def hasty(ack: Any, body: Any, context: Any) -> None:
            await ack()
            await listener(unheard, body, context)

        return hasty

    told_first, built = Commands.transfer, Listening.button
    with patch.object(Commands, "transfer", transfer), patch.object(Listening, "button", button):
        yield


@contextmanager
def outbox_without_look_up() -> Iterator[None]:
    """Post again without looking whether the message is there."""

    async def copies(*_: Any) -> list[str]:
        return []

    with patch.object(Poster, "_copies", copies):
        yield


@contextmanager
def policy_not_asked_after_the_click() -> Iterator[None]:
    """Trust what was allowed at the click, whatever is loaded after it."""
    with (
        patch.object(sending, "still_as_shown", lambda *_: Verdict(None)),
        patch.object(reloading, "review", lambda *_: None),
    ):
        yield


@contextmanager
def approval_of_the_old_version_counts() -> Iterator[None]:
    """Count who approved a transfer at any time, whatever it said then."""

    def agreed(tx: Transaction, transfer: Transfer) -> list[str]:
        votes = tx.events("transfer_id = ? AND kind = 'approve_vote'", transfer.id)
        return list(dict.fromkeys(vote.actor for vote in votes))

    with patch.object(approving, "agreed", agreed), patch.object(sending, "agreed", agreed):
        yield


@contextmanager
def one_person_for_two_groups() -> Iterator[None]:
    """Let somebody who is in two groups count for both."""

    def missing(tier: Tier, people: Collection[str]) -> int:
        return sum(max(0, quorum.count - len(quorum.members & set(people))) for quorum in tier.quorums)

    with patch.object(Tier, "missing", missing):
        yield


@contextmanager
def usage_forgets_unknowns() -> Iterator[None]:
    """Count against a limit only what is known to have moved or is about to."""
    with patch.object(transaction, "SPENT", tuple(state for state in SPENT if state is not State.UNKNOWN)):
        yield


@contextmanager
def frozen_is_asked_too_early() -> Iterator[None]:
    """Look for a freeze when people confirm, not when it is about to leave."""
    with patch.object(sending, "_must_wait", lambda tx, house, transfer: unasked(tx, house, transfer)):
        yield


@contextmanager
def people_trusted_for_ever() -> Iterator[None]:
    """Ask Slack about everybody once."""
    with patch.object(roll, "TRUSTED_FOR", timedelta(hours=1)), patch.object(roll, "REFRESH_AFTER", timedelta(hours=1)):
        yield


@contextmanager
def second_step_without_an_answer_to_the_first() -> Iterator[None]:
    """Take a first step that was sent for one that is done."""

    def carry_on(tx: Transaction, house: House) -> None:
        for second in list(tx.select("state = 'waiting'")):
            first = tx.get(second.follows or 0)
            if first and first.state in (State.SUCCEEDED, State.UNKNOWN):
                steps._release(tx, house, first, second)

    with patch.object(sending, "carry_on", carry_on):
        yield


@contextmanager
def late_second_step_goes_unasked() -> Iterator[None]:
    """Let a second step follow whenever its first is done, be it the next day."""

    def release(tx: Transaction, house: House, _: Transfer, second: Transfer) -> None:
        deadline = tx.now + house.config.send_within
        move(tx, second, State.APPROVED, reserved_at=tx.now, deadline=deadline, outcome=None)

    with patch.object(steps, "_release", release):
        yield


@contextmanager
def second_step_agreed_to_for_ever() -> Iterator[None]:
    """Take what was approved with the first step for enough when the second is asked again."""

    def is_second(transfer: Transfer) -> bool:
        return transfer.follows is not None and transfer.retry_of is None

    def still_as_shown(tx: Transaction, house: House, transfer: Transfer) -> Verdict | None:
        verdict = asked(tx, house, transfer)
        return replace(verdict, tier=None) if verdict and is_second(transfer) else verdict

    def not_agreed(tx: Transaction, transfer: Transfer, tier: Tier | None) -> str | None:
        return None if is_second(transfer) else counted(tx, transfer, tier)

    asked, counted = requests.still_as_shown, sending._not_agreed
    with patch.object(requests, "still_as_shown", still_as_shown), patch.object(sending, "_not_agreed", not_agreed):
        yield


@contextmanager
def stranded_money_moved_on_twice() -> Iterator[None]:
    """Offer a second step again that somebody has begun to try again, or to send back."""
    with patch.object(steps, "remedies", lambda *_: ()):
        yield


BUGS: Mapping[str, Callable[[], AbstractContextManager[None]]] = MappingProxyType(
    {
        bug.__name__: bug
        for bug in (
            claim_after_send,
            no_snapshot_of_the_records,
            resend_on_unknown,
            line_claimed_twice,
            ack_before_commit,
            outbox_without_look_up,
            policy_not_asked_after_the_click,
            approval_of_the_old_version_counts,
            one_person_for_two_groups,
            usage_forgets_unknowns,
            frozen_is_asked_too_early,
            people_trusted_for_ever,
            second_step_without_an_answer_to_the_first,
            late_second_step_goes_unasked,
            second_step_agreed_to_for_ever,
            stranded_money_moved_on_twice,
        )
    }
)
