"""Slack's rate limits (slack.md §2.6), counted as the local Slack would enforce them. No I/O."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable

# Method → (calls, seconds): so many calls in any so many seconds. Posts are counted by channel: one a second, and
# short bursts are let pass. Slack publishes neither the burst nor the window; these are the double's own. The other
# numbers are those of the method pages: Tier 3 is "50+ per minute", Tier 4 "100+ per minute".
LIMITS: dict[str, tuple[int, float]] = {
    "chat.postMessage": (8, 5.0),
    "chat.update": (50, 60.0),
    "conversations.history": (50, 60.0),
    "conversations.replies": (50, 60.0),
    "conversations.info": (50, 60.0),
    "conversations.members": (100, 60.0),
    "conversations.open": (50, 60.0),
    "users.info": (100, 60.0),
    "views.open": (100, 60.0),
    "views.update": (100, 60.0),
    "views.publish": (100, 60.0),
    "files.getUploadURLExternal": (100, 60.0),
    "files.completeUploadExternal": (100, 60.0),
}
BY_CHANNEL = frozenset({"chat.postMessage"})


class Limits:
    """Counts calls and says when one comes too soon."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._calls: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def count(self, method: str, channel: str) -> int | None:
        """Count one call. Returns None when it may be made, else the whole seconds to wait; then it is not counted."""
        if method not in LIMITS:
            return None
        calls_max, seconds = LIMITS[method]
        calls = self._calls[method, channel if method in BY_CHANNEL else ""]
        now = self._now()
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        if len(calls) >= calls_max:
            return max(1, math.ceil(calls[0] + seconds - now))
        calls.append(now)
        return None
