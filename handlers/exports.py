"""Exports: a CSV file of transfers, made after the ack and handed to the admin who asked in a direct message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.desk import Desk, ExportGranted
from bot.desk.listing import EXPORT_MAX, rows
from bot.export import Row, to_csv
from bot.journal import Transaction
from handlers import refusals
from handlers.markup import escape
from handlers.replies import Replies

log = logging.getLogger(__name__)


class Exports:
    """Makes files of transfers and hands them out."""

    def __init__(
        self,
        desk: Desk,
        client: AsyncWebClient,
        replies: Replies,
        reading: Callable[[], AbstractContextManager[Transaction]],
    ) -> None:
        """Bind what it takes.

        Args:
            reading: opens the journal for a long read, on a connection of its own.
        """
        self._desk = desk
        self._client = client
        self._replies = replies
        self._reading = reading

    async def hand_out(self, export: ExportGranted, user: str, response_url: str) -> None:
        """Make the file and send it to one person; what goes wrong is told them privately."""
        try:
            told, text = await asyncio.to_thread(self._made, export)
            if text:
                await self._send(user, told, text)
            else:
                await self._replies.answer(response_url, words.FILE_EMPTY)
        except Exception as error:  # noqa: BLE001 - whatever it was, the person waits for a file
            log.warning("an export could not be handed out (%s)", type(error).__name__)
            why = words.SLACK_SAYS.format(code=refusals.read(error).code) if isinstance(error, SlackApiError) else ""
            await self._replies.answer(response_url, words.FILE_FAILED.format(why=why))

    def _made(self, export: ExportGranted) -> tuple[str, str]:
        with self._reading() as tx:
            found = list(rows(tx, self._desk.house, export))
        return (told(export, found), to_csv(found)) if found else ("", "")

    async def _send(self, user: str, told: str, text: str) -> None:
        opened = await self._client.conversations_open(users=user)
        await self._client.files_upload_v2(
            channel=opened["channel"]["id"],
            filename="transfers.csv",
            title=words.FILE_TITLE,
            content=text,
            initial_comment=told,
        )


def told(export: ExportGranted, found: Sequence[Row]) -> str:
    """Say how many transfers a file holds, and how to ask for those it has no room for."""
    first, last = export.filter.first or 1, found[-1].transfer.id - 1
    if len(found) < EXPORT_MAX or last < first:
        return words.FILE_WHOLE.format(count=len(found), s="" if len(found) == 1 else "s")
    rest = escape(f"/transfer export{replace(export.filter, first=first, last=last)}")
    return words.FILE_LATEST.format(count=f"{len(found):,}", rest=rest)
