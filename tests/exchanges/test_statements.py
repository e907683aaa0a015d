"""Statements: every movement in HTX's ledger and CoinW's history since a moment, read page by page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from coinw_bench import Bench
from coinw_bench import row as coinw_row
from exchange_orders import StillClock
from htx_bench import LEDGER, SENT, SENT_MS, TIME, ledger, look, requests, row

from bot.accounts import Adapter, Venue
from bot.errors import ExchangeUnreadable
from bot.evidence import Statement
from bot.exchanges.htx import HtxExchange
from bot.exchanges.registry import build

NOW = SENT + timedelta(minutes=5)
EVERYTHING = frozenset({"USDT"})


def at_htx(since: timedelta, pauses: list[float] | None = None) -> Statement:
    exchange = HtxExchange(
        "htx",
        "https://api.huobi.pro",
        "https://api.hbdm.com",
        "test-access-key-0001",
        "test-secret-key-0001",
        clock=StillClock(NOW),
        pause=(pauses if pauses is not None else []).append,
    )
    return exchange.statement(NOW - since, EVERYTHING)


@pytest.fixture
def spans(exchange):
    """HTX at the bench's present, with the spans its ledger is asked for."""
    exchange[TIME] = {"status": "ok", "data": SENT_MS + 300_000}
    return exchange


# HTX -----------------------------------------------------------------------------------------------------------------


def test_htx_is_asked_for_spans_of_days_without_a_gap_and_the_last_one_without_an_end(spans):
    pauses: list[float] = []
    found = at_htx(timedelta(days=20), pauses)
    asked = [parameters for _, parameters in requests(LEDGER)]
    starts = [int(one["startTime"]) for one in asked]
    ends = [int(one["endTime"]) for one in asked[:-1]]
    assert starts == [starts[0], *ends]
    assert "endTime" not in asked[-1]
    assert starts[0] == int((NOW - timedelta(days=20, minutes=10)).timestamp() * 1000)
    assert max(end - start for start, end in zip(starts, ends, strict=False)) < timedelta(days=10) / timedelta(
        milliseconds=1
    )
    assert {one["limit"] for one in asked} == {"500"}
    assert not any("currency" in one for one in asked)
    assert found.since == NOW - timedelta(days=20)
    assert pauses == [1.0] * 3


def test_htx_is_not_asked_for_more_than_it_keeps(spans):
    found = at_htx(timedelta(days=365))
    first = min(int(parameters["startTime"]) for _, parameters in requests(LEDGER))
    assert NOW - timedelta(days=180) < datetime.fromtimestamp(first / 1000, UTC) == found.since


def test_every_currency_and_kind_is_in_a_statement_once(spans):
    spans[LEDGER] = ledger(
        row(-10), row(-10), row(-10, currency="btc"), row(3, "linear-swap-to-spot"), row(-4, "sub-transfer-out")
    )
    found = at_htx(timedelta(days=15))
    told = [(entry.currency, entry.source, entry.destination, entry.amount) for entry in found.entries]
    assert sorted(told) == [
        ("BTC", "spot", "linear-swap", Decimal(10)),
        ("USDT", "", "", Decimal(4)),
        ("USDT", "linear-swap", "spot", Decimal(3)),
        ("USDT", "spot", "linear-swap", Decimal(10)),
        ("USDT", "spot", "linear-swap", Decimal(10)),
    ]
    assert len({(entry.currency, entry.id) for entry in found.entries}) == 5
    assert not any(entry.doubt for entry in found.entries)


def test_a_line_has_the_id_a_look_at_a_transfer_gives_it(spans):
    spans[LEDGER] = ledger(row(-10, at_s=2), row(-10, at_s=2), row(-10, at_s=1))
    assert sorted(line.id for line in look().lines) == sorted(entry.id for entry in at_htx(timedelta(days=1)).entries)


@pytest.mark.parametrize("odd", [row(10), row(-10, "spot-to-the-moon"), row(-10, "")], ids=str)
def test_what_htx_does_not_say_clearly_is_in_doubt(spans, odd):
    spans[LEDGER] = ledger(odd)
    assert [bool(entry.doubt) for entry in at_htx(timedelta(days=1)).entries] == [True]


