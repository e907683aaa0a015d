"""What CoinW's transfer history and the sub-account's balance show of a transfer whose answer was lost."""

from __future__ import annotations

import hashlib

import httpx
import pytest
import respx
from coinw_bench import AVAILABLE, BEFORE, IN, OUT, ids, row
from exchange_orders import order

from bot.errors import ExchangeUnreadable
from bot.evidence import Balance, Line, Reading, Snapshot


@pytest.mark.parametrize(("asked", "codes"), [(OUT, ("4", "3")), (IN, ("3", "4"))])
def test_the_history_is_asked_for_currency_and_direction(coinw, asked, codes):
    coinw.look(asked)
    assert coinw.asked() == [
        f"command=returnTransferHistory&api_key=test_api_key&currency=USDT&from={codes[0]}"
        f"&pageNo=1&pageSize=100&to={codes[1]}"
    ]
    assert coinw.asked(AVAILABLE) == [
        "command=subAccount_transferAvailable&api_key=test_api_key&coinCode=USDT&subUid=39000001"
    ]
    request = respx.mock.calls[0].request
    text = (
        f"api_key=test_api_key&currency=USDT&from={codes[0]}&pageNo=1&pageSize=100&to={codes[1]}"
        "&secret_key=test_secret_key"
    )
    assert request.url.query.decode().endswith(f"&sign={hashlib.md5(text.encode()).hexdigest().upper()}")
    assert (request.method, request.content) == ("POST", b"")


def test_an_executed_transfer_is_a_new_row_and_a_balance_that_moved(coinw):
    coinw.rows.insert(0, row(101))
    coinw.available = "30"
    assert coinw.look() == Reading(
        (Line("101", None), Line("99", None)),
        Balance.MOVED,
        (
            "CoinW's transfer history shows 1 new transfer of 10 USDT from master to a sub-account, "
            "by its own clock at 2026-11-20 12:01:41.",
            "The sub-account's balance rose by exactly 10 USDT, from 20 to 30.",
        ),
    )


def test_a_transfer_that_was_not_executed_leaves_no_new_row_and_the_balance_alone(coinw):
    assert coinw.look() == Reading(
        (Line("99", None),),
        Balance.UNMOVED,
        (
            "CoinW's transfer history shows no new transfer of 10 USDT from master to a sub-account.",
            "The sub-account's balance is unchanged since before the request: 20 USDT.",
        ),
    )


def test_money_that_came_back_is_a_positive_row_and_a_lower_balance(coinw):
    coinw.rows = [row(101, "10.00", **{"from": "3", "to": "4"}), row(100, "3", **{"from": 3, "to": 4})]
    coinw.available = "10"
    reading = coinw.look(IN)
    assert (ids(reading), reading.balance) == (["101"], Balance.MOVED)
    assert reading.words == (
        "CoinW's transfer history shows 1 new transfer of 10 USDT from a sub-account to master, "
        "by its own clock at 2026-11-20 12:01:41.",
        "The sub-account's balance fell by exactly 10 USDT, from 20 to 10.",
    )


@pytest.mark.parametrize("amount", ["-10", "-10.000000", -10, -10.0])
def test_an_amount_counts_by_its_value(coinw, amount):
    coinw.rows.insert(0, row(101, amount))
    assert "101" in ids(coinw.look())


@pytest.mark.parametrize(
    "another",
    [
        row(101, "-10.000001"),
        row(101, "-100"),
        row(101, currency="BTC"),
        row(101, "10", **{"from": 3, "to": 4}),
        row(101, "-10", **{"from": 3, "to": 4}),
    ],
    ids=str,
)
def test_another_amount_direction_or_currency_is_not_even_mentioned(coinw, another):
    coinw.rows.insert(0, another)
    reading = coinw.look()
    assert "101" not in ids(reading)
    assert len(reading.words) == 2


