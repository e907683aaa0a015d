"""Who, where, how old: looked at for every command, click and form before anything else is.

Identity is team id and user id from the payload, never a name. Nobody is let in by default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.config import Config
from bot.desk import Click, Person

# Slack shows its user a failure after 3 s without an ack. What would begin later than this is not begun at all, so
# that nobody is told "failed" about something that then happens.
BEGIN_WITHIN_S = 2.5

_BUTTON_VALUE = re.compile(r"([1-9][0-9]{0,14})\.([1-9][0-9]{0,5})")
_SURROGATES = re.compile(r"[\ud800-\udfff\x00]")


@dataclass(frozen=True)
class Visitor:
    """Who sent a payload and from where. `refusal` is why nothing may be done for them, as a sentence to them."""

    person: Person
    channel: str
    refusal: str | None


def clean(value: object, length_max: int = 2000) -> str:
    """Return text from a payload as text that can be stored: no lone surrogates, no NUL, not endless."""
    return _SURROGATES.sub("\ufffd", value if isinstance(value, str) else "")[:length_max]


def command_visitor(config: Config, body: Mapping[str, Any]) -> Visitor:
    """Read who typed a slash command, and judge whether they may use the desk there."""
    person = Person(clean(body.get("team_id")), clean(body.get("user_id")))
    channel = clean(body.get("channel_id"))
    return Visitor(person, channel, _refusal(config, person, channel))


def click_visitor(config: Config, body: Mapping[str, Any]) -> Visitor:
    """Read who pressed a button or sent a form. In a channel shared with another workspace the person's own counts."""
    user, team = body.get("user") or {}, body.get("team") or {}
    person = Person(clean(user.get("team_id") or team.get("id")), clean(user.get("id")))
    container, channel = body.get("container") or {}, body.get("channel") or {}
    place = clean(channel.get("id") or container.get("channel_id"))
    refusal = _refusal(config, person, place or None)
    if refusal is None and team and team.get("id") != config.team:
        refusal = _FOREIGN
    return Visitor(person, place, refusal)


_FOREIGN = "This desk serves another workspace."


def _refusal(config: Config, person: Person, channel: str | None) -> str | None:
    if person.team != config.team:
        return _FOREIGN
    if not config.is_listed(person.team, person.user):
        return "You are not on this desk's allowlist. Whoever keeps the desk's configuration can add you."
    if channel is not None and channel not in config.channels:
        places = ", ".join(f"<#{known}>" for known in sorted(config.channels))
        return f"This desk takes commands in {places} only."
    return None


def read_click(visitor: Visitor, body: Mapping[str, Any]) -> Click | None:
    """Read which transfer's button was pressed, on which message; None when the payload is not one of our cards'."""
    actions = body.get("actions") or []
    container, message = body.get("container") or {}, body.get("message") or {}
    value = _BUTTON_VALUE.fullmatch(clean(actions[0].get("value"))) if len(actions) == 1 else None
    message_ts = clean(container.get("message_ts") or message.get("ts"))
    if value is None or not message_ts or not visitor.channel:
        return None
    key = clean(body.get("trigger_id")) or f"{message_ts}/{clean(actions[0].get('action_ts'))}"
    return Click(
        key=f"click:{key}",
        person=visitor.person,
        transfer_id=int(value[1]),
        version=int(value[2]),
        channel=visitor.channel,
        message_ts=message_ts,
    )


def button_value(transfer_id: int, version: int) -> str:
    """Write what `read_click` reads: the transfer's id and version, nothing else."""
    return f"{transfer_id}.{version}"
