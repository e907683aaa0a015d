"""What leaves this machine for a transfer on HTX, byte for byte, and what never does."""

from __future__ import annotations

import httpx
import pytest
import respx
from exchange_orders import HTX_URL, htx, order

from bot.transfers import Accepted, NotSent, Unknown

# Vector V2 of htx-api.md §1.5; the body is not part of the signature.
V2_URL = (
    "https://api.huobi.pro/v2/account/transfer?AccessKeyId=test-access-key-0001&SignatureMethod=HmacSHA256"
    "&SignatureVersion=2&Timestamp=2026-11-20T04%3A24%3A15"
    "&Signature=xmcxMLB6y2KXVZa0d3Evtzr7W8KVXP1g5e8svfH7Hx8%3D"
)
OK = {"code": 200, "data": 176104252, "message": "Succeed", "success": True}


def sent(mock: respx.MockRouter) -> httpx.Request:
    assert mock.calls.call_count == 1
    return mock.calls.last.request


@respx.mock
def test_a_transfer_is_one_post_with_these_bytes():
    respx.post(V2_URL).respond(json=OK)
    outcome = htx().transfer(order("htx:spot -> htx:linear-swap", "250.50", margin="USDT"))
    request = sent(respx.mock)
    assert outcome == Accepted("176104252")
    assert str(request.url) == V2_URL
    assert request.url.raw_path == V2_URL.removeprefix(HTX_URL).encode()
    assert request.content == (
        b'{"from":"spot","to":"linear-swap","currency":"usdt","amount":"250.5","margin-account":"USDT"}'
    )
    assert dict(request.headers) == {
        "host": "api.huobi.pro",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "content-length": "93",
        "content-type": "application/json",
        "user-agent": "transferdesk",
    }


@pytest.mark.parametrize(
    ("route", "margin", "body"),
    [
        ("spot -> linear-swap", "USDT", b'{"from":"spot","to":"linear-swap",%s,"margin-account":"USDT"}'),
        ("linear-swap -> spot", "USDT", b'{"from":"linear-swap","to":"spot",%s,"margin-account":"USDT"}'),
        (
            "spot -> linear-swap/BTC-USDT",
            "BTC-USDT",
            b'{"from":"spot","to":"linear-swap",%s,"margin-account":"BTC-USDT"}',
        ),
        (
            "linear-swap/BTC-USDT -> spot",
            "BTC-USDT",
            b'{"from":"linear-swap","to":"spot",%s,"margin-account":"BTC-USDT"}',
        ),
        ("spot -> otc", "USDT", b'{"from":"spot","to":"otc",%s,"margin-account":"USDT"}'),
        ("otc -> spot", "", b'{"from":"otc","to":"spot",%s}'),
        ("spot -> futures", "", b'{"from":"spot","to":"futures",%s}'),
        ("futures -> spot", "", b'{"from":"futures","to":"spot",%s}'),
        ("spot -> swap", "", b'{"from":"spot","to":"swap",%s}'),
        ("swap -> spot", "", b'{"from":"swap","to":"spot",%s}'),
    ],
)
@respx.mock
def test_money_goes_the_way_the_route_says(route, margin, body):
    respx.post(V2_URL).respond(json=OK)
    source, _, destination = route.partition(" -> ")
    htx().transfer(order(f"htx:{source} -> htx:{destination}", "10", margin=margin))
    assert sent(respx.mock).content == body % b'"currency":"usdt","amount":"10"'


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.00000001", "0.00000001"),
        ("1E-8", "0.00000001"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("1250.50", "1250.5"),
        ("123456789012.12345678", "123456789012.12345678"),
    ],
)
@respx.mock
def test_an_amount_is_a_text_of_plain_digits(amount, text):
    respx.post(V2_URL).respond(json=OK)
    htx().transfer(order("htx:spot -> htx:otc", amount))
    assert f'"amount":"{text}"'.encode() in sent(respx.mock).content


