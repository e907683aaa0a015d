"""What is read from HTX before a send, and what `check --online` says about a key."""

from __future__ import annotations

import json

import httpx
import pytest
import respx
from exchange_orders import HTX_URL, htx, order

from bot.accounts import Account
from bot.errors import ExchangeUnreadable

NOW_MS = 1795148655000  # 2026-11-20T04:24:15Z
SPOT = Account("htx", "spot")
LINEAR = Account("htx", "linear-swap")
ORDER = order("htx:spot -> htx:linear-swap", margin="USDT")

ACCOUNTS = {
    "status": "ok",
    "data": [
        {"id": 10000002, "type": "otc", "subtype": "", "state": "working"},
        {"id": 10000001, "type": "spot", "subtype": "", "state": "working"},
    ],
}
BALANCE = {
    "status": "ok",
    "data": {
        "id": 10000001,
        "type": "spot",
        "state": "working",
        "list": [
            {"currency": "btc", "type": "trade", "balance": "1", "seq-num": "7"},
            {"currency": "usdt", "type": "frozen", "balance": "5", "seq-num": "42"},
            {"currency": "usdt", "type": "trade", "balance": "500009.195917362872650000", "seq-num": "42"},
        ],
    },
}
KEY_ROW = {
    "accessKey": "test-access-key-0001",
    "status": "normal",
    "note": "desk",
    "permission": "trade,readOnly",
    "ipAddresses": "203.0.113.7,203.0.113.8",
    "validDays": -1,
}
READS = {
    "/v1/common/timestamp": {"status": "ok", "data": NOW_MS},
    "/v2/user/uid": {"code": 200, "data": 63628520},
    "/v2/user/api-key": {"code": 200, "message": "success", "data": [KEY_ROW]},
    "/v1/account/accounts": ACCOUNTS,
    "/v1/account/accounts/10000001/balance": BALANCE,
    "/v2/account/ledger": {"code": 200, "message": "success", "data": [], "ok": True},
    "/v5/account/balance": {"code": 200, "data": {"details": []}, "ts": NOW_MS},
}


@pytest.fixture
def exchange():
    """HTX as it should be; a test replaces an answer by `exchange[path] = …` (a document or an httpx.Response)."""
    answers: dict[str, object] = dict(READS)

    def answer(request: httpx.Request) -> httpx.Response:
        given = answers[request.url.path]
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, httpx.Response) else httpx.Response(200, content=json.dumps(given))

    with respx.mock:
        respx.route().mock(side_effect=answer)
        yield answers


def asked() -> list[str]:
    return [call.request.url.path for call in respx.mock.calls]


def findings(accounts: frozenset[Account] = frozenset({SPOT})) -> dict[str, tuple[bool, str, str]]:
    found = htx().probe(accounts)
    return {finding.subject: (finding.ok, finding.detail, finding.fix) for finding in found}


def test_a_snapshot_is_the_spot_balance_and_its_change_number(exchange):
    assert htx().snapshot(ORDER).evidence == {
        "spot.available": "500009.195917362872650000",
        "spot.seq-num": "42",
        "skew_s": "0.0",
        "read_at": "2026-11-20T04:24:15.000Z",
    }


def test_the_account_id_is_looked_up_once(exchange):
    desk = htx()
    desk.snapshot(ORDER)
    desk.snapshot(ORDER)
    time, reads = "/v1/common/timestamp", ["/v2/account/ledger", "/v1/account/accounts/10000001/balance"]
    assert asked() == [time, "/v1/account/accounts", *reads, time, *reads]


def test_a_read_is_a_signed_get_without_body(exchange):
    htx().snapshot(ORDER)
    request = respx.mock.calls[1].request
    assert request.method == "GET"
    assert request.content == b""
    assert "content-type" not in request.headers
    assert list(request.url.params) == [
        "AccessKeyId",
        "SignatureMethod",
        "SignatureVersion",
        "Timestamp",
        "Signature",
    ]


def test_a_coin_without_a_row_has_nothing_available(exchange):
    snapshot = htx().snapshot(order("htx:spot -> htx:otc", currency="ETH"))
    assert snapshot.evidence == {
        "spot.available": "0",
        "skew_s": "0.0",
        "read_at": "2026-11-20T04:24:15.000Z",
    }