@pytest.mark.parametrize(
    "odd",
    [
        row(101, "10"),
        row(101, **{"from": 0, "to": 3}),
        row(101, **{"from": "MASTER"}),
        row(101, status="FAILED"),
        row(101, status="划转失败"),
    ],
    ids=str,
)
def test_a_row_of_the_amount_that_is_not_clear_is_told_and_settles_nothing(coinw, odd):
    coinw.rows.insert(0, odd)
    reading = coinw.look()
    assert "101" not in ids(reading)
    assert reading.doubts == ("101",)
    assert reading.words[2] == (
        "The history also has a row of 10 USDT that may not be this transfer; people must judge that."
    )


def test_a_field_that_is_missing_says_nothing(coinw):
    coinw.rows.insert(0, {"ledgerId": 101, "amount": "-10"})
    assert "101" in ids(coinw.look())


def test_two_equal_transfers_are_two_lines(coinw):
    coinw.rows[:0] = [row(102), row(101)]
    reading = coinw.look()
    assert ids(reading)[:2] == ["102", "101"]
    assert "2 new transfers of 10 USDT" in reading.words[0]
    assert reading.words[0].endswith("at 2026-11-20 12:01:41 and 2026-11-20 12:01:42.")


@pytest.mark.parametrize("frame", ["list", "rows", "records", "data"])
def test_the_rows_may_be_framed(coinw, frame):
    coinw.history = lambda number, size: {frame: [row(101), row(100)], "total": 2}
    assert ids(coinw.look()) == ["101", "100"]


@pytest.mark.parametrize("empty", [None, [], {}, {"list": []}, {"records": None}])
def test_an_empty_history_comes_in_many_ways(coinw, empty):
    coinw.history = lambda number, size: empty
    assert coinw.look().lines == ()
    assert coinw.exchange.snapshot(OUT).lines == frozenset()


@pytest.mark.parametrize(
    "broken",
    [
        "x",
        {"total": 1},
        {"list": {"a": 1}},
        [1],
        [row(101) | {"ledgerId": None}],
        [row(101) | {"ledgerId": "x" * 100}],
        [row(101, "1E+1")],
        [row(101, None)],
        httpx.Response(503, content=b"Service Unavailable"),
        httpx.Response(200, json={"code": 29001, "msg": "API access frequently"}),
        httpx.Response(200, json={"code": "200", "msg": "SUCCESS"}),
        httpx.ReadTimeout("https://api.coinw.com?sign=x"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_without_a_readable_history_there_is_neither_reading_nor_snapshot(coinw, broken):
    coinw.history = lambda number, size: broken
    for read in (coinw.look, lambda: coinw.exchange.snapshot(OUT)):
        with pytest.raises(ExchangeUnreadable) as problem:
            read()
        assert "sign" not in str(problem.value)
        assert problem.value.__cause__ is None
        assert problem.value.__context__ is None


@pytest.mark.parametrize("broken", [None, "x", httpx.Response(502), httpx.ReadTimeout("https://x?sign=y")])
def test_a_balance_that_cannot_be_read_is_said_and_hinders_nothing(coinw, broken):
    coinw.rows.insert(0, row(101))
    coinw.available = broken
    reading = coinw.look()
    assert ("101" in ids(reading), reading.balance) == (True, Balance.UNCLEAR)
    assert reading.words[-1].startswith("The sub-account's balance could not be read: ")
    assert "sign" not in reading.words[-1]


@pytest.mark.parametrize(
    ("now", "before", "seen"),
    [
        ("30.000000", "20", Balance.MOVED),
        ("20.0", "20", Balance.UNMOVED),
        ("10", "20", Balance.UNCLEAR),
        ("40", "20", Balance.UNCLEAR),
        ("30.000001", "20", Balance.UNCLEAR),
        ("30", "", Balance.UNCLEAR),
    ],
)
def test_the_balance_is_held_against_the_snapshot(coinw, now, before, seen):
    coinw.available = now
    assert coinw.look(before=Snapshot({"sub.available": before}, BEFORE.lines)).balance is seen


def test_a_sub_account_taken_out_of_the_configuration_is_looked_for_without_naming_it(coinw):
    coinw.rows.insert(0, row(101))
    reading = coinw.look(order("coinw:master -> coinw:39000009", "10"))
    assert ("101" in ids(reading), reading.balance) == (True, Balance.UNCLEAR)
    assert coinw.asked(AVAILABLE) == []
