"""HTX's records as a test sets them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import respx
from exchange_orders import StillClock, htx, order

from bot.evidence import Reading, Snapshot

SENT = datetime(2026, 11, 20, 4, 24, 15, tzinfo=UTC)
SENT_MS = 1795148655000
TIME = "/v1/common/timestamp"
LEDGER, HISTORY, BILLS = "/v2/account/ledger", "/v1/account/history", "/v5/account/bills"
BALANCE = "/v1/account/accounts/10000001/balance"
OUT = order("htx:spot -> htx:linear-swap", "10", margin="USDT")
IN = order("htx:linear-swap -> htx:spot", "10", margin="USDT")
BEFORE = Snapshot({"spot.available": "1000", "spot.seq-num": "41"})

Json = dict[str, Any]


def row(amount: object = -10, kind: object = "spot-to-linear-swap", at_s: float = 1, **more: object) -> Json:
    """A ledger row, some seconds after the send."""
    return {
        "accountId": 10000001,
        "currency": "usdt",
        "transactAmt": amount,
        "transactType": "transfer",
        "transferType": kind,
        "transactId": 0,
        "transactTime": SENT_MS + int(at_s * 1000),
        "transferer": 13496526,
        "transferee": 28483123,
    } | more


def ledger(*rows: Json, **more: object) -> Json:
    return {"code": 200, "message": "success", "data": list(rows), "ok": True, **more}


def balance(available: str, changes: str | None) -> Json:
    held = {"currency": "usdt", "type": "trade", "balance": available, "seq-num": changes}
    return {"status": "ok", "data": {"id": 10000001, "type": "spot", "state": "working", "list": [held]}}


def quiet() -> Json:
    """Answers of HTX, by path, on which nothing happened."""
    return {
        TIME: {"status": "ok", "data": SENT_MS},
        "/v1/account/accounts": {"status": "ok", "data": [{"id": 10000001, "type": "spot", "state": "working"}]},
        LEDGER: ledger(),
        HISTORY: {"status": "ok", "data": []},
        BILLS: {"code": 200, "message": "Success", "data": [], "ts": SENT_MS},
        BALANCE: balance("1000", "41"),
    }


def look(asked=OUT, before: Snapshot = BEFORE, after_s: float = 5) -> Reading:
    desk = htx(clock=StillClock(SENT + timedelta(seconds=after_s)))
    return desk.look(asked, SENT, before)


def requests(path: str) -> list[tuple[str, dict[str, str]]]:
    """Host and business parameters of the requests for a path."""
    auth = ("AccessKeyId", "SignatureMethod", "SignatureVersion", "Timestamp", "Signature")
    return [
        (url.host, {name: value for name, value in url.params.items() if name not in auth})
        for url in (call.request.url for call in respx.mock.calls)
        if url.path == path
    ]
