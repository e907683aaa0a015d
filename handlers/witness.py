"""The audit channel as a witness: what it has seen of this journal and of others, at the start and while the desk runs.

Two desks on copies of one database would send everything twice, and no lock reaches from one machine to another. So a
desk says in the channel that it starts, with the head of its chain, and only then looks: of two that start at the same
moment at least one sees the other, and a copy that starts later is behind.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk import restoring
from bot.errors import JournalError, StartError
from bot.findings import Finding
from bot.journal import Head, Journal
from bot.witness import Past, Sighting, judge
from handlers import refusals
from handlers.lookup import EVENT_TYPE

log = logging.getLogger(__name__)

PAGE_SIZE = 200
# Read on until a page holds a line of a desk; in a channel made for those that is the first one.
FURTHER_PAGE_SIZE = 999
PAGES_MAX = 10
ALL_PAGES_MAX = 2000
MESSAGES_MAX = PAGE_SIZE + (PAGES_MAX - 1) * FURTHER_PAGE_SIZE
WATCH_EVERY_S = 60.0
# A desk that has just looked for what it had posted, and starts again, may be told to wait.
PATIENCE_S = 60.0

_UUID = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Unwitnessed(StartError):
    """What the audit channel has seen speaks against this journal, or cannot be read. The text says which."""


class Witness:
    """One journal before its audit channel."""

    def __init__(self, client: AsyncWebClient, journal: Journal, channel: str, bot_id: str) -> None:
        self._client = client
        self._journal = journal
        self._channel = channel
        self._bot_id = bot_id

    async def finding(self) -> Finding:
        """Compare the journal with the channel."""
        try:
            _, problem = await self._look()
        except Unwitnessed as error:
            return found(str(error))
        return found(problem)

    async def announce(self) -> None:
        """Say in the channel that this desk starts, and look whether another one does.

        Raises:
            Unwitnessed: another copy, another desk or a newer state of this one was there, or the line did not arrive.
        """
        head: Head = await asyncio.wrap_future(self._journal.run(lambda tx: tx.head()))
        own = Sighting(head.journal, head.seq, head.hash)
        why = "it is not in the channel's history"
        try:
            await _patiently(
                self._client.chat_postMessage,
                channel=self._channel,
                text=f"The desk starts. Journal `{head.journal[:8]}`, chain head `#{head.seq} {head.hash[:12]}`.",
                metadata={"event_type": EVENT_TYPE, "event_payload": {**asdict(own), "kind": "start"}},
            )
        except Exception as error:  # noqa: BLE001 - it may have arrived all the same; its text may hold a token
            why = _why(error)
        lines, problem = await self._look()
        if problem is None and own not in lines:
            problem = f"the start could not be announced there ({why})"
        if problem is not None:
            raise Unwitnessed(f"Slack channel {self._channel}: {problem}")

    async def watch(self, every_s: float = WATCH_EVERY_S) -> str:
        """Look again and again. Returns what speaks against going on."""
        while True:
            await asyncio.sleep(every_s)
            try:
                _, problem = await self._look()
            except (Unwitnessed, JournalError) as error:  # neither speaks against anything, and both pass
                log.warning("%s; looking again in %.0f s", error, every_s)
                continue
            if problem is not None:
                return problem

    async def _look(self) -> tuple[tuple[Sighting, ...], str | None]:
        lines = await _read(self._client, self._channel, self._bot_id)
        if lines is None:
            raise Unwitnessed(
                f"Slack channel {self._channel}: no line of a desk is among its {MESSAGES_MAX} newest messages, so it "
                "cannot tell an old copy of the journal; give the desk an audit channel of its own"
            )
        # Read after the channel: whatever a line of ours tells has been in the journal before.
        held: Past = await asyncio.wrap_future(self._journal.run(lambda tx: restoring.past(tx, lines)))
        return lines, judge(lines, held)


def found(problem: str | None) -> Finding:
    """Return what a comparison came to, as one line of a check."""
    if problem is None:
        return Finding(True, "journal", "holds all that the audit channel has seen")
    return Finding(False, "journal", problem, "nothing is sent until then")


async def read_lines(client: AsyncWebClient, channel: str, bot_id: str) -> tuple[Sighting, ...]:
    """Return what the newest messages of desks in a channel say about their journals, newest first.

    Args:
        bot_id: of the desk's own app; what others post counts for nothing.

    Raises:
        Unwitnessed: Slack does not answer, or says no.
    """
    return await _read(client, channel, bot_id) or ()


async def read_all_lines(client: AsyncWebClient, channel: str, bot_id: str) -> tuple[Sighting, ...]:
    """Return what every message of desks in a channel says about their journals, back to its beginning.

    Raises:
        Unwitnessed: Slack does not answer, or says no; or there is no end to the messages.
    """
    lines: list[Sighting] = []
    pages = 0
    async for found, is_last in _pages(client, channel, bot_id):
        lines += found
        pages += 1
        if is_last:
            return tuple(lines)
        if pages == ALL_PAGES_MAX:
            break
    raise Unwitnessed(f"Slack channel {channel}: holds more than {ALL_PAGES_MAX} pages of messages")


async def _read(client: AsyncWebClient, channel: str, bot_id: str) -> tuple[Sighting, ...] | None:
    """See `read_lines`. None: there was no line of a desk as far back as was read, and there is more."""
    pages = 0
    async for found, is_last in _pages(client, channel, bot_id):
        pages += 1
        if found or is_last:
            return tuple(found)
        if pages == PAGES_MAX:
            break
    return None


async def _pages(client: AsyncWebClient, channel: str, bot_id: str) -> AsyncIterator[tuple[list[Sighting], bool]]:
    """Yield the lines of desks on each page of a channel's history, newest first, and whether it is the last page."""
    cursor: str | None = None
    while True:
        try:
            page = await _patiently(
                client.conversations_history,
                channel=channel,
                limit=FURTHER_PAGE_SIZE if cursor else PAGE_SIZE,
                include_all_metadata=True,
                cursor=cursor,
            )
            found = [line for message in page["messages"] if (line := read_line(message, bot_id))]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
        except Exception as error:  # noqa: BLE001 - any failure means the same, and its text may hold a token
            raise Unwitnessed(f"Slack channel {channel}: cannot be read ({_why(error)})") from None
        yield found, not cursor
        if not cursor:
            return


async def _patiently(method: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
    """Make one call; once more when Slack only wants quiet first, for `PATIENCE_S` at most."""
    try:
        return await method(**arguments)
    except SlackApiError as error:
        rest_s = refusals.read(error).rest_s
        if rest_s is None or rest_s > PATIENCE_S:
            raise
    await asyncio.sleep(rest_s)
    return await method(**arguments)


def read_line(message: Mapping[str, Any], bot_id: str) -> Sighting | None:
    """Read one message; None when it is not this app's, or says nothing about a journal."""
    metadata = message.get("metadata")
    if message.get("bot_id") != bot_id or not isinstance(metadata, Mapping):
        return None
    about = metadata.get("event_payload")
    if metadata.get("event_type") != EVENT_TYPE or not isinstance(about, Mapping):
        return None
    journal, digest = str(about.get("journal", "")), str(about.get("hash", ""))
    if not _UUID.fullmatch(journal):
        return None
    seq = _number(about, "seq") if _HASH.fullmatch(digest) else 0
    return Sighting(journal, seq, digest if seq else "", _number(about, "transfer"), _number(about, "parcel"))


def _number(about: Mapping[str, Any], key: str) -> int:
    value = about.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0


def _why(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return f"Slack says {refusals.read(error).code}"
    return f"no answer ({type(error).__name__})"
