"""What a form says when it comes back: any texts at all, until they are found to be a transfer. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from bot import words
from bot.accounts import Venue
from bot.amounts import Misread, Share, read_amount, read_share
from bot.choices import Choices, Draft
from bot.commands import ShareIntent, TransferIntent
from bot.errors import GrammarError, UserError
from bot.text import ascii_words, delivered, free_text
from handlers.form_view import AMOUNT, CHANNEL, CHOICE, REASON, TEXT
from handlers.guard import clean, mapping

_VALUE_MAX = 150  # of an option
_METADATA_MAX = 3000
_CALLED = {
    "exchange": words.THE_EXCHANGE,
    "source": words.THE_SOURCE,
    "destination": words.THE_DESTINATION,
    "margin": words.THE_MARGIN_ACCOUNT,
    "currency": words.THE_CURRENCY,
}


class Misfilled(UserError):
    """A field of a form cannot be used. The text stands beside that field; nothing changes."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.field = name


@dataclass(frozen=True)
class Entry:
    """What a form says.

    Attributes:
        channel: the one picked in the form; empty where it asks for none.
        places: the block id of each field that is there.
    """

    draft: Draft
    amount: str
    reason: str
    channel: str
    places: Mapping[str, str]


def read(view: Mapping[str, Any]) -> Entry:
    """Read the fields of a view; what is not there, or of another kind, is empty."""
    places, said = {}, {}
    for block_id, block in mapping(mapping(view.get("state")).get("values")).items():
        name = clean(block_id).partition("/")[0]
        places[name] = clean(block_id)
        picked = mapping(mapping(mapping(block).get(CHOICE)).get("selected_option"))
        said[name] = clean(picked.get("value"), _VALUE_MAX) or clean(mapping(mapping(block).get(TEXT)).get("value"))
    return Entry(
        draft=Draft(**{part.name: said.get(part.name, "") for part in fields(Draft)}),
        amount=said.get(AMOUNT, ""),
        reason=said.get(REASON, ""),
        channel=said.get(CHANNEL, ""),
        places=places,
    )


def carried_channel(view: Mapping[str, Any]) -> str | None:
    """Return the channel a form was opened in, empty where there was none; None: the form is not one of ours."""
    try:
        channel = mapping(json.loads(clean(view.get("private_metadata"), _METADATA_MAX))).get("channel")
    except (ValueError, RecursionError):
        return None
    return clean(channel) if isinstance(channel, str) else None


def intent(entry: Entry, choices: Choices, venues: Mapping[str, Venue]) -> TransferIntent | ShareIntent:
    """Return the transfer a form asks for, as the grammar would read it typed.

    Args:
        choices: what can be chosen by now, given the entry's draft.

    Raises:
        Misfilled: something is missing, or cannot be.
    """
    for part in fields(Draft):
        picked, standing = getattr(entry.draft, part.name), getattr(choices.chosen, part.name)
        # Nobody is asked about a margin account where there is only cross, or none.
        if part.name == "margin" and not picked and not choices.margins:
            continue
        # What was left to the desk because there was no choice must have been shown as well.
        if picked and picked != standing:
            raise Misfilled(part.name, words.CHOOSE_AGAIN.format(what=_CALLED[part.name]))
        if not picked:
            raise Misfilled(part.name, words.CHOOSE.format(what=_CALLED[part.name]))
    route, currency = choices.route, choices.chosen.currency
    if route is None:
        raise Misfilled("destination", words.CHOOSE.format(what=_CALLED["destination"]))
    amount, reason = _amount(entry.amount, venues[route.exchange], currency), _reason(entry.reason)
    if isinstance(amount, Share):
        return ShareIntent(route, currency, amount, reason)
    return TransferIntent(route, currency, amount, reason)


def _amount(text: str, venue: Venue, currency: str) -> Decimal | Share:
    try:
        figure = " ".join(ascii_words(text))
    except GrammarError as problem:
        raise Misfilled(AMOUNT, as_plain(str(problem))) from None
    if not figure:
        raise Misfilled(AMOUNT, words.AMOUNT_MISSING)
    amount = read_share(figure) or read_amount(figure, venue, currency)
    if isinstance(amount, Misread):
        meant = " or ".join(amount.readings)
        raise Misfilled(AMOUNT, as_plain(words.AMOUNT_ALONE.format(wrong=amount.wrong, example=meant or "250")))
    return amount


def _reason(text: str) -> str:
    if not text.strip():
        return ""
    try:
        # A form sends what was typed as it is; Slack escapes commands alone.
        return free_text(delivered(text))
    except GrammarError as problem:
        raise Misfilled(REASON, as_plain(str(problem))) from None


def as_plain(text: str) -> str:
    """Write an answer of the desk for where Slack shows no markup."""
    return re.sub(r"`([^`]*)`", r"“\1”", text)
