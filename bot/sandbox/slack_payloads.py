"""What Slack sends when a person acts: payloads of slash commands, clicks and modals (slack.md §2.1 to §2.3). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.slack_views import View, Views
from bot.sandbox.slack_workspace import Channel, Ephemeral, Json, Message, User, Workspace

# The client links what looks like an address even without a scheme; it knows every top-level domain, this a few.
_LINK = re.compile(
    r"(?P<url>https?://[^\s|&<>]+)|(?<![\w@.:/-])(?P<bare>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|dev))\b"
)
_MENTION = re.compile(r"(?<!\S)@(?P<name>[\w.-]+)")
_CHANNEL = re.compile(r"(?<!\S)#(?P<name>[\w-]+)")


def escaped(text: str, workspace: Workspace, *, should_escape: bool = True) -> str:
    """Write what a person typed as Slack sends it (slack.md §2.1).

    Control characters always become entities. With `should_escape` people, channels and links become `<@U…|name>`,
    `<#C…|name>` and `<http://…>`; names nobody has stay as typed.
    """
    entities = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if not should_escape:
        return entities
    users = {user.name: user.id for user in workspace.users.values()}
    channels = {channel.name: channel.id for channel in workspace.channels.values()}
    linked = _LINK.sub(_linked, entities)
    named = _MENTION.sub(lambda match: _named(match, "@", users), linked)
    return _CHANNEL.sub(lambda match: _named(match, "#", channels), named)


def slash_payload(
    workspace: Workspace, user: User, channel: Channel, command: str, text: str, trigger: str, response_url: str
) -> Json:
    """Return a slash command's payload. A private channel's name is not told to the app."""
    return {
        "token": "retired-verification-token",
        "team_id": workspace.team_id,
        "team_domain": workspace.team_name.lower(),
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def click_payload(
    workspace: Workspace,
    user: User,
    channel: Channel,
    clicked: Message | Ephemeral,
    action: Json,
    trigger: str,
    response_url: str,
) -> Json:
    """Return a click's payload. One on a private message comes without the message."""
    payload = {
        **_interaction(workspace, "block_actions", user, trigger),
        "container": {
            "type": "message",
            "message_ts": clicked.ts,
            "channel_id": channel.id,
            "is_ephemeral": isinstance(clicked, Ephemeral),
        },
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }
    if isinstance(clicked, Message):
        payload["message"] = message_json(workspace, clicked)
    return payload


def clicked_action(block: Json, element: Json, action_ts: str) -> Json:
    """Return the one entry of `actions` for a button."""
    carried: Json = {key: element[key] for key in ("type", "text", "value", "style", "confirm") if key in element}
    return {**carried, "action_id": element["action_id"], "block_id": block["block_id"], "action_ts": action_ts}


def submission_payload(
    workspace: Workspace, views: Views, user: User, view: View, values: Mapping[str, Any], trigger: str
) -> Json:
    """Return the payload of a submitted modal; it names no channel."""
    return {
        **_interaction(workspace, "view_submission", user, trigger),
        "view": views.described(view, values),
        "response_urls": [],
    }


def view_click_payload(
    workspace: Workspace, views: Views, user: User, view: View, values: Mapping[str, Any], action: Json, trigger: str
) -> Json:
    """Return the payload of a click inside a modal: the view with its hash stands where a message would."""
    return {
        **_interaction(workspace, "block_actions", user, trigger),
        "container": {"type": "view", "view_id": view.id},
        "view": views.described(view, values),
        "actions": [action],
    }


def closed_payload(workspace: Workspace, views: Views, user: User, view: View) -> Json:
    """Return the payload for a modal closed by hand, sent when the app asked with `notify_on_close`."""
    payload = _interaction(workspace, "view_closed", user, "")
    del payload["trigger_id"]
    return {**payload, "view": views.described(view), "is_cleared": False}


def message_json(workspace: Workspace, message: Message) -> Json:
    """Return a message as Slack writes it into answers and payloads."""
    written: Json = {"type": "message", "ts": message.ts, "user": message.user, "text": message.text}
    if message.user == workspace.bot.id:
        written |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id, "team": workspace.team_id}
    if message.blocks:
        written["blocks"] = message.blocks
    if message.edited:
        written["edited"] = {"user": message.user, "ts": message.ts}
    replies = len(workspace.thread(message.channel, message.ts)) - 1
    if message.thread_ts or replies:
        written["thread_ts"] = message.thread_ts or message.ts
    if replies:
        written["reply_count"] = replies
    return written


def forged_onto(payload: Json, forged: Mapping[str, Any]) -> Json:
    """Return the payload with parts replaced by hand: objects are merged, anything else takes the place of the old."""
    merged = dict(payload)
    for key, value in forged.items():
        before = merged.get(key)
        merged[key] = forged_onto(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def buttons(found: Iterable[tuple[Json, Json]], action_id: str, value: str | None) -> list[tuple[Json, Json]]:
    """Return the buttons with this action id, and this value if one is given, with their blocks."""
    return [
        (block, element)
        for block, element in found
        if element["action_id"] == action_id and (value is None or element.get("value") == value)
    ]


def _interaction(workspace: Workspace, kind: str, user: User, trigger: str) -> Json:
    return {
        "type": kind,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id or workspace.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": "retired-verification-token",
        "team": {"id": workspace.team_id, "domain": workspace.team_name.lower()},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger,
    }


def _channel_name(channel: Channel) -> str:
    return "privategroup" if channel.is_private else channel.name


def _linked(match: re.Match[str]) -> str:
    bare = match["bare"]
    return f"<http://{bare}|{bare}>" if bare else f"<{match['url']}>"


def _named(match: re.Match[str], mark: str, ids: Mapping[str, str]) -> str:
    name = match["name"]
    return f"<{mark}{ids[name]}|{name}>" if name in ids else match[0]