def test_the_pages_of_a_ledger_are_read_to_the_last(spans):
    spans[LEDGER] = [ledger(row(-1, at_s=3), nextId=7), ledger(row(-2, at_s=2), nextId=5), ledger(row(-3))]
    assert [entry.amount for entry in at_htx(timedelta(days=1)).entries] == [3, 2, 1]
    assert [parameters.get("fromId") for _, parameters in requests(LEDGER)] == [None, "7", "5"]


TOO_OFTEN = {"status": "error", "err-code": "rate-too-many-requests", "err-msg": "slow down"}


@pytest.mark.parametrize(
    "said",
    [TOO_OFTEN, httpx.Response(429, text="Too many requests"), httpx.Response(429, content=json.dumps(TOO_OFTEN))],
)
def test_one_request_too_many_is_waited_out_once(spans, said):
    pauses: list[float] = []
    spans[LEDGER] = [said, ledger(row())]
    assert len(at_htx(timedelta(days=1), pauses).entries) == 1
    assert pauses == [1.0, 5.0]
    spans[LEDGER] = [said, said, ledger(row())]
    with pytest.raises(ExchangeUnreadable):
        at_htx(timedelta(days=1))


@pytest.mark.parametrize(
    "broken",
    [
        {"code": 500, "message": "no", "success": False},
        {"code": 200, "message": "success", "ok": True},
        ledger(row("a lot")),
        ledger(row(transactTime="yesterday")),
        httpx.Response(200, text="<html>"),
        httpx.ConnectError("no route"),
    ],
    ids=str,
)
def test_without_a_readable_ledger_there_is_no_statement(spans, broken):
    spans[LEDGER] = broken
    with pytest.raises(ExchangeUnreadable):
        at_htx(timedelta(days=1))


def test_a_clock_that_is_off_makes_no_statement(exchange):
    exchange[TIME] = {"status": "ok", "data": SENT_MS}  # five minutes from ours
    with pytest.raises(ExchangeUnreadable, match="clock"):
        at_htx(timedelta(days=1))


def test_a_ledger_without_end_makes_no_statement(spans):
    spans[LEDGER] = ledger(row(), nextId=7)
    with pytest.raises(ExchangeUnreadable, match="more pages"):
        at_htx(timedelta(days=1))


# CoinW ---------------------------------------------------------------------------------------------------------------

# The bench's rows are of 12:00 in CoinW's zone and later.
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def at_coinw(bench: Bench, since: datetime = NOON, currencies=EVERYTHING) -> Statement:
    return bench.exchange.statement(since, frozenset(currencies))


def test_coinw_is_asked_for_both_directions_of_every_currency(coinw):
    coinw.rows = []
    found = at_coinw(coinw, currencies={"USDT", "BTC"})
    asked = [(query.split("currency=")[1][:4].strip("&"), query.split("from=")[1][0]) for query in coinw.asked()]
    assert asked == [("BTC", "4"), ("BTC", "3"), ("USDT", "4"), ("USDT", "3")]
    assert (found.entries, found.begins) == ((), {})
    assert coinw.pauses == [2.0] * 4


def test_a_row_is_an_entry_with_its_time_in_utc_and_not_to_be_held_against_ours(coinw):
    coinw.rows = [coinw_row(5, "-10")]
    (out,) = at_coinw(coinw).entries  # the row of the opposite direction is not counted again
    assert (out.id, out.source, out.destination, out.amount) == ("5", "master", "sub", Decimal(10))
    assert (out.at, out.is_exact, out.doubt) == (NOON + timedelta(seconds=5), False, "")


def test_the_history_is_read_until_it_is_too_old_by_any_zone(coinw):
    coinw.longest = 10
    hours = [f"2026-11-{day:02d} {hour:02d}:00:00" for day in range(30, 0, -1) for hour in (18, 12, 6, 0)]
    coinw.rows = [coinw_row(1000 - number, createTime=hour) for number, hour in enumerate(hours)]
    found = at_coinw(coinw, datetime(2026, 11, 28, 4, 0, tzinfo=UTC))
    oldest = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)  # midnight of the next day in CoinW's zone
    assert (len(found.entries), found.entries[0].at, found.entries[-1].id) == (20, oldest, "1000")
    assert found.begins == {("master", "sub", "USDT"): oldest}
    # Of the other direction, which the bench answers with the same rows, nothing is told.
    assert len(coinw.asked()) == 2 * 2
    assert coinw.pauses == [2.0] * 4


