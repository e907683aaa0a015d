"""Slack's rate limits, kept by ourselves (slack.md §2.6), so that a 429 is the exception and a backlog no burst.

Each limit is a lane: posting into one channel, editing, telling privately, looking through history, Home
tabs. They wait independently.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.clock import Clock
from handlers import refusals

Lane = tuple[str, str]

EDITS: Lane = ("chat.update", "")
LOOK_UPS: Lane = ("conversations.history", "")
WHISPERS: Lane = ("chat.postEphemeral", "")


def posts_to(channel: str) -> Lane:
    """Return the lane of posts into one channel, in threads too."""
    return "chat.postMessage", channel


# (seconds from one call to the next, calls that may come at once). Posts: one a second and channel. All else:
# fifty a minute, the first burst included.
_POSTS = (1.0, 3)
_OTHERS = (1.5, 10)
# A hundred a minute (Tier 4): Home tabs.
_HOMES = (0.75, 20)

# A call that hangs keeps every lane waiting, so its own lets the others go on before it hangs again.
HUNG_REST_S = 10.0

TICK_S = 0.001  # what is left of a wait after rounding is no wait


class Pace:
    """Says how long each lane must wait, in seconds of the clock's monotonic time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._used_up_to: dict[Lane, float] = {}  # when the lane will be as if it had never been used
        self._resting_until: dict[Lane, float] = {}

    def wait_s(self, lane: Lane) -> float:
        """Return the seconds until the next call may be made."""
        now = self._clock.monotonic()
        every_s, burst = _limits(lane)
        free_at = self._used_up_to.get(lane, now) - every_s * (burst - 1)
        wait_s = max(free_at, self._resting_until.get(lane, now)) - now
        return wait_s if wait_s > TICK_S else 0.0

    async def call(self, lane: Lane, method: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
        """Count and make one call. A lane Slack wants quiet in rests as long as Slack says, and no other does.

        One in which Slack does not answer at all rests for `HUNG_REST_S`.
        """
        self._take(lane)
        try:
            return await method(**arguments)
        except SlackApiError as error:
            rest_s = refusals.read(error).rest_s
            if rest_s is not None:
                self._rest(lane, rest_s)
            raise
        except TimeoutError:
            self._rest(lane, HUNG_REST_S)
            raise

    def _rest(self, lane: Lane, seconds: float) -> None:
        self._resting_until[lane] = self._clock.monotonic() + seconds

    def _take(self, lane: Lane) -> None:
        now = self._clock.monotonic()
        every_s, _ = _limits(lane)
        self._used_up_to[lane] = max(now, self._used_up_to.get(lane, now)) + every_s


def _limits(lane: Lane) -> tuple[float, int]:
    return {"chat.postMessage": _POSTS, "views.publish": _HOMES}.get(lane[0], _OTHERS)
