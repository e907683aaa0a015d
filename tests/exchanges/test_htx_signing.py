"""HTX's signature against published and cross-checked vectors (htx-api.md §1.5)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import respx

from bot.exchanges.htx_signing import canonical_query, signature, signed_url, signing_time
from bot.exchanges.keys import ApiKey
from bot.exchanges.transport import Request, Transport, host_header

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["htx"]
KEY = ApiKey("test-access-key-0001", "test-secret-key-0001")
AT = "2026-11-20T04:24:15"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_vector_gives_its_url(vector):
    key = ApiKey(vector["key"], vector["secret"])
    url = signed_url(key, vector["method"], f"https://{vector['host']}", vector["path"], vector["params"], vector["ts"])
    assert url == vector["url"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_vector_gives_its_query_and_signature(vector):
    query = canonical_query(vector["key"], vector["ts"], vector["params"])
    assert query == vector["canonical_query"]
    assert vector["signature"] == signature(vector["secret"], vector["method"], vector["host"], vector["path"], query)


def test_the_official_sdks_own_vector():
    query = canonical_query("123", "123", {})
    assert signature("456", "GET", "host", "/url", query) == "Hhiaq8xYQPiBZOyWV37MdQutLo4f0ZOHiJtG3p+nILc="


def test_another_second_is_another_signature():
    vector = VECTORS[0]
    query = canonical_query(vector["key"], "2017-05-11T15:19:31", vector["params"])
    wrong = signature(vector["secret"], "GET", vector["host"], vector["path"], query)
    assert wrong == "GXdA+/7owpbrqtXooY971lHWE24KAlxXN9rvGz3UegY="


def test_each_part_of_the_text_counts():
    query = canonical_query(KEY.access, AT, {})
    right = signature(KEY.secret, "POST", "api.huobi.pro", "/v2/account/transfer", query)
    for method, host, path in (
        ("GET", "api.huobi.pro", "/v2/account/transfer"),
        ("POST", "api-aws.huobi.pro", "/v2/account/transfer"),
        ("POST", "api.huobi.pro", "/v2/account/Transfer"),
        ("POST", "api.huobi.pro", "/v2/account/transfer/"),
    ):
        assert signature(KEY.secret, method, host, path, query) != right


def test_values_are_encoded_in_upper_case_and_a_space_is_no_plus():
    query = canonical_query("k", "t", {"states": "a,b c/d+e=f:g~h", "Z": "1", "a": "2"})
    assert query == (
        "AccessKeyId=k&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=t"
        "&Z=1&a=2&states=a%2Cb%20c%2Fd%2Be%3Df%3Ag~h"
    )


def test_a_signature_with_plus_and_slash_is_encoded_in_the_url():
    url = signed_url(KEY, "GET", "https://api.huobi.pro", "/v2/account/ledger", VECTORS[2]["params"], AT)
    assert url.endswith("&Signature=bB1NywV%2FOL688mg7gJGxbBzbQDCC%2BuE3T9YaoKDLNHA%3D")


def test_the_timestamp_has_neither_fraction_nor_zone():
    assert signing_time(datetime(2026, 11, 20, 4, 24, 15, 999000, tzinfo=UTC)) == AT


@pytest.mark.parametrize(
    "url",
    [
        "https://api.huobi.pro",
        "https://api.huobi.pro:443",
        "https://API.Huobi.pro",
        "http://127.0.0.1:8081",
        "http://127.0.0.1:80",
        "http://127.0.0.1:443",
        "http://localhost:1",
        "http://[::1]:8081",
        "https://[::1]",
    ],
)
def test_the_signed_host_is_the_host_header_of_the_request(url):
    assert host_header(url) == httpx.Request("GET", url).headers["Host"]
    with respx.mock:
        sent = respx.get().respond()
        Transport().read(Request("GET", f"{url}/v1/common/timestamp?x=1"))
    assert sent.calls.last.request.headers["Host"] == host_header(url)


def test_neither_half_of_a_key_is_in_its_repr():
    for text in (repr(KEY), str(KEY), f"{KEY}"):
        assert "test-access" not in text
        assert "test-secret" not in text
    assert KEY.fingerprint in str(KEY)
