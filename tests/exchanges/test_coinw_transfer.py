"""CoinW's signature, the exact bytes of its requests, and what its answers mean (coinw-api.md §2 and §3)."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import respx
from exchange_orders import coinw, order
from hypothesis import given
from hypothesis import strategies as st

from bot.exchanges.answers import Answer
from bot.exchanges.coinw import classify, sign, signed_url, unfit
from bot.exchanges.keys import ApiKey
from bot.transfers import Accepted, NotSent, Refused, Unknown

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["coinw"]
KEY = ApiKey("test_api_key", "test_secret_key")
PRIVATE = "https://api.coinw.com/api/v1/private"
OK = {"code": "200", "data": {"bizNo": "2026112000001"}, "msg": "SUCCESS", "success": True, "failed": False}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_vector_gives_its_signature(vector):
    assert sign(ApiKey(vector["api_key"], vector["secret"]), vector["params"]) == vector["sign"]


def test_neither_the_command_nor_the_order_of_names_is_signed():
    params = {"side": "OUT", "subUid": "39000001", "currency": "USDT", "amount": "10"}
    # What V1's values give with `command` in the text, and unsorted (coinw-api.md §2.4, negative vectors).
    wrong = {"AD291906C267E43B6A05CBA91FC7A4E8", "2F15C686962CEF79367D535DD5DA2F23"}
    assert sign(KEY, params) == sign(KEY, dict(reversed(params.items()))) == "3293CB1B7BA2385A9985827CD57059F7"
    assert sign(KEY, params) not in wrong
    assert sign(KEY, {**params, "command": "subAccount_transfer"}) == "AD291906C267E43B6A05CBA91FC7A4E8"


def test_a_value_that_could_be_read_as_two_is_unfit():
    assert unfit(KEY, {"a": "1&b=2"})
    assert unfit(KEY, {"a": ""})
    assert unfit(KEY, {"a": "1 2"})
    assert unfit(ApiKey("key&admin=1", "s"), {})
    assert not unfit(KEY, {"a": "1250.50", "b": "OUT"})


def test_a_command_without_parameters_is_signed_by_the_key_alone():
    assert signed_url(KEY, "https://api.coinw.com", "subAccount_list", {}) == (
        f"{PRIVATE}?command=subAccount_list&api_key=test_api_key&sign=8302A9991621A6F24A193BE8FC40B403"
    )


@pytest.mark.parametrize(
    ("route", "amount", "query"),
    [
        (
            "coinw:master -> coinw:39000001",
            "10",
            "command=subAccount_transfer&amount=10&api_key=test_api_key&currency=USDT&side=OUT&subUid=39000001"
            "&sign=3293CB1B7BA2385A9985827CD57059F7",
        ),
        (
            "coinw:39000001 -> coinw:master",
            "10",
            "command=subAccount_transfer&amount=10&api_key=test_api_key&currency=USDT&side=IN&subUid=39000001"
            "&sign=7BE6B812F05933D7D7E30E1B6B1D20C2",
        ),
    ],
)
@respx.mock
def test_a_transfer_is_one_post_with_these_bytes(route, amount, query):
    respx.post(url__startswith=PRIVATE).respond(json=OK)
    outcome = coinw().transfer(order(route, amount))
    assert outcome == Accepted("2026112000001")
    assert respx.mock.calls.call_count == 1
    request = respx.mock.calls.last.request
    assert request.url.raw_path == f"/api/v1/private?{query}".encode()
    assert request.content == b""
    assert dict(request.headers) == {
        "host": "api.coinw.com",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "content-length": "0",
        "content-type": "application/json",
        "user-agent": "transferdesk",
    }


@pytest.mark.parametrize(
    "bad",
    [
        order("coinw:39000001 -> coinw:39000002"),
        order("coinw:master -> coinw:master"),
        order("coinw:master -> coinw:39000003"),
        order("coinw:master -> coinw:maker"),
        order("coinw:master -> coinw:39000001&side=IN"),
        order("other:master -> coinw:39000001"),
        order("other:master -> other:39000001"),
        order("coinw:master -> coinw:39000001", "0"),
        order("coinw:master -> coinw:39000001", "-1"),
        order("coinw:master -> coinw:39000001", "0.000000001"),
        order("coinw:master -> coinw:39000001", "NaN"),
        order("coinw:master -> coinw:39000001", currency="usdt"),
        order("coinw:master -> coinw:39000001", currency="USDT&amount=9"),
    ],
    ids=str,
)
@respx.mock
def test_an_order_coinw_could_not_take_never_leaves(bad):
    outcome = coinw().transfer(bad)
    assert isinstance(outcome, NotSent)
    assert outcome.reason
    assert not respx.mock.calls


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("x"), NotSent),
        (httpx.ReadTimeout("x"), Unknown),
        (httpx.RemoteProtocolError("x"), Unknown),
        (RuntimeError("x"), Unknown),
    ],
    ids=lambda value: type(value).__name__,
)
@respx.mock
def test_a_failure_on_the_way_is_no_refusal(failure, kind):
    respx.post(url__startswith=PRIVATE).mock(side_effect=failure)
    assert isinstance(coinw().transfer(order("coinw:master -> coinw:39000001")), kind)
    assert respx.mock.calls.call_count == 1


# --- answers ---

REFUSED = ["402", "904", "404", "6000", "6001", "6003", "1003", "-103", "-3", "200005"]
REFUSED += ["10002", "10003", "10004", "10005", "10006", "10007"]
RATE_LIMITED = ["29001", "429"]
AMBIGUOUS = ["500", "-200", "10001"]
UNLISTED = ["0", "1", "9111", "9001", "9016", "77", "-1"]


def judged(document: object, status: int = 200, refused_codes: frozenset[str] = frozenset()):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return classify(Answer(status, body), KEY, refused_codes)


@pytest.mark.parametrize("code", REFUSED + RATE_LIMITED)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429])
def test_a_known_refusal_is_refused_in_every_shape(code, status):
    by = "rate limit" if code in RATE_LIMITED else "exchange"
    refused = Refused(code, "No.", by)
    assert judged({"code": code, "msg": "No."}, status) == refused
    assert judged({"code": int(code), "message": "No.", "retry": False, "success": False}, status) == refused
    assert judged({"code": code, "msg": "No.", "data": None, "success": False, "failed": True}, status) == refused


@pytest.mark.parametrize("words", ["network timeout", "Read timed out", "time-out", "请求超时", "bad gateway"])
@pytest.mark.parametrize("name", ["msg", "message"])
def test_a_refusal_that_tells_of_a_timeout_or_a_gateway_is_unknown(name, words):
    for code in [*REFUSED, *RATE_LIMITED, "9111"]:
        outcome = judged({"code": code, name: words, "success": False}, 200, frozenset({"9111"}))
        assert outcome == Unknown(f"the exchange answered {code}: {words}")


@pytest.mark.parametrize("status", [408, 499])
def test_a_status_that_says_somebody_gave_up_waiting_is_unknown(status):
    assert isinstance(judged({"code": "404", "msg": "No."}, status), Unknown)


@pytest.mark.parametrize("code", AMBIGUOUS + UNLISTED)
def test_any_other_code_is_unknown_unless_desk_toml_names_it(code):
    document = {"code": code, "msg": "Hm.", "success": False, "failed": True}
    assert judged(document) == Unknown(f"the exchange answered {code}: Hm.")
    assert judged(document, refused_codes=frozenset({code})) == Refused(code, "Hm.")
    assert isinstance(judged(document, 500, frozenset({code})), Unknown)


@pytest.mark.parametrize(
    "document",
    [
        OK,
        {**OK, "code": 200},
        {key: value for key, value in OK.items() if key != "failed"},
        {**OK, "extra": 1},
    ],
)
def test_a_whole_success_is_accepted(document):
    assert judged(document) == Accepted("2026112000001")


def test_the_masked_number_of_the_documents_and_a_numeric_one_are_kept_as_text():
    assert judged({**OK, "data": {"bizNo": "*" * 30}}) == Accepted("*" * 30)
    assert judged({**OK, "data": {"bizNo": 7}}) == Accepted("7")


@pytest.mark.parametrize(
    "change",
    [
        {"success": None},
        {"success": False},
        {"success": 1},
        {"failed": True},
        {"failed": "yes"},
        {"data": None},
        {"data": True},
        {"data": "2026112000001"},
        {"data": {}},
        {"data": {"bizNo": ""}},
        {"data": {"bizNo": None}},
        {"data": {"bizNo": True}},
        {"data": {"bizNo": "two words"}},
        {"data": {"bizNo": "9" * 200}},
        {"code": "0"},
        {"code": 200.0},
        {"code": None},
        {"code": "29001"},
        {"err-code": "x"},
    ],
    ids=str,
)
def test_almost_a_success_is_unknown(change):
    assert isinstance(judged(OK | change), Unknown)


def test_a_success_without_its_flag_is_unknown():
    assert isinstance(judged({"code": "200", "data": {"bizNo": "1"}, "msg": "SUCCESS"}), Unknown)


@pytest.mark.parametrize(
    "change", [{"success": True}, {"failed": False}, {"data": {"bizNo": "1"}}, {"success": "maybe"}], ids=str
)
def test_a_refusal_that_contradicts_itself_is_unknown(change):
    refusal = {"code": "200005", "msg": "No.", "success": False, "failed": True, "data": None}
    assert isinstance(judged(refusal), Refused)
    assert isinstance(judged(refusal | change), Unknown)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"<html>"), (200, b'{"code":"200"'), (403, b""), (404, b"x"), (502, b"<html>"), (302, b"")],
)
def test_what_is_no_usable_answer_is_unknown(status, body):
    assert isinstance(judged(body, status), Unknown)


@pytest.mark.parametrize("status", [302, 400, 403, 500, 502, 521])
def test_a_success_with_another_status_is_unknown(status):
    assert isinstance(judged(OK, status), Unknown)


def test_a_page_of_the_gateway_is_refused():
    assert judged(b"<html>cloudflare</html>", 403).by == "gateway"
    assert judged(b"slow down", 429).by == "rate limit"


FIELDS = st.sampled_from(["code", "success", "failed", "data", "msg", "message"])
VALUES = st.sampled_from(["200", 200, "29001", True, False, None, "true", {"bizNo": "1"}, {}, [], 7, "x"])


@given(st.sampled_from([200, 302, 400, 403, 429, 500]), st.dictionaries(FIELDS, VALUES))
def test_only_a_whole_success_is_accepted(status, document):
    if isinstance(judged(document, status), Accepted):
        assert status == 200
        assert document["code"] in ("200", 200)
        assert document["success"] in (True, "true")
        assert document["data"] == {"bizNo": "1"}
        assert document.get("failed") in (None, False)


def test_the_adapter_says_who_it_is_without_its_key():
    exchange = coinw()
    assert repr(exchange) == f"CoinwExchange('coinw', key {exchange.fingerprint})"
    assert exchange.pace_s >= 1
