"""What the desk reads from HTX and never changes: balances before a send, and whether a key may be trusted with one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.accounts import Account
from bot.clock import Clock
from bot.errors import ExchangeUnreadable
from bot.exchanges import Finding
from bot.exchanges.answers import balance_text, code_text, envelope, json_object, told
from bot.exchanges.htx_codes import RATE_LIMITED
from bot.exchanges.htx_signing import signed_url, signing_time
from bot.exchanges.keys import ApiKey
from bot.exchanges.transport import Request, Transport

# HTX's pages name both 1 and 5 minutes as the limit (htx-api.md §1.2).
SKEW_MAX = timedelta(seconds=30)
# A key without an IP address bound to it expires after 90 days (htx-api.md §2.9).
DAYS_LEFT_WARN = 14

# All a key of the desk may do; a word HTX has never documented is no reason to trust it (htx-api.md §2.9).
_MAY = frozenset({"readonly", "trade"})

_DIGITS = re.compile(r"[0-9]{1,40}")
_WORD = re.compile(r"[a-z0-9_-]{1,40}")


class Declined(ExchangeUnreadable):
    """HTX answered with an error. `code` is empty where the answer is not one of HTX's own."""

    def __init__(self, said: str, code: str) -> None:
        super().__init__(said)
        self.code = code


class TooOften(Declined):
    """HTX wants fewer requests; nothing else is wrong with this one."""


