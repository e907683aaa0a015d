"""A transfer, the states it can be in, the legal arrows between them, and the outcomes of a send."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.accounts import Route, ledger_key, plain


class State(StrEnum):
    """Where a transfer stands. The text is what the journal keeps."""

    PROPOSED = "proposed"  # the card is up, the requester has not confirmed
    AWAITING_APPROVAL = "awaiting_approval"
    WAITING = "waiting"  # the second step of a route, until the first succeeded; confirmed and approved with it
    APPROVED = "approved"  # may be sent, until its deadline
    SENDING = "sending"  # committed before the first byte leaves
    SUCCEEDED = "succeeded"
    REFUSED = "refused"  # the exchange said no; nothing moved
    NOT_SENT = "not_sent"  # no byte left this machine
    UNKNOWN = "unknown"  # sent, no usable answer; never sent again
    NOT_EXECUTED = "not_executed"  # people settled an unknown: it did not happen
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    BLOCKED = "blocked"


_BEFORE_THE_SEND = (State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED, State.WAITING)

ARROWS: frozenset[tuple[State, State]] = frozenset(
    {
        (State.PROPOSED, State.APPROVED),
        (State.PROPOSED, State.AWAITING_APPROVAL),
        (State.AWAITING_APPROVAL, State.APPROVED),
        (State.AWAITING_APPROVAL, State.DENIED),
        (State.WAITING, State.APPROVED),
        (State.WAITING, State.PROPOSED),  # the first step was settled late: asked again
        # The policy changed under it: asked again as a new version, approvals void.
        (State.AWAITING_APPROVAL, State.PROPOSED),
        (State.APPROVED, State.PROPOSED),
        (State.APPROVED, State.SENDING),
        (State.SENDING, State.SUCCEEDED),
        (State.SENDING, State.REFUSED),
        (State.SENDING, State.NOT_SENT),
        (State.SENDING, State.UNKNOWN),
        (State.UNKNOWN, State.SUCCEEDED),
        (State.UNKNOWN, State.NOT_EXECUTED),
    }
    | {(before, after) for before in _BEFORE_THE_SEND for after in (State.CANCELLED, State.EXPIRED, State.BLOCKED)}
)

FINAL: frozenset[State] = frozenset(State) - {before for before, _ in ARROWS}
OPEN: frozenset[State] = frozenset(State) - FINAL

# What was to be sent and did not succeed, as far as is known. In an order: SQL is made of it.
UNSUCCESSFUL = (State.REFUSED, State.NOT_SENT, State.UNKNOWN, State.NOT_EXECUTED, State.BLOCKED)
# They did not happen, but were sent; the exchange's records are watched for a while, in case they did.
WATCHED: tuple[State, ...] = (State.REFUSED, State.NOT_SENT, State.NOT_EXECUTED)
WITHOUT_ANSWER: frozenset[State] = frozenset({State.SENDING, State.UNKNOWN})
# They count against limits; the ended ones for as long as limits look back. A waiting step counts with its first.
SPENT: tuple[State, ...] = (State.APPROVED, State.SENDING, State.UNKNOWN, State.SUCCEEDED, State.NOT_EXECUTED)
SPENT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Accepted:
    """The exchange executed it. `reference` is its order id, as text."""

    reference: str


@dataclass(frozen=True)
class Refused:
    """The exchange said no and nothing moved. `by` names who said it: the exchange, its gateway, a rate limit."""

    code: str
    message: str
    by: str = "exchange"


@dataclass(frozen=True)
class NotSent:
    """No byte left this machine."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """It may or may not have happened. `reason` says what was seen, with code and message where there was one."""

    reason: str


Outcome = Accepted | Refused | NotSent | Unknown


@dataclass(frozen=True)
class Transfer:
    """One row of `transfers`. Immutable; `moved` returns the next one.

    Attributes:
        version: grows when what people saw changes; a button counts only for the version it was drawn for.
        requester: Slack user id; with `team` the identity, never a name.
        connection: fingerprint of the key that was in use when it was proposed.
        deadline: when the present state ends by itself; None once sent or settled.
        reserved_at: when it became approved.
        outcome: what people are told about how it stands or ended, free of URLs and secrets.
        follows: the step of the same route that must succeed before this one.
        retry_of: the transfer this one tries again.
        reason: why the requester wants it, in their words; empty when they did not say.
        share: how the amount was typed when it was a share of what was available: `all`, `half`, `25%`; else empty.
    """

    id: int
    version: int
    state: State
    route: Route
    currency: str
    amount: Decimal
    margin_account: str
    connection: str
    requester: str
    team: str
    channel: str
    rule: str
    rule_hash: str
    policy_hash: str
    seal: str
    created_at: datetime
    deadline: datetime | None = None
    approvals_needed: int = 0
    card_ts: str | None = None
    reserved_at: datetime | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    exchange_reference: str | None = None
    outcome: str | None = None
    follows: int | None = None
    retry_of: int | None = None
    reason: str = ""
    share: str = ""

    @property
    def name(self) -> str:
        """The id as people see and type it: `T1042`."""
        return f"T{self.id}"

    @property
    def card_of(self) -> int:
        """The id of the transfer whose card shows this one: a second step stands on the card of the first."""
        return self.id if self.follows is None or self.retry_of is not None else self.follows

    @property
    def money_id(self) -> int:
        """What the steps of one route, and their tries, have in common: it is one sum of money, and counts once."""
        return self.follows or self.id

    @property
    def ledger_key(self) -> tuple[str, str, str, str]:
        """See `bot.accounts.ledger_key`."""
        return ledger_key(self.route, self.currency)

    def moved(self, state: State, **changes: Any) -> Transfer:
        """Return this transfer one arrow further.

        Raises:
            ValueError: there is no such arrow. A programming error, never a person's.
        """
        if (self.state, state) not in ARROWS:
            raise ValueError(f"{self.name}: no arrow from {self.state} to {state}")
        return replace(self, state=state, **changes)

    def sealed(self) -> Transfer:
        """Return this transfer with the seal of what it now says."""
        return replace(self, seal=self.seal_now())

    def seal_now(self) -> str:
        """The seal of what it now says; shown on the card, checked again at the claim."""
        return seal_of(
            str(self.route),
            self.margin_account,
            plain(self.amount),
            self.currency,
            f"{self.team}/{self.requester}",
            self.rule_hash,
            self.version,
            self.connection,
            self.reason,
        )


def seal_of(
    route: str,
    margin_account: str,
    amount: str,
    currency: str,
    requester: str,
    rule_hash: str,
    version: int,
    connection: str,
    reason: str,
) -> str:
    """Return the first 8 hex digits of the sha256 over what is shown of a transfer.

    Args:
        requester: `TEAM/USER`.
    """
    shown = [route, margin_account, amount, currency, requester, rule_hash, str(version), connection]
    return hashlib.sha256("\n".join(shown + ([reason] if reason else [])).encode()).hexdigest()[:8]


OUTCOME_STATE: Mapping[type, State] = MappingProxyType(
    {
        Accepted: State.SUCCEEDED,
        Refused: State.REFUSED,
        NotSent: State.NOT_SENT,
        Unknown: State.UNKNOWN,
    }
)
