"""Looks for a message that may have been posted although nobody heard so: by its metadata, never by time or text.

Slack has no idempotency key for a post (slack.md §2.6). So every message says in its metadata which row of which
journal's outbox it is, and a row whose post ended unclear is looked for before it is posted again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import TransferdeskError
from bot.journal import Event, Parcel
from handlers.pace import LOOK_UPS, Pace

EVENT_TYPE = "transferdesk"
# Slack's clock gives a message its time, ours gave the try's. Generous: only reading more pages depends on it.
CLOCKS_DIFFER_BY_MAX = timedelta(hours=1)
PAGE_SIZE = 999  # the most conversations.history takes
PAGES_MAX = 50


class TooMuchToRead(TransferdeskError):
    """The channel's history did not end. Whether the message is there stays open, so it is not posted; tried later."""


@dataclass(frozen=True)
class Mark:
    """What tells a message from every other one: the journal, the row of its outbox, and what it is about.

    Attributes:
        journals: every name the journal had, the present one last: before a restore it posted under another.
    """

    journals: tuple[str, ...]
    parcel: Parcel

    def metadata(self, event: Event | None = None) -> dict[str, Any]:
        """Return the metadata a message is posted with; an audit line's also holds the chain's head. No secrets."""
        about: dict[str, Any] = {"journal": self.journals[-1], **self._about()}
        if self.parcel.kind == "audit" and event is not None:
            about |= {"seq": event.seq, "hash": event.hash}
        return {"event_type": EVENT_TYPE, "event_payload": about}

    def is_on(self, message: Mapping[str, Any], bot_id: str) -> bool:
        """Tell whether this is the message: the desk's own, with this mark. Any app could copy the mark alone."""
        metadata = message.get("metadata")
        if message.get("bot_id") != bot_id or not isinstance(metadata, Mapping):
            return False
        about = metadata.get("event_payload")
        if metadata.get("event_type") != EVENT_TYPE or not isinstance(about, Mapping):
            return False
        return about.get("journal") in self.journals and self._about().items() <= about.items()

    def _about(self) -> dict[str, Any]:
        parcel = self.parcel
        return {
            "parcel": parcel.id,
            "transfer": parcel.transfer_id or 0,
            "kind": parcel.kind,
            "event": parcel.event_seq or 0,
        }


@dataclass(frozen=True)
class Place:
    """Where a message would be: in a channel, or under the card with that `ts`."""

    channel: str
    thread_ts: str | None = None


class Finder:
    """Looks for messages of the desk's own."""

    def __init__(self, client: AsyncWebClient, pace: Pace) -> None:
        self._client = client
        self._pace = pace
        self._bot_id = ""

    async def find(self, mark: Mark, place: Place, since: datetime) -> list[str]:
        """Return the `ts` of every message with this mark, oldest first; there is one at most, unless people meddle.

        Args:
            since: when a post of it was first begun, by our own clock.

        Raises:
            TooMuchToRead: there is no end to the pages.
            Exception: whatever a call raises; nothing is known then.
        """
        if not self._bot_id:
            self._bot_id = str((await self._pace.call(LOOK_UPS, self._client.auth_test))["bot_id"])
        return sorted(
            [str(message["ts"]) async for message in self._around(place, since) if mark.is_on(message, self._bot_id)]
        )

    async def _around(self, place: Place, since: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Read every message that may be meant, page by page."""
        if place.thread_ts is not None:
            method, where = self._client.conversations_replies, {"ts": place.thread_ts}
        else:
            oldest = (since - CLOCKS_DIFFER_BY_MAX).timestamp()
            method, where = self._client.conversations_history, {"oldest": f"{oldest:.6f}"}
        for _ in range(PAGES_MAX):
            page = await self._pace.call(
                LOOK_UPS, method, channel=place.channel, **where, limit=PAGE_SIZE, include_all_metadata=True
            )
            for message in page["messages"]:
                yield message
            where["cursor"] = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not where["cursor"]:
                return
        raise TooMuchToRead("a channel's history did not end")
