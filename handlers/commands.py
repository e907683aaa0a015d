"""/transfer and its sub-commands: check, parse, call one use case, ack. The answer travels in the ack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot import words
from bot.config import Config
from bot.desk import Ask, Desk, Question, Repeat, ShareAsk
from bot.errors import GrammarError, JournalError
from bot.filters import Filter
from bot.grammar import (
    Again,
    Balances,
    Cancel,
    Command,
    Export,
    Form,
    Freeze,
    Help,
    History,
    Limits,
    Mine,
    Report,
    ShareIntent,
    Show,
    TransferIntent,
    Unfreeze,
    Why,
    parse,
)
from bot.policy.explained import LIMITS_MAX, limits_explained, steps_explained
from handlers import cards
from handlers.balances import BalanceAnswers
from handlers.exports import Exports
from handlers.form import Forms
from handlers.guard import BEGIN_WITHIN_S, Visitor, clean, command_visitor, delivery_key
from handlers.helping import help_text
from handlers.lists import Lists
from handlers.markup import escape
from handlers.replies import Replies
from handlers.reports import Reports
from handlers.tasks import Tasks

# Longer texts are refused by the grammar; this only bounds what is looked at.
TEXT_MAX = 2000

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Typed:
    """One slash command as it came in.

    Attributes:
        trigger: Slack's id of it, empty when Slack sent none.
        promised: what the answer says will follow; each is given where it can still be answered privately.
    """

    visitor: Visitor
    text: str
    trigger: str
    not_after: float
    promised: list[Callable[[str], Coroutine[Any, Any, None]]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What names this delivery."""
        return delivery_key("command", self.visitor.person, self.trigger)


