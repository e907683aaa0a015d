"""The line of a transfer: `AMOUNT CURRENCY [from] ACCOUNT (to | ->) ACCOUNT`, and what is typed around it.

The amount may be a share of what is there: `all`, `half`, `25%`.

Understood piece by piece, so that a refusal can say how far it went and show the whole line mended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

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
from bot.amounts import WORDS_FOR_SHARES, Misread, Share, read_amount, read_share
from bot.commands import ShareIntent, TransferIntent, tail
from bot.errors import GrammarError
from bot.examples import EXAMPLE_AMOUNT, route_meant, transfer_text, usual
from bot.text import echoed, free_text, read_person

EXAMPLE_REASON = "topping up for BTC"
EXAMPLE_PERSON = "bob"
EXAMPLE_SHARE = "25%"

_NEARLY_FROM = frozenset({"form", "fron", "frm", "fom", "fro", "rfom", "frmo", "ffrom", "fromm"})
AMOUNT_LIKE = re.compile(r"(?!->)[0-9+\-.,$]|(?:nan|inf|infinity|all|half)$")
# What is left of an amount written with spaces: `5 000`, `5 000usdt`, `1 250,50usdt`, `250 k`, `25 %`.
# Without it 5000 USDT could be read as 5 of a currency called 000USDT.
_REST_OF_AMOUNT = re.compile(
    r"[0-9.,]+|[0-9.,]*[kmb%]|[0-9]*[.,][0-9.,]*[a-z]+|0[0-9]+[a-z]+|[0-9]{3}[a-z]+|[0-9]+usd[tc]"
)


@dataclass(frozen=True)
class Around:
    """What is typed around a transfer, raw: `why` before it, a reason and a person after it. None: not typed."""

    verb: str = ""
    reason: str | None = None
    person: str | None = None

    def read_reason(self) -> str:
        """Return the reason, empty where there is none; GrammarError where it cannot be one."""
        return "" if self.reason is None else free_text(self.reason)

    def read_person(self) -> str:
        """Return a user id, or a name in lower case, empty where there is none; GrammarError where it is neither."""
        if self.person is None:
            return ""
        person = read_person(self.person)
        if not person:
            raise GrammarError(f"After `as` stands {quoted(self.person)}; one person comes last, like `as @bob`.")
        return person

    def offer(self, transfer: str) -> str:
        """Return a transfer in backticks with all that stands around it; samples stand for what cannot be read."""
        try:
            reason = echoed(self.read_reason())
        except GrammarError:
            reason = EXAMPLE_REASON
        try:
            person = self.read_person()
        except GrammarError:
            person = EXAMPLE_PERSON
        return f"`{self.verb}{' ' if self.verb else ''}{transfer}{tail(reason, person)}`"


def read_transfer(words: list[str], around: Around, venues: Mapping[str, Venue]) -> TransferIntent | ShareIntent:
    """Read a transfer from words that start with something like an amount.

    Raises:
        GrammarError: a word is missing, left over, unknown or ambiguous, or what is around it cannot be read.
    """
    figure, rest = split_off_amount(words)
    share = read_share(figure)
    amount = share or read_amount(figure)
    if isinstance(amount, Misread) and amount.currency:
        rest = [amount.currency, *rest]
    # `all all` is typed by mistake, not for a coin of that name.
    missing = currency_is_missing(rest) or bool(share and rest[0] in WORDS_FOR_SHARES)
    sides = rest if missing else rest[1:]
    understood = _as_understood(amount)
    currency, route, reason, refusal = "USDT", None, "", ""
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
        reason = around.read_reason()
        around.read_person()
    except GrammarError as fault:
        refusal = str(fault)
    meant = route or route_meant(sides, venues)
    if meant:
        amount = share or read_amount(figure, venues[meant.exchange], currency)
    if route and not refusal and isinstance(amount, Share):
        return ShareIntent(route, currency, amount, reason)
    if route and not refusal and isinstance(amount, Decimal):
        return TransferIntent(route, currency, amount, reason)
    advice = (
        _advice(amount, currency, meant, around, venues[meant.exchange], alone=not refusal)
        if meant
        else f"A transfer looks like {around.offer(usual(venues, ' '.join(sides)))}."
    )
    told = [
        f"Understood {understood.strip()}." if understood else "",
        amount.wrong if isinstance(amount, Misread) else "",
        refusal,
        advice,
    ]
    raise GrammarError(" ".join(sentence for sentence in told if sentence))


def _as_understood(amount: Decimal | Share | Misread) -> str:
    match amount:
        case Decimal():
            return for_people(amount)
        case Share():
            return str(amount)
        case Misread():
            return ""


def offered(intent: TransferIntent | ShareIntent, around: Around, venue: Venue) -> str:
    """Return a transfer that was understood with all that stands around it; a question is about a figure."""
    if isinstance(intent, TransferIntent):
        amount = plain(intent.amount)
    else:
        amount = EXAMPLE_AMOUNT if around.verb else str(intent.share)
    return around.offer(transfer_text(amount, intent.currency, intent.route, venue))


def split_off_amount(words: list[str]) -> tuple[str, list[str]]:
    """Return what was written as the amount, spaces and all, and the words after it."""
    end = 1
    while end < len(words) and _REST_OF_AMOUNT.fullmatch(words[end]):
        end += 1
    return " ".join(words[:end]), words[end:]


def _advice(
    amount: Decimal | Share | Misread, currency: str, route: Route, around: Around, venue: Venue, *, alone: bool
) -> str:
    """Offer every way the amount may have been meant as a whole command; `alone` if nothing else is wrong."""
    numbers: tuple[str, ...]
    match amount:
        case Misread():
            numbers = amount.readings
        case Share():
            numbers = (str(amount),)
        case Decimal():
            numbers = (plain(amount),)
    asked_for_share = isinstance(amount, Share) or (isinstance(amount, Misread) and amount.share)
    if asked_for_share and around.verb:
        numbers = ()  # a question is about a figure
    if not numbers:
        example = EXAMPLE_SHARE if asked_for_share and not around.verb else EXAMPLE_AMOUNT
        return f"For example {around.offer(transfer_text(example, currency, route, venue))}."
    commands = " or ".join(around.offer(transfer_text(number, currency, route, venue)) for number in numbers)
    return f"Did you mean {commands}?" if alone and len(numbers) > 1 else f"Try {commands}."


def currency_is_missing(words: list[str]) -> bool:
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
