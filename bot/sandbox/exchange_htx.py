"""An HTX look-alike: the transfer endpoint and the reads around it, with the bodies of reference htx-api.md.

The spot and the futures host are one loopback address here. What HTX leaves undocumented is settled strictly: the desk
must not depend on an exchange that forgives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from bot.clock import Clock
from bot.sandbox.books import Book, InsufficientFunds, digits
from bot.sandbox.htx_futures import coin_margined, linear_swap
from bot.sandbox.htx_history import bills, history
from bot.sandbox.htx_ledger import ledger
from bot.sandbox.htx_order import Order, Refusal, read_order
from bot.sandbox.lookalike import Lookalike, Rate
from bot.sandbox.signatures import htx_signature, same
from bot.sandbox.wire import Answer, Call

TRANSFER = "/v2/account/transfer"
ACCOUNT_IDS: Mapping[str, int] = MappingProxyType({"spot": 10000001, "otc": 10000002})
SKEW_MAX = timedelta(minutes=5)
FUTURES_READS_PER_SECOND = 12  # 36 in three seconds (htx-api.md §3.5)

_BALANCE = re.compile(r"/v1/account/accounts/(?P<id>\d+)/balance")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_FIRST_ORDER_ID = 176104252
# As seen live: errors come as text, so a client must not judge the body by its Content-Type (htx-api.md §2.8).
_ERROR_TYPE = "text/plain"
_UNSIGNED = "Login is required"
_FUTURES_PATHS = ("/v5/", "/swap-api/", "/api/v1/")


@dataclass(frozen=True)
class _Route:
    """What one endpoint needs before it answers. `permission` empty: public."""

    method: str
    permission: str
    answer: Callable[[Call], Answer]


class HtxLookalike(Lookalike):
    """HTX with one user and one key.

    Its book names accounts `spot`, `otc`, `futures`, `swap`, `linear-swap` and `linear-swap/BTC-USDT`.
    """

    def __init__(
        self,
        clock: Clock,
        access_key: str,
        secret_key: str,
        uid: int,
        opening: Mapping[str, Mapping[str, str]],
        *,
        name: str = "htx",
        permission: str = "readOnly,trade",
        ip_addresses: str = "",
        valid_days: int = -1,
        margin_account_required: bool = True,
        currencies: frozenset[str] = frozenset({"USDT", "BTC", "ETH"}),
        minimums: Mapping[str, str] = MappingProxyType({}),
        otc_is_shown: bool = True,
    ) -> None:
        """Open an account at the exchange.

        Args:
            opening: balances per book account and upper-case currency, as plain decimal text.
            permission, ip_addresses, valid_days: of the key, as `/v2/user/api-key` reports them.
            margin_account_required: refuse every transfer without `margin-account`, as the API page asks.
            minimums: least amount per upper-case currency in one transfer, as plain decimal text (code 1303).
            otc_is_shown: tell the otc balance; HTX's pages contradict each other on whether it does (htx-api.md §3).
        """
        super().__init__(name, Book(clock, opening), clock)
        self._opening_spot = {currency: Decimal(held) for currency, held in opening.get("spot", {}).items()}
        self._access_key = access_key
        self._secret_key = secret_key
        self._uid = uid
        self._permission = permission
        self._ip_addresses = ip_addresses
        self._valid_days = valid_days
        self._margin_account_required = margin_account_required
        self._currencies = currencies
        self._minimums = minimums
        self._otc_is_shown = otc_is_shown
        self._rate = Rate(clock, 1)
        self._futures_rate = Rate(clock, FUTURES_READS_PER_SECOND)
        self._routes = {
            TRANSFER: _Route("POST", "trade", self._transfer),
            "/v1/common/timestamp": _Route("GET", "", self._timestamp),
            "/v2/user/uid": _Route("GET", "readOnly", self._user),
            "/v2/user/api-key": _Route("GET", "readOnly", self._key),
            "/v1/account/accounts": _Route("GET", "readOnly", self._accounts),
            "/v2/account/ledger": _Route("GET", "readOnly", self._ledger),
            "/v1/account/history": _Route("GET", "readOnly", self._history),
            "/v5/account/balance": _Route("GET", "readOnly", self._linear_swap),
            "/v5/account/bills": _Route("GET", "readOnly", self._bills),
            "/swap-api/v1/swap_account_info": _Route("POST", "readOnly", self._swap),
            "/api/v1/contract_account_info": _Route("POST", "readOnly", self._futures),
        }

    def is_transfer(self, call: Call) -> bool:
        """Whether a call goes to `/v2/account/transfer`."""
        return call.path == TRANSFER

    def answer(self, call: Call) -> Answer:
        """Judge a call as the gateway does (verb, body, signature), then answer it."""
        route = self._routes.get(call.path)
        if _BALANCE.fullmatch(call.path):
            route = _Route("GET", "readOnly", self._balance)
        if route is None or route.method != call.method:
            return _gateway_error("method-not-allowed", "Request method is not supported", status=405)
        if call.method == "GET" and call.body:
            return _gateway_error("bad-request", "A GET request has no body", status=403)
        if not route.permission:
            return route.answer(call)
        if call.method == "POST" and not call.has_json_type:
            return _gateway_error("gateway-internal-error", "Failed to load data. Try again later.")
        return self._unauthenticated(call, route.permission) or route.answer(call)

    def _unauthenticated(self, call: Call, permission: str) -> Answer | None:
        """Turn away a call that is not signed well, in the envelope of its host (htx-api.md §1.1, §2.7)."""
        reason = self._mistrust(call, permission)
        if reason is None:
            return None
        if call.path.startswith(_FUTURES_PATHS):
            return _futures_error(403, reason, call.at)
        if reason == _UNSIGNED:
            return _gateway_error("login-required", reason)
        return _gateway_error("api-signature-not-valid", f"Signature not valid: {reason}")

    def _mistrust(self, call: Call, permission: str) -> str | None:
        """Return what is wrong with key, time, signature, address or permission, if anything."""
        given = call.parameters
        if not given.get("AccessKeyId") or not given.get("Signature"):
            return _UNSIGNED
        if given["AccessKeyId"] != self._access_key:
            return "Incorrect Access key [Access key错误]"
        if not _in_time(given.get("Timestamp", ""), call.at):
            return "Invalid submission time or incorrect time format [无效的提交时间，或时间格式错误]"
        scheme = (given.get("SignatureMethod"), given.get("SignatureVersion"))
        computed = htx_signature(self._secret_key, call.method, call.headers.get("host", ""), call.path, call.pairs)
        if scheme != ("HmacSHA256", "2") or not same(given["Signature"], computed):
            return "Verification failure [校验失败]"
        if self._ip_addresses and call.remote not in self._ip_addresses.split(","):
            return f"Incorrect IP address [IP地址错误]:{call.remote}"
        if permission not in self._permission.split(","):
            return "API key has no permission [API Key没有权限]"
        return None

    def _transfer(self, call: Call) -> Answer:
        """Answer `POST /v2/account/transfer` (htx-api.md §2); business errors come with HTTP 200."""
        if not self._rate.allows("transfer"):
            return _refused(Refusal(429, "too many requests"))
        try:
            document = json.loads(call.body, parse_float=str, parse_int=str, parse_constant=_no_number)
        except ValueError:
            return _gateway_error("gateway-internal-error", "Failed to load data. Try again later.")
        order = read_order(
            document,
            currencies=self._currencies,
            minimums=self._minimums,
            margin_account_required=self._margin_account_required,
        )
        if isinstance(order, Refusal):
            return _refused(order)
        return self._execute(order)

    def _execute(self, order: Order) -> Answer:
        try:
            movement = self.book.move(
                order.source,
                order.destination,
                order.currency,
                order.amount,
                detail=order.margin_account,
                by_hand=False,
            )
        except InsufficientFunds:
            return _refused(Refusal(1301, "Insufficient amount available."))
        return Answer.of(
            {
                "code": 200,
                "data": _FIRST_ORDER_ID + movement.id,
                "message": "Succeed",
                "success": True,
                "print-log": True,
            }
        )

    def _timestamp(self, call: Call) -> Answer:
        return Answer.of({"status": "ok", "data": _epoch_ms(call.at)})

    def _user(self, call: Call) -> Answer:
        return Answer.of({"code": 200, "data": self._uid})

    def _key(self, call: Call) -> Answer:
        """Answer `GET /v2/user/api-key`: the key itself, for this user only (htx-api.md §2.9)."""
        if call.parameters.get("uid") != str(self._uid):
            return _invalid_field("uid")
        if call.parameters.get("accessKey", self._access_key) != self._access_key:
            return _invalid_field("accessKey")
        key = {
            "accessKey": self._access_key,
            "note": "transferdesk",
            "permission": self._permission,
            "ipAddresses": self._ip_addresses,
            "validDays": self._valid_days,
            "status": "normal",
        }
        return Answer.of({"code": 200, "message": "success", "data": [key], "ok": True})

    def _accounts(self, call: Call) -> Answer:
        listed = [
            {"id": number, "type": kind, "subtype": "", "state": "working"} for kind, number in ACCOUNT_IDS.items()
        ]
        return Answer.of({"status": "ok", "data": listed})

    def _balance(self, call: Call) -> Answer:
        """Answer `GET /v1/account/accounts/{id}/balance`; `seq-num` grows with each change (htx-api.md §3)."""
        account = _account_of(call.path.split("/")[4])
        if account is None:
            return _gateway_error("invalid-parameter", "invalid parameter")
        if account == "otc" and not self._otc_is_shown:
            return _gateway_error("invalid-parameter", "OTC account inquiries are not supported.")
        rows = []
        for currency in sorted(self._currencies):
            number = str(self.book.changes(account, currency))
            for kind, held in (("trade", digits(self.book.balance(account, currency))), ("frozen", "0")):
                rows.append({"currency": currency.lower(), "type": kind, "balance": held, "seq-num": number})
        data = {"id": ACCOUNT_IDS[account], "type": account, "state": "working", "list": rows}
        return Answer.of({"status": "ok", "data": data})

    def _linear_swap(self, call: Call) -> Answer:
        """Answer `GET /v5/account/balance`: the cross margin side of linear-swap (htx-api.md §3)."""
        return self._too_often(call) or linear_swap(self.book, _epoch_ms(call.at))

    def _swap(self, call: Call) -> Answer:
        """Answer `POST /swap-api/v1/swap_account_info` (htx-api.md §3)."""
        return self._too_often(call) or self._coin_margined(call, "swap", "contract_code", "-USD")

    def _futures(self, call: Call) -> Answer:
        """Answer `POST /api/v1/contract_account_info` (htx-api.md §3)."""
        return self._too_often(call) or self._coin_margined(call, "futures", "symbol", "")

    def _coin_margined(self, call: Call, account: str, parameter: str, suffix: str) -> Answer:
        coins = self._currencies - {"USDT"}
        found = coin_margined(self.book, account, call.body, parameter, suffix, coins, _epoch_ms(call.at))
        return found or _futures_error(1013, "This contract type doesnt exist.", call.at)

    def _too_often(self, call: Call) -> Answer | None:
        """Turn away a private read of the futures host that is one too many; its code here is HTX's general one."""
        if self._futures_rate.allows("read"):
            return None
        return _futures_error(429, "too many requests", call.at)

    def _ledger(self, call: Call) -> Answer:
        """Answer `GET /v2/account/ledger` from the book; OTC's is always empty (htx-api.md §4)."""
        account = _account_of(call.parameters.get("accountId", ""))
        if account is None:
            return _invalid_field("accountId")
        movements = self.recorded(call.at) if account == "spot" else ()
        answer = ledger(call.parameters, movements, call.at, ACCOUNT_IDS[account], self._uid)
        return answer if isinstance(answer, Answer) else _invalid_field(answer)

    def _history(self, call: Call) -> Answer:
        """Answer `GET /v1/account/history` from the book; OTC's is always empty (htx-api.md §4, row B)."""
        account = _account_of(call.parameters.get("account-id", ""))
        if account is None:
            return _gateway_error("invalid-parameter", "invalid parameter")
        movements = self.recorded(call.at) if account == "spot" else ()
        answer = history(call.parameters, movements, call.at, ACCOUNT_IDS[account], self._opening_spot)
        return answer if isinstance(answer, Answer) else _gateway_error(answer, "invalid parameter")

    def _bills(self, call: Call) -> Answer:
        """Answer `GET /v5/account/bills`: what came to linear-swap and went from it (htx-api.md §4, row D)."""
        return bills(call.parameters, self.recorded(call.at), call.at)


