"""Who is still there: what Slack says of the people and the channel behind an open transfer, and how fresh that is.

Slack's edge asks and notes; the desk only reads. Nobody Slack was not asked about within the last minute is trusted.
"""

from __future__ import annotations

from datetime import timedelta

from bot import words
from bot.desk.house import House
from bot.journal import Standing, Transaction
from bot.transfers import State, Transfer

# The edge asks again after this, so that nothing has to wait for it.
REFRESH_AFTER = timedelta(seconds=25)
TRUSTED_FOR = timedelta(seconds=60)

_OPEN_ROLES = (State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED)


def call(tx: Transaction) -> list[str]:
    """Return the user and channel ids Slack should be asked about now, longest unasked first."""
    return tx.people.stale(tx.behind(_OPEN_ROLES), tx.now - REFRESH_AFTER)


def unfit(tx: Transaction, house: House, transfer: Transfer) -> str | None:
    """Say who behind a transfer Slack found not well, if anybody."""
    for subject in _behind(tx, transfer):
        standing = tx.people.standing(subject)
        if standing is not None and not standing.well and _is_fresh(tx, standing):
            return words.NOT_WELL.format(who=_called(house, transfer, subject), words=standing.words)
    return None


def unasked(tx: Transaction, house: House, transfer: Transfer) -> str | None:
    """Say about whom behind a transfer Slack was not asked within the last minute, if anybody."""
    stale = [subject for subject in _behind(tx, transfer) if not _is_fresh(tx, tx.people.standing(subject))]
    if not stale:
        return None
    names = ", ".join(sorted(_called(house, transfer, subject) for subject in stale))
    return words.WAITS_FOR_SLACK.format(names=names)


def _behind(tx: Transaction, transfer: Transfer) -> frozenset[str]:
    """Return the requester, those who approved this version, and the channel of its card."""
    return frozenset((transfer.requester, transfer.channel, *(vote.person for vote in tx.approvals(transfer))))


def _is_fresh(tx: Transaction, standing: Standing | None) -> bool:
    # One from the future was noted before the clock went back.
    return standing is not None and tx.now - TRUSTED_FOR < standing.at <= tx.now


def _called(house: House, transfer: Transfer, subject: str) -> str:
    return words.THIS_CHANNEL if subject == transfer.channel else house.name_of(subject)
