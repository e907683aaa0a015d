"""HTX's asset ledger (`/v2/account/ledger`), written from the book (htx-api.md §4, row A)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from bot.sandbox.books import Movement, digits
from bot.sandbox.wire import Answer

SPAN_MAX_MS = int(timedelta(days=10) / timedelta(milliseconds=1))
BACK_MAX_MS = int(timedelta(days=180) / timedelta(milliseconds=1))
LIMIT_MAX = 500
LIMIT_DEFAULT = 100

# `transferType` by the account on the far side; coin-margined swaps carry a prefix of their own (htx-api.md §2.4).
_OUT: Mapping[str, str] = MappingProxyType(
    {
        "otc": "spot-to-otc",
        "futures": "spot-to-futures",
        "swap": "dm-spot-to-swap",
        "linear-swap": "spot-to-linear-swap",
    }
)
_IN: Mapping[str, str] = MappingProxyType(
    {
        "otc": "otc-to-spot",
        "futures": "futures-to-spot",
        "swap": "dm-swap-to-spot",
        "linear-swap": "linear-swap-to-spot",
    }
)
_WHOLE = re.compile(r"[0-9]{1,15}")
_AMOUNT = re.compile(r'"number:(-?[0-9.]+)"')


def ledger(
    asked: Mapping[str, str], movements: Sequence[Movement], now: datetime, account_id: int, uid: int
) -> Answer | str:
    """Answer one page of the spot account's transfers, newest first unless `sort=asc`.

    Times are in ms. HTX does not say what it makes of an end ahead of its clock; it is refused here. `nextId` is there
    while more follow, and is the next call's `fromId`.

    Returns:
        The answer, or the name of the parameter with a value HTX does not take (code 2002).
    """
    now_ms = int(now.timestamp() * 1000)
    end = _whole(asked, "endTime", now_ms)
    start = _whole(asked, "startTime", (end or 0) - SPAN_MAX_MS)
    limit = _whole(asked, "limit", LIMIT_DEFAULT)
    from_id = _whole(asked, "fromId", 0)
    order = asked.get("sort", "desc")
    if end is None or end > now_ms:
        return "endTime"
    if start is None or not 0 <= end - start <= SPAN_MAX_MS or start < now_ms - BACK_MAX_MS:
        return "startTime"
    if limit is None or not 1 <= limit <= LIMIT_MAX:
        return "limit"
    if from_id is None:
        return "fromId"
    if order not in ("asc", "desc"):
        return "sort"
    if asked.get("transactTypes", "transfer") != "transfer":
        return "transactTypes"

    matching = [
        movement
        for movement in movements
        if _transfer_type(movement)
        and start <= _at_ms(movement) <= (end if "endTime" in asked else _at_ms(movement))
        and movement.currency == asked.get("currency", movement.currency).upper()
    ]
    if order == "desc":
        matching.reverse()
    if from_id:
        matching = [m for m in matching if (m.id <= from_id if order == "desc" else m.id >= from_id)]
    body: dict[str, object] = {
        "code": 200,
        "message": "success",
        "data": [_row(movement, account_id, uid) for movement in matching[:limit]],
        "ok": True,
    }
    if len(matching) > limit:
        body["nextId"] = matching[limit].id
    return with_numbers(body)


def _row(movement: Movement, account_id: int, uid: int) -> dict[str, object]:
    signed = -movement.amount if movement.source == "spot" else movement.amount
    return {
        "accountId": account_id,
        "currency": movement.currency.lower(),
        "transactAmt": number(signed),
        "transactType": "transfer",
        "transferType": _transfer_type(movement),
        # Zero in HTX's own example: the ledger cannot be matched with the transfer's order id.
        "transactId": 0,
        "transactTime": _at_ms(movement),
        "transferer": uid,
        "transferee": uid,
    }


def _transfer_type(movement: Movement) -> str | None:
    """Name the two account types; None when the spot account took no part. The margin account is not told."""
    if movement.source == "spot":
        return _OUT.get(movement.destination.partition("/")[0])
    return _IN.get(movement.source.partition("/")[0]) if movement.destination == "spot" else None


def number(amount: Decimal) -> str:
    """Write an amount for `with_numbers`."""
    return f"number:{digits(amount)}"


def with_numbers(body: object) -> Answer:
    """Answer with a document in which amounts are JSON numbers, as on HTX; a float would change their digits."""
    return Answer(_AMOUNT.sub(r"\1", Answer.of(body).body))


def _at_ms(movement: Movement) -> int:
    return int(movement.at.timestamp() * 1000)


def _whole(asked: Mapping[str, str], name: str, default: int) -> int | None:
    text = asked.get(name)
    if text is None:
        return default
    return int(text) if _WHOLE.fullmatch(text) else None
