"""What both sides of a transfer have before and after it, as its card says it. Pure."""

from __future__ import annotations

from bot import words
from bot.accounts import for_people
from bot.desk import Preview, Side, View
from bot.transfers import Transfer
from handlers.markup import escape, inert, moment

PROBLEM_SHOWN_MAX = 200


def preview(view: View) -> str:
    """Say what each side has, would have and when that was read; empty where the card shows no preview."""
    shown = view.preview
    if shown is None:
        return ""
    lines = [
        *([_shortage(view.transfer, shown, view.source)] if shown.is_short else []),
        _side(shown.source, view.source, view.transfer.currency),
        _side(shown.destination, view.end, view.transfer.currency),
    ]
    return "\n".join(lines)


def _shortage(transfer: Transfer, shown: Preview, source: str) -> str:
    now, currency = shown.source.now, transfer.currency
    has = words.LESS.format(currency=currency) if now is None else f"{for_people(now)} {currency}"
    return words.NOT_ENOUGH.format(account=escape(source), available=has, amount=for_people(transfer.amount))


def _side(side: Side, account: str, currency: str) -> str:
    name, problem = escape(account), inert(side.problem, PROBLEM_SHOWN_MAX)
    if side.now is not None and side.after is not None and side.read_at is not None:
        before, after = for_people(side.now), for_people(side.after)
        read_at = moment(side.read_at)
        return words.SIDE.format(account=name, before=before, after=after, currency=currency, moment=read_at)
    if not problem:
        return words.SIDE_AWAITED.format(account=name)
    if side.read_at is None:
        return words.SIDE_UNREAD.format(account=name, problem=problem)
    return words.SIDE_UNREAD_AT.format(account=name, problem=problem, moment=moment(side.read_at))
