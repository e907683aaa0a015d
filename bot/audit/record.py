"""A transfer as its events tell it, and the row of `transfers` that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from bot.audit.policies import route_of
from bot.policy import Spent, Tier
from bot.transfers import seal_of

# What no event told: desks before this one wrote less into theirs.
UNTOLD: Any = type("Untold", (), {"__repr__": lambda _: "untold"})()

# The columns of `transfers` that follow from events. Not `card_ts`: where Slack put a card is no event.
COLUMNS = (
    "version, state, exchange, source, destination, currency, amount, margin_account, connection, requester, team, "
    "channel, rule, rule_hash, policy_hash, seal, approvals_needed, deadline, created_at, reserved_at, sent_at, "
    "settled_at, exchange_reference, outcome, follows, retry_of, reason, share"
)
NAMES = tuple(COLUMNS.split(", "))


class Shown(NamedTuple):
    """What stays as it is for as long as a transfer's version does; the last four are told only where there are any."""

    route: str
    margin_account: str
    amount: str
    currency: str
    requester: str
    team: str
    channel: str
    connection: str
    rule: str
    rule_hash: str
    policy_hash: str
    seal: str
    reason: str
    share: str
    follows: int | None
    retry_of: int | None


ALWAYS = Shown._fields[:-4]
# These a new version may change; all the others stay for good (the channel until the card is moved).
RENEWED = frozenset({"margin_account", "amount", "connection", "rule", "rule_hash", "policy_hash", "seal"})
LATER = frozenset({"team", "channel", "connection", "rule_hash", "policy_hash", "approvals_needed", "deadline"})

_always = itemgetter(*ALWAYS)
_KEPT = (
    "version",
    "state",
    "approvals_needed",
    "deadline",
    "outcome",
    "reserved_at",
    "sent_at",
    "settled_at",
)


def filled(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an event of an older version says, with `UNTOLD` for what it could not say."""
    return dict.fromkeys(LATER, UNTOLD) | {"approvals_needed": data.get("approvals", UNTOLD)} | dict(data)


def read(data: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what an event says of its transfer, in the order of `Shown`.

    Raises:
        KeyError: something is missing.
    """
    get = data.get
    return (*_always(data), get("reason", ""), get("share", ""), get("follows"), get("retry_of"))


class Record:
    """A transfer in the middle of a replay. Moments and deadlines are texts, as the journal writes them.

    Attributes:
        votes: approvals by version and person: decision, seal and moment.
        resolutions: the same of admins' decisions on an unknown.
        digest, trace: of what was seen last in the exchange's records while they could be read; empty before.
        tier, tier_key: who must agree, and for which policy and versions that was worked out.
    """

    __slots__ = (
        "approvals_needed",
        "created_at",
        "deadline",
        "digest",
        "id",
        "outcome",
        "reference",
        "reserved_at",
        "resolutions",
        "sent_at",
        "settled_at",
        "shown",
        "state",
        "tier",
        "tier_key",
        "trace",
        "version",
        "votes",
    )

    def __init__(self, transfer_id: int, shown: Shown, created_at: str) -> None:
        self.id = transfer_id
        self.shown = shown
        self.version = 1
        self.state = ""
        self.approvals_needed: int = UNTOLD
        self.deadline: str | None = None
        self.outcome: str | None = None
        self.reference: str | None = None
        self.created_at = created_at
        self.reserved_at: str | None = None
        self.sent_at: str | None = None
        self.settled_at: str | None = None
        self.votes: dict[tuple[int, str], tuple[str, str, str]] | None = None
        self.resolutions: dict[tuple[int, str], tuple[str, str, str]] | None = None
        self.digest = ""
        self.trace = ""
        self.tier: Tier | None = None
        self.tier_key: tuple[str, int, int] | None = None

    @property
    def name(self) -> str:
        """The id as people know it: `T12`."""
        return f"T{self.id}"

    @property
    def money_id(self) -> int:
        """See `bot.transfers.Transfer.money_id`."""
        return self.shown.follows or self.id

    def agreed(self) -> list[str]:
        """Return who approved what it says now, in the order they did."""
        if not self.votes:
            return []
        votes = [
            (at, person)
            for (version, person), (decision, seal, at) in self.votes.items()
            if (version, decision, seal) == (self.version, "approved", self.shown.seal)
        ]
        return [person for _, person in sorted(votes)]

    def spent(self) -> Spent:
        """Return it as what counts against limits."""
        shown = self.shown
        return Spent(shown.requester, route_of(shown.route), shown.currency, Decimal(shown.amount), self.money_id)

    def row(self) -> tuple[Any, ...]:
        """Return the row of `transfers` in the order of `COLUMNS`."""
        shown = self.shown
        source, _, destination = shown.route.partition(" -> ")
        return (
            self.version,
            self.state,
            source.partition(":")[0],
            source,
            destination,
            shown.currency,
            shown.amount,
            shown.margin_account,
            shown.connection,
            shown.requester,
            shown.team,
            shown.channel,
            shown.rule,
            shown.rule_hash,
            shown.policy_hash,
            shown.seal,
            self.approvals_needed,
            self.deadline,
            self.created_at,
            self.reserved_at,
            self.sent_at,
            self.settled_at,
            self.reference,
            self.outcome,
            shown.follows,
            shown.retry_of,
            shown.reason,
            shown.share,
        )

    @classmethod
    def from_row(cls, transfer_id: int, row: tuple[Any, ...]) -> Record:
        """Return a transfer as its row says; for one that has ended, whose row was compared then."""
        value = dict(zip(NAMES, row, strict=True))
        value["route"] = f"{value['source']} -> {value['destination']}"
        record = cls(transfer_id, Shown._make(value[name] for name in Shown._fields), value["created_at"])
        for name in _KEPT:
            setattr(record, name, value[name])
        record.reference = value["exchange_reference"]
        return record

    def seal(self) -> str | None:
        """Return the seal of what it says; None where not all of that was told."""
        shown = self.shown
        if UNTOLD in (shown.team, shown.rule_hash, shown.connection):
            return None
        return seal_of(
            shown.route,
            shown.margin_account,
            shown.amount,
            shown.currency,
            f"{shown.team}/{shown.requester}",
            shown.rule_hash,
            self.version,
            shown.connection,
            shown.reason,
        )
