"""The state of the local Slack: who is there, what was posted, what each person sees. No I/O, one thread.

What a method may do with this state, and what it answers, is in `slack_methods`; this module knows only the things
themselves. Facts about Slack come from slack.md, the section is named where it matters.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.errors import TransferdeskError

Json = dict[str, Any]

SLACKBOT = "USLACKBOT"  # whoever speaks when Slack itself has something to tell a person
KEPT_MAX = 1000  # how many failures and calls are remembered, so that a sandbox left open does not grow for ever


class SlackRefusal(TransferdeskError):
    """Slack says no. Nothing changed; the caller gets `{"ok": false, "error": code}`.

    Attributes:
        code: the documented `error`, like `channel_not_found`.
        details: lines for `response_metadata.messages`, what exactly was wrong.
        fields: what else stands in the answer, like the scope that is `needed`.
    """

    def __init__(self, code: str, details: Sequence[str] = (), **fields: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = tuple(details)
        self.fields = fields


@dataclass(frozen=True)
class User:
    """A person or a bot, with the marks `users.info` gives (slack.md §5.1).

    Attributes:
        title: the profile's title; the page shows it as the person's role.
        team_id: the home workspace; empty means the one they are seen in.
    """

    id: str
    name: str
    real_name: str = ""
    title: str = ""
    team_id: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False


@dataclass(frozen=True)
class Channel:
    """A public or private channel, or a direct conversation, and the ids of those who are in it.

    Attributes:
        direct_with: for a direct conversation with the app the person's id; such a one is private and has no name.
    """

    id: str
    name: str
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    is_archived: bool = False
    direct_with: str = ""


@dataclass(frozen=True)
class File:
    """A file that was shared. Its bytes are in `slack_files`.

    Attributes:
        size: bytes.
        alt_txt: what a screen reader says of a picture.
        created: epoch seconds.
    """

    id: str
    name: str
    title: str
    mimetype: str
    size: int
    alt_txt: str
    user: str
    created: int


@dataclass(frozen=True)
class Message:
    """Something everybody in a channel sees.

    Attributes:
        ts: unique, increasing text `SECONDS.MICROSECONDS`; with the channel it names the message.
        thread_ts: the parent's `ts` when this is a reply.
        edited: how often it was changed since it was posted.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    edited: int = 0
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Ephemeral:
    """Something one person sees in a channel. It cannot be edited by `chat.update`, nor made public (slack.md §2.4)."""

    viewer: str
    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None


@dataclass(frozen=True)
class Failure:
    """What went wrong between a person's act and the app, as Slack told the person."""

    user: str
    channel: str
    code: str


