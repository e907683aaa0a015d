"""Amounts that are a share: what `half usdt` comes to is read first, then proposed as that figure, or refused.

The wish is on disk before it is acknowledged. The reading that began after it decides, in one transaction with what
becomes of it; whatever stands against it is told to that person alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from bot import words
from bot.accounts import WHOLE_DIGITS_MAX, for_people, is_readable, label, steps
from bot.amounts import Share
from bot.commands import ShareIntent, typed
from bot.desk.freezing import frozen_in_words
from bot.desk.house import Ask, House, Person, Refusal, tell
from bot.desk.refusing import turn_away
from bot.desk.requests import propose_now
from bot.journal import Holding, Transaction, Wish
from bot.policy import Request, decide

# Money moves meanwhile: who asked longer ago than this has something else in mind by now.
GRANTED_WITHIN = timedelta(seconds=60)
WAITING_MAX = 5  # of one person


@dataclass(frozen=True)
class ShareAsk:
    """A typed transfer of a share. `key` names the delivery; the same key twice is the same wish."""

    key: str
    person: Person
    channel: str
    text: str
    intent: ShareIntent


def wish(tx: Transaction, house: House, ask: ShareAsk) -> str | Refusal:
    """Note that somebody wants a share moved, and have read what is there. Returns the private answer."""
    return tx.once(ask.key, lambda: _wish(tx, house, ask))


def _wish(tx: Transaction, house: House, ask: ShareAsk) -> str | Refusal:
    intent = ask.intent
    source = intent.route.source
    name = _name(house, ask.intent)
    refused = _forbidden(tx, house, ask)
    if refused is not None:
        turn_away(tx, ask.person, ask.channel, ask.text, refused)
        return Refusal(words.NOTHING_HAPPENED.format(why=refused))
    if not is_readable(source):
        return Refusal(words.SHARE_HIDDEN.format(account=name))
    if tx.wishes.count_of(ask.person.user) >= WAITING_MAX:
        return Refusal(words.SHARES_WAIT.format(count=WAITING_MAX))
    tx.wishes.add(
        Wish(
            0,
            ask.person.team,
            ask.person.user,
            ask.channel,
            ask.text,
            intent.route,
            intent.currency,
            intent.share.percent,
            intent.reason,
            tx.now,
        )
    )
    tx.balances.want(source, intent.currency)
    return words.READING_SHARE.format(account=name)


def _forbidden(tx: Transaction, house: House, ask: ShareAsk) -> str | None:
    """Say why no amount would be allowed. Whom no rule lets move money out of an account is not told what is there."""
    config, intent = house.config, ask.intent
    if not config.is_listed(ask.person.team, ask.person.user):
        return words.NOT_LISTED
    for step in steps(intent.route, config.venues[intent.route.exchange]):
        request = Request(ask.person.user, step, intent.currency, Decimal(0), intent.reason)
        verdict = decide(request, config.rules, tx.now, ())
        if not verdict.allowed:
            return " ".join(verdict.reasons)
    frozen = tx.freezes.of(intent.route.exchange)
    return frozen_in_words(house, frozen) if frozen is not None else None


def grant(tx: Transaction, house: House, holding: Holding, waiting: list[Wish]) -> None:
    """Decide the wishes a reading answers: those it began after, and those a clock that went back left behind."""
    for one in waiting:
        if one.at <= holding.at or one.at > tx.now:
            tx.wishes.remove(one)
            _grant(tx, house, one, holding)


def review(tx: Transaction, house: House) -> None:
    """At a start: refuse what waited too long, and what this desk can no longer read."""
    for one in tx.wishes.all():
        if one.route.exchange not in house.config.venues:
            tx.wishes.remove(one)
            _refuse(tx, house, one, words.EXCHANGE_GONE.format(exchange=one.route.exchange))
        elif not _is_fresh(tx, one):
            tx.wishes.remove(one)
            _refuse(tx, house, one, words.WAS_DOWN)


def _is_fresh(tx: Transaction, one: Wish) -> bool:
    # One from the future is from before the clock went back.
    return timedelta(0) <= tx.now - one.at <= GRANTED_WITHIN


def _grant(tx: Transaction, house: House, one: Wish, holding: Holding) -> None:
    amount = _figure(tx, house, one, holding)
    if isinstance(amount, Decimal):
        intent = _intent(one).resolved(amount)
        ask = Ask("", Person(one.team, one.person), one.channel, one.text, intent, available=holding.available)
        answer = propose_now(tx, house, ask)
        if not isinstance(answer, Refusal):
            return  # the card is the answer
        amount = answer
    _refuse(tx, house, one, amount)


def _figure(tx: Transaction, house: House, one: Wish, holding: Holding) -> Decimal | str:
    """Return what a share comes to, or why it comes to nothing."""
    share, there = Share(one.percent), holding.available
    name = _name(house, _intent(one))
    if one.channel not in house.config.channels:
        return words.CHANNEL_GONE
    if not _is_fresh(tx, one):
        return words.READ_TOO_LATE
    if there is None:
        return words.NOT_READ.format(account=name, problem=holding.problem)
    amount = share.of(there, house.config.venues[one.route.exchange].decimals_max(one.currency))
    available = f"{for_people(there)} {one.currency}"
    if amount <= 0:
        return words.SHARE_OF_NOTHING.format(account=name, available=available, share=share)
    if amount >= 10**WHOLE_DIGITS_MAX:
        return words.SHARE_OF_TOO_MUCH.format(account=name, available=available, share=share)
    return amount


def _refuse(tx: Transaction, house: House, one: Wish, why: str) -> None:
    asked = typed(replace(_intent(one), reason=""), house.config.venues.get(one.route.exchange))
    tell(tx, Person(one.team, one.person), one.channel, words.NOT_PROPOSED.format(asked=asked, why=why))


def _intent(one: Wish) -> ShareIntent:
    return ShareIntent(one.route, one.currency, Share(one.percent), one.reason)


def _name(house: House, intent: ShareIntent) -> str:
    source = intent.route.source
    return label(source, house.config.venues.get(source.exchange))
