"""What a report says: exact, aligned, cut only where it says so, and the same for those who cannot see the picture."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from reports import ALICE, CAROL, PEOPLE, UNTIL, of, row

from bot.report import report
from bot.report_text import as_json, lasted, period, picture_in_words, sentences, signed, tables
from bot.transfers import State

ACCOUNTS = {"coinw:39000001": "coinw:maker"}


def test_the_sentences_say_what_counts_and_how() -> None:
    rows = [row(number) for number in range(1, 5)]
    rows += [row(5, state=State.NOT_SENT), row(6, state=State.EXPIRED), row(7, state=State.UNKNOWN, ended_at=None)]
    assert sentences(of(*rows)) == [
        "6 requests ended, 4 of them done (66%): 1 expired, 1 not sent.",
        "From the proposal to the end: half in 10 s, nine of ten in 10 s, the slowest 10 s.",
        "Not counted, because sent and without an answer: T7.",
    ]


def test_a_long_list_of_the_unanswered_is_counted() -> None:
    rows = [row(number, state=State.UNKNOWN, ended_at=None) for number in range(1, 13)]
    assert sentences(of(*rows))[-1].endswith(": T1, T2, T3, T4, T5, T6, T7, T8, T9, T10 and 2 more.")


def test_nothing_at_all_is_said_plainly() -> None:
    assert sentences(of()) == ["No request ended."]
    assert tables(of(), PEOPLE, {}) == []


def test_a_rate_is_never_rounded_up_to_all() -> None:
    rows = [row(number) for number in range(1, 1000)]
    assert "999 of them done (99%)" in sentences(of(*rows, row(1000, state=State.REFUSED)))[0]


def test_a_table_is_aligned_and_named_as_people_type() -> None:
    found = tables(
        of(
            row(1, "1250.5", source="coinw:master", destination="coinw:39000001", approvers=(CAROL,)),
            row(2, "3", source="coinw:39000001", destination="coinw:master"),
        ),
        PEOPLE,
        ACCOUNTS,
    )
    assert [table.title for table in found] == ["USDT: 1,253.50 moved by 2 requests", "Requested by", "Approved by"]
    assert str(found[0]).split("\n") == [
        "Account         Transfers        In       Out        Net",
        "------------  -----------  --------  --------  ---------",
        "coinw:maker             2  1,250.50      3     +1,247.50",
        "coinw:master            2      3     1,250.50  -1,247.50",
    ]
    assert str(found[1]).split("\n")[2] == "alice              2       2  1,253.50 USDT"
    assert str(found[2]).split("\n")[2] == "carol              1       1  1,250.50 USDT"


def test_the_currency_of_most_requests_comes_first_and_one_without_a_whole_route_is_not_lost() -> None:
    half = [row(4, currency="ETH"), row(5, currency="ETH", follows=4, state=State.REFUSED)]
    titles = [table.title for table in tables(of(row(1, currency="BTC"), row(2), row(3), *half), {}, {})]
    assert titles[:3] == [
        "USDT: 500 moved by 2 requests",
        "BTC: 250 moved by 1 request",
        "ETH: 0 moved by 0 requests",
    ]


def test_a_table_that_is_too_long_counts_what_it_leaves_out() -> None:
    rows = [row(number, destination=f"coinw:{39_000_000 + number}") for number in range(1, 101)]
    table = tables(of(*rows), {}, {})[0]
    assert len(table.rows) == 101
    cut = table.within(2900)
    assert len(str(cut)) <= 2900
    shown = str(cut).split("\n")
    assert shown[-1] == f"… and {101 - (len(shown) - 3)} more"
    assert table.within(100_000) == table


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than 1 s"),
        (0.5, "less than 1 s"),
        (59.6, "1 min"),
        (130, "2 min 10 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (90_061, "1 d 1 h"),
        (-5, "less than 1 s"),
    ],
)
def test_times_are_said_in_the_two_largest_units(seconds: float, said: str) -> None:
    assert lasted(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("amount", "said"), [("1250.5", "+1,250.50"), ("-0.00000001", "-0.00000001"), ("0.00", "0"), ("-750", "-750")]
)
def test_a_net_flow_has_its_sign(amount: str, said: str) -> None:
    assert signed(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (datetime(2026, 11, 14, tzinfo=UTC), "14 to 21 November 2026 (UTC)"),
        (datetime(2026, 10, 2, tzinfo=UTC), "2 October to 21 November 2026 (UTC)"),
        (datetime(2025, 11, 21, tzinfo=UTC), "21 November 2025 to 21 November 2026 (UTC)"),
    ],
)
def test_the_period_is_said_with_its_time_zone(since: datetime, said: str) -> None:
    assert period(report((), since, UNTIL)) == said


def test_the_picture_is_told_to_those_who_cannot_see_it() -> None:
    assert picture_in_words(of(row(1)), {}, 1000) == (
        "Net flow by account, 14 to 21 November 2026 (UTC). htx:linear-swap +250 USDT. htx:spot -250 USDT."
    )
    many = of(*(row(number, destination=f"coinw:{39_000_000 + number}") for number in range(1, 200)))
    told = picture_in_words(many, {}, 1000)
    assert len(told) <= 1000
    assert told.endswith("USDT. The rest is in the table.")


def test_a_program_gets_exact_amounts_as_text_and_whose_they_are() -> None:
    found = json.loads(json.dumps(as_json(of(row(1, "0.1", approvers=(CAROL,))), PEOPLE, ACCOUNTS)))
    assert found["flows"][0] == {
        "account": "htx:linear-swap",
        "name": "htx:linear-swap",
        "currency": "USDT",
        "transfers": 1,
        "in": "0.1",
        "out": "0",
        "net": "0.1",
    }
    assert found["requesters"] == [
        {"person": ALICE, "name": "alice", "requests": 1, "done": 1, "moved": {"USDT": "0.1"}}
    ]
    assert found["seconds"] == {"median": 10, "ninth_decile": 10, "slowest": 10}
    assert (found["since"], found["until"]) == ("2026-11-14T10:15:00.000Z", "2026-11-21T10:15:00.000Z")
    assert as_json(of(), {}, {})["seconds"] is None
