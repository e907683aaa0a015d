"""A rule to begin with, and short ways to say what differs from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.accounts import Account, Route
from bot.policy import Quorum, Request, Rule, Spent, Tier, Verdict, decide

SPOT, SWAP, ISOLATED = (
    Account("htx", "spot"),
    Account("htx", "linear-swap"),
    Account("htx", "linear-swap", "BTC-USDT"),
)
ALICE, BOB, CAROL, DAN, EVE = "U01ALICE", "U02BOB", "U03CAROL", "U04DAN", "U05EVE"
THERE = Route(SPOT, SWAP)
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday

BARE = Rule(
    name="collateral",
    who=frozenset({ALICE, BOB}),
    sources=frozenset({SPOT}),
    destinations=frozenset({SWAP, ISOLATED}),
    currencies=frozenset({"USDT", "BTC"}),
)
COLLATERAL = replace(BARE, per_transfer={"USDT": Decimal("1000"), "BTC": Decimal("0.5")})
REQUEST = Request(ALICE, THERE, "USDT", Decimal("250"))


def usdt(amount: str) -> dict[str, Decimal]:
    return {"USDT": Decimal(amount)}


def asking(amount: str, **changes: Any) -> Request:
    return replace(REQUEST, amount=Decimal(amount), **changes)


def spent(amount: str, requester: str = ALICE, currency: str = "USDT", route: Route = THERE) -> Spent:
    return Spent(requester, route, currency, Decimal(amount))


def quorum(count: int, *members: str, group: str = "treasurers") -> Quorum:
    return Quorum(group, frozenset(members), count)


def tier(above: str, *quorums: Quorum, second_factor: bool = False) -> Tier:
    return Tier(usdt(above), quorums, second_factor)


def judged(rule: Rule, request: Request = REQUEST, spent: Iterable[Spent] = (), now: datetime = NOON) -> Verdict:
    return decide(request, [rule], now, spent)
