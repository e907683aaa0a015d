"""Clocks, orders, and adapters with the keys of `vectors.json`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.accounts import Account, Route
from bot.clock import Clock, SystemClock
from bot.exchanges import Order
from bot.exchanges.coinw import CoinwExchange
from bot.exchanges.htx import HtxExchange
from bot.exchanges.transport import Transport

HTX_URL = "https://api.huobi.pro"
COINW_URL = "https://api.coinw.com"


@dataclass
class StillClock:
    """A clock that shows what a test sets."""

    moment: datetime = datetime(2026, 11, 20, 4, 24, 15, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


class HurriedClock(SystemClock):
    """The machine's clock, put forward when a test cannot wait."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead_s)

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead_s

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds


def order(route: str, amount: str = "10", currency: str = "USDT", margin: str = "") -> Order:
    """`order("htx:spot -> htx:linear-swap", margin="USDT")`"""
    source, destination = (Account.from_canonical(side) for side in route.split(" -> "))
    return Order(Route(source, destination), currency, Decimal(amount), margin)


def htx(url: str = HTX_URL, transport: Transport | None = None, clock: Clock | None = None) -> HtxExchange:
    return HtxExchange(
        "htx",
        url,
        url if "127.0.0.1" in url else "https://api.hbdm.com",
        "test-access-key-0001",
        "test-secret-key-0001",
        clock=clock or StillClock(),
        transport=transport,
    )


def coinw(url: str = COINW_URL, transport: Transport | None = None, clock: Clock | None = None) -> CoinwExchange:
    return CoinwExchange(
        "coinw",
        url,
        "test_api_key",
        "test_secret_key",
        {"maker": "39000001", "arbitrage": "39000002"},
        clock=clock or StillClock(),
        transport=transport,
    )
