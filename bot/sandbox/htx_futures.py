"""What HTX's futures host tells of the accounts there, written from the book (htx-api.md §3)."""

from __future__ import annotations

import json
from collections.abc import Collection

from bot.sandbox.books import Book, digits
from bot.sandbox.htx_ledger import number, with_numbers
from bot.sandbox.wire import Answer


def linear_swap(book: Book, now_ms: int) -> Answer:
    """Answer `GET /v5/account/balance`: cross margin alone; nothing is in a position, so all of it can leave."""
    held = digits(book.balance("linear-swap", "USDT"))
    row = {"currency": "USDT", "equity": held, "available": held, "withdraw_available": held}
    data = {"state": "normal", "equity": held, "available_margin": held, "details": [row]}
    return Answer.of({"code": 200, "message": "Success", "data": data, "ts": now_ms})


def coin_margined(
    book: Book, account: str, body: bytes, parameter: str, suffix: str, coins: Collection[str], now_ms: int
) -> Answer | None:
    """Answer a coin-margined account's POST: every coin, or the one the body names; None when there is no such one.

    Args:
        account: its name in the book, `swap` or `futures`.
        parameter, suffix: how the body names a coin: `contract_code` and `-USD`, or `symbol` and nothing.
    """
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return None
    wanted = asked.get(parameter) if isinstance(asked, dict) else None
    named = [coin for coin in sorted(coins) if wanted in (None, f"{coin}{suffix}")]
    if not named:
        return None
    return with_numbers({"status": "ok", "data": [_row(book, account, coin) for coin in named], "ts": now_ms})


def _row(book: Book, account: str, coin: str) -> dict[str, object]:
    held = number(book.balance(account, coin))
    return {"symbol": coin, "margin_balance": held, "margin_available": held, "withdraw_available": held}
