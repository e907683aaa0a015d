"""CoinW: `POST /api/v1/private?command=subAccount_transfer` and its reads. Build, sign, send, classify.

Everything travels in the query string of a POST with an empty body, and the signature has neither time nor nonce: the
same transfer has the same URL for ever, and whoever reads one can repeat it (coinw-api.md §0.2, §0.3). There is no
idempotency key and no look-up by an id of ours (§0.4, §0.6).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.accounts import MASTER, Account, Route, plain
from bot.clock import Clock, to_text
from bot.errors import BalanceHidden, ExchangeUnreadable
from bot.exchanges import Balance, Finding, Order, Reading, Snapshot, Statement
from bot.exchanges.answers import (
    RATE_LIMIT,
    Answer,
    balance_text,
    code_text,
    envelope,
    in_doubt,
    json_object,
    opened,
    outcome_of,
    says_no,
    says_yes,
    told,
)
from bot.exchanges.coinw_codes import RATE_LIMITED, REFUSED
from bot.exchanges.coinw_records import CoinwHistory, Ground, Key
from bot.exchanges.coinw_statement import read_statement
from bot.exchanges.keys import ApiKey
from bot.exchanges.opinions import unreadable, weigh
from bot.exchanges.transport import Request, Transport
from bot.transfers import Accepted, NotSent, Outcome, Refused, Unknown

# CoinW allows 3 requests a second and halves that when it warns (coinw-api.md §3.5): at most one a second.
PACE_S = 1.1

# How much of the history a snapshot saw: all of it, or its newest rows.
_WHOLE, _NEWEST = "whole", "newest"

# Values are hashed as they are and joined with `&` and `=`, so only characters that need no encoding may occur: else
# two different requests could have one signature (coinw-api.md §2.2).
_VALUE = re.compile(r"[A-Za-z0-9._-]+")
_AMOUNT = re.compile(r"(?=.*[1-9])[0-9]{1,15}(?:\.[0-9]{1,8})?")
_CURRENCY = re.compile(r"[A-Z0-9]{1,20}")
_UID = re.compile(r"[0-9]{1,20}")
_BIZ_NO = re.compile(r"[!-~]{1,128}")


def sign(key: ApiKey, params: Mapping[str, str]) -> str:
    """Return the signature: upper-case hex of the MD5 over the sorted raw pairs and, last, the secret.

    `command` is not among the pairs (coinw-api.md §2.1, §2.2).
    """
    pairs = sorted({**params, "api_key": key.access}.items())
    text = "&".join(f"{name}={value}" for name, value in [*pairs, ("secret_key", key.secret)])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def signed_url(key: ApiKey, url: str, command: str, params: Mapping[str, str]) -> str:
    """Return the complete URL of a private command.

    Args:
        params: values of `_VALUE`'s characters only, see `unfit`.
    """
    query = "&".join(f"{name}={value}" for name, value in sorted({**params, "api_key": key.access}.items()))
    return f"{url}/api/v1/private?command={command}&{query}&sign={sign(key, params)}"


def unfit(key: ApiKey, params: Mapping[str, str]) -> bool:
    """Tell whether a value has characters that would have to be encoded; such a request is never signed."""
    return not all(_VALUE.fullmatch(value) for value in (key.access, *params.values()))


def direction(route: Route) -> tuple[str, str] | None:
    """Return `side` and `subUid`, or None if no side or both sides are the master.

    `OUT` leaves the master, `IN` returns to it (coinw-api.md §3.1).
    """
    source, destination = route.source.name, route.destination.name
    if source == MASTER and destination != MASTER:
        return ("OUT", destination)
    if destination == MASTER and source != MASTER:
        return ("IN", source)
    return None


def problem_with(order: Order, subaccounts: Mapping[str, str]) -> str | None:
    """Return why this order may not be sent, else None. The desk checked it long before; this is the last look."""
    sub = direction(order.route)
    if sub is None:
        return "the route is not between master and a sub-account"
    if not _UID.fullmatch(sub[1]) or sub[1] not in subaccounts.values():
        return "the sub-account is not among the connection's"
    if not _AMOUNT.fullmatch(plain(order.amount)):
        return "the amount is not a positive number of at most 8 decimals"
    if not _CURRENCY.fullmatch(order.currency):
        return "the currency is not a symbol"
    return None


def transfer_params(order: Order) -> dict[str, str]:
    """Return the four parameters of a transfer (coinw-api.md §3.1).

    Raises:
        ValueError: `problem_with` was not asked.
    """
    sub = direction(order.route)
    if sub is None:
        raise ValueError("no side is the master")
    side, uid = sub
    return {"side": side, "subUid": uid, "currency": order.currency, "amount": plain(order.amount)}


def classify(answer: Answer, key: ApiKey, refused_codes: frozenset[str] = frozenset()) -> Outcome:
    """Judge the answer to a transfer (coinw-api.md §3.2 to §3.4).

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
    success, failed, data = document.get("success"), document.get("failed"), document.get("data")
    if code == "200" and answer.status == 200:
        reference = _biz_no(data)
        if says_yes(success) and (failed is None or says_no(failed)) and reference:
            return Accepted(reference)
    said = told(code, message, key)
    if code == "200":
        return Unknown(f"the exchange answered {said}, but not as a success is documented")
    if data or not (success is None or says_no(success)) or not (failed is None or says_yes(failed)):
        return Unknown(f"the exchange contradicts itself: {said}")
    if (code in REFUSED or code in refused_codes) and not in_doubt(document):
        by = RATE_LIMIT if code in RATE_LIMITED else "exchange"
        return Refused(key.cleaned(code), key.cleaned(message), by)
    return Unknown(f"the exchange answered {said}")


