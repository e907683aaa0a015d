"""The readings of balances against the sandbox's exchanges, which judge verb, signature, body and rate themselves."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from exchange_orders import htx, order

from bot.accounts import Account
from bot.errors import BalanceHidden, ExchangeUnreadable
from bot.sandbox.exchange_htx import FUTURES_READS_PER_SECOND, HtxLookalike
from bot.transfers import Accepted

HELD = {
    "spot": {"USDT": "1000.5"},
    "otc": {"USDT": "7"},
    "linear-swap": {"USDT": "50.00000001"},
    "swap": {"BTC": "1.25"},
    "futures": {"ETH": "0.00000003"},
}


@pytest.fixture
def open_htx(loop, transport, clock):
    """Start an HTX with every kind of account; all are stopped at the end."""
    opened: list[HtxLookalike] = []

    def begin(**options):
        lookalike = HtxLookalike(clock, "test-access-key-0001", "test-secret-key-0001", 63628520, HELD, **options)
        opened.append(lookalike)
        url = asyncio.run_coroutine_threadsafe(lookalike.start(), loop).result()
        return lookalike, htx(url, transport, clock=clock)

    yield begin
    for lookalike in opened:
        asyncio.run_coroutine_threadsafe(lookalike.stop(), loop).result()


def test_every_kind_of_htx_account_tells_what_can_leave_it(open_htx):
    _, exchange = open_htx()
    read = {
        (account, currency): exchange.available(Account("htx", account), currency)
        for account, held in HELD.items()
        for currency in held
    }
    assert read == {(account, currency): text for account, held in HELD.items() for currency, text in held.items()}
    assert exchange.available(Account("htx", "futures"), "BTC") == "0"


def test_a_transfer_shows_on_both_sides(open_htx):
    _, exchange = open_htx()
    assert isinstance(exchange.transfer(order("htx:spot -> htx:otc", "0.5", margin="USDT")), Accepted)
    assert [exchange.available(Account("htx", side), "USDT") for side in ("spot", "otc")] == ["1000", "7.5"]


def test_otc_can_be_hidden(open_htx):
    _, exchange = open_htx(otc_is_shown=False)
    with pytest.raises(BalanceHidden):
        exchange.available(Account("htx", "otc"), "USDT")
    assert exchange.available(Account("htx", "spot"), "USDT") == "1000.5"


def test_a_key_that_may_not_read_is_refused_on_the_futures_host_in_its_own_words(open_htx):
    _, exchange = open_htx(permission="trade")
    for account in ("linear-swap", "swap", "futures"):
        with pytest.raises(ExchangeUnreadable, match="403: API key has no permission"):
            exchange.available(Account("htx", account), "BTC")


def test_the_futures_host_wants_no_more_than_its_rate(open_htx, clock):
    _, exchange = open_htx()
    for _ in range(FUTURES_READS_PER_SECOND):
        exchange.available(Account("htx", "swap"), "BTC")
    with pytest.raises(ExchangeUnreadable, match="too many requests"):
        exchange.available(Account("htx", "swap"), "BTC")
    clock.advance(1.0)
    assert exchange.available(Account("htx", "swap"), "BTC") == "1.25"


def test_coinws_sub_account_tells_what_a_transfer_left(coinw_pair):
    lookalike, exchange = coinw_pair
    maker = Account("coinw", "39000001")
    assert exchange.available(maker, "USDT") == "20"
    lookalike.book.move("39000001", "master", "USDT", Decimal("0.5"))
    assert exchange.available(maker, "USDT") == "19.5"
    with pytest.raises(ExchangeUnreadable):
        exchange.available(maker, "DOGE")
