"""Which transfers somebody wants to see: `history @bob htx usdt failed since 7d T12..T40`, the words in any order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from bot.accounts import Venue, parse_currency, quoted
from bot.errors import GrammarError
from bot.text import ascii_words, read_person, split_people


@dataclass(frozen=True)
class Filter:
    """What transfers must have in common; what is empty or None is not asked about.

    Attributes:
        person: who asked for them: a Slack user id, or a name of desk.toml in lower case.
        exchange: the name of a connection.
        currency: upper case.
        failed: only those that were to be sent and did not succeed, as far as is known.
        since: how long ago the oldest may have been asked for.
        first, last: the ids between which they lie, both included; both or none.
    """

    person: str = ""
    exchange: str = ""
    currency: str = ""
    failed: bool = False
    since: timedelta | None = None
    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        """Write the filter as it is typed, with a space before each of its words."""
        person = f"<@{self.person}>" if self.person.isupper() else f"@{self.person}"
        words = [
            person if self.person else "",
            self.exchange,
            self.currency.lower(),
            "failed" if self.failed else "",
            f"since {span(self.since)}" if self.since else "",
            f"T{self.first}..T{self.last}" if self.first else "",
        ]
        return "".join(f" {word}" for word in words if word)


EVERYTHING = Filter()


@dataclass(frozen=True)
class _Piece:
    """A word, or two, of a filter: what it asks for, or may have been meant to, and what is wrong with it, if anything.

    Attributes:
        kind: what it is called in an answer; a filter has one of each.
    """

    typed: str
    kind: str = ""
    asks: Mapping[str, Any] | None = None
    wrong: str = ""


_HOURS = {"h": 1, "d": 24}
_SPAN = re.compile(r"([1-9][0-9]{0,3})([hd])")
_SPAN_LIKE = re.compile(r"[0-9]+[a-z]?")
_IDS = re.compile(r"t?([1-9][0-9]{0,17})\.\.t?([1-9][0-9]{0,17})")
_IDS_LIKE = re.compile(r"t?([1-9][0-9]{0,17})(?:\.+|-+|->)t?([1-9][0-9]{0,17})")
_ONE_ID = re.compile(r"t[0-9]+")
_EXAMPLE_SPAN = timedelta(days=7)
_KEYWORDS = ("failed", "since")


def span(length: timedelta) -> str:
    """Write a length of time as it is typed: `7d`, or `36h` where it is no whole number of days."""
    hours = length // timedelta(hours=1)
    return f"{hours}h" if hours % 24 else f"{hours // 24}d"


def read_span(text: str) -> timedelta | None:
    """Read `7d` or `36h`: up to four digits, above zero; None when it is nothing of the kind."""
    match = _SPAN.fullmatch(text)
    return timedelta(hours=int(match[1]) * _HOURS[match[2]]) if match else None


def read_filter(verb: str, text: str, venues: Mapping[str, Venue]) -> Filter:
    """Read a raw text after `history` or `export`; each kind of word at most once.

    Raises:
        GrammarError: a word is nothing a filter knows, or there are two of its kind.
    """
    rest, people = split_people(text)
    try:
        words = ascii_words(rest)
    except GrammarError as refusal:
        raise GrammarError(f"{refusal} Try `{verb}`.") from None
    understood = meant = EVERYTHING
    kinds: set[str] = set()
    wrong: list[str] = []
    for piece in [*map(_person, people), *_pieces(words, venues)]:
        if piece.kind in kinds:
            wrong.append(f"Left over: {quoted(piece.typed)}; there is one {piece.kind} already.")
            continue
        kinds |= {piece.kind} if piece.asks else set()
        meant = replace(meant, **(piece.asks or {}))
        if piece.wrong:
            wrong.append(piece.wrong)
        else:
            understood = replace(understood, **(piece.asks or {}))
    if wrong:
        raise GrammarError(f"Understood `{verb}{understood}`. {wrong[0]} Try `{verb}{meant}`.")
    return meant


def _person(typed: str) -> _Piece:
    person = read_person(typed)
    wrong = "" if person else f"{quoted(typed)} is nobody; a person is written like `@bob`."
    return _Piece(typed, "person", {"person": person} if person else None, wrong)


def _pieces(words: list[str], venues: Mapping[str, Venue]) -> Iterator[_Piece]:
    ahead = iter(words)
    for word in ahead:
        if word == "since":
            yield _since(next(ahead, ""))
        elif word == "failed":
            yield _Piece(word, "`failed`", {"failed": True})
        elif word in venues:
            yield _Piece(word, "exchange", {"exchange": word})
        elif ids := _IDS_LIKE.fullmatch(word):
            yield _range(word, int(ids[1]), int(ids[2]))
        else:
            yield _currency(word)


def _since(typed: str) -> _Piece:
    length = read_span(typed)
    if length is not None:
        return _Piece(f"since {typed}", "`since`", {"since": length})
    stands = f"stands {quoted(typed)}" if typed else "nothing stands"
    wrong = f"After `since` {stands}; write days or hours, like `7d` or `12h`."
    return _Piece(f"since {typed}".strip(), "`since`", {"since": _EXAMPLE_SPAN}, wrong)


def _range(typed: str, first: int, last: int) -> _Piece:
    asks = {"first": min(first, last), "last": max(first, last)}
    wrong = ""
    if not _IDS.fullmatch(typed):
        wrong = f"{quoted(typed)} is not a range; it is written with two points."
    elif first > last:
        wrong = f"{quoted(typed)} ends before it starts."
    return _Piece(typed, "range", asks, wrong)


def _currency(word: str) -> _Piece:
    """Read a word that can only be a currency; what resembles anything else a filter knows is not taken for one."""
    if _ONE_ID.fullmatch(word):
        return _Piece(word, wrong=f"{quoted(word)} is one transfer, for `show`; a range is written like `T12..T40`.")
    if _SPAN_LIKE.fullmatch(word):
        length = read_span(word)
        asks = {"since": length} if length else None
        return _Piece(word, "`since`", asks, f"{quoted(word)} needs `since` before it, and `d` or `h` at its end.")
    try:
        # Written on its own that word begins a reason, which no list takes.
        currency = "" if word == "reason" else parse_currency(word)
    except GrammarError:
        currency = ""
    if not currency:
        return _Piece(word, wrong=f"Left over: {quoted(word)}.")
    # 1INCH is a coin, and not that near to `since`.
    if near := get_close_matches(word, _KEYWORDS, n=1, cutoff=0.75):
        return _Piece(word, wrong=f"{quoted(word)} is nothing to filter by. Did you mean `{near[0]}`?")
    return _Piece(word, "currency", {"currency": currency})
