"""Text → Command: what a person typed after `/transfer`, read tolerantly in form and strictly about money.

    AMOUNT CURRENCY [from] ACCOUNT (to | ->) ACCOUNT
    help | ?            show T12            cancel T12            history

Slack escapes and auto-links, phones curl quotes and lengthen dashes; all that is undone first (`bot.text`). After
it every word must be accounted for: what is left over, ambiguous or surprising is refused with one line that says
what was understood and shows a corrected example. Nothing is guessed, least of all an amount or a direction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from bot.accounts import (
    Route,
    Venue,
    check_route,
    for_people,
    label,
    near_miss,
    parse_account,
    parse_currency,
    plain,
    quoted,
)
from bot.amounts import Misread, read_amount
from bot.errors import GrammarError
from bot.examples import EXAMPLE_AMOUNT, route_meant, transfer_text, usual
from bot.text import ascii_words


@dataclass(frozen=True)
class TransferIntent:
    """Move `amount` of `currency` (upper case) along `route`. Nobody has allowed it yet."""

    route: Route
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Show:
    """Show the transfer people call `T<id>`."""

    id: int


@dataclass(frozen=True)
class Cancel:
    """Cancel the transfer people call `T<id>`."""

    id: int


@dataclass(frozen=True)
class History:
    """List the latest transfers."""


@dataclass(frozen=True)
class Help:
    """Say what can be typed."""


Command = TransferIntent | Show | Cancel | History | Help


def parse(text: str, venues: Mapping[str, Venue]) -> Command:
    """Read one command as Slack delivers it (escaped, auto-linked). Empty text is `Help`.

    Raises:
        GrammarError: for anything else than exactly one command; one line, with a corrected example.
    """
    try:
        words = ascii_words(text)
    except GrammarError as refusal:
        raise GrammarError(f"{refusal} A transfer looks like `{usual(venues, text)}`.") from None
    if not words:
        return Help()
    if words[0] in _VERBS:
        return _verb(words)
    if _AMOUNT_LIKE.match(words[0]):
        return _transfer(words, venues)
    raise GrammarError(_no_command(words, venues))


def typed(intent: TransferIntent, venue: Venue | None) -> str:
    """Write a transfer as a person types it, sub-accounts by alias; `parse` reads it back as the same intent."""
    return transfer_text(plain(intent.amount), intent.currency, intent.route, venue)


_VERBS = ("help", "?", "show", "cancel", "history")
_TRANSFER_ID = re.compile(r"t?([1-9][0-9]{0,17})")
_NEARLY_FROM = frozenset({"form", "fron", "frm", "fom", "fro", "rfom", "frmo", "ffrom", "fromm"})
_AMOUNT_LIKE = re.compile(r"(?!->)[0-9+\-.,$]|(?:nan|inf|infinity)$")
# What is left of an amount written with spaces: `5 000`, `5 000usdt`, `1 250,50usdt`, `250 k`.
# Without it 5000 USDT could be read as 5 of a currency called 000USDT.
_REST_OF_AMOUNT = re.compile(
    r"[0-9.,]+|[0-9.,]*[kmb]|[0-9]*[.,][0-9.,]*[a-z]+|0[0-9]+[a-z]+|[0-9]{3}[a-z]+|[0-9]+usd[tc]"
)


def _verb(words: list[str]) -> Command:
    """Read a command that is no transfer, from words that start with a verb."""
    match words:
        case ["help" | "?"]:
            return Help()
        case ["history"]:
            return History()
        case ["show", *rest]:
            return Show(_transfer_id("show", rest))
        case ["cancel", *rest]:
            return Cancel(_transfer_id("cancel", rest))
    raise GrammarError(f"`{words[0]}` stands alone; left over: {quoted(' '.join(words[1:]))}. Try `{words[0]}`.")


def _transfer_id(verb: str, rest: list[str]) -> int:
    """Read the one id after `show` or `cancel`: `T12`, `t12` or `12`."""
    number = _TRANSFER_ID.fullmatch(rest[0]) if rest else None
    if not number:
        what = f"{quoted(rest[0])} is not a transfer" if rest else "The transfer is missing"
        raise GrammarError(f"`{verb}` takes the id of one transfer. {what}. Try `{verb} T12`.")
    if len(rest) > 1:
        extra = quoted(" ".join(rest[1:]))
        raise GrammarError(f"Understood `{verb} T{number[1]}`; left over: {extra}. Try `{verb} T{number[1]}`.")
    return int(number[1])


def _transfer(words: list[str], venues: Mapping[str, Venue]) -> TransferIntent:
    """Read a transfer from words that start with something like an amount."""
    figure, rest = _split_off_amount(words)
    amount = read_amount(figure)
    if isinstance(amount, Misread) and amount.currency:
        rest = [amount.currency, *rest]
    missing = _currency_is_missing(rest)
    sides = rest if missing else rest[1:]
    # Understood piece by piece, so that a refusal can say how far it went.
    understood = "" if isinstance(amount, Misread) else for_people(amount)
    currency, route, refusal = "USDT", None, ""
    try:
        if missing:
            hint = " Did you mean `from`?" if rest and rest[0] in _NEARLY_FROM else ""
            raise GrammarError(f"The currency is missing; it follows the amount.{hint}")
        currency = parse_currency(rest[0])
        understood += f" {currency}"
        source_text, destination_text = _sides(sides)
        source = parse_account(source_text, venues)
        understood += f" from `{label(source, venues[source.exchange])}`"
        destination = parse_account(destination_text, venues)
        understood += f" to `{label(destination, venues[destination.exchange])}`"
        route = check_route(source, destination, venues)
    except GrammarError as fault:
        refusal = str(fault)
    meant = route or route_meant(sides, venues)
    if meant:
        amount = read_amount(figure, venues[meant.exchange], currency)
    if route and isinstance(amount, Decimal):
        return TransferIntent(route, currency, amount)
    advice = (
        _advice(amount, currency, meant, venues[meant.exchange], alone=not refusal)
        if meant
        else f"A transfer looks like `{usual(venues, ' '.join(sides))}`."
    )
    told = [
        f"Understood {understood.strip()}." if understood else "",
        amount.wrong if isinstance(amount, Misread) else "",
        refusal,
        advice,
    ]
    raise GrammarError(" ".join(sentence for sentence in told if sentence))


def _split_off_amount(words: list[str]) -> tuple[str, list[str]]:
    """Return what was written as the amount, spaces and all, and the words after it."""
    end = 1
    while end < len(words) and _REST_OF_AMOUNT.fullmatch(words[end]):
        end += 1
    return " ".join(words[:end]), words[end:]


def _advice(amount: Decimal | Misread, currency: str, route: Route, venue: Venue, *, alone: bool) -> str:
    """Offer every way the amount may have been meant as a whole command; `alone` if nothing else is wrong."""
    numbers = amount.readings if isinstance(amount, Misread) else (plain(amount),)
    if not numbers:
        return f"For example `{transfer_text(EXAMPLE_AMOUNT, currency, route, venue)}`."
    commands = " or ".join(f"`{transfer_text(number, currency, route, venue)}`" for number in numbers)
    return f"Did you mean {commands}?" if alone and len(numbers) > 1 else f"Try {commands}."


def _currency_is_missing(words: list[str]) -> bool:
    """Tell whether the words after the amount go straight on to the accounts. FORM is a coin, too, and a typo."""
    if not words or words[0] in {"from", "to", "->"} or ":" in words[0]:
        return True
    return words[0] in _NEARLY_FROM and words[1:2] != ["from"]


def _sides(words: list[str]) -> tuple[str, str]:
    """Return the two addresses of `[from] A (to | ->) B`, or say why the words are not that."""
    match words[1:] if words[:1] == ["from"] else words:
        case [source, "to" | "->", destination]:
            return source, destination
        case [_, "to" | "->", _, *extra]:
            wrong = f"Left over: {quoted(' '.join(extra))}."
        case ["to", _, "from", _]:
            wrong = "The source comes first."
        case [_, "<-", _]:
            wrong = "An arrow points to the right, from source to destination."
        case [_, ">", _]:
            wrong = "A lone `>` is no arrow; write `->` or `to`."
        case [first, *_] if first in _NEARLY_FROM:
            wrong = f"{quoted(first)} is no word of a transfer. Did you mean `from`?"
        case [_, word, _]:
            wrong = f"Between the accounts stands {quoted(word)} instead of `to` or `->`.{near_miss(word, ['to'])}"
        case [] | [_] | ["to" | "->", _] | [_, "to" | "->"]:
            wrong = "A transfer needs the account money leaves and the account it goes to."
        case [_, _]:
            wrong = "`to` or `->` is missing between two accounts."
        case rest:
            wrong = f"{quoted(' '.join(rest))} is not two accounts with `to` or `->` between them."
    raise GrammarError(wrong)


def _no_command(words: list[str], venues: Mapping[str, Venue]) -> str:
    """Say that a text starts with neither an amount nor a verb, and how it may have been meant."""
    if number := _TRANSFER_ID.fullmatch(words[0]):
        return f"{quoted(words[0])} alone does not say what to do. Try `show T{number[1]}` or `cancel T{number[1]}`."
    start = f"{quoted(words[0])} is no command; a transfer starts with the amount."
    if len(words) > 2 and _AMOUNT_LIKE.match(words[1]):
        # `usdt 250 from …` or `send 250 usdt from …`
        figure, rest = _split_off_amount(words[1:])
        meant = [*figure.split(), words[0], *rest] if _currency_is_missing(rest) else words[1:]
        try:
            intent = _transfer(meant, venues)
        except GrammarError as refusal:
            return f"{start} {refusal}"
        return f"{start} Try `{typed(intent, venues[intent.route.exchange])}`."
    if close := get_close_matches(words[0], _VERBS, n=1):
        return f"{quoted(words[0])} is no command. Did you mean `{close[0]}`? {_verb_example([close[0], *words[1:]])}"
    return f"{start} For example `{usual(venues, ' '.join(words))}`, or `help`."


def _verb_example(words: list[str]) -> str:
    """Return the advice for a line whose verb was mended: to type it so, or what else is wrong with it."""
    try:
        command = _verb(words)
    except GrammarError as refusal:
        return str(refusal)
    return f"Try `{words[0]} T{command.id}`." if isinstance(command, Show | Cancel) else f"Try `{words[0]}`."