class HtxReads:
    """Signed and public reads over the transport the transfers use."""

    def __init__(self, url: str, futures_url: str, key: ApiKey, transport: Transport, clock: Clock) -> None:
        self._url = url
        self._futures_url = futures_url
        self._key = key
        self._transport = transport
        self._clock = clock
        self._account_ids: dict[str, str] = {}

    def uid(self) -> str:
        """Return the user's id (`GET /v2/user/uid`).

        Raises:
            ExchangeUnreadable: no usable answer; likewise for every read below.
        """
        return digits(self.get("/v2/user/uid").get("data"), "uid")

    def skew(self) -> timedelta:
        """Return how far this machine's clock is ahead of HTX's, negative if behind (`GET /v1/common/timestamp`).

        Zero if it may all be the time the answer took.
        """
        before = self._clock.now()
        document = self._answer(Request("GET", f"{self._url}/v1/common/timestamp"))
        after = self._clock.now()
        milliseconds = digits(document.get("data"), "time")
        if len(milliseconds) != 13:
            raise ExchangeUnreadable("HTX's time is not in milliseconds")
        server = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
        return max(before - server, timedelta(0)) - max(server - after, timedelta(0))

    def safe_skew(self) -> str:
        """Return `skew` in seconds, as `-1.3`.

        Raises:
            ExchangeUnreadable: it is more than `SKEW_MAX`. The ledger's times could then not be held against ours.
        """
        skew = self.skew()
        if abs(skew) > SKEW_MAX:
            side = "ahead of" if skew > timedelta(0) else "behind"
            raise ExchangeUnreadable(f"this machine's clock is {_duration(abs(skew))} {side} HTX's; set it by NTP")
        tenths = round(skew / timedelta(seconds=0.1))
        return f"{tenths / 10:.1f}"

    def account_id(self, kind: str) -> str:
        """Return the id of the spot or the otc account, looked up once (`GET /v1/account/accounts`)."""
        if kind not in self._account_ids:
            self._account_ids[kind] = self._find_account_id(kind)
        return self._account_ids[kind]

    def spot_balance(self, currency: str) -> dict[str, str]:
        """Return what is available on spot and, if HTX counts them, the number of the balance's last change.

        See `listed_balance`.
        """
        row = self.listed_balance("spot", currency)
        change = code_text(row.get("seq-num"))
        return {"spot.available": str(row["balance"])} | ({"spot.seq-num": change} if change else {})

    def listed_balance(self, kind: str, currency: str) -> dict[str, Any]:
        """Return the row of what can move from the spot or the otc account, its `balance` in plain digits.

        From `GET /v1/account/accounts/{id}/balance` (htx-api.md §3): the row of type `trade`. A coin without a row was
        never held, so there is none of it.
        """
        data = self.get(f"/v1/account/accounts/{self.account_id(kind)}/balance").get("data")
        rows = data.get("list") if isinstance(data, dict) else None
        for row in objects(rows, f"{kind} balance"):
            if str(row.get("currency")).upper() == currency and row.get("type") == "trade":
                return row | {"balance": amount(row.get("balance"), f"{kind} balance")}
        return {"balance": "0"}

    def probe(self, accounts: frozenset[Account]) -> list[Finding]:
        """Look at clock, key and accounts; every look stands alone, so one that fails does not hide the next."""
        looks: list[tuple[str, Callable[[], list[Finding]]]] = [
            ("clock", self._look_at_clock),
            ("key", self._look_at_key),
            ("accounts", lambda: self._look_at_accounts({account.name for account in accounts})),
        ]
        if any(account.name == "linear-swap" for account in accounts):
            looks.append(("linear-swap account", self._look_at_linear_swap))
        return [finding for subject, look in looks for finding in _looked(subject, look)]

    def _look_at_clock(self) -> list[Finding]:
        skew = abs(self.skew())
        seconds = f"{skew.total_seconds():.1f} s"
        if skew <= SKEW_MAX:
            return [Finding(True, "clock", f"{seconds} from HTX's")]
        fix = "set this machine's clock by NTP; HTX refuses signatures that are minutes off"
        return [Finding(False, "clock", f"{seconds} from HTX's, at most {SKEW_MAX.seconds} s is safe", fix)]

    def _look_at_key(self) -> list[Finding]:
        uid = self.uid()
        found = [Finding(True, "user", f"the key belongs to HTX user {uid}")]
        keys = self.get("/v2/user/api-key", {"uid": uid, "accessKey": self._key.access}).get("data")
        for row in objects(keys, "list of keys"):
            if row.get("accessKey") == self._key.access:
                return found + judge_key(row)
        raise ExchangeUnreadable("HTX does not list this key")

    def _look_at_accounts(self, named: set[str]) -> list[Finding]:
        """Look for the accounts HTX lists by id: spot, which every transfer touches, and otc where a rule names it."""
        rows = list(objects(self.get("/v1/account/accounts").get("data"), "list of accounts"))
        return [_judge_account(kind, rows) for kind in ("spot", *sorted({"otc"} & named))]

    def _look_at_linear_swap(self) -> list[Finding]:
        """A look at the far side for people; no transfer depends on it, and older account modes refuse it (§3)."""
        try:
            self.get("/v5/account/balance", futures=True)
        except ExchangeUnreadable as problem:
            detail = f"its balance cannot be read ({problem}); transfers do not need it"
            return [Finding(True, "linear-swap account", detail)]
        return [Finding(True, "linear-swap account", "readable")]

    def _find_account_id(self, kind: str) -> str:
        for row in objects(self.get("/v1/account/accounts").get("data"), "list of accounts"):
            if row.get("type") == kind and row.get("state") == "working":
                return digits(row.get("id"), f"{kind} account id")
        raise ExchangeUnreadable(f"HTX lists no working {kind} account for this key")

    def get(self, path: str, params: Mapping[str, str] | None = None, *, futures: bool = False) -> dict[str, Any]:
        """Return the document of a signed GET, on the spot and account host or on the futures host."""
        host = self._futures_url if futures else self._url
        now = signing_time(self._clock.now())
        return self._answer(Request("GET", signed_url(self._key, "GET", host, path, params or {}, now)))

    def post(self, path: str) -> dict[str, Any]:
        """Return the document of a read on the futures host that HTX makes a POST, asked without any parameter."""
        now = signing_time(self._clock.now())
        url = signed_url(self._key, "POST", self._futures_url, path, {}, now)
        return self._answer(Request("POST", url, b"{}", {"Content-Type": "application/json"}))

    def _answer(self, request: Request) -> dict[str, Any]:
        """Return the document of a successful read, v1 (`status`: `ok`) or v2 and v5 (`code`: 200)."""
        answer = self._transport.read(request)
        document = json_object(answer.body)
        if document is None and answer.status == 429:
            raise TooOften("HTX answered HTTP 429, too many requests", "")
        if document is None:
            raise ExchangeUnreadable(f"HTX answered HTTP {answer.status} without usable JSON")
        code, message = envelope(document)
        if answer.status == 200 and (code == "200" or (document.get("status") == "ok" and not code)):
            return document
        said = told(code or "no code", message, self._key)
        kind = TooOften if answer.status == 429 or code in RATE_LIMITED else Declined
        raise kind(f"HTX answered HTTP {answer.status}, {said}", code if answer.status == 200 else "")


