"""The Web API methods about files: an address to upload to, and the end of an upload. No I/O."""

from __future__ import annotations

from bot.sandbox.slack_backend import Backend, joined_channel, living, parent_ts
from bot.sandbox.slack_files import FILE_BYTES_MAX
from bot.sandbox.slack_payloads import file_json
from bot.sandbox.slack_workspace import Channel, Json, SlackRefusal

ALT_TEXT_LENGTH_MAX = 1000


def upload_address(backend: Backend, arguments: Json) -> Json:
    """Give out the address that takes one file's bytes."""
    name, length = str(arguments.get("filename") or ""), str(arguments.get("length") or "0")
    if not length.isascii() or not length.isdigit():
        raise SlackRefusal("invalid_arguments", ["[json-pointer:/length]"])
    if not name or not int(length):
        raise SlackRefusal("missing_argument")
    if int(length) > FILE_BYTES_MAX:
        raise SlackRefusal("file_upload_size_restricted")
    alt_txt = str(arguments.get("alt_txt") or "")
    if len(alt_txt) > ALT_TEXT_LENGTH_MAX:
        raise SlackRefusal("alt_txt_too_large")
    file_id, address = backend.files.reserve(name, int(length), alt_txt)
    return {"file_id": file_id, "upload_url": address}


def complete_upload(backend: Backend, arguments: Json) -> Json:
    """Share uploaded files in one conversation, as one message; without a channel they stay private to the app.

    Slack posts the message a moment later and does not tell its `ts`; here it is there at once.
    """
    workspace, listed = backend.workspace, arguments.get("files")
    if not isinstance(listed, list) or not listed or not all(_is_named(one) for one in listed):
        raise SlackRefusal("invalid_arguments", ["[json-pointer:/files]"])
    ids = [one["id"] for one in listed]
    if len(set(ids)) < len(ids) or not all(backend.files.has_arrived(file_id) for file_id in ids):
        raise SlackRefusal("file_not_found")
    channel = _destination(backend, arguments)
    thread_ts = parent_ts(workspace, channel, arguments) if channel else None
    bot, now = workspace.bot.id, workspace.now()
    files = [backend.files.finish(one["id"], str(one.get("title") or ""), bot, now) for one in listed]
    if channel is not None:
        comment = str(arguments.get("initial_comment") or "")
        workspace.post(channel.id, bot, comment, thread_ts=thread_ts, files=files)
    return {"files": [file_json(workspace, file) for file in files]}


def _destination(backend: Backend, arguments: Json) -> Channel | None:
    """Return where the files go. The older argument `channels` is taken for one channel only."""
    channel_id = arguments.get("channel_id") or arguments.get("channels")
    if not channel_id:
        return None
    channel = living(joined_channel(backend.workspace, channel_id))
    if channel.direct_with and not backend.features.messages_tab:
        raise SlackRefusal("posting_to_channel_denied")
    return channel


def _is_named(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str)