def _biz_no(data: object) -> str:
    """Return the transfer's number, an opaque text (coinw-api.md §3.2), or an empty text."""
    number = data.get("bizNo") if isinstance(data, dict) else None
    text = code_text(number) if isinstance(number, int) else number
    return text if isinstance(text, str) and _BIZ_NO.fullmatch(text) else ""


class CoinwExchange:
    """One CoinW master key. Implements `bot.exchanges.Exchange`."""

    def __init__(
        self,
        name: str,
        url: str,
        access_key: str,
        secret_key: str,
        subaccounts: Mapping[str, str],
        *,
        clock: Clock,
        pace_s: float = PACE_S,
        refused_codes: frozenset[str] = frozenset(),
        transport: Transport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connect lazily; nothing is sent here.

        Args:
            url: host without closing slash, `https://api.coinw.com`.
            subaccounts: alias → uid; no other sub-account is ever named in a request.
            transport: another one than the default, for shorter deadlines.
            pause: waits some seconds between two reads.
        """
        self._name = name
        self._url = url
        self._key = ApiKey(access_key, secret_key)
        self._subaccounts = dict(subaccounts)
        self._clock = clock
        self._pace_s = pace_s
        self._refused_codes = refused_codes
        self._pause = pause
        self._transport = transport or Transport()
        self._history = CoinwHistory(self._read, pause)

    def __repr__(self) -> str:
        return f"CoinwExchange({self._name!r}, {self._key})"

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
        """Read the history of the order's direction and what the sub-account has.

        The master's own funding balance has no endpoint (coinw-api.md §4.1).
        """
        problem = problem_with(order, self._subaccounts)
        if problem:
            raise ExchangeUnreadable(problem)
        ground = self._history.lines_before(_history_key(order))
        evidence = {
            "sub.available": self._sub_available(order),
            "history.read": _WHOLE if ground.whole else _NEWEST,
            "read_at": to_text(self._clock.now()),
        }
        return Snapshot(evidence, ground.ids)

    def available(self, account: Account, currency: str) -> str:
        """See `Exchange`; the master's own funding balance has no endpoint (coinw-api.md §4.1)."""
        if account.name == MASTER:
            raise BalanceHidden("CoinW's API does not say what the master account has")
        if account.exchange != self._name or account.name not in self._subaccounts.values():
            raise ExchangeUnreadable("the sub-account is not among the connection's")
        return self._sub_balance(account.name, currency)

    def look(self, order: Order, sent_at: datetime, snapshot: Snapshot) -> Reading:
        """See `Exchange`. CoinW's times are of no use (coinw-api.md §4.3), so only the snapshot says what is new.

        The balance is read last, so that it knows of every row read before, and told early.
        """
        if direction(order.route) is None:
            raise ExchangeUnreadable("the route is not between master and a sub-account")
        before = Ground(snapshot.lines, whole=snapshot.evidence.get("history.read") == _WHOLE)
        seen = self._history.look(_history_key(order), order.amount, before)
        balance, said = self._weighed(order, snapshot)
        return Reading(seen.lines, balance, (seen.found, said, *seen.caveats), seen.doubts)

    def statement(self, since: datetime, currencies: frozenset[str]) -> Statement:
        """See `Exchange`; both directions of each currency."""
        return read_statement(self._history, self._pause, since, currencies)

    def transfer(self, order: Order) -> Outcome:
        """See `Exchange`."""
        if {order.route.source.exchange, order.route.destination.exchange} != {self._name}:
            return NotSent("the order is for another connection")
        problem = problem_with(order, self._subaccounts)
        if problem:
            return NotSent(problem)
        params = transfer_params(order)
        if unfit(self._key, params):
            return NotSent("a value has characters CoinW's signature cannot carry")
        request = self._request("subAccount_transfer", params)
        return outcome_of(
            self._transport.send(request), lambda answer: classify(answer, self._key, self._refused_codes)
        )

    def user(self) -> str:
        """Return `subs:` and the sha256 of the master's sub-accounts, or `key:` and the fingerprint if it has none.

        CoinW has no endpoint that names the user behind a key, but a sub-account has one master only, so two keys that
        list the same ones are of one user. Two keys of a master without sub-accounts look like two users; it has
        nothing to transfer to either.
        """
        uids = sorted(code_text(row.get("spotUid")) for row in self._sub_accounts())
        if not all(_UID.fullmatch(uid) for uid in uids):
            raise ExchangeUnreadable("CoinW's list has a sub-account without uid")
        if not uids:
            return f"key:{self._key.fingerprint}"
        return f"subs:{hashlib.sha256(','.join(uids).encode()).hexdigest()}"

    def probe(self, accounts: frozenset[Account]) -> list[Finding]:
        """See `Exchange`; looks at every alias of the connection, whichever accounts the rules name.

        Nicknames stay unsaid: they may be e-mail addresses.
        """
        try:
            rows = self._sub_accounts()
        except ExchangeUnreadable as problem:
            fix = "check the key, its IP addresses and the connection; it must be a key of the master account"
            return [Finding(False, "key", f"cannot be checked: {problem}", fix)]
        frozen = {code_text(row.get("spotUid")): row.get("frozenFlag") for row in rows}
        detail = "accepted; CoinW does not tell what it may do: see on its API page that it cannot withdraw"
        return [
            Finding(True, "key", f"{detail} and is bound to an IP address"),
            *(_judge_sub(alias, uid, frozen) for alias, uid in self._subaccounts.items()),
        ]

    def close(self) -> None:
        """See `Exchange`."""
        self._transport.close()

    def _weighed(self, order: Order, snapshot: Snapshot) -> tuple[Balance, str]:
        """Hold the sub-account's balance against the snapshot's."""
        change = order.amount if transfer_params(order)["side"] == "OUT" else -order.amount
        subject = "The sub-account's balance"
        try:
            now = self._sub_available(order)
        except ExchangeUnreadable as failure:
            return Balance.UNCLEAR, unreadable(subject, failure)
        return weigh(subject, order.currency, change, snapshot.evidence.get("sub.available", ""), now)

    def _sub_available(self, order: Order) -> str:
        """Return what the order's sub-account has (`subAccount_transferAvailable`, coinw-api.md §4.1)."""
        problem = problem_with(order, self._subaccounts)
        if problem:
            raise ExchangeUnreadable(problem)
        return self._sub_balance(transfer_params(order)["subUid"], order.currency)

    def _sub_balance(self, uid: str, currency: str) -> str:
        params = {"coinCode": currency, "subUid": uid}
        available = balance_text(self._read("subAccount_transferAvailable", params).get("data"))
        if not available:
            raise ExchangeUnreadable("CoinW's balance of the sub-account is not a number")
        return available

    def _sub_accounts(self) -> list[dict[str, Any]]:
        """Return the rows of `subAccount_list` (coinw-api.md §4.2)."""
        rows = self._read("subAccount_list", {}).get("data")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ExchangeUnreadable("CoinW's list of sub-accounts is no list")
        return rows

    def _request(self, command: str, params: Mapping[str, str]) -> Request:
        headers = {"Content-Type": "application/json"}
        return Request("POST", signed_url(self._key, self._url, command, params), headers=headers)

    def _read(self, command: str, params: Mapping[str, str]) -> dict[str, Any]:
        if unfit(self._key, params):
            raise ExchangeUnreadable("a value has characters CoinW's signature cannot carry")
        status, document = self._answer(command, params)
        code, message = envelope(document)
        if code in RATE_LIMITED:
            # Two starts of a desk within a second are enough for this; a read may be repeated, once.
            self._pause(PACE_S)
            status, document = self._answer(command, params)
            code, message = envelope(document)
        # Older commands have no `success` (coinw-api.md §3.2); a read may do without.
        if status == 200 and code == "200" and not says_no(document.get("success")):
            return document
        raise ExchangeUnreadable(f"CoinW answered HTTP {status}, {told(code or 'no code', message, self._key)}")

    def _answer(self, command: str, params: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        answer = self._transport.read(self._request(command, params))
        document = json_object(answer.body)
        if document is None:
            raise ExchangeUnreadable(f"CoinW answered HTTP {answer.status} without usable JSON")
        return answer.status, document


def _history_key(order: Order) -> Key:
    return Key(transfer_params(order)["side"], order.currency)


def _judge_sub(alias: str, uid: str, frozen: Mapping[str, object]) -> Finding:
    subject = f"sub-account {alias}"
    if uid not in frozen:
        return Finding(False, subject, f"CoinW does not list {uid}", "correct its uid in desk.toml")
    if code_text(frozen[uid]) != "0":
        return Finding(False, subject, f"{uid} is frozen", "unfreeze it at CoinW or remove it from desk.toml")
    return Finding(True, subject, f"{uid}, not frozen")
