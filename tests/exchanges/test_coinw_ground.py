"""How far back CoinW's transfer history is read, and what of it counts as new."""

from __future__ import annotations

import httpx
import pytest
from coinw_bench import AVAILABLE, HISTORY, IN, OUT, Bench, ids, row

from bot.errors import ExchangeUnreadable
from bot.evidence import Balance, Reading, Snapshot
from bot.exchanges.coinw import PACE_S

UNSURE = "Which rows of the history are older than the request is not certain."


def rows(newest: int, oldest: int) -> list[dict[str, object]]:
    return [row(number) for number in range(newest, oldest - 1, -1)]


def numbers(newest: int, oldest: int) -> set[str]:
    return {str(number) for number in range(oldest, newest + 1)}


def before(*found: int, read: str = "newest") -> Snapshot:
    return Snapshot({"sub.available": "20", "history.read": read}, frozenset(map(str, found)))


def new(reading: Reading, snapshot: Snapshot) -> set[str]:
    return set(ids(reading)) - snapshot.lines


# Before a send --------------------------------------------------------------------------------------------------------


def test_the_first_snapshot_is_the_first_page(coinw):
    coinw.rows = rows(400, 1)
    snapshot = coinw.exchange.snapshot(OUT)
    assert snapshot.lines == numbers(400, 301)
    assert snapshot.evidence == {
        "sub.available": "20",
        "history.read": "newest",
        "read_at": "2026-11-20T04:24:15.000Z",
    }
    assert len(coinw.asked()) == 1


def test_a_snapshot_says_when_it_saw_all_there_is(coinw):
    assert coinw.exchange.snapshot(OUT).evidence["history.read"] == "whole"
    coinw.rows = rows(150, 1)[::-1]
    snapshot = coinw.exchange.snapshot(OUT)
    assert (snapshot.lines, snapshot.evidence["history.read"]) == (numbers(150, 1), "whole")


def test_a_later_snapshot_reads_back_to_what_the_last_one_saw(coinw):
    coinw.rows = rows(100, 1)
    coinw.exchange.snapshot(OUT)
    coinw.rows[:0] = rows(330, 101)
    assert numbers(330, 101) <= coinw.exchange.snapshot(OUT).lines
    assert len(coinw.asked()) == 1 + 3
    coinw.exchange.snapshot(OUT)
    assert len(coinw.asked()) == 1 + 3 + 1


@pytest.mark.parametrize(("longest", "meanwhile"), [(100, 2500), (10, 200)])
def test_a_key_not_used_for_long_gets_its_snapshot_from_the_first_page_again(coinw, longest, meanwhile):
    coinw.longest = longest
    coinw.rows = rows(20, 1)
    coinw.exchange.snapshot(OUT)
    coinw.rows[:0] = rows(20 + meanwhile, 21)
    newest = numbers(20 + meanwhile, 21 + meanwhile - longest)
    asked = len(coinw.asked())
    assert coinw.exchange.snapshot(OUT).lines == newest
    assert len(coinw.asked()) - asked <= 3
    asked = len(coinw.asked())
    assert coinw.exchange.snapshot(OUT).lines == newest
    assert len(coinw.asked()) - asked == 1


def test_each_direction_has_ground_of_its_own(coinw):
    coinw.rows = rows(150, 1)
    coinw.exchange.snapshot(OUT)
    coinw.exchange.snapshot(IN)
    assert len(coinw.asked()) == 2


def test_a_row_out_of_place_does_not_make_a_snapshot_read_everything(coinw):
    coinw.rows = rows(6000, 1)
    coinw.rows[3], coinw.rows[7] = coinw.rows[7], coinw.rows[3]
    assert len(coinw.exchange.snapshot(OUT).lines) == 100


def test_a_history_that_has_no_end_and_no_order_has_no_snapshot(coinw):
    coinw.rows = rows(6000, 1)[::-1]
    with pytest.raises(ExchangeUnreadable):
        coinw.exchange.snapshot(OUT)
    assert len(coinw.asked()) == 20


# After a send ---------------------------------------------------------------------------------------------------------


def test_a_look_reads_back_to_all_that_was_there_before_the_send(coinw):
    coinw.rows = rows(330, 1)
    reading = coinw.look(before=before(100, 99))
    assert set(ids(reading)) == numbers(330, 99)
    assert len(coinw.asked()) == 3
    assert coinw.pauses == [0.7, 0.7]


