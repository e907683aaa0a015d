"""A CoinW look-alike: master and sub-accounts behind `/api/v1/private`, with the bodies of reference coinw-api.md.

What CoinW leaves undocumented (the code for an unknown sub-account, the frame around the rows) is settled by the
reference's best guess and marked so below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

from bot.clock import Clock
from bot.sandbox.books import Book, InsufficientFunds, Movement, digits
from bot.sandbox.lookalike import Lookalike, Rate
from bot.sandbox.signatures import coinw_sign, same
from bot.sandbox.wire import Answer, Call

PATH = "/api/v1/private"
TRANSFER = "subAccount_transfer"
MASTER = "master"
SPOT = "master/spot"
REQUESTS_PER_SECOND = 3

# Account-type codes of the transfer history (coinw-api.md §4.3).
_SUB_CODE, _MASTER_CODE = "3", "4"
_CODES = ("0", "1", "2", _SUB_CODE, _MASTER_CODE)
_EXCHANGE_ZONE = timezone(timedelta(hours=8))
_AMOUNT = re.compile(r"\d+(\.\d{1,8})?")
_PAGE = re.compile(r"[1-9]\d{0,5}")
_FIRST_LEDGER_ID = 880_000_000


@dataclass(frozen=True)
class SubAccount:
    """A sub-account as `subAccount_list` tells of it; its uid is the key it is kept under."""

    user_code: str
    nick_name: str
    frozen: bool = False


class CoinwLookalike(Lookalike):
    """CoinW with one master account, its sub-accounts and one master key.

    Its book names accounts `master`, `master/spot` (which no transfer touches) and each sub-account by uid.
    """

    def __init__(
        self,
        clock: Clock,
        api_key: str,
        secret: str,
        uid: int,
        subs: Mapping[str, SubAccount],
        opening: Mapping[str, Mapping[str, str]],
        *,
        name: str = "coinw",
        currencies: frozenset[str] = frozenset({"USDT", "BTC", "ETH"}),
        page_rows_max: int = 100,
        newest_first: bool = True,
    ) -> None:
        """Open a master account at the exchange.

        Args:
            uid: the master's, of which the rate limit is kept.
            page_rows_max: most rows of one page of the history, whatever was asked for.
            newest_first: the history's order, which CoinW does not document.
            subs: by uid.
            opening: balances per book account and upper-case currency, as plain decimal text.
        """
        super().__init__(name, Book(clock, opening), clock)
        self._api_key = api_key
        self._secret = secret
        self._uid = uid
        self._subs = dict(subs)
        self._currencies = currencies
        self._page_rows_max = page_rows_max
        self._newest_first = newest_first
        self._rate = Rate(clock, REQUESTS_PER_SECOND)
        self._commands: Mapping[str, Callable[[Mapping[str, str], datetime], Answer]] = MappingProxyType(
            {
                TRANSFER: self._transfer,
                "subAccount_list": self._list,
                "subAccount_transferAvailable": self._available,
                "returnTransferHistory": self._history,
                "returnBalances": self._spot_balances,
            }
        )

    def freeze_sub(self, uid: str, frozen: bool = True) -> None:
        """Freeze or thaw a sub-account, as CoinW's staff would."""
        sub = self._subs[uid]
        self._subs[uid] = SubAccount(sub.user_code, sub.nick_name, frozen)

    def is_transfer(self, call: Call) -> bool:
        """Whether a call names `subAccount_transfer`."""
        return call.path == PATH and call.parameters.get("command") == TRANSFER

    def answer(self, call: Call) -> Answer:
        """Judge a call (address, key, signature, rate), then answer its command. Only the query counts, no body."""
        if call.path != PATH or call.method != "POST":
            return Answer.of({"code": 404, "msg": "Requested address does not exist"}, status=404)
        given = call.parameters
        command = self._commands.get(given.get("command", ""))
        if command is None:
            return _refused("10002", "API does not exist")
        if not given.get("api_key") or not given.get("sign"):
            return Answer.of({"code": 402, "msg": "param required"})
        if given["api_key"] != self._api_key:
            return _refused("10006", "api_key error")
        if len(given) < len(call.pairs) or not same(given["sign"], coinw_sign(self._secret, given)):
            return _refused("10007", "signature error")
        if not self._rate.allows(f"{self._uid} {given['command']}"):
            # Integer code, neither success nor failed: exactly the documented body (coinw-api.md §3.5).
            return Answer.of({"code": 29001, "msg": "API access frequently"})
        return command(given, call.at)

    def _transfer(self, given: Mapping[str, str], at: datetime) -> Answer:
        """Answer `subAccount_transfer` (coinw-api.md §3)."""
        if not all(given.get(name) for name in ("side", "subUid", "currency", "amount")):
            return _refused("10003", "parameter error")
        uid, currency, amount_text = given["subUid"], given["currency"], given["amount"]
        # The codes of these refusals are undocumented for this endpoint; -3 is CoinW's general "invalid parameter".
        if given["side"] not in ("OUT", "IN") or uid not in self._subs or currency not in self._currencies:
            return _invalid_parameter()
        if not _AMOUNT.fullmatch(amount_text) or not amount_text.isascii() or Decimal(amount_text) == 0:
            return _invalid_parameter()
        if self._subs[uid].frozen:
            return _refused("-103", "用户API出错")
        source, destination = (MASTER, uid) if given["side"] == "OUT" else (uid, MASTER)
        try:
            movement = self.book.move(source, destination, currency, Decimal(amount_text), detail=uid, by_hand=False)
        except InsufficientFunds:
            return _refused("200005", "insufficient balance")
        return _succeeded({"bizNo": _biz_no(movement)})

    def _list(self, given: Mapping[str, str], at: datetime) -> Answer:
        """Answer `subAccount_list` (coinw-api.md §4.2)."""
        rows = [
            {
                "spotUid": int(uid),
                "userCode": sub.user_code,
                "nickName": sub.nick_name,
                "frozenFlag": int(sub.frozen),
                "spotTradeFlag": 1,
                "contractTradeFlag": 1,
            }
            for uid, sub in self._subs.items()
        ]
        return _succeeded(rows)

    def _available(self, given: Mapping[str, str], at: datetime) -> Answer:
        """Answer `subAccount_transferAvailable`: a sub-account's funding balance as text (coinw-api.md §4.1)."""
        if not given.get("coinCode") or not given.get("subUid"):
            return _refused("10003", "parameter error")
        if given["subUid"] not in self._subs or given["coinCode"] not in self._currencies:
            return _invalid_parameter()
        return _succeeded(digits(self.book.balance(given["subUid"], given["coinCode"])))

    def _spot_balances(self, given: Mapping[str, str], at: datetime) -> Answer:
        """Answer `returnBalances`: the master's spot account, not the one transfers use (coinw-api.md §4.1)."""
        held = self.book.balances().get(SPOT, {})
        data = {currency: digits(amount) for currency, amount in held.items()}
        return Answer.of({"code": "200", "data": data, "msg": "SUCCESS"})

    def _history(self, given: Mapping[str, str], at: datetime) -> Answer:
        """Answer `returnTransferHistory`: rows of one currency and direction (coinw-api.md §4.3).

        The rows' fields are documented, their frame is not: a plain list here. `bizNo`, sub-account and time filter
        are missing there too.
        """
        if not all(given.get(name) for name in ("currency", "from", "to")):
            return _refused("10003", "parameter error")
        pages = given.get("pageNo", "1"), given.get("pageSize", "10")
        if not all(_PAGE.fullmatch(page) for page in pages):
            return _invalid_parameter()
        if given["from"] not in _CODES or given["to"] not in _CODES or given["currency"] not in self._currencies:
            return _invalid_parameter()
        page_no, page_size = int(pages[0]), min(int(pages[1]), self._page_rows_max)
        recorded = self.recorded(at)
        matching = [
            movement
            for movement in (reversed(recorded) if self._newest_first else recorded)
            if movement.currency == given["currency"]
            and (self._code(movement.source), self._code(movement.destination)) == (given["from"], given["to"])
        ]
        page = matching[(page_no - 1) * page_size : page_no * page_size]
        return _succeeded([self._row(movement) for movement in page])

    def _code(self, account: str) -> str:
        return _MASTER_CODE if account == MASTER else _SUB_CODE if account in self._subs else "1"

    def _row(self, movement: Movement) -> dict[str, object]:
        signed = -movement.amount if movement.source == MASTER else movement.amount
        return {
            "currency": movement.currency,
            "createTime": movement.at.astimezone(_EXCHANGE_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            "amount": digits(signed),
            "from": int(self._code(movement.source)),
            "to": int(self._code(movement.destination)),
            "status": "SUCCESS",
            # No relation to `bizNo` is documented, so there is none here.
            "ledgerId": str(_FIRST_LEDGER_ID + movement.id),
        }


def _biz_no(movement: Movement) -> str:
    """Return 30 opaque digits, as masked in CoinW's example."""
    return f"{movement.at:%Y%m%d%H%M%S}{movement.id:016d}"


def _succeeded(data: object) -> Answer:
    return Answer.of({"code": "200", "data": data, "msg": "SUCCESS", "success": True, "failed": False})


def _refused(code: str, message: str) -> Answer:
    """Answer a business error: HTTP 200, the code in the body (coinw-api.md §3.2)."""
    return Answer.of({"code": code, "data": None, "msg": message, "success": False, "failed": True})


def _invalid_parameter() -> Answer:
    return _refused("-3", "invalid parameter")
