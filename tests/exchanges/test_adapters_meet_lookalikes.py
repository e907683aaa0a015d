"""The adapters against the sandbox's exchanges, which were written from the references without looking at them."""

from __future__ import annotations

import pytest
from exchange_orders import order

from bot.accounts import Account
from bot.exchanges.htx import HtxExchange
from bot.exchanges.transport import Transport
from bot.sandbox.faults import SCRIPTS
from bot.transfers import Accepted, Refused, Unknown


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


def test_a_wrong_htx_secret_is_refused(htx_pair, transport: Transport, clock):
    lookalike, _ = htx_pair
    wrong = HtxExchange(
        "htx", lookalike.url, lookalike.url, "test-access-key-0001", "wrong", clock=clock, transport=transport
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
