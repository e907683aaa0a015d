"""What every Web API method has in common: the state it works on, the scope it needs, the channel it names. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.slack_features import OFFERED, Features
from bot.sandbox.slack_files import Files
from bot.sandbox.slack_views import Views
from bot.sandbox.slack_workspace import Channel, Json, SlackRefusal, Triggers, Workspace


@dataclass(frozen=True)
class Backend:
    """What a method may look at and change."""

    workspace: Workspace
    views: Views
    triggers: Triggers
    files: Files = field(default_factory=Files)
    features: Features = OFFERED


@dataclass(frozen=True)
class Method:
    """A Web API method.

    Attributes:
        scope: what the bot token needs; for a method about one channel what it needs for a public one.
        scope_private: what it needs instead when the channel is private.
        scope_direct: what it needs instead in a direct conversation.
    """

    run: Callable[[Backend, Json], Json]
    scope: str | None = None
    scope_private: str | None = None
    scope_direct: str | None = None

    def scope_for(self, workspace: Workspace, arguments: Json) -> str | None:
        """Return the scope this call needs, or None when any bot token may make it."""
        channel = workspace.channels.get(str(arguments.get("channel")))
        if channel is None:
            return self.scope
        if channel.direct_with:
            return self.scope_direct or self.scope
        return self.scope_private or self.scope if channel.is_private else self.scope


def joined_channel(workspace: Workspace, channel_id: object) -> Channel:
    """Return a channel the bot is in.

    Raises:
        SlackRefusal: `channel_not_found` or `not_in_channel`.
    """
    channel = workspace.channel_for_bot(str(channel_id))
    if workspace.bot.id not in channel.members:
        raise SlackRefusal("not_in_channel")
    return channel


def living(channel: Channel) -> Channel:
    """Return the channel if it can be written to.

    Raises:
        SlackRefusal: `is_archived`.
    """
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    return channel


def writable(backend: Backend, channel_id: object) -> Channel:
    """Return a channel the bot may post to.

    Raises:
        SlackRefusal: `channel_not_found`, `not_in_channel`, `is_archived`; `messages_tab_disabled` for a direct
            conversation when the manifest does not switch the Messages tab on.
    """
    channel = living(joined_channel(backend.workspace, channel_id))
    if channel.direct_with and not backend.features.messages_tab:
        raise SlackRefusal("messages_tab_disabled")
    return channel


def parent_ts(workspace: Workspace, channel: Channel, arguments: Json) -> str | None:
    """Return the `ts` of the message a post shall hang on; None for none.

    Slack asks for the parent's `ts`, never a reply's, and does not say what else happens; the double refuses.

    Raises:
        SlackRefusal: `thread_not_found` or `cannot_reply_to_message`.
    """
    thread_ts = arguments.get("thread_ts")
    if thread_ts is None:
        return None
    parent = workspace.message(channel.id, str(thread_ts))
    if parent is None:
        raise SlackRefusal("thread_not_found")
    if parent.thread_ts not in (None, parent.ts):
        raise SlackRefusal("cannot_reply_to_message")
    return parent.ts


def is_on(arguments: Json, name: str) -> bool:
    """Read a switch argument: JSON has true, a form or a query `1` or `true`."""
    return str(arguments.get(name, "")).lower() in ("1", "true")
