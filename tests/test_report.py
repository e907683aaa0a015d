"""A report counts money by transfer and requests by route, all of it exactly, and says what it does not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import ALICE, BOB, CAROL, DAN, SINCE, UNTIL, of, row

from bot.report import Durations, Flow, Share, Volume
from bot.transfers import FINAL, State

MOMENT = timedelta(milliseconds=1)


def test_what_one_account_gives_out_another_takes_in() -> None:
    back = row(2, "100.5", source="htx:linear-swap", destination="htx:spot")
    assert of(row(1), back).flows == (
        Flow("htx:linear-swap", "USDT", Decimal(250), Decimal("100.5"), 2),
        Flow("htx:spot", "USDT", Decimal("100.5"), Decimal(250), 2),
    )
    assert [flow.net for flow in of(row(1), back).flows] == [Decimal("149.5"), Decimal("-149.5")]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(1, 10**23)), max_size=30))
def test_over_all_accounts_nothing_is_gained_or_lost(moves: list[tuple[str, str, int]]) -> None:
    rows = [
        row(number, amount=str(Decimal(units).scaleb(-8)), source=source, destination=destination)
        for number, (source, destination, units) in enumerate(moves, 1)
    ]
    found = of(*rows)
    assert sum(flow.net for flow in found.flows) == 0
    assert sum(flow.transfers for flow in found.flows) == 2 * len(rows)


def test_currencies_are_never_added_up() -> None:
    found = of(row(1, "0.1", currency="BTC"), row(2, "0.2", currency="BTC"), row(3))
    assert found.volumes == (Volume("BTC", 2, Decimal("0.3")), Volume("USDT", 1, Decimal(250)))
    assert found.requesters == (Share(ALICE, 3, 3, {"BTC": Decimal("0.3"), "USDT": Decimal(250)}),)


@pytest.mark.parametrize("state", sorted(FINAL - {State.SUCCEEDED}))
def test_only_what_succeeded_moves_anything(state: State) -> None:
    found = of(row(state=state))
    assert (found.flows, found.volumes, found.durations) == ((), (), None)
    assert (found.requests, found.done, found.endings) == (1, 0, {state: 1})


def test_the_period_begins_at_since_and_ends_just_before_until() -> None:
    inside = [row(1, ended_at=SINCE), row(2, ended_at=UNTIL - MOMENT)]
    outside = [row(3, ended_at=SINCE - MOMENT), row(4, ended_at=UNTIL)]
    found = of(*inside, *outside)
    assert found.requests == 2
    assert found.flows[0].transfers == 2


def test_endings_are_counted_the_most_frequent_first() -> None:
    states = [State.EXPIRED, State.REFUSED, State.REFUSED, State.SUCCEEDED, State.SUCCEEDED, State.SUCCEEDED]
    endings = of(*(row(number, state=state) for number, state in enumerate(states, 1))).endings
    assert list(endings.items()) == [(State.SUCCEEDED, 3), (State.REFUSED, 2), (State.EXPIRED, 1)]


def test_what_has_no_answer_is_named_and_counted_nowhere() -> None:
    found = of(row(1), row(2, state=State.UNKNOWN, ended_at=None), row(3, state=State.SENDING, ended_at=None))
    assert found.unanswered == ("T2", "T3")
    assert found.requests == 1
    assert found.flows[0].transfers == 1


def test_what_is_only_proposed_or_waits_is_not_in_it() -> None:
    waiting = [State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED, State.WAITING]
    found = of(*(row(number, state=state, ended_at=None) for number, state in enumerate(waiting, 1)))
    assert (found.requests, found.unanswered) == (0, ())


# Two steps

FIRST = row(1, destination="htx:spot", source="htx:linear-swap", approvers=(CAROL,))
SECOND = row(
    2, follows=1, source="htx:spot", destination="htx:otc", took=timedelta(seconds=30), ended_at=UNTIL - MOMENT
)


def test_each_step_moves_money_and_the_request_counts_once() -> None:
    found = of(FIRST, SECOND)
    assert {flow.account: flow.net for flow in found.flows} == {
        "htx:linear-swap": Decimal(-250),
        "htx:spot": Decimal(0),
        "htx:otc": Decimal(250),
    }
    assert found.requests == found.done == 1
    assert found.volumes == (Volume("USDT", 1, Decimal(250)),)
    assert found.requesters == (Share(ALICE, 1, 1, {"USDT": Decimal(250)}),)
    assert found.approvers == (Share(CAROL, 1, 1, {"USDT": Decimal(250)}),)


def test_a_route_takes_from_its_first_proposal_to_its_last_settlement() -> None:
    assert FIRST.ended_at is not None
    took = UNTIL - MOMENT - FIRST.proposed_at
    assert of(SECOND, FIRST).durations == Durations(took, took, took)


def test_a_route_that_stopped_half_way_was_not_done_though_its_first_step_moved_money() -> None:
    stopped = replace(FIRST, state=State.REFUSED)
    assert of(stopped, replace(SECOND, state=State.CANCELLED)).endings == {State.REFUSED: 1}
    half = of(FIRST, replace(SECOND, state=State.REFUSED))
    assert half.endings == {State.REFUSED: 1}
    assert half.volumes == ()
    assert {flow.account: flow.net for flow in half.flows} == {"htx:linear-swap": -250, "htx:spot": 250}


def test_a_second_step_tried_again_is_of_the_same_request() -> None:
    failed, again = replace(SECOND, state=State.REFUSED), replace(SECOND, id=3, approvers=(DAN,))
    found = of(FIRST, failed, again)
    assert found.endings == {State.SUCCEEDED: 1}
    assert found.volumes == (Volume("USDT", 1, Decimal(250)),)
    assert [share.person for share in found.approvers] == [CAROL, DAN]
    assert of(FIRST, failed, replace(again, state=State.EXPIRED)).endings == {State.EXPIRED: 1}


def test_a_route_has_not_ended_while_a_step_is_open() -> None:
    found = of(FIRST, replace(SECOND, state=State.UNKNOWN, ended_at=None))
    assert (found.requests, found.unanswered) == (0, ("T2",))
    assert found.flows[0].transfers == 1


def test_a_step_that_ended_before_the_period_gives_its_request_a_beginning_and_the_period_no_flow() -> None:
    before = replace(FIRST, ended_at=SINCE - MOMENT, proposed_at=SINCE - timedelta(hours=1))
    found = of(before, SECOND)
    assert found.requests == 1
    assert [flow.account for flow in found.flows] == ["htx:otc", "htx:spot"]
    assert found.durations is not None
    assert found.durations.slowest == UNTIL - MOMENT - before.proposed_at


# People and times


def test_people_are_counted_with_what_became_of_their_requests() -> None:
    found = of(
        row(1, approvers=(CAROL, DAN)),
        row(2, state=State.DENIED, approvers=(CAROL,)),
        row(3, "7", requester=BOB, approvers=(CAROL,)),
    )
    assert found.requesters == (
        Share(ALICE, 2, 1, {"USDT": Decimal(250)}),
        Share(BOB, 1, 1, {"USDT": Decimal(7)}),
    )
    assert found.approvers == (
        Share(CAROL, 3, 2, {"USDT": Decimal(257)}),
        Share(DAN, 1, 1, {"USDT": Decimal(250)}),
    )


@pytest.mark.parametrize(
    ("count", "median", "ninth"), [(1, 1, 1), (2, 1, 2), (3, 2, 3), (10, 5, 9), (11, 6, 10), (100, 50, 90)]
)
def test_percentiles_are_times_that_really_occurred(count: int, median: int, ninth: int) -> None:
    rows = [row(number, took=timedelta(seconds=number)) for number in range(count, 0, -1)]
    assert of(*rows).durations == Durations(*(timedelta(seconds=time) for time in (median, ninth, count)))


def test_what_failed_or_expired_says_nothing_about_how_long_it_takes() -> None:
    found = of(row(1), row(2, state=State.EXPIRED, took=timedelta(hours=1)))
    assert found.durations == Durations(*[timedelta(seconds=10)] * 3)
