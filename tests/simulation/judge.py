"""Whether a transfer might leave, by a reading of the policy of its own: none of `bot.policy` is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from simulation.scenery import NAMES, TREASURY
from simulation.world import World

DAY_S = 24 * 3600.0
# Slack was asked at most a minute ago, the commit after that may take five seconds, the rest is rounding.
TRUSTED_S = 60.0 + 5.0 + 1.0


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
        approvers = self._approvers(number, exchange)
        missing = policy.quorums(amount)
        if not _is_met(missing, approvers - {requester}):
            agreed = ", ".join(sorted(NAMES[user] for user in approvers)) or "nobody"
            yield f"T{number} was sent with the approval of {agreed}"
        for subject in sorted({requester, channel, *approvers} & set(self._world.unwell_since)):
            for_s = self._world.true.monotonic() - self._world.unwell_since[subject]
            if for_s > TRUSTED_S:
                yield f"T{number} was sent {for_s:.0f} s after {subject} was no longer well in Slack"

    def _over(self, number: int, exchange: str, amount: Decimal, requester: str) -> Iterator[str]:
        """Add up what could have moved in the last 24 hours under the rule, this one included."""
        policy, books = self._world.in_force, self._world.books
        # A clock that was wrong by so much looked back by so much less.
        back_s = DAY_S - (max(self._world.clock_errors) - min(self._world.clock_errors)) - 1.0
        now = self._world.true.now()
        sent = [other for other in books.sends if (now - books.sent_at[other]).total_seconds() < back_s]
        by_all = by_person = amount
        for other, person, moved in self._world.rows(
            "SELECT id, requester, amount FROM transfers WHERE exchange = ? AND state NOT IN ('refused', 'not_sent')",
            exchange,
        ):
            if other != number and other in sent and person in policy.traders:
                by_all += Decimal(moved)
                by_person += Decimal(moved) if person == requester else 0
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


def _is_met(quorums: tuple[tuple[frozenset[str], int], ...], people: frozenset[str]) -> bool:
    """Tell whether every quorum can be filled, nobody counting twice: by trying every way."""
    wanted = [members for members, count in quorums for _ in range(count)]
    if not wanted:
        return True
    first, *_ = wanted
    (members, count), *rest = quorums
    left = ((members, count - 1), *rest) if count > 1 else tuple(rest)
    return any(_is_met(left, people - {person}) for person in people & first)
