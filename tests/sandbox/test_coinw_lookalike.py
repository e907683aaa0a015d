"""The CoinW look-alike believes no request that CoinW's reference would refuse."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.sandbox.signatures import coinw_sign

JSON = {"Content-Type": "application/json"}
OUT_10 = {"side": "OUT", "subUid": "39000001", "currency": "USDT", "amount": "10"}


@pytest.mark.parametrize(
    ("params", "sign"),
    [
        (OUT_10, "3293CB1B7BA2385A9985827CD57059F7"),
        (OUT_10 | {"amount": "1250.50"}, "D0DB0B309AEE4F27EB5EE97C79F78285"),
        ({}, "8302A9991621A6F24A193BE8FC40B403"),
        (
            {"currency": "USDT", "from": "4", "to": "3", "pageNo": "1", "pageSize": "50"},
            "4DEF9EAC1C6FBB0C5489D22E6D896E19",
        ),
    ],
)
def test_the_verified_vectors_are_reproduced(params, sign) -> None:
    assert coinw_sign("test_secret_key", params | {"api_key": "test_api_key", "command": "any"}) == sign


def test_the_published_vector_is_reproduced() -> None:
    params = {"amount": "0.01", "symbol": "BTC_USDT", "api_key": "key"}
    assert coinw_sign("secret", params) == "1F739D1FCDD9E1A86F45D47630B27909"


def test_the_request_of_the_official_sample_is_believed(coinw) -> None:
    target = (
        "/api/v1/private?command=subAccount_transfer&sign=D0DB0B309AEE4F27EB5EE97C79F78285"
        "&side=OUT&subUid=39000001&currency=USDT&amount=1250.50&api_key=test_api_key"
    )
    assert coinw.send("POST", target, JSON).json["success"] is True
    assert coinw.lookalike.book.balance("39000001", "USDT") == Decimal("1350.50")


@pytest.mark.parametrize("sign", ["AD291906C267E43B6A05CBA91FC7A4E8", "2F15C686962CEF79367D535DD5DA2F23"])
def test_the_negative_vectors_are_not_believed(coinw, sign) -> None:
    target = coinw.signed("subAccount_transfer", **OUT_10)
    wrong = target.replace("3293CB1B7BA2385A9985827CD57059F7", sign)
    assert wrong != target
    assert coinw.send("POST", wrong, JSON).json["code"] == "10007"
    assert coinw.lookalike.executed == ()


def test_out_moves_from_the_master_and_in_moves_back(coinw) -> None:
    reply = coinw.transfer()
    assert reply.status == 200
    biz_no = reply.json["data"]["bizNo"]
    assert len(biz_no) == 30
    assert reply.text == (
        '{"code":"200","data":{"bizNo":"' + biz_no + '"},"msg":"SUCCESS","success":true,"failed":false}'
    )
    assert coinw.lookalike.balances()["coinw:39000001"] == {"USDT": "350"}
    assert coinw.transfer(side="IN", amount="350").json["data"]["bizNo"] != biz_no
    assert coinw.lookalike.balances()["coinw:39000001"] == {"USDT": "0"}
    assert coinw.lookalike.balances()["coinw:master"] == {"USDT": "5100"}
    assert [movement.detail for movement in coinw.lookalike.executed] == ["39000001", "39000001"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"side": ...}, "10003"),
        ({"subUid": ...}, "10003"),
        ({"currency": ...}, "10003"),
        ({"amount": ...}, "10003"),
        ({"amount": ""}, "10003"),
        ({"side": "1"}, "-3"),
        ({"side": "out"}, "-3"),
        ({"subUid": "39999999"}, "-3"),
        ({"subUid": "U1"}, "-3"),
        ({"currency": "usdt"}, "-3"),
        ({"currency": "DOGE"}, "-3"),
        ({"amount": "0"}, "-3"),
        ({"amount": "-1"}, "-3"),
        ({"amount": "1e-05"}, "-3"),
        ({"amount": "1,250"}, "-3"),
        ({"amount": "٣"}, "-3"),
        ({"amount": "0.000000001"}, "-3"),
        ({"subUid": "39000002"}, "-103"),
        ({"amount": "5000.00000001"}, "200005"),
        ({"side": "IN", "amount": "100.1"}, "200005"),
    ],
)
def test_a_wrong_transfer_is_refused_with_its_documented_code(coinw, changes, code) -> None:
    reply = coinw.transfer(**changes)
    assert reply.status == 200
    assert (reply.json["code"], reply.json["success"], reply.json["failed"]) == (code, False, True)
    assert reply.json["msg"]
    assert coinw.lookalike.executed == ()


def test_a_thawed_sub_account_takes_money_again(coinw) -> None:
    coinw.lookalike.freeze_sub("39000002", frozen=False)
    assert coinw.transfer(subUid="39000002").json["success"] is True


def test_a_wrong_key_and_a_wrong_secret_are_told_apart(coinw) -> None:
    coinw.SECRET = "another"
    assert coinw.transfer().json["code"] == "10007"
    coinw.KEY = "another"
    assert coinw.transfer().json["code"] == "10006"
    assert coinw.lookalike.executed == ()


@pytest.mark.parametrize(
    ("piece", "instead"),
    [
        ("amount=10", "amount=11"),
        ("amount=10", "amount=9&amount=10"),
        ("side=OUT", "side=OUT&x=1"),
        ("3293CB1B7BA2385A9985827CD57059F7", "3293cb1b7ba2385a9985827cd57059f7"),
    ],
)
def test_what_was_changed_after_signing_is_not_believed(coinw, piece, instead) -> None:
    signed = coinw.signed("subAccount_transfer", **OUT_10)
    spoilt = signed.replace(piece, instead)
    assert spoilt != signed
    assert coinw.send("POST", spoilt, JSON).json["code"] == "10007"
    assert coinw.lookalike.executed == ()


def test_parameters_in_the_body_do_not_count(coinw) -> None:
    query = coinw.signed("subAccount_transfer", **OUT_10).partition("&")[2]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = coinw.send("POST", "/api/v1/private?command=subAccount_transfer", form, query.encode())
    assert reply.json == {"code": 402, "msg": "param required"}
    assert len(coinw.lookalike.requests) == 1
    assert coinw.lookalike.executed == ()


def test_an_unknown_command_does_not_exist(coinw) -> None:
    assert coinw.call("doWithdraw")["code"] == "10002"
    assert coinw.send("POST", "/api/v1/private").json["code"] == "10002"


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/private"), ("POST", "/api/v1/public")])
def test_another_verb_or_path_has_no_address(coinw, method, path) -> None:
    target = coinw.signed("subAccount_transfer", **OUT_10).replace("/api/v1/private", path)
    reply = coinw.send(method, target)
    assert (reply.status, reply.json["code"]) == (404, 404)
    assert coinw.lookalike.executed == ()


def test_the_fourth_request_in_a_second_is_too_frequent_for_that_command_only(coinw) -> None:
    listing = coinw.signed("subAccount_list")
    answers = [coinw.send("POST", listing, JSON).json for _ in range(4)]
    assert [answer["code"] for answer in answers] == ["200", "200", "200", 29001]
    assert answers[3] == {"code": 29001, "msg": "API access frequently"}
    assert coinw.send("POST", coinw.signed("returnBalances"), JSON).json["code"] == "200"
    coinw.clock.advance(1)
    assert coinw.send("POST", listing, JSON).json["code"] == "200"


def test_the_list_tells_sub_accounts_and_which_are_frozen(coinw) -> None:
    rows = coinw.call("subAccount_list")["data"]
    assert [(row["spotUid"], row["nickName"], row["frozenFlag"]) for row in rows] == [
        (39000001, "maker", 0),
        (39000002, "frozen", 1),
    ]


def test_a_sub_accounts_balance_is_text(coinw) -> None:
    coinw.transfer(amount="0.5")
    answer = coinw.call("subAccount_transferAvailable", coinCode="USDT", subUid="39000001")
    assert answer["data"] == "100.5"
    assert coinw.call("subAccount_transferAvailable", coinCode="USDT")["code"] == "10003"
    assert coinw.call("subAccount_transferAvailable", coinCode="USDT", subUid="1")["code"] == "-3"


def test_return_balances_is_the_masters_spot_account_not_its_funds(coinw) -> None:
    assert coinw.call("returnBalances") == {"code": "200", "data": {"BTC": "0.0012"}, "msg": "SUCCESS"}


def test_the_history_is_newest_first_paged_and_in_the_exchanges_time(coinw) -> None:
    for amount in ("1", "2", "3"):
        coinw.transfer(amount=amount)
    coinw.transfer(side="IN", amount="4")
    asked = {"currency": "USDT", "from": "4", "to": "3", "pageSize": "2"}
    first = coinw.call("returnTransferHistory", **asked)["data"]
    second = coinw.call("returnTransferHistory", **asked, pageNo="2")["data"]
    assert [row["amount"] for row in first + second] == ["-3", "-2", "-1"]
    assert len({row["ledgerId"] for row in first + second}) == 3
    assert second[0]["createTime"] == "2026-11-20 12:24:16"
    (inward,) = coinw.call("returnTransferHistory", **(asked | {"from": "3", "to": "4"}))["data"]
    assert (inward["amount"], inward["from"], inward["to"]) == ("4", 3, 4)
    assert set(inward) == {"currency", "createTime", "amount", "from", "to", "status", "ledgerId"}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"from": "4", "to": "3"}, "10003"),
        ({"currency": "USDT", "from": "9", "to": "3"}, "-3"),
        ({"currency": "USDT", "from": "4", "to": "3", "pageNo": "0"}, "-3"),
        ({"currency": "USDT", "from": "4", "to": "3", "pageSize": "x"}, "-3"),
    ],
)
def test_the_history_refuses_what_it_does_not_know(coinw, params, code) -> None:
    assert coinw.call("returnTransferHistory", **params)["code"] == code


def test_every_transfer_request_is_kept_as_it_stood_on_the_wire(coinw) -> None:
    target = coinw.signed("subAccount_transfer", **OUT_10)
    coinw.send("POST", target, JSON)
    coinw.call("subAccount_list")
    (request,) = coinw.lookalike.requests
    assert (request.method, request.target, request.body) == ("POST", target, b"")
    assert coinw.KEY not in repr(request)
    assert "3293CB1B" not in repr(request)
