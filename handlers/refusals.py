"""What Slack said no with. The SDK raises one exception over three shapes of answer; this reads all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

REST_MAX_S = 600.0


@dataclass(frozen=True)
class Refusal:
    """One call Slack did not carry out, as far as it said.

    Attributes:
        code: Slack's error code, or `HTTP 503` where there was no JSON.
        rest_s: how long Slack wants quiet; None when it did not ask for any.
    """

    code: str
    rest_s: float | None


def read(error: SlackApiError) -> Refusal:
    """Read an SDK error whose `response` is a SlackResponse, a dict, or aiohttp's own for a body that is no JSON."""
    response: object = error.response
    data = getattr(response, "data", response)
    status = getattr(response, "status_code", getattr(response, "status", 0))
    code = str(data.get("error") or "") if isinstance(data, Mapping) else ""
    limited = status == 429 or code in {"ratelimited", "rate_limited"}
    return Refusal(code or f"HTTP {status}", _retry_after(response) if limited else None)


def _retry_after(response: object) -> float:
    headers = getattr(response, "headers", None) or {}
    text = next((str(value) for name, value in dict(headers).items() if str(name).lower() == "retry-after"), "")
    return min(float(text), REST_MAX_S) if text.isdecimal() and text.isascii() else 1.0