def test_the_row_of_an_earlier_equal_transfer_is_in_the_reading_too(coinw):
    """Else that transfer, which needs a row, takes the lost one's."""
    coinw.longest = 10
    coinw.rows = [row(number, "-1") for number in range(10, 0, -1)]
    coinw.exchange.snapshot(OUT)
    coinw.rows.insert(0, row(11))
    coinw.rows[:0] = [row(number, "-2") for number in range(23, 11, -1)]
    snapshot = coinw.exchange.snapshot(OUT)
    coinw.rows.insert(0, row(24))
    assert ids(coinw.look(before=snapshot)) == ["24", "11"]


def test_rows_older_than_the_oldest_known_one_are_not_new(coinw):
    coinw.longest = 10
    coinw.rows = rows(40, 1)
    snapshot = coinw.exchange.snapshot(OUT)
    late = row(41, createTime=row(38)["createTime"])
    coinw.rows.insert(0, late)
    reading = coinw.look(before=snapshot)
    assert snapshot.lines == numbers(40, 31)
    assert (new(reading, snapshot), reading.doubts) == ({"41"}, ())


def test_a_row_out_of_place_does_not_make_a_look_read_everything(coinw):
    coinw.longest = 10
    coinw.rows = rows(300, 1)
    snapshot = coinw.exchange.snapshot(OUT)
    coinw.rows.insert(0, row(301, "-7", createTime="2026-11-20 11:59:59"))
    reading = coinw.look(before=snapshot)
    assert (new(reading, snapshot), reading.doubts) == (set(), ())
    assert len(coinw.asked()) == 1 + 2


@pytest.mark.parametrize("created", ["2026-11-20 12:00:31", "2026-11-20 12:00:30"])
def test_a_row_that_is_no_newer_than_the_oldest_known_one_is_a_doubt(coinw, created):
    coinw.longest = 10
    coinw.rows = rows(40, 1)
    snapshot = coinw.exchange.snapshot(OUT)
    coinw.rows.insert(9, row(7, createTime=created))
    reading = coinw.look(before=snapshot)
    assert (new(reading, snapshot), reading.doubts) == (set(), ("7",))
    assert (
        reading.words[2]
        == "The history also has a row of 10 USDT that may not be this transfer; people must judge that."
    )


def test_when_the_order_no_longer_holds_nothing_is_new_for_certain(coinw):
    coinw.longest = 10
    coinw.rows = rows(40, 1)
    snapshot = coinw.exchange.snapshot(OUT)
    coinw.rows = rows(41, 1)[::-1]
    coinw.available = "30"
    reading = coinw.look(before=snapshot)
    assert (new(reading, snapshot), set(reading.doubts)) == (set(), numbers(30, 1) | {"41"})
    assert reading.balance is Balance.MOVED
    assert UNSURE in reading.words
    assert (
        "The history also has 31 rows of 10 USDT that may not be this transfer; people must judge that."
        in reading.words
    )


@pytest.mark.parametrize("gone", [rows(300, 101), rows(5000, 101)], ids=["to the end", "too long"])
def test_when_nothing_of_before_is_met_nothing_is_new_for_certain(coinw, gone):
    coinw.rows = gone
    reading = coinw.look(before=before(7, 6))
    assert (reading.lines, len(reading.doubts)) == ((), min(len(gone), 2000))
    assert UNSURE in reading.words


def test_a_history_too_long_to_be_read_back_is_told_with_what_was_seen_of_it(coinw):
    coinw.rows = rows(6000, 1)
    reading = coinw.look(before=before(*range(3950, 4101)))
    assert set(ids(reading)) == numbers(4100, 4001)
    assert set(reading.doubts) == numbers(6000, 4101)
    assert UNSURE in reading.words
    assert len(coinw.asked()) == 20


def test_known_rows_that_are_gone_do_not_make_a_look_read_everything(coinw):
    coinw.rows = rows(6000, 1)
    del coinw.rows[20:30]
    snapshot = before(*range(5901, 6000))
    reading = coinw.look(before=snapshot)
    assert new(reading, snapshot) == {"6000"}
    assert len(coinw.asked()) == 2


