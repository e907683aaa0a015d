"""The look-alikes' records: what they show, how they page, how they lag, and how they break."""

from __future__ import annotations

from decimal import Decimal

import aiohttp
import pytest

from bot.sandbox.faults import READ_FAULTS, SCRIPTS, Faults

HISTORY, BILLS, LEDGER = "/v1/account/history", "/v5/account/bills", "/v2/account/ledger"
SPOT = {"account-id": "10000001"}
NOW_MS = 1795148655000


def test_the_history_shows_one_transfer_as_two_rows_with_the_balance_after(htx) -> None:
    htx.lookalike.book.move("spot", "linear-swap", "USDT", Decimal(10))
    htx.lookalike.book.move("linear-swap", "spot", "USDT", Decimal("2.5"))
    answer = htx.get(HISTORY, **SPOT, currency="usdt")
    assert answer["status"] == "ok"
    first = answer["data"][0]
    assert first == {
        "account-id": 10000001,
        "currency": "usdt",
        "record-id": first["record-id"],
        "transact-amt": "-10.000000000000000000",
        "transact-type": "other-types",
        "avail-balance": "9990.000000000000000000",
        "acct-balance": "9990.000000000000000000",
        "transact-time": NOW_MS,
    }
    rows = [
        (row["transact-type"], Decimal(row["transact-amt"]), Decimal(row["acct-balance"])) for row in answer["data"]
    ]
    assert rows[1:] == [
        ("transfer", Decimal(-10), Decimal(9990)),
        ("other-types", Decimal("2.5"), Decimal("9992.5")),
        ("transfer", Decimal("2.5"), Decimal("9992.5")),
    ]
    assert htx.get(HISTORY, **SPOT, currency="btc")["data"] == []
    assert htx.get(HISTORY, **{"account-id": "10000002"})["data"] == []


def test_the_history_keeps_to_types_window_order_and_page(htx) -> None:
    for amount in ("1", "2", "3"):
        htx.transfer(amount=amount)
    asked = {**SPOT, "transact-types": "transfer", "size": "2"}
    first = htx.get(HISTORY, **asked)
    assert [Decimal(row["transact-amt"]) for row in first["data"]] == [-1, -2]
    rest = htx.get(HISTORY, **asked, **{"from-id": str(first["next-id"])})
    assert [Decimal(row["transact-amt"]) for row in rest["data"]] == [-3]
    assert "next-id" not in rest
    since = {"start-time": str(rest["data"][0]["transact-time"])}
    assert [row["transact-amt"][:2] for row in htx.get(HISTORY, **asked, **since)["data"]] == ["-3"]
    newest = htx.get(HISTORY, **asked, sort="desc")
    assert [Decimal(row["transact-amt"]) for row in newest["data"]] == [-3, -2]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"account-id": "5"}, "invalid-parameter"),
        ({"transact-types": "transfer,anything"}, "base-argument-type-enum-unsupported"),
        ({"start-time": str(NOW_MS - 3_600_001)}, "invalid-parameter"),
        ({"start-time": str(NOW_MS + 1)}, "invalid-parameter"),
        ({"end-time": str(NOW_MS + 1)}, "invalid-parameter"),
        ({"end-time": str(NOW_MS - 30 * 86_400_000)}, "invalid-parameter"),
        ({"size": "501"}, "invalid-parameter"),
        ({"sort": "up"}, "invalid-parameter"),
        ({"from-id": "x"}, "invalid-parameter"),
    ],
)
def test_the_history_refuses_what_htx_does_not_take(htx, params, code) -> None:
    assert htx.get(HISTORY, **(SPOT | params))["err-code"] == code


def test_the_bills_show_what_came_to_linear_swap_and_went(htx) -> None:
    htx.transfer(amount="7")
    htx.transfer(from_="linear-swap", to="spot", amount="2")
    htx.transfer(amount="1", margin_account="BTC-USDT")
    htx.transfer(to="otc")
    answer = htx.get(BILLS)
    assert (answer["code"], answer["message"]) == (200, "Success")
    shown = [(row["type"], row["amount"], row["margin_mode"], row["contract_code"]) for row in answer["data"]]
    assert shown == [(14, "1", "isolated", "BTC-USDT"), (15, "-2", "cross", ""), (14, "7", "cross", "")]
    assert [row["amount"] for row in htx.get(BILLS, type="15,85")["data"]] == ["-2"]
    assert [row["amount"] for row in htx.get(BILLS, limit="1")["data"]] == ["1"]
    since = str(answer["data"][1]["created_time"])
    assert len(htx.get(BILLS, start_time=since)["data"]) == 2
    assert len(htx.get(BILLS, end_time=since)["data"]) == 2