@pytest.mark.parametrize(
    "bad",
    [
        order("htx:spot -> htx:spot"),
        order("htx:otc -> htx:swap"),
        order("htx:spot -> htx:margin"),
        order("other:spot -> htx:otc"),
        order("other:spot -> other:otc"),
        order("htx:spot -> htx:linear-swap"),
        order("htx:spot -> htx:linear-swap", margin="BTC-USDT"),
        order("htx:spot -> htx:linear-swap/BTC-USDT", margin="USDT"),
        order("htx:spot -> htx:otc", margin="USDT-BTC"),
        order("htx:spot -> htx:otc", "0"),
        order("htx:spot -> htx:otc", "-1"),
        order("htx:spot -> htx:otc", "0.000000001"),
        order("htx:spot -> htx:otc", "NaN"),
        order("htx:spot -> htx:otc", "Infinity"),
        order("htx:spot -> htx:otc", currency="usdt"),
        order("htx:spot -> htx:otc", currency='USDT","amount":"9'),
    ],
    ids=str,
)
@respx.mock
def test_an_order_htx_could_not_take_never_leaves(bad):
    outcome = htx().transfer(bad)
    assert isinstance(outcome, NotSent)
    assert outcome.reason
    assert not respx.mock.calls


@respx.mock
def test_two_transfers_are_two_requests_and_one_transfer_is_one_whatever_the_answer():
    respx.post(V2_URL).mock(side_effect=[httpx.Response(503), httpx.Response(200, json=OK)])
    exchange = htx()
    assert isinstance(exchange.transfer(order("htx:spot -> htx:otc")), Unknown)
    assert respx.mock.calls.call_count == 1
    assert exchange.transfer(order("htx:spot -> htx:otc")) == Accepted("176104252")


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (httpx.ConnectError("x"), NotSent("could not connect")),
        (httpx.ConnectTimeout("x"), NotSent("could not connect in time")),
        (httpx.PoolTimeout("x"), NotSent("could not connect in time")),
        (httpx.UnsupportedProtocol("x"), NotSent("could not send such a request")),
        (httpx.LocalProtocolError("x"), NotSent("could not send such a request")),
        (httpx.WriteTimeout("x"), Unknown("no complete answer within 20 s")),
        (httpx.ReadTimeout("x"), Unknown("no complete answer within 20 s")),
        (httpx.WriteError("x"), Unknown("the connection broke before a complete answer")),
        (httpx.ReadError("x"), Unknown("the connection broke before a complete answer")),
        (httpx.CloseError("x"), Unknown("the connection broke before a complete answer")),
        (httpx.RemoteProtocolError("x"), Unknown("the connection broke before a complete answer")),
        (httpx.DecodingError("x"), Unknown("an unexpected failure before a complete answer")),
        (httpx.TooManyRedirects("x"), Unknown("an unexpected failure before a complete answer")),
        (RuntimeError("x"), Unknown("an unexpected failure before a complete answer")),
        (RecursionError("x"), Unknown("an unexpected failure before a complete answer")),
        (MemoryError("x"), Unknown("an unexpected failure before a complete answer")),
    ],
    ids=lambda value: type(value).__name__,
)
@respx.mock
def test_every_failure_has_its_class(failure, outcome):
    respx.post(V2_URL).mock(side_effect=failure)
    assert htx().transfer(order("htx:spot -> htx:otc")) == outcome


@respx.mock
def test_ctrl_c_is_not_swallowed():
    def press(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    respx.post(V2_URL).mock(side_effect=press)
    with pytest.raises(KeyboardInterrupt):
        htx().transfer(order("htx:spot -> htx:otc"))


@respx.mock
def test_a_cookie_is_not_sent_back():
    respx.post(V2_URL).respond(json=OK, headers={"Set-Cookie": "__cf_bm=1; Path=/; Domain=huobi.pro"})
    exchange = htx()
    exchange.transfer(order("htx:spot -> htx:otc"))
    exchange.transfer(order("htx:spot -> htx:otc"))
    assert "cookie" not in respx.mock.calls.last.request.headers


def test_the_adapter_says_who_it_is_without_its_key():
    exchange = htx()
    assert exchange.fingerprint == "1ad84d1218f2"
    assert repr(exchange) == "HtxExchange('htx', key 1ad84d1218f2)"
    assert exchange.pace_s == 1.1
