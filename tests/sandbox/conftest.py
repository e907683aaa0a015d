"""Look-alikes on loopback and callers that sign by hand, from the exchanges' published text and nothing of ours."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from bot.sandbox.exchange_coinw import CoinwLookalike, SubAccount
from bot.sandbox.exchange_htx import HtxLookalike
from bot.sandbox.lookalike import Lookalike

JSON = {"Content-Type": "application/json"}


class VirtualClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 20, 4, 24, 15, tzinfo=UTC)
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


@dataclass(frozen=True)
class Reply:
    """A response, read to its end."""

    status: int
    text: str
    content_type: str
    location: str | None

    @property
    def json(self) -> Any:
        return json.loads(self.text, parse_float=Decimal)


class Bench:
    """One running look-alike and a client for it."""

    lookalike: Lookalike

    def __init__(self, runner: asyncio.Runner, clock: VirtualClock) -> None:
        self.runner = runner
        self.clock = clock

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def ask(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """Send one request, its target byte for byte, and follow nothing."""
        url = URL(self.lookalike.url + target, encoded=True)
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, headers=headers or {}, data=body, allow_redirects=False) as response,
        ):
            location = response.headers.get("Location")
            return Reply(response.status, await response.text(), response.content_type, location)

    def send(self, *args: Any, **more: Any) -> Reply:
        return self.run(self.ask(*args, **more))


class HtxBench(Bench):
    KEY, SECRET = "test-access-key-0001", "test-secret-key-0001"
    UID = 63628520

    def open(self, **more: Any) -> HtxBench:
        """Start the exchange, with the options a test is about."""
        opening = {"spot": {"USDT": "10000", "BTC": "2"}, "linear-swap": {"USDT": "500"}}
        self.lookalike = HtxLookalike(self.clock, self.KEY, self.SECRET, self.UID, opening, **more)
        self.run(self.lookalike.start())
        return self

    def signed(self, method: str, path: str, host: str | None = None, **params: str) -> str:
        """Build a signed target; auth parameters may be overridden through `params`."""
        query = {
            "AccessKeyId": self.KEY,
            "SignatureMethod": "HmacSHA256",
            "SignatureVersion": "2",
            "Timestamp": self.clock.now().strftime("%Y-%m-%dT%H:%M:%S"),
        } | params
        line = "&".join(f"{name}={quote(query[name], safe='')}" for name in sorted(query))
        text = f"{method}\n{host or self.lookalike.url.removeprefix('http://')}\n{path}\n{line}"
        digest = hmac.new(self.SECRET.encode(), text.encode(), hashlib.sha256).digest()
        return f"{path}?{line}&Signature={quote(base64.b64encode(digest).decode(), safe='')}"

    def get(self, path: str, **params: str) -> Any:
        return self.send("GET", self.signed("GET", path, **params)).json

    def body(self, **changes: Any) -> bytes:
        """A good transfer's body; a field changed to `...` is left out, `margin_account` is `margin-account`."""
        fields = {
            "from": "spot",
            "to": "linear-swap",
            "currency": "usdt",
            "amount": "250",
            "margin-account": "USDT",
        } | {name.rstrip("_").replace("_", "-"): value for name, value in changes.items()}
        return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()

    async def ask_transfer(self, **changes: Any) -> Reply:
        self.clock.advance(1.1)
        target = self.signed("POST", "/v2/account/transfer")
        return await self.ask("POST", target, JSON, self.body(**changes))

    def transfer(self, **changes: Any) -> Reply:
        return self.run(self.ask_transfer(**changes))


class CoinwBench(Bench):
    KEY, SECRET = "test_api_key", "test_secret_key"
    UID = 38000000

    def open(self, **more: Any) -> CoinwBench:
        subs = {"39000001": SubAccount("U1", "maker"), "39000002": SubAccount("U2", "frozen", frozen=True)}
        opening = {"master": {"USDT": "5000"}, "39000001": {"USDT": "100"}, "master/spot": {"BTC": "0.0012"}}
        self.lookalike = CoinwLookalike(self.clock, self.KEY, self.SECRET, self.UID, subs, opening, **more)
        self.run(self.lookalike.start())
        return self

    def signed(self, command: str, **params: str) -> str:
        given = params | {"api_key": self.KEY}
        base = "&".join(f"{name}={given[name]}" for name in sorted(given))
        sign = hashlib.md5(f"{base}&secret_key={self.SECRET}".encode()).hexdigest().upper()
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
        return f"/api/v1/private?command={command}&sign={sign}&{query}"

    def call(self, command: str, **params: str) -> Any:
        self.clock.advance(1.1)
        return self.send("POST", self.signed(command, **params), JSON).json

    async def ask_transfer(self, **changes: Any) -> Reply:
        self.clock.advance(1.1)
        good = {"side": "OUT", "subUid": "39000001", "currency": "USDT", "amount": "250"} | changes
        target = self.signed("subAccount_transfer", **{name: value for name, value in good.items() if value is not ...})
        return await self.ask("POST", target, JSON)

    def transfer(self, **changes: Any) -> Reply:
        return self.run(self.ask_transfer(**changes))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def htx_closed(clock: VirtualClock) -> Iterator[HtxBench]:
    """An HTX still to be opened with a test's own options."""
    with asyncio.Runner() as runner:
        bench = HtxBench(runner, clock)
        yield bench
        runner.run(bench.lookalike.stop())


@pytest.fixture
def htx(htx_closed: HtxBench) -> HtxBench:
    return htx_closed.open()


@pytest.fixture
def coinw(clock: VirtualClock) -> Iterator[CoinwBench]:
    with asyncio.Runner() as runner:
        bench = CoinwBench(runner, clock).open()
        yield bench
        runner.run(bench.lookalike.stop())


@pytest.fixture(params=["htx", "coinw"])
def exchange(request: pytest.FixtureRequest) -> HtxBench | CoinwBench:
    """Each of the two, for what they must have in common."""
    return request.getfixturevalue(request.param)