class Workspace:
    """One Slack workspace with one app in it.

    Attributes:
        scopes: what the bot token may do; tests narrow it.
        failures: the latest acts that Slack told a person had failed.
    """

    def __init__(
        self,
        bot: User,
        users: Iterable[User],
        channels: Iterable[Channel],
        *,
        now: Callable[[], float],
        scopes: Iterable[str],
        team_id: str = "T01DESK",
        team_name: str = "Transferdesk",
        app_id: str = "A01DESK",
    ) -> None:
        """Open a workspace. `now` gives epoch seconds."""
        self.team_id = team_id
        self.team_name = team_name
        self.app_id = app_id
        self.bot = bot
        self.bot_id = "B" + bot.id[1:]
        self.scopes = frozenset(scopes)
        self.users = {user.id: user for user in (*users, bot)}
        self.channels = {channel.id: channel for channel in channels}
        self.failures: deque[Failure] = deque(maxlen=KEPT_MAX)
        self.now = now
        self.on_change: Callable[[], None] = lambda: None
        self._messages: dict[tuple[str, str], Message] = {}
        self._ephemerals: dict[tuple[str, str], Ephemeral] = {}
        self._micros_last = 0

    def next_ts(self) -> str:
        """Return a new message time, later than every one before, whatever the clock does."""
        self._micros_last = max(round(self.now() * 1_000_000), self._micros_last + 1)
        return f"{self._micros_last // 1_000_000}.{self._micros_last % 1_000_000:06d}"

    def put_user(self, user: User) -> None:
        """Add somebody, or change who they are: deactivated, made a guest, gone to another team."""
        self.users[user.id] = user
        if user.id == self.bot.id:
            self.bot = user
        self.on_change()

    def put_channel(self, channel: Channel) -> None:
        """Add a channel, or change it: members, shared with another workspace."""
        self.channels[channel.id] = channel
        self.on_change()

    def channel_for_bot(self, channel_id: str) -> Channel:
        """Return a channel the bot may know of: any public one, a private one it is in.

        Raises:
            SlackRefusal: `channel_not_found`; a private channel looks as if it did not exist.
        """
        channel = self.channels.get(channel_id)
        if channel is None or (channel.is_private and self.bot.id not in channel.members):
            raise SlackRefusal("channel_not_found")
        return channel

    def direct(self, user_id: str) -> Channel | None:
        """Return a person's direct conversation with the app, if it was ever opened."""
        return next((channel for channel in self.channels.values() if channel.direct_with == user_id), None)

    def open_direct(self, user_id: str) -> Channel:
        """Return a person's direct conversation with the app, opened if it was not."""
        members = frozenset({user_id, self.bot.id})
        channel = self.direct(user_id) or Channel("D" + user_id[1:], "", members, is_private=True, direct_with=user_id)
        self.put_channel(channel)
        return channel

    def channels_of(self, user_id: str) -> list[Channel]:
        """Return what a person has in the side bar, direct conversations with the app among it."""
        return [channel for channel in self.channels.values() if user_id in channel.members]

    def post(
        self,
        channel: str,
        user: str,
        text: str,
        blocks: Sequence[Json] = (),
        *,
        thread_ts: str | None = None,
        metadata: Json | None = None,
        files: Sequence[File] = (),
    ) -> Message:
        """Put a message into a channel, as anybody."""
        message = Message(channel, self.next_ts(), user, text, list(blocks), thread_ts, metadata, files=tuple(files))
        self._messages[channel, message.ts] = message
        self.on_change()
        return message

    def edit(self, message: Message, text: str, blocks: Sequence[Json], metadata: Json | None = None) -> Message:
        """Change a message in place; metadata stays unless new is given."""
        changed = replace(
            message,
            text=text,
            blocks=list(blocks),
            metadata=metadata or message.metadata,
            edited=message.edited + 1,
        )
        self._messages[message.channel, message.ts] = changed
        self.on_change()
        return changed

    def message(self, channel: str, ts: str) -> Message | None:
        """Return the message at that place, as it reads now."""
        return self._messages.get((channel, ts))

    def messages(self, channel: str) -> list[Message]:
        """Return everything in a channel, replies included, oldest first."""
        return [message for message in list(self._messages.values()) if message.channel == channel]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """Return a message and its replies, oldest first."""
        return [message for message in self.messages(channel) if ts in (message.ts, message.thread_ts)]

    def delete(self, channel: str, ts: str) -> None:
        """Take a message or a private one away, if it is there."""
        self._messages.pop((channel, ts), None)
        self._ephemerals.pop((channel, ts), None)
        self.on_change()

    def whisper(
        self,
        viewer: str,
        channel: str,
        text: str,
        blocks: Sequence[Json] = (),
        *,
        sender: str | None = None,
        thread_ts: str | None = None,
    ) -> Ephemeral:
        """Show something to one person only; the app says it unless another sender is named."""
        private = Ephemeral(viewer, channel, self.next_ts(), sender or self.bot.id, text, list(blocks), thread_ts)
        self._ephemerals[channel, private.ts] = private
        self.on_change()
        return private

    def reword(self, private: Ephemeral, text: str, blocks: Sequence[Json]) -> Ephemeral:
        """Replace what one person sees, in place."""
        changed = replace(private, text=text, blocks=list(blocks))
        self._ephemerals[private.channel, private.ts] = changed
        self.on_change()
        return changed

    def ephemeral(self, channel: str, ts: str) -> Ephemeral | None:
        """Return the private message at that place."""
        return self._ephemerals.get((channel, ts))

    def ephemerals(self, viewer: str) -> list[Ephemeral]:
        """Return what only this person sees, oldest first."""
        return [private for private in list(self._ephemerals.values()) if private.viewer == viewer]

    def fail(self, user: str, channel: str, code: str, sentence: str) -> None:
        """Tell a person, as Slack itself, that what they did went wrong, and remember it."""
        self.failures.append(Failure(user, channel, code))
        self.whisper(user, channel, sentence, sender=SLACKBOT)


class Triggers:
    """Trigger ids: each lets the app open one view for the person who acted, within 3 s (slack.md §2.4)."""

    LIFETIME_SECONDS = 3.0

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._issued: dict[str, tuple[str, float]] = {}
        self._exchanged: set[str] = set()

    def issue(self, user: str) -> str:
        """Return a new trigger id for what this person just did."""
        now = self._now()
        trigger = f"{round(now * 1000)}.{secrets.randbelow(10**10):010d}.{secrets.token_hex(16)}"
        self._issued[trigger] = (user, now)
        return trigger

    def exchange(self, trigger: str) -> str:
        """Use a trigger id up and return whose it was.

        Raises:
            SlackRefusal: `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        if trigger not in self._issued:
            raise SlackRefusal("invalid_trigger_id")
        if trigger in self._exchanged:
            raise SlackRefusal("exchanged_trigger_id")
        user, issued_at = self._issued[trigger]
        if self._now() - issued_at > self.LIFETIME_SECONDS:
            raise SlackRefusal("expired_trigger_id")
        self._exchanged.add(trigger)
        return user
