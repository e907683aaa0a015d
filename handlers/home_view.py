"""A person's Home tab as Slack shows it: what waits for them first. Pure.

No button here decides anything: a click counts only on the card on record, and this shows the way to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from bot import words
from bot.desk import View
from bot.desk.homes import Entry, Health, Home, Listed
from bot.policy.explained import limits_explained
from bot.policy.why import LimitsLeft
from bot.transfers import State
from handlers.cards import MARK, Block, Message, card, money
from handlers.markup import TEXT_MAX, escape, inert, moment
from handlers.previews import PROBLEM_SHOWN_MAX

NEW, SHOW = "home_new_transfer", "home_show_card"

OUTCOME_MAX = 200  # of why a transfer waits; its card says all of it
LIMITS_MAX = 12
EXCHANGES_MAX = 20


def home(found: Home, left: LimitsLeft) -> Message:
    """Render the Home tab of somebody on the allowlist.

    Args:
        left: what `found.limits` was answered with; nothing where no rule names them.
    """
    names = found.names
    new = _button(NEW, words.NEW_TRANSFER) | {"style": "primary"}
    others = [_line(entry, names) for entry in found.others.entries]
    blocks = [
        *([{"type": "actions", "elements": [new]}] if found.limits else []),
        *_sections(_frozen(found.frozen)),
        _header(words.WAITING_FOR_YOU),
        *_waiting(found),
        _header(words.OPEN_TRANSFERS),
        *_sections([*others, *_more(found.others)] or [words.NOTHING_ELSE_OPEN]),
        _header(words.ENDED_LATELY),
        *_sections([_line(entry, names) for entry in found.last] or [words.NOTHING_ENDED]),
        _header(words.YOUR_LIMITS),
        *_sections(_limits(found, left)),
        _header(words.EXCHANGES),
        *_sections([line for health in found.health[:EXCHANGES_MAX] for line in _health(health)]),
    ]
    return {"type": "home", "blocks": blocks}


def stranger() -> Message:
    """Render the Home tab of everybody else."""
    return {"type": "home", "blocks": [_section(words.STRANGER_AT_HOME)]}


def digest(view: Message) -> str:
    """Name what a view shows: equal for equal views."""
    return hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()


def shown_card(view: View) -> Message:
    """Render a private copy of a card, and where the card is."""
    place = words.CARD_IS_IN.format(channel=f"<#{view.transfer.channel}>")
    return {
        "type": "modal",
        "title": _plain(words.CARD_TITLE.format(transfer=view.transfer.name)[:24]),
        "close": _plain(words.CLOSE),
        "blocks": [*card(view, buttons=False)["blocks"], _section(place)],
    }


def no_card(text: str) -> Message:
    """Render why there is no card to show.

    Args:
        text: in mrkdwn.
    """
    return {
        "type": "modal",
        "title": _plain(words.NO_CARD_TITLE),
        "close": _plain(words.CLOSE),
        "blocks": [_section(text)],
    }


def _frozen(frozen: Iterable[str]) -> list[str]:
    lines = [words.CONFIRMED_WAITS.format(frozen=inert(line, TEXT_MAX // 2)) for line in frozen]
    return lines or [words.NOTHING_FROZEN]


def _waiting(found: Home) -> Iterator[Block]:
    lists = (
        (words.MOVE_IT, found.stranded),
        (words.CONFIRM_IT, found.confirm),
        (words.APPROVE_IT, found.approve),
        (words.SETTLE_IT, found.settle),
    )
    for what, listed in lists:
        for entry in listed.entries:
            label = words.SHOW_CARD_ALOUD.format(transfer=entry.transfer.name)
            button = _button(SHOW, words.SHOW_CARD) | {"value": str(entry.transfer.id), "accessibility_label": label}
            yield _section(f"*{what}:* {_line(entry, found.names)}") | {"accessory": button}
        yield from _sections(_more(listed))
    if not any(listed.entries for _, listed in lists):
        yield _section(words.NOTHING_WAITS)


def _more(listed: Listed) -> list[str]:
    return [words.MORE_TRANSFERS.format(count=listed.more)] if listed.more else []


def _line(entry: Entry, names: Mapping[str, str]) -> str:
    transfer = entry.transfer
    head = " ".join(filter(None, (MARK.get(transfer.state), words.HEAD[transfer.state].lower())))
    requester = names.get(transfer.requester, transfer.requester)
    when = transfer.deadline or transfer.settled_at or transfer.sent_at or transfer.created_at
    until = words.UNTIL.format(moment=moment(when)) if transfer.deadline else moment(when)
    return words.ONE_LINE.format(
        transfer=transfer.name,
        money=money(transfer),
        source=escape(entry.source),
        destination=escape(entry.destination),
        standing=head,
        person=escape(requester),
        moment=until,
    )


def _limits(found: Home, left: LimitsLeft) -> list[str]:
    if found.limits is None:
        return [words.NO_LIMITS]
    rest = [words.MORE_LIMITS.format(count=left.more)] if left.more else []
    return [*map(escape, limits_explained(LimitsLeft(left.first))), *rest]


def _health(health: Health) -> Iterator[str]:
    exchange = escape(health.exchange)
    if health.answered_at is None:
        yield words.NOT_ASKED.format(exchange=exchange)
    else:
        yield words.ANSWERED.format(exchange=exchange, moment=moment(health.answered_at))
    for account, holding in health.unread:
        problem = inert(holding.problem, PROBLEM_SHOWN_MAX)
        yield words.UNREAD.format(account=f"`{escape(account)}`", problem=problem, moment=moment(holding.at))
    for entry in health.unanswered:
        transfer = entry.transfer
        if transfer.state is State.UNKNOWN:
            yield words.UNANSWERED.format(transfer=transfer.name)
        else:
            yield words.UNDER_WAY.format(transfer=transfer.name)
    for entry in health.held:
        why = inert(entry.transfer.outcome or "", OUTCOME_MAX)
        yield words.HELD.format(transfer=entry.transfer.name, why=why)


def _sections(lines: Iterable[str]) -> Iterator[Block]:
    """Put lines into as few sections as they fit in."""
    text = ""
    for line in lines:
        if text and len(text) + 1 + len(line) > TEXT_MAX:
            yield _section(text)
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield _section(text)


def _button(action: str, text: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain(text)}


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text)}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _section(text: str) -> Block:
    # Verbatim: nothing in a person's or an exchange's words becomes a link or a mention.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
