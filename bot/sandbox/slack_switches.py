"""The ways in which the local Slack can be told to fail: each one documented, or seen in the field (slack.md §4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

SWITCHES: dict[str, str] = {
    "deliver_twice": "The next command or click reaches the desk twice.",
    "lose_delivery": "The next command or click never reaches the desk; the person sees a time-out.",
    "lose_ack": "The desk's next ack is lost: the person sees a time-out although the desk has done it.",
    "stale_click": "The next click reaches the desk a minute after it was pressed.",
    "forged_click": "The next click carries a value that stands on no button.",
    "foreign_team": "The next command or click comes from the person's namesake in another workspace.",
    "escape_off": "Names and links arrive as typed, as without should_escape in the manifest, until switched off.",
    "rate_limited": "The next post or edit is answered 429 with Retry-After; nothing is posted.",
    "keep_limits": "More than Slack allows (a post a second and channel, 50 edits a minute) is answered 429.",
    "server_error": "The next post or edit is answered 500; nothing is posted.",
    "fatal_error_after_post": "The next post or edit is carried out, then answered fatal_error.",
    "drop_after_post": "The next post or edit is carried out, then the connection drops without an answer.",
    "history_fails": "The next look into a channel's or a thread's messages is answered 500.",
    "people_fail": "Slack answers every question about a person with 500 until this is switched off.",
    "people_hang": "Slack leaves the next question about a person without an answer.",
    "trigger_expired": "The next form is not opened: the 3 seconds for it are over.",
    "hash_conflict": "The next change of an open form is refused: it changed meanwhile.",
    "response_url_refused": "The next private answer is refused, as after 30 minutes or five uses.",
    "guests": "Slack says that everybody is a guest, until switched off.",
    "strangers": "Slack says that everybody belongs to another workspace, until switched off.",
    "deactivated": "Slack says that everybody's account is deactivated, until switched off.",
    "channels_shared": "Slack says that every channel is shared with another workspace, until switched off.",
    "dead_ticket": "The next Socket Mode address given out never works, however often it is tried.",
    "dead_tickets": "No Socket Mode address works until this is switched off.",
    "too_many_websockets": "The desk's next connection is turned away as if ten others were open.",
    "connections_open_fails": "Slack gives out no Socket Mode address until this is switched off.",
    "disconnect_warning": "Slack announces that it will close the desk's connection soon.",
    "disconnect_refresh": "Slack asks the desk to replace its connection now.",
    "link_disabled": "Slack cuts the desk off as if Socket Mode were disabled, until this is switched off.",
    "reset_connections": "The desk's connections to Slack are reset.",
}

STAYS_ON = frozenset(
    {
        "dead_tickets", "connections_open_fails", "link_disabled", "keep_limits", "escape_off",
        "people_fail", "guests", "strangers", "deactivated", "channels_shared",
    }
)  # fmt: skip
DONE_AT_ONCE = frozenset({"disconnect_warning", "disconnect_refresh", "reset_connections"})

POSTS = frozenset({"chat.postMessage", "chat.update", "chat.postEphemeral"})


@dataclass(frozen=True)
class Planned:
    """A failure that waits for its moment.

    Attributes:
        times: how often it will still happen; None means until switched off.
        method: the one Web API method it is meant for; None means every post and edit.
        retry_after: seconds, for `rate_limited`.
    """

    name: str
    times: int | None
    method: str | None = None
    retry_after: int = 1

    def concerns(self, method: str | None) -> bool:
        """Whether this failure may happen at a call of this method; None asks about something else than a call."""
        if method is None:
            return True
        return method in POSTS if self.method is None else method == self.method


class Switches:
    """Which failures are planned. They are looked up at the moment they could happen, and used up there."""

    def __init__(self) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._planned: dict[str, Planned] = {}

    def turn_on(self, name: str, times: int = 1, *, method: str | None = None, retry_after: int = 1) -> None:
        """Plan a failure for the next `times` occasions; those in `STAYS_ON` last until switched off.

        Raises:
            KeyError: there is no such switch, or it is none that waits.
        """
        if name not in SWITCHES or name in DONE_AT_ONCE:
            raise KeyError(name)
        self._planned[name] = Planned(name, None if name in STAYS_ON else times, method, retry_after)
        self.on_change()

    def turn_off(self, name: str) -> None:
        """Forget a planned failure, if it is planned."""
        self._planned.pop(name, None)
        self.on_change()

    def take(self, name: str, method: str | None = None) -> Planned | None:
        """Return the failure if it shall happen now, and count it."""
        planned = self._planned.get(name)
        if planned is None or not planned.concerns(method):
            return None
        if planned.times is not None:
            self._planned[name] = replace(planned, times=planned.times - 1)
            if planned.times <= 1:
                del self._planned[name]
            self.on_change()
        return planned

    @property
    def active(self) -> list[str]:
        """The names of all that is planned."""
        return sorted(self._planned)
