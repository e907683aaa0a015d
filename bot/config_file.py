"""The shape of desk.toml, table by table, and how a mistake in it is explained."""

from __future__ import annotations

import re
from datetime import time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bot.accounts import near_miss, parse_currency
from bot.errors import GrammarError
from bot.policy.rules import QUORUMS_MAX

_DURATION = re.compile(r"([1-9][0-9]{0,5})(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(value: object) -> timedelta:
    """Read a duration: a whole number and `ms`, `s`, `m`, `h` or `d`.

    Raises:
        ValueError: anything else, a zero included.
    """
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError('expected a duration as text, like "10m", "90s" or "1h"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _at_most(longest: str) -> AfterValidator:
    limit = parse_duration(longest)

    def check(value: timedelta) -> timedelta:
        if value > limit:
            raise ValueError(f'expected at most "{longest}"')
        return value

    return AfterValidator(check)


def _amount_or_zero(value: object) -> Decimal:
    # TOML floats have lost digits before they get here, so an amount is text or nothing.
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,8})?", value):
        raise ValueError('expected an amount as text in plain digits, like "250000"')
    try:
        amount = Decimal(value)
    except InvalidOperation:  # the pattern admits only numbers; kept for the day it changes
        raise ValueError("expected an amount") from None
    return amount


def _amount(value: object) -> Decimal:
    amount = _amount_or_zero(value)
    if amount <= 0:
        raise ValueError("expected an amount above zero")
    return amount


def _limits(value: object) -> object:
    if isinstance(value, dict) and value:
        return {_currency(currency): _amount(limit) for currency, limit in _each_once(value).items()}
    return _amount(value)


def _above(value: object) -> object:
    if isinstance(value, dict) and value:
        return {_currency(currency): _amount_or_zero(amount) for currency, amount in _each_once(value).items()}
    return _amount_or_zero(value)


def _currency(value: object) -> str:
    try:
        return parse_currency(value if isinstance(value, str) else "")
    except GrammarError:
        raise ValueError('expected a currency symbol, like "USDT"') from None


def _each_once(value: Any) -> Any:
    """Refuse a table with both `USDT` and `usdt`: one of the two would silently lose."""
    if isinstance(value, dict) and len({str(currency).upper() for currency in value}) < len(value):
        raise ValueError("the same currency is named twice; keep one")
    return value


def _matching(pattern: str, expected: str) -> BeforeValidator:
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"expected {expected}")
        return value

    return BeforeValidator(check)


def _whole(low: int, high: int, expected: str) -> BeforeValidator:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"expected {expected}")
        return value

    return BeforeValidator(check)


def _time(value: object) -> time:
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    if not match:
        raise ValueError('expected a time as text, like "08:00"')
    return time(int(match[1]), int(match[2]))


def _zone(value: object) -> str:
    # Some systems add `localtime`, which is another zone on another machine.
    known = available_timezones() - {"localtime", "Factory"}
    if not isinstance(value, str) or value not in known:
        hint = near_miss(value, known) if isinstance(value, str) else ""
        raise ValueError(f'expected the name of a time zone, like "Europe/Berlin".{hint}')
    return value


def _no_day_twice(days: list[str]) -> list[str]:
    if len(set(days)) < len(days):
        raise ValueError("the same day is named twice; keep one")
    return days


def _no_success(code: str) -> str:
    # 200 is both exchanges' success, 0 that of CoinW's futures (htx-api.md §2.5, coinw-api.md §3.3). Taken for a
    # refusal, it would invite people to send the same money again.
    if code.lstrip("0") in {"", "200"}:
        raise ValueError("this code means success; name only codes that mean nothing moved")
    return code


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Currency = Annotated[str, BeforeValidator(_currency)]
TeamId = Annotated[str, _matching(r"T[A-Z0-9]{2,20}", "a Slack team id, like T01DESK")]
UserId = Annotated[str, _matching(r"[UW][A-Z0-9]{2,20}", "a Slack user id, like U01ALICE")]
ChannelId = Annotated[str, _matching(r"[CG][A-Z0-9]{2,20}", "a Slack channel id, like C01TREASURY")]
Name = Annotated[str, _matching(r"[a-z][a-z0-9_-]{0,30}", "a lower-case name of letters, digits, - and _")]
# Neither may end in `-`: in `htx-->` or `maker->` nobody could say where the name ends and the arrow begins. An alias
# is never all digits, so that digits after the colon are always a uid.
ConnectionName = Annotated[
    str,
    _matching(
        r"[a-z]([a-z0-9-]{0,19}[a-z0-9])?", "a lower-case name of letters, digits and -, not ending in -, like htx"
    ),
]
Alias = Annotated[
    str,
    _matching(
        r"(?!master$)[a-z]([a-z0-9_-]{0,29}[a-z0-9_])?",
        "a lower-case alias that begins with a letter, does not end in - and is not `master`, like maker",
    ),
]
Uid = Annotated[int, _whole(1, 10**18, "a sub-account's uid as a whole number, like 39000001")]
Decimals = Annotated[int, _whole(0, 8, "a whole number from 0 to 8")]
Code = Annotated[
    str, _matching(r"-?[A-Za-z0-9-]{1,40}", 'an exchange code as text, like "1300"'), AfterValidator(_no_success)
]

