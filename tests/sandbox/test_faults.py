"""Each scripted fault does, over a real socket, what its line of explanation says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from decimal import Decimal

import aiohttp
import pytest

from bot.clock import SystemClock
from bot.sandbox.books import Book, InsufficientFunds
from bot.sandbox.faults import FAULTS, SCRIPTS, Ending, Faults

EXECUTING = [kind for kind, script in SCRIPTS.items() if script.executes]
SILENT = {kind for kind, script in SCRIPTS.items() if script.ending is not Ending.ANSWER}


def test_every_fault_is_explained_in_one_line_that_says_whether_money_moves() -> None:
    for kind, explanation in FAULTS.items():
        assert "\n" not in explanation
        assert explanation.startswith("Executes") == (kind in EXECUTING)


@pytest.mark.parametrize("kind", [kind for kind in SCRIPTS if kind not in SILENT])
def test_a_fault_answers_wrongly_and_moves_money_only_when_it_says_so(exchange, kind) -> None:
    exchange.lookalike.faults.plan(kind)
    spoilt = exchange.transfer()
    assert len(exchange.lookalike.executed) == (kind in EXECUTING)
    assert len(exchange.lookalike.requests) == 1
    good = exchange.transfer()
    assert good.json["success"] is True
    assert spoilt.text != good.text


@pytest.mark.parametrize(
    ("kind", "status"),
    [(f"http_{status}_{when}", status) for status in (500, 502, 503) for when in ("before", "after")]
    + [("http_429", 429), ("html_502", 502), ("html_403", 403), ("redirect_302", 302)],
)
def test_http_faults_have_their_status(exchange, kind, status) -> None:
    exchange.lookalike.faults.plan(kind)
    reply = exchange.transfer()
    assert reply.status == status
    assert ("<html>" in reply.text) == kind.startswith("html")
    assert (reply.content_type == "text/html") == kind.startswith(("html", "redirect"))


def test_a_redirect_leads_to_the_same_signed_address(exchange) -> None:
    exchange.lookalike.faults.plan("redirect_302")
    assert exchange.transfer().location == exchange.lookalike.requests[0].target


@pytest.mark.parametrize("kind", ["bad_json", "truncated_json", "empty_200"])
def test_a_200_without_json_cannot_be_read(exchange, kind) -> None:
    exchange.lookalike.faults.plan(kind)
    reply = exchange.transfer()
    assert reply.status == 200
    with pytest.raises(json.JSONDecodeError):
        _ = reply.json


def test_a_success_without_id_is_a_success_in_all_else(exchange) -> None:
    exchange.lookalike.faults.plan("no_id")
    answer = exchange.transfer().json
    assert (str(answer["code"]), answer["success"]) == ("200", True)
    assert not answer["data"]


def test_an_unknown_code_keeps_the_exchanges_envelope(exchange) -> None:
    exchange.lookalike.faults.plan("unknown_code")
    spoilt, good = exchange.transfer().json, exchange.transfer().json
    assert set(spoilt) == set(good)
    assert type(spoilt["code"]) is type(good["code"])
    assert (str(spoilt["code"]), spoilt["success"]) == ("77001", False)


def test_a_bad_request_is_not_executed_under_a_fault(exchange) -> None:
    exchange.lookalike.faults.plan("no_id")
    assert exchange.transfer(amount="0").json["success"] is False
    assert exchange.lookalike.executed == ()


@pytest.mark.parametrize(("kind", "executed"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_gives_no_answer(exchange, kind, executed) -> None:
    exchange.lookalike.faults.plan(kind)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        exchange.transfer()
    assert len(exchange.lookalike.executed) == executed


@pytest.mark.parametrize(("kind", "executed"), [("hang_before", 0), ("hang_after", 1), ("late", 1)])
def test_a_hanging_request_gets_no_answer_and_ends_when_the_exchange_stops(exchange, kind, executed) -> None:
    exchange.lookalike.faults.plan(kind, delay_s=3600)

    async def hang() -> None:
        asked = asyncio.create_task(exchange.ask_transfer())
        await exchange.lookalike.wait_for_transfers(1)
        await exchange.lookalike.wait_for_executed(executed)
        assert not asked.done()
        await exchange.lookalike.stop()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await asked

    exchange.run(asyncio.wait_for(hang(), 10))
    assert len(exchange.lookalike.executed) == executed


def test_a_client_that_gives_up_leaves_a_transfer_executed(exchange) -> None:
    exchange.lookalike.faults.plan("hang_after")
    with pytest.raises(TimeoutError):
        exchange.run(asyncio.wait_for(exchange.ask_transfer(), 0.2))
    assert len(exchange.lookalike.executed) == 1
    assert exchange.transfer().json["success"] is True


def test_a_late_answer_is_the_ordinary_one(exchange) -> None:
    exchange.lookalike.faults.plan("late", delay_s=0.05)
    assert exchange.transfer().json["success"] is True
    assert len(exchange.lookalike.executed) == 1


@pytest.mark.parametrize("kind", [kind for kind in SCRIPTS if kind not in SILENT] + ["drop_before", "drop_after"])
def test_nothing_logged_holds_a_key_or_signature(exchange, kind, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    exchange.lookalike.faults.plan(kind)
    with contextlib.suppress(aiohttp.ServerDisconnectedError):
        exchange.transfer()
    assert exchange.lookalike.requests
    assert exchange.KEY not in caplog.text
    assert "sign" not in caplog.text.lower()


def test_faults_are_met_in_the_order_planned_and_as_often() -> None:
    faults = Faults()
    faults.plan("hang_before", times=2)
    faults.plan("drop_after")
    assert [(fault.kind, fault.times) for fault in faults.pending] == [("hang_before", 2), ("drop_after", 1)]
    met = [faults.take() for _ in range(4)]
    assert [fault.kind if fault else None for fault in met] == [
        "hang_before",
        "hang_before",
        "drop_after",
        None,
    ]
    assert faults.pending == ()


def test_a_fault_without_a_number_lasts_until_cleared() -> None:
    faults = Faults()
    faults.plan("empty_200", times=None)
    assert all(faults.take() for _ in range(50))
    faults.clear()
    assert faults.take() is None


@pytest.mark.parametrize(("kind", "times"), [("explode", 1), ("late", 0)])
def test_an_impossible_fault_cannot_be_planned(kind, times) -> None:
    with pytest.raises(ValueError, match="fault"):
        Faults().plan(kind, times)


def test_reads_do_not_meet_faults(htx) -> None:
    htx.lookalike.faults.plan("drop_before")
    assert htx.get("/v2/user/uid")["code"] == 200
    assert len(htx.lookalike.faults.pending) == 1


def test_waiting_for_a_transfer_that_never_comes_ends(exchange) -> None:
    with pytest.raises(TimeoutError, match="0 transfer requests"):
        exchange.run(exchange.lookalike.wait_for_transfers(1, timeout_s=0.01))


def test_a_movement_by_hand_changes_balances_but_is_no_executed_transfer(exchange) -> None:
    source, destination = ("spot", "otc") if exchange.lookalike.name == "htx" else ("master", "39000001")
    before = exchange.lookalike.book.balance(destination, "USDT")
    movement = exchange.lookalike.book.move(source, destination, "USDT", Decimal("12.5"))
    assert exchange.lookalike.book.balance(destination, "USDT") - before == Decimal("12.5")
    assert exchange.lookalike.book.movements == (movement,)
    assert exchange.lookalike.executed == ()


def test_a_book_never_goes_below_nothing() -> None:
    book = Book(SystemClock(), {"spot": {"USDT": "1"}})
    with pytest.raises(InsufficientFunds):
        book.move("spot", "otc", "USDT", Decimal("1.00000001"))
    with pytest.raises(ValueError, match="above zero"):
        book.move("spot", "otc", "USDT", Decimal(-1))
    assert book.movements == ()
    assert book.balances() == {"spot": {"USDT": Decimal(1)}}


def test_an_exchange_can_be_stopped_and_started_again_with_its_books(exchange) -> None:
    exchange.transfer()
    exchange.run(exchange.lookalike.stop())
    assert exchange.lookalike.url == ""
    exchange.run(exchange.lookalike.start())
    assert exchange.transfer().json["success"] is True
    assert len(exchange.lookalike.executed) == 2


def test_a_look_alike_is_served_on_loopback_only(exchange) -> None:
    with pytest.raises(ValueError, match="loopback"):
        exchange.run(exchange.lookalike.start(host="0.0.0.0"))
