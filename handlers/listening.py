"""What is around every button's and form's one use case: check, read, ack; answers and forms follow as own tasks."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.clock import Clock
from bot.desk import Click, Desk, View
from bot.errors import JournalError, NotAllowed, UserError
from bot.transfers import Transfer
from handlers import cards
from handlers.guard import (
    BEGIN_WITHIN_S,
    Visitor,
    clean,
    click_visitor,
    delivery_key,
    lateness,
    mapping,
    read_click,
    the_action,
)
from handlers.markup import escape
from handlers.replies import Replies
from handlers.tasks import Tasks

log = logging.getLogger(__name__)

METADATA_MAX = 3000  # characters Slack lets a form carry
TYPED_MAX = 2000
ROW_ID_MAX = 2**63 - 1

# What a click sets off at the exchange goes before what is said about it: 12 → 10 ms from the click to the request.
FOLLOWS_AFTER_S = 0.02


@dataclass(frozen=True)
class Filled:
    """A form as it came back.

    Attributes:
        click: of the button that opened it. Its key names the form, however often it is sent.
        about: what else the form was given to carry.
        typed: the text in its one field, whose action id is `text`.
        sending: Slack's id of this sending of it.
    """

    click: Click
    about: Mapping[str, Any]
    typed: str
    sending: str


# Bolt looks at the parameter names to decide what to pass, so each listener spells them out.
Listener = Callable[[AsyncAck, dict[str, Any], AsyncBoltContext], Awaitable[None]]
UseCase = Callable[[Click, float], Future[Any]]  # of a text; or, where there is a form, of anything else to open it
Form = Callable[[View, Click], cards.Message]
FormUseCase = Callable[[Filled, float], Awaitable[str]]


@asynccontextmanager
async def on_record(desk: Desk, visitor: Visitor, attempt: str) -> AsyncIterator[None]:
    """Record whatever is not allowed before it is told."""
    try:
        yield
    except NotAllowed as why:
        await asyncio.wrap_future(desk.turn_away(visitor.person, visitor.channel, attempt, str(why), ""))
        raise


class Listening:
    """Builds listeners: what to do comes from outside, how Slack is listened to and answered is here."""

    def __init__(
        self, desk: Desk, client: AsyncWebClient, replies: Replies, clock: Clock, follows_after_s: float
    ) -> None:
        self._follows_after_s = follows_after_s
        self._desk = desk
        self._client = client
        self._replies = replies
        self._clock = clock
        self._tasks = Tasks()

    def button(self, use_case: UseCase, form: Form | None = None) -> Listener:
        """Build a button's listener. The answer is told privately; where it is no text, `form` is opened."""

        async def listener(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            answer: str | None
            try:
                click = await self._click(body)
                if isinstance(click, str):
                    answer = click
                else:
                    said = await asyncio.wrap_future(use_case(click, context["received_at"] + BEGIN_WITHIN_S))
                    answer = escape(said) if isinstance(said, str) else None
            except JournalError:
                click = answer = words.NO_JOURNAL
            await ack()
            if answer is not None:
                self._replies.owe(self._answer(clean(body.get("response_url")), answer))
            elif form is not None and isinstance(click, Click):
                self._replies.owe(self._open(click, form, body))
            if isinstance(click, Click):
                self._tasks.start(self._disarm_copy(click, body))

        return listener

    def form(self, name: str, field: str, use_case: FormUseCase) -> Listener:
        """Build a form's listener. What cannot be done is said beside the field, anything else privately.

        Args:
            name: what a try that does not count is called on the record.
            field: the block id of the one field.
            use_case: returns the answer, or raises `UserError` with what is to stand beside the field; as `NotAllowed`
                it is recorded.
        """

        async def listener(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            visitor = click_visitor(self._desk.house.config, body)
            try:
                async with on_record(self._desk, visitor, name):
                    filled = read_form(visitor, body, field)
                    answer = await use_case(filled, context["received_at"] + BEGIN_WITHIN_S)
            except UserError as problem:
                await ack(response_action="errors", errors={field: str(problem)})
                return
            except JournalError:
                await ack(response_action="errors", errors={field: words.NO_JOURNAL})
                return
            await ack()
            self._replies.owe(self._whisper(filled.click, escape(answer)))

        return listener

    async def _click(self, body: dict[str, Any]) -> Click | str:
        """Read and judge a click. One that does not count is recorded, and its answer returned, ready for Slack."""
        visitor = click_visitor(self._desk.house.config, body)
        click = read_click(visitor, body)
        late = lateness(body, self._clock.now())
        if visitor.refusal is None and click is not None and late is None:
            return click
        unreadable = words.NOT_OUR_BUTTON if click is None else None
        if visitor.refusal is None and click is not None:
            given = await asyncio.wrap_future(self._desk.answer_given(click.key))
            if given is not None:
                return escape(given)  # a repeat of what was done in time
        why = visitor.refusal or unreadable or late or ""
        action = the_action(body)
        attempt = f"{clean(action.get('action_id'), 100)} {clean(action.get('value'), 100)}"
        key = delivery_key("click", visitor.person, clean(body.get("trigger_id")))
        await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, attempt, why, key))
        return why

    async def _answer(self, response_url: str, answer: str) -> None:
        await asyncio.sleep(self._follows_after_s)
        await self._replies.answer(response_url, answer)

    async def _open(self, click: Click, form: Form, body: dict[str, Any]) -> None:
        view = await asyncio.wrap_future(self._desk.view(click.transfer_id))
        if view is None:
            return
        try:
            await self._client.views_open(trigger_id=clean(body.get("trigger_id")), view=form(view, click))
        except Exception as error:  # noqa: BLE001 - whatever it was, the person waits for a form
            log.warning("a form about T%d could not be opened (%s)", click.transfer_id, type(error).__name__)
            await self._replies.answer(clean(body.get("response_url")), words.FORM_STAYED_SHUT)

    async def _disarm_copy(self, click: Click, body: dict[str, Any]) -> None:
        """Take the buttons off a copy that was left when Slack had posted a card and its answer was lost."""
        await asyncio.sleep(self._follows_after_s)
        view = await asyncio.wrap_future(self._desk.view(click.transfer_id))
        if view is not None and is_older_copy(view.transfer, click, the_action(body)):
            outdated = cards.outdated_copy(view.transfer)
            await self._client.chat_update(channel=click.channel, ts=click.message_ts, **outdated)

    async def _whisper(self, click: Click, text: str) -> None:
        await self._client.chat_postEphemeral(channel=click.channel, user=click.person.user, text=text)


