"""What HTX's ledger, history, bills and balance show of a transfer whose answer was lost."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest
import respx
from exchange_orders import htx, order
from htx_bench import (
    BALANCE,
    BILLS,
    HISTORY,
    IN,
    LEDGER,
    OUT,
    SENT,
    SENT_MS,
    balance,
    ledger,
    look,
    requests,
    row,
)

from bot.errors import ExchangeUnreadable
from bot.evidence import Balance, Reading, Snapshot


def test_every_record_is_asked_for_the_minutes_around_the_send(exchange):
    look()
    start = str(SENT_MS - 600_000)
    assert requests(LEDGER) == [
        (
            "api.huobi.pro",
            {
                "accountId": "10000001",
                "currency": "usdt",
                "transactTypes": "transfer",
                "startTime": start,
                "limit": "500",
            },
        )
    ]
    assert requests(HISTORY) == [
        (
            "api.huobi.pro",
            {
                "account-id": "10000001",
                "currency": "usdt",
                "transact-types": "transfer,other-types",
                "start-time": start,
                "size": "500",
            },
        )
    ]
    assert requests(BILLS) == [("api.hbdm.com", {"type": "14,86", "start_time": start, "limit": "100"})]
    assert len(requests(BALANCE)) == 1
    assert all(call.request.method == "GET" and not call.request.content for call in respx.mock.calls)


def test_the_end_of_the_window_is_named_once_it_is_past(exchange):
    look(IN, after_s=700)
    end = str(SENT_MS + 600_000)
    assert requests(LEDGER)[0][1]["endTime"] == end
    assert requests(HISTORY)[0][1]["end-time"] == end
    assert requests(BILLS)[0][1] == {
        "type": "15,85",
        "start_time": str(SENT_MS - 600_000),
        "end_time": end,
        "limit": "100",
    }


def test_bills_are_asked_for_linear_swap_only(exchange):
    look(order("htx:spot -> htx:otc", "10"))
    assert requests(BILLS) == []
    assert len(requests(HISTORY)) == 1


def test_an_executed_transfer_is_one_line_and_a_balance_that_moved(exchange):
    exchange[LEDGER] = ledger(row(at_s=1.25))
    exchange[HISTORY]["data"] = [
        {"currency": "usdt", "transact-amt": "-10.000000000000000000", "transact-type": kind, "transact-time": at}
        for kind, at in (("other-types", SENT_MS + 1000), ("transfer", SENT_MS + 2000))
    ]
    exchange[BILLS]["data"] = [{"type": 14, "currency": "USDT", "amount": "10", "created_time": SENT_MS + 1300}]
    exchange[BALANCE] = balance("990", "42")
    reading = look()
    (line,) = reading.lines
    assert line.id == f"{SENT_MS + 1250}:spot-to-linear-swap:10:1"
    assert line.at == SENT + timedelta(seconds=1.25)
    assert reading.balance is Balance.MOVED
    assert reading.words == (
        "HTX's ledger shows 1 transfer of 10 USDT from spot to linear-swap: 04:24:16 UTC.",
        "The spot balance fell by exactly 10 USDT, from 1,000.00 to 990.",
        "The account history shows 10 USDT leaving spot at 04:24:17 UTC.",
        "The futures side shows 10 USDT arriving on linear-swap at 04:24:16 UTC.",
    )


def test_a_transfer_that_was_not_executed_leaves_no_line_and_the_balance_alone(exchange):
    assert look() == Reading(
        (),
        Balance.UNMOVED,
        (
            "HTX's ledger shows no transfer of 10 USDT from spot to linear-swap between 04:14 and 04:24 UTC.",
            "The spot balance is unchanged since before the request: 1,000.00 USDT.",
            "The account history shows no 10 USDT leaving spot.",
            "The futures side shows no 10 USDT arriving on linear-swap.",
        ),
    )


@pytest.mark.parametrize(
    ("route", "amount", "kinds"),
    [
        ("htx:spot -> htx:linear-swap", -10, ["spot-to-linear-swap", "Spot-To-Linear-Swap", "pro-to-linear-swap"]),
        ("htx:spot -> htx:linear-swap/BTC-USDT", -10, ["spot-to-linear-swap"]),
        ("htx:linear-swap -> htx:spot", 10, ["linear-swap-to-spot", "linear-swap-to-pro"]),
        ("htx:spot -> htx:swap", -10, ["dm-spot-to-swap", "dm-pro-to-swap", "spot-to-swap", "pro-to-swap"]),
        ("htx:swap -> htx:spot", 10, ["dm-swap-to-spot", "dm-swap-to-pro", "swap-to-spot"]),
        ("htx:spot -> htx:futures", -10, ["spot-to-futures", "pro-to-futures"]),
        ("htx:futures -> htx:spot", 10, ["futures-to-spot", "futures-to-pro"]),
        ("htx:spot -> htx:otc", -10, ["spot-to-otc", "pro-to-otc"]),
        ("htx:otc -> htx:spot", 10, ["otc-to-spot", "otc-to-pro"]),
    ],
)
def test_a_route_is_known_in_the_old_and_the_new_spelling(exchange, route, amount, kinds):
    for kind in kinds:
        exchange[LEDGER] = ledger(row(amount, kind), row(-amount, kind), row(amount * 2, kind))
        assert len(look(order(route, "10")).lines) == 1, kind


@pytest.mark.parametrize(
    "another",
    [
        row(-10.5),
        row("-10.00000001"),
        row(-10, "spot-to-otc"),
        row(-10, "spot-to-futures"),
        row(-10, "dm-spot-to-swap"),
        row(10, "linear-swap-to-spot"),
        row(-10, "margin-transfer-in"),
        row(-10, "sub-transfer-out"),
        row(-10, "spot-to-super-margin"),
        row(currency="btc"),
        row(accountId=10000002),
        row(transactType="other-types"),
    ],
    ids=str,
)
def test_another_amount_direction_account_or_currency_is_not_even_mentioned(exchange, another):
    exchange[LEDGER] = ledger(another)
    reading = look()
    assert reading.lines == ()
    assert len(reading.words) == 4


@pytest.mark.parametrize("amount", [-10, -10.0, "-10", "-10.000000000000000000"])
def test_an_amount_counts_by_its_value(exchange, amount):
    exchange[LEDGER] = ledger(row(amount))
    assert look().lines[0].id == f"{SENT_MS + 1000}:spot-to-linear-swap:10:1"


def test_the_smallest_amount_is_exact(exchange):
    exchange[LEDGER] = httpx.Response(
        200, content=json.dumps(ledger(row("@"))).replace('"@"', "-123456789012.00000001")
    )
    asked = order("htx:spot -> htx:linear-swap", "123456789012.00000001", margin="USDT")
    assert len(look(asked).lines) == 1
    assert look(order("htx:spot -> htx:linear-swap", "123456789012.00000002", margin="USDT")).lines == ()


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (row(-10, "spot-to-unified"), "as `spot-to-unified`"),
        (row(-10, "x9/?sign=1"), "without saying where it went"),
        (row(-10, None), "without saying where it went"),
        (row(10), "with the opposite sign"),
    ],
)
def test_a_movement_of_the_amount_that_cannot_be_read_is_told_and_settles_nothing(exchange, odd, why):
    exchange[LEDGER] = ledger(odd)
    reading = look()
    assert reading.lines == ()
    assert reading.words[2] == f"HTX's ledger also shows 10 USDT at 04:24:16 UTC {why}; people must judge that."


def test_two_equal_lines_have_ids_of_their_own_in_any_order(exchange):
    twins, later = [row(), row()], row(at_s=3)
    exchange[LEDGER] = ledger(later, *twins)
    first = look()
    assert len({line.id for line in first.lines}) == 3
    exchange[LEDGER] = ledger(*twins, later)
    assert look().lines == first.lines
    assert first.words[0] == (
        "HTX's ledger shows 3 transfers of 10 USDT from spot to linear-swap: "
        "04:24:16 UTC, 04:24:16 UTC and 04:24:18 UTC."
    )
    # The id does not depend on what else a reading sees.
    exchange[LEDGER] = ledger(twins[0])
    assert look().lines[0] in first.lines


def test_a_snapshot_knows_every_line_of_the_key_of_any_amount(exchange):
    mine = [row(-10, at_s=-60), row(-7, at_s=-30)]
    exchange[LEDGER] = ledger(*mine, row(-10, "spot-to-otc", at_s=-30), row(10, "linear-swap-to-spot", at_s=-30))
    snapshot = htx().snapshot(OUT)
    assert snapshot.lines == {
        f"{SENT_MS - 60_000}:spot-to-linear-swap:10:1",
        f"{SENT_MS - 30_000}:spot-to-linear-swap:7:1",
    }
    assert requests(LEDGER)[0][1]["startTime"] == str(SENT_MS - 600_000)
    assert "endTime" not in requests(LEDGER)[0][1]
    reading = look(before=snapshot)
    assert [line.id for line in reading.lines] == [f"{SENT_MS - 60_000}:spot-to-linear-swap:10:1"]
    assert reading.words[0].endswith(": 04:23:15 UTC (before the request).")


def test_pages_are_read_to_the_last(exchange):
    exchange[LEDGER] = [ledger(row(), nextId=77), ledger(row(at_s=2), nextId=12), ledger(row(at_s=0))]
    assert len(look().lines) == 3
    asked = [parameters for _, parameters in requests(LEDGER)]
    assert [parameters.get("fromId") for parameters in asked] == [None, "77", "12"]
    assert all({**parameters, "fromId": "77"} == asked[1] for parameters in asked)


def test_a_next_page_that_is_empty_is_the_end(exchange):
    exchange[LEDGER] = [ledger(row(), nextId=77), ledger(nextId=77)]
    assert len(look().lines) == 1


def test_a_ledger_without_end_is_unreadable(exchange):
    exchange[LEDGER] = ledger(row(), nextId=77)
    with pytest.raises(ExchangeUnreadable):
        look()
    assert len(requests(LEDGER)) == 10


def test_an_empty_ledger_may_come_as_null(exchange):
    exchange[LEDGER] = ledger() | {"data": None}
    assert look().lines == ()
    assert htx().snapshot(OUT).lines == frozenset()


@pytest.mark.parametrize(
    "broken",
    [
        httpx.Response(503, content=b"Service Unavailable"),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b'{"code":200}'),
        httpx.ReadTimeout("https://api.huobi.pro?Signature=x"),
        {"code": 2002, "message": "invalid field value in `endTime`", "data": None, "ok": False},
        {"code": 200, "data": {}},
        {"code": 200, "data": "x"},
        {"code": 200, "data": [1]},
        ledger(row("1e5")),
        ledger(row(None)),
        ledger(row(transactTime=None)),
        ledger(row(transactTime=1795148655)),
        ledger(row(transactTime="now")),
        ledger(row(), nextId="1/../x"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_without_a_readable_ledger_there_is_neither_reading_nor_snapshot(exchange, broken):
    for read in (look, lambda: htx().snapshot(OUT)):
        exchange[LEDGER] = broken
        with pytest.raises(ExchangeUnreadable) as problem:
            read()
        assert "Signature" not in str(problem.value)
        assert problem.value.__cause__ is None
        assert problem.value.__context__ is None


@pytest.mark.parametrize("path", [HISTORY, BILLS, BALANCE])
@pytest.mark.parametrize(
    "broken",
    [
        httpx.Response(503, content=b"Service Unavailable"),
        httpx.ReadTimeout("https://api.huobi.pro?Signature=x&AccessKeyId=y"),
        {"code": 1067, "message": "asset mode, see https://api.hbdm.com/?Signature=x", "data": None},
        {"code": 200, "data": [{"type": 14, "transact-amt": "x", "amount": "x", "created_time": 1}]},
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_second_opinion_that_cannot_be_read_is_said_and_hinders_nothing(exchange, path, broken):
    exchange[LEDGER] = ledger(row())
    exchange[path] = broken
    reading = look()
    assert len(reading.lines) == 1
    assert sum("could not be read" in sentence for sentence in reading.words) == 1
    assert reading.balance is (Balance.UNCLEAR if path == BALANCE else Balance.UNMOVED)
    assert not any(word in str(reading.words) for word in ("Signature", "https", "AccessKeyId"))


@pytest.mark.parametrize(
    ("now", "changes", "seen", "words"),
    [
        ("990", "42", Balance.MOVED, "fell by exactly 10 USDT, from 1,000.00 to 990."),
        ("990.0", None, Balance.MOVED, "fell by exactly 10 USDT, from 1,000.00 to 990."),
        ("1000.000", "41", Balance.UNMOVED, "is unchanged since before the request: 1,000.00 USDT."),
        ("1000", "43", Balance.UNCLEAR, "is 1,000.00 USDT as before, but it moved in between."),
        ("1000", None, Balance.UNCLEAR, "is unchanged since before the request: 1,000.00 USDT."),
        ("1010", "42", Balance.UNCLEAR, "went from 1,000.00 to 1,010.00 USDT, which is not this transfer alone."),
        ("980", "43", Balance.UNCLEAR, "went from 1,000.00 to 980 USDT, which is not this transfer alone."),
    ],
)
def test_the_balance_is_held_against_the_snapshot(exchange, now, changes, seen, words):
    exchange[BALANCE] = balance(now, changes)
    reading = look()
    assert (reading.balance, reading.words[1]) == (seen, f"The spot balance {words}")


def test_without_a_balance_before_the_one_now_says_nothing(exchange):
    exchange[BALANCE] = balance("990", "42")
    reading = look(before=Snapshot({}))
    assert reading.balance is Balance.UNCLEAR
    assert reading.words[1] == "The spot balance before the request is not on record."


def test_money_that_came_back_raises_the_balance(exchange):
    exchange[LEDGER] = ledger(row(10, "linear-swap-to-spot"))
    exchange[BILLS]["data"] = [{"type": "15", "currency": "USDT", "amount": -10, "created_time": SENT_MS + 1000}]
    exchange[BALANCE] = balance("1010", "42")
    reading = look(IN)
    assert reading.balance is Balance.MOVED
    assert reading.words == (
        "HTX's ledger shows 1 transfer of 10 USDT from linear-swap to spot: 04:24:16 UTC.",
        "The spot balance rose by exactly 10 USDT, from 1,000.00 to 1,010.00.",
        "The account history shows no 10 USDT arriving on spot.",
        "The futures side shows 10 USDT leaving linear-swap at 04:24:16 UTC.",
    )
