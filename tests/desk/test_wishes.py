"""Shares: on disk before the answer, decided by a reading that began later, or told to one person why not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from desk_bench import ALICE, BOB, CAROL, CHANNEL, LIMIT, RULES, STRANGER, DeskBench, rule_says
from shares import ALL, HALF, MAKER, SPOT, granted, read, told, waiting, wish

from bot.desk import Refusal, Taken
from bot.desk.wishes import GRANTED_WITHIN, WAITING_MAX
from bot.journal import Holding

READING = "Reading what is available on `htx:spot`; the card follows."
MINUTE = GRANTED_WITHIN.total_seconds()
COINW = RULES[RULES.index("[exchanges.coinw]") : RULES.index("[people]")]
MAKERS = RULES[RULES.index('[[rules]]\nname = "makers"') :]


# The wish


def test_a_share_is_on_disk_and_its_balance_asked_for_before_it_is_answered(bench: DeskBench) -> None:
    assert wish(bench, HALF) == READING
    row = bench.read("SELECT team, person, channel, text, source, destination, currency, percent, reason FROM wishes")
    assert row == [("T01DESK", "U01ALICE", CHANNEL, HALF, "htx:spot", "htx:linear-swap", "USDT", "50", "")]
    assert bench.desk.next_reading("htx").result() == (SPOT, "USDT")
    assert bench.read("SELECT count(*) FROM transfers") == [(0,)]


def test_a_delivery_that_comes_twice_is_one_wish(bench: DeskBench) -> None:
    assert wish(bench, key="again") == wish(bench, key="again") == READING
    assert waiting(bench) == 1
    read(bench)
    assert wish(bench, key="again") == READING
    assert waiting(bench) == 0


@pytest.mark.parametrize(
    ("text", "percent", "available", "figure"),
    [
        (ALL, "all", "800", "800"),
        (HALF, "half", "500.00000001", "250"),
        ("25% usdt htx:spot -> htx:linear-swap", "25%", "0.00000007", "0.00000001"),
        ("33.33% usdt htx:spot -> htx:linear-swap", "33.33%", "1000.1", "333.33333"),
        ("all usdt htx:spot -> htx:linear-swap", "all", "999.999999999999", "999.99999999"),
    ],
)
def test_a_reading_makes_it_a_figure_never_above_what_is_there(
    bench: DeskBench, text: str, percent: str, available: str, figure: str
) -> None:
    transfer = granted(bench, text, available)
    assert (transfer.amount, transfer.share) == (Decimal(figure), percent)
    assert transfer.requester == ALICE.user
    assert bench.view(transfer).share_of == Decimal(available)
    (event,) = bench.events("proposed")
    assert (event.data["available"], event.data["amount"], event.data["share"]) == (available, figure, percent)
    assert event.data["asked"] == text
    assert (waiting(bench), told(bench)) == (0, [])


def test_decimals_are_the_connections(bench: DeskBench) -> None:
    bench.restart(("39000002 }", "39000002 }\ndecimals = { USDT = 2 }"))
    wish(bench, "half usdt coinw:maker -> coinw:master")
    read(bench, "10.03", MAKER)
    assert bench.get(1).amount == Decimal("5.01")


def test_a_reason_comes_along(bench: DeskBench) -> None:
    wish(bench, f"{ALL} reason month-end & co")
    read(bench)
    assert bench.get(1).reason == "month-end & co"


def test_several_wait_for_one_reading_each_for_itself(bench: DeskBench) -> None:
    wish(bench, ALL, ALICE)
    wish(bench, HALF, BOB)
    wish(bench, "all usdt htx:linear-swap -> htx:spot", BOB)
    read(bench)
    rows = bench.read("SELECT requester, amount FROM transfers ORDER BY id")
    assert rows == [(ALICE.user, "800"), (BOB.user, "400")]
    assert waiting(bench) == 1


# What a reading must be


def test_a_reading_that_began_before_the_wish_does_not_decide_it(bench: DeskBench) -> None:
    began = bench.clock.now()
    bench.clock.advance(1)
    wish(bench)
    bench.desk.note_reading(Taken(SPOT, "USDT", Holding(Decimal(5), "", began))).result()
    assert waiting(bench) == 1
    assert bench.desk.next_reading("htx").result() == (SPOT, "USDT")
    read(bench, "700")
    assert bench.get(1).amount == Decimal(700)


def test_what_a_share_waits_for_is_read_before_what_a_card_shows(bench: DeskBench) -> None:
    bench.proposed("10 usdt htx:linear-swap -> htx:spot")
    read(bench)
    bench.clock.advance(1)
    wish(bench)
    assert bench.desk.next_reading("htx").result() == (SPOT, "USDT")


# Refused at once


@pytest.mark.parametrize(
    ("text", "by", "why"),
    [
        (ALL, CAROL, "No rule lets you move USDT from `htx:spot` to `htx:linear-swap`."),
        (ALL, STRANGER, "You are not on this desk's allowlist."),
        ("all btc htx:spot -> htx:linear-swap", ALICE, "No rule lets you move BTC"),
        ("all usdt htx:spot -> htx:otc", ALICE, "No rule lets you move USDT from `htx:spot` to `htx:otc`."),
    ],
)
def test_whom_no_rule_lets_move_it_is_told_nothing_of_what_is_there(bench: DeskBench, text, by, why) -> None:
    answer = wish(bench, text, by)
    assert isinstance(answer, Refusal)
    assert answer.startswith("Nothing happened. ")
    assert why in answer
    assert (waiting(bench), bench.desk.next_reading("htx").result()) == (0, None)
    assert [event.actor for event in bench.events("turned_away")] == [by.user]


@pytest.mark.parametrize("source", ["coinw:master", "htx:linear-swap/BTC-USDT"])
def test_a_share_of_what_no_api_tells_is_refused_at_once(bench: DeskBench, source: str) -> None:
    destination = "coinw:maker" if source.startswith("coinw") else "htx:spot"
    answer = wish(bench, f"half usdt {source} -> {destination}")
    assert answer.startswith(f"Nothing happened. What can leave `{source}` is not readable through the API")
    assert waiting(bench) == 0


def test_nothing_is_read_for_a_frozen_exchange(bench: DeskBench) -> None:
    bench.freeze("htx", BOB)
    assert "htx is frozen by bob: a key leaked." in wish(bench)
    assert waiting(bench) == 0


def test_a_rule_that_wants_a_reason_says_so_at_once(bench: DeskBench) -> None:
    bench.restart(rule_says('reason = "required"'))
    assert "reason" in wish(bench)
    assert waiting(bench) == 0
    assert wish(bench, f"{ALL} reason month-end") == READING


def test_one_person_waits_for_a_few_shares_at_most(bench: DeskBench) -> None:
    answers = [wish(bench) for _ in range(WAITING_MAX + 1)]
    assert answers[:-1] == [READING] * WAITING_MAX
    assert "try again in a moment" in answers[-1]
    assert wish(bench, by=BOB) == READING


# Refused when it was read


@pytest.mark.parametrize(
    ("available", "problem", "why"),
    [
        ("0", "", "`htx:spot` has 0 USDT that can leave it; all of that is nothing to move."),
        ("-3.5", "", "`htx:spot` has -3.5 USDT that can leave it; all of that is nothing to move."),
        ("0.000000001", "", "nothing to move."),
        (f"1{'0' * 15}", "", "more than an amount can be."),
        (None, "could not be read: HTX answered HTTP 502", "`htx:spot`, could not be read: HTX answered HTTP 502."),
        (None, "not readable through the API", "`htx:spot`, not readable through the API."),
        ("1000.5", "", "Rule collateral allows up to 1,000.00 USDT in one transfer; this is 1,000.50."),
    ],
)
def test_a_share_that_comes_to_nothing_is_told_to_whoever_wanted_it(
    bench: DeskBench, available: str | None, problem: str, why: str
) -> None:
    wish(bench)
    read(bench, available, problem=problem)
    ((person, channel, words),) = told(bench)
    assert (person, channel) == (ALICE.user, CHANNEL)
    assert words.startswith("`all usdt from htx:spot to htx:linear-swap` was not proposed. ")
    assert why in words
    assert (waiting(bench), bench.read("SELECT count(*) FROM transfers")) == (0, [(0,)])


def test_the_policy_of_the_moment_decides_and_its_refusal_is_on_record(bench: DeskBench) -> None:
    wish(bench)
    bench.reload((LIMIT, 'per_transfer = "100"'))
    read(bench)
    assert "allows up to 100 USDT" in told(bench)[0][2]
    assert [event.actor for event in bench.events("turned_away")] == [ALICE.user]


def test_an_exchange_frozen_meanwhile_is_told(bench: DeskBench) -> None:
    wish(bench)
    bench.freeze("htx", BOB)
    read(bench)
    assert "htx is frozen by bob" in told(bench)[0][2]


@pytest.mark.parametrize(("after_s", "proposed"), [(MINUTE, 1), (MINUTE + 0.001, 0)])
def test_a_wish_of_more_than_a_minute_ago_is_no_wish_any_more(bench: DeskBench, after_s: float, proposed: int) -> None:
    wish(bench)
    bench.clock.advance(after_s)
    read(bench)
    assert bench.read("SELECT count(*) FROM transfers") == [(proposed,)]
    assert len(told(bench)) == 1 - proposed
    assert waiting(bench) == 0


@pytest.mark.parametrize("restarted", [False, True])
def test_a_wish_from_a_clock_that_went_back_is_refused_and_not_kept(bench: DeskBench, restarted: bool) -> None:
    wish(bench)
    bench.clock.set(-3600)
    bench.restart() if restarted else read(bench)
    assert (waiting(bench), len(told(bench))) == (0, 1)


# Restarts


def test_a_wish_outlives_the_desk(bench: DeskBench) -> None:
    wish(bench)
    bench.clock.advance(20)
    bench.restart()
    assert bench.desk.next_reading("htx").result() == (SPOT, "USDT")
    read(bench)
    assert bench.get(1).amount == Decimal(800)


def test_a_wish_that_waited_through_a_long_stop_is_refused_at_the_start(bench: DeskBench) -> None:
    wish(bench)
    bench.clock.advance(minutes=5)
    bench.restart()
    assert waiting(bench) == 0
    assert "The desk was down meanwhile" in told(bench)[0][2]


def test_a_wish_at_an_exchange_that_is_gone_is_refused_at_the_start(bench: DeskBench) -> None:
    wish(bench, "all usdt coinw:maker -> coinw:master")
    bench.restart((COINW, ""), (MAKERS, ""))
    assert waiting(bench) == 0
    assert "There is no exchange coinw in desk.toml any more." in told(bench)[0][2]


def test_a_reading_the_journal_cannot_keep_leaves_the_wish(bench: DeskBench) -> None:
    wish(bench)
    bench.tamper("CREATE TRIGGER full BEFORE INSERT ON transfers BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(Exception, match="disk is full"):
        read(bench)
    assert (waiting(bench), told(bench)) == (1, [])
    bench.tamper("DROP TRIGGER full")
    read(bench)
    assert (waiting(bench), bench.get(1).amount) == (0, Decimal(800))
