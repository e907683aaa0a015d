"""Every transfer of HTX's spot account since a moment: its ledger, read in spans of days and page by page.

The ledger tells account types: not which margin account, nor who moved the money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.evidence import Entry, Statement
from bot.exchanges.htx_ledger import Movement, in_order, numbered, read_ledger
from bot.exchanges.htx_reads import HtxReads, TooOften

# HTX takes spans of 10 days, up to 180 days back (htx-api.md §4, row A); its clock and ours are not the same.
SPAN = timedelta(days=9)
REACH = timedelta(days=179)
# A transfer sent just before the first moment is recorded up to this much later.
MARGIN = timedelta(minutes=10)
# A tenth of what HTX allows (20 in 2 s), because a desk may be asking, too.
SPACING_S = 1.0
REST_S = 5.0
# Of one span: 500 rows each.
PAGES_MAX = 100

_NOTE = (
    "HTX's ledger tells the types of the two accounts: not which margin account, nor who moved the money. It has "
    "transfers of the spot account only."
)


def read_statement(reads: HtxReads, clock: Clock, pause: Callable[[float], None], since: datetime) -> Statement:
    """See `Exchange.statement`; in all currencies."""
    # The ledger's times are held against ours.
    reads.safe_skew()
    account, now = reads.account_id("spot"), clock.now()
    first = max(since - MARGIN, now - REACH)
    found: Counter[Movement] = Counter()
    start = first
    while start < now:
        end = start + SPAN
        # The next span begins where this one ends: what lies on that very moment is in both, and counts once.
        span_end = end if end < now - MARGIN else None
        found |= read_ledger(_slowly(reads, pause), account, start, span_end, pages_max=PAGES_MAX)
        start = end if span_end else now
    entries = tuple(_entry(name, movement) for name, movement in numbered(in_order(found)))
    return Statement(entries, max(since, first), {}, timedelta(0), (_NOTE,))


def _slowly(reads: HtxReads, pause: Callable[[float], None]) -> Callable[[str, Mapping[str, str]], Mapping[str, Any]]:
    def get(path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        pause(SPACING_S)
        try:
            return reads.get(path, params)
        except TooOften:
            pause(REST_S)
            return reads.get(path, params)

    return get


def _entry(name: str, movement: Movement) -> Entry:
    sides = movement.sides
    if sides is None:
        doubt = "the ledger does not say in known words where it went"
    elif all(sides) and not movement.has_right_sign:
        doubt = "its sign is the opposite of its direction"
    else:
        doubt = ""
    source, destination = sides or ("", "")
    return Entry(
        name,
        movement.at,
        True,
        source,
        destination,
        movement.currency,
        movement.amount.copy_abs(),
        movement.word,
        doubt,
    )
