"""Amounts as people type them: exactly the digits typed, or what is wrong with them and how they may have been meant.

`1.5k` is 1500 and `2m` is 2000000, to everybody. `all`, `half` and `25%` are shares of what is there.

`1,250` is 1250 to one person and 1.250 to another. Such a text is never decided here: every way it can be read is
named, and the person writes the one that was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

from bot.accounts import DECIMALS_MAX, WHOLE_DIGITS_MAX, Venue, plain, quoted
from bot.text import foreign_character


@dataclass(frozen=True)
class Misread:
    """A text that is no amount.

    Attributes:
        wrong: one sentence that says why.
        readings: how it may have been meant, in plain digits, each an amount; all of them or none.
        currency: the currency in lower case where it was typed onto the amount, as in `250usdt`.
        share: it was to be a share of what is there.
    """

    wrong: str
    readings: tuple[str, ...] = ()
    currency: str = ""
    share: bool = False


@dataclass(frozen=True)
class Share:
    """A part of what is there: above zero, at most 100 percent."""

    percent: Decimal

    def __str__(self) -> str:
        word = next((word for word, percent in WORDS_FOR_SHARES.items() if percent == self.percent), "")
        return word or f"{plain(self.percent)}%"

    def of(self, available: Decimal, decimals: int) -> Decimal:
        """Return this part of an amount, rounded down to so many decimals: never more than there is."""
        exact = EXACT.multiply(available, self.percent).scaleb(-2, EXACT)
        return exact.quantize(Decimal(1).scaleb(-decimals), context=EXACT)


WORDS_FOR_SHARES = {"all": Decimal(100), "half": Decimal(50)}
_SHARE_DECIMALS_MAX = 2
# Digits enough for any balance and percentage; should they ever not be, what is cut is cut downwards.
EXACT = Context(prec=100, rounding=ROUND_DOWN)
_PERCENTAGE = re.compile(r"((?:0|[1-9][0-9]{0,5})(?:\.([0-9]{1,8}))?)%")
_GLUED_TO_SHARE = re.compile(r"(.*%)([a-z]{2,12})")

_AMOUNT = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
# One group without a decimal point could be a decimal comma; two groups, or a point after them, cannot.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})")
_POWERS = {"k": 3, "m": 6}
_SHORTENED = re.compile(r"([0-9.,]+)([km])")
# `5kusdt` is 5k of USDT; any other letter may belong to the name, as in BUSD.
_GLUED_CURRENCY = re.compile(r"(.*[0-9.,](?:[km](?=usd[tc]$))?)([a-z]{2,12})")
_SPACE_BETWEEN_DIGITS = re.compile(r"(?<=[0-9]) +(?=[0-9])")


def _commas(habit: re.Match[str]) -> tuple[str, ...]:
    """Read digits with commas and no point: where the last comma can be a decimal one, both ways."""
    *head, last = [group for group in habit[0].split(",") if group]
    joined = "".join([*head, last]).lstrip("0")
    if not head or (len(head) > 1 and len(last) == 3):
        return (joined,)
    return joined, f"{''.join(head)}.{last}"


def _points_and_comma(habit: re.Match[str]) -> tuple[str, ...]:
    """Read `1.250,50`; three digits after the comma can be one more group as well."""
    points_gone = habit[0].replace(".", "")
    decimal_comma = points_gone.replace(",", ".")
    return (points_gone.replace(",", ""), decimal_comma) if len(habit[1]) == 3 else (decimal_comma,)


# Ways people write amounts that are no amounts here: what is wrong, and how it may have been meant. The first that
# matches speaks; what it offers may show the next habit.
_HABITS: tuple[tuple[str, str, Callable[[re.Match[str]], tuple[str, ...]]], ...] = (
    (r"-([0-9.,].*)", "is negative; the accounts alone say which way money goes", lambda m: (m[1],)),
    (r"\+([0-9.,].*)", "has a sign", lambda m: (m[1],)),
    (
        r"([0-9]{1,15}(?:\.[0-9]{1,8})?)e([+-]?[0-9]{1,2})",
        "has an exponent; an amount is written in full",
        lambda m: (plain(Decimal(m[1]).scaleb(int(m[2]))),),
    ),
    (
        r"([0-9]{1,15}(?:\.[0-9]{1,8})?)b",
        "is shortened with `b`; only `k` and `m` shorten an amount",
        lambda m: (plain(Decimal(m[1]).scaleb(9)),),
    ),
    (r"\$[0-9.,]+[km]?|[0-9.,]+[km]?\$", "has a currency sign", lambda m: (m[0].strip("$"),)),
    (r"[0-9.,]*_[0-9._,]*", "has an underscore", lambda m: (m[0].replace("_", ""),)),
    (r"\.[0-9]+", "starts with the decimal point", lambda m: (f"0{m[0]}",)),
    (r"([0-9,]+)\.", "ends with the decimal point", lambda m: (m[1],)),
    (r"0+([0-9].*)", "starts with a needless zero", lambda m: (m[1],)),
    (r"[0-9]+,[0-9]+", "can be read in two ways", _commas),
    # Groups never start with a zero: `0.123,456` is anything but 123.456.
    (r"[1-9][0-9]*(?:,[0-9]*)+", "has commas in odd places", _commas),
    (r"[1-9][0-9]*(?:,[0-9]*)+\.[0-9]+", "has commas in odd places", lambda m: (m[0].replace(",", ""),)),
    (r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+,([0-9]+)", "has a comma after the point", _points_and_comma),
    (r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}", "has several points", lambda m: (m[0].replace(".", ""),)),
)


def read_amount(text: str, venue: Venue | None = None, currency: str = "") -> Decimal | Misread:
    """Read an amount: `250`, `0.5`, `1,250.50`, `1,250,000`, `1.5k`, `2m`; exactly what was typed, above zero.

    A shortened amount is checked as what it is in full. With a venue and an upper-case currency its decimals are
    checked too; zeros at the end do not count there, so that `for_people` may write two of them for a currency that
    has none. Whatever else is a `Misread`.
    """
    if not text.isascii():
        return Misread(foreign_character(next(char for char in text if not char.isascii())))
    if not _well_formed(text.lower()):
        return _malformed(text.lower(), venue, currency)
    digits = _in_full(text.lower())
    whole, _, decimals = digits.partition(".")
    told = f"{quoted(text)}, in full," if text[-1].isalpha() else quoted(text)
    if len(whole) > WHOLE_DIGITS_MAX:
        return Misread(f"{told} has {len(whole)} digits before the point; an amount has at most {WHOLE_DIGITS_MAX}.")
    bound = venue.decimals_max(currency) if venue else DECIMALS_MAX
    if len(decimals.rstrip("0")) > bound or len(decimals) > DECIMALS_MAX:
        who = f"{currency} on {venue.name}" if venue else "an amount"
        wrong = f"{told} has {len(decimals)} decimals; {who} has at most {bound}."
        # Cut, not rounded: an example must never move more than was typed.
        shorter = f"{whole}.{decimals[:bound]}".rstrip(".")
        return Misread(wrong, (shorter,) if Decimal(shorter) else ())
    amount = Decimal(digits)
    return amount or Misread(f"{quoted(text)} moves nothing; an amount is above zero.")


def _well_formed(text: str) -> bool:
    number = text[:-1] if text[-1:] in _POWERS else text
    return bool(_AMOUNT.fullmatch(number) or _GROUPED.fullmatch(number))


def _in_full(text: str) -> str:
    """Write a text of the form of an amount without commas and `k` or `m`; the digits stay as many and as they are."""
    power = _POWERS.get(text[-1], 0)
    whole, _, decimals = text.rstrip("km").replace(",", "").partition(".")
    moved, rest = decimals[:power].ljust(power, "0"), decimals[power:]
    whole = f"{whole}{moved}".lstrip("0") or "0"
    return f"{whole}.{rest}" if rest else whole


def read_share(text: str) -> Share | Misread | None:
    """Read `all`, `half`, or 1 to 100 percent with up to two decimals: `25%`, `33.3%`. None: it is no share at all."""
    figure = text.lower().replace(" ", "")
    if figure in WORDS_FOR_SHARES and figure == text.lower():
        return Share(WORDS_FOR_SHARES[figure])
    if "%" not in figure:
        return None
    glued = _GLUED_TO_SHARE.fullmatch(figure)
    figure, currency = glued.groups() if glued else (figure, "")
    share = _PERCENTAGE.fullmatch(figure)
    if share is None:
        wrong, percent = "is not a share; write `all`, `half` or a percentage like `25%`", Decimal(0)
    else:
        percent, wrong = Decimal(share[1]), _no_share(Decimal(share[1]), share[2] or "")
    if not wrong and figure == text.lower():
        return Share(percent)
    slip = "is split by a space; a share has none" if " " in text else "needs a space before the currency"
    return Misread(f"{quoted(text)} {wrong or slip}.", () if wrong else (figure,), currency, share=True)


def _no_share(percent: Decimal, decimals: str) -> str:
    """Say why no share has this percentage; empty where one has."""
    if percent > 100:
        return "is more than there is; a share is at most 100%"
    if percent < 1:
        return "is too little; a share is at least 1%"
    if len(decimals) > _SHARE_DECIMALS_MAX:
        return f"has {len(decimals)} decimals; a share has at most {_SHARE_DECIMALS_MAX}"
    return ""


def _malformed(text: str, venue: Venue | None, currency: str) -> Misread:
    """Say what is wrong with a text in lower case that is no amount by its form alone."""
    # Between digits a space can be what a comma can be; anywhere else it is a slip.
    figure = _SPACE_BETWEEN_DIGITS.sub(",", text).replace(" ", "")
    glued = _GLUED_CURRENCY.fullmatch(figure)
    figure, glued_currency = glued.groups() if glued else (figure, "")
    if " " in text and not figure.startswith("-"):
        wrong = "is split by a space; an amount has none"
    elif _well_formed(figure):
        wrong = "needs a space before the currency"
    else:
        wrong = _habit(figure)[0]
    readings = _readings(figure)
    if " " in text and readings:
        readings += _slipped(text.replace(" ", "").removesuffix(glued_currency))
    return Misread(f"{quoted(text)} {wrong}.", _fitting(readings, venue, currency), glued_currency)


def _slipped(figure: str) -> tuple[str, ...]:
    """Read an amount as if its spaces were slips; a point beside one (`1. 250`) may have been meant to group."""
    grouping = re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", figure)
    return (*_readings(figure), *([figure.replace(".", "")] if grouping else []))


def _habit(figure: str) -> tuple[str, tuple[str, ...]]:
    if shortened := _SHORTENED.fullmatch(figure):
        wrong, unshortened = _habit(shortened[1])
        return wrong, tuple(candidate + shortened[2] for candidate in unshortened)
    for pattern, wrong, candidates in _HABITS:
        if habit := re.fullmatch(pattern, figure):
            return wrong, candidates(habit)
    return "is not an amount; write digits with a point before the decimals", ()


def _readings(figure: str) -> tuple[str, ...]:
    """Undo one habit after the other, until only forms of amounts are left."""
    if _well_formed(figure):
        return (_in_full(figure),)
    return tuple(reading for candidate in _habit(figure)[1] for reading in _readings(candidate))


def _fitting(readings: tuple[str, ...], venue: Venue | None, currency: str) -> tuple[str, ...]:
    """Return the readings, each once; none at all if one of them cannot be, for what is left were a guess."""
    possible = all(isinstance(read_amount(reading, venue, currency), Decimal) for reading in readings)
    return tuple(dict.fromkeys(readings)) if possible else ()
