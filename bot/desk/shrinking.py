"""A share's last look: people agreed to a figure, and by the time it leaves there may be less than that."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot import words
from bot.accounts import for_people, label, plain
from bot.amounts import Misread, read_share
from bot.desk.house import House, ask_again, judge_steps, move, waiting_step
from bot.journal import Transaction
from bot.transfers import State, Transfer


def is_still_there(tx: Transaction, house: House, transfer: Transfer, available: Decimal) -> bool:
    """Tell whether the source has the figure that was agreed to. Where it has more, the figure stands.

    Where it has less nothing is sent: it is asked again with the figure its share comes to now, or ends where that is
    nothing, or nothing the policy allows.
    """
    if available >= transfer.amount:
        return True
    share = read_share(transfer.share)
    if share is None or isinstance(share, Misread):
        return _block(tx, transfer, words.SHARE_CHANGED)
    venue = house.config.venues[transfer.route.exchange]
    account = label(transfer.route.source, venue)
    there = f"{for_people(available)} {transfer.currency}"
    amount = share.of(available, venue.decimals_max(transfer.currency))
    if amount <= 0:
        return _block(tx, transfer, words.NOTHING_LEFT.format(account=account, available=there, share=share))
    second = waiting_step(tx, transfer)
    smaller = replace(transfer, amount=amount)
    verdict = judge_steps(tx, house, (smaller, replace(second, amount=amount)) if second else (smaller,))
    if not verdict.allowed:
        why = words.TOO_LITTLE_LEFT.format(account=account, available=there, why=" ".join(verdict.reasons))
        return _block(tx, transfer, why)
    void = f" {words.VOTES_VOID}" if tx.approvals(transfer) else ""
    now, before = for_people(amount), for_people(transfer.amount)
    why = words.LESS_LEFT.format(account=account, available=there, share=share, now=now, before=before)
    smaller = replace(smaller, approvals_needed=verdict.tier.count if verdict.tier else 0)
    ask_again(tx, house, smaller, f"{why}{void}", available=plain(available))
    return False


def _block(tx: Transaction, transfer: Transfer, why: str) -> bool:
    move(tx, transfer, State.BLOCKED, outcome=f"{why} {words.NOTHING_SENT}")
    return False
