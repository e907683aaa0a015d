"""An exchange's records held against the journal: whose is each line, and what has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Account, Route
from bot.evidence import Entry, Line, Statement
from bot.reconcile import EXECUTED_WITHIN, Sent
from bot.statement import Claim, Comparison, compare
from bot.transfers import State, Transfer

SINCE = datetime(2026, 11, 14, 10, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=7)
HOURS = timedelta(hours=20)


def at(seconds: float) -> datetime:
    """Some seconds after the middle of the week."""
    return SINCE + timedelta(days=3, seconds=seconds)


def claim(
    number: int,
    seconds: float = 0,
    state: State = State.SUCCEEDED,
    *,
    answered: float | None = None,
    before: Sequence[str] = (),
    line: str = "",
    amount: str = "250",
    route: str = "htx:spot -> htx:linear-swap",
) -> Claim:
    """A transfer sent at a moment; `answered` so many seconds later."""
    source, destination = (Account.from_canonical(side) for side in route.split(" -> "))
    transfer = Transfer(
        **{
            "id": number,
            "version": 1,
            "state": state,
            "route": Route(source, destination),
            "currency": "USDT",
            "amount": Decimal(amount),
            "sent_at": at(seconds),
            "created_at": at(seconds),
            **dict.fromkeys(("margin_account", "connection", "requester", "team", "channel", "rule", "rule_hash"), ""),
            **dict.fromkeys(("policy_hash", "seal"), ""),
        }
    )
    last = at(seconds) + EXECUTED_WITHIN if answered is None else at(seconds + answered)
    return Claim(transfer, Sent(transfer.name, at(seconds), last, frozenset(before), line))


def entry(name: str, seconds: float | None = 1, **changes: Any) -> Entry:
    plain: dict[str, Any] = {
        "id": name,
        "at": None if seconds is None else at(seconds),
        "is_exact": True,
        "source": "spot",
        "destination": "linear-swap",
        "currency": "USDT",
        "amount": Decimal(250),
    }
    return Entry(**plain | changes)


def held(
    entries: Sequence[Entry],
    claims: Sequence[Claim],
    *,
    since: datetime = SINCE,
    begins: dict[tuple[str, str, str], datetime] | None = None,
    off_max: timedelta = timedelta(0),
) -> Comparison:
    return compare(Statement(tuple(entries), since, begins or {}, off_max, ()), claims, SINCE, UNTIL)


def ours(found: Comparison) -> dict[str, str]:
    return {moved.entry.id: moved.claims[0].transfer.name for moved in found.ours}


def others(found: Comparison) -> dict[str, list[str]]:
    return {moved.entry.id: [claim.transfer.name for claim in moved.claims] for moved in found.others}


def names(told: Sequence[Any]) -> list[str]:
    return [(getattr(one, "claim", one)).transfer.name for one in told]


# One line, one transfer ----------------------------------------------------------------------------------------------


def test_a_line_of_the_desk_is_told_with_its_transfer() -> None:
    found = held([entry("a", 3)], [claim(7)])
    assert (ours(found), others(found), found.missing, found.agrees) == ({"a": "T7"}, {}, (), True)


@pytest.mark.parametrize(
    "line",
    [
        entry("a", amount=Decimal("250.00000001")),
        entry("a", currency="BTC"),
        entry("a", source="linear-swap", destination="spot"),
        entry("a", destination="otc"),
        entry("a", -61),
        entry("a", (EXECUTED_WITHIN + timedelta(seconds=61)).total_seconds()),
        entry("a", source="", destination="", kind="sub-transfer-out"),
    ],
    ids=str,
)
def test_a_line_that_is_another_in_any_way_is_others_and_the_transfer_has_none(line: Entry) -> None:
    found = held([line], [claim(7)])
    assert (ours(found), others(found), names(found.missing), found.agrees) == ({}, {"a": []}, ["T7"], False)


def test_a_line_that_was_there_before_the_send_is_not_its_own() -> None:
    found = held([entry("a")], [claim(7, before=["a"])])
    assert (others(found), names(found.missing)) == ({"a": []}, ["T7"])


def test_a_line_of_others_says_nothing_against_the_journal() -> None:
    assert held([entry("a")], []).agrees


def test_one_settled_by_a_line_has_that_line_and_no_other() -> None:
    found = held([entry("a", 1), entry("b", 2)], [claim(7, line="b")])
    assert (ours(found), others(found)) == ({"b": "T7"}, {"a": []})
    assert names(held([entry("a", 1)], [claim(7, line="b")]).missing) == ["T7"]


def test_the_nearest_of_equal_lines_is_taken_in_any_order() -> None:
    lines = [entry("early", -40), entry("own", 2), entry("late", 50)]
    for order in permutations(lines):
        assert ours(held(order, [claim(7)])) == {"own": "T7"}


def test_a_missing_line_is_missed_by_the_transfer_it_is_of_and_not_by_its_neighbour() -> None:
    found = held([entry("b", 103)], [claim(1, 0, answered=50), claim(2, 100, answered=4)])
    assert (ours(found), names(found.missing)) == ({"b": "T2"}, ["T1"])


def test_a_line_is_handed_on_so_that_all_have_one() -> None:
    """The nearest line of both is `a`; only one of them could also be `b`."""
    found = held([entry("a", 5), entry("b", 300)], [claim(1, 4), claim(2, 5, before=["b"])])
    assert ours(found) == {"b": "T1", "a": "T2"}


# What is no success --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.UNKNOWN, State.SENDING])
def test_a_transfer_without_an_answer_is_told_with_what_there_is_for_it(state: State) -> None:
    found = held([entry("a"), entry("b", 9)], [claim(7, state=state)])
    assert others(found) == {"a": ["T7"], "b": ["T7"]}
    assert [(one.claim.transfer.name, [line.id for line in one.entries]) for one in found.unanswered] == [
        ("T7", ["a", "b"])
    ]
    assert found.agrees
    assert held([], [claim(7, state=state)]).unanswered[0].entries == ()


def test_a_success_has_its_line_before_an_unknown_is_offered_one() -> None:
    found = held([entry("a")], [claim(1, state=State.UNKNOWN), claim(2)])
    assert (ours(found), found.unanswered[0].entries) == ({"a": "T2"}, ())


def test_a_success_takes_the_line_that_leaves_one_for_the_unknown() -> None:
    found = held([entry("a", 1), entry("b", 9)], [claim(1, state=State.UNKNOWN, before=["b"]), claim(2)])
    assert ours(found) == {"b": "T2"}
    assert [line.id for line in found.unanswered[0].entries] == ["a"]


@pytest.mark.parametrize("state", [State.REFUSED, State.NOT_SENT, State.NOT_EXECUTED])
def test_a_line_that_fits_what_did_not_happen_contradicts_the_journal(state: State) -> None:
    found = held([entry("a")], [claim(7, state=state)])
    assert others(found) == {"a": ["T7"]}
    assert ([moved.entry.id for moved in found.contradicted], found.agrees) == (["a"], False)
    assert held([entry("a", amount=Decimal(1))], [claim(7, state=state)]).agrees


def test_a_line_in_doubt_is_nobodys_and_is_told_to_whoever_misses_one() -> None:
    odd = entry("a", source="", destination="", kind="spot-to-somewhere", doubt="not in known words")
    found = held([odd], [claim(7)])
    assert others(found) == {"a": []}
    assert [line.id for line in found.missing[0].entries] == ["a"]
    assert held([entry("a", doubt="odd", amount=Decimal(1))], [claim(7)]).missing[0].entries == ()


# What is told of -----------------------------------------------------------------------------------------------------


def test_what_was_sent_or_moved_before_is_matched_and_not_told() -> None:
    week = timedelta(days=3).total_seconds()
    found = held([entry("old", -week - 60), entry("a", -week + 3)], [claim(1, -week - 62), claim(2, -week - 2)])
    assert (ours(found), others(found)) == ({"a": "T2"}, {})
    assert names(held([], [claim(1, -week - 62)]).missing) == []


def test_one_older_than_the_records_is_out_of_reach_and_not_missing() -> None:
    key = ("spot", "linear-swap", "USDT")
    found = held([entry("a", 500)], [claim(1, 0), claim(2, 499)], begins={key: at(100)})
    assert (ours(found), names(found.missing), names(found.out_of_reach)) == ({"a": "T2"}, [], ["T1"])
    assert found.agrees
    assert names(held([], [claim(1, 0)], begins={("spot", "otc", "USDT"): at(100)}).missing) == ["T1"]


def test_what_the_records_do_not_reach_is_not_told_of() -> None:
    found = held([], [claim(1, 0), claim(2, 200)], since=at(100))
    assert (found.since, names(found.missing)) == (at(100), ["T2"])


def test_a_success_of_this_minute_may_not_be_there_yet() -> None:
    now = (UNTIL - at(0)).total_seconds()
    found = held([], [claim(1, now - 599), claim(2, now + 5)])
    assert [(one.claim.transfer.name, one.is_fresh) for one in found.missing] == [("T1", True)]
    assert found.agrees
    assert not held([], [claim(1, now - 601)]).agrees


def test_one_sent_while_the_records_were_read_owns_its_line() -> None:
    now = (UNTIL - at(0)).total_seconds()
    assert ours(held([entry("a", now + 7)], [claim(1, now + 5, State.SUCCEEDED)])) == {"a": "T1"}


# Times that are hours off --------------------------------------------------------------------------------------------

SUB = {"source": "master", "destination": "sub", "is_exact": False}
COINW = "coinw:master -> coinw:39000001"


@pytest.mark.parametrize("hours", [-19, 0, 19, None])
def test_a_time_that_is_hours_off_hinders_nothing(hours: int | None) -> None:
    line = entry("a", None if hours is None else 3600 * hours, **SUB)
    assert ours(held([line], [claim(7, route=COINW)], off_max=HOURS)) == {"a": "T7"}


def test_a_time_that_is_further_off_is_anothers() -> None:
    line = entry("a", 3600 * 21, **SUB)
    assert others(held([line], [claim(7, route=COINW)], off_max=HOURS)) == {"a": []}


def test_neither_sub_accounts_nor_margin_accounts_can_be_told_apart() -> None:
    lines = [entry("a", **SUB), entry("b", 5)]
    claims = [
        claim(1, route="coinw:master -> coinw:39000002"),
        claim(2, 4, route="htx:spot -> htx:linear-swap/BTC-USDT"),
    ]
    assert ours(held(lines, claims, off_max=HOURS)) == {"a": "T1", "b": "T2"}


# Whatever is there ---------------------------------------------------------------------------------------------------

AMOUNTS = st.sampled_from(["1", "2"])
SECONDS = st.integers(-900, 900)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Entry], list[Claim]]:
    times = draw(st.lists(st.tuples(SECONDS, AMOUNTS, st.booleans()), max_size=9))
    entries = [
        entry(f"l{number}", seconds, amount=Decimal(amount), doubt="odd" if odd and number % 4 == 0 else "")
        for number, (seconds, amount, odd) in enumerate(times)
    ]
    ids = [line.id for line in entries]
    states = st.sampled_from([State.SUCCEEDED, State.SUCCEEDED, State.UNKNOWN, State.REFUSED])
    sends = draw(st.lists(st.tuples(SECONDS, AMOUNTS, states, st.sets(st.sampled_from(ids or [""]))), max_size=7))
    claims = [
        claim(number, seconds, state, amount=amount, before=sorted(before))
        for number, (seconds, amount, state, before) in enumerate(sends, start=1)
    ]
    return entries, claims


def may(one: Claim, line: Entry) -> bool:
    return not line.doubt and line.amount == one.transfer.amount and one.sent.may_own(Line(line.id, line.at))


def most(claims: Sequence[Claim], entries: Sequence[Entry]) -> int:
    """How many claims can have a line each, by trying everything."""
    if not claims:
        return 0
    first, rest = claims[0], claims[1:]
    without = most(rest, entries)
    return max(
        [without, *(1 + most(rest, [e for e in entries if e is not line]) for line in entries if may(first, line))]
    )


@given(worlds())
def test_every_line_is_told_once_and_every_success_has_one_or_is_missing(
    world: tuple[list[Entry], list[Claim]],
) -> None:
    entries, claims = world
    found = held(entries, claims)
    assert sorted([*ours(found), *others(found)]) == sorted(line.id for line in entries)
    done = [one.transfer.name for one in claims if one.transfer.state is State.SUCCEEDED]
    assert sorted([*ours(found).values(), *names(found.missing)]) == sorted(done)
    assert all(may(moved.claims[0], moved.entry) for moved in found.ours)
    assert all(may(one, moved.entry) for moved in found.others for one in moved.claims)


@given(worlds())
def test_no_success_misses_a_line_it_could_have_been_given(world: tuple[list[Entry], list[Claim]]) -> None:
    entries, claims = world
    done = [one for one in claims if one.transfer.state is State.SUCCEEDED]
    assert len(held(entries, claims).ours) == most(done, entries)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_transfers_changes_no_count(world: tuple[list[Entry], list[Claim]], random: Any) -> None:
    entries, claims = world
    found = held(entries, claims)
    random.shuffle(entries)
    random.shuffle(claims)
    again = held(entries, claims)
    assert len(again.ours) == len(found.ours)
    assert len(again.missing) == len(found.missing)


@given(worlds())
def test_a_movement_of_somebody_else_changes_nothing_else(world: tuple[list[Entry], list[Claim]]) -> None:
    entries, claims = world
    stranger = entry("stranger", 0, amount=Decimal(77))
    found, with_it = held(entries, claims), held([*entries, stranger], claims)
    assert (ours(with_it), names(with_it.missing)) == (ours(found), names(found.missing))
    assert others(with_it) == others(found) | {"stranger": []}


@given(worlds())
def test_without_a_line_every_success_is_missing(world: tuple[list[Entry], list[Claim]]) -> None:
    _, claims = world
    found = held([], claims)
    assert len(found.missing) == sum(one.transfer.state is State.SUCCEEDED for one in claims)
