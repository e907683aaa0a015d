"""A policy comes into force, at a start or while the desk runs; what was shown under another one is looked at again."""

from __future__ import annotations

from bot.desk.house import House, expire, is_as_shown, is_due, still_as_shown
from bot.journal import DESK, Transaction
from bot.transfers import State

_UNSENT = (State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED)
_WHY_MAX = 1500


def load(tx: Transaction, house: House) -> None:
    """Put a policy in force and tell the audit channel; every transfer that it shows differently is asked again."""
    before, tx.policy = tx.policy, house.config.hash
    tx.keep_policy(house.config.hash, house.config.text)
    event = tx.event("policy_loaded", DESK, before=before, rules=len(house.config.rules))
    tx.outbox.tell("audit", None, event.seq)
    review(tx, house)


def keep(tx: Transaction, why: str) -> None:
    """Record, and tell the audit channel, that a new policy could not be loaded and the old one stays in force."""
    event = tx.event("policy_kept", DESK, why=why[:_WHY_MAX])
    tx.outbox.tell("audit", None, event.seq)


def review(tx: Transaction, house: House) -> None:
    """Look at all that has not been sent with the rules and keys of now; what differs is void and asked again.

    Limits are left to whoever acts on it next: adding them up for each would keep everybody else waiting.
    """
    states = ", ".join(f"'{state.value}'" for state in _UNSENT)
    for transfer in list(tx.select(f"state IN ({states})")):
        if is_due(tx, transfer):
            expire(tx, transfer)
        elif not is_as_shown(tx, house, transfer):
            still_as_shown(tx, house, transfer, spent=())
