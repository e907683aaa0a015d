"""Buttons and the form behind them: check, parse, call one use case, ack. Answers follow as tasks of their own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, TypeGuard

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.config import Config
from bot.desk import Click, Decision, Desk, Resolution
from bot.desk.resolving import REASON_MAX
from bot.errors import JournalError, UserError
from bot.transfers import Transfer
from handlers import cards
from handlers.guard import (
    BEGIN_WITHIN_S,
    NO_JOURNAL,
    Visitor,
    clean,
    click_visitor,
    delivery_key,
    lateness,
    mapping,
    read_click,
    the_action,
)
from handlers.replies import Replies

log = logging.getLogger(__name__)

RESOLVE = {
    "transfer_resolve_executed": Decision.EXECUTED,
    "transfer_resolve_not_executed": Decision.NOT_EXECUTED,
}

# Buttons of cards this desk no longer draws, or does not draw yet. Unanswered they would show a warning triangle.
RETIRED = ("transfer_approve", "transfer_deny")
OUTDATED = "This card is outdated and its buttons do nothing any more. `/transfer history` shows the rest."

DIGEST_MAX = 64
METADATA_MAX = 3000  # characters Slack lets a form carry
ROW_ID_MAX = 2**63 - 1

Listener = Callable[[AsyncAck, dict[str, Any], AsyncBoltContext], Awaitable[None]]
UseCase = Callable[[Click, float], Future[Any]]  # of a text, or of None


class Buttons:
    """The listeners of every button on a card, and of the form that settles an unknown."""

    def __init__(self, config: Config, desk: Desk, client: AsyncWebClient, replies: Replies, clock: Clock) -> None:
        self._config = config
        self._desk = desk
        self._client = client
        self._replies = replies
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        app.action("transfer_confirm")(self._button(self._desk.confirm))
        app.action("transfer_cancel")(self._button(self._desk.cancel_by_button))
        for action, decision in RESOLVE.items():
            app.action(action)(self._form_button(decision))
        app.view("transfer_resolve")(self.resolve)
        for action in RETIRED:
            app.action(action)(self.retired)

    def _form_button(self, decision: Decision) -> Listener:
        def may_resolve(click: Click, not_after: float) -> Future[str | None]:
            return self._desk.may_resolve(click, decision, not_after)

        return self._button(may_resolve, decision)

    def _button(self, use_case: UseCase, decision: Decision | None = None) -> Listener:
        """Build a button's listener. Where the use case has nothing against it, `decision`'s form is opened."""

        # Bolt looks at the parameter names to decide what to pass, so each listener spells them out.
        async def listener(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            answer: str | None
            try:
                click = await self._click(body)
                if isinstance(click, str):
                    answer = click
                else:
                    not_after = context["received_at"] + BEGIN_WITHIN_S
                    said: str | None = await asyncio.wrap_future(use_case(click, not_after))
                    answer = None if said is None else cards.escape(said)
            except JournalError:
                click = answer = NO_JOURNAL
            await ack()
            if answer is not None:
                self._tell(body, answer)
            elif decision is not None and isinstance(click, Click):
                self._start(self._open(click, decision, body))
            if isinstance(click, Click):
                self._start(self._disarm_copy(click, body))

        return listener

    async def _click(self, body: dict[str, Any]) -> Click | str:
        """Read and judge a click. One that does not count is recorded, and its answer returned, ready for Slack."""
        visitor = click_visitor(self._config, body)
        click = read_click(visitor, body)
        late = lateness(body, self._clock.now())
        if visitor.refusal is None and click is not None and late is None:
            return click
        unreadable = "This button belongs to no card of this desk. Nothing changed." if click is None else None
        if visitor.refusal is None and click is not None:
            given = await asyncio.wrap_future(self._desk.answer_given(click.key))
            if given is not None:
                return cards.escape(given)  # a repeat of what was done in time
        why = visitor.refusal or unreadable or late or ""
        await self._turn_away(visitor, body, why)
        return why

    async def _turn_away(self, visitor: Visitor, body: dict[str, Any], why: str) -> None:
        action = the_action(body)
        attempt = f"{clean(action.get('action_id'), 100)} {clean(action.get('value'), 100)}"
        key = delivery_key("click", visitor.person, clean(body.get("trigger_id")))
        await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, attempt, why, key))

    async def _open(self, click: Click, decision: Decision, body: dict[str, Any]) -> None:
        view = await asyncio.wrap_future(self._desk.view(click.transfer_id))
        if view is None:
            return
        about = {
            "transfer": click.transfer_id,
            "version": click.version,
            "channel": click.channel,
            "card": click.message_ts,
            "decision": decision.value,
            "evidence": view.evidence,
        }
        form = cards.resolve_form(view, decision.value, json.dumps(about), REASON_MAX)
        try:
            await self._client.views_open(trigger_id=clean(body.get("trigger_id")), view=form)
        except Exception as error:  # noqa: BLE001 - whatever it was, the person waits for a form
            log.warning("the form that settles T%d could not be opened (%s)", click.transfer_id, type(error).__name__)
            text = "Slack did not open the form; press the button again in a moment."
            await self._replies.answer(clean(body.get("response_url")), text)

    async def _disarm_copy(self, click: Click, body: dict[str, Any]) -> None:
        """Take the buttons off a copy that was left when Slack had posted a card and its answer was lost."""
        view = await asyncio.wrap_future(self._desk.view(click.transfer_id))
        if view is not None and is_older_copy(view.transfer, click, the_action(body)):
            outdated = cards.outdated_copy(view.transfer)
            await self._client.chat_update(channel=click.channel, ts=click.message_ts, **outdated)

    async def resolve(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Take the form's reason and count the decision. What cannot be done is said beside the field."""
        visitor = click_visitor(self._config, body)
        resolution = _resolution(visitor, mapping(body.get("view")))
        try:
            answer = await self._settle(visitor, resolution, context["received_at"] + BEGIN_WITHIN_S)
        except UserError as problem:
            await ack(response_action="errors", errors={"reason": str(problem)})
            return
        except JournalError:
            await ack(response_action="errors", errors={"reason": NO_JOURNAL})
            return
        await ack()
        if resolution is not None:
            self._start(self._whisper(resolution.click.channel, visitor.person.user, answer))

    async def _settle(self, visitor: Visitor, resolution: Resolution | None, not_after: float) -> str:
        """Hand the form's claim to the desk, which looks at the card, the version and the person again.

        Raises:
            UserError: it is no claim of somebody who may make one, or has no reason; the text is for the form.
        """
        if visitor.refusal is not None or resolution is None:
            why = visitor.refusal or "This form belongs to no card of this desk. Nothing changed."
            await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, "settle form", why, ""))
            raise UserError(why)
        if not resolution.reason.strip():
            raise UserError("Please say what you saw, for the record.")
        return cards.escape(await asyncio.wrap_future(self._desk.resolve(resolution, not_after)))

    async def _whisper(self, channel: str, user: str, text: str) -> None:
        await self._client.chat_postEphemeral(channel=channel, user=user, text=text)

    async def retired(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Answer a button that no card carries; a stranger's try is recorded like any other."""
        visitor = click_visitor(self._config, body)
        answer = visitor.refusal or OUTDATED
        try:
            if visitor.refusal is not None:
                await self._turn_away(visitor, body, answer)
        except JournalError:
            answer = NO_JOURNAL
        await ack()
        self._tell(body, answer)

    def _tell(self, body: dict[str, Any], text: str) -> None:
        self._start(self._replies.answer(clean(body.get("response_url")), text))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something after the ack, with an error edge of its own: it can no longer change what was decided."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - Slack's texts may hold payloads
                log.warning("an answer after the ack failed (%s)", type(error).__name__)

        task = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def is_older_copy(transfer: Transfer, click: Click, action: Mapping[str, Any]) -> bool:
    """Tell whether a click stood on a card of ours that is not the one on record, and never will be.

    A newer message than the recorded card may be the very next one to be recorded. Slack's timestamps have one width.
    """
    ours = clean(action.get("block_id")).startswith(f"{transfer.name}.")
    here = (transfer.team, transfer.channel) == (click.person.team, click.channel)
    return ours and here and transfer.card_ts is not None and click.message_ts < transfer.card_ts


def _resolution(visitor: Visitor, view: Mapping[str, Any]) -> Resolution | None:
    """Read what a form claims; None when it is not one of ours."""
    try:
        about = mapping(json.loads(clean(view.get("private_metadata"), METADATA_MAX)))
        decision = Decision(clean(about.get("decision")))
    except (ValueError, RecursionError):
        return None
    view_id, transfer_id, version = clean(view.get("id")), about.get("transfer"), about.get("version")
    if not view_id or not _is_number(transfer_id) or not _is_number(version):
        return None
    click = Click(
        key=delivery_key("view", visitor.person, view_id),
        person=visitor.person,
        transfer_id=transfer_id,
        version=version,
        channel=clean(about.get("channel")),
        message_ts=clean(about.get("card")),
    )
    fields = mapping(mapping(view.get("state")).get("values"))
    reason = mapping(mapping(fields.get("reason")).get("text")).get("value")
    return Resolution(click, decision, clean(reason, REASON_MAX), clean(about.get("evidence"), DIGEST_MAX))


def _is_number(value: object) -> TypeGuard[int]:
    """Tell whether something can be a row's id or a version; a larger number would not fit the journal."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= ROW_ID_MAX
