"""Every transfer between CoinW's master and its sub-accounts since a moment, by currency and direction.

The history has no time filter and no number of ours, and tells neither the sub-account nor its time zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from bot.errors import ExchangeUnreadable
from bot.evidence import Entry, Statement
from bot.exchanges.coinw_records import CoinwHistory, Key, Row

# Undocumented; CoinW's own samples are in this zone (coinw-api.md §4.3).
ZONE = timezone(timedelta(hours=8))
# The furthest another zone could be from it.
OFF_MAX = timedelta(hours=20)
# A third of what CoinW lets one user ask after a warning (coinw-api.md §3.5), because a desk may be asking, too.
SPACING_S = 2.0
# Of one currency and direction: 100 rows each.
PAGES_MAX = 100

_NOTE = (
    "CoinW's history does not tell which sub-account it was, and its times are taken to be UTC+8. How far back it goes "
    "is not documented; what is older than its oldest line cannot be found in it."
)
_KINDS = {"OUT": ("master", "sub"), "IN": ("sub", "master")}


def read_statement(
    history: CoinwHistory, pause: Callable[[float], None], since: datetime, currencies: frozenset[str]
) -> Statement:
    """See `Exchange.statement`."""
    entries: list[Entry] = []
    begins: dict[tuple[str, str, str], datetime] = {}
    for currency in sorted(currencies):
        for side, kinds in _KINDS.items():
            pause(SPACING_S)
            rows = _rows(history, Key(side, currency), since)
            times = [at for row in rows if (at := moment_of(row)) is not None]
            # No line at all says nothing about how far back there would be some.
            if times:
                begins[*kinds, currency] = min(times)
            entries += (_entry(row, kinds, currency) for row in reversed(rows))
    return Statement(tuple(entries), since, begins, OFF_MAX, (_NOTE,))


def _rows(history: CoinwHistory, key: Key, since: datetime) -> list[Row]:
    """Return a key's rows, read until they are too old by any zone, or to the end."""
    rows: tuple[Row, ...] = ()
    for read in history.pages(key, PAGES_MAX, SPACING_S):
        rows = read.rows
        last = moment_of(rows[-1]) if rows else None
        if read.ended or (read.newest_first and last is not None and last < since - OFF_MAX):
            break
    else:
        if not read.newest_first:
            raise ExchangeUnreadable("CoinW's transfer history is not sorted and longer than can be read")
    return [row for row in rows if not row.anothers]


def moment_of(row: Row) -> datetime | None:
    """Return when a row says it was made, in UTC."""
    if not row.created:
        return None
    if row.created.isdigit():
        seconds, milliseconds = divmod(int(row.created.ljust(13, "0")), 1000)
        return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=milliseconds)
    try:
        return datetime.fromisoformat(row.created).replace(tzinfo=ZONE).astimezone(UTC)
    except ValueError:  # a day or an hour there is not
        return None


def _entry(row: Row, kinds: tuple[str, str], currency: str) -> Entry:
    doubt = "" if row.clear else "its direction, sign or status is not as it should be"
    return Entry(row.id, moment_of(row), False, *kinds, currency, row.amount.copy_abs(), "", doubt)