def test_a_look_after_an_empty_history_reads_to_the_end(coinw):
    coinw.rows = rows(230, 1)
    assert len(coinw.look(before=before(read="whole")).lines) == 230


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[::-1],
        lambda rows: [row | {"createTime": None} for row in rows],
        lambda rows: [row | {"createTime": "20.11.2026"} for row in rows],
    ],
)
def test_rows_that_do_not_come_newest_first_are_read_to_the_end(coinw: Bench, spoil):
    coinw.rows = spoil(rows(230, 1))
    snapshot = coinw.exchange.snapshot(OUT)
    assert (snapshot.lines, snapshot.evidence["history.read"]) == (numbers(230, 1), "whole")
    coinw.rows = spoil(rows(231, 1))
    assert new(coinw.look(before=snapshot), snapshot) == {"231"}
    assert len(coinw.asked()) == 3 + 3


@pytest.mark.parametrize("longest", [10, 20, 50])
def test_a_page_as_long_as_coinw_lets_it_be_is_not_taken_for_the_last(coinw, longest):
    coinw.longest = longest
    coinw.rows = rows(95 + longest, 1)
    assert set(ids(coinw.look(before=before(5)))) == numbers(95 + longest, 5)


def test_a_server_that_answers_every_page_with_the_last_comes_to_an_end(coinw):
    coinw.rows = rows(300, 101)
    coinw.history = lambda number, size: coinw.page(min(number, 2), size)
    assert len(coinw.look(before=before(read="whole")).lines) == 200
    coinw.history = lambda number, size: coinw.page(1, size)[::-1]
    assert coinw.exchange.snapshot(OUT).evidence["history.read"] == "newest"


def test_rows_that_move_to_the_next_page_meanwhile_count_once(coinw):
    coinw.rows = rows(250, 1)

    def growing(number: int, size: int) -> object:
        page = coinw.page(number, size)
        coinw.rows.insert(0, row(260 + number))
        return page

    coinw.history = growing
    found = ids(coinw.look(before=before(100, 99)))
    assert len(found) == len(set(found))
    assert numbers(250, 101) <= set(found)


def test_the_balance_is_told_before_long_lists_and_lists_are_cut(coinw):
    coinw.rows[:0] = rows(109, 101)
    coinw.rows[:0] = [row(number, status="FAILED") for number in range(150, 109, -1)]
    reading = coinw.look()
    assert reading.words == (
        "CoinW's transfer history shows 9 new transfers of 10 USDT from master to a sub-account, by its own clock at "
        "2026-11-20 12:01:41, 2026-11-20 12:01:42, 2026-11-20 12:01:43 and 6 more.",
        "The sub-account's balance is unchanged since before the request: 20 USDT.",
        "The history also has 41 rows of 10 USDT that may not be this transfer; people must judge that.",
    )
    assert set(reading.doubts) == numbers(150, 110)
    assert reading.doubts == coinw.look().doubts


@pytest.mark.parametrize("endless", ["9" * 4400, "0." + "1" * 4000, "-" + "1" * 41])
def test_a_number_of_thousands_of_digits_is_unreadable(coinw, endless):
    coinw.available = endless
    assert coinw.look().balance is Balance.UNCLEAR
    with pytest.raises(ExchangeUnreadable):
        coinw.exchange.snapshot(OUT)
    coinw.rows.insert(0, row(101, endless))
    for read in (coinw.look, lambda: coinw.exchange.snapshot(OUT)):
        with pytest.raises(ExchangeUnreadable):
            read()
    assert coinw.asked(AVAILABLE)
    assert coinw.asked(HISTORY)


def test_an_amount_is_compared_to_its_last_digit(coinw):
    coinw.rows.insert(0, row(101, "-10.00000000000000000000000000001"))
    coinw.available = "20.00000000000000000000000000001"
    reading = coinw.look()
    assert ("101" in ids(reading), reading.balance) == (False, Balance.UNCLEAR)


BUSY = httpx.Response(200, json={"code": 29001, "msg": "API access frequently"})


def test_too_many_reads_are_waited_out_once(coinw):
    answers = iter([BUSY])
    coinw.history = lambda number, size: next(answers, coinw.page(number, size))
    assert coinw.exchange.snapshot(OUT).lines == {"100", "99"}
    assert coinw.pauses == [PACE_S]


def test_a_second_warning_is_taken_at_its_word(coinw):
    coinw.history = lambda number, size: BUSY
    with pytest.raises(ExchangeUnreadable, match="29001"):
        coinw.exchange.snapshot(OUT)
    assert coinw.pauses == [PACE_S]
    assert len(coinw.asked()) == 2
