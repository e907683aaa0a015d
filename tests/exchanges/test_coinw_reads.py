"""What is read from CoinW before a send, and what `check --online` says about a key."""

from __future__ import annotations

import httpx
import pytest
import respx
from exchange_orders import coinw, order

from bot.clock import SystemClock
from bot.errors import ExchangeUnreadable
from bot.exchanges.coinw import CoinwExchange

PRIVATE = "https://api.coinw.com/api/v1/private"
ORDER = order("coinw:39000001 -> coinw:master")
SUBS = [
    {"spotUid": 39000001, "userCode": "u1", "nickName": "anna@example.com", "frozenFlag": 0},
    {"spotUid": "39000002", "userCode": "u2", "nickName": "ben@example.com", "frozenFlag": "0"},
]


def answer(data: object, command: str = "", **more: object) -> None:
    url = f"{PRIVATE}?command={command}"
    respx.post(url__startswith=url).respond(json={"code": "200", "data": data, "msg": "SUCCESS", **more})


@respx.mock
def test_a_snapshot_is_what_the_sub_account_can_give():
    answer([], "returnTransferHistory")
    answer("99.5", "subAccount_transferAvailable", success=True, failed=False)
    assert coinw().snapshot(ORDER).evidence == {
        "sub.available": "99.5",
        "history.read": "whole",
        "read_at": "2026-11-20T04:24:15.000Z",
    }
    request = respx.mock.calls.last.request
    assert request.url.query.startswith(
        b"command=subAccount_transferAvailable&api_key=test_api_key&coinCode=USDT&subUid=39000001&sign="
    )
    assert request.content == b""


@respx.mock
def test_a_balance_may_come_as_a_number():
    answer([], "returnTransferHistory")
    respx.post(url__startswith=PRIVATE).respond(content=b'{"code":"200","data":0.00000001}')
    assert coinw().snapshot(ORDER).evidence["sub.available"] == "0.00000001"


@pytest.mark.parametrize(
    "broken",
    [
        httpx.Response(500, json={"code": "200", "data": "1"}),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json={"code": "10007", "msg": "sign error"}),
        httpx.Response(200, json={"code": "200", "data": "1", "success": False}),
        httpx.Response(200, json={"code": "200", "data": None}),
        httpx.Response(200, json={"code": "200", "data": "1e5"}),
        httpx.Response(200, json={"code": "200", "data": {}}),
        httpx.Response(200, content=b'{"code":"200","data":1e999999999}'),
        httpx.ReadTimeout("https://api.coinw.com?sign=x"),
    ],
    ids=lambda value: repr(value),
)
@respx.mock
def test_a_balance_that_cannot_be_read_is_an_error_without_a_foreign_one_behind_it(broken):
    answer([], "returnTransferHistory")
    respx.post(url__startswith=PRIVATE).mock(side_effect=[broken])
    with pytest.raises(ExchangeUnreadable) as problem:
        coinw().snapshot(ORDER)
    assert "sign=" not in str(problem.value)
    assert problem.value.__cause__ is None
    assert problem.value.__context__ is None


@respx.mock
def test_a_route_without_master_is_not_even_asked_about():
    with pytest.raises(ExchangeUnreadable):
        coinw().snapshot(order("coinw:39000001 -> coinw:39000002"))
    assert not respx.mock.calls


def with_another_key() -> CoinwExchange:
    return CoinwExchange("second", "https://api.coinw.com", "another_key", "another_secret", {}, clock=SystemClock())


@respx.mock
def test_two_keys_of_one_master_are_one_user():
    answer(SUBS)
    user = coinw().user()
    answer(SUBS[::-1])
    assert with_another_key().user() == user
    assert "39000001" not in user


@respx.mock
def test_keys_of_two_masters_are_two_users():
    answer(SUBS)
    user = coinw().user()
    answer([SUBS[0] | {"spotUid": 39000003}])
    assert with_another_key().user() != user


@respx.mock
def test_a_master_without_sub_accounts_is_known_by_its_key():
    answer([])
    assert coinw().user() == f"key:{coinw().fingerprint}"
    assert with_another_key().user() != coinw().user()


@pytest.mark.parametrize("data", [None, {}, [1], "x", [{}], [SUBS[0], {"spotUid": "anna"}], [{"spotUid": None}]])
@respx.mock
def test_a_list_that_does_not_name_every_sub_account_says_nothing_about_the_user(data):
    answer(data)
    with pytest.raises(ExchangeUnreadable):
        coinw().user()


@respx.mock
def test_every_alias_that_is_present_and_not_frozen_is_clean():
    answer(SUBS)
    found = coinw().probe(frozenset())
    assert [(finding.ok, finding.subject) for finding in found] == [
        (True, "key"),
        (True, "sub-account maker"),
        (True, "sub-account arbitrage"),
    ]
    assert "example.com" not in str(found)


@respx.mock
def test_a_missing_or_frozen_alias_fails():
    answer([SUBS[0] | {"frozenFlag": 1}])
    found = {finding.subject: finding for finding in coinw().probe(frozenset())}
    assert not found["sub-account maker"].ok
    assert "frozen" in found["sub-account maker"].detail
    assert not found["sub-account arbitrage"].ok
    assert "39000002" in found["sub-account arbitrage"].detail


@pytest.mark.parametrize("flag", [None, True, "1", "", 2])
@respx.mock
def test_an_alias_of_which_nothing_clear_is_said_fails(flag):
    answer([SUBS[0] | {"frozenFlag": flag}, SUBS[1]])
    assert [finding.ok for finding in coinw().probe(frozenset())] == [True, False, True]


@pytest.mark.parametrize("data", [None, {}, [1], "x"])
@respx.mock
def test_a_list_that_is_none_fails_once(data):
    answer(data)
    (finding,) = coinw().probe(frozenset())
    assert not finding.ok
    assert finding.fix


@respx.mock
def test_a_refused_key_is_told_in_coinws_words():
    respx.post(url__startswith=PRIVATE).respond(json={"code": "10006", "msg": "api_key error from 203.0.113.7"})
    (finding,) = coinw().probe(frozenset())
    assert finding.detail == "cannot be checked: CoinW answered HTTP 200, 10006: api_key error from [address]"
