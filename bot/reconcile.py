"""Unknown + evidence → finding: is a line in the exchange's records the transfer whose answer was lost? Pure.

Neither exchange's records carry an id of ours (htx-api.md §4, coinw-api.md §4.3). A line is attributed by ledger key,
amount, time and what was there before the send; and by counting, because equal transfers look alike: every transfer
known to have succeeded owns one line, and only a line left over can belong to the one without an answer.

One thing no record tells: ours never ran, and a person moved the same sum on the same key by hand meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot import words
from bot.evidence import Balance, Line, Reading

# How far the exchange's clock and ours may be apart; a desk refuses to start at half of it.
SKEW = timedelta(seconds=60)
# HTX takes a signed request for five minutes (htx-api.md §1.2), so a delayed one can still be executed that late.
EXECUTED_WITHIN = timedelta(minutes=6)
# A line without a time could be anybody's once this much has passed since the send.
TIMELESS_WITHIN = timedelta(minutes=15)
# How far before a send its reading surely shows every recorded line; a little less than adapters read back.
READ_BACK = timedelta(minutes=9)

# Pauses before the looks at a send without an answer: together 24 hours. The records are usually there within
# seconds (htx-api.md §4).
_PAUSES_S = (2, 3, 10, 30, 75, 180, 300, 600, 600, 1800, *[3600] * 23)
# Pauses before the looks at one the exchange refused, or people settled as not executed: together 24 hours.
_WATCH_PAUSES_S = (60, 9 * 60, 50 * 60, 5 * 3600, 18 * 3600)
# A last look that failed is made up for.
_MAKE_UP_S = 3600


@dataclass(frozen=True)
class Sent:
    """A send of ours as the records can know it.

    Attributes:
        name: the transfer, `T12`.
        first, last: between these moments it was executed, if it was; by this machine's clock.
        before: ids of lines that were there before it left, so none of them is its own.
        line: the one line it is known to own, once it was settled by that.
    """

    name: str
    first: datetime
    last: datetime
    before: frozenset[str]
    line: str = ""

    def may_own(self, line: Line) -> bool:
        """Tell whether a line could be this send's."""
        if self.line:
            return line.id == self.line
        if line.id in self.before:
            return False
        return line.at is None or self.first - SKEW <= line.at <= self.last + SKEW


class Trace(StrEnum):
    """What the records show of a send."""

    FOUND = "found"  # a line that can be nothing else
    ABSENT = "absent"  # no line; that proves nothing, records lag
    LAGGING = "lagging"  # lines of transfers known to have succeeded are still missing: wait
    UNCLEAR = "unclear"  # lines that people must judge
    UNREADABLE = "unreadable"  # the exchange gave no usable answer


@dataclass(frozen=True)
class Finding:
    """What follows from a reading. `lines` are the ids it rests on, `why` is one sentence for people."""

    trace: Trace
    lines: tuple[str, ...]
    why: str


def find(
    lost: Sent,
    reading: Reading,
    others: Sequence[Sent],
    rivals: Sequence[Sent],
    looked_at: datetime,
    first_seen: Mapping[str, datetime] | None = None,
) -> Finding:
    """Judge what a reading shows of a send without an answer.

    Args:
        others: sends of the same ledger key and amount that were executed; each owns one line.
        rivals: sends of the same key and amount that ended as not happened, perhaps wrongly.
        first_seen: when each line was seen first, where that was before this look.
    """
    own = tuple(line for line in reading.lines if lost.may_own(line))
    ids = tuple(line.id for line in own)
    left_over = surplus(lost, reading.lines, others)
    names = ", ".join(other.name for other in _claimants(lost, reading.lines, others))
    if left_over is None:
        return Finding(Trace.LAGGING, ids, words.RECORDS_INCOMPLETE.format(transfers=names))
    if left_over <= 0 and own:
        one = words.RECORDS_EXPLAINED_ONE.format(transfers=names)
        several = words.RECORDS_EXPLAINED.format(transfers=names)
        return Finding(Trace.ABSENT, ids, one if len(own) == 1 else several)
    if not own:
        return Finding(Trace.ABSENT, ids, words.RECORDS_SHOW_NONE_YET)
    if left_over > 1:
        return Finding(Trace.UNCLEAR, ids, words.RECORDS_SHOW_SEVERAL.format(count=left_over))
    rival = next((rival for rival in rivals if any(rival.may_own(line) for line in own)), None)
    if rival is not None:
        return Finding(Trace.UNCLEAR, ids, words.RECORDS_SHOW_A_RIVALS.format(transfer=rival.name))
    seen_at = min((first_seen or {}).get(line.id, looked_at) for line in own)
    return _weighed(lost, own, reading.balance, seen_at)


