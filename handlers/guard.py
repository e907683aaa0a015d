"""Who, where, how old: looked at for every command, click and form before anything else is.

Identity is team id and user id from the payload, never a name. Nobody is let in by default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import words
from bot.config import Config
from bot.desk import Click, Person

# Slack shows its user a failure after 3 s without an ack. What would begin later than this is not begun at all, so
# that nobody is told "failed" about something that then happens.
BEGIN_WITHIN_S = 2.5

# A slow line or a machine asleep can hold a click back. Whoever pressed longer ago than this has seen it fail. As
# much as a clock may be off before the desk refuses to start, so that a clock ahead of Slack's stops no click.
CLICK_AGE_MAX_S = 30.0

_BUTTON_VALUE = re.compile(r"([1-9][0-9]{0,14})\.([1-9][0-9]{0,5})")
_TIMESTAMP = re.compile(r"[0-9]{10,11}\.[0-9]{6}")
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


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object from a payload; whatever else stands in its place counts as an empty one."""
    return value if isinstance(value, Mapping) else {}


def the_action(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one button a click is about; empty when the payload names none, or several."""
    actions = body.get("actions")
    return mapping(actions[0]) if isinstance(actions, list) and len(actions) == 1 else {}


def delivery_key(kind: str, person: Person, delivery: str) -> str:
    """Name a delivery, or nothing when Slack sent no id. Who sent it is part of the name: answers are personal."""
    return f"{kind}:{person.team}/{person.user}/{delivery}" if delivery else ""


def command_visitor(config: Config, body: Mapping[str, Any]) -> Visitor:
    """Read who typed a slash command, and judge whether they may use the desk there."""
    person = Person(clean(body.get("team_id")), clean(body.get("user_id")))
    channel = clean(body.get("channel_id"))
    return Visitor(person, channel, _refusal(config, person, channel))


def click_visitor(config: Config, body: Mapping[str, Any]) -> Visitor:
    """Read who pressed a button or sent a form. In a channel shared with another workspace the person's own counts."""
    user, team = mapping(body.get("user")), mapping(body.get("team"))
    person = Person(clean(user.get("team_id") or team.get("id")), clean(user.get("id")))
    container, channel = mapping(body.get("container")), mapping(body.get("channel"))
    place = clean(channel.get("id") or container.get("channel_id"))
    refusal = _refusal(config, person, place or None)
    # An app installed for a whole organisation is sent null here.
    if refusal is None and body.get("team") is not None and team.get("id") != config.team:
        refusal = words.OTHER_WORKSPACE
    return Visitor(person, place, refusal)


def _refusal(config: Config, person: Person, channel: str | None) -> str | None:
    if person.team != config.team:
        return words.OTHER_WORKSPACE
    if not config.is_listed(person.team, person.user):
        return f"{words.NOT_LISTED} {words.HOW_TO_BE_LISTED}"
    if channel is not None and channel not in config.channels:
        places = ", ".join(f"<#{known}>" for known in sorted(config.channels))
        return words.ONLY_IN.format(channels=places)
    return None


def read_click(visitor: Visitor, body: Mapping[str, Any]) -> Click | None:
    """Read which transfer's button was pressed, on which message; None when the payload is not one of our cards'."""
    action = the_action(body)
    container, message = mapping(body.get("container")), mapping(body.get("message"))
    value = _BUTTON_VALUE.fullmatch(clean(action.get("value")))
    message_ts = clean(container.get("message_ts") or message.get("ts"))
    trigger, pressed_at = clean(body.get("trigger_id")), clean(action.get("action_ts"))
    if value is None or not message_ts or not visitor.channel or not (trigger or pressed_at):
        return None
    delivery = trigger or f"{message_ts}/{clean(action.get('action_id'))}/{pressed_at}"
    return Click(
        key=delivery_key("click", visitor.person, delivery),
        person=visitor.person,
        transfer_id=int(value[1]),
        version=int(value[2]),
        channel=visitor.channel,
        message_ts=message_ts,
    )


def lateness(body: Mapping[str, Any], now: datetime) -> str | None:
    """Say that a click was held back too long on its way, by Slack's own time of the press; None when it was not."""
    pressed_at = clean(the_action(body).get("action_ts"))
    if not _TIMESTAMP.fullmatch(pressed_at):
        return None
    age_s = now.timestamp() - float(pressed_at)
    if age_s <= CLICK_AGE_MAX_S:
        return None
    return words.CLICK_LATE.format(seconds=round(age_s))


def button_value(transfer_id: int, version: int) -> str:
    """Write what `read_click` reads: the transfer's id and version, nothing else."""
    return f"{transfer_id}.{version}"
