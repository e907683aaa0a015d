"""The adapters against the sandbox's exchanges, which were written from the references without looking at them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from exchange_orders import coinw, htx, order

from bot.accounts import Account
from bot.clock import SystemClock
from bot.exchanges.coinw import CoinwExchange
from bot.exchanges.htx import HtxExchange
from bot.exchanges.transport import Transport
from bot.sandbox.exchange_coinw import CoinwLookalike, SubAccount
from bot.sandbox.exchange_htx import HtxLookalike
from bot.sandbox.faults import SCRIPTS
from bot.sandbox.lookalike import Lookalike
from bot.transfers import Accepted, Refused, Unknown

SUBS = {"39000001": SubAccount("u1", "anna@example.com"), "39000002": SubAccount("u2", "ben@example.com")}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop on a thread of its own, as the sandbox has one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def start(loop: asyncio.AbstractEventLoop, lookalike: Lookalike) -> str:
    return asyncio.run_coroutine_threadsafe(lookalike.start(), loop).result()


@pytest.fixture
def htx_pair(loop, transport) -> Iterator[tuple[HtxLookalike, HtxExchange]]:
    lookalike = HtxLookalike(
        SystemClock(),
        "test-access-key-0001",
        "test-secret-key-0001",
        63628520,
        {"spot": {"USDT": "1000"}, "linear-swap": {"USDT": "50"}},
    )
    yield lookalike, htx(start(loop, lookalike), transport, clock=SystemClock())
    asyncio.run_coroutine_threadsafe(lookalike.stop(), loop).result()


@pytest.fixture
def coinw_pair(loop, transport) -> Iterator[tuple[CoinwLookalike, CoinwExchange]]:
    lookalike = CoinwLookalike(
        SystemClock(),
        "test_api_key",
        "test_secret_key",
        38000000,
        SUBS,
        {"master": {"USDT": "500"}, "39000001": {"USDT": "20"}},
    )
    yield lookalike, coinw(start(loop, lookalike), transport, clock=SystemClock())
    asyncio.run_coroutine_threadsafe(lookalike.stop(), loop).result()


def test_htx_moves_what_was_ordered(htx_pair):
    lookalike, exchange = htx_pair
    asked = order("htx:spot -> htx:linear-swap", "250.5", margin="USDT")
    assert exchange.snapshot(asked).evidence["spot.available"] == "1000"
    assert isinstance(exchange.transfer(asked), Accepted)
    assert exchange.snapshot(asked).evidence["spot.available"] == "749.5"
    assert lookalike.balances()["htx:linear-swap"]["USDT"] == "300.5"


def test_htx_refuses_more_than_there_is(htx_pair):
    _, exchange = htx_pair
    outcome = exchange.transfer(order("htx:linear-swap -> htx:spot", "51", margin="USDT"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "1301"


def test_a_good_htx_key_passes_every_look(htx_pair):
    _, exchange = htx_pair
    found = exchange.probe(frozenset({Account("htx", "spot"), Account("htx", "linear-swap")}))
    assert [finding.subject for finding in found if not finding.ok] == []
    assert exchange.user() == "63628520"


def test_a_wrong_htx_secret_is_refused(htx_pair, transport: Transport):
    lookalike, _ = htx_pair
    wrong = HtxExchange(
        "htx", lookalike.url, lookalike.url, "test-access-key-0001", "wrong", clock=SystemClock(), transport=transport
    )
    outcome = wrong.transfer(order("htx:spot -> htx:otc", margin="USDT"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "api-signature-not-valid"
    assert not lookalike.executed


def test_coinw_moves_what_was_ordered_both_ways(coinw_pair):
    lookalike, exchange = coinw_pair
    there, back = order("coinw:master -> coinw:39000001"), order("coinw:39000001 -> coinw:master", "25")
    assert exchange.snapshot(there).evidence["sub.available"] == "20"
    assert isinstance(exchange.transfer(there), Accepted)
    assert exchange.snapshot(back).evidence["sub.available"] == "30"
    assert isinstance(exchange.transfer(back), Accepted)
    assert lookalike.balances()["coinw:master"]["USDT"] == "515"
    assert lookalike.balances()["coinw:39000001"]["USDT"] == "5"


def test_coinw_refuses_more_than_there_is(coinw_pair):
    _, exchange = coinw_pair
    outcome = exchange.transfer(order("coinw:master -> coinw:39000002", "501"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "200005"


def test_a_good_coinw_key_passes_every_look(coinw_pair):
    _, exchange = coinw_pair
    assert [finding.subject for finding in exchange.probe(frozenset()) if not finding.ok] == []


@pytest.mark.parametrize("kind", SCRIPTS)
def test_only_a_transfer_that_did_not_happen_is_called_refused_or_not_sent(htx_pair, coinw_pair, kind):
    for (lookalike, exchange), asked in (
        (htx_pair, order("htx:spot -> htx:linear-swap", margin="USDT")),
        (coinw_pair, order("coinw:master -> coinw:39000001")),
    ):
        lookalike.faults.plan(kind)
        outcome = exchange.transfer(asked)
        assert isinstance(outcome, Refused | Unknown)
        assert isinstance(outcome, Unknown) or not lookalike.executed
        assert len(lookalike.requests) == 1
