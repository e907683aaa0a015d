"""What CoinW's transfer history shows (coinw-api.md §4.3, §4.4): rows by currency and direction, and nothing else.

It tells neither the sub-account nor our number of the transfer, and its times are in an unnamed zone. So a row counts
by its `ledgerId` alone, and new is what was not there before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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


class CoinwHistory:
    """The history of one master account."""

    def __init__(
        self, read: Callable[[str, Mapping[str, str]], dict[str, Any]], pause: Callable[[float], None]
    ) -> None:
        """Take how to read a command and how to wait between two pages."""
        self._read = read
        self._pause = pause
        self._known: dict[Key, frozenset[str]] = {}

    def lines_before(self, key: Key) -> frozenset[str]:
        """Return the ids read back to what the last call for this key saw; the first page, the first time.

        Raises:
            ExchangeUnreadable: no usable answer; likewise below.
        """
        rows = self._back_to(key, self._known.get(key) or None)
        ids = frozenset(row.id for row in rows)
        self._known[key] = ids
        return ids

    def look(self, key: Key, amount: Decimal, before: frozenset[str]) -> tuple[tuple[Line, ...], list[str]]:
        """Return the lines of an amount back to what was there before a send, and words about them.

        Args:
            before: ids; none of them means that there was no history, so all there is now is read.
        """
        rows = [row for row in self._back_to(key, before) if abs(row.amount) == amount and not row.anothers]
        own = [row for row in rows if row.clear]
        lines = tuple(Line(row.id, None) for row in own)
        words = [_words(key, amount, [row for row in own if row.id not in before])]
        unclear = [row for row in rows if row not in own and row.id not in before]
        if unclear:
            number = "a row" if len(unclear) == 1 else f"{len(unclear)} rows"
            what = f"of {for_people(amount)} {key.currency} that may not be such a transfer"
            words.append(f"It also has {number} {what}; people must judge that.")
        return lines, words

    def _back_to(self, key: Key, known: frozenset[str] | None) -> list[Row]:
        """Read pages until one reaches what is known (None: the first page does), or to the end.

        Only rows that come newest first can be cut short; their order is undocumented, so it is checked.
        """
        rows: dict[str, Row] = {}
        longest = 0
        for page in range(1, PAGES_MAX + 1):
            if page > 1:
                self._pause(PAGE_SPACING_S)
            found = self._page(key, page)
            longest = max(longest, len(found))
            # Some servers answer a page beyond the last with the last.
            repeated = all(row.id in rows for row in found)
            ended = repeated or len(found) < longest or len(found) not in _PERHAPS_FULL
            rows.update({row.id: row for row in found})
            reached = known is None or not known.isdisjoint(rows)
            if ended or (reached and _newest_first(list(rows.values()))):
                return list(rows.values())
        raise ExchangeUnreadable("CoinW's transfer history is longer than can be read back")

    def _page(self, key: Key, page: int) -> list[Row]:
        params = {**key.params, "pageNo": str(page), "pageSize": str(PAGE_ROWS)}
        return [_row(row, key) for row in _framed(self._read(HISTORY, params))]


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


def _newest_first(rows: list[Row]) -> bool:
    return all(row.created for row in rows) and all(one.created >= next_.created for one, next_ in pairwise(rows))


def _words(key: Key, amount: Decimal, new: list[Row]) -> str:
    what = f"of {for_people(amount)} {key.currency} {key.words}"
    if not new:
        return f"CoinW's transfer history shows no new transfer {what}."
    number = "1 new transfer" if len(new) == 1 else f"{len(new)} new transfers"
    times = [row.created for row in reversed(new) if row.created]
    when = f", by its own clock at {listed(times)}" if times else ""
    return f"CoinW's transfer history shows {number} {what}{when}."