def _duration(span: timedelta) -> str:
    """Write a span of more than a second, rounded, in the largest unit of which it has two."""
    for unit, seconds in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if span.total_seconds() >= 2 * seconds:
            return f"{round(span.total_seconds() / seconds)} {unit}"
    return f"{round(span.total_seconds())} seconds"


def _judge_account(kind: str, rows: list[dict[str, Any]]) -> Finding:
    """Return whether HTX lists a working account of this type, with its id (htx-api.md §3)."""
    found = next((row for row in rows if row.get("type") == kind and row.get("state") == "working"), None)
    if found is None:
        return Finding(False, f"{kind} account", "HTX lists no working one", f"open the {kind} account at HTX first")
    return Finding(True, f"{kind} account", f"working, id {digits(found.get('id'), f'{kind} account id')}")


def judge_key(row: Mapping[str, Any]) -> list[Finding]:
    """Judge one row of `GET /v2/user/api-key` (htx-api.md §2.9): what the key may do, from where and how long."""
    permissions = {word.strip().lower() for word in str(row.get("permission") or "").split(",")} - {""}
    listed = ", ".join(sorted(permissions)) or "nothing"
    beyond = sorted({word if _WORD.fullmatch(word) else "do something unnamed" for word in permissions - _MAY})
    if beyond:
        fix = "make a key with Read and Trade only and delete this one; the desk refuses a key that can do more"
        allowed = Finding(False, "key permissions", f"it may {', '.join(beyond)}, beyond reading and trading", fix)
    elif "trade" not in permissions:
        fix = "make a key with the Trade permission; transfers need it"
        allowed = Finding(False, "key permissions", f"it may not trade (only: {listed})", fix)
    else:
        allowed = Finding(True, "key permissions", listed)
    return [allowed, _judge_status(row.get("status")), _judge_addresses(row), *_judge_days(row.get("validDays"))]


def _judge_status(status: object) -> Finding:
    if status == "normal":
        return Finding(True, "key status", "normal")
    return Finding(False, "key status", "HTX does not call it normal", "make a new key on HTX's API page")


def _judge_addresses(row: Mapping[str, Any]) -> Finding:
    """Count the addresses only: a list of egress addresses helps nobody but a stranger."""
    bound = [address for address in str(row.get("ipAddresses") or "").split(",") if address.strip()]
    if bound:
        return Finding(True, "key IP addresses", f"bound to {len(bound)}")
    detail = "bound to none: anyone who gets it can use it, and it expires after 90 days; bind this machine's address"
    return Finding(True, "key IP addresses", detail)


def _judge_days(days: object) -> list[Finding]:
    """-1 means for ever, 0 expired (htx-api.md §2.9)."""
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        return []
    if days == 0:
        return [Finding(False, "key validity", "expired", "make a new key on HTX's API page")]
    soon = "; make a new one soon" if days <= DAYS_LEFT_WARN else ""
    return [Finding(True, "key validity", f"{days} more day{'' if days == 1 else 's'}{soon}")]


def _looked(subject: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except ExchangeUnreadable as problem:
        fix = "check the key, its IP addresses and the connection; it must be a key of the main user"
        return [Finding(False, subject, f"cannot be checked: {problem}", fix)]


def objects(rows: object, what: str) -> list[dict[str, Any]]:
    """Return rows that are a list of objects.

    Raises:
        ExchangeUnreadable: they are anything else.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ExchangeUnreadable(f"HTX's {what} is no list")
    return rows


def amount(value: object, what: str) -> str:
    """Return a balance as plain digits.

    Raises:
        ExchangeUnreadable: it is no number.
    """
    text = balance_text(value)
    if not text:
        raise ExchangeUnreadable(f"HTX's {what} is not a number")
    return text


def digits(value: object, what: str) -> str:
    """Return a number as its digits, fit for a path or a query.

    Raises:
        ExchangeUnreadable: it is no whole number.
    """
    text = code_text(value)
    if not _DIGITS.fullmatch(text):
        raise ExchangeUnreadable(f"HTX's {what} is no number")
    return text
