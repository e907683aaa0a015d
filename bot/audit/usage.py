"""What counts against limits at any moment of a replay: added and taken away as it happens, never added up anew.

The same sums `bot.policy.decide.usage` makes from the journal, kept by rule and currency. Where the machine's clock
went back, what had ended by then stays ended here, so that nothing is taken for more than the desk itself counted.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import heappop, heappush

from bot.policy import Rule, Spent, Used, select
from bot.policy.decide import added_up

# Rules of policies long gone are dropped; one that is asked about again is added up once.
SUMS_MAX = 512
_NOTHING = Decimal(0)
_Key = tuple[str, str, str]  # requester, route, currency: what rules select by


@dataclass
class _Sum:
    """What counts under one rule in one currency: by sum of money, as the steps of a route are the same one."""

    rule: Rule
    currency: str
    entries: dict[int, dict[int, Spent]] = field(default_factory=dict)
    by_all: Decimal = _NOTHING
    by_person: dict[str, Decimal] = field(default_factory=dict)

    def counts(self, spent: Spent) -> bool:
        return spent.currency == self.currency and select(spent, (self.rule,)) is not None

    def change(self, transfer_id: int, spent: Spent, sign: int) -> None:
        """Add an entry, or take it away with a sign of -1."""
        same = self.entries.get(spent.money_id)
        if same is None:
            same = self.entries[spent.money_id] = {}
        elif same:
            self._put(same.values(), -1)
        if sign > 0:
            same[transfer_id] = spent
        else:
            same.pop(transfer_id, None)
        if same:
            self._put(same.values(), 1)
        else:
            del self.entries[spent.money_id]

    def without(self, money_id: int, person: str, but: Container[int]) -> Used:
        """Return what everybody and one person used without one sum of money, `but` for some of its transfers."""
        by_all, by_person = self.by_all, self.by_person.get(person, _NOTHING)
        same = self.entries.get(money_id)
        if same and len(same) == 1:
            ((transfer_id, own),) = same.items()
            if transfer_id not in but:
                by_all -= own.amount
                by_person -= own.amount if own.requester == person else _NOTHING
        elif same:
            for spends, sign in ((same.values(), -1), ([same[one] for one in same if one in but], 1)):
                by_all += sign * added_up(spends)
                by_person += sign * added_up(one for one in spends if one.requester == person)
        return Used(by_all, by_person)

    def _put(self, same: Collection[Spent], sign: int) -> None:
        if len(same) == 1:  # as nearly always
            (one,) = same
            self.by_all += sign * one.amount
            self.by_person[one.requester] = self.by_person.get(one.requester, _NOTHING) + sign * one.amount
            return
        self.by_all += sign * added_up(same)
        for person in {one.requester for one in same}:
            theirs = sign * added_up(one for one in same if one.requester == person)
            self.by_person[person] = self.by_person.get(person, _NOTHING) + theirs


class Usage:
    """What is reserved, sent, done within 24 hours, or without an answer."""

    def __init__(self) -> None:
        self._counting: dict[int, tuple[Spent, _Key]] = {}
        self._ends: list[tuple[str, int]] = []
        self._not_executed: set[int] = set()
        self._sums: dict[tuple[str, str], _Sum] = {}
        self._selecting: dict[_Key, list[_Sum]] = {}

    def __contains__(self, transfer_id: int) -> bool:
        return transfer_id in self._counting

    def add(self, transfer_id: int, spent: Spent, route: str) -> None:
        """Let a transfer count from now on. `route`: the same as in `spent`, as a text."""
        key = (spent.requester, route, spent.currency)
        self._counting[transfer_id] = spent, key
        for one in self._concerned(spent, key):
            one.change(transfer_id, spent, 1)

    def remove(self, transfer_id: int) -> None:
        """Let a transfer count no more."""
        counted = self._counting.pop(transfer_id, None)
        self._not_executed.discard(transfer_id)
        if counted is not None:
            for one in self._concerned(*counted):
                one.change(transfer_id, counted[0], -1)

    def end(self, transfer_id: int, settled_at: str, executed: bool) -> None:
        """Let a transfer count until it was settled 24 hours ago; not executed, against its next try as well."""
        heappush(self._ends, (settled_at, transfer_id))
        if not executed:
            self._not_executed.add(transfer_id)

    def of(self, rule: Rule, requester: str, currency: str, money_id: int, since: str) -> Used:
        """Return what is used of a rule's limits.

        Args:
            money_id: the sum of money that is asked about, which does not count against itself.
            since: what was settled until then counts no more.
        """
        while self._ends and self._ends[0][0] <= since:
            self.remove(heappop(self._ends)[1])
        if currency not in rule.per_day and currency not in rule.per_person_per_day:
            return Used()
        one = self._sums.get((rule.hash, currency)) or self._sum(rule, currency)
        return one.without(money_id, requester, self._not_executed)

    def _sum(self, rule: Rule, currency: str) -> _Sum:
        if len(self._sums) >= SUMS_MAX:
            self._sums.clear()
        self._selecting.clear()
        one = self._sums[rule.hash, currency] = _Sum(rule, currency)
        for transfer_id, (spent, _) in self._counting.items():
            if one.counts(spent):
                one.change(transfer_id, spent, 1)
        return one

    def _concerned(self, spent: Spent, key: _Key) -> list[_Sum]:
        found = self._selecting.get(key)
        if found is None:
            if len(self._selecting) >= 100 * SUMS_MAX:
                self._selecting.clear()
            found = self._selecting[key] = [one for one in self._sums.values() if one.counts(spent)]
        return found
