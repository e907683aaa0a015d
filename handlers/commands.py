"""/transfer and its sub-commands: check, parse, call one use case, ack. The answer travels in the ack."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.accounts import label, plain
from bot.config import Config
from bot.desk import Ask, Desk
from bot.errors import GrammarError, JournalError
from bot.grammar import Cancel, Command, Help, History, Show, TransferIntent, parse
from bot.policy import Request, Rule, decide
from handlers import cards
from handlers.guard import BEGIN_WITHIN_S, NO_JOURNAL, Visitor, clean, command_visitor, delivery_key
from handlers.replies import Replies

# Longer texts are refused by the grammar; this only bounds what is looked at.
TEXT_MAX = 2000

EXAMPLES_MAX = 6
USUAL_AMOUNT = Decimal(250)  # of USDT, in an example

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Typed:
    """One slash command as it came in. `trigger` is Slack's id of it, empty when Slack sent none."""

    visitor: Visitor
    text: str
    trigger: str
    not_after: float

    @property
    def key(self) -> str:
        """What names this delivery."""
        return delivery_key("command", self.visitor.person, self.trigger)


class Commands:
    """The listeners of `/transfer`."""

    def __init__(self, config: Config, desk: Desk, replies: Replies) -> None:
        self._config = config
        self._desk = desk
        self._replies = replies

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
            answer = _private(NO_JOURNAL)
        await ack(**answer)

    async def _answer(self, typed: Typed) -> Answer:
        visitor = typed.visitor
        if visitor.refusal is not None and _asks_for_help(typed.text, self._config):
            return _private(
                f"Transferdesk moves money between exchange accounts, for people it knows. {visitor.refusal}"
            )
        if visitor.refusal is not None:
            attempt = f"/transfer {typed.text}"
            await asyncio.wrap_future(
                self._desk.turn_away(visitor.person, visitor.channel, attempt, visitor.refusal, typed.key)
            )
            return _private(visitor.refusal)
        if not typed.trigger:
            # Without it a repeated delivery could not be told from a second command.
            return _private("Slack sent this command without its id, so nothing was done; please type it again.")
        try:
            command = parse(typed.text, self._config.venues)
        except GrammarError as error:
            return _private(cards.escape(str(error)))
        return await self._obey(command, typed)

    async def _obey(self, command: Command, typed: Typed) -> Answer:
        person = typed.visitor.person
        match command:
            case TransferIntent():
                ask = Ask(typed.key, person, typed.visitor.channel, typed.text, command)
                answer = await asyncio.wrap_future(self._desk.propose(ask, typed.not_after))
                return _private(cards.escape(answer))
            case Cancel(transfer_id):
                cancelled = self._desk.cancel_by_command(typed.key, person, transfer_id, typed.not_after)
                return _private(cards.escape(await asyncio.wrap_future(cancelled)))
            case Show(transfer_id):
                found = await asyncio.wrap_future(self._desk.show(person, transfer_id))
                return _private(found) if isinstance(found, str) else _private(**cards.card(found, buttons=False))
            case History():
                views = await asyncio.wrap_future(self._desk.history(person))
                lines = [cards.line(view) for view in views] or ["No transfers yet."]
                return _private("\n".join(lines))
            case Help():
                return _private(help_text(self._config, person.user))


def _asks_for_help(text: str, config: Config) -> bool:
    try:
        return isinstance(parse(text, config.venues), Help)
    except GrammarError:
        return False


def _private(text: str, blocks: list[cards.Block] | None = None) -> Answer:
    answer: dict[str, Any] = {"text": text, "response_type": "ephemeral"}
    return answer | ({"blocks": blocks} if blocks else {})


def help_text(config: Config, user: str) -> str:
    """Say what this person can do, with examples their own rules allow."""
    rules = [rule for rule in config.rules if user in rule.who]
    examples = dict.fromkeys(example for rule in rules for example in _examples(config, rule, user))
    lines = [
        "Move money between accounts of one exchange. Nothing leaves before you press Confirm on the card.",
        *[f"• `/transfer {example}`" for example in list(examples)[:EXAMPLES_MAX]],
    ]
    if not examples:
        lines.append("No rule lets you move money; you can look.")
    if user in config.admins:
        lines.append("• As an admin you settle other people's transfers whose answer was lost, on their cards")
    lines += [
        "• `/transfer show T12` and `/transfer history` look, `/transfer cancel T12` takes your own back",
        "Write amounts in full: `1250.50` or `1,250.50`.",
    ]
    return cards.escape("\n".join(lines))


def _examples(config: Config, rule: Rule, user: str) -> Iterator[str]:
    """Yield a transfer for each route of a rule that the grammar reads and the policy allows, hubs first."""
    currency = "USDT" if "USDT" in rule.currencies else min(rule.currencies)
    usual = USUAL_AMOUNT if currency == "USDT" else Decimal(1)
    amount = plain(min(usual, rule.per_transfer.get(currency, usual)))
    for source in sorted(rule.sources, key=lambda account: (account != config.venues[account.exchange].hub, account)):
        venue = config.venues[source.exchange]
        for destination in sorted(rule.destinations):
            text = f"{amount} {currency.lower()} {label(source, venue)} -> {label(destination, venue)}"
            if _is_allowed(config, user, text):
                yield text


def _is_allowed(config: Config, user: str, text: str) -> bool:
    try:
        intent = parse(text, config.venues)
    except GrammarError:
        return False
    if not isinstance(intent, TransferIntent):
        return False
    return decide(Request(user, intent.route, intent.currency, intent.amount), config.rules).allowed