@pytest.mark.parametrize(
    "broken",
    [
        httpx.Response(500, json=BALANCE),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(302, headers={"Location": "https://example.com"}),
        httpx.ReadTimeout("https://api.huobi.pro?Signature=x"),
        httpx.ConnectError("https://api.huobi.pro?Signature=x"),
        {"status": "error", "err-code": "timeout", "err-msg": "Request Timeout"},
        {"status": "ok"},
        {"status": "ok", "data": {"list": None}},
        {"status": "ok", "data": {"list": [1]}},
        {"status": "ok", "data": {"list": [{"currency": "usdt", "type": "trade", "balance": "1e5"}]}},
        {"status": "ok", "data": {"list": [{"currency": "usdt", "type": "trade"}]}},
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_snapshot_that_cannot_be_read_is_an_error_without_a_foreign_one_behind_it(exchange, broken):
    exchange["/v1/account/accounts/10000001/balance"] = broken
    with pytest.raises(ExchangeUnreadable) as problem:
        htx().snapshot(ORDER)
    assert "Signature" not in str(problem.value)
    assert problem.value.__cause__ is None
    assert problem.value.__context__ is None


def test_the_user_is_htxs_uid(exchange):
    assert htx().user() == "63628520"
    exchange["/v2/user/uid"] = {"code": 200, "data": None}
    with pytest.raises(ExchangeUnreadable):
        htx().user()


def test_a_good_key_is_clean(exchange):
    assert findings() == {
        "clock": (True, "0.0 s from HTX's", ""),
        "user": (True, "the key belongs to HTX user 63628520", ""),
        "key permissions": (True, "readonly, trade", ""),
        "key status": (True, "normal", ""),
        "key IP addresses": (True, "bound to 2", ""),
        "spot account": (True, "working, id 10000001", ""),
    }
    key_request = next(call.request for call in respx.mock.calls if call.request.url.path == "/v2/user/api-key")
    assert key_request.url.params["uid"] == "63628520"
    assert key_request.url.params["accessKey"] == "test-access-key-0001"


@pytest.mark.parametrize(
    ("skew_ms", "ok"), [(0, True), (29_000, True), (-29_000, True), (31_000, False), (-31_000, False)]
)
def test_a_clock_more_than_30_s_off_fails(exchange, skew_ms, ok):
    exchange["/v1/common/timestamp"] = {"status": "ok", "data": NOW_MS + skew_ms}
    assert findings()["clock"][0] is ok


@pytest.mark.parametrize(
    ("change", "subject", "ok", "word"),
    [
        ({"permission": "trade,readOnly,withdraw"}, "key permissions", False, "may withdraw"),
        ({"permission": "Withdraw"}, "key permissions", False, "may withdraw"),
        ({"permission": "trade,withdrawal"}, "key permissions", False, "may withdrawal"),
        ({"permission": "readOnly,trade,Transfer_Out"}, "key permissions", False, "may transfer_out"),
        ({"permission": "trade,WITHDRAW_CRYPTO,custody"}, "key permissions", False, "may custody, withdraw_crypto"),
        ({"permission": "trade,see https://x.example/?a"}, "key permissions", False, "may do something unnamed"),
        ({"permission": ["trade"]}, "key permissions", False, "may do something unnamed"),
        ({"permission": "TRADE, ReadOnly,"}, "key permissions", True, "readonly, trade"),
        ({"permission": "readOnly"}, "key permissions", False, "may not trade"),
        ({"permission": ""}, "key permissions", False, "may not trade"),
        ({"permission": None}, "key permissions", False, "may not trade"),
        ({"permission": "trade"}, "key permissions", True, "trade"),
        ({"status": "expired"}, "key status", False, "not"),
        ({"status": None}, "key status", False, "not"),
        ({"ipAddresses": ""}, "key IP addresses", True, "90 days"),
        ({"ipAddresses": None}, "key IP addresses", True, "bind"),
        ({"validDays": 0}, "key validity", False, "expired"),
        ({"validDays": 1}, "key validity", True, "1 more day;"),
        ({"validDays": 90}, "key validity", True, "90 more days"),
    ],
    ids=str,
)
def test_a_key_is_judged_by_what_it_may_do(exchange, change, subject, ok, word):
    exchange["/v2/user/api-key"] = {"code": 200, "data": [{"accessKey": "another"}, KEY_ROW | change]}
    found = findings()[subject]
    assert found[0] is ok
    assert word in found[1]
    assert bool(found[2]) is not ok


def test_a_look_that_fails_does_not_hide_the_next(exchange):
    exchange["/v1/common/timestamp"] = httpx.ConnectError("x")
    exchange["/v2/user/uid"] = {
        "status": "error",
        "err-code": "api-signature-not-valid",
        "err-msg": "Signature not valid: Incorrect IP address [IP地址错误]:203.0.113.7",
    }
    found = findings()
    assert found["clock"][:2] == (False, "cannot be checked: could not connect")
    assert found["key"][1] == (
        "cannot be checked: HTX answered HTTP 200, api-signature-not-valid: "
        "Signature not valid: Incorrect IP address [IP地址错误]:[address]"
    )
    assert found["key"][2]
    assert found["spot account"][0]


@pytest.mark.parametrize(
    "rows", [[], [{"id": 1, "type": "spot", "state": "lock"}], [{"id": 1, "type": "otc", "state": "working"}]]
)
def test_a_missing_or_locked_spot_account_fails(exchange, rows):
    exchange["/v1/account/accounts"] = {"status": "ok", "data": rows}
    assert findings()["spot account"][0] is False


def test_an_account_id_that_is_no_number_is_never_put_into_a_path(exchange):
    exchange["/v1/account/accounts"] = {
        "status": "ok",
        "data": [{"id": "1/../../v2/x", "type": "spot", "state": "working"}],
    }
    with pytest.raises(ExchangeUnreadable):
        htx().snapshot(ORDER)
    assert asked() == ["/v1/common/timestamp", "/v1/account/accounts"]


def test_the_linear_swap_side_is_looked_at_on_its_own_host_and_never_fails(exchange):
    assert findings(frozenset({SPOT, LINEAR}))["linear-swap account"] == (True, "readable", "")
    assert respx.mock.calls.last.request.url.host == "api.hbdm.com"
    exchange["/v5/account/balance"] = {"code": 1067, "message": "mode", "data": None}
    found = findings(frozenset({SPOT, LINEAR}))["linear-swap account"]
    assert found[0]
    assert "transfers do not need it" in found[1]


def test_no_finding_names_an_address_or_the_key(exchange):
    text = str(htx().probe(frozenset({SPOT, LINEAR})))
    for secret in ("203.0.113", "test-access-key", "test-secret-key", HTX_URL, "Signature"):
        assert secret not in text
