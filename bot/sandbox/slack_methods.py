"""The Web API methods the desk uses, each a function from arguments to the body of the answer. No I/O.

Errors are those the method pages document. Which scope a method needs is in `METHODS`; the caller checks it first.
Methods about views and files are in modules of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from bot.sandbox.slack_backend import Backend, Method, is_on, joined_channel, living, parent_ts, writable
from bot.sandbox.slack_blocks import block_problems, with_ids
from bot.sandbox.slack_file_methods import complete_upload, upload_address
from bot.sandbox.slack_payloads import message_json
from bot.sandbox.slack_view_methods import open_view, publish_view, update_view
from bot.sandbox.slack_workspace import Json, Message, SlackRefusal, User, Workspace

TEXT_LENGTH_MAX = 40_000  # slack.md §2.5: longer texts are cut, not refused
PAGE_SIZE = 100
PAGE_SIZE_MAX = 999

Item = TypeVar("Item")


def auth_test(backend: Backend, arguments: Json) -> Json:
    """Say who the token is."""
    workspace = backend.workspace
    return {
        "url": f"https://{workspace.team_name.lower()}.slack.com/",
        "team": workspace.team_name,
        "user": workspace.bot.name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def post_message(backend: Backend, arguments: Json) -> Json:
    """Post to a channel the bot is in, or to a thread there."""
    workspace = backend.workspace
    channel = writable(backend, arguments.get("channel"))
    text, blocks = _content(arguments)
    thread_ts = parent_ts(workspace, channel, arguments)
    message = workspace.post(
        channel.id, workspace.bot.id, text, blocks, thread_ts=thread_ts, metadata=_metadata(arguments)
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_json(workspace, message)}


def update_message(backend: Backend, arguments: Json) -> Json:
    """Change one of the bot's own messages; a text without blocks takes the blocks away (slack.md §2.5)."""
    workspace = backend.workspace
    channel = living(workspace.channel_for_bot(str(arguments.get("channel"))))
    message = workspace.message(channel.id, str(arguments.get("ts")))
    if message is None:
        raise SlackRefusal("message_not_found")
    if message.user != workspace.bot.id:
        raise SlackRefusal("cant_update_message")
    text, blocks = _content(arguments)
    changed = workspace.edit(message, text, blocks, _metadata(arguments))
    written = message_json(workspace, changed)
    return {"channel": channel.id, "ts": changed.ts, "text": changed.text, "message": written}


def post_ephemeral(backend: Backend, arguments: Json) -> Json:
    """Show something to one member of a channel; it is in no history and cannot be changed by `chat.update`."""
    workspace = backend.workspace
    channel = writable(backend, arguments.get("channel"))
    viewer = str(arguments.get("user"))
    if viewer not in channel.members or workspace.users[viewer].deleted:
        raise SlackRefusal("user_not_in_channel")
    text, blocks = _content(arguments)
    thread_ts = parent_ts(workspace, channel, arguments)
    return {"message_ts": workspace.whisper(viewer, channel.id, text, blocks, thread_ts=thread_ts).ts}


def open_direct(backend: Backend, arguments: Json) -> Json:
    """Open the direct conversation with one person, or find it open."""
    workspace = backend.workspace
    if arguments.get("channel"):
        channel = workspace.channel_for_bot(str(arguments["channel"]))
        if not channel.direct_with:
            raise SlackRefusal("method_not_supported_for_channel_type")
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    users = [user.strip() for user in str(arguments.get("users") or "").split(",") if user.strip()]
    if not users:
        raise SlackRefusal("users_list_not_supplied")
    if len(users) > 1:
        raise SlackRefusal("missing_scope", needed="mpim:write", provided=",".join(sorted(workspace.scopes)))
    user = workspace.users.get(users[0])
    if user is None or user.is_bot:
        raise SlackRefusal("user_not_found")
    if user.deleted:
        raise SlackRefusal("user_disabled")
    if user.is_stranger:
        raise SlackRefusal("user_not_visible")
    opened_before = {"no_op": True, "already_open": True} if workspace.direct(user.id) else {}
    return {"channel": {"id": workspace.open_direct(user.id).id}, **opened_before}


def channel_info(backend: Backend, arguments: Json) -> Json:
    """Describe a channel: shared with strangers or not, the bot in it or not."""
    channel = backend.workspace.channel_for_bot(str(arguments.get("channel")))
    if channel.direct_with:
        return {"channel": {"id": channel.id, "is_im": True, "user": channel.direct_with, "is_archived": False}}
    described = {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": backend.workspace.bot.id in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": channel.is_pending_ext_shared,
    }
    if is_on(arguments, "include_num_members"):
        described["num_members"] = len(channel.members)
    return {"channel": described}


def channel_members(backend: Backend, arguments: Json) -> Json:
    """List who is in a channel, page by page; whose account is deactivated is in none."""
    users = backend.workspace.users
    channel = backend.workspace.channel_for_bot(str(arguments.get("channel")))
    members = sorted(member for member in channel.members if member not in users or not users[member].deleted)
    page, more = _page(members, arguments)
    return {"members": page, "response_metadata": more["response_metadata"]}


