"""The form that asks for a transfer: opened by `/transfer` alone, by the shortcut or from the Home tab.

Slack lets a form be opened within 3 s, so it opens with what desk.toml says; whatever is picked draws it anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.choices import Choices, Draft, choices
from bot.commands import ShareIntent, typed
from bot.config import Config
from bot.desk import Ask, Desk, Person, Refusal, ShareAsk
from bot.errors import JournalError, NotAllowed, UserError
from handlers import cards, form_entry, refusals
from handlers.balances import BalanceAnswers
from handlers.form_entry import Entry, Misfilled
from handlers.form_view import AMOUNT, CHANNEL, CHOICE, FORM, REASON, available, form, notice
from handlers.guard import (
    BEGIN_WITHIN_S,
    Visitor,
    clean,
    click_visitor,
    delivery_key,
    mapping,
)
from handlers.listening import on_record
from handlers.markup import escape
from handlers.replies import Replies
from handlers.tasks import Tasks

log = logging.getLogger(__name__)

READING_MAX_S = 10.0  # as long as somebody in front of the form may still want to see it

# The view is another one by now, or gone: what was drawn for the older one is not needed any more.
_OVERTAKEN = frozenset({"hash_conflict", "not_found"})


class Forms:
    """The listeners of the form, and the way to open it."""

    def __init__(self, desk: Desk, client: AsyncWebClient, replies: Replies, names: Mapping[str, str]) -> None:
        """Take what every group of listeners takes, and what Slack calls the desk's channels, by id."""
        self._desk = desk
        self._client = client
        self._replies = replies
        self._names = names
        self._tasks = Tasks()
        self._readings = BalanceAnswers(desk, replies, READING_MAX_S)
        self._turns: dict[str, object] = {}  # by view: the last pick in it, while what it drew may still change

    @property
    def _config(self) -> Config:
        return self._desk.house.config

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        app.shortcut(FORM)(self.shortcut)
        app.action(CHOICE)(self.chosen)
        app.view(FORM)(self.sent)

    def open(self, person: Person, channel: str, trigger: str) -> str:
        """Open the form for somebody on the allowlist, soon. Returns why not, in mrkdwn; empty when it opens.

        Args:
            channel: where they are, and the card will stand; empty: it is asked for, if there is a choice.
        """
        found = choices(self._config, person.user, Draft())
        if not found.exchanges:
            return words.NO_RULE_NAMES_YOU
        view = self._drawn(found, channel or self._only_channel)
        self._tasks.start(self._open(person, channel, trigger, view))
        return ""

    async def shortcut(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Handle the shortcut, which comes from nowhere: whoever may not use it is told so in the form's place."""
        visitor = click_visitor(self._config, body)
        await self.welcome(visitor, clean(body.get("trigger_id")), words.TRIED_SHORTCUT)
        await ack()

    async def welcome(self, visitor: Visitor, trigger: str, attempt: str) -> None:
        """Open the form for somebody who is in no channel, or say in its place why not.

        Args:
            attempt: what this is called on the record when they may not.
        """
        why = visitor.refusal
        if why is not None:
            key = delivery_key("form", visitor.person, trigger)
            await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, attempt, why, key))
        else:
            why = self.open(visitor.person, "", trigger)
        if why:
            self._replies.owe(self._open(visitor.person, "", trigger, notice(why)))

    async def chosen(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Draw the form anew after something was picked in it."""
        visitor, view = click_visitor(self._config, body), mapping(body.get("view"))
        try:
            async with on_record(self._desk, visitor, words.TRIED_TRANSFER_FORM):
                channel = self._carried_channel(visitor, view)
        except (NotAllowed, JournalError) as why:
            await ack()
            text = words.NO_JOURNAL if isinstance(why, JournalError) else str(why)
            self._replies.owe(self._update(view, notice(text)))
            return
        found = choices(self._config, visitor.person.user, form_entry.read(view).draft)
        await ack()
        self._tasks.start(self._redraw(view, channel, found))

    async def sent(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Propose what the form asks for. What is wrong with it is said beside the field it is about."""
        visitor, view = click_visitor(self._config, body), mapping(body.get("view"))
        # A reading that comes now would wipe away what is about to be said beside a field.
        self._turns.pop(clean(view.get("id")), None)
        entry = form_entry.read(view)
        not_after = context["received_at"] + BEGIN_WITHIN_S
        name, problem, channel, answer = AMOUNT, "", "", ""
        try:
            async with on_record(self._desk, visitor, words.TRIED_TRANSFER_FORM):
                channel = self._channel(visitor, view, entry)
                answer = await self._propose(visitor, channel, view, entry, clean(body.get("trigger_id")), not_after)
        except Misfilled as misfilled:
            name, problem = misfilled.field, str(misfilled)
        except UserError as refusal:
            problem = form_entry.as_plain(str(refusal))
        except JournalError:
            problem = words.NO_JOURNAL
        if problem:
            await ack(response_action="errors", errors={entry.places.get(name, AMOUNT): problem})
            return
        await ack()
        self._replies.owe(self._whisper(visitor.person.user, channel, escape(answer)))

    async def _propose(
        self, visitor: Visitor, channel: str, view: Mapping[str, Any], entry: Entry, sending: str, not_after: float
    ) -> str:
        """Hand the form's transfer to the desk.

        Raises:
            UserError: it asks for nothing that could be, or the desk said no; the text is for the form.
        """
        config, person, view_id = self._config, visitor.person, clean(view.get("id"))
        if not view_id:
            raise NotAllowed(words.FORM_FOREIGN)
        found = choices(config, person.user, entry.draft)
        intent = form_entry.intent(entry, found, config.venues)
        key = delivery_key("form", person, view_id)
        text = typed(intent, config.venues[intent.route.exchange])
        given = f"{key}/{sending}", person, channel, text
        ask = ShareAsk(*given, intent) if isinstance(intent, ShareIntent) else Ask(*given, intent)
        answer = await asyncio.wrap_future(self._desk.take_form(ask, key, not_after))
        if isinstance(answer, Refusal):
            wants_reason = found.reason_required and not intent.reason
            raise Misfilled(REASON if wants_reason else AMOUNT, form_entry.as_plain(answer))
        return answer

    async def _redraw(self, view: Mapping[str, Any], channel: str, found: Choices) -> None:
        """Show what can be chosen now, and what is available on the source: as known, then as read."""
        if not found.exchanges:
            await self._update(view, notice(words.NO_RULE_NAMES_YOU))
            return
        view_id, turn = clean(view.get("id")), object()
        self._turns[view_id] = turn
        try:
            if found.route is None or not found.chosen.currency:
                await self._update(view, self._drawn(found, channel))
                return
            account, currency = found.route.source, found.chosen.currency
            inquiry = await asyncio.wrap_future(self._desk.look_at_balance(account, currency))
            (known,) = await asyncio.wrap_future(self._desk.balances(inquiry))
            shown = await self._update(view, self._drawn(found, channel, available(known)))
            if shown is None or not known.is_awaited:
                return
            (read,) = await self._readings.read(inquiry)
            # Whatever was picked meanwhile draws the form itself.
            if self._turns.get(view_id) is turn and read != known:
                await self._update(shown, self._drawn(found, channel, available(read)))
        finally:
            if self._turns.get(view_id) is turn:
                del self._turns[view_id]

    def _drawn(self, found: Choices, channel: str, shown: str = "") -> cards.Message:
        config = self._config
        channels = [(known, f"#{self._names.get(known, known)}") for known in sorted(config.channels)]
        return form(found, config.venues, channel, channels, shown)

    @property
    def _only_channel(self) -> str:
        channels = self._config.channels
        return next(iter(channels)) if len(channels) == 1 else ""

    def _carried_channel(self, visitor: Visitor, view: Mapping[str, Any]) -> str:
        """Return the channel a form was opened for; empty: it asks for one.

        Raises:
            NotAllowed: the form is not one of ours, or from somebody or somewhere that may not use this desk.
        """
        channel = form_entry.carried_channel(view)
        if visitor.refusal is not None or channel is None:
            raise NotAllowed(visitor.refusal or words.FORM_FOREIGN)
        if channel and channel not in self._config.channels:
            raise NotAllowed(words.FORM_CHANNEL_GONE)
        return channel

    def _channel(self, visitor: Visitor, view: Mapping[str, Any], entry: Entry) -> str:
        """Return where the card is to stand.

        Raises:
            UserError: as `_carried_channel`, or none of the desk's channels was picked.
        """
        channel = self._carried_channel(visitor, view) or entry.channel
        if channel not in self._config.channels:
            raise Misfilled(CHANNEL, words.CHOOSE.format(what=words.THE_CHANNEL))
        return channel

    async def _open(self, person: Person, channel: str, trigger: str, view: cards.Message) -> None:
        try:
            await self._client.views_open(trigger_id=trigger, view=view)
        except Exception as error:  # noqa: BLE001 - whatever it was, the person waits for a form
            log.warning("the form could not be opened (%s)", type(error).__name__)
            await self._replies.tell_requester(person.user, channel, words.FORM_NOT_OPENED)

    async def _whisper(self, user: str, channel: str, text: str) -> None:
        await self._client.chat_postEphemeral(channel=channel, user=user, text=text)

    async def _update(self, view: Mapping[str, Any], shown: cards.Message) -> Mapping[str, Any] | None:
        """Show something else in a view. Returns the view as it is then; None when it was another one by now."""
        try:
            answer = await self._client.views_update(
                view_id=clean(view.get("id")), hash=clean(view.get("hash")), view=shown
            )
        except SlackApiError as error:
            if refusals.read(error).code not in _OVERTAKEN:
                raise
            return None
        return mapping(answer.get("view"))