_COUNT = "a whole number from 1"
_GROUP = "a group or a person"


class Table(BaseModel):
    """A table of desk.toml; a key it does not know is a mistake, not a comment."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class SlackTable(Table):
    """`[slack]`"""

    team: TeamId = Field(description="a Slack team id, like T01DESK")
    channels: list[ChannelId] = Field(min_length=1, description="a list with at least one channel id")
    audit_channel: ChannelId = Field(description="a Slack channel id, like C02AUDIT")


class ExchangeTable(Table):
    """`[exchanges.NAME]`"""

    adapter: Literal["htx", "coinw"] = Field(description='"htx" or "coinw"')
    url: str = Field(description="the exchange's address as text")
    futures_url: str = ""
    margin_account: Literal["", "always", "linear-swap"] = Field("", description='"always" or "linear-swap"')
    refused_codes: list[Code] = Field(
        default_factory=list, description='a list of exchange codes as text, like ["1300"]'
    )
    subaccounts: dict[Alias, Uid] = Field(
        default_factory=dict, description="a table of alias = uid, like { maker = 39000001 }"
    )
    decimals: Annotated[dict[Currency, Annotated[int, Field(strict=True, ge=0, le=8)]], BeforeValidator(_each_once)] = (
        Field(default_factory=dict, description="a table of currency = decimals (0 to 8), like { USDT = 6 }")
    )
    # Slower than the longest send_within, only the first of two transfers could ever leave in time.
    pace: Annotated[Duration, _at_most("1h")] = timedelta(milliseconds=1100)


class DeskTable(Table):
    """`[desk]`"""

    # A card nobody acted on must die while people still remember why it is there.
    confirm_within: Annotated[Duration, _at_most("7d")] = timedelta(minutes=10)
    approve_within: Annotated[Duration, _at_most("7d")] = timedelta(hours=1)
    # A desk that was down overnight sends nothing from yesterday.
    send_within: Annotated[Duration, _at_most("1h")] = timedelta(minutes=5)
    admins: list[str] = Field(min_length=1, description="a list with at least one group or person")
    resolve_by: int = Field(2, strict=True, ge=1, le=10, description="a whole number from 1 to 10")
    settle_by_evidence: Literal["desk", "person"] = Field("desk", description='"desk" or "person"')


class QuorumTable(Table):
    """One of `all` in a tier."""

    count: int = Field(strict=True, ge=1, description=_COUNT)
    group: str = Field(alias="from", description=_GROUP)


class TierTable(Table):
    """One of `approvals` in a rule: so many people of one group, or `all` of several such."""

    above: Annotated[Decimal | dict[str, Decimal], BeforeValidator(_above)] = Decimal(0)
    count: int | None = Field(None, strict=True, ge=1, description=_COUNT)
    group: str | None = Field(None, alias="from", description=_GROUP)
    all: list[QuorumTable] = Field(
        default_factory=list,
        min_length=1,
        max_length=QUORUMS_MAX,
        description=f'a list of 1 to {QUORUMS_MAX} tables, like [{{ count = 1, from = "directors" }}]',
    )
    second_factor: Literal["totp"] | None = Field(None, description='"totp"')

    @model_validator(mode="after")
    def _one_way(self) -> TierTable:
        if [self.count is None, self.group is None] != [bool(self.all)] * 2:
            raise ValueError("expected count and from, or all in their place")
        return self

    @property
    def quorums(self) -> list[tuple[int, str]]:
        """How many of which group or person, either way it is written."""
        several = [(quorum.count, quorum.group) for quorum in self.all]
        return several if self.count is None or self.group is None else [(self.count, self.group)]


class HoursTable(Table):
    """`hours` in a rule; a `to` that is not after `from` is on the following day."""

    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], AfterValidator(_no_day_twice)] = (
        Field(min_length=1, description='a list of days, like ["mon", "tue", "wed", "thu", "fri"]')
    )
    start: Annotated[time, BeforeValidator(_time)] = Field(alias="from", description='a time as text, like "08:00"')
    end: Annotated[time, BeforeValidator(_time)] = Field(alias="to", description='a time as text, like "18:00"')
    zone: Annotated[str, BeforeValidator(_zone)] = Field(description='the name of a time zone, like "Europe/Berlin"')


Limit = Annotated[Decimal | dict[str, Decimal] | None, BeforeValidator(_limits)]


class RuleTable(Table):
    """`[[rules]]`"""

    name: Name = Field(description="a lower-case name, the rule's identity")
    who: list[str] = Field(min_length=1, description="a list with at least one group or person")
    sources: list[str] = Field(alias="from", min_length=1, description="a list with at least one account")
    destinations: list[str] = Field(alias="to", min_length=1, description="a list with at least one account")
    currencies: list[Currency] = Field(min_length=1, description='a list of currencies, like ["USDT"]')
    per_transfer: Limit = None
    per_day: Limit = None
    per_person_per_day: Limit = None
    approvals: list[TierTable] = Field(
        default_factory=list,
        min_length=1,
        description='a list of tiers, like [{ above = "10000", count = 1, from = "treasurers" }]',
    )
    hours: HoursTable | None = Field(
        None, description='a table, like { days = ["mon"], from = "08:00", to = "18:00", zone = "Europe/Berlin" }'
    )
    reason: Literal["required"] | None = Field(None, description='"required", or nothing at all')


class DeskFile(Table):
    """The whole of desk.toml."""

    slack: SlackTable = Field(description="a [slack] table")
    exchanges: dict[ConnectionName, ExchangeTable] = Field(
        min_length=1, description="at least one [exchanges.NAME] table"
    )
    people: dict[Name, UserId] = Field(
        min_length=1, description='at least one person, like alice = "U01ALICE"; nobody is let in by default'
    )
    groups: dict[Name, list[str]] = Field(
        default_factory=dict, description='a table of group = people, like traders = ["alice", "bob"]'
    )
    desk: DeskTable = Field(description="a [desk] table with admins")
    rules: list[RuleTable] = Field(
        min_length=1, description="at least one [[rules]] table; without a rule nothing may move"
    )


def explain(error: ValidationError) -> list[str]:
    """Turn pydantic's findings into `key: what is expected`, one line each, without repeating a value."""
    return [f"{_key(detail['loc'])}: {_expected(dict(detail))}" for detail in error.errors(include_url=False)]