def is_older_copy(transfer: Transfer, click: Click, action: Mapping[str, Any]) -> bool:
    """Tell whether a click stood on a card of ours that is not the one on record, and never will be.

    A newer message than the recorded card may be the very next one to be recorded. Slack's timestamps have one width.
    """
    ours = clean(action.get("block_id")).startswith(f"{transfer.name}.")
    here = (transfer.team, transfer.channel) == (click.person.team, click.channel)
    return ours and here and transfer.card_ts is not None and click.message_ts < transfer.card_ts


def carried(click: Click, **about: str) -> str:
    """Write what a form carries, for `read_form`: the click that opened it, and what else it is about."""
    told = {"transfer": click.transfer_id, "version": click.version, "channel": click.channel, "card": click.message_ts}
    return json.dumps(told | about)


def read_form(visitor: Visitor, body: Mapping[str, Any], field: str) -> Filled:
    """Read a form as it came back.

    Raises:
        NotAllowed: it is not one of ours, or from somebody who may not use this desk.
    """
    if visitor.refusal is not None:
        raise NotAllowed(visitor.refusal)
    view = mapping(body.get("view"))
    try:
        about = mapping(json.loads(clean(view.get("private_metadata"), METADATA_MAX)))
    except (ValueError, RecursionError):
        about = {}
    view_id, transfer_id, version = clean(view.get("id")), about.get("transfer"), about.get("version")
    if not view_id or not _is_number(transfer_id) or not _is_number(version):
        raise NotAllowed(words.NOT_OUR_FORM)
    click = Click(
        key=delivery_key("view", visitor.person, view_id),
        person=visitor.person,
        transfer_id=transfer_id,
        version=version,
        channel=clean(about.get("channel")),
        message_ts=clean(about.get("card")),
    )
    fields = mapping(mapping(mapping(view.get("state")).get("values")).get(field))
    typed = clean(mapping(fields.get("text")).get("value"), TYPED_MAX)
    return Filled(click, about, typed, clean(body.get("trigger_id")))


def _is_number(value: object) -> TypeGuard[int]:
    """Tell whether something can be a row's id or a version; a larger number would not fit the journal."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= ROW_ID_MAX
