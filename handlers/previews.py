"""What both sides of a transfer have before and after it, as its card says it. Pure."""

from __future__ import annotations

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
    has = for_people(shown.source.now) if shown.source.now is not None else "less"
    return f"*Not enough:* `{escape(source)}` has {has} {transfer.currency}, this takes {for_people(transfer.amount)}."


def _side(side: Side, account: str, currency: str) -> str:
    name = f"`{escape(account)}`"
    if side.now is not None and side.after is not None and side.read_at is not None:
        change = f"{for_people(side.now)} → {for_people(side.after)} {currency}"
        return f"{name} {change}, read {moment(side.read_at)}"
    if not side.problem:
        return f"{name} is being read"
    tried = f", tried {moment(side.read_at)}" if side.read_at else ""
    return f"{name} {inert(side.problem, PROBLEM_SHOWN_MAX)}{tried}"