def _key(loc: tuple[int | str, ...]) -> str:
    text = ""
    for part in loc:
        if part == "[key]":
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"


def _expected(detail: dict[str, Any]) -> str:
    kind, loc = detail["type"], detail["loc"]
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    table, description = _field(loc)
    if kind == "extra_forbidden":
        known = [field.alias or name for name, field in table.model_fields.items()]
        return f"not a known key; known are {', '.join(known)}.{near_miss(str(loc[-1]), known)}"
    if kind == "missing":
        return f"missing; expected {description}"
    return f"expected {description}"


_KINDS: dict[object, str] = {str: "text", int: "a whole number"}


def _field(loc: tuple[int | str, ...]) -> tuple[type[Table], str]:
    """Find the table a location lies in and what the last named field of it should be."""
    table: type[Table] = DeskFile
    description = "a table"
    for part in loc:
        field = next((f for name, f in table.model_fields.items() if part in {f.alias or name}), None)
        if field is None:
            continue
        description = field.description or _KINDS.get(field.annotation, "another kind of value")
        inner = next((t for t in _TABLES if t.__name__ in str(field.annotation)), None)
        table = inner or table
    return table, description


_TABLES: tuple[type[Table], ...] = (
    SlackTable,
    ExchangeTable,
    DeskTable,
    RuleTable,
    TierTable,
    QuorumTable,
    HoursTable,
)