def test_rows_in_no_order_are_read_to_the_end(coinw):
    coinw.longest = 10
    coinw.rows = [coinw_row(number) for number in range(1, 36)]  # oldest first
    assert len(at_coinw(coinw, NOON + timedelta(days=3)).entries) == 35


def test_a_history_without_end_and_order_makes_no_statement(coinw):
    coinw.history = lambda number, size: [coinw_row(number * 100 + place) for place in range(size)]
    with pytest.raises(ExchangeUnreadable, match="not sorted"):
        at_coinw(coinw)


def test_a_sorted_history_that_goes_on_is_told_as_far_as_it_was_read(coinw):
    def page(number: int, size: int) -> list[dict[str, object]]:
        newest = 3_000_000_000 - number * 100
        return [coinw_row(newest - place, createTime=newest - place) for place in range(size)]

    coinw.history = page
    found = at_coinw(coinw, datetime(2000, 1, 1, tzinfo=UTC))
    oldest = datetime.fromtimestamp(3_000_000_000 - 100 * 100 - 99, UTC)
    assert found.begins["master", "sub", "USDT"] == oldest


@pytest.mark.parametrize("odd", [{"status": "FAILED"}, {"amount": "10"}, {"from": 0}], ids=str)
def test_what_coinw_does_not_say_clearly_is_in_doubt(coinw, odd):
    coinw.rows = [coinw_row(5, **odd)]
    assert all(entry.doubt for entry in at_coinw(coinw).entries)
    assert len(at_coinw(coinw).entries) >= 1


@pytest.mark.parametrize("created", ["", "yesterday", "2026-02-30 12:00:00"])
def test_a_row_without_a_usable_time_is_told_all_the_same(coinw, created):
    coinw.rows = [coinw_row(5, createTime=created)]
    assert {entry.at for entry in at_coinw(coinw).entries} == {None}


def test_without_a_readable_history_there_is_no_statement(coinw):
    coinw.history = lambda number, size: httpx.Response(200, text="<html>")
    with pytest.raises(ExchangeUnreadable):
        at_coinw(coinw)


# Against the sandbox -------------------------------------------------------------------------------------------------


def test_every_movement_of_a_lookalike_is_in_the_statement_over_many_pages(htx_pair, coinw_pair, clock, monkeypatch):
    monkeypatch.setattr("bot.exchanges.htx_ledger.PAGE_ROWS", "100")
    for (lookalike, exchange), (source, destination) in (
        (htx_pair, ("spot", "linear-swap")),
        (coinw_pair, ("master", "39000001")),
    ):
        monkeypatch.setattr(exchange, "_pause", clock.advance)
        began = clock.now()
        for number in range(1, 801):
            sides = (destination, source) if number % 4 == 0 else (source, destination)
            lookalike.book.move(*sides, "USDT", Decimal(number % 7 + 1) / 10)
            clock.advance(1)
        entries = exchange.statement(began, EVERYTHING).entries
        told = sorted((entry.at.replace(microsecond=0), entry.amount, entry.source == source) for entry in entries)
        moved = [(one.at.replace(microsecond=0), one.amount, one.source == source) for one in lookalike.book.movements]
        assert told == moved


@pytest.mark.parametrize(("adapter", "bench"), [("htx", "spans"), ("coinw", "coinw")])
def test_the_registry_hands_the_pause_on(request, adapter, bench):
    request.getfixturevalue(bench)
    pauses: list[float] = []
    url = {"htx": "https://api.huobi.pro", "coinw": "https://api.coinw.com"}[adapter]
    venue = Venue(adapter, Adapter(adapter))
    build(venue, url, url, "key", "secret", clock=StillClock(NOW), pause=pauses.append).statement(SENT, EVERYTHING)
    assert pauses
