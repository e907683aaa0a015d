"""What of HTX's records could be a transfer but is not clearly it: repetitions, odd spellings, a wrong clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
import respx
from exchange_orders import StillClock, htx
from htx_bench import BALANCE, HISTORY, LEDGER, OUT, SENT, SENT_MS, TIME, balance, ledger, look, row

from bot.errors import ExchangeUnreadable
from bot.evidence import Balance, Snapshot

# Pages ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pages",
    [
        [ledger(row(), nextId=77), ledger(row())],
        [ledger(row(at_s=2), row(), nextId=77), ledger(row(), row(at_s=0, amount=-3))],
        [ledger(row(at_s=2, amount=-3), row(), nextId=77), ledger(row(at_s=2, amount=-3), row())],
        [ledger(row(), nextId=77), ledger(row("-10.00"))],
    ],
    ids=["the last row", "the last of several", "the whole page", "in other digits"],
)
def test_a_row_that_the_next_page_repeats_is_one_line(exchange, pages):
    exchange[LEDGER] = pages
    assert [line.id for line in look().lines if line.at == SENT + timedelta(seconds=1)] == [
        f"{SENT_MS + 1000}:spot-to-linear-swap:10:1"
    ]


def test_two_equal_rows_of_one_millisecond_stay_two_where_a_page_repeats_them(exchange):
    exchange[LEDGER] = [ledger(row(at_s=2), row(), row(), nextId=77), ledger(row(), row(), row(at_s=0))]
    assert len(look().lines) == 4


def test_a_snapshot_counts_a_repeated_row_once_too(exchange):
    exchange[LEDGER] = [ledger(row(at_s=-9), nextId=77), ledger(row(at_s=-9))]
    assert len(htx().snapshot(OUT).lines) == 1


# Doubts ---------------------------------------------------------------------------------------------------------------

ODD = [row(-10, "spot-to-unified", 2), row(-10, "x9/?sign=1", 3), row(-10, None, 4), row(10, at_s=5)]
DOUBTS = (
    f"{SENT_MS + 2000}:unclear:spot-to-unified:-10:1",
    f"{SENT_MS + 3000}:unclear::-10:1",
    f"{SENT_MS + 4000}:unclear::-10:1",
    f"{SENT_MS + 5000}:unclear:spot-to-linear-swap:10:1",
)


def test_a_row_that_could_be_the_transfer_is_a_doubt_with_an_id(exchange):
    exchange[LEDGER] = ledger(row(), *ODD, row(-7, "spot-to-unified"), row(10, "otc-to-spot"))
    reading = look()
    assert reading.doubts == DOUBTS
    assert [line.id for line in reading.lines] == [f"{SENT_MS + 1000}:spot-to-linear-swap:10:1"]


def test_a_doubt_has_the_same_id_in_every_reading(exchange):
    exchange[LEDGER] = ledger(*ODD[::-1], ODD[0])
    assert look().doubts == (DOUBTS[0], DOUBTS[0][:-1] + "2", *DOUBTS[1:])


def test_what_was_there_before_the_request_is_no_doubt(exchange):
    odd = row(-10, "spot-to-unified", -5)
    exchange[LEDGER] = ledger(odd)
    assert len(look(before=Snapshot({})).doubts) == 1
    snapshot = htx().snapshot(OUT)
    reading = look(before=snapshot)
    assert reading.doubts == ()
    assert not any("people must judge" in sentence for sentence in reading.words)


# Words ----------------------------------------------------------------------------------------------------------------


def test_the_balance_is_told_before_long_lists_and_lists_are_cut(exchange):
    exchange[LEDGER] = ledger(
        row(at_s=-60),
        *(row(at_s=second) for second in range(1, 8)),
        *(row(-10, "spot-to-unified", second) for second in range(1, 31)),
    )
    exchange[HISTORY]["data"] = [
        {"currency": "usdt", "transact-amt": "-10", "transact-type": "transfer", "transact-time": SENT_MS + 1000 * s}
        for s in range(30)
    ]
    known = frozenset({f"{SENT_MS - 60_000}:spot-to-linear-swap:10:1"})
    assert look(before=Snapshot({"spot.available": "1000", "spot.seq-num": "41"}, known)).words == (
        "HTX's ledger shows 8 transfers of 10 USDT from spot to linear-swap: "
        "04:24:16 UTC, 04:24:17 UTC, 04:24:18 UTC and 5 more.",
        "The spot balance is unchanged since before the request: 1,000.00 USDT.",
        "HTX's ledger also shows 10 USDT at 04:24:16 UTC as `spot-to-unified`, 04:24:17 UTC as `spot-to-unified`, "
        "04:24:18 UTC as `spot-to-unified` and 27 more; people must judge that.",
        "The account history shows 10 USDT leaving spot at 04:24:15 UTC, 04:24:16 UTC, 04:24:17 UTC and 27 more.",
        "The futures side shows no 10 USDT arriving on linear-swap.",
    )


# Numbers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endless", ["9" * 4400, "0." + "1" * 4000, "-" + "1" * 41])
def test_a_number_of_thousands_of_digits_is_unreadable(exchange, endless):
    exchange[BALANCE] = balance(endless, "42")
    assert look().balance is Balance.UNCLEAR
    with pytest.raises(ExchangeUnreadable):
        htx().snapshot(OUT)
    exchange[BALANCE] = balance("1000", "9" * 4000)
    assert look().balance is Balance.UNCLEAR
    exchange[LEDGER] = ledger(row(endless))
    for read in (look, lambda: htx().snapshot(OUT)):
        with pytest.raises(ExchangeUnreadable):
            read()


def test_an_amount_is_compared_to_its_last_digit(exchange):
    exchange[LEDGER] = ledger(row("-10.00000000000000000000000000001"))
    exchange[BALANCE] = balance("989.99999999999999999999999999999", "42")
    reading = look()
    assert (reading.lines, reading.balance) == ((), Balance.UNCLEAR)


# The clock ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours_s", "said"),
    [
        (120, "this machine's clock is 2 minutes ahead of HTX's; set it by NTP"),
        (-31, "this machine's clock is 31 seconds behind HTX's; set it by NTP"),
        (-3 * 3600, "this machine's clock is 3 hours behind HTX's; set it by NTP"),
    ],
)
def test_a_snapshot_refuses_a_clock_that_is_wrong(exchange, ours_s, said):
    clock = StillClock(SENT + timedelta(seconds=ours_s))
    with pytest.raises(ExchangeUnreadable) as problem:
        htx(clock=clock).snapshot(OUT)
    assert str(problem.value) == said
    assert [call.request.url.path for call in respx.mock.calls] == [TIME]


@pytest.mark.parametrize(("ours_s", "skew"), [(30, "30.0"), (-30, "-30.0"), (0, "0.0"), (-0.04, "0.0"), (1.26, "1.3")])
def test_a_snapshot_keeps_how_far_the_clocks_are_apart(exchange, ours_s, skew):
    clock = StillClock(SENT + timedelta(seconds=ours_s))
    assert htx(clock=clock).snapshot(OUT).evidence["skew_s"] == skew


def test_the_time_is_asked_for_without_key_or_signature(exchange):
    htx().snapshot(OUT)
    (url,) = (call.request.url for call in respx.mock.calls if call.request.url.path == TIME)
    assert (url.host, url.query) == ("api.huobi.pro", b"")


@pytest.mark.parametrize("broken", [{"status": "ok"}, {"status": "ok", "data": 1795148655}, {"status": "error"}])
def test_without_htxs_time_there_is_no_snapshot(exchange, broken):
    exchange[TIME] = broken
    with pytest.raises(ExchangeUnreadable):
        htx().snapshot(OUT)
