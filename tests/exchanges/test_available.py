"""What can leave each account, as both exchanges tell it, and everything that is no such answer."""

from __future__ import annotations

import json

import httpx
import pytest
import respx
from exchange_orders import htx

from bot.accounts import Account
from bot.errors import BalanceHidden, ExchangeUnreadable

ACCOUNTS = "/v1/account/accounts"
SPOT, OTC = f"{ACCOUNTS}/10000001/balance", f"{ACCOUNTS}/10000002/balance"
LINEAR, SWAP, FUTURES = "/v5/account/balance", "/swap-api/v1/swap_account_info", "/api/v1/contract_account_info"
SPOT_ROW = {"id": 10000001, "type": "spot", "state": "working"}
LISTED = {"status": "ok", "data": [SPOT_ROW, {"id": 10000002, "type": "otc", "state": "working"}]}


def listed(balance: object, currency: str = "usdt", kind: str = "trade") -> dict[str, object]:
    row = {"currency": currency, "type": kind, "balance": balance}
    return {"status": "ok", "data": {"id": 1, "list": [{"currency": "btc", "type": "trade", "balance": "7"}, row]}}


def details(*rows: object) -> dict[str, object]:
    return {"code": 200, "message": "Success", "data": {"details": list(rows)}, "ts": 1}


def infos(*rows: object) -> dict[str, object]:
    return {"status": "ok", "data": list(rows), "ts": 1}


def usdt(withdrawable: object) -> dict[str, object]:
    return {"currency": "USDT", "equity": "900", "available": "800", "withdraw_available": withdrawable}


def btc(withdrawable: object) -> dict[str, object]:
    return {"symbol": "BTC", "margin_balance": 9, "margin_available": 8, "withdraw_available": withdrawable}


@pytest.fixture(autouse=True)
def lists_both_accounts(request):
    if "exchange" in request.fixturenames:
        request.getfixturevalue("exchange")[ACCOUNTS] = LISTED


@pytest.mark.parametrize(
    ("account", "currency", "path", "answer", "available"),
    [
        ("spot", "USDT", SPOT, listed("500009.195917362872650000"), "500009.195917362872650000"),
        ("spot", "USDT", SPOT, listed("5", kind="frozen"), "0"),
        ("otc", "USDT", OTC, listed("12.5"), "12.5"),
        ("linear-swap", "USDT", LINEAR, details(usdt("700.25")), "700.25"),
        ("linear-swap", "USDT", LINEAR, details(usdt("-3.5")), "-3.5"),
        ("linear-swap", "USDT", LINEAR, details(), "0"),
        ("swap", "BTC", SWAP, infos(btc("0.5"), {"symbol": "ETH", "withdraw_available": "1"}), "0.5"),
        ("futures", "BTC", FUTURES, infos(btc("0.25")), "0.25"),
        ("futures", "USDT", FUTURES, infos(btc("0.25")), "0"),
    ],
)
def test_htx_says_what_can_leave_and_not_what_is_there(exchange, account, currency, path, answer, available):
    exchange[path] = answer
    assert htx().available(Account("htx", account), currency) == available


@pytest.mark.parametrize(
    ("text", "available"), [("0.00000001", "0.00000001"), ("1e-8", "0.00000001"), ("3", "3"), ("0.1", "0.1")]
)
def test_a_number_keeps_its_digits(exchange, text, available):
    body = json.dumps(infos(btc("number"))).replace('"number"', text)
    exchange[SWAP] = httpx.Response(200, content=body)
    assert htx().available(Account("htx", "swap"), "BTC") == available


@pytest.mark.parametrize(("account", "path"), [("swap", SWAP), ("futures", FUTURES)])
def test_coin_margined_accounts_are_asked_by_a_signed_post_without_parameters(exchange, account, path):
    exchange[path] = infos()
    htx().available(Account("htx", account), "BTC")
    request = respx.mock.calls.last.request
    assert (request.method, request.url.host, request.url.path) == ("POST", "api.hbdm.com", path)
    assert (request.content, request.headers["content-type"]) == (b"{}", "application/json")
    assert list(request.url.params)[-1] == "Signature"


def test_each_listed_account_is_looked_up_once(exchange):
    exchange[SPOT], exchange[OTC] = listed("1"), listed("2")
    desk = htx()
    read = [desk.available(Account("htx", name), "USDT") for name in ("spot", "otc", "spot", "otc")]
    assert read == ["1", "2", "1", "2"]
    asked = [call.request.url.path for call in respx.mock.calls]
    assert asked == [ACCOUNTS, SPOT, ACCOUNTS, OTC, SPOT, OTC]


