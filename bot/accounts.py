"""Canonical account addresses, routes and amounts: what `htx:spot -> htx:linear-swap` and `1,250.50` mean.

An address is `CONNECTION:ACCOUNT`; the part before the colon is the name of an exchange connection in desk.toml.
HTX accounts are `spot`, `otc`, `futures`, `swap`, `linear-swap` (cross margin) and `linear-swap/BTC-USDT` (isolated);
CoinW accounts are `master` and its sub-accounts, by alias when typed, by uid when kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum

from bot.errors import GrammarError

# HTX takes 8 decimals for every coin (reference: HTX "transferring amount of all coins", code 1331); CoinW says
# nothing, so the same bound holds there until desk.toml narrows it.
DECIMALS_MAX = 8
WHOLE_DIGITS_MAX = 15
ECHO_LENGTH_MAX = 40

HTX_ACCOUNTS = ("spot", "linear-swap", "otc", "futures", "swap")
CROSS_MARGIN = "USDT"
MASTER = "master"

_CURRENCY = re.compile(r"(?=.*[A-Z])[A-Z0-9]{2,12}")
_ISOLATED = re.compile(r"(?!USDT-)[A-Z0-9]{1,20}-USDT")


class Adapter(StrEnum):
    """The exchanges the desk can speak to."""

    HTX = "htx"
    COINW = "coinw"


@dataclass(frozen=True)
class Venue:
    """One exchange connection, as far as addresses and amounts depend on it.

    Attributes:
        name: the connection's name in desk.toml, the part before the colon of an address.
        subaccounts: CoinW only, alias → uid; no other sub-account can be addressed.
        decimals: most decimals per upper-case currency, where desk.toml narrows `DECIMALS_MAX`.
        margin_always: HTX only; send `margin-account` on every route, as HTX's page asks, or with linear-swap only.
    """

    name: str
    adapter: Adapter
    subaccounts: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, int] = field(default_factory=dict)
    margin_always: bool = True

    def alias_of(self, uid: str) -> str | None:
        """Return the alias desk.toml gives a sub-account's uid, if any."""
        return next((alias for alias, known in self.subaccounts.items() if known == uid), None)

    def decimals_max(self, currency: str) -> int:
        """Return how many decimals an amount of this currency may have here."""
        return min(self.decimals.get(currency, DECIMALS_MAX), DECIMALS_MAX)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address a person can type for this connection, isolated margin accounts and bare uids aside."""
        names = HTX_ACCOUNTS if self.adapter is Adapter.HTX else (MASTER, *self.subaccounts)
        return tuple(f"{self.name}:{name}" for name in names)

    @property
    def hub(self) -> Account:
        """The account one side of every transfer must be: HTX moves money by way of spot, CoinW of the master."""
        return Account(self.name, "spot" if self.adapter is Adapter.HTX else MASTER)


@dataclass(frozen=True, order=True)
class Account:
    """One account, canonical: what is stored, sealed, matched by rules and sent."""

    exchange: str
    name: str
    isolated: str = ""

    def __str__(self) -> str:
        return f"{self.exchange}:{self.name}" + (f"/{self.isolated}" if self.isolated else "")

    @classmethod
    def from_canonical(cls, text: str) -> Account:
        """Read back an address this class wrote."""
        exchange, _, rest = text.partition(":")
        name, _, isolated = rest.partition("/")
        return cls(exchange, name, isolated)

    @property
    def kind(self) -> str:
        """What the exchange's own records can tell apart: HTX's account type; on CoinW master or any sub-account."""
        return "sub" if self.name.isdigit() else self.name


@dataclass(frozen=True)
class Route:
    """Where money leaves and where it arrives, always on one exchange connection. `steps` says how it gets there."""

    source: Account
    destination: Account

    def __str__(self) -> str:
        return f"{self.source} -> {self.destination}"

    @property
    def exchange(self) -> str:
        """The name of the connection both sides belong to."""
        return self.source.exchange


def quoted(text: str) -> str:
    """Return a person's own text fit for the answer: in backticks, on one line, at most 40 characters of it.

    Escaping for Slack is the cards' business; here only what would break out of the backticks is replaced.
    """
    if not text:
        return "(nothing)"
    safe = "".join(char if char.isprintable() and char != "`" else "?" for char in text[:ECHO_LENGTH_MAX])
    return f"`{safe}…`" if len(text) > ECHO_LENGTH_MAX else f"`{safe}`"


def near_miss(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean …?` when `word` is close to something known, else an empty text."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean `{close[0]}`?" if close else ""


def parse_account(text: str, venues: Mapping[str, Venue]) -> Account:
    """Read one address as typed (any case, alias or uid) into its canonical form.

    Raises:
        GrammarError: unknown connection, account, alias, uid or margin account; the text names the known ones.
    """
    exchange, colon, rest = text.lower().partition(":")
    # Lower case makes ASCII of some other letters: the Kelvin sign would become a `k`.
    if not colon or not text.isascii():
        example = next((venue.hub for venue in venues.values()), "htx:spot")
        raise GrammarError(
            f"{quoted(text)} is not an account. An account is written exchange:account, like `{example}`."
        )
    venue = venues.get(exchange)
    if venue is None:
        known = ", ".join(f"`{name}`" for name in venues)
        raise GrammarError(
            f"There is no exchange {quoted(exchange)} here; there is {known}.{near_miss(exchange, venues)}"
        )
    return _htx_account(venue, rest) if venue.adapter is Adapter.HTX else _coinw_account(venue, rest)


def _htx_account(venue: Venue, rest: str) -> Account:
    name, slash, isolated = rest.partition("/")
    if name not in HTX_ACCOUNTS:
        known = ", ".join(f"`{account}`" for account in HTX_ACCOUNTS)
        raise GrammarError(
            f"{venue.name} has no account {quoted(name)}; it has {known}.{near_miss(name, HTX_ACCOUNTS)}"
        )
    if not slash:
        return Account(venue.name, name)
    isolated = isolated.upper()
    if name != "linear-swap":
        raise GrammarError(
            f"Only linear-swap has margin accounts; write `{venue.name}:{name}` without {quoted('/' + isolated)}."
        )
    if isolated == CROSS_MARGIN:
        return Account(venue.name, name)
    if not _ISOLATED.fullmatch(isolated):
        swapped = swapped_margin(isolated)
        hint = f" Did you mean `{venue.name}:linear-swap/{swapped}`?" if swapped else ""
        raise GrammarError(
            f"{quoted(isolated)} is not a margin account; isolated ones are written coin first, like `BTC-USDT`.{hint}"
        )
    return Account(venue.name, name, isolated)


def swapped_margin(isolated: str) -> str:
    """Return the isolated margin account meant by `USDT-BTC`, which is `BTC-USDT`; nothing for any other text."""
    swapped = "-".join(reversed(isolated.upper().split("-")))
    return swapped if _ISOLATED.fullmatch(swapped) else ""


def _coinw_account(venue: Venue, rest: str) -> Account:
    if rest == MASTER:
        return Account(venue.name, rest)
    # Digits are always a uid, never an alias: a stored uid must read back as itself whatever the aliases are.
    uid = rest if rest.isdigit() else venue.subaccounts.get(rest)
    if uid in venue.subaccounts.values():
        return Account(venue.name, str(uid))
    names = (MASTER, *venue.subaccounts)
    known = ", ".join(f"`{name}`" for name in names)
    if rest.isdigit():
        raise GrammarError(f"{quoted(rest)} is not one of {venue.name}'s sub-accounts in desk.toml; it has {known}.")
    raise GrammarError(f"{venue.name} has no account {quoted(rest)}; it has {known}.{near_miss(rest, names)}")


def check_route(source: Account, destination: Account, venues: Mapping[str, Venue]) -> Route:
    """Pair two accounts, or say why no money can go that way.

    Raises:
        GrammarError: the same account twice, or two exchanges.
    """
    if source == destination:
        raise GrammarError(f"Both sides are `{source}`; nothing would move.")
    if source.exchange != destination.exchange:
        raise GrammarError(
            f"`{source}` and `{destination}` are on two exchanges; that needs a withdrawal, "
            "which this desk never makes."
        )
    return Route(source, destination)


def steps(route: Route, venue: Venue) -> tuple[Route, ...]:
    """Return the transfers that take money along a route: the route itself, or one to the hub and one from there."""
    if venue.hub in (route.source, route.destination):
        return (route,)
    return Route(route.source, venue.hub), Route(venue.hub, route.destination)


def label(account: Account, venue: Venue | None) -> str:
    """Write an address as people type it: a CoinW sub-account by its alias."""
    alias = venue.alias_of(account.name) if venue else None
    return f"{account.exchange}:{alias}" if alias else str(account)


def margin_account(route: Route, venue: Venue) -> str:
    """Return HTX's `margin-account` for one step: `USDT` for cross, a contract code for isolated, or nothing.

    A route of two steps has one for each of them; ask about `steps`.
    HTX's page lists the field as required for every route; it has a meaning with linear-swap only (htx-api.md §2.2).
    """
    if venue.adapter is not Adapter.HTX:
        return ""
    for account in (route.source, route.destination):
        if account.name == "linear-swap":
            return account.isolated or CROSS_MARGIN
    return CROSS_MARGIN if venue.margin_always else ""


def is_readable(account: Account) -> bool:
    """Tell whether its exchange's API says at all what can leave an account.

    CoinW names no endpoint for the master's funding account (coinw-api.md §4.1). HTX had one for an isolated margin
    account, which ended with its old USDT-margined API (htx-api.md §2.2, §3).
    """
    return account.name != MASTER and not account.isolated


def ledger_key(route: Route, currency: str) -> tuple[str, str, str, str]:
    """What the exchange's records can tell apart of one step; at most one transfer per key may be without an answer.

    A route of two steps is two records; ask about `steps`.
    HTX: connection, from type, to type, currency (not the margin account).
    CoinW: connection, master or sub on each side, currency (not which sub-account).
    """
    return (route.exchange, route.source.kind, route.destination.kind, currency)


def parse_currency(text: str) -> str:
    """Return a currency in upper case.

    Raises:
        GrammarError: not 2 to 12 ASCII letters and digits with at least one letter.
    """
    if not _CURRENCY.fullmatch(text.upper()) or not text.isascii():
        raise GrammarError(f"{quoted(text)} is not a currency; write its symbol, like `USDT`.")
    return text.upper()


def plain(amount: Decimal) -> str:
    """Write an amount as exchanges and the journal take it: plain digits, no exponent, no trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def for_people(amount: Decimal) -> str:
    """Write an amount as people read it: `1,250.50`. The grammar reads it back as the same amount."""
    text = plain(amount)
    whole, _, decimals = text.partition(".")
    if len(whole) <= 3:
        return text
    return f"{int(whole):,}.{decimals:0<2}"
