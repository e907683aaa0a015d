"""What CoinW's transfer history shows (coinw-api.md §4.3, §4.4): rows by currency and direction, and nothing else.

It tells neither the sub-account nor our number of the transfer, and its times are in an unnamed zone. So a row counts
by its `ledgerId` alone, and new is what was not there before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.accounts import for_people
from bot.errors import ExchangeUnreadable
from bot.evidence import Line
from bot.exchanges.answers import balance_text, code_text
from bot.exchanges.opinions import listed

HISTORY = "returnTransferHistory"
PAGE_ROWS = 100
PAGES_MAX = 20
# How far back a snapshot looks for what the last one saw; each look after the send reads as far.
KNOWN_PAGES_MAX = 3
# CoinW allows 3 requests a second and, after a warning, half of that (coinw-api.md §3.5).
PAGE_SPACING_S = 0.7

# The largest page is undocumented. A page of just so many rows may be as long as CoinW lets a page be, not the last.
_PERHAPS_FULL = frozenset({10, 20, 25, 30, 50, PAGE_ROWS})
# Account types of the history: sub-account and master (coinw-api.md §4.3).
_CODES: Mapping[str, tuple[str, str]] = {"OUT": ("4", "3"), "IN": ("3", "4")}
_FRAMES = ("list", "rows", "records", "data")
_CREATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{10}|[0-9]{13}")
# No status is documented; these words say in any case that nothing moved, or not for good.
_FAILED = re.compile(r"fail|refus|reject|cancel|error|revert|失败|拒绝|取消", re.IGNORECASE)


@dataclass(frozen=True)
class Key:
    """What the history can tell apart: OUT (master to sub-account) or IN, and the currency."""

    side: str
    currency: str

    @property
    def params(self) -> dict[str, str]:
        """The query that names it."""
        source, destination = _CODES[self.side]
        return {"currency": self.currency, "from": source, "to": destination}

    @property
    def words(self) -> str:
        """Where the money goes, as people say it."""
        return "from master to a sub-account" if self.side == "OUT" else "from a sub-account to master"


@dataclass(frozen=True)
class Row:
    """One row of the history.

    Attributes:
        created: its time as CoinW writes it; empty if it is none.
        anothers: it is plainly of another currency or the opposite direction, as if CoinW had not filtered.
        clear: it says what was asked for, by code and sign, and not that it failed.
    """

    id: str
    amount: Decimal
    created: str
    anothers: bool
    clear: bool


@dataclass(frozen=True)
class Ground:
    """What was there of a key's history at a moment.

    Attributes:
        ids: of its newest rows, without a gap between them; of all rows if `whole`.
    """

    ids: frozenset[str]
    whole: bool


@dataclass(frozen=True)
class Seen:
    """What the history shows of an amount; see `Reading`."""

    lines: tuple[Line, ...]
    doubts: tuple[str, ...]
    found: str
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """What was read so far.

    Attributes:
        rows: each once, at the place where it was seen first.
        page: ids of the last page.
        ended: there is nothing behind it.
        whole: the end was seen as such, by a page that is not full. A server that repeats a page may have got so many
            new rows meanwhile.
    """

    rows: tuple[Row, ...]
    page: frozenset[str]
    ended: bool
    whole: bool

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its rows."""
        return frozenset(row.id for row in self.rows)

    @property
    def newest_first(self) -> bool:
        """Tell the order, which is undocumented, by most of the rows: some may be out of place by a few seconds."""
        steps = list(pairwise(row.created for row in self.rows))
        up = sum(one < next_ for one, next_ in steps)
        down = sum(one > next_ for one, next_ in steps)
        return all(row.created for row in self.rows) and up * 4 <= down