BROKEN = [
    httpx.Response(500, json=infos(btc("1"))),
    httpx.Response(200, content=b"<html>"),
    httpx.Response(302, headers={"Location": "https://example.com"}),
    httpx.ReadTimeout("https://api.hbdm.com?Signature=x"),
    httpx.ConnectError("https://api.hbdm.com?Signature=x"),
    {"status": "error", "err_code": 403, "err_msg": "Verification failure [校验失败]", "ts": 1},
    {"status": "ok"},
    {"status": "ok", "data": {"USDT": "1"}},
    {"status": "ok", "data": {"details": None, "list": None}},
    {"status": "ok", "data": {"details": [1], "list": [1]}},
    {"status": "ok", "data": [1]},
]
WRONG = ["1e5", "", "NaN", "1,000", None, True, [], {}, "9" * 41]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize(("account", "path"), [("spot", SPOT), ("linear-swap", LINEAR), ("swap", SWAP)])
def test_a_balance_that_cannot_be_read_is_an_error_without_a_foreign_one_behind_it(exchange, account, path, broken):
    exchange[path] = broken
    with pytest.raises(ExchangeUnreadable) as problem:
        htx().available(Account("htx", account), "USDT")
    assert not isinstance(problem.value, BalanceHidden)
    assert "Signature" not in str(problem.value)
    assert problem.value.__cause__ is None
    assert problem.value.__context__ is None


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_no_amount_is_no_balance(exchange, wrong):
    exchange[SPOT], exchange[LINEAR], exchange[SWAP] = listed(wrong), details(usdt(wrong)), infos(btc(wrong))
    for account, currency in (("spot", "USDT"), ("linear-swap", "USDT"), ("swap", "BTC")):
        with pytest.raises(ExchangeUnreadable):
            htx().available(Account("htx", account), currency)


def test_a_coin_that_is_there_twice_is_no_answer(exchange):
    exchange[LINEAR] = details(usdt("1"), usdt("2"))
    with pytest.raises(ExchangeUnreadable):
        htx().available(Account("htx", "linear-swap"), "USDT")


def test_an_isolated_margin_account_is_not_even_asked_for(exchange):
    with pytest.raises(BalanceHidden):
        htx().available(Account("htx", "linear-swap", "BTC-USDT"), "USDT")
    assert not respx.mock.calls


NOT_TOLD = "OTC account inquiries are not supported."
NOT_SUPPORTED = {"status": "error", "err-code": "invalid-parameter", "err-msg": NOT_TOLD}


def test_otc_is_hidden_where_htx_says_that_it_does_not_tell_it(exchange):
    exchange[OTC] = NOT_SUPPORTED
    with pytest.raises(BalanceHidden) as problem:
        htx().available(Account("htx", "otc"), "USDT")
    assert NOT_TOLD in str(problem.value)
    assert problem.value.__context__ is None


@pytest.mark.parametrize(
    "passing",
    [
        {"status": "error", "err-code": "rate-too-many-requests", "err-msg": "slow down"},
        {"status": "error", "err-code": "api-signature-not-valid", "err-msg": "Signature not valid"},
        {"status": "error", "err-code": "gateway-internal-error", "err-msg": "Failed to load data. Try again later."},
        httpx.Response(502, json=NOT_SUPPORTED),
        httpx.Response(200, content=b"<html>"),
        httpx.ReadTimeout("x"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_wrong_for_now_does_not_hide_otc(exchange, passing):
    exchange[OTC] = passing
    with pytest.raises(ExchangeUnreadable) as problem:
        htx().available(Account("htx", "otc"), "USDT")
    assert not isinstance(problem.value, BalanceHidden)


def test_a_user_without_an_otc_account_is_told_so(exchange):
    exchange[ACCOUNTS] = {"status": "ok", "data": [SPOT_ROW]}
    with pytest.raises(ExchangeUnreadable, match="no working otc account"):
        htx().available(Account("htx", "otc"), "USDT")


def test_another_connections_account_is_not_asked_for(exchange):
    with pytest.raises(ExchangeUnreadable):
        htx().available(Account("second", "spot"), "USDT")
    assert not respx.mock.calls


# CoinW


def test_coinw_says_what_a_sub_account_can_give(coinw):
    coinw.available = "99.5"
    assert coinw.exchange.available(Account("coinw", "39000001"), "USDT") == "99.5"
    assert coinw.asked("subAccount_transferAvailable") == [
        "command=subAccount_transferAvailable&api_key=test_api_key&coinCode=USDT&subUid=39000001"
    ]


def test_coinws_master_is_hidden_and_not_asked_for(coinw):
    with pytest.raises(BalanceHidden):
        coinw.exchange.available(Account("coinw", "master"), "USDT")
    assert not respx.mock.calls


@pytest.mark.parametrize("account", [Account("coinw", "39000009"), Account("second", "39000001")], ids=str)
def test_a_sub_account_that_is_not_the_connections_is_not_asked_for(coinw, account):
    with pytest.raises(ExchangeUnreadable) as problem:
        coinw.exchange.available(account, "USDT")
    assert not isinstance(problem.value, BalanceHidden)
    assert not respx.mock.calls


def test_a_currency_that_could_change_the_signature_is_not_asked_for(coinw):
    with pytest.raises(ExchangeUnreadable):
        coinw.exchange.available(Account("coinw", "39000001"), "USDT&subUid=1")
    assert not respx.mock.calls


@pytest.mark.parametrize("data", [*WRONG, httpx.Response(500), httpx.ReadTimeout("sign=x")], ids=str)
def test_what_is_no_answer_of_coinw_is_no_balance(coinw, data):
    coinw.available = data
    with pytest.raises(ExchangeUnreadable) as problem:
        coinw.exchange.available(Account("coinw", "39000001"), "USDT")
    assert not isinstance(problem.value, BalanceHidden)
    assert "sign=" not in str(problem.value)
