"""A log of what went between Slack and the app: which call or event, for whom, how it ended. No texts, no tokens."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.slack_answers import Origin
from bot.sandbox.slack_workspace import Json

PASSAGES_MAX = 200

Direction = Literal["to_app", "from_app"]


@dataclass(frozen=True)
class Passage:
    """One call of the app's, or one envelope sent to it.

    Attributes:
        at: epoch seconds when it began.
        name: the Web API method, or the kind of envelope and what it names, like `block_actions transfer_confirm`.
        who: the user id it is from or about; empty for none.
        where: the channel or view it is about; empty for none.
        outcome: `ok` or `acked`, or Slack's word for what went wrong.
        took_ms: until it was answered or acked; for what never was, until Slack gave up.
    """

    at: float
    direction: Direction
    name: str
    who: str
    where: str
    outcome: str
    took_ms: int


class Wire:
    """Remembers the latest passages, oldest first."""

    def __init__(self) -> None:
        self.passages: deque[Passage] = deque(maxlen=PASSAGES_MAX)


def of_call(at: float, took_s: float, method: str, arguments: Json, outcome: str) -> Passage:
    """Describe a Web API call."""
    who = next((str(arguments[name]) for name in ("user", "user_id", "users") if arguments.get(name)), "")
    where = next((str(arguments[name]) for name in ("channel", "channel_id", "view_id") if arguments.get(name)), "")
    return Passage(at, "from_app", method, who, where, outcome, round(took_s * 1000))


def of_answer(at: float, origin: Origin | None, outcome: str) -> Passage:
    """Describe an answer through a response URL; of a made-up one nobody knows whom it was for."""
    who, where = (origin.user, origin.channel) if origin else ("", "")
    return Passage(at, "from_app", "response_url", who, where, outcome, 0)


def of_envelope(at: float, took_s: float, payload: Json, outcome: str) -> Passage:
    """Describe an envelope by its payload."""
    event = payload.get("event")
    if isinstance(event, dict):
        name, who, where = f"event {event['type']}", event["user"], event["channel"]
    elif "command" in payload:
        name, who, where = f"command {payload['command']}", payload["user_id"], payload["channel_id"]
    else:
        actions, view = payload.get("actions") or [{}], payload.get("view") or {}
        subject = actions[0].get("action_id") or payload.get("callback_id") or view.get("callback_id") or ""
        name, who = f"{payload['type']} {subject}".strip(), payload["user"]["id"]
        where = (payload.get("channel") or view).get("id", "")
    return Passage(at, "to_app", name, who, where, outcome, round(took_s * 1000))