def _account_of(number: str) -> str | None:
    return next((kind for kind, known in ACCOUNT_IDS.items() if str(known) == number), None)


def _in_time(text: str, now: datetime) -> bool:
    if not _TIMESTAMP.fullmatch(text):
        return False
    try:
        stamp = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - stamp) <= SKEW_MAX


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _no_number(text: str) -> str:
    """Refuse NaN and Infinity, which Python's JSON reader takes and JSON has not."""
    raise ValueError("not JSON")


def _gateway_error(code: str, message: str, status: int = 200) -> Answer:
    """Answer in the spot gateway's envelope (htx-api.md §2.7, first row)."""
    body = {"status": "error", "err-code": code, "err-msg": message, "data": None}
    return Answer.of(body, status, _ERROR_TYPE)


def _futures_error(code: int, message: str, at: datetime) -> Answer:
    """Answer in the futures host's envelope (htx-api.md §2.7, second row)."""
    body = {"status": "error", "err_code": code, "err_msg": message, "ts": _epoch_ms(at)}
    return Answer.of(body, content_type=_ERROR_TYPE)


def _refused(refusal: Refusal) -> Answer:
    """Answer in the transfer endpoint's envelope (htx-api.md §2.5)."""
    body = {"code": refusal.code, "data": None, "message": refusal.message, "success": False, "print-log": True}
    return Answer.of(body, content_type=_ERROR_TYPE)


def _invalid_field(field: str) -> Answer:
    """Answer in the envelope of the other v2 endpoints (htx-api.md §2.7)."""
    return Answer.of({"code": 2002, "message": f"invalid field value in `{field}`", "data": None, "ok": False})
