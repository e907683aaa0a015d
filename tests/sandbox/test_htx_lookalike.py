"""The HTX look-alike believes no request that HTX's reference would refuse."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from bot.sandbox.signatures import htx_signature

JSON = {"Content-Type": "application/json"}
TRANSFER = "/v2/account/transfer"
READ_LEDGER = "/v2/account/ledger"
AUTH = [
    ("AccessKeyId", "test-access-key-0001"),
    ("SignatureMethod", "HmacSHA256"),
    ("SignatureVersion", "2"),
    ("Timestamp", "2026-11-20T04:24:15"),
]
LEDGER = [
    ("limit", "500"),
    ("accountId", "10000001"),
    ("currency", "usdt"),
    ("transactTypes", "transfer"),
    ("startTime", "1763612655000"),
    ("endTime", "1763616255000"),
]


@pytest.mark.parametrize(
    ("method", "host", "path", "pairs", "signature"),
    [
        ("POST", "api.huobi.pro", TRANSFER, AUTH, "xmcxMLB6y2KXVZa0d3Evtzr7W8KVXP1g5e8svfH7Hx8="),
        ("GET", "api.huobi.pro", READ_LEDGER, [*LEDGER, *AUTH], "bB1NywV/OL688mg7gJGxbBzbQDCC+uE3T9YaoKDLNHA="),
        ("GET", "api.hbdm.com", "/v5/account/balance", AUTH, "7pG6AJ20lo9avbSLfDg9V0WdAZUid1mZd6N3zmU1FZo="),
    ],
)
def test_the_verified_vectors_are_reproduced(method, host, path, pairs, signature) -> None:
    assert htx_signature("test-secret-key-0001", method, host, path, pairs) == signature


def test_the_published_vectors_are_reproduced() -> None:
    published = [
        ("AccessKeyId", "e2xxxxxx-99xxxxxx-84xxxxxx-7xxxx"),
        ("SignatureMethod", "HmacSHA256"),
        ("SignatureVersion", "2"),
        ("Timestamp", "2017-05-11T15:19:30"),
        ("order-id", "1234567890"),
    ]
    computed = htx_signature("XXXXXXXXXX", "GET", "api.huobi.pro", "/v1/order/orders", published)
    assert computed == "2ZQ7/roKBjdnAv8z5DymwzgSaOPyPgJl0BIlq9fa94w="
    short = [
        ("AccessKeyId", "123"),
        ("SignatureMethod", "HmacSHA256"),
        ("SignatureVersion", "2"),
        ("Timestamp", "123"),
    ]
    assert htx_signature("456", "GET", "host", "/url", short) == "Hhiaq8xYQPiBZOyWV37MdQutLo4f0ZOHiJtG3p+nILc="


def test_the_transfer_vector_is_believed_over_a_socket(htx) -> None:
    target = (
        f"{TRANSFER}?AccessKeyId=test-access-key-0001&SignatureMethod=HmacSHA256&SignatureVersion=2"
        "&Timestamp=2026-11-20T04%3A24%3A15&Signature=xmcxMLB6y2KXVZa0d3Evtzr7W8KVXP1g5e8svfH7Hx8%3D"
    )
    reply = htx.send("POST", target, JSON | {"Host": "api.huobi.pro"}, htx.body())
    assert reply.json["code"] == 200


def test_a_good_transfer_moves_money_and_answers_as_live(htx) -> None:
    reply = htx.transfer()
    assert reply.status == 200
    assert reply.text == ('{"code":200,"data":176104253,"message":"Succeed","success":true,"print-log":true}')
    assert htx.lookalike.book.balance("spot", "USDT") == Decimal(9750)
    assert htx.lookalike.balances()["htx:linear-swap"] == {"USDT": "750"}
    (movement,) = htx.lookalike.executed
    assert (movement.source, movement.destination, movement.detail) == ("spot", "linear-swap", "USDT")


@pytest.mark.parametrize("amount", [b'"0.00000001"', b"0.00000001", b"250", b'"250.50"'])
def test_an_amount_is_taken_as_number_or_text_with_every_digit(htx, amount) -> None:
    htx.clock.advance(2)
    body = htx.body(amount="@").replace(b'"@"', amount)
    assert htx.send("POST", htx.signed("POST", TRANSFER), JSON, body).json["code"] == 200
    assert htx.lookalike.executed[0].amount == Decimal(amount.decode().strip('"'))


def test_both_letter_cases_are_taken_for_currency_and_margin_account(htx) -> None:
    assert htx.transfer(currency="USDT", margin_account="btc-usdt").json["code"] == 200
    assert htx.lookalike.balances()["htx:linear-swap/BTC-USDT"] == {"USDT": "250"}


def test_an_isolated_margin_account_holds_money_of_its_own(htx) -> None:
    htx.transfer(margin_account="BTC-USDT")
    assert htx.lookalike.book.balance("linear-swap", "USDT") == Decimal(500)
    taken_from_cross = htx.transfer(from_="linear-swap", to="spot", amount="501")
    assert taken_from_cross.json["code"] == 1301
    back = htx.transfer(from_="linear-swap", to="spot", margin_account="BTC-USDT")
    assert back.json["code"] == 200
    assert htx.lookalike.book.balance("linear-swap/BTC-USDT", "USDT") == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"from_": ...}, 504),
        ({"to": ...}, 504),
        ({"currency": ...}, 504),
        ({"amount": ...}, 504),
        ({"amount": ""}, 504),
        ({"margin_account": ...}, 504),
        ({"to": "otc", "margin_account": ...}, 504),
        ({"from_": "pro"}, 502),
        ({"to": "super-margin"}, 502),
        ({"to": "Linear-Swap"}, 502),
        ({"to": "spot"}, 10001),
        ({"from_": "otc"}, 10002),
        ({"currency": "doge"}, 10000),
        ({"currency": "btc"}, 1013),
        ({"to": "swap"}, 1013),
        ({"margin_account": "USDT-BTC"}, 1013),
        ({"margin_account": "DOGE-USDT"}, 1013),
        ({"amount": "0"}, 1322),
        ({"amount": 0}, 1322),
        ({"amount": "-1"}, 1322),
        ({"amount": "0.000000001"}, 1331),
        ({"amount": "1.000000000"}, 1331),
        ({"amount": "ten"}, 502),
        ({"amount": "1e3"}, 502),
        ({"amount": 1e-8}, 502),
        ({"amount": "1,250"}, 502),
        ({"amount": "٣"}, 502),
        ({"amount": True}, 502),
        ({"amount": "10000.00000001"}, 1301),
    ],
)
def test_a_wrong_body_is_refused_with_its_documented_code(htx, changes, code) -> None:
    reply = htx.transfer(**changes)
    assert reply.status == 200
    assert (reply.json["code"], reply.json["data"], reply.json["success"]) == (code, None, False)
    assert reply.json["message"]
    assert htx.lookalike.executed == ()


@pytest.mark.parametrize("body", [b"", b"{", b"amount=1", b'{"amount": NaN}'])
def test_a_body_that_is_no_json_fails_at_the_gateway(htx, body) -> None:
    reply = htx.send("POST", htx.signed("POST", TRANSFER), JSON, body)
    assert reply.json["err-code"] == "gateway-internal-error"


def test_a_body_that_is_no_object_is_an_invalid_request(htx) -> None:
    assert htx.send("POST", htx.signed("POST", TRANSFER), JSON, b"[]").json["code"] == 501


def test_a_transfer_without_json_content_type_fails_at_the_gateway(htx) -> None:
    headers = {"Content-Type": "text/plain"}
    reply = htx.send("POST", htx.signed("POST", TRANSFER), headers, htx.body())
    assert reply.json["err-code"] == "gateway-internal-error"
    assert htx.lookalike.executed == ()


def test_margin_account_can_be_asked_for_linear_swap_only(htx_closed) -> None:
    htx = htx_closed.open(margin_account_required=False)
    assert htx.transfer(to="otc", margin_account=...).json["code"] == 200
    assert htx.transfer(margin_account=...).json["code"] == 504


def test_less_than_the_minimum_is_refused(htx_closed) -> None:
    htx = htx_closed.open(minimums={"USDT": "5"})
    assert htx.transfer(amount="4.99").json == {
        "code": 1303,
        "data": None,
        "message": "Each transfer-out cannot be less than 5USDT.",
        "success": False,
        "print-log": True,
    }
    assert htx.transfer(amount="5").json["code"] == 200


def test_a_second_transfer_within_a_second_is_too_many(htx) -> None:
    assert htx.transfer().json["code"] == 200
    target = htx.signed("POST", TRANSFER)
    htx.clock.advance(0.9)
    reply = htx.send("POST", target, JSON, htx.body())
    assert (reply.json["code"], reply.json["message"]) == (429, "too many requests")
    assert len(htx.lookalike.executed) == 1
    assert htx.transfer().json["code"] == 200


def test_an_error_comes_as_plain_text_with_http_200(htx) -> None:
    reply = htx.transfer(amount="0")
    assert (reply.status, reply.content_type) == (200, "text/plain")


def assert_not_believed(htx, reply, words: str) -> None:
    assert reply.status == 200
    assert reply.json["status"] == "error"
    assert reply.json["err-code"] == "api-signature-not-valid"
    assert words in reply.json["err-msg"]
    assert htx.lookalike.executed == ()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"AccessKeyId": "another-key"}, "Incorrect Access key"),
        ({"SignatureMethod": "HmacSHA1"}, "Verification failure"),
        ({"SignatureVersion": "1"}, "Verification failure"),
        ({"Timestamp": "2026-11-20T04:19:14"}, "Invalid submission time"),
        ({"Timestamp": "2026-11-20T04:29:16"}, "Invalid submission time"),
        ({"Timestamp": "2026-11-20T04:24:15Z"}, "Invalid submission time"),
        ({"Timestamp": "2026-11-20T04:24:15.000"}, "Invalid submission time"),
        ({"Timestamp": "2026-13-20T04:24:15"}, "Invalid submission time"),
        ({"Timestamp": "1763612655"}, "Invalid submission time"),
    ],
)
def test_wrong_auth_parameters_are_not_believed(htx, params, words) -> None:
    reply = htx.send("POST", htx.signed("POST", TRANSFER, **params), JSON, htx.body())
    assert_not_believed(htx, reply, words)


@pytest.mark.parametrize("timestamp", ["2026-11-20T04:19:15", "2026-11-20T04:29:15"])
def test_five_minutes_of_skew_are_still_believed(htx, timestamp) -> None:
    target = htx.signed("POST", TRANSFER, Timestamp=timestamp)
    assert htx.send("POST", target, JSON, htx.body()).json["code"] == 200


@pytest.mark.parametrize("host", ["api.huobi.pro", "127.0.0.1", "api.hbdm.com"])
def test_a_signature_for_another_host_is_not_believed(htx, host) -> None:
    reply = htx.send("POST", htx.signed("POST", TRANSFER, host=host), JSON, htx.body())
    assert_not_believed(htx, reply, "Verification failure")


@pytest.mark.parametrize(("method", "path"), [("GET", TRANSFER), ("POST", "/v2/account/ledger")])
def test_a_signature_for_another_request_is_not_believed(htx, method, path) -> None:
    signed = htx.signed(method, path)
    reply = htx.send("POST", TRANSFER + "?" + signed.partition("?")[2], JSON, htx.body())
    assert_not_believed(htx, reply, "Verification failure")


def test_a_signature_by_another_secret_is_not_believed(htx) -> None:
    htx.SECRET = "another-secret"
    assert_not_believed(htx, htx.transfer(), "Verification failure")


def test_a_parameter_added_after_signing_is_not_believed(htx) -> None:
    reply = htx.send("POST", htx.signed("POST", TRANSFER) + "&currency=usdt", JSON, htx.body())
    assert_not_believed(htx, reply, "Verification failure")


def test_an_unencoded_plus_in_the_signature_is_not_believed(htx) -> None:
    signed = ""
    while "%2B" not in signed:
        htx.clock.advance(1)
        signed = htx.signed("POST", TRANSFER)
    reply = htx.send("POST", signed.replace("%2B", "+"), JSON, htx.body())
    assert_not_believed(htx, reply, "Verification failure")
    assert htx.send("POST", signed, JSON, htx.body()).json["code"] == 200


@pytest.mark.parametrize("missing", ["AccessKeyId", "Signature"])
def test_an_unsigned_request_is_asked_to_log_in(htx, missing) -> None:
    path, _, query = htx.signed("POST", TRANSFER).partition("?")
    rest = "&".join(piece for piece in query.split("&") if not piece.startswith(f"{missing}="))
    reply = htx.send("POST", f"{path}?{rest}", JSON, htx.body())
    assert reply.json["err-code"] == "login-required"


def test_a_read_only_key_cannot_transfer(htx_closed) -> None:
    htx = htx_closed.open(permission="readOnly")
    assert_not_believed(htx, htx.transfer(), "API key has no permission")
    assert htx.get("/v2/user/uid")["code"] == 200


def test_a_key_bound_to_another_address_is_turned_away(htx_closed) -> None:
    htx = htx_closed.open(ip_addresses="192.0.2.1")
    assert_not_believed(htx, htx.transfer(), "Incorrect IP address [IP地址错误]:127.0.0.1")


@pytest.mark.parametrize(("method", "path"), [("GET", TRANSFER), ("POST", "/v2/user/uid"), ("GET", "/v3/none")])
def test_a_wrong_verb_or_path_is_405(htx, method, path) -> None:
    reply = htx.send(method, htx.signed(method, path))
    assert (reply.status, reply.json["err-code"]) == (405, "method-not-allowed")


def test_a_get_with_a_body_is_403(htx) -> None:
    reply = htx.send("GET", htx.signed("GET", "/v2/user/uid"), JSON, b"{}")
    assert reply.status == 403


def test_a_read_that_is_not_signed_well_is_refused_in_its_hosts_envelope(htx) -> None:
    spot = htx.send("GET", htx.signed("GET", "/v2/user/uid", host="wrong")).json
    assert spot["err-code"] == "api-signature-not-valid"
    futures = htx.send("GET", htx.signed("GET", "/v5/account/balance", host="wrong")).json
    assert (futures["err_code"], futures["err_msg"]) == (403, "Verification failure [校验失败]")


def test_the_time_is_public_and_in_ms(htx) -> None:
    assert htx.send("GET", "/v1/common/timestamp").json == {"status": "ok", "data": 1795148655000}


def test_the_user_and_its_key_are_told(htx_closed) -> None:
    htx = htx_closed.open(ip_addresses="127.0.0.1", valid_days=60)
    assert htx.get("/v2/user/uid") == {"code": 200, "data": 63628520}
    (key,) = htx.get("/v2/user/api-key", uid="63628520", accessKey=htx.KEY)["data"]
    assert (key["permission"], key["ipAddresses"], key["validDays"]) == ("readOnly,trade", "127.0.0.1", 60)
    assert htx.get("/v2/user/api-key", uid="1")["code"] == 2002


def test_balances_are_text_and_seq_num_grows_with_each_change_only(htx) -> None:
    accounts = {row["type"]: row["id"] for row in htx.get("/v1/account/accounts")["data"]}

    def usdt() -> tuple[str, str]:
        rows = htx.get(f"/v1/account/accounts/{accounts['spot']}/balance")["data"]["list"]
        (row,) = [row for row in rows if row["currency"] == "usdt" and row["type"] == "trade"]
        return row["balance"], row["seq-num"]

    assert usdt() == ("10000", "0")
    htx.transfer(amount="0.5")
    assert usdt() == ("9999.5", "1")
    htx.transfer(amount="0")
    assert usdt() == ("9999.5", "1")
    assert htx.get("/v1/account/accounts/77/balance")["status"] == "error"


def test_the_futures_balance_is_the_cross_account(htx) -> None:
    htx.transfer(margin_account="ETH-USDT")
    htx.transfer(amount="1.25")
    data = htx.get("/v5/account/balance")["data"]
    assert data["details"] == [
        {"currency": "USDT", "equity": "501.25", "available": "501.25", "withdraw_available": "501.25"}
    ]


def test_the_ledger_tells_signed_exact_amounts_newest_first(htx) -> None:
    htx.transfer(amount="0.00000001")
    htx.transfer(from_="linear-swap", to="spot", amount="10")
    htx.lookalike.book.move("spot", "swap", "BTC", Decimal("1"))
    answer = htx.get("/v2/account/ledger", accountId="10000001", transactTypes="transfer")
    assert answer["ok"] is True
    assert [(row["transferType"], row["currency"], row["transactAmt"]) for row in answer["data"]] == [
        ("dm-spot-to-swap", "btc", -1),
        ("linear-swap-to-spot", "usdt", 10),
        ("spot-to-linear-swap", "usdt", Decimal("-0.00000001")),
    ]
    assert {row["transactId"] for row in answer["data"]} == {0}
    only_usdt = htx.get("/v2/account/ledger", accountId="10000001", currency="usdt", sort="asc")
    assert [row["transactAmt"] for row in only_usdt["data"]] == [Decimal("-0.00000001"), 10]


def test_the_ledger_pages_by_next_id_and_keeps_to_its_window(htx) -> None:
    for amount in ("1", "2", "3"):
        htx.transfer(amount=amount)
    first = htx.get("/v2/account/ledger", accountId="10000001", limit="2")
    assert [row["transactAmt"] for row in first["data"]] == [-3, -2]
    rest = htx.get("/v2/account/ledger", accountId="10000001", limit="2", fromId=str(first["nextId"]))
    assert [row["transactAmt"] for row in rest["data"]] == [-1]
    assert "nextId" not in rest
    since = str(first["data"][0]["transactTime"])
    late = htx.get("/v2/account/ledger", accountId="10000001", startTime=since)
    assert [row["transactAmt"] for row in late["data"]] == [-3]


@pytest.mark.parametrize(
    "params",
    [
        {"accountId": "5"},
        {"limit": "501"},
        {"startTime": "yesterday"},
        {"startTime": "1"},
        {"endTime": "x"},
        {"transactTypes": "trade"},
        {"sort": "up"},
        {"fromId": "-1"},
    ],
)
def test_the_ledger_names_the_parameter_it_does_not_take(htx, params) -> None:
    answer = htx.get("/v2/account/ledger", **({"accountId": "10000001"} | params))
    (name,) = params
    assert (answer["code"], answer["message"]) == (2002, f"invalid field value in `{name}`")


def test_the_ledger_of_otc_is_empty(htx) -> None:
    htx.transfer(to="otc")
    assert htx.get("/v2/account/ledger", accountId="10000002")["data"] == []


def test_every_transfer_request_is_kept_as_it_stood_on_the_wire(htx) -> None:
    htx.clock.advance(1)
    target, body = htx.signed("POST", TRANSFER), htx.body(amount="7.10")
    htx.send("POST", target, JSON | {"X-Trace": "1"}, body)
    htx.get("/v2/user/uid")
    (request,) = htx.lookalike.requests
    assert (request.method, request.target, request.body) == ("POST", target, body)
    assert request.headers["x-trace"] == "1"
    assert json.loads(request.body)["amount"] == "7.10"
    assert "Signature" not in repr(request)
    assert htx.KEY not in repr(request)
