"""Bugs planted in the real parts, each one a mistake this product must never make; the simulator finds them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from bot import reconcile
from bot.desk import looking, sending
from bot.evidence import Snapshot
from bot.exchanges.coinw import CoinwExchange
from bot.exchanges.htx import HtxExchange
from bot.lanes import Lane, _order
from bot.transfers import Transfer, Unknown
from handlers.buttons import Buttons
from handlers.commands import Commands
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

    def careless(lost: Any, reading: Any, others: Any, rivals: Any, looked_at: Any) -> Any:
        return reconcile.find(lost, reading, (), rivals, looked_at)

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

    def button(buttons: Buttons, *given: Any) -> Any:
        listener = built(buttons, *given)

        async def hasty(ack: Any, body: Any, context: Any) -> None:
            await ack()
            await listener(unheard, body, context)

        return hasty

    told_first, built = Commands.transfer, Buttons._button
    with patch.object(Commands, "transfer", transfer), patch.object(Buttons, "_button", button):
        yield


@contextmanager
def outbox_without_look_up() -> Iterator[None]:
    """Post again without looking whether the message is there."""

    async def copies(*_: Any) -> list[str]:
        return []

    with patch.object(Poster, "_copies", copies):
        yield


@contextmanager
def policy_not_asked_at_the_claim() -> Iterator[None]:
    """Trust at the claim what was allowed at the click."""
    with patch.object(sending, "still_as_shown", lambda *_: True):
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
            policy_not_asked_at_the_claim,
        )
    }
)
