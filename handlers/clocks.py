"""This machine's clock held against Slack's: deadlines, and what an exchange's records are searched for, rest on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.findings import Finding

# As for the exchanges' own clocks (htx-api.md §1.2); a click may be as old (`guard.CLICK_AGE_MAX_S`).
SKEW_MAX = timedelta(seconds=30)
_SUBJECT = "Slack clock"


async def look_at_clock(client: AsyncWebClient, clock: Clock) -> Finding:
    """Ask Slack for an answer, any, and compare the date on it."""
    before = clock.now()
    try:
        headers: Mapping[str, str] = (await client.auth_test()).headers
    except SlackApiError as error:
        headers = getattr(error.response, "headers", None) or {}
    except Exception as error:  # noqa: BLE001 - whether Slack answers at all is looked at elsewhere
        return Finding(True, _SUBJECT, f"not compared, no answer ({type(error).__name__})")
    return compare(headers, before, clock.now())


def compare(headers: Mapping[str, str], before: datetime, after: datetime) -> Finding:
    """Judge a `Date` header, whole seconds, by when the question left and the answer came, on our clock."""
    text = next((str(value) for name, value in headers.items() if name.lower() == "date"), "")
    try:
        theirs = parsedate_to_datetime(text)
    except ValueError:
        return Finding(True, _SUBJECT, "not compared, the answer has no date")
    theirs = theirs.replace(tzinfo=theirs.tzinfo or UTC)
    skew = max(before - theirs - timedelta(seconds=1), theirs - after, timedelta(0))
    seconds = f"{skew.total_seconds():.0f} s from Slack's"
    if skew <= SKEW_MAX:
        return Finding(True, _SUBJECT, seconds)
    fix = "set this machine's clock by NTP; deadlines and the search in an exchange's records rest on it"
    return Finding(False, _SUBJECT, f"{seconds}, at most {SKEW_MAX.seconds} s is safe", fix)