def channel_history(backend: Backend, arguments: Json) -> Json:
    """List what stands in a channel, newest first, without replies; `oldest` and `latest` are exclusive."""
    workspace = backend.workspace
    channel = joined_channel(workspace, arguments.get("channel"))
    top = [message for message in workspace.messages(channel.id) if message.thread_ts is None]
    page, more = _page([*reversed(_within(top, arguments))], arguments)
    return {"messages": _written(workspace, page, arguments), **more}


def thread_replies(backend: Backend, arguments: Json) -> Json:
    """List a message and the replies to it, oldest first."""
    workspace = backend.workspace
    channel = joined_channel(workspace, arguments.get("channel"))
    thread = workspace.thread(channel.id, str(arguments.get("ts")))
    if not thread:
        raise SlackRefusal("thread_not_found")
    page, more = _page(_within(thread, arguments), arguments)
    return {"messages": _written(workspace, page, arguments), **more}


def user_info(backend: Backend, arguments: Json) -> Json:
    """Describe a person, with the marks of guests, strangers, bots and the deactivated."""
    user = backend.workspace.users.get(str(arguments.get("user")))
    if user is None:
        raise SlackRefusal("user_not_found")
    return {"user": _user_json(backend.workspace, user)}


METHODS: dict[str, Method] = {
    "auth.test": Method(auth_test),
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.update": Method(update_message, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "conversations.info": Method(channel_info, "channels:read", "groups:read", "im:read"),
    "conversations.members": Method(channel_members, "channels:read", "groups:read", "im:read"),
    "conversations.history": Method(channel_history, "channels:history", "groups:history", "im:history"),
    "conversations.replies": Method(thread_replies, "channels:history", "groups:history", "im:history"),
    "conversations.open": Method(open_direct, "im:write"),
    "users.info": Method(user_info, "users:read"),
    "views.open": Method(open_view),
    "views.update": Method(update_view),
    "views.publish": Method(publish_view),
    "files.getUploadURLExternal": Method(upload_address, "files:write"),
    "files.completeUploadExternal": Method(complete_upload, "files:write"),
}


def _content(arguments: Json) -> tuple[str, list[Json]]:
    text = str(arguments.get("text") or "")[:TEXT_LENGTH_MAX]
    blocks = arguments.get("blocks") or []
    problems = block_problems(blocks)
    if problems:
        raise SlackRefusal("invalid_blocks", problems)
    if not text and not blocks:
        raise SlackRefusal("no_text")
    return text, with_ids(blocks)


def _metadata(arguments: Json) -> Json | None:
    metadata = arguments.get("metadata")
    if metadata is None:
        return None
    if not (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    ):
        raise SlackRefusal("invalid_metadata_format")
    return metadata


def _within(messages: Sequence[Message], arguments: Json) -> list[Message]:
    inclusive = is_on(arguments, "inclusive")
    oldest, latest = _moment(arguments.get("oldest")), _moment(arguments.get("latest"))
    kept = []
    for message in messages:
        moment = _moment(message.ts) or (0, 0)
        after = oldest is None or moment > oldest or (inclusive and moment == oldest)
        before = latest is None or moment < latest or (inclusive and moment == latest)
        if after and before:
            kept.append(message)
    return kept


def _moment(ts: object) -> tuple[int, int] | None:
    """Read a `ts` as whole seconds and microseconds, which compare exactly; 0 and nothing mean no bound."""
    if ts in (None, "", 0, "0"):
        return None
    seconds, _, micros = str(ts).partition(".")
    if not (seconds + (micros or "0")).isascii() or not (seconds + (micros or "0")).isdigit():
        raise SlackRefusal("invalid_ts_latest")
    return int(seconds), int(micros.ljust(6, "0")[:6])


def _page(items: Sequence[Item], arguments: Json) -> tuple[list[Item], Json]:
    """Cut out the page the caller asks for; the cursor is the position of its first item."""
    try:
        start, size = int(arguments.get("cursor") or 0), int(arguments.get("limit") or PAGE_SIZE)
    except ValueError:
        raise SlackRefusal("invalid_cursor") from None
    if size > PAGE_SIZE_MAX:
        raise SlackRefusal("invalid_limit")
    end = start + max(1, size)
    has_more = end < len(items)
    more = {"has_more": has_more, "response_metadata": {"next_cursor": str(end) if has_more else ""}}
    return list(items[start:end]), more


def _written(workspace: Workspace, messages: Sequence[Message], arguments: Json) -> list[Json]:
    with_metadata = is_on(arguments, "include_all_metadata")
    written = []
    for message in messages:
        document = message_json(workspace, message)
        if with_metadata and message.metadata is not None:
            document["metadata"] = message.metadata
        written.append(document)
    return written


def _user_json(workspace: Workspace, user: User) -> Json:
    """Write a user object; of a deactivated account Slack tells little more than that it is."""
    described = {
        "id": user.id,
        "team_id": user.team_id or workspace.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "profile": {"display_name": user.name, "real_name": user.real_name or user.name, "title": user.title},
    }
    if user.deleted:
        return described
    return {
        **described,
        "real_name": user.real_name or user.name,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_stranger": user.is_stranger,
    }
