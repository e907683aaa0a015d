"""HTX: `POST /v2/account/transfer`. Build, sign, send, classify; each step can be tested alone.

There is no idempotency key and no look-up by an id of ours (htx-api.md §2.9), so a transfer is sent once and an
answer is a success or a refusal only when it is exactly what HTX documents.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.accounts import CROSS_MARGIN, HTX_ACCOUNTS, Account, plain
from bot.clock import Clock, to_text
from bot.errors import ExchangeUnreadable
from bot.exchanges import Finding, Order, Reading, Snapshot, Statement
from bot.exchanges.answers import (
    RATE_LIMIT,
    Answer,
    code_text,
    envelope,
    in_doubt,
    opened,
    outcome_of,
    says_no,
    says_yes,
    told,
)
from bot.exchanges.htx_balances import HtxBalances
from bot.exchanges.htx_codes import ABOUT_A_PARAMETER, RATE_LIMITED, REFUSED
from bot.exchanges.htx_reads import HtxReads
from bot.exchanges.htx_records import HtxRecords
from bot.exchanges.htx_signing import signed_url, signing_time
from bot.exchanges.htx_statement import read_statement
from bot.exchanges.keys import ApiKey
from bot.exchanges.transport import Request, Transport
from bot.transfers import Accepted, NotSent, Outcome, Refused, Unknown

# HTX allows one transfer per second and user (htx-api.md §2.9).
PACE_S = 1.1
TRANSFER = "/v2/account/transfer"

_AMOUNT = re.compile(r"(?=.*[1-9])[0-9]{1,15}(?:\.[0-9]{1,8})?")
_CURRENCY = re.compile(r"[A-Z0-9]{2,12}")
_MARGIN_ACCOUNT = re.compile(r"USDT|[A-Z0-9]+-USDT")
_ORDER_ID = re.compile(r"[1-9][0-9]{0,39}")
_PARAMETER = re.compile(r"parameter|参数", re.IGNORECASE)


def problem_with(order: Order) -> str | None:
    """Return why HTX could never take this order, else None. The desk checked it long before; this is the last look.

    Account names, routes, amount and margin account as in htx-api.md §2.1 to §2.4.
    """
    sides = (order.route.source, order.route.destination)
    if not all(side.name in HTX_ACCOUNTS for side in sides) or [side.name for side in sides].count("spot") != 1:
        return "the route is not between spot and another HTX account"
    for side in sides:
        if side.name == "linear-swap" and order.margin_account != (side.isolated or CROSS_MARGIN):
            return "the margin account is not the one of the linear-swap account"
    if order.margin_account and not _MARGIN_ACCOUNT.fullmatch(order.margin_account):
        return "the margin account is neither USDT nor a contract such as BTC-USDT"
    if not _AMOUNT.fullmatch(plain(order.amount)):
        return "the amount is not a positive number of at most 8 decimals"
    if not _CURRENCY.fullmatch(order.currency):
        return "the currency is not a symbol"
    return None


def transfer_body(order: Order) -> bytes:
    """Return the JSON body of a transfer (htx-api.md §2.1); the amount is a text, so no reader makes it a float.

    An isolated margin account is still a `linear-swap` account; `margin-account` says which (§2.2).
    """
    body = {
        "from": order.route.source.name,
        "to": order.route.destination.name,
        "currency": order.currency.lower(),
        "amount": plain(order.amount),
    }
    if order.margin_account:
        body["margin-account"] = order.margin_account
    return json.dumps(body, separators=(",", ":")).encode()


def classify(answer: Answer, key: ApiKey, refused_codes: frozenset[str] = frozenset()) -> Outcome:
    """Judge the answer to a transfer (htx-api.md §2.5 to §2.8).

    Args:
        key: taken out of the exchange's words, should they repeat it.
        refused_codes: codes somebody verified by hand to mean "nothing moved".
    """
    document = opened(answer, key)
    if not isinstance(document, dict):
        return document
    code, message = envelope(document)
    if not code:
        return Unknown("the exchange's answer has no clear code")
    success, flags, data = document.get("success"), _flags(document), document.get("data")
    if code == "200" and answer.status == 200:
        reference = code_text(data)
        if says_yes(success) and all(says_yes(flag) for flag in flags) and _ORDER_ID.fullmatch(reference):
            return Accepted(reference)
    said = told(code, message, key)
    if code == "200":
        return Unknown(f"the exchange answered {said}, but not as a success is documented")
    if data or not all(says_no(flag) for flag in flags):
        return Unknown(f"the exchange contradicts itself: {said}")
    known = code in REFUSED and (code not in ABOUT_A_PARAMETER or _PARAMETER.search(str(message)))
    if (known or code in refused_codes) and not in_doubt(document):
        by = RATE_LIMIT if code in RATE_LIMITED else "exchange"
        return Refused(key.cleaned(code), key.cleaned(message), by)
    return Unknown(f"the exchange answered {said}")


def _flags(document: Mapping[str, Any]) -> list[object]:
    """Return all the answer says of its own success, in any envelope; a flag it does not have says nothing."""
    status = document.get("status")
    named = {"ok": True, "error": False}.get(status, status) if isinstance(status, str) else status
    return [flag for flag in (document.get("success"), document.get("ok"), named) if flag is not None]


class HtxExchange:
    """One HTX key. Implements `bot.exchanges.Exchange`."""

    def __init__(
        self,
        name: str,
        url: str,
        futures_url: str,
        access_key: str,
        secret_key: str,
        *,
        clock: Clock,
        pace_s: float = PACE_S,
        refused_codes: frozenset[str] = frozenset(),
        transport: Transport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connect lazily; nothing is sent here.

        Args:
            url: spot and account host without closing slash, `https://api.huobi.pro`; also the host of transfers.
            futures_url: futures host, `https://api.hbdm.com`; `probe`, `look` and `available` read there alone.
            transport: another one than the default, for shorter deadlines.
            pause: waits some seconds between the reads of a statement.
        """
        self._name = name
        self._url = url
        self._key = ApiKey(access_key, secret_key)
        self._clock = clock
        self._pace_s = pace_s
        self._refused_codes = refused_codes
        self._pause = pause
        self._transport = transport or Transport()
        self._reads = HtxReads(url, futures_url, self._key, self._transport, clock)
        self._records = HtxRecords(self._reads, clock)
        self._balances = HtxBalances(self._reads)

    def __repr__(self) -> str:
        return f"HtxExchange({self._name!r}, {self._key})"

    @property
    def name(self) -> str:
        """See `Exchange`."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """See `Exchange`."""
        return self._key.fingerprint

    @property
    def pace_s(self) -> float:
        """See `Exchange`."""
        return self._pace_s

    def snapshot(self, order: Order) -> Snapshot:
        """Read the spot side, which every HTX transfer touches, and the ledger's last minutes.

        `spot.seq-num` counts the changes of the balance (htx-api.md §3): unchanged means that nothing moved. The clock
        comes first: what hangs on it would fail less clearly.
        """
        skew_s = self._reads.safe_skew()
        lines = self._records.lines_before(order)
        evidence = self._reads.spot_balance(order.currency)
        return Snapshot({**evidence, "skew_s": skew_s, "read_at": to_text(self._clock.now())}, lines)

    def available(self, account: Account, currency: str) -> str:
        """See `Exchange`; spot and otc by their id, the others on the futures host."""
        if account.exchange != self._name:
            raise ExchangeUnreadable("the account is another connection's")
        return self._balances.available(account, currency)

    def look(self, order: Order, sent_at: datetime, snapshot: Snapshot) -> Reading:
        """See `Exchange`; the ledger's lines, with the account history, futures bills and spot balance beside them."""
        return self._records.look(order, sent_at, snapshot)

    def statement(self, since: datetime, currencies: frozenset[str]) -> Statement:
        """See `Exchange`; the ledger has all currencies."""
        return read_statement(self._reads, self._clock, self._pause, since)

    def transfer(self, order: Order) -> Outcome:
        """See `Exchange`."""
        if {order.route.source.exchange, order.route.destination.exchange} != {self._name}:
            return NotSent("the order is for another connection")
        problem = problem_with(order)
        if problem:
            return NotSent(problem)
        url = signed_url(self._key, "POST", self._url, TRANSFER, {}, signing_time(self._clock.now()))
        request = Request("POST", url, transfer_body(order), {"Content-Type": "application/json"})
        return outcome_of(
            self._transport.send(request), lambda answer: classify(answer, self._key, self._refused_codes)
        )

    def user(self) -> str:
        """See `Exchange`; HTX's uid."""
        return self._reads.uid()

    def probe(self, accounts: frozenset[Account]) -> list[Finding]:
        """See `Exchange`."""
        return self._reads.probe(accounts)

    def close(self) -> None:
        """See `Exchange`."""
        self._transport.close()
