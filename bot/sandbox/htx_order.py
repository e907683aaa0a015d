"""What HTX makes of the body of a transfer: an order that may be executed, or a refusal with its code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

ACCOUNTS = frozenset({"spot", "linear-swap", "otc", "futures", "swap"})
CROSS_MARGIN = "USDT"
DECIMALS_MAX = 8

_NUMBER = re.compile(r"-?\d+(\.(?P<decimals>\d+))?")
# USDT-margined contracts take USDT only, coin-margined ones any coin but USDT (htx-api.md §2.4).
_TAKES_USDT: Mapping[str, bool] = MappingProxyType({"linear-swap": True, "futures": False, "swap": False})


@dataclass(frozen=True)
class Order:
    """A transfer HTX would try: book accounts, currency in upper case, amount above zero."""

    source: str
    destination: str
    currency: str
    amount: Decimal
    margin_account: str


@dataclass(frozen=True)
class Refusal:
    """A code and message of the transfer endpoint's table (htx-api.md §2.6)."""

    code: int
    message: str


INVALID_REQUEST = Refusal(501, "Invalid request")
INVALID_PARAMETER = Refusal(502, "Invalid parameter")
LACK_OF_PARAMETER = Refusal(504, "Lack of parameter")
UNKNOWN_CURRENCY = Refusal(10000, "Currency does not exist")
SAME_ACCOUNT = Refusal(10001, "Does not support transfer within single business")
NO_SPOT_SIDE = Refusal(10002, "This transfer is not supported")
UNKNOWN_CONTRACT = Refusal(1013, "This contract type doesn't exist")
NOT_ABOVE_ZERO = Refusal(1322, "Invalid amount. Must be more than 0.")
TOO_PRECISE = Refusal(1331, "Exceeds limit of transfer accuracy (8 digits).")


def read_order(
    document: object,
    *,
    currencies: frozenset[str],
    minimums: Mapping[str, str],
    margin_account_required: bool,
) -> Order | Refusal:
    """Read a decoded body whose JSON numbers were left as text.

    Args:
        currencies: those the exchange knows, in upper case.
        minimums: least amount per upper-case currency, as plain decimal text.
        margin_account_required: also where neither side is linear-swap.
    """
    if not isinstance(document, dict):
        return INVALID_REQUEST
    if any(document.get(name) in (None, "") for name in ("from", "to", "currency", "amount")):
        return LACK_OF_PARAMETER
    fields = [document[name] for name in ("from", "to", "currency", "amount")]
    fields.append(document.get("margin-account") or "")
    if not all(isinstance(value, str) for value in fields):
        return INVALID_PARAMETER
    source, destination, currency, amount_text, margin_account = fields
    currency, margin_account = currency.upper(), margin_account.upper()

    sides = {source, destination}
    linear = "linear-swap" in sides
    if not margin_account and (linear or margin_account_required):
        return LACK_OF_PARAMETER
    if not sides <= ACCOUNTS:
        return INVALID_PARAMETER
    if currency not in currencies:
        return UNKNOWN_CURRENCY
    wrong = _route_refusal(source, destination, currency) or (
        _contract_refusal(margin_account, currencies) if linear else None
    )
    amount = _amount(amount_text)
    if wrong is not None:
        return wrong
    if isinstance(amount, Refusal):
        return amount
    least = minimums.get(currency)
    if least is not None and amount < Decimal(least):
        return Refusal(1303, f"Each transfer-out cannot be less than {least}{currency}.")
    return Order(
        _book_account(source, margin_account),
        _book_account(destination, margin_account),
        currency,
        amount,
        margin_account,
    )


def _route_refusal(source: str, destination: str, currency: str) -> Refusal | None:
    if source == destination:
        return SAME_ACCOUNT
    if "spot" not in (source, destination):
        return NO_SPOT_SIDE
    takes_usdt = _TAKES_USDT.get(source if destination == "spot" else destination)
    if takes_usdt is not None and takes_usdt != (currency == "USDT"):
        return UNKNOWN_CONTRACT
    return None


def _contract_refusal(margin_account: str, currencies: frozenset[str]) -> Refusal | None:
    """Take the cross account and the isolated one of every coin known: `BTC-USDT`, never `USDT-BTC`."""
    coin, _, quote = margin_account.partition("-")
    isolated = quote == "USDT" and coin in currencies - {"USDT"}
    return None if margin_account == CROSS_MARGIN or isolated else UNKNOWN_CONTRACT


def _amount(text: str) -> Decimal | Refusal:
    """Read an amount as sent, as a number or a string. An exponent is refused: it betrays a float on the way."""
    number = _NUMBER.fullmatch(text)
    if not number or not text.isascii():
        return INVALID_PARAMETER
    amount = Decimal(text)
    if amount <= 0:
        return NOT_ABOVE_ZERO
    if len(number["decimals"] or "") > DECIMALS_MAX:
        return TOO_PRECISE
    return amount


def _book_account(kind: str, margin_account: str) -> str:
    """Name the account money really lands in: an isolated margin account is one of its own (htx-api.md §2.2)."""
    return f"{kind}/{margin_account}" if kind == "linear-swap" and margin_account != CROSS_MARGIN else kind