class Commands:
    """The listeners of `/transfer`."""

    def __init__(
        self, desk: Desk, replies: Replies, lists: Lists, exports: Exports, reports: Reports, forms: Forms
    ) -> None:
        self._desk = desk
        self._replies = replies
        self._lists = lists
        self._exports = exports
        self._reports = reports
        self._tasks = Tasks()
        self._balances = BalanceAnswers(desk, replies)
        self._forms = forms

    @property
    def _config(self) -> Config:
        """The one in force: another may be loaded at any time."""
        return self._desk.house.config

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        app.command("/transfer")(self.transfer)

    async def transfer(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Handle one `/transfer …`. Nothing is done between the commit and the ack."""
        visitor = command_visitor(self._config, body)
        typed = Typed(
            visitor=visitor,
            text=clean(body.get("text"), TEXT_MAX),
            trigger=clean(body.get("trigger_id")),
            not_after=context["received_at"] + BEGIN_WITHIN_S,
        )
        self._replies.keep(visitor.person.user, visitor.channel, clean(body.get("response_url")))
        try:
            answer = await self._answer(typed)
        except JournalError:
            answer = _private(words.NO_JOURNAL)
        await ack(**answer)
        for promise in typed.promised:
            self._tasks.start(promise(clean(body.get("response_url"))))

    async def _answer(self, typed: Typed) -> Answer:
        visitor = typed.visitor
        if visitor.refusal is not None and _asks_for_help(typed.text, self._config):
            return _private(words.HELP_STRANGER.format(why=visitor.refusal))
        if visitor.refusal is not None:
            attempt = words.TRIED_COMMAND.format(typed=typed.text)
            await asyncio.wrap_future(
                self._desk.turn_away(visitor.person, visitor.channel, attempt, visitor.refusal, typed.key)
            )
            return _private(visitor.refusal)
        if not typed.trigger:
            # Without it a repeated delivery could not be told from a second command.
            return _private(words.NO_COMMAND_ID)
        try:
            command = parse(typed.text, self._config.venues)
        except GrammarError as error:
            return _private(escape(str(error)))
        return await self._obey(command, typed)

    async def _obey(self, command: Command, typed: Typed) -> Answer:
        person = typed.visitor.person
        match command:
            case TransferIntent():
                ask = Ask(typed.key, person, typed.visitor.channel, typed.text, command)
                answer = await asyncio.wrap_future(self._desk.propose(ask, typed.not_after))
                return _private(escape(answer))
            case Cancel(transfer_id):
                cancelled = self._desk.cancel_by_command(typed.key, person, transfer_id, typed.not_after)
                return _private(escape(await asyncio.wrap_future(cancelled)))
            case Show(transfer_id):
                found = await asyncio.wrap_future(self._desk.show(person, transfer_id))
                return _private(found) if isinstance(found, str) else _private(**cards.card(found, buttons=False))
            case Again(transfer_id):
                repeat = Repeat(typed.key, person, typed.visitor.channel, typed.text, transfer_id)
                again = self._desk.again(repeat, typed.not_after)
                return _private(escape(await asyncio.wrap_future(again)))
            case History(filter):
                return _private(**await self._lists.answer(person, filter))
            case Mine():
                return _private(**await self._lists.answer(person, Filter(person=person.user)))
            case Export(filter):
                return await self._export(typed, filter)
            case Why(intent, as_person):
                question = await asyncio.wrap_future(self._desk.why(person, intent, as_person))
                return _private(escape(await asyncio.to_thread(_answered, question)))
            case Limits():
                asked = await asyncio.wrap_future(self._desk.limits(person))
                left = await asyncio.to_thread(asked.answer, LIMITS_MAX)
                return _private(escape("\n".join(limits_explained(left)) or words.NO_RULES))
            case Freeze(exchange, reason):
                frozen = self._desk.freeze(typed.key, person, exchange, reason, typed.not_after)
                return _public(escape(await asyncio.wrap_future(frozen)))
            case Unfreeze(exchange):
                thawed = self._desk.unfreeze(typed.key, person, exchange, typed.not_after)
                answer, lifted = await asyncio.wrap_future(thawed)
                return (_public if lifted else _private)(escape(answer))
            case Form():
                why_not = self._forms.open(person, typed.visitor.channel, typed.trigger)
                return _private(why_not) if why_not else {}
            case Help():
                return _private(help_text(self._config, person.user))
            case ShareIntent():
                wanted = ShareAsk(typed.key, person, typed.visitor.channel, typed.text, command)
                answer = await asyncio.wrap_future(self._desk.wish(wanted, typed.not_after))
                return _private(escape(answer))
            case Balances(exchange):
                inquiry = await asyncio.wrap_future(self._desk.ask_balances(person, exchange, typed.not_after))
                if isinstance(inquiry, str):
                    return _private(escape(inquiry))
                typed.promised.append(partial(self._balances.follow, inquiry))
                return _private(words.READING_ACCOUNTS)
            case Report(days):
                if await asyncio.wrap_future(self._desk.ask_for_report(typed.key, typed.not_after)):
                    typed.promised.append(partial(self._reports.post, typed.visitor, days))
                return _private(words.REPORT_COMES)

    async def _export(self, typed: Typed, wanted: Filter) -> Answer:
        person = typed.visitor.person
        asked = self._desk.ask_for_export(typed.key, person, typed.visitor.channel, typed.text, wanted, typed.not_after)
        answer = await asyncio.wrap_future(asked)
        if isinstance(answer, str):
            return _private(escape(answer))
        typed.promised.append(partial(self._exports.hand_out, answer, person.user))
        return _private(words.FILE_FOLLOWS)


def _answered(question: Question | str) -> str:
    if isinstance(question, str):
        return question
    venue = question.config.venues.get(question.intent.route.exchange)
    told = steps_explained(question.answer(), venue)
    return "\n".join([*told, words.BUT_FROZEN.format(frozen=question.frozen)] if question.frozen else told)


def _public(text: str) -> Answer:
    return {"text": text, "response_type": "in_channel"}


def _asks_for_help(text: str, config: Config) -> bool:
    try:
        return isinstance(parse(text, config.venues), Help)
    except GrammarError:
        return False


def _private(text: str, blocks: list[cards.Block] | None = None) -> Answer:
    answer: dict[str, Any] = {"text": text, "response_type": "ephemeral"}
    return answer | ({"blocks": blocks} if blocks else {})
