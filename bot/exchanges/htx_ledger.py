"""HTX's asset ledger: every transfer of the spot account, whoever made it (htx-api.md §4, row A).

It carries no id of ours and none of HTX's own: `transactId` is 0. So a line is known by its time, its two account
types and its amount, and equal ones by their place among their like.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.accounts import HTX_ACCOUNTS, plain
from bot.errors import ExchangeUnreadable
from bot.exchanges.answers import balance_text, code_text
from bot.exchanges.htx_reads import digits, objects

LEDGER = "/v2/account/ledger"
PAGE_ROWS = "500"
# One user's transfers within minutes; what is longer is no ledger of this desk's account.
PAGES_MAX = 10

# Kinds of the ledger's lines that are not between spot and one of `HTX_ACCOUNTS` (htx-api.md §2.4).
_ANOTHERS = re.compile(r"(?:margin|lock|user-lock|master|sub|agency)-transfer-(?:in|out)")
_ACCOUNTS = frozenset({*HTX_ACCOUNTS, "super-margin"})
# What may be repeated of a spelling not known: no digit, so no key or address.
_WORDS = re.compile(r"[A-Za-z_-]{1,40}")
_MS = re.compile(r"[0-9]{13}")


@dataclass(frozen=True)
class Movement:
    """One row of the ledger.

    Attributes:
        amount: signed; what leaves spot is below zero.
        kind: HTX's own word for it, which may be of any spelling.
        sides: the account types it went from and to; empty for other kinds of transfer, None for a spelling not known.
    """

    at: datetime
    currency: str
    amount: Decimal
    kind: str
    sides: tuple[str, str] | None

    @property
    def word(self) -> str:
        """The kind, where it is fit to be repeated; else an empty text."""
        return self.kind if _WORDS.fullmatch(self.kind) else ""

    @property
    def has_right_sign(self) -> bool:
        """Tell whether its sign is that of its sides."""
        return self.sides is not None and (self.amount < 0) == (self.sides[0] == "spot")


def read_ledger(
    get: Callable[[str, Mapping[str, str]], Mapping[str, Any]],
    account: str,
    start: datetime,
    end: datetime | None,
    *,
    currency: str = "",
    pages_max: int = PAGES_MAX,
) -> Counter[Movement]:
    """Return the ledger's transfers between two moments, how often there is each.

    Rows have no number, so a row that comes on two pages is one that was repeated, while two equal ones on one page
    are two. Equal ones that happen to fall on either side of a page's end become one: then a line is missing and
    people judge, where one too many could be taken for another transfer's.

    Args:
        get: reads a path with parameters.
        account: the id of the spot account.
        end: None for now, by HTX's clock; at most 10 days after the start.
        currency: upper case; empty for all.

    Raises:
        ExchangeUnreadable: no usable answer, or more pages than there can be.
    """
    params = {"accountId": account, "transactTypes": "transfer", "startTime": ms(start), "limit": PAGE_ROWS}
    if currency:
        params["currency"] = currency.lower()
    if end is not None:
        params["endTime"] = ms(end)
    found: Counter[Movement] = Counter()
    for _ in range(pages_max):
        document = get(LEDGER, params)
        page = rows(document, "ledger")
        found |= Counter(_movement(row, currency) for row in page if _asked_for(row, account, currency))
        following = document.get("nextId")
        if not page or following is None:
            return found
        params["fromId"] = digits(following, "ledger's next page")
    raise ExchangeUnreadable("HTX's ledger goes on for more pages than there can be")


def in_order(found: Counter[Movement]) -> list[Movement]:
    """Return movements oldest first."""
    return sorted(found.elements(), key=lambda movement: movement.at)


def numbered(movements: Iterable[Movement]) -> list[tuple[str, Movement]]:
    """Give every movement an id that is the same in every reading, and no other one's of its currency."""
    alike: Counter[tuple[str, bool, str]] = Counter()
    named = []
    for movement in movements:
        name = f"{ms(movement.at)}:{_way(movement)}:{plain(movement.amount.copy_abs())}"
        like = (movement.currency, movement.amount < 0, name)
        alike[like] += 1
        named.append((f"{name}:{alike[like]}", movement))
    return named


def _way(movement: Movement) -> str:
    return "-to-".join(movement.sides) if movement.sides and all(movement.sides) else movement.word or "unclear"


def _movement(row: Mapping[str, Any], currency: str) -> Movement:
    kind = str(row.get("transferType") or "")
    moment, amount = time_of(row.get("transactTime"), "ledger"), amount_of(row.get("transactAmt"), "ledger")
    return Movement(moment, str(row.get("currency") or currency).upper(), amount, kind, _sides(kind))


def rows(document: Mapping[str, Any], what: str) -> list[dict[str, Any]]:
    """Return an answer's rows. An empty list may come as null; without the field it is another answer."""
    found = document.get("data", ...)
    return objects([] if found is None else found, what)


def _asked_for(row: Mapping[str, Any], account: str, currency: str) -> bool:
    """Tell whether a row is of the account, currency and type asked for; a field it does not have says nothing."""
    return (
        same_currency(row, currency)
        and row.get("accountId") in (None, account, int(account))
        and row.get("transactType") in (None, "transfer")
    )


def same_currency(row: Mapping[str, Any], currency: str) -> bool:
    """Tell whether a row is of a currency, where one was asked for and the row says one."""
    return not currency or str(row.get("currency") or currency).upper() == currency


def _sides(kind: str) -> tuple[str, str] | None:
    """Return the account types of a `transferType`: `dm-spot-to-swap` and the older `pro-to-swap` are spot, swap.

    Kinds documented for other transfers have empty sides, which are no order's.
    """
    name = kind.strip().lower().replace("_", "-")
    if _ANOTHERS.fullmatch(name):
        return "", ""
    source, _, destination = name.removeprefix("dm-").partition("-to-")
    source, destination = ("spot" if side == "pro" else side for side in (source, destination))
    return (source, destination) if {source, destination} <= _ACCOUNTS else None


def amount_of(value: object, where: str) -> Decimal:
    """Return an amount, signed.

    Raises:
        ExchangeUnreadable: it is no number.
    """
    text = balance_text(value)
    if not text:
        raise ExchangeUnreadable(f"HTX's {where} has a row without a usable amount")
    return Decimal(text)


def time_of(value: object, where: str) -> datetime:
    """Return a moment HTX gives in milliseconds.

    Raises:
        ExchangeUnreadable: it is no such number.
    """
    text = code_text(value)
    if not _MS.fullmatch(text):
        raise ExchangeUnreadable(f"HTX's {where} has a row without a usable time")
    seconds, milliseconds = divmod(int(text), 1000)
    return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=milliseconds)


def ms(moment: datetime) -> str:
    """Write a moment as HTX counts time, in milliseconds, without going through a float."""
    return str((moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1))
