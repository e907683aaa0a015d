"""Whether a transfer might leave, by a reading of the policy of its own: none of `bot.policy` is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulation.scenery import NAMES, SEND_WITHIN_S, TREASURY
from simulation.world import World

DAY_S = 24 * 3600.0
# Slack was asked at most a minute ago, the commit after that may take five seconds, the rest is rounding.
TRUSTED_S = 60.0 + 5.0 + 1.0
# Clocks are set right by small steps; the record shows one that went back further.
CLOCK_STEP_S = 5.0
# What failed and may be tried again.
FAILED = frozenset({"refused", "not_sent", "not_executed", "denied", "cancelled", "expired", "blocked"})


class Judge:
    """Looks at every send at the moment it leaves, and at every decision of people as it is recorded."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._terms: dict[int, tuple[object, ...]] = {}

    def wrong_with_event(self, seq: int, kind: str, actor: str, number: int | None, data: Any) -> Iterator[str]:
        """Judge a decision when it was recorded, with the policy that was in force."""
        policy = self._world.in_force
        if kind == "approve_vote":
            self._terms[seq] = policy.terms(str(data["route"]).partition(":")[0])
        if kind == "approve_vote" and actor == data["requester"]:
            yield f"{actor} approved T{number}, their own"
        if kind == "denied" and actor == data["requester"]:
            yield f"{actor} denied T{number}, their own"
        if kind == "unfrozen" and (actor == data["froze"] or actor not in policy.admins):
            yield f"{actor} unfroze {data['exchange']}, which {data['froze']} froze"

    def wrong_with_send(
        self, number: int, exchange: str, amount: Decimal, requester: str, channel: str
    ) -> Iterator[str]:
        """Judge a request that is about to leave."""
        policy = self._world.in_force
        if requester not in policy.traders or channel != TREASURY:
            yield f"T{number} was sent for {requester}, who may not"
        if amount > policy.limit:
            yield f"T{number} was sent with {amount}, above the limit of {policy.limit}"
        yield from self._over(number, exchange, amount, requester)
        yield from self._frozen(number, exchange)
        agreed_to = self._agreed_to(number)
        yield from self._unconfirmed(number, agreed_to, requester)
        yield from self._out_of_turn(number, asked_again=agreed_to == number)
        approvers = self._approvers(agreed_to, exchange)
        missing = policy.quorums(amount)
        if not _is_met(missing, approvers - {requester}):
            agreed = ", ".join(sorted(NAMES[user] for user in approvers)) or "nobody"
            yield f"T{number} was sent with the approval of {agreed}"
        for subject in sorted({requester, channel, *approvers} & set(self._world.unwell_since)):
            for_s = self._world.true.monotonic() - self._world.unwell_since[subject]
            if for_s > TRUSTED_S:
                yield f"T{number} was sent {for_s:.0f} s after {subject} was no longer well in Slack"

    # Routes of two steps

    def _agreed_to(self, number: int) -> int:
        """Return what people agreed to: a second step's first one, unless the second was asked again by itself."""
        ((first,),) = self._world.rows(
            "SELECT coalesce(min(follows), ?1) FROM transfers WHERE id = ?1 AND retry_of IS NULL AND NOT EXISTS "
            "(SELECT 1 FROM events WHERE transfer_id = ?1 AND kind = 'asked_again')",
            number,
        )
        return int(first)

    def _unconfirmed(self, number: int, agreed_to: int, requester: str) -> Iterator[str]:
        """Whoever asked must have confirmed after they were asked last."""
        confirmed = self._world.rows(
            "SELECT 1 FROM events WHERE transfer_id = ?1 AND kind IN ('approved', 'awaiting_approval') AND actor = ?2 "
            "AND seq > (SELECT max(seq) FROM events WHERE transfer_id = ?1 AND kind IN ('proposed', 'asked_again'))",
            agreed_to,
            requester,
        )
        if not confirmed:
            yield f"T{number} was sent and {NAMES[requester]} did not confirm T{agreed_to}"

    def _out_of_turn(self, number: int, *, asked_again: bool) -> Iterator[str]:
        """A second step follows a first that is done; a try follows a second step that failed."""
        ((first, tried),) = self._world.rows("SELECT follows, retry_of FROM transfers WHERE id = ?", number)
        if tried is not None and (state := self._state(tried)) not in FAILED:
            yield f"T{number} was sent in place of T{tried}, which is {state}"
        if first is None:
            return
        if (state := self._state(first)) != "succeeded":
            yield f"T{number} was sent after T{first}, which is {state}"
        elif tried is None and not asked_again:
            yield from self._late(number, first)

    def _state(self, number: int) -> str:
        ((state,),) = self._world.rows("SELECT state FROM transfers WHERE id = ?", number)
        return str(state)

    def _late(self, number: int, first: int) -> Iterator[str]:
        """Nobody agreed to a second step that begins later than a confirmed transfer is sent."""
        world = self._world
        record = world.rows(
            "SELECT kind, transfer_id, at FROM events WHERE seq >= "
            "(SELECT max(seq) FROM events WHERE transfer_id = ? AND kind = 'sending') ORDER BY seq",
            first,
        )
        until = max(place for place, row in enumerate(record) if row[:2] == ("approved", number))
        times = [datetime.fromisoformat(at) for *_, at in record[: until + 1]]
        if (max(times) - times[0]).total_seconds() > SEND_WITHIN_S:
            yield f"T{number} went on unasked {max(times) - times[0]} after T{first} was sent"
        if (max(times) - times[-1]).total_seconds() > CLOCK_STEP_S:
            yield f"T{number} went on unasked after the clock went back by {max(times) - times[-1]}"
        # A clock that was wrong by so much saw so much less of it; the commits may take their time.
        wrong_s = max(world.clock_errors) - min(world.clock_errors)
        after_s = (world.true.now() - world.books.sent_at[first]).total_seconds()
        if after_s > 2 * (SEND_WITHIN_S + CLOCK_STEP_S) + wrong_s:
            yield f"T{number} was sent unasked {after_s:.0f} s after T{first}"

    # The rules

    def _over(self, number: int, exchange: str, amount: Decimal, requester: str) -> Iterator[str]:
        """Add up what could have moved in the last 24 hours under the rule, this one included."""
        policy, books = self._world.in_force, self._world.books
        # A clock that was wrong by so much looked back by so much less.
        back_s = DAY_S - (max(self._world.clock_errors) - min(self._world.clock_errors)) - 1.0
        now = self._world.true.now()
        sent = [other for other in books.sends if (now - books.sent_at[other]).total_seconds() < back_s]
        rows = self._world.rows(
            "SELECT id, coalesce(follows, id), source || destination, requester, state, amount FROM transfers "
            "WHERE exchange = ? AND state NOT IN ('refused', 'not_sent')",
            exchange,
        )
        own = next(money for other, money, *_ in rows if other == number)
        # What people say was not executed may have moved: it counts beside the next try of the same money.
        counted = [
            (money, way, person, Decimal(moved))
            for other, money, way, person, state, moved in rows
            if other in sent and person in policy.traders and other != number
            if money != own or state == "not_executed"
        ]
        by_all = amount + _summed(counted)
        by_person = amount + _summed([row for row in counted if row[2] == requester])
        if policy.per_day is not None and by_all > policy.per_day:
            yield f"T{number} was sent, with it {by_all} in 24 hours, above {policy.per_day}"
        if policy.per_person_per_day is not None and by_person > policy.per_person_per_day:
            yield f"T{number} was sent, with it {by_person} in 24 hours by one, above {policy.per_person_per_day}"

    def _frozen(self, number: int, exchange: str) -> Iterator[str]:
        """Replay every order to freeze and every end of one that was committed before the claim."""
        ((claimed,),) = self._world.rows(
            "SELECT max(seq) FROM events WHERE transfer_id = ? AND kind = 'sending'", number
        )
        frozen: set[str] = set()
        ordered = [order for order in self._world.shell_freezes if order[1] < claimed]  # in the file, not obeyed yet
        for seq, kind, data in self._world.rows(
            "SELECT seq, kind, data FROM events WHERE kind IN ('frozen', 'unfrozen') AND seq < ? ORDER BY seq", claimed
        ):
            what = json.loads(data)["exchange"]
            frozen = frozen | {what} if kind == "frozen" else frozen - {what}
            ordered = [(order, after) for order, after in ordered if order != what or seq <= after]
        frozen |= {order for order, _ in ordered}
        if frozen & {exchange, "all"}:
            yield f"T{number} was sent while {' and '.join(sorted(frozen))} was frozen"

    def _approvers(self, number: int, exchange: str) -> frozenset[str]:
        """Return who approved what is being sent: this version, this seal, these terms."""
        ((version, seal),) = self._world.rows("SELECT version, seal FROM transfers WHERE id = ?", number)
        terms = self._world.in_force.terms(exchange)
        votes = self._world.rows(
            "SELECT seq, actor, data FROM events WHERE transfer_id = ? AND kind = 'approve_vote'", number
        )
        found = set()
        for seq, actor, data in votes:
            said = json.loads(data)
            shown = (said["version"], said["seal"], said["decision"]) == (version, seal, "approved")
            if shown and self._terms.get(seq, terms) == terms:
                found.add(actor)
        return frozenset(found)


def _summed(counted: list[tuple[int, str, str, Decimal]]) -> Decimal:
    """Add up sums of money: what took each of them furthest, as its steps are the same money and its tries are not."""
    steps: dict[int, dict[str, Decimal]] = {}
    for money, way, _, moved in counted:
        ways = steps.setdefault(money, {})
        ways[way] = ways.get(way, Decimal(0)) + moved
    return sum((max(ways.values()) for ways in steps.values()), Decimal(0))


def _is_met(quorums: tuple[tuple[frozenset[str], int], ...], people: frozenset[str]) -> bool:
    """Tell whether every quorum can be filled, nobody counting twice: by trying every way."""
    wanted = [members for members, count in quorums for _ in range(count)]
    if not wanted:
        return True
    first, *_ = wanted
    (members, count), *rest = quorums
    left = ((members, count - 1), *rest) if count > 1 else tuple(rest)
    return any(_is_met(left, people - {person}) for person in people & first)