@pytest.mark.parametrize("params", [{"from": "0"}, {"limit": "101"}, {"start_time": "x"}])
def test_the_bills_refuse_what_htx_does_not_take(htx, params) -> None:
    assert htx.get(BILLS, **params)["code"] == 1067


def test_the_new_reads_are_signed(htx) -> None:
    for path in (HISTORY, BILLS):
        answer = htx.send("GET", htx.signed("GET", path, host="wrong")).json
        assert answer["status"] == "error"


def test_an_end_ahead_of_the_ledgers_clock_is_refused(htx) -> None:
    answer = htx.get(LEDGER, accountId="10000001", endTime=str(NOW_MS + 1))
    assert (answer["code"], answer["message"]) == (2002, "invalid field value in `endTime`")


def test_htxs_records_show_a_line_only_when_their_lag_has_passed(htx) -> None:
    def shown() -> tuple[int, ...]:
        asked = (
            (LEDGER, {"accountId": "10000001"}),
            (HISTORY, SPOT | {"transact-types": "transfer"}),
            (BILLS, {}),
        )
        return tuple(len(htx.get(path, **params)["data"]) for path, params in asked)

    htx.lookalike.records_lag_s = 30.0
    assert htx.lookalike.records_lag_s == 30.0
    htx.transfer()
    htx.lookalike.book.move("spot", "linear-swap", "USDT", Decimal(1))
    assert htx.lookalike.balances()["htx:spot"]["USDT"] == "9749"
    htx.clock.advance(29.9)
    assert shown() == (0, 0, 0)
    htx.clock.advance(0.1)
    assert shown() == (2, 2, 2)
    htx.transfer()
    assert shown() == (2, 2, 2)
    htx.lookalike.records_lag_s = 0.0
    assert shown() == (3, 3, 3)


def test_coinws_history_shows_a_line_only_when_its_lag_has_passed(coinw) -> None:
    asked = {"currency": "USDT", "from": "4", "to": "3"}
    coinw.lookalike.records_lag_s = 30.0
    coinw.transfer()
    assert coinw.call("returnTransferHistory", **asked)["data"] == []
    coinw.clock.advance(30.0)
    assert len(coinw.call("returnTransferHistory", **asked)["data"]) == 1


@pytest.mark.parametrize(("newest_first", "amounts"), [(True, ["-3", "-2"]), (False, ["-1", "-2"])])
def test_coinws_history_may_come_in_either_order_and_in_shorter_pages(coinw, newest_first, amounts) -> None:
    coinw.run(coinw.lookalike.stop())
    coinw.open(page_rows_max=2, newest_first=newest_first)
    for amount in ("1", "2", "3"):
        coinw.transfer(amount=amount)
    asked = {"currency": "USDT", "from": "4", "to": "3", "pageSize": "100"}
    assert [row["amount"] for row in coinw.call("returnTransferHistory", **asked)["data"]] == amounts
    assert len(coinw.call("returnTransferHistory", **asked, pageNo="2")["data"]) == 1
    assert coinw.call("returnTransferHistory", **asked, pageNo="3")["data"] == []


def test_reads_break_as_often_as_planned_and_transfers_do_not(exchange) -> None:
    exchange.lookalike.faults.break_reads(2)
    path = "/v2/user/uid" if exchange.lookalike.name == "htx" else None

    def read() -> int:
        target = exchange.signed("GET", path) if path else exchange.signed("subAccount_list")
        return exchange.send("GET" if path else "POST", target).status

    assert read() == 503
    assert exchange.transfer().json["success"] is True
    assert read() == 503
    assert read() == 200


def test_reads_that_break_until_cleared_can_be_dropped(htx) -> None:
    htx.lookalike.faults.break_reads(None, "drop_before")
    for _ in range(3):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            htx.get("/v2/user/uid")
    htx.lookalike.faults.clear()
    assert htx.get("/v2/user/uid")["code"] == 200


def test_a_read_meets_no_fault_that_executes() -> None:
    assert READ_FAULTS
    assert not any(SCRIPTS[kind].executes for kind in READ_FAULTS)
    with pytest.raises(ValueError, match="no fault"):
        Faults().break_reads(1, "drop_after")
    with pytest.raises(ValueError, match="one request or more"):
        Faults().break_reads(0)
