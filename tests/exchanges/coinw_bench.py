"""CoinW's transfer history as a test sets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import respx
from exchange_orders import StillClock, order

from bot.evidence import Reading, Snapshot
from bot.exchanges.coinw import CoinwExchange

HISTORY, AVAILABLE = "returnTransferHistory", "subAccount_transferAvailable"
OUT = order("coinw:master -> coinw:39000001", "10")
IN = order("coinw:39000001 -> coinw:master", "10")
SENT = StillClock().now()
BEFORE = Snapshot({"sub.available": "20", "history.read": "whole"}, frozenset({"100", "99"}))

Json = dict[str, Any]


def row(number: int, amount: object = "-10", **more: object) -> Json:
    """A row of the history of OUT; a larger number is a newer one."""
    created = f"2026-11-20 {12 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    return {
        "currency": "USDT",
        "createTime": created,
        "amount": amount,
        "from": 4,
        "to": 3,
        "status": "SUCCESS",
        "ledgerId": str(number),
    } | more


class Bench:
    """CoinW as a test sets it: the history's rows, newest first, or what stands in for an answer."""

    def __init__(self) -> None:
        self.rows: list[Json] = [row(100, "-3"), row(99)]
        self.available: object = "20"
        self.longest = 100  # rows of a page, whatever was asked for
        self.history: Callable[[int, int], object] = self.page
        self.pauses: list[float] = []
        self.exchange = CoinwExchange(
            "coinw",
            "https://api.coinw.com",
            "test_api_key",
            "test_secret_key",
            {"maker": "39000001"},
            clock=StillClock(),
            pause=self.pauses.append,
        )

    def page(self, number: int, size: int) -> object:
        size = min(size, self.longest)
        return self.rows[(number - 1) * size : number * size]

    def answer(self, request: httpx.Request) -> httpx.Response:
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        data = self.available
        if asked["command"] == HISTORY:
            data = self.history(int(asked["pageNo"]), int(asked["pageSize"]))
        if isinstance(data, Exception):
            raise data
        if isinstance(data, httpx.Response):
            return data
        body = {"code": "200", "data": data, "msg": "SUCCESS", "success": True, "failed": False}
        return httpx.Response(200, content=json.dumps(body))

    def look(self, asked=OUT, before: Snapshot = BEFORE) -> Reading:
        return self.exchange.look(asked, SENT, before)

    def asked(self, command: str = HISTORY) -> list[str]:
        """The queries of a command, without key and signature."""
        urls = [call.request.url.query.decode() for call in respx.mock.calls]
        return [url.partition("&sign=")[0] for url in urls if url.startswith(f"command={command}&")]


def ids(reading: Reading) -> list[str]:
    return [line.id for line in reading.lines]
