"""Hours: days, times and a zone, over midnight and when the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruling import BARE, judged

from bot.policy import Hours

WEEKDAYS = frozenset(range(5))
OFFICE = Hours(WEEKDAYS, time(8), time(18), "Europe/Berlin")
NIGHT = Hours(frozenset({4}), time(22), time(6), "Europe/Berlin")  # from Friday evening into Saturday
NEVER_CLOSED = Hours(frozenset(range(7)), time(0), time(0), "Asia/Kathmandu")


@pytest.mark.parametrize(
    ("hours", "now", "is_open"),
    [
        # Winter: Berlin is an hour ahead. 2026-11-18 is a Wednesday.
        (OFFICE, "2026-11-18T06:59:59.999999", False),
        (OFFICE, "2026-11-18T07:00:00", True),
        (OFFICE, "2026-11-18T16:59:59.999999", True),
        (OFFICE, "2026-11-18T17:00:00", False),
        # Summer: two hours ahead.
        (OFFICE, "2026-07-15T06:00:00", True),
        (OFFICE, "2026-07-15T16:00:00", False),
        # Saturday and Sunday; a Friday in Berlin while it is Thursday elsewhere.
        (OFFICE, "2026-11-21T12:00:00", False),
        (OFFICE, "2026-11-22T12:00:00", False),
        (Hours(frozenset({4}), time(0), time(1), "Europe/Berlin"), "2026-11-19T23:30:00", True),
        (Hours(frozenset({4}), time(0), time(1), "Asia/Tokyo"), "2026-11-19T15:30:00", True),
        (Hours(frozenset({3}), time(20), time(21), "America/New_York"), "2026-11-20T01:30:00", True),
        # Over midnight: it is the day it begins on that counts.
        (NIGHT, "2026-11-20T20:59:00", False),
        (NIGHT, "2026-11-20T21:00:00", True),
        (NIGHT, "2026-11-21T04:59:59", True),
        (NIGHT, "2026-11-21T05:00:00", False),
        (NIGHT, "2026-11-21T21:00:00", False),
        (NIGHT, "2026-11-20T03:00:00", False),
        (Hours(frozenset({6}), time(22), time(6), "UTC"), "2026-11-23T05:00:00", True),
        # From a time to the same time: all of a day.
        (NEVER_CLOSED, "2026-11-18T18:15:00", True),
        (Hours(frozenset({2}), time(0), time(0), "UTC"), "2026-11-18T23:59:59", True),
        (Hours(frozenset({2}), time(0), time(0), "UTC"), "2026-11-19T00:00:00", False),
        # 2026-03-29: Berlin skips from 02:00 to 03:00 at 01:00 UTC. 2026-10-25: it has 02:00 to 03:00 twice.
        (Hours(frozenset({6}), time(2, 30), time(4), "Europe/Berlin"), "2026-03-29T00:59:00", False),
        (Hours(frozenset({6}), time(2, 30), time(4), "Europe/Berlin"), "2026-03-29T01:00:00", True),
        (Hours(frozenset({6}), time(2), time(2, 30), "Europe/Berlin"), "2026-10-25T00:15:00", True),
        (Hours(frozenset({6}), time(2), time(2, 30), "Europe/Berlin"), "2026-10-25T00:45:00", False),
        (Hours(frozenset({6}), time(2), time(2, 30), "Europe/Berlin"), "2026-10-25T01:15:00", True),
    ],
)
def test_a_rule_is_open_in_its_own_zones_time(hours: Hours, now: str, is_open: bool) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert hours.is_open(moment) is is_open
    assert judged(replace(BARE, hours=hours), now=moment).allowed is is_open


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        (OFFICE, "2026-11-18T05:00:00", "2026-11-18T08:00:00+01:00"),
        (OFFICE, "2026-11-18T17:00:00", "2026-11-19T08:00:00+01:00"),
        (OFFICE, "2026-11-20T17:00:00", "2026-11-23T08:00:00+01:00"),
        (OFFICE, "2026-03-27T18:00:00", "2026-03-30T08:00:00+02:00"),
        (NIGHT, "2026-11-21T05:00:00", "2026-11-27T22:00:00+01:00"),
        # A start that the clocks skip comes when they change.
        (
            Hours(frozenset({6}), time(2, 30), time(4), "Europe/Berlin"),
            "2026-03-28T12:00:00",
            "2026-03-29T03:00:00+02:00",
        ),
        # Hours that come twice open twice; hours that do not come at all open a week later.
        (
            Hours(frozenset({6}), time(2), time(2, 30), "Europe/Berlin"),
            "2026-10-25T00:45:00",
            "2026-10-25T02:00:00+01:00",
        ),
        (
            Hours(frozenset({6}), time(2), time(2, 30), "Europe/Berlin"),
            "2026-03-28T12:00:00",
            "2026-04-05T02:00:00+02:00",
        ),
    ],
)
def test_it_says_when_it_opens_next(hours: Hours, now: str, opens: str) -> None:
    assert hours.opens(datetime.fromisoformat(now).replace(tzinfo=UTC)).isoformat() == opens


def test_a_refusal_by_the_hours_names_them_and_when_they_begin() -> None:
    rule = replace(BARE, hours=OFFICE)
    (reason,) = judged(rule, now=datetime(2026, 11, 21, 12, tzinfo=UTC)).reasons
    assert reason == (
        "Rule collateral is open mon, tue, wed, thu, fri 08:00 to 18:00 Europe/Berlin only; "
        "it opens next on Monday, 2026-11-23 at 08:00 Europe/Berlin."
    )


half_hours = st.integers(0, 47).map(lambda half: time(half // 2, half % 2 * 30))


@given(
    hours=st.builds(
        Hours,
        st.frozensets(st.integers(0, 6), min_size=1),
        half_hours,
        half_hours,
        st.sampled_from(["UTC", "Asia/Tokyo", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns"]),
    ),
    minutes=st.integers(0, 366 * 24 * 60),
)
def test_nothing_is_open_before_it_opens(hours: Hours, minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    if hours.is_open(now):
        return
    opens = hours.opens(now)
    assert hours.is_open(opens)
    assert now < opens <= now + timedelta(days=15)
    quarter = timedelta(minutes=15)
    looks = range(1, int((opens - now) / quarter))
    assert not any(hours.is_open(opens - look * quarter) for look in looks)
