"""Reports: made after the ack, posted into the channel they were asked for in, the picture in the thread beneath."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import report_picture, words
from bot.clock import Clock
from bot.config import Config
from bot.desk import Desk
from bot.desk.reporting import rows
from bot.journal import Transaction
from bot.report import Report, report
from bot.report_text import period, picture_in_words
from handlers import refusals
from handlers.guard import Visitor
from handlers.replies import Replies
from handlers.report_view import report_message

log = logging.getLogger(__name__)

ALT_TEXT_MAX = 1000  # what Slack takes for somebody who cannot see a picture


class Reports:
    """Makes reports and posts them."""

    def __init__(
        self,
        desk: Desk,
        client: AsyncWebClient,
        replies: Replies,
        clock: Clock,
        reading: Callable[[], AbstractContextManager[Transaction]],
    ) -> None:
        """Bind what it takes.

        Args:
            reading: opens the journal for a long read, on a connection of its own.
        """
        self._desk = desk
        self._client = client
        self._replies = replies
        self._clock = clock
        self._reading = reading
        self._making = asyncio.Lock()  # one at a time: drawing keeps a core busy that acks need as well

    async def post(self, visitor: Visitor, days: int, response_url: str) -> None:
        """Post the report of the last days where it was asked for; what goes wrong is told its asker privately."""
        config, is_posted = self._desk.house.config, False
        try:
            async with self._making:
                made = await asyncio.to_thread(self._made, config, days)
                pictured = bool(made.flows)
                note = "" if report_picture.can_draw() or not pictured else report_picture.HOW
                message = report_message(made, visitor.person.user, config, note)
                posted = await self._client.chat_postMessage(
                    channel=visitor.channel, unfurl_links=False, unfurl_media=False, **message
                )
                is_posted = True
                if pictured and not note:
                    await self._add_picture(made, config, visitor.channel, str(posted["ts"]))
        except Exception as error:  # noqa: BLE001 - whatever it was, the person waits for a report
            log.warning("a report could not be posted (%s)", type(error).__name__)
            why = words.SLACK_SAYS.format(code=refusals.read(error).code) if isinstance(error, SlackApiError) else ""
            told = words.PICTURE_FAILED.format(why=why) if is_posted else words.REPORT_FAILED.format(why=why)
            await self._replies.answer(response_url, told)

    def _made(self, config: Config, days: int) -> Report:
        until = self._clock.now()
        since = until - timedelta(days=days)
        with self._reading() as tx:
            return report(list(rows(tx, config.team, since)), since, until)

    async def _add_picture(self, made: Report, config: Config, channel: str, thread_ts: str) -> None:
        png = await asyncio.to_thread(report_picture.draw, made, config.account_names)
        await self._client.files_upload_v2(
            channel=channel,
            thread_ts=thread_ts,
            filename="net-flow.png",
            title=words.PICTURE_TITLE.format(period=period(made)),
            content=png,
            alt_txt=picture_in_words(made, config.account_names, ALT_TEXT_MAX),
        )
