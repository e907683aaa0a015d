"""A clock minutes off is found at the start, whichever exchange the desk serves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from clock import VirtualClock
from posting import Posting, Stage
from slack_sdk.web.async_client import AsyncWebClient

from handlers.clocks import compare, look_at_clock

DATE = "Sat, 21 Nov 2026 10:15:00 GMT"
THEN = datetime.fromisoformat("2026-11-21T10:15:00Z")


@pytest.mark.parametrize("off_s", [0, 0.9, 29, 30.9, -29, -30])
def test_a_clock_that_is_about_right_is_fine(off_s: float) -> None:
    moment = THEN + timedelta(seconds=off_s)
    assert compare({"Date": DATE}, moment, moment).ok


@pytest.mark.parametrize(("off_s", "said"), [(32, "31 s"), (600, "599 s"), (-31, "31 s"), (-600, "600 s")])
def test_a_clock_that_is_off_is_named_with_by_how_much(off_s: float, said: str) -> None:
    moment = THEN + timedelta(seconds=off_s)
    finding = compare({"date": DATE}, moment, moment)
    assert not finding.ok
    assert str(finding).startswith(f"FAIL Slack clock: {said} from Slack's, at most 30 s is safe  → set this machine's")


def test_a_slow_answer_counts_for_the_clock() -> None:
    assert compare({"Date": DATE}, THEN - timedelta(seconds=50), THEN + timedelta(seconds=40)).ok


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Nov 2026 10:15:00 GMT"])
def test_an_answer_without_a_date_says_nothing_about_the_clock(date: str) -> None:
    finding = compare({"Date": date} if date else {}, THEN, THEN)
    assert finding.ok
    assert "not compared" in finding.detail


def test_slack_is_really_asked(stage: Stage) -> None:
    # The local Slack dates its answers with the machine's real time; the virtual clock stands somewhere else.
    async def act(posting: Posting) -> None:
        clock = VirtualClock()
        clock.set((datetime.now(THEN.tzinfo) - clock.now()).total_seconds())
        client = AsyncWebClient(posting.slack.bot_token, base_url=posting.slack.api_url, retry_handlers=[])
        assert (await look_at_clock(client, clock)).ok
        clock.set(600)
        assert not (await look_at_clock(client, clock)).ok
        # A refusal has a date as well.
        client.token = "xoxb-wrong"
        assert not (await look_at_clock(client, clock)).ok

    stage(act)
