"""What Slack sends when a person acts: commands, shortcuts, clicks, modals, events (slack.md §2.1 to §2.3). Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.sandbox.slack_views import View, Views
from bot.sandbox.slack_workspace import Channel, Ephemeral, File, Json, Message, User, Workspace

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


def shortcut_payload(workspace: Workspace, user: User, callback_id: str, trigger: str) -> Json:
    """Return a global shortcut's payload. It names no channel, and Slack does not put the app's id in it."""
    payload = _interaction(workspace, "shortcut", user, trigger)
    del payload["api_app_id"]
    return {**payload, "callback_id": callback_id, "action_ts": workspace.next_ts()}


def home_opened_payload(workspace: Workspace, views: Views, user: User) -> Json:
    """Return the event of a Home tab being opened; the view is there once one was published."""
    home = views.homes.get(user.id)
    event = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": workspace.open_direct(user.id).id,
        "tab": "home",
        "event_ts": workspace.next_ts(),
        **({"view": views.described(home)} if home else {}),
    }
    return {
        "token": "retired-verification-token",
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": int(workspace.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
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


def changed_action(block: Json, field: Json, answer: Json, action_ts: str) -> Json:
    """Return the one entry of `actions` for a field that was filled in or chosen from."""
    carried: Json = {key: field[key] for key in ("placeholder", "initial_option") if key in field}
    named = {"action_id": field["action_id"], "block_id": block["block_id"], "action_ts": action_ts}
    return {**carried, **answer, **named}


def submission_payload(workspace: Workspace, views: Views, user: User, view: View, trigger: str) -> Json:
    """Return the payload of a submitted modal; it names no channel."""
    return {
        **_interaction(workspace, "view_submission", user, trigger),
        "view": views.described(view),
        "response_urls": [],
    }


def view_click_payload(workspace: Workspace, views: Views, user: User, view: View, action: Json, trigger: str) -> Json:
    """Return the payload of a click in a modal or Home tab: the view with its hash stands where a message would."""
    return {
        **_interaction(workspace, "block_actions", user, trigger),
        "container": {"type": "view", "view_id": view.id},
        "view": views.described(view),
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
    if message.files:
        written["files"] = [file_json(workspace, file) for file in message.files]
    if message.edited:
        written["edited"] = {"user": message.user, "ts": message.ts}
    replies = workspace.thread(message.channel, message.ts)[1:]
    if message.thread_ts or replies:
        written["thread_ts"] = message.thread_ts or message.ts
    if replies:
        written |= thread_json(replies)
    return written


def thread_json(replies: Sequence[Message]) -> Json:
    """Return what the first message of a thread tells of its replies."""
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def file_json(workspace: Workspace, file: File) -> Json:
    """Return a file as Slack writes it into answers and messages. Its bytes need `files:read`, which is not asked."""
    written: Json = {
        "id": file.id,
        "created": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2].lower(),
        "user": file.user,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "permalink": f"https://{workspace.team_name.lower()}.slack.com/files/{file.user}/{file.id}/{file.name}",
    }
    return {**written, "alt_txt": file.alt_txt} if file.alt_txt else written


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
    if channel.direct_with:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def _linked(match: re.Match[str]) -> str:
    bare = match["bare"]
    return f"<http://{bare}|{bare}>" if bare else f"<{match['url']}>"


def _named(match: re.Match[str], mark: str, ids: Mapping[str, str]) -> str:
    name = match["name"]
    return f"<{mark}{ids[name]}|{name}>" if name in ids else match[0]
