"""What HTX's own records show of a transfer (htx-api.md §4). The spot account's ledger decides; all else is words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.accounts import for_people, plain
from bot.clock import Clock
from bot.errors import ExchangeUnreadable
from bot.exchanges import Balance, Line, Order, Reading, Snapshot
from bot.exchanges.answers import code_text
from bot.exchanges.htx_ledger import (
    PAGE_ROWS,
    Movement,
    amount_of,
    in_order,
    ms,
    numbered,
    read_ledger,
    rows,
    same_currency,
    time_of,
)
from bot.exchanges.htx_reads import HtxReads
from bot.exchanges.opinions import at, listed, opinion, unreadable, weigh

HISTORY = "/v1/account/history"
BILLS = "/v5/account/bills"

# Around a send: wider than the two clocks are apart and than HTX takes a signed request (htx-api.md §1.2).
WINDOW = timedelta(minutes=10)
# An end of the window is named only when it is past by HTX's clock too; what happens just now must not fall out of it.
PAST = timedelta(minutes=1)

# The history's rows of a transfer; HTX's sample shows one transfer as a row of each (htx-api.md §4, row B).
_HISTORY_TYPES = ("transfer", "other-types")
# Kinds of bills: spot to contract, and into the account of several assets; the same outward (htx-api.md §4, row D).
_BILLS_IN, _BILLS_OUT = ("14", "86"), ("15", "85")


@dataclass(frozen=True)
class _Doubt:
    """A row that may be an order's but does not say so clearly: where it went, or by its sign.

    Attributes:
        id: as stable as a line's, and never the same as one's.
        amount: without sign.
        why: how it differs, in a few words.
    """

    id: str
    at: datetime
    amount: Decimal
    why: str


class HtxRecords:
    """The records around one user's transfers, read over the connection the transfers use."""

    def __init__(self, reads: HtxReads, clock: Clock) -> None:
        self._reads = reads
        self._clock = clock

    def lines_before(self, order: Order) -> frozenset[str]:
        """Return the ids of the lines of any amount on an order's ledger key, and of doubts, of the last ten minutes.

        The window is left open at its end: were this machine's clock slow, an end of ours would hide the last lines,
        and one of them could later be taken for the send's own.

        Raises:
            ExchangeUnreadable: the ledger cannot be read.
        """
        movements = self._ledger(order, self._clock.now() - WINDOW, None)
        lines = (line.id for line, _ in _lines(movements, order))
        return frozenset(lines) | {doubt.id for doubt in _doubts(movements, order)}

    def look(self, order: Order, sent_at: datetime, snapshot: Snapshot) -> Reading:
        """See `Exchange.look`. The balance is read last, so that it knows of every line read before, and told early."""
        start, end, now = sent_at - WINDOW, sent_at + WINDOW, self._clock.now()
        end_named = end if now > end + PAST else None
        movements = self._ledger(order, start, end_named)
        lines = tuple(line for line, amount in _lines(movements, order) if amount == order.amount)
        doubts = [
            doubt
            for doubt in _doubts(movements, order)
            if doubt.amount == order.amount and doubt.at >= sent_at - PAST and doubt.id not in snapshot.lines
        ]
        opinions = [opinion("The account history", lambda: self._history(order, start, end_named))]
        if "linear-swap" in _sides_of(order):
            opinions.append(opinion("The futures bills", lambda: self._bills(order, start, end_named)))
        balance, said = self._balance(order, snapshot)
        found = _ledger_words(order, lines, snapshot, start, min(now, end))
        words = (found, said, *_unclear_words(doubts, order), *opinions)
        return Reading(lines, balance, words, tuple(doubt.id for doubt in doubts))

    def _ledger(self, order: Order, start: datetime, end: datetime | None) -> list[Movement]:
        """Return the ledger's transfers in the order's currency, oldest first."""
        account = self._reads.account_id("spot")
        return in_order(read_ledger(self._reads.get, account, start, end, currency=order.currency))

    def _history(self, order: Order, start: datetime, end: datetime | None) -> str:
        """Say whether the spot account's history shows the amount leaving or arriving (htx-api.md §4, row B)."""
        params = {
            "account-id": self._reads.account_id("spot"),
            "currency": order.currency.lower(),
            "transact-types": ",".join(_HISTORY_TYPES),
            "start-time": ms(start),
            "size": PAGE_ROWS,
        }
        if end is not None:
            params["end-time"] = ms(end)
        change = _change(order)
        changes = [
            (str(row.get("transact-type")), time_of(row.get("transact-time"), "account history"))
            for row in rows(self._reads.get(HISTORY, params), "account history")
            if same_currency(row, order.currency) and amount_of(row.get("transact-amt"), "account history") == change
        ]
        # Of the two rows of one transfer the one by its proper name, where there is one.
        by_type = ([moment for kind, moment in changes if kind == wanted] for wanted in _HISTORY_TYPES)
        times = next(filter(None, by_type), [])
        return _times_words("The account history", order, "leaving" if change < 0 else "arriving on", "spot", times)

    def _bills(self, order: Order, start: datetime, end: datetime | None) -> str:
        """Say whether the futures side shows the amount (htx-api.md §4, row D). `from` is never sent: 0 is refused.

        Which sign an outward bill has is not documented, so the type tells the direction.
        """
        outward = order.route.source.name == "linear-swap"
        types = _BILLS_OUT if outward else _BILLS_IN
        params = {"type": ",".join(types), "start_time": ms(start), "limit": "100"}
        if end is not None:
            params["end_time"] = ms(end)
        times = [
            time_of(row.get("created_time"), "futures bills")
            for row in rows(self._reads.get(BILLS, params, futures=True), "futures bills")
            if code_text(row.get("type")) in types
            and same_currency(row, order.currency)
            and amount_of(row.get("amount"), "futures bills").copy_abs() == order.amount
        ]
        return _times_words("The futures side", order, "leaving" if outward else "arriving on", "linear-swap", times)

    def _balance(self, order: Order, snapshot: Snapshot) -> tuple[Balance, str]:
        """Hold the spot balance against the snapshot's; an unchanged `seq-num` means nothing moved (§3)."""
        before = snapshot.evidence
        try:
            now = self._reads.spot_balance(order.currency)
        except ExchangeUnreadable as problem:
            return Balance.UNCLEAR, unreadable("The spot balance", problem)
        available = now["spot.available"]
        balance, said = weigh(
            "The spot balance", order.currency, _change(order), before.get("spot.available", ""), available
        )
        changes = before.get("spot.seq-num", ""), now.get("spot.seq-num", "")
        if balance is not Balance.UNMOVED:
            return balance, said
        if not all(changes):
            return Balance.UNCLEAR, said
        if changes[0] != changes[1]:
            amount = for_people(Decimal(available))
            return Balance.UNCLEAR, f"The spot balance is {amount} {order.currency} as before, but it moved in between."
        return balance, said


