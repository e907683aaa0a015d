"""HTX's second opinions, written from the book: the account history and the futures bills (htx-api.md §4, B and D)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.sandbox.books import Movement, digits
from bot.sandbox.wire import Answer

HISTORY_SPAN_MAX_MS = int(timedelta(hours=1) / timedelta(milliseconds=1))
HISTORY_BACK_MAX_MS = int(timedelta(days=29) / timedelta(milliseconds=1))
HISTORY_SIZE_MAX, HISTORY_SIZE_DEFAULT = 500, 100
BILLS_LIMIT_MAX, BILLS_LIMIT_DEFAULT = 100, 20

_TYPES = {"trade", "etf", "transact-fee", "fee-deduction", "transfer", "credit", "liquidation", "interest", "deposit"}
_TYPES |= {"withdraw", "withdraw-fee", "exchange", "other-types", "rebate", "fireblocks-dw"}
# Of one transfer HTX's sample shows a row of each.
_ROWS_OF_A_TRANSFER = ("other-types", "transfer")
_SPOT_TO_CONTRACT, _CONTRACT_TO_SPOT = 14, 15
_WHOLE = re.compile(r"[0-9]{1,19}")


def history(
    asked: Mapping[str, str],
    movements: Sequence[Movement],
    now: datetime,
    account_id: int,
    opening: Mapping[str, Decimal],
) -> Answer | str:
    """Answer one page of the spot account's changes, oldest first unless `sort=desc`.

    Args:
        movements: those that are on record.
        opening: what spot held per upper-case currency before any of them.

    Returns:
        The answer, or the v1 error code of what HTX does not take.
    """
    now_ms = _ms(now)
    end = _whole(asked, "end-time", now_ms)
    start = _whole(asked, "start-time", (end or 0) - HISTORY_SPAN_MAX_MS)
    size = _whole(asked, "size", HISTORY_SIZE_DEFAULT)
    from_id = _whole(asked, "from-id", 0)
    types = asked["transact-types"].split(",") if "transact-types" in asked else list(_ROWS_OF_A_TRANSFER)
    order = asked.get("sort", "asc")
    if not _TYPES.issuperset(types):
        return "base-argument-type-enum-unsupported"
    if end is None or start is None or not 0 <= end - start <= HISTORY_SPAN_MAX_MS:
        return "invalid-parameter"
    if not now_ms - HISTORY_BACK_MAX_MS <= end <= now_ms or order not in ("asc", "desc"):
        return "invalid-parameter"
    if size is None or not 1 <= size <= HISTORY_SIZE_MAX or from_id is None:
        return "invalid-parameter"
    rows = [
        row
        for movement, balance in _with_balances(movements, opening)
        for row in _history_rows(movement, balance, account_id)
        if row["transact-type"] in types
        and row["currency"] == asked.get("currency", row["currency"])
        and start <= _ms(movement.at) <= end
    ]
    if order == "desc":
        rows.reverse()
    ids = [row["record-id"] for row in rows]
    rows = rows[ids.index(from_id) :] if from_id in ids else rows
    body: dict[str, object] = {"status": "ok", "data": rows[:size]}
    if len(rows) > size:
        body["next-id"] = rows[size]["record-id"]
    return Answer.of(body)


def _with_balances(movements: Sequence[Movement], opening: Mapping[str, Decimal]) -> Iterator[tuple[Movement, Decimal]]:
    """Go with each movement of spot, oldest first, what spot held of its currency after it."""
    held = defaultdict(Decimal, opening)
    for movement in movements:
        if change := _change(movement):
            held[movement.currency] += change
            yield movement, held[movement.currency]


def _history_rows(movement: Movement, balance: Decimal, account_id: int) -> list[dict[str, object]]:
    return [
        {
            "account-id": account_id,
            "currency": movement.currency.lower(),
            "record-id": 359_044_690_000_000_000 + 10 * movement.id + place,
            "transact-amt": f"{_change(movement):.18f}",
            "transact-type": kind,
            "avail-balance": f"{balance:.18f}",
            "acct-balance": f"{balance:.18f}",
            "transact-time": _ms(movement.at),
        }
        for place, kind in enumerate(_ROWS_OF_A_TRANSFER)
    ]


def _change(movement: Movement) -> Decimal:
    """Return what a movement did to spot; nothing when spot took no part."""
    if "spot" not in (movement.source, movement.destination):
        return Decimal(0)
    return -movement.amount if movement.source == "spot" else movement.amount


def bills(asked: Mapping[str, str], movements: Sequence[Movement], now: datetime) -> Answer:
    """Answer one page of linear-swap's transfers with spot, newest first. `from=0` is refused, as seen live."""
    start, end = _whole(asked, "start_time", 0), _whole(asked, "end_time", _ms(now))
    limit, from_id = _whole(asked, "limit", BILLS_LIMIT_DEFAULT), _whole(asked, "from", 1)
    ts = _ms(now)
    if start is None or end is None or start > end or limit is None or not 1 <= limit <= BILLS_LIMIT_MAX or not from_id:
        return Answer.of({"code": 1067, "message": "Parameter error", "data": None, "ts": ts})
    types = asked["type"].split(",") if "type" in asked else [str(_SPOT_TO_CONTRACT), str(_CONTRACT_TO_SPOT)]
    rows = [
        bill
        for movement in reversed(movements)
        if (bill := _bill(movement)) and str(bill["type"]) in types and start <= _ms(movement.at) <= end
    ]
    return Answer.of({"code": 200, "message": "Success", "data": rows[:limit], "ts": ts})


def _bill(movement: Movement) -> dict[str, object] | None:
    """Return a movement between spot and linear-swap as the futures side sees it. An outward sign is a guess."""
    far, isolated = next(
        (
            (account, account.partition("/")[2])
            for account in (movement.source, movement.destination)
            if account.partition("/")[0] == "linear-swap"
        ),
        ("", ""),
    )
    if not far or not _change(movement):
        return None
    outward = movement.source == far
    return {
        "id": str(71_000_000 + movement.id),
        "contract_code": isolated,
        "margin_mode": "isolated" if isolated else "cross",
        "type": _CONTRACT_TO_SPOT if outward else _SPOT_TO_CONTRACT,
        "currency": movement.currency,
        "amount": digits(-movement.amount if outward else movement.amount),
        "created_time": _ms(movement.at),
    }


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _whole(asked: Mapping[str, str], name: str, default: int) -> int | None:
    text = asked.get(name)
    if text is None:
        return default
    return int(text) if _WHOLE.fullmatch(text) else None
