"""Buttons and the form behind them: check, parse, call one use case, ack. Answers follow as tasks of their own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Config
from bot.desk import Click, Decision, Desk, Resolution
from bot.desk.resolving import REASON_MAX
from handlers import cards
from handlers.guard import BEGIN_WITHIN_S, Visitor, clean, click_visitor, read_click
from handlers.replies import Replies

log = logging.getLogger(__name__)

RESOLVE = {
    "transfer_resolve_executed": Decision.EXECUTED,
    "transfer_resolve_not_executed": Decision.NOT_EXECUTED,
}

# Buttons of cards this desk no longer draws, or does not draw yet. Unanswered they would show a warning triangle.
RETIRED = ("transfer_approve", "transfer_deny")

Listener = Callable[[AsyncAck, dict[str, Any], AsyncBoltContext], Awaitable[None]]
UseCase = Callable[[Click, float], Future[str]]


class Buttons:
    """The listeners of every button on a card, and of the form that settles an unknown."""

    def __init__(self, config: Config, desk: Desk, client: AsyncWebClient, replies: Replies) -> None:
        self._config = config
        self._desk = desk
        self._client = client
        self._replies = replies
        self._tasks: set[asyncio.Task[None]] = set()

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        app.action("transfer_confirm")(self._button(self._desk.confirm))
        app.action("transfer_cancel")(self._button(self._desk.cancel_by_button))
        for action in RESOLVE:
            app.action(action)(self.ask_for_reason)
        app.view("transfer_resolve")(self.resolve)
        for action in RETIRED:
            app.action(action)(self.retired)

    def _button(self, use_case: UseCase) -> Listener:
        # Bolt looks at the parameter names to decide what to pass, so each listener spells them out.
        async def listener(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            click = await self._click(body)
            if isinstance(click, str):
                answer = click
            else:
                done = await asyncio.wrap_future(use_case(click, context["received_at"] + BEGIN_WITHIN_S))
                answer = cards.escape(done)
            await ack()
            self._tell(body, answer)

        return listener

    async def _click(self, body: dict[str, Any]) -> Click | str:
        """Read and judge a click. One that does not count is recorded, and its answer returned, ready for Slack."""
        visitor = click_visitor(self._config, body)
        click = read_click(visitor, body)
        if visitor.refusal is None and click is not None:
            return click
        why = visitor.refusal or "This button belongs to no card of this desk. Nothing changed."
        await self._turn_away(visitor, body, why)
        return why

    async def _turn_away(self, visitor: Visitor, body: dict[str, Any], why: str) -> None:
        actions = body.get("actions") or [{}]
        attempt = f"{clean(actions[0].get('action_id'), 100)} {clean(actions[0].get('value'), 100)}"
        await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, attempt, why))

    async def ask_for_reason(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Open the form that settles an unknown, for those who may."""
        click = await self._click(body)
        if isinstance(click, str):
            problem: str | None = click
        else:
            not_after = context["received_at"] + BEGIN_WITHIN_S
            found = await asyncio.wrap_future(self._desk.may_resolve(click, not_after))
            problem = cards.escape(found) if found else None
        await ack()
        if problem is not None or isinstance(click, str):
            self._tell(body, problem or "")
            return
        decision = RESOLVE[body["actions"][0]["action_id"]]
        about = {
            "transfer": click.transfer_id,
            "version": click.version,
            "channel": click.channel,
            "card": click.message_ts,
            "decision": decision.value,
        }
        form = cards.resolve_form(click.transfer_id, decision.value, json.dumps(about), REASON_MAX)
        self._start(self._open(body["trigger_id"], form))

    async def _open(self, trigger_id: str, form: cards.Message) -> None:
        await self._client.views_open(trigger_id=trigger_id, view=form)

    async def resolve(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Take the form's reason and count the decision. Everything it claims is checked again by the desk."""
        visitor = click_visitor(self._config, body)
        reason = clean(body["view"]["state"]["values"].get("reason", {}).get("text", {}).get("value"), REASON_MAX)
        resolution = _resolution(visitor, body, reason)
        if visitor.refusal is not None or resolution is None:
            answer = visitor.refusal or "This form belongs to no card of this desk. Nothing changed."
            await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, "settle form", answer))
        elif not reason.strip():
            await ack(response_action="errors", errors={"reason": "Please say what you saw, for the record."})
            return
        else:
            not_after = context["received_at"] + BEGIN_WITHIN_S
            answer = cards.escape(await asyncio.wrap_future(self._desk.resolve(resolution, not_after)))
        await ack()
        if resolution is not None:
            self._start(self._whisper(resolution.click.channel, visitor.person.user, answer))

    async def _whisper(self, channel: str, user: str, text: str) -> None:
        await self._client.chat_postEphemeral(channel=channel, user=user, text=text)

    async def retired(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Answer a button that no card carries."""
        await ack()
        self._tell(
            body, "This card is outdated and its buttons do nothing any more. `/transfer history` shows the rest."
        )

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


def _resolution(visitor: Visitor, body: dict[str, Any], reason: str) -> Resolution | None:
    """Read the form's claim. It is a claim only: the desk looks at the card, the version and the person again."""
    try:
        about = json.loads(body["view"]["private_metadata"])
        click = Click(
            key=f"view:{clean(body['view']['id'])}",
            person=visitor.person,
            transfer_id=int(about["transfer"]),
            version=int(about["version"]),
            channel=str(about["channel"]),
            message_ts=str(about["card"]),
        )
        return Resolution(click, Decision(about["decision"]), reason)
    except (KeyError, TypeError, ValueError):
        return None
