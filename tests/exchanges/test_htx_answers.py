"""Every answer HTX is known to give to a transfer, and what it means for the money (htx-api.md §2.5 to §2.8)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.exchanges.answers import Answer
from bot.exchanges.htx import classify
from bot.exchanges.keys import ApiKey
from bot.transfers import Accepted, Refused, Unknown

KEY = ApiKey("test-access-key-0001", "test-secret-key-0001")

# The table of htx-api.md §2.6, written out: one class a code, all 63.
TABLE = {
    "ok": [200],
    "R": [
        *(429, 502, 504, 10000, 10001, 10002, 10003, 10004, 10005, 1013, 1089, 1106),
        *(1301, 1303, 1304, 1305, 1306, 1307, 1308, 1309, 1310, 1311, 1312, 1313, 1314, 1315, 1319, 1320),
        *(1322, 1331),
    ],
    "C": [
        *(403, 404, 501, 512, 513, 10008, 10009, 10010, 10011, 20001, 1010, 1012, 1018),
        *(1102, 1103, 1111, 1112, 1114, 1327, 1328, 1329, 1330),
    ],
    "U": [500, 10006, 1030, 1300, 1302, 1316, 1317, 1318, 1321, 1323],
}
REFUSED = [str(code) for code in TABLE["R"] + TABLE["C"]]
UNKNOWN = [str(code) for code in TABLE["U"]]


def judged(document: object, status: int = 200, refused_codes: frozenset[str] = frozenset()):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return classify(Answer(status, body), KEY, refused_codes)


PAGE = b"<!DOCTYPE html>\n<html><body>Sorry, you have been blocked</body></html>\n"
DOUBTS = ["Request timed out", "time-out", "TIME_OUT", "Timeout!", "请求超时", "Bad Gateway", "upstream gateway"]


def failure(code: object, message: str = "No.", **more: object) -> dict[str, object]:
    return {"code": code, "data": None, "message": message, "success": False, **more}


def test_the_table_has_all_63_codes_once():
    codes = [code for row in TABLE.values() for code in row]
    assert len(codes) == len(set(codes)) == 63


@pytest.mark.parametrize("code", REFUSED)
def test_a_code_of_class_r_or_c_is_refused(code):
    by = "rate limit" if code == "429" else "exchange"
    words = "Invalid parameter" if code in ("502", "504") else "No."
    assert judged(failure(int(code), words)) == Refused(code, words, by)
    assert judged(failure(code, words, **{"print-log": True})) == Refused(code, words, by)


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_refusal_that_tells_of_a_timeout_or_a_gateway_is_unknown(doubt):
    refused_codes = frozenset({"9999"})
    for code in [*REFUSED, "9999"]:
        assert judged(failure(code, doubt), 200, refused_codes) == Unknown(f"the exchange answered {code}: {doubt}")
        assert isinstance(judged(failure(code, doubt), 400, refused_codes), Unknown)
        assert isinstance(judged(failure(code, "No parameter.", msg=doubt), 200, refused_codes), Unknown)


@pytest.mark.parametrize("doubt", DOUBTS)
@pytest.mark.parametrize("envelope", [("err-code", "err-msg"), ("err_code", "err_msg"), ("code", "msg")])
def test_a_timeout_is_heard_in_every_envelope(envelope, doubt):
    name, words = envelope
    for code in ("invalid-parameter", "bad-request", "api-signature-not-valid"):
        assert isinstance(judged({"status": "error", name: code, words: doubt}), Unknown)


@pytest.mark.parametrize("code", [502, 504, "502", "504"])
def test_a_502_or_504_is_refused_only_when_it_speaks_of_a_parameter(code):
    for words in ("Invalid parameter", "Lack of parameter", "缺少参数", "PARAMETER amount"):
        assert judged(failure(code, words)) == Refused(str(code), words)
    for words in ("", "No.", "Bad Gateway", "Gateway Timeout", "Gateway Time-out: parameter", "Service unavailable"):
        assert isinstance(judged(failure(code, words)), Unknown)
    assert judged(failure(code, "No."), refused_codes=frozenset({str(code)})) == Refused(str(code), "No.")


@pytest.mark.parametrize("code", UNKNOWN)
def test_a_code_of_class_u_is_unknown_and_told(code):
    assert judged(failure(int(code))) == Unknown(f"the exchange answered {code}: No.")


@pytest.mark.parametrize("code", [9999, 1017, 40408, 40401, 2000, 1006, 510, 0, -1, "base-msg", "1332"])
def test_an_unlisted_code_is_unknown_unless_desk_toml_names_it(code):
    assert isinstance(judged(failure(code)), Unknown)
    assert judged(failure(code), refused_codes=frozenset({str(code)})) == Refused(str(code), "No.")


def test_desk_toml_can_name_a_code_of_class_u_but_never_200():
    assert judged(failure(1300), refused_codes=frozenset({"1300"})) == Refused("1300", "No.")
    assert isinstance(judged(failure(200), refused_codes=frozenset({"200"})), Unknown)
    assert isinstance(judged(failure(1300), 500, frozenset({"1300"})), Unknown)


@pytest.mark.parametrize(
    "document",
    [
        {"code": 200, "data": 176104252, "message": "Succeed", "success": True},
        {"code": 200, "data": 176104252, "message": "Succeed", "success": True, "print-log": True},
        {"code": "200", "data": "176104252", "message": "Succeed", "success": "true"},
        {"code": 200, "data": 176104252, "success": True, "status": "ok", "ok": True},
    ],
)
def test_a_success_in_any_documented_spelling_is_accepted(document):
    assert judged(document) == Accepted("176104252")


@pytest.mark.parametrize(
    "change",
    [
        {"data": None},
        {"data": ""},
        {"data": 0},
        {"data": "0"},
        {"data": -5},
        {"data": 1.5},
        {"data": True},
        {"data": "12a"},
        {"data": "１２"},
        {"data": {"transfer_id": 1}},
        {"data": [1]},
        {"success": False},
        {"success": "false"},
        {"success": None},
        {"success": 1},
        {"success": "True "},
        {"code": 200.0},
        {"code": True},
        {"code": None},
        {"code": [200]},
        {"code": "0200"},
        {"code": "２００"},
        {"status": "error"},
        {"status": []},
        {"ok": False},
        {"err-code": "timeout"},
    ],
    ids=str,
)
def test_almost_a_success_is_unknown(change):
    document = {"code": 200, "data": 176104252, "message": "Succeed", "success": True}
    assert isinstance(judged(document | change), Unknown)
    for name in change:
        if name in document:
            assert isinstance(judged({k: v for k, v in document.items() if k != name}), Unknown)


@pytest.mark.parametrize(
    "change",
    [
        {"success": True},
        {"success": "true"},
        {"success": "maybe"},
        {"success": 0},
        {"data": 176104252},
        {"data": "176104252"},
        {"status": "ok"},
        {"status": {}},
        {"ok": True},
        {"err-code": "invalid-parameter"},
    ],
    ids=str,
)
def test_a_refusal_that_contradicts_itself_is_unknown(change):
    assert isinstance(judged(failure(1301)), Refused)
    assert isinstance(judged(failure(1301) | change), Unknown)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"status": "error", "err-code": "api-signature-not-valid", "err-msg": "No.", "data": None}, None),
        ({"status": "error", "err-code": "api-signature-check-failed", "err-msg": "No."}, None),
        ({"status": "error", "err-code": "login-required", "err-msg": "No."}, None),
        ({"status": "error", "err-code": "invalid-parameter", "err-msg": "No."}, None),
        ({"status": "error", "err-code": "bad-request", "err-msg": "No."}, None),
        ({"status": "error", "err-code": "method-not-allowed", "err-msg": "No."}, None),
        ({"status": "error", "err_code": 403, "err_msg": "No.", "ts": 1}, "403"),
        ({"code": 2002, "message": "No."}, "2002"),
        ({"code": 2002, "message": "No.", "ok": False}, "2002"),
        ({"code": 1002, "message": "No."}, "1002"),
        ({"code": "1003", "message": "No."}, "1003"),
        ({"code": 3011, "message": "No."}, "3011"),
        ({"code": 404, "msg": "No.", "data": None, "ts": 1}, "404"),
        ({"code": 501, "message": "No.", "data": {}, "ts": 1}, "501"),
    ],
    ids=str,
)
def test_every_error_envelope_is_read(document, code):
    assert judged(document) == Refused(code or document["err-code"], "No.")


@pytest.mark.parametrize("code", ["429", "40403", "base-request-exceed-frequency-limit", "rate-too-many-requests"])
def test_a_rate_limit_is_named_as_one(code):
    assert judged({"err-code": code, "err-msg": "Slow.", "status": "error"}).by == "rate limit"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("gateway-internal-error", "Failed to load data. Try again later."),
        ("timeout", "Request Timeout"),
        ("base-request-timeout", "x"),
        ("system-maintenance", "x"),
        ("invalid-parameter", "Request timeout"),
        ("bad-request", "request TimeOut, try again"),
        ("unheard-of", "x"),
    ],
)
def test_an_ambiguous_gateway_code_is_unknown(code, message):
    outcome = judged({"ts": 1, "status": "error", "err-code": code, "err-msg": message})
    assert outcome == Unknown(f"the exchange answered {code}: {message}")


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 524])
@pytest.mark.parametrize("document", [failure(1301), b"<html>", b"", {"code": 200, "data": 1, "success": True}])
def test_5xx_is_unknown_whatever_the_body(status, document):
    outcome = judged(document, status)
    assert isinstance(outcome, Unknown)
    assert f"HTTP {status}" in outcome.reason


@pytest.mark.parametrize("status", [100, 201, 204, 301, 302, 303, 307, 308])
def test_a_redirect_or_another_2xx_is_unknown(status):
    assert isinstance(judged(failure(1301), status), Unknown)
    assert isinstance(judged({"code": 200, "data": 1, "message": "", "success": True}, status), Unknown)


@pytest.mark.parametrize("status", [408, 499])
@pytest.mark.parametrize(
    "document", [failure(1301), failure(403), b"", PAGE, {"code": 200, "data": 1, "success": True}]
)
def test_a_status_that_says_somebody_gave_up_waiting_is_unknown_whatever_the_body(status, document):
    outcome = judged(document, status)
    assert isinstance(outcome, Unknown)
    assert f"HTTP {status}" in outcome.reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429])
def test_json_on_4xx_is_judged_by_its_code_but_never_a_success(status):
    assert judged(failure(1301), status) == Refused("1301", "No.")
    assert isinstance(judged(failure(1318), status), Unknown)
    assert isinstance(judged({"code": 200, "data": 1, "message": "", "success": True}, status), Unknown)


def test_a_page_of_the_gateway_is_refused_by_the_gateway():
    assert judged(b"<html>cloudflare</html>", 403).by == "gateway"
    assert judged(b"\r\n " + PAGE, 403).by == "gateway"
    assert judged(PAGE, 429).by == "rate limit"


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"Too Many Requests", b"slow down", b"error code: 1015", b"Rate limit exceeded."]
)
def test_a_429_that_says_nothing_else_is_a_rate_limit(body):
    assert judged(body, 429).by == "rate limit"


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    "body",
    [
        b"<",
        b"<html>",
        b"<html>cut",
        b"<html></html>{}",
        b"<p>Forbidden</p>",
        b"<html>Your transfer was executed</html>",
        b"<html>Success</html>",
        b"<html>504 Gateway Time-out</html>",
        b'\xef\xbb\xbf{"code":200,"data":1,"success":true}',
        b'\x00{"code":200,"data":1,"success":true}',
        b"upstream: retried, executed",
        b"too many requests, one executed",
        b"too many requests: gateway timeout",
        b"too many requests " * 50,
        b"something else",
        b"[]",
    ],
)
def test_a_403_or_429_with_anything_else_is_unknown(status, body):
    assert isinstance(judged(body, status), Unknown)


@pytest.mark.parametrize(("status", "body"), [(403, PAGE), (429, PAGE), (429, b""), (429, b"Too Many Requests")])
def test_a_page_that_may_have_been_cut_off_is_unknown(status, body):
    assert isinstance(classify(Answer(status, body, delimited=False), KEY), Unknown)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"null"),
        (200, b"[]"),
        (200, b"200"),
        (200, b'"ok"'),
        (200, b'{"code":200,"data":1761042'),
        (200, b'{"code":1301,"data":null,"message":"No.","success":false'),
        (200, b'{"code":200,"data":1,"success":true}{"code":200}'),
        (200, b'{"code":1301,"code":200,"data":1,"success":true}'),
        (200, b'{"code":200,"data":1,"success":false,"success":true}'),
        (200, b'{"code":NaN,"data":1,"success":true}'),
        (200, b'{"code":200,"data":Infinity,"success":true}'),
        (200, b'{"code":200,"data":%s,"success":true}' % (b"9" * 5000)),
        (200, b'{"code":200,"data":1e99999999999999999999,"success":true}'),
        (200, b"[" * 60000),
        (200, b'{"a":' * 10000),
        (200, b'\xef\xbb\xbf{"code":200,"data":1,"success":true}'),
        (200, b'{"code":1301,"message":"\xff","success":false}'),
        (200, '{"code":1301}'.encode("utf-16")),
        (403, b""),
        (403, b'{"code":200'),
        (403, b"Forbidden"),
        (404, b"<html>"),
        (429, b'{"code":429'),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_usable_json_is_unknown(status, body):
    assert isinstance(judged(body, status), Unknown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["code", "success", "data", "message", "msg", "status", "ok", "err-code", "err_code", "err-msg"]
LIKELY = st.sampled_from([200, "200", True, False, "true", None, "ok", "error", 1301, 1318, 42, "timeout"])


@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(FIELDS), LIKELY | JSON),
)
def test_no_answer_breaks_the_judge_and_only_a_whole_success_is_accepted(status, document):
    outcome = judged(document, status)
    if isinstance(outcome, Accepted):
        assert status == 200
        assert document["code"] in (200, "200")
        assert document["success"] in (True, "true")
        assert str(document["data"]) == outcome.reference
    if isinstance(outcome, Refused):
        assert not document.get("data")
        assert document.get("success") in (None, False, "false")


@given(st.integers(100, 599), st.binary(max_size=64))
def test_no_bytes_break_the_judge(status, body):
    assert isinstance(judged(body, status), Unknown | Refused)


def test_the_exchanges_words_are_told_without_address_or_key():
    message = "Incorrect IP address [IP地址错误]:203.0.113.7 key test-access-key-0001"
    outcome = judged({"status": "error", "err-code": "api-signature-not-valid", "err-msg": message})
    assert outcome.message == "Incorrect IP address [IP地址错误]:[address] key [hidden]"
