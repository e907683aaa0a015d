"""Text → Command: what a person typed after `/transfer`, read tolerantly in form and strictly about money.

    AMOUNT CURRENCY [from] ACCOUNT (to | ->) ACCOUNT
    help | ?            show T12            cancel T12            history

Slack escapes and auto-links, phones curl quotes and lengthen dashes; all that is undone first (`bot.text`). After
it every word must be accounted for: what is left over, ambiguous or surprising is refused with one line that says
what was understood and shows a corrected example. Nothing is guessed, least of all an amount or a direction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from difflib import get_close_matches

from bot.accounts import (
    DECIMALS_MAX,
    WHOLE_DIGITS_MAX,
    Account,
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
from bot.errors import GrammarError
from bot.text import ascii_words, foreign_character


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
        raise GrammarError(f"{refusal} A transfer looks like `{_usual(venues)}`.") from None
    match words:
        case [] | ["help" | "?"]:
            return Help()
        case ["history"]:
            return History()
        case ["help" | "?" | "history" as verb, *extra]:
            raise GrammarError(f"`{verb}` stands alone; left over: {quoted(' '.join(extra))}. Try `{verb}`.")
        case ["show", *rest]:
            return Show(_transfer_id("show", rest))
        case ["cancel", *rest]:
            return Cancel(_transfer_id("cancel", rest))
        case [first, *_] if _AMOUNT_LIKE.match(first):
            return _transfer(words, venues)
    raise GrammarError(_no_command(words, venues))


def typed(intent: TransferIntent, venue: Venue | None) -> str:
    """Write a transfer as a person types it, sub-accounts by alias; `parse` reads it back as the same intent."""
    source, destination = label(intent.route.source, venue), label(intent.route.destination, venue)
    return f"{plain(intent.amount)} {intent.currency.lower()} from {source} to {destination}"


# Amounts -------------------------------------------------------------------------------------------------------------

_AMOUNT = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
# One group without a decimal point could be a decimal comma; two groups, or a point after them, cannot.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})")
_AMOUNT_LIKE = re.compile(r"[0-9+\-.,$]|(?:nan|inf|infinity)$")

# Ways people write amounts that are no amounts here: what is wrong, and how it may have been meant. The first that
# matches speaks. Each reading is offered only when it is an amount itself.
_HABITS: tuple[tuple[str, str, Callable[[re.Match[str]], tuple[str, ...]]], ...] = (
    (r"-([0-9.,].*)", "is negative; to move money back, swap the accounts", lambda m: (m[1],)),
    (r"\+(.*)", "has a sign", lambda m: (m[1],)),
    (
        r"([0-9]{1,15}(?:\.[0-9]{1,8})?)e([+-]?[0-9]{1,2})",
        "has an exponent",
        lambda m: (plain(Decimal(m[1]).scaleb(int(m[2]))),),
    ),
    (
        r"([0-9]{1,15}(?:\.[0-9]{1,8})?)([kmb])",
        "is shortened",
        lambda m: (plain(Decimal(m[1]).scaleb({"k": 3, "m": 6, "b": 9}[m[2]])),),
    ),
    (r"[0-9.,]*\$[0-9.,]*", "has a currency sign", lambda m: (m[0].replace("$", ""),)),
    (r"([0-9.,]+)([a-z]{2,12})", "needs a space before the currency", lambda m: (f"{m[1]} {m[2]}",)),
    (r"[0-9.,]*_[0-9._,]*", "has an underscore", lambda m: (m[0].replace("_", ""),)),
    (r"\.[0-9]+", "starts with the decimal point", lambda m: (f"0{m[0]}",)),
    (r"([0-9,]+)\.", "ends with the decimal point", lambda m: (m[1],)),
    (r"0+([0-9].*)", "starts with a needless zero", lambda m: (m[1],)),
    (
        r"([0-9]+),([0-9]+)",
        "can be read in two ways",
        lambda m: ((m[1] + m[2]).lstrip("0"), f"{m[1]}.{m[2]}"),
    ),
    (
        r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+",
        "has a decimal comma",
        lambda m: (m[0].replace(".", "").replace(",", "."),),
    ),
    (r"[0-9]{1,3}(?:\.[0-9]{3}){2,}", "has several points", lambda m: (m[0].replace(".", ""),)),
    (r"[0-9]+(?:,[0-9]*)+(?:\.[0-9]+)?", "has commas in odd places", lambda m: (m[0].replace(",", ""),)),
)


def parse_amount(text: str, venue: Venue | None = None, currency: str | None = None) -> Decimal:
    """Read an amount: `250`, `0.5`, `1,250.50`, `1,250,000`; exactly the digits typed, above zero.

    With a venue and an upper-case currency its decimals are checked too; zeros at the end do not count there, so
    that `for_people` may write two of them for a currency that has none.

    Raises:
        GrammarError: anything else, with the way it may have been meant.
    """
    for char in text:
        if not char.isascii():
            raise GrammarError(foreign_character(char))
    if not _well_formed(text):
        raise GrammarError(_malformed(text.lower()))
    digits = text.replace(",", "")
    whole, _, decimals = digits.partition(".")
    if len(whole) > WHOLE_DIGITS_MAX:
        raise GrammarError(
            f"{quoted(text)} has {len(whole)} digits before the point; an amount has at most {WHOLE_DIGITS_MAX}, "
            "like `1250.50`."
        )
    if len(decimals) > DECIMALS_MAX:
        raise GrammarError(_too_fine(text, "an amount has", DECIMALS_MAX))
    amount = Decimal(digits)
    if not amount:
        raise GrammarError(f"{quoted(text)} moves nothing; an amount is above zero, like `250`.")
    if venue and currency and len(decimals.rstrip("0")) > venue.decimals_max(currency):
        raise GrammarError(_too_fine(text, f"{currency} on {venue.name} has", venue.decimals_max(currency)))
    return amount


def _well_formed(text: str) -> bool:
    return bool(_AMOUNT.fullmatch(text) or _GROUPED.fullmatch(text))


def _malformed(text: str) -> str:
    for pattern, wrong, readings in _HABITS:
        if habit := re.fullmatch(pattern, text):
            meant = [reading for reading in readings(habit) if _is_amount(reading.partition(" ")[0])]
            if meant:
                return f"{quoted(text)} {wrong}. Write {' or '.join(f'`{reading}`' for reading in meant)}."
            return f"{quoted(text)} {wrong}. An amount looks like `1250.50`."
    return f"{quoted(text)} is not an amount; write digits with a point before the decimals, like `1250.50`."


def _is_amount(text: str) -> bool:
    if not _well_formed(text):
        return False
    try:
        parse_amount(text)
    except GrammarError:
        return False
    return True


def _too_fine(text: str, who: str, decimals_max: int) -> str:
    whole, _, decimals = text.replace(",", "").partition(".")
    shorter = f"{whole}.{decimals[:decimals_max]}".rstrip(".")
    example = shorter if _is_amount(shorter) else plain(Decimal(1).scaleb(-decimals_max))
    return f"{quoted(text)} has {len(decimals)} decimals; {who} at most {decimals_max}, like `{example}`."


# Commands ------------------------------------------------------------------------------------------------------------

_VERBS = ("help", "show", "cancel", "history")
_TRANSFER_ID = re.compile(r"t?([1-9][0-9]{0,17})")
_NEARLY_FROM = frozenset({"form", "fron", "frm", "fom", "fro", "rfom", "frmo", "ffrom", "fromm"})
# What is left of an amount written with spaces: `5 000`, `5 000usdt`, `1 250,50`, `250 k`.
# Without it 5000 USDT could be read as 5 of a currency called 000USDT.
_REST_OF_AMOUNT = re.compile(r"[0-9.,]+|0[0-9]+[a-z]+|[0-9]{3}[a-z]+|[kmb]")


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
    amount = parse_amount(words[0])
    if len(words) > 1 and _REST_OF_AMOUNT.fullmatch(words[1]):
        whole = words[0] + words[1]
        parse_amount(whole)  # which may have more to say about it
        raise GrammarError(f"An amount is written without spaces; write `{whole}`.")
    understood, currency = for_people(amount), "USDT"
    missing = _currency_is_missing(words[1:])
    sides = words[1:] if missing else words[2:]
    try:
        if missing:
            hint = " Did you mean `from`?" if words[1:2] and words[1] in _NEARLY_FROM else ""
            raise GrammarError(f"The currency is missing; it follows the amount.{hint}")
        currency = parse_currency(words[1])
        understood += f" {currency}"
        source_text, destination_text = _sides(sides)
        source = parse_account(source_text, venues)
        understood += f" from `{label(source, venues[source.exchange])}`"
        destination = parse_account(destination_text, venues)
        understood += f" to `{label(destination, venues[destination.exchange])}`"
        route = check_route(source, destination, venues)
        return TransferIntent(route, currency, parse_amount(words[0], venues[route.exchange], currency))
    except GrammarError as refusal:
        example = _corrected(amount, currency, sides, venues)
        advice = f"Try `{example}`." if example else f"A transfer looks like `{_usual(venues)}`."
        raise GrammarError(f"Understood {understood}. {refusal} {advice}") from None


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
    start = f"{quoted(words[0])} is no command; a transfer starts with the amount.{near_miss(words[0], _VERBS)}"
    if number := _TRANSFER_ID.fullmatch(words[0]):
        return f"{quoted(words[0])} alone does not say what to do. Try `show T{number[1]}` or `cancel T{number[1]}`."
    # `usdt 250 from …` and `send 250 usdt from …`
    for meant in ([*words[1:2], words[0], *words[2:]], words[1:]):
        if len(meant) > 1 and _is_amount(meant[0]):
            try:
                intent = _transfer(meant, venues)
            except GrammarError:
                continue
            return f"{start} Try `{typed(intent, venues[intent.route.exchange])}`."
    return f"{start} Try `{_usual(venues)}` or `help`."


# Examples ------------------------------------------------------------------------------------------------------------


def _corrected(amount: Decimal, currency: str, sides: list[str], venues: Mapping[str, Venue]) -> str:
    """Return a command that parses, made of what was understood; nothing where that would take a guess."""
    route = _route_meant(sides, venues)
    if route is None:
        return ""
    venue = venues[route.exchange]
    # Cut, not rounded: the example must never move more than was typed.
    fitting = amount.quantize(Decimal(1).scaleb(-venue.decimals_max(currency)), rounding=ROUND_DOWN)
    return typed(TransferIntent(route, currency, fitting), venue) if fitting else ""


def _route_meant(sides: list[str], venues: Mapping[str, Venue]) -> Route | None:
    """Return a possible route from the accounts named, none if an account or the direction is in doubt."""
    words = sides[1:] if sides[:1] == ["from"] else sides
    accounts = {word: _closest(word, venues) for word in words}
    if any(":" in word and account is None for word, account in accounts.items()):
        return None
    match [accounts[word] or word for word in words]:
        case [Account() as destination, "<-", Account() as source]:
            return _possible(source, destination, venues)
        case ["to", Account() as destination, "from", Account() as source]:
            return _possible(source, destination, venues)
        case ["to" | "->", Account() as destination]:
            back = _from(destination, venues)
            return back and Route(back.destination, back.source)
    if {"<-", "<"} & set(words) or "from" in words[1:] or words[:1] == ["to"]:
        return None
    match [account for word in words if (account := accounts[word])]:
        case []:
            return _usual_route(venues)
        case [source]:
            return _from(source, venues)
        case [source, destination]:
            return _possible(source, destination, venues)
    return None


def _possible(source: Account, destination: Account, venues: Mapping[str, Venue]) -> Route | None:
    """Return the route, or where it is impossible one that at least leaves the same account."""
    try:
        return check_route(source, destination, venues)
    except GrammarError:
        return _from(source, venues)


def _closest(word: str, venues: Mapping[str, Venue]) -> Account | None:
    """Return the account a word names or nearly names. A uid is never near another: those are other people's money."""
    try:
        return parse_account(word, venues)
    except GrammarError:
        name, slash, isolated = word.partition("/")
        known = [address for venue in venues.values() for address in venue.addresses]
        close = get_close_matches(name, known, n=1, cutoff=0.65)
        if not close or name.partition(":")[2].isdigit():
            return None
    try:
        return parse_account(close[0] + slash + isolated, venues)
    except GrammarError:
        return None


def _from(account: Account, venues: Mapping[str, Venue]) -> Route | None:
    """Return a possible route that leaves the account."""
    venue = venues[account.exchange]
    for address in (str(venue.hub), *venue.addresses):
        other = parse_account(address, venues)
        if other != account and venue.hub in (account, other):
            return Route(account, other)
    return None


def _usual_route(venues: Mapping[str, Venue]) -> Route | None:
    routes = (_from(venue.hub, venues) for venue in venues.values())
    return next((route for route in routes if route), None)


def _usual(venues: Mapping[str, Venue]) -> str:
    route = _usual_route(venues)
    if route is None:
        return "250 usdt from htx:spot to htx:linear-swap"
    return typed(TransferIntent(route, "USDT", Decimal(250)), venues[route.exchange])
