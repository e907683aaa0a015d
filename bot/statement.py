"""An exchange's records held against the journal: whose is each line, and what has none. Pure.

Lines are matched, never invented: a transfer is given a line that `reconcile` would let it own, each line once. As many
transfers as possible get one, those that succeeded first, and of equal lines the nearest in time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.accounts import plain
from bot.evidence import Entry, Line, Statement
from bot.reconcile import EXECUTED_WITHIN, SKEW, Sent
from bot.transfers import WITHOUT_ANSWER, State, Transfer

# The records may lag; a success this young that is not there yet is no surprise.
FRESH = timedelta(minutes=10)

_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Claim:
    """A transfer that was sent, as the records can know it."""

    transfer: Transfer
    sent: Sent


@dataclass(frozen=True)
class Moved:
    """A line, and the transfers it could be. `claims` is the one it is taken for where that one succeeded."""

    entry: Entry
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Told:
    """A transfer, and the lines that could be its."""

    claim: Claim
    entries: tuple[Entry, ...]
    is_fresh: bool = False


@dataclass(frozen=True)
class Comparison:
    """What became of every line and every transfer since a moment.

    Attributes:
        ours: lines of transfers that succeeded, oldest first.
        others: lines of none of them, each with the transfers it could still be.
        missing: transfers on record as succeeded, without a line.
        unanswered: transfers without an answer, with what there is for them.
        out_of_reach: transfers on record as succeeded, older than what the records show.
    """

    since: datetime
    ours: tuple[Moved, ...]
    others: tuple[Moved, ...]
    missing: tuple[Told, ...]
    unanswered: tuple[Told, ...]
    out_of_reach: tuple[Claim, ...]

    @property
    def contradicted(self) -> tuple[Moved, ...]:
        """Lines that could be transfers which, on record, did not happen."""
        return tuple(
            moved for moved in self.others if any(claim.transfer.state not in WITHOUT_ANSWER for claim in moved.claims)
        )

    @property
    def agrees(self) -> bool:
        """Tell whether nothing here says other than the journal. Lines of others say nothing about it."""
        return not self.contradicted and all(told.is_fresh for told in self.missing)


def compare(statement: Statement, claims: Sequence[Claim], since: datetime, until: datetime) -> Comparison:
    """Hold a statement against the transfers sent since a little before it.

    Args:
        claims: of this exchange user alone; also those sent while the statement was read.
        since, until: what is told of. What lies before may still own a line in it.
    """
    since = max(since, statement.since)
    book = _Book(statement, claims)
    for states in ({State.SUCCEEDED}, WITHOUT_ANSWER, set(State) - WITHOUT_ANSWER - {State.SUCCEEDED}):
        book.match([claim for claim in claims if claim.transfer.state in states])
    owners = {entry: claim for entry, claim in book.pairs() if claim.transfer.state is State.SUCCEEDED}
    holders = {claim.transfer.id for claim in owners.values()}
    left = [entry for entry in statement.entries if entry not in owners]
    not_done = [claim for claim in claims if claim.transfer.state is not State.SUCCEEDED]
    homeless = [
        claim
        for claim in claims
        if claim.transfer.state is State.SUCCEEDED
        and claim.transfer.id not in holders
        and since <= claim.sent.first <= until
    ]
    reached = [claim for claim in homeless if claim.sent.first >= _begin(statement, claim)]
    return Comparison(
        since=since,
        ours=tuple(
            Moved(entry, (claim,))
            for entry, claim in owners.items()
            if _is_since(entry, since) or claim.sent.first >= since
        ),
        others=tuple(Moved(entry, book.could_be(entry, not_done)) for entry in left if _is_since(entry, since)),
        missing=tuple(Told(claim, book.perhaps(claim, left), claim.sent.first > until - FRESH) for claim in reached),
        unanswered=tuple(
            Told(claim, book.could_own(claim, left))
            for claim in not_done
            if claim.transfer.state in WITHOUT_ANSWER and claim.sent.first >= since
        ),
        out_of_reach=tuple(claim for claim in homeless if claim not in reached),
    )


def _is_since(entry: Entry, since: datetime) -> bool:
    return entry.at is None or entry.at >= since


def _begin(statement: Statement, claim: Claim) -> datetime:
    _, source, destination, currency = claim.transfer.ledger_key
    return max(statement.begins.get((source, destination, currency), statement.since), statement.since)


class _Book:
    """Who holds which line."""

    def __init__(self, statement: Statement, claims: Sequence[Claim]) -> None:
        self._off_max = statement.off_max
        self._lines = statement.entries
        shelves: defaultdict[tuple[str, str, str, str], list[int]] = defaultdict(list)
        for number, entry in enumerate(self._lines):
            if not entry.doubt and entry.source:
                shelves[_key_of(entry)].append(number)
        self._shelves = {key: _Shelf(self._lines, numbers) for key, numbers in shelves.items()}
        self._claims = {claim.transfer.id: claim for claim in claims}
        self._owner: dict[int, int] = {}  # line → transfer
        self._held: dict[int, int] = {}  # transfer → line

    def pairs(self) -> Iterator[tuple[Entry, Claim]]:
        """Yield every line somebody holds, in the records' order."""
        for line, owner in sorted(self._owner.items()):
            yield self._lines[line], self._claims[owner]

    def match(self, claims: Sequence[Claim]) -> None:
        """Give lines to as many of these as possible; whoever holds one already keeps that or gets another."""
        fitting = {claim.transfer.id: self._fitting(claim) for claim in claims}
        pairs = [(self._apart(self._claims[one], line), one, line) for one, lines in fitting.items() for line in lines]
        for _, one, line in sorted(pairs):
            if one not in self._held and line not in self._owner:
                self._owner[line], self._held[one] = one, line
        for one in fitting:
            if one not in self._held:
                self._give(one)

    def _give(self, claim: int) -> None:
        """Find a line for a claim, by an augmenting path: others move to lines that fit them, too."""
        reached: dict[int, int] = {}  # line → who would take it
        waiting = deque([claim])
        while waiting:
            one = waiting.popleft()
            for line in self._fitting(self._claims[one]):
                if line in reached:
                    continue
                reached[line] = one
                if line in self._owner:
                    waiting.append(self._owner[line])
                else:
                    self._hand_on(line, reached)
                    return

    def _hand_on(self, line: int, reached: Mapping[int, int]) -> None:
        free: int | None = line
        while free is not None:
            taker = reached[free]
            let_go = self._held.get(taker)
            self._owner[free], self._held[taker] = taker, free
            free = let_go

    def could_be(self, entry: Entry, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Return which of these claims a line fits."""
        if entry.doubt or not entry.source:
            return ()
        alike = (claim for claim in claims if _key_of_claim(claim) == _key_of(entry))
        return tuple(claim for claim in alike if self._fits(claim, entry))

    def could_own(self, claim: Claim, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return which of these lines fit a claim."""
        return tuple(entry for entry in entries if self.could_be(entry, (claim,)))

    def perhaps(self, claim: Claim, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return which of these lines could be a claim's, were they not in doubt."""
        transfer = claim.transfer
        return tuple(
            entry
            for entry in entries
            if entry.doubt
            and (entry.currency, entry.amount) == (transfer.currency, transfer.amount)
            and self._fits(claim, entry)
        )

    def _fitting(self, claim: Claim) -> list[int]:
        """Return which lines fit a claim."""
        shelf = self._shelves.get(_key_of_claim(claim))
        if shelf is None:
            return []
        # As far aside as `Sent.may_own` could go; that judges.
        first = claim.sent.first - max(SKEW, self._off_max)
        last = max(claim.sent.last, claim.sent.first + EXECUTED_WITHIN) + max(SKEW, self._off_max)
        lines = shelf.known(claim.sent.line) if claim.sent.line else shelf.between(first, last)
        return [line for line in lines if self._fits(claim, self._lines[line])]

    def _fits(self, claim: Claim, entry: Entry) -> bool:
        sent = claim.sent
        if not sent.may_own(Line(entry.id, entry.at if entry.is_exact else None)):
            return False
        is_near = entry.at is None or sent.first - self._off_max <= entry.at <= sent.last + self._off_max
        return entry.is_exact or bool(sent.line) or is_near

    def _apart(self, claim: Claim, line: int) -> timedelta:
        at = self._lines[line].at
        return abs((at or _EVER) - claim.sent.first)


class _Shelf:
    """The lines of one ledger key and amount, by time."""

    def __init__(self, lines: Sequence[Entry], numbers: Sequence[int]) -> None:
        timed = sorted((at, number) for number in numbers if (at := lines[number].at) is not None)
        self._times = [at for at, _ in timed]
        self._timed = [number for _, number in timed]
        self._timeless = [number for number in numbers if lines[number].at is None]
        self._by_id = {lines[number].id: number for number in numbers}

    def between(self, first: datetime, last: datetime) -> list[int]:
        """Return the lines between two moments, and those without a time."""
        here = self._timed[bisect_left(self._times, first) : bisect_right(self._times, last)]
        return here + self._timeless

    def known(self, line: str) -> list[int]:
        """Return the line of an id, if it is here."""
        return [self._by_id[line]] if line in self._by_id else []


def _key_of(entry: Entry) -> tuple[str, str, str, str]:
    return entry.source, entry.destination, entry.currency, plain(entry.amount)


def _key_of_claim(claim: Claim) -> tuple[str, str, str, str]:
    _, source, destination, currency = claim.transfer.ledger_key
    return source, destination, currency, plain(claim.transfer.amount)


def by_currency(moved: Sequence[Moved]) -> dict[str, Decimal]:
    """Sum lines by currency."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in moved:
        sums[one.entry.currency] += one.entry.amount
    return dict(sums)
