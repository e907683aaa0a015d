"""What was moved in a period, by whom, how often it succeeded and how long it took. Pure.

What counts is what ended in the period. Money is counted by transfer: each step of a two-step route takes it out of one
account and into another. People and times are counted by request: a route's steps were asked for and agreed to once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.policy.rules import total
from bot.transfers import WITHOUT_ANSWER, State

Sums = Mapping[str, Decimal]  # by currency


@dataclass(frozen=True)
class Row:
    """One transfer, as far as a report is about it.

    Attributes:
        follows: on a two-step route, the id of the first step, of which this one moves the money on.
        source, destination: canonical addresses.
        requester, approvers: Slack user ids.
        ended_at: None while it is open.
    """

    id: int
    follows: int | None
    state: State
    source: str
    destination: str
    currency: str
    amount: Decimal
    requester: str
    approvers: tuple[str, ...]
    proposed_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Flow:
    """What one account took in and gave out of one currency, and in how many transfers."""

    account: str
    currency: str
    incoming: Decimal
    outgoing: Decimal
    transfers: int

    @property
    def net(self) -> Decimal:
        """What it gained; below zero what it lost."""
        return self.incoming - self.outgoing


@dataclass(frozen=True)
class Volume:
    """How much of one currency was moved: by how many requests, a two-step route's amount counted once."""

    currency: str
    requests: int
    moved: Decimal


@dataclass(frozen=True)
class Share:
    """One person's part: in how many requests, how many of those were done, and what they moved."""

    person: str
    requests: int
    done: int
    moved: Sums


@dataclass(frozen=True)
class Durations:
    """How long requests took from the proposal to the settlement: half of them, and nine of ten, at most so long."""

    median: timedelta
    ninth_decile: timedelta
    slowest: timedelta


@dataclass(frozen=True)
class Report:
    """What ended from `since` until just before `until`.

    Attributes:
        endings: how many requests ended how, the most frequent first.
        durations: of the requests that were done; None when there were none.
        approvers: those who approved what then ended, whatever became of it.
        unanswered: what was sent and is without an answer still; counted nowhere else.
    """

    since: datetime
    until: datetime
    endings: Mapping[State, int]
    flows: tuple[Flow, ...]
    volumes: tuple[Volume, ...]
    durations: Durations | None
    requesters: tuple[Share, ...]
    approvers: tuple[Share, ...]
    unanswered: tuple[str, ...]

    @property
    def requests(self) -> int:
        """How many requests ended."""
        return sum(self.endings.values())

    @property
    def done(self) -> int:
        """How many of them moved their money to where it was to go."""
        return self.endings.get(State.SUCCEEDED, 0)


@dataclass(frozen=True)
class _Request:
    """What was asked for once: a transfer, with every try of the step that follows it where there are two."""

    first: Row
    following: tuple[Row, ...]

    @property
    def state(self) -> State:
        """How it ended: as its first step, unless that was done and there is a second; then as the last try of that."""
        if self.first.state is not State.SUCCEEDED or not self.following:
            return self.first.state
        return next((step.state for step in self.following if step.state is State.SUCCEEDED), self.following[-1].state)

    @property
    def steps(self) -> tuple[Row, ...]:
        """Its transfers, in the order they were asked for."""
        return self.first, *self.following

    @property
    def is_done(self) -> bool:
        return self.state is State.SUCCEEDED

    @property
    def took(self) -> timedelta:
        ended = [step.ended_at for step in self.steps if step.ended_at is not None]
        return max(ended) - self.first.proposed_at

    def ended_within(self, since: datetime, until: datetime) -> bool:
        """Tell whether its last step ended in a period, and the others by then."""
        ended = [step.ended_at for step in self.steps if step.ended_at is not None]
        return len(ended) == len(self.steps) and since <= max(ended) < until


def report(rows: Sequence[Row], since: datetime, until: datetime) -> Report:
    """Sum up what ended in a period.

    Args:
        rows: every transfer that ended in it, with the other steps of its route, and whatever is without an answer.
    """
    moved = [row for row in rows if row.state is State.SUCCEEDED and row.ended_at and since <= row.ended_at < until]
    ended = [request for request in _requests(rows) if request.ended_within(since, until)]
    return Report(
        since=since,
        until=until,
        endings=dict(Counter(sorted(request.state for request in ended)).most_common()),
        flows=_flows(moved),
        volumes=_volumes(ended),
        durations=_durations([request.took for request in ended if request.is_done]),
        requesters=_shares(ended, lambda request: {request.first.requester}),
        approvers=_shares(ended, lambda request: {person for step in request.steps for person in step.approvers}),
        unanswered=tuple(f"T{row.id}" for row in rows if row.state in WITHOUT_ANSWER),
    )


def _requests(rows: Iterable[Row]) -> list[_Request]:
    """Put the steps of each route together."""
    by_first: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.id):  # a step is asked for after the one it follows
        by_first.setdefault(row.follows or row.id, []).append(row)
    return [_Request(steps[0], tuple(steps[1:])) for steps in by_first.values()]


def _flows(moved: Iterable[Row]) -> tuple[Flow, ...]:
    ways: dict[tuple[str, str], list[Decimal]] = {}
    for row in moved:
        ways.setdefault((row.currency, row.source), []).append(-row.amount)
        ways.setdefault((row.currency, row.destination), []).append(row.amount)
    return tuple(
        Flow(
            account,
            currency,
            incoming=total(amount for amount in amounts if amount > 0),
            outgoing=total(-amount for amount in amounts if amount < 0),
            transfers=len(amounts),
        )
        for (currency, account), amounts in sorted(ways.items())
    )


def _volumes(ended: Iterable[_Request]) -> tuple[Volume, ...]:
    amounts: dict[str, list[Decimal]] = {}
    for request in ended:
        if request.is_done:
            amounts.setdefault(request.first.currency, []).append(request.first.amount)
    return tuple(Volume(currency, len(each), total(each)) for currency, each in sorted(amounts.items()))


def _shares(ended: Iterable[_Request], people: Callable[[_Request], set[str]]) -> tuple[Share, ...]:
    """Return every person's part, those with the most requests first."""
    parts: dict[str, list[_Request]] = {}
    for request in ended:
        for person in people(request):
            parts.setdefault(person, []).append(request)
    shares = [
        Share(
            person,
            len(part),
            sum(request.is_done for request in part),
            {volume.currency: volume.moved for volume in _volumes(part)},
        )
        for person, part in parts.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.requests, share.person)))


def _durations(took: Sequence[timedelta]) -> Durations | None:
    """Return nearest-rank percentiles: each is a time some request really took."""
    if not took:
        return None
    ordered = sorted(took)
    return Durations(ordered[_rank(len(took), 5)], ordered[_rank(len(took), 9)], ordered[-1])


def _rank(count: int, tenths: int) -> int:
    """Return the index at which so many tenths of a count are reached, rounded up."""
    return (count * tenths + 9) // 10 - 1
