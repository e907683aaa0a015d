"""The private lists: the history with its filters, one's own transfers, and the buttons that turn their pages."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot import words
from bot.clock import Clock
from bot.desk import Beside, Desk, Person
from bot.errors import GrammarError, JournalError
from bot.filters import Filter
from handlers import cards
from handlers.guard import Visitor, clean, click_visitor, delivery_key, lateness, the_action
from handlers.listening import Listener
from handlers.markup import escape
from handlers.pages import NEWER, OLDER, VALUE_MAX, page_message, read_position
from handlers.replies import Replies


class Lists:
    """Answers with lists, and the listeners of their buttons."""

    def __init__(self, desk: Desk, replies: Replies, clock: Clock) -> None:
        self._desk = desk
        self._replies = replies
        self._clock = clock

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        app.action(NEWER)(self._button(newer=True))
        app.action(OLDER)(self._button(newer=False))

    async def answer(self, person: Person, wanted: Filter, beside: Beside | None = None) -> cards.Message:
        """Return a page of what is wanted, as the body of a private message."""
        page = await asyncio.wrap_future(self._desk.history(person, wanted, beside))
        return {"text": escape(page)} if isinstance(page, str) else page_message(page)

    def _button(self, *, newer: bool) -> Listener:
        async def listener(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            try:
                answer, replace = await self._answer(body, newer)
            except JournalError:
                answer, replace = {"text": words.NO_JOURNAL}, False
            await ack()
            self._replies.owe(self._replies.answer(clean(body.get("response_url")), **answer, replace=replace))

        return listener

    async def _answer(self, body: dict[str, Any], newer: bool) -> tuple[cards.Message, bool]:
        """Return what is told, and whether it takes the place of the page whose button was pressed."""
        visitor = click_visitor(self._desk.house.config, body)
        why = visitor.refusal or lateness(body, self._clock.now())
        try:
            if why is None:
                return await self._turned(visitor, clean(the_action(body).get("value"), VALUE_MAX), newer), True
        except GrammarError as error:
            why = escape(str(error))
        await self._turn_away(visitor, body, why)
        return {"text": why}, False

    async def _turned(self, visitor: Visitor, value: str, newer: bool) -> cards.Message:
        wanted, beside = read_position(value, self._desk.house.config.venues, newer=newer)
        return await self.answer(visitor.person, wanted, beside)

    async def _turn_away(self, visitor: Visitor, body: dict[str, Any], why: str) -> None:
        action = the_action(body)
        attempt = f"{clean(action.get('action_id'), 100)} {clean(action.get('value'), 100)}"
        key = delivery_key("click", visitor.person, clean(body.get("trigger_id")))
        await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, attempt, why, key))