def _sides_of(order: Order) -> tuple[str, str]:
    return order.route.source.name, order.route.destination.name


def _change(order: Order) -> Decimal:
    """Return what the order does to the spot balance."""
    return -order.amount if order.route.source.name == "spot" else order.amount


def _lines(movements: list[Movement], order: Order) -> list[tuple[Line, Decimal]]:
    """Return the lines on an order's ledger key, oldest first, each with its amount without sign."""
    return [
        (Line(name, movement.at), movement.amount.copy_abs())
        for name, movement in numbered(movements)
        if movement.sides == _sides_of(order) and movement.has_right_sign
    ]


def _ledger_words(order: Order, lines: tuple[Line, ...], snapshot: Snapshot, start: datetime, end: datetime) -> str:
    what = f"of {for_people(order.amount)} {order.currency} from {' to '.join(_sides_of(order))}"
    if not lines:
        return f"HTX's ledger shows no transfer {what} between {start:%H:%M} and {end:%H:%M} UTC."
    old_last = sorted(lines, key=lambda line: line.id in snapshot.lines)
    times = [
        at(line.at) + (" (before the request)" if line.id in snapshot.lines else "") for line in old_last if line.at
    ]
    number = f"{len(lines)} transfer{'' if len(lines) == 1 else 's'}"
    return f"HTX's ledger shows {number} {what}: {listed(times)}."


def _doubts(movements: list[Movement], order: Order) -> list[_Doubt]:
    """Return the rows that may be on an order's ledger key, oldest first; they settle nothing."""
    alike: Counter[str] = Counter()
    doubts = []
    for movement in movements:
        right_sign = (movement.amount < 0) == (_change(order) < 0)
        kind = movement.word
        if movement.sides is None and right_sign:
            why = f"as `{kind}`" if kind else "without saying where it went"
        elif movement.sides == _sides_of(order) and not right_sign:
            why = "with the opposite sign"
        else:
            continue
        name = f"{ms(movement.at)}:unclear:{kind}:{plain(movement.amount)}"
        alike[name] += 1
        doubts.append(_Doubt(f"{name}:{alike[name]}", movement.at, movement.amount.copy_abs(), why))
    return doubts


def _unclear_words(doubts: list[_Doubt], order: Order) -> list[str]:
    if not doubts:
        return []
    found = listed([f"{at(doubt.at)} {doubt.why}" for doubt in doubts])
    return [f"HTX's ledger also shows {for_people(order.amount)} {order.currency} at {found}; people must judge that."]


def _times_words(subject: str, order: Order, verb: str, account: str, times: list[datetime]) -> str:
    what = f"{for_people(order.amount)} {order.currency} {verb} {account}"
    moments = sorted({at(moment) for moment in times})
    return f"{subject} shows {what} at {listed(moments)}." if moments else f"{subject} shows no {what}."
