"""What can leave each kind of HTX account (htx-api.md §3). Reads only, for people and for amounts that are a share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.accounts import Account
from bot.errors import BalanceHidden, ExchangeUnreadable
from bot.exchanges.htx_codes import RATE_LIMITED
from bot.exchanges.htx_reads import Declined, HtxReads, amount, objects

LINEAR_SWAP = "/v5/account/balance"
# Asked without naming a coin or contract, these tell of all of them.
COIN_MARGINED: Mapping[str, str] = MappingProxyType(
    {"swap": "/swap-api/v1/swap_account_info", "futures": "/api/v1/contract_account_info"}
)

# Codes by which HTX declines any read for now, or for this key; any other is about the account (htx-api.md §2.7).
_FOR_NOW = {"gateway-internal-error", "timeout", "base-request-timeout", "system-maintenance", "500"}
_FOR_THIS_KEY = {"api-signature-not-valid", "api-signature-check-failed", "login-required"}
_ABOUT_ANYTHING = RATE_LIMITED | _FOR_NOW | _FOR_THIS_KEY


class HtxBalances:
    """The balances of one user, read on whichever host has them."""

    def __init__(self, reads: HtxReads) -> None:
        self._reads = reads

    def available(self, account: Account, currency: str) -> str:
        """See `Exchange.available`."""
        match account.name:
            case "spot":
                return str(self._reads.listed_balance("spot", currency)["balance"])
            case "otc":
                return self._otc(currency)
            case "linear-swap" if not account.isolated:
                return self._linear_swap(currency)
            case "swap" | "futures":
                rows = self._reads.post(COIN_MARGINED[account.name]).get("data")
                return _withdrawable(rows, "symbol", currency, f"{account.name} balance")
        raise BalanceHidden("HTX's API does not say what can leave an isolated margin account")

    def _otc(self, currency: str) -> str:
        """HTX's pages contradict each other on whether it answers this (§3); where it says no, that is it."""
        try:
            return str(self._reads.listed_balance("otc", currency)["balance"])
        except Declined as answer:
            if not answer.code or answer.code in _ABOUT_ANYTHING:
                raise
            said = str(answer)
        raise BalanceHidden(said)

    def _linear_swap(self, currency: str) -> str:
        data = self._reads.get(LINEAR_SWAP, futures=True).get("data")
        details = data.get("details") if isinstance(data, dict) else None
        return _withdrawable(details, "currency", currency, "linear-swap balance")


def _withdrawable(rows: object, name: str, currency: str, what: str) -> str:
    """Return what can be moved out of a futures account: not its equity, part of which is margin (§3, note c).

    A coin without a row was never there.
    """
    found = [row for row in objects(rows, what) if str(row.get(name)).upper() == currency]
    if len(found) > 1:
        raise ExchangeUnreadable(f"HTX's {what} has {currency} twice")
    return amount(found[0].get("withdraw_available"), what) if found else "0"
