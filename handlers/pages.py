"""The history as Slack shows it: a heading, ten lines, and the buttons that turn the page. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot import words
from bot.accounts import Venue
from bot.desk import Beside, Page
from bot.errors import GrammarError
from bot.filters import EVERYTHING, Filter, read_filter, span
from handlers.cards import Block, Message
from handlers.lines import line
from handlers.markup import escape

NEWER, OLDER = "transfer_history_newer", "transfer_history_older"
VALUE_MAX = 2000  # characters Slack lets a button carry
LINES_IN_ONE = 5  # in one section, whose text may have 3000 characters

_VALUE = re.compile(r"([1-9][0-9]{0,17})((?: .*)?)")


def page_message(page: Page) -> Message:
    """Render a page of the history, as a private message."""
    heading = words.TRANSFERS.format(about=_about(page))
    if not page.views:
        text = words.NO_TRANSFERS.format(about=_about(page), hint=escape(page.hint))
        text = words.NO_TRANSFERS_YET if page.filter == EVERYTHING else text
        return {"text": text, "blocks": [_section(text), *_buttons(page)]}
    lines = [line(view) for view in page.views]
    some = [lines[at : at + LINES_IN_ONE] for at in range(0, len(lines), LINES_IN_ONE)]
    blocks = [_section(f"*{heading}*"), *(_section("\n".join(together)) for together in some)]
    return {"text": "\n".join([heading, *lines]), "blocks": [*blocks, *_buttons(page)]}


def read_position(value: str, venues: Mapping[str, Venue], *, newer: bool) -> tuple[Filter, Beside]:
    """Read what a button carries: where its page begins, and what the list is about.

    Raises:
        GrammarError: it is none of ours.
    """
    position = _VALUE.fullmatch(value)
    if position is None:
        raise GrammarError(words.NOT_OUR_LIST)
    return read_filter("history", position[2], venues), Beside(int(position[1]), newer)


def _about(page: Page) -> str:
    """Say what a list is about: ` by bob on htx in USDT that failed, of the last 7d, T12 to T40`."""
    wanted = page.filter
    about = (
        words.ABOUT_PERSON.format(person=escape(page.person)) if wanted.person else "",
        words.ABOUT_EXCHANGE.format(exchange=wanted.exchange) if wanted.exchange else "",
        words.ABOUT_CURRENCY.format(currency=wanted.currency) if wanted.currency else "",
        words.ABOUT_FAILED if wanted.failed else "",
        words.ABOUT_SINCE.format(span=span(wanted.since)) if wanted.since else "",
        words.ABOUT_RANGE.format(first=f"T{wanted.first}", last=f"T{wanted.last}") if wanted.first else "",
    )
    return "".join(f" {part}" for part in about if part)


def _buttons(page: Page) -> list[Block]:
    turns = (
        (words.NEWER, words.NEWER_ALOUD, NEWER, page.newer),
        (words.OLDER, words.OLDER_ALOUD, OLDER, page.older),
    )
    elements = [
        {
            "type": "button",
            "action_id": action,
            "value": f"{beside}{page.filter}",
            "text": {"type": "plain_text", "text": name},
            "accessibility_label": aloud,
        }
        for name, aloud, action, beside in turns
        if beside is not None
    ]
    return [{"type": "actions", "elements": elements}] if elements else []


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