def _weighed(lost: Sent, own: Sequence[Line], balance: Balance, seen_at: datetime) -> Finding:
    """Hold the one line left over against the balance and its own age."""
    ids = tuple(line.id for line in own)
    timeless = any(line.at is None for line in own)
    if balance is Balance.UNMOVED:
        return Finding(Trace.UNCLEAR, ids, words.RECORDS_UNMOVED)
    if timeless and balance is not Balance.MOVED:
        return Finding(Trace.UNCLEAR, ids, words.RECORDS_MOVED_OTHERWISE)
    if timeless and seen_at > lost.first + TIMELESS_WITHIN:
        return Finding(Trace.UNCLEAR, ids, words.RECORDS_LATE)
    return Finding(Trace.FOUND, ids, words.RECORDS_SHOW_IT)


def surplus(lost: Sent, lines: Sequence[Line], others: Sequence[Sent]) -> int | None:
    """Return how many of the lines that could be `lost`'s no other send needs; None while others' are missing.

    A send beside may need one of them because another took the line that could have been its own, so everyone linked
    to these lines through shared ones is counted.
    """
    claimants = _claimants(lost, lines, others)
    if _matched(claimants, lines) < len(claimants):
        return None
    linked = _linked(claimants, lines, [other for other in others if _in_reach(lost, other, lines)])
    own = [line for line in lines if lost.may_own(line)]
    elsewhere = [line for line in lines if not lost.may_own(line)]
    return len(own) - (_matched(linked, lines) - _matched(linked, elsewhere))


def _claimants(lost: Sent, lines: Sequence[Line], others: Sequence[Sent]) -> list[Sent]:
    """Return the other sends that could own a line `lost` could own."""
    own = [line for line in lines if lost.may_own(line)]
    return [other for other in others if any(other.may_own(line) for line in own) and _in_reach(lost, other, lines)]


def _in_reach(lost: Sent, other: Sent, lines: Sequence[Line]) -> bool:
    """Tell whether another send's own line would be in the reading, were it recorded.

    With times, a reading goes back ten minutes. Without, an earlier send whose own "before" is out of sight has its
    line further back than was read.
    """
    if other.first >= lost.first:
        return True
    if any(line.at is None for line in lines):
        return not other.before or bool(other.before & (lost.before | {line.id for line in lines}))
    return other.first >= lost.first - READ_BACK


def _linked(claimants: Sequence[Sent], lines: Sequence[Line], others: Sequence[Sent]) -> list[Sent]:
    """Return the claimants and everyone who shares a line with one of them, directly or through others."""
    linked, shared = list(claimants), set[str]()
    while True:
        shared |= {line.id for line in lines if any(send.may_own(line) for send in linked)}
        more = [
            other
            for other in others
            if other not in linked and any(line.id in shared and other.may_own(line) for line in lines)
        ]
        if not more:
            return linked
        linked += more


def _matched(sends: Sequence[Sent], lines: Sequence[Line]) -> int:
    """Return how many sends can each be given a line of their own (Kuhn's augmenting paths)."""
    owner: dict[str, Sent] = {}

    def give(send: Sent, tried: set[str]) -> bool:
        for line in lines:
            if line.id in tried or not send.may_own(line):
                continue
            tried.add(line.id)
            if line.id not in owner or give(owner[line.id], tried):
                owner[line.id] = send
                return True
        return False

    return sum(give(send, set()) for send in sends)


def pause(watched: bool, step: int) -> timedelta:
    """Return how long to wait before the look that follows `step` looks.

    Args:
        watched: the transfer did not happen and is only watched.
    """
    pauses = _WATCH_PAUSES_S if watched else _PAUSES_S
    return timedelta(seconds=pauses[step] if step < len(pauses) else _MAKE_UP_S)


def is_enough(watched: bool, step: int) -> bool:
    """Tell whether a day of looks is over after `step` of them."""
    return step >= len(_WATCH_PAUSES_S if watched else _PAUSES_S)