class CoinwHistory:
    """The history of one master account."""

    def __init__(
        self, read: Callable[[str, Mapping[str, str]], dict[str, Any]], pause: Callable[[float], None]
    ) -> None:
        """Take how to read a command and how to wait between two pages."""
        self._read = read
        self._pause = pause
        self._known: dict[Key, frozenset[str]] = {}

    def lines_before(self, key: Key) -> Ground:
        """Return what is there, read back to what the last call for this key saw; the first page, the first time.

        What the last call saw may be far back by now, and is then given up for the first page. Only rows that come
        newest first can be cut short.

        Raises:
            ExchangeUnreadable: no usable answer; likewise below.
        """
        known = self._known.get(key)
        newest: frozenset[str] = frozenset()
        for number, read in enumerate(self.pages(key), start=1):
            newest = newest or read.page
            reached = not known or not known.isdisjoint(read.ids)
            if read.ended or (read.newest_first and reached):
                ground = Ground(read.ids, read.whole)
            elif read.newest_first and number >= KNOWN_PAGES_MAX:
                ground = Ground(newest, whole=False)
            else:
                continue
            self._known[key] = ground.ids
            return ground
        raise ExchangeUnreadable("CoinW's transfer history is not sorted and longer than can be read")

    def look(self, key: Key, amount: Decimal, before: Ground) -> Seen:
        """Return the lines of an amount, of which those that are not among `before` are new for certain."""
        read, reached = self._back_to(key, before)
        new, perhaps_new = _new(read, before) if reached else (frozenset(), read.ids - before.ids)
        of_amount = [row for row in read.rows if row.amount.copy_abs() == amount and not row.anothers]
        clear = [row for row in of_amount if row.clear and row.id not in perhaps_new]
        lines = tuple(Line(row.id, None) for row in clear if row.id in before.ids or row.id in new)
        unclear = [row for row in of_amount if row.id in perhaps_new or (row.id in new and not row.clear)]
        found = _words(key, amount, [row for row in clear if row.id in new], perhaps=bool(unclear))
        caveats = [] if reached else ["Which rows of the history are older than the request is not certain."]
        if unclear:
            number = "a row" if len(unclear) == 1 else f"{len(unclear)} rows"
            what = f"of {for_people(amount)} {key.currency} that may not be this transfer"
            caveats.append(f"The history also has {number} {what}; people must judge that.")
        return Seen(lines, tuple(row.id for row in unclear), found, tuple(caveats))

    def _back_to(self, key: Key, before: Ground) -> tuple[Read, bool]:
        """Read until all that was there before a send was met, as far as it is still there.

        All of it, because an earlier equal transfer's row lies somewhere in it, and a transfer that misses its own row
        would be given the lost one's.

        Returns:
            What was read, and whether it tells new rows from old ones. It does not when the rows of before could not
            all be reached, when none of them is left, or when only a part of the history was seen before and it is
            not sorted any more. Nothing is new for certain then, rather than nothing being said for ever.
        """
        for read in self.pages(key):
            met = before.ids & read.ids
            # A page without any of them, behind some of them: the others are gone.
            passed = met == before.ids or (met and before.ids.isdisjoint(read.page))
            if read.ended or (before.ids and passed and read.newest_first):
                some = bool(met) or not before.ids
                return read, some and (read.newest_first or before.whole)
        return read, False

    def pages(self, key: Key, pages_max: int = PAGES_MAX, spacing_s: float = PAGE_SPACING_S) -> Iterator[Read]:
        """Read page by page, to the end or to the most that is to be read."""
        rows: dict[str, Row] = {}
        longest = 0
        for number in range(1, pages_max + 1):
            if number > 1:
                self._pause(spacing_s)
            page = self._page(key, number)
            longest = max(longest, len(page))
            last = len(page) < longest or len(page) not in _PERHAPS_FULL
            # Some servers answer a page beyond the last with the last.
            repeated = all(row.id in rows for row in page)
            for row in page:
                rows.setdefault(row.id, row)
            yield Read(tuple(rows.values()), frozenset(row.id for row in page), last or repeated, last)
            if last or repeated:
                return

    def _page(self, key: Key, page: int) -> list[Row]:
        params = {**key.params, "pageNo": str(page), "pageSize": str(PAGE_ROWS)}
        return [_row(row, key) for row in _framed(self._read(HISTORY, params))]


def _new(read: Read, before: Ground) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ids of rows that came after `before`, and of those that perhaps did.

    Of sorted rows, what lies behind the last one of before lay there then as well. And rows of one second have no
    order among them, so what is no newer than the oldest one of before may have lain behind it.
    """
    unknown = read.ids - before.ids
    if not before.ids or not read.newest_first:
        return unknown, frozenset()
    last = max(place for place, row in enumerate(read.rows) if row.id in before.ids)
    ahead = [row for row in read.rows[:last] if row.id in unknown]
    if before.whole:
        new = frozenset(row.id for row in ahead)
        return new, unknown - new
    oldest = min(row.created for row in read.rows if row.id in before.ids)
    new = frozenset(row.id for row in ahead if row.created > oldest)
    return new, frozenset(row.id for row in ahead) - new


def _framed(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an answer, whose frame is undocumented: a list, or an object around one; empty in any way."""
    data = document.get("data", ...)
    if isinstance(data, dict) and data:
        data = next((data[frame] for frame in _FRAMES if frame in data), ...)
    if data is None or data == {}:
        return []
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise ExchangeUnreadable("CoinW's transfer history is no list")
    return data


def _row(row: Mapping[str, Any], key: Key) -> Row:
    ledger_id, amount = code_text(row.get("ledgerId")), balance_text(row.get("amount"))
    if not ledger_id or not amount:
        raise ExchangeUnreadable("CoinW's transfer history has a row without a usable id or amount")
    created = row.get("createTime")
    text = created if isinstance(created, str) else code_text(created)
    value, sides, asked = Decimal(amount), _sides(row, key), _CODES[key.side]
    another = str(row.get("currency") or key.currency).upper() != key.currency or sides == asked[::-1]
    failed = _FAILED.search(str(row.get("status", "")))
    clear = not another and not failed and sides == asked and (value < 0) == (key.side == "OUT")
    return Row(ledger_id, value, text if _CREATED.fullmatch(text) else "", another, clear)


def _sides(row: Mapping[str, Any], key: Key) -> tuple[str, str]:
    """Return a row's account types; one it does not have is the one asked for."""
    source, destination = (
        asked if row.get(name) is None else code_text(row[name])
        for name, asked in zip(("from", "to"), _CODES[key.side], strict=True)
    )
    return source, destination


def _words(key: Key, amount: Decimal, new: list[Row], *, perhaps: bool) -> str:
    what = f"of {for_people(amount)} {key.currency} {key.words}"
    if not new:
        return f"CoinW's transfer history shows no {'clearly ' if perhaps else ''}new transfer {what}."
    number = "1 new transfer" if len(new) == 1 else f"{len(new)} new transfers"
    times = [row.created for row in reversed(new) if row.created]
    when = f", by its own clock at {listed(times)}" if times else ""
    return f"CoinW's transfer history shows {number} {what}{when}."
