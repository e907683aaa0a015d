"""The form that asks for a transfer, as Slack shows it. Pure; `form_entry` reads what comes back.

Slack keeps what was typed or picked in a field for as long as its block id and action id stay. So the fields for text
keep theirs, and a list's block id names what the list depends on: another source means other destinations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bot import words
from bot.accounts import Account, Venue, for_people, label
from bot.choices import Choices
from bot.desk import Line
from bot.text import REASON_LENGTH_MAX
from handlers.cards import Block, Message, with_kind
from handlers.markup import escape, inert, moment
from handlers.previews import PROBLEM_SHOWN_MAX

FORM = "transfer_form"  # the shortcut and the view
CHOICE = "transfer_form_choice"  # a pick in any list
TEXT = "text"

AMOUNT, REASON, CHANNEL = "amount", "reason", "channel"

AMOUNT_MAX = 40
OPTIONS_MAX = 100  # in one group of a list
OPTION_TEXT_MAX = 75
GROUPS_MAX = 4  # of one list: all lists of a view together may have 250 kB

Option = tuple[str, str]  # value and text


def form(
    choices: Choices, venues: Mapping[str, Venue], channel: str, channels: Sequence[Option], available: str = ""
) -> Message:
    """Render the form with every list that can be shown by now.

    Args:
        channel: where the card will stand; empty: one of `channels` is asked for.
        channels: ids and names.
        available: what can be moved out of the source, in mrkdwn; empty: nothing is known yet.
    """
    lists = [] if channel else [_list(CHANNEL, words.CHANNEL_FIELD, channels, "")]
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": json.dumps({"channel": channel}),
        "title": _plain(words.MOVE_MONEY),
        "submit": _plain(words.PROPOSE),
        "close": _plain(words.CLOSE),
        "blocks": [
            _note(words.FORM_PROMISE),
            *lists,
            *_choices(choices, venues),
            _text(AMOUNT, words.AMOUNT_FIELD, AMOUNT_MAX, words.AMOUNT_HINT),
            *([_note(available)] if available else []),
            _text(REASON, words.REASON_FIELD, REASON_LENGTH_MAX, optional=not choices.reason_required),
        ],
    }


def available(line: Line) -> str:
    """Say what can leave the source, in mrkdwn."""
    holding, account = line.holding, f"`{escape(line.account)}`"
    if line.hidden:
        return words.AVAILABLE_HIDDEN.format(account=account, problem=line.hidden)
    if holding is None:
        return words.AVAILABLE_AWAITED.format(account=account)
    read_at = moment(holding.at)
    if holding.available is None:
        problem = inert(holding.problem, PROBLEM_SHOWN_MAX)
        return words.AVAILABLE_UNREAD.format(account=account, problem=problem, moment=read_at)
    amount = f"{for_people(holding.available)} {line.currency}"
    if line.is_awaited:
        return words.AVAILABLE_AGAIN.format(account=account, amount=amount, moment=read_at)
    return words.AVAILABLE.format(account=account, amount=amount, moment=read_at)


def notice(text: str) -> Message:
    """Render one sentence in the form's place.

    Args:
        text: in mrkdwn.
    """
    return {
        "type": "modal",
        "title": _plain(words.MOVE_MONEY),
        "close": _plain(words.CLOSE),
        "blocks": [_section(text)],
    }


def _choices(choices: Choices, venues: Mapping[str, Venue]) -> list[Block]:
    chosen = choices.chosen
    venue = venues.get(chosen.exchange)
    sides = f"{chosen.source}/{chosen.destination}"
    sources, destinations = _accounts(choices.sources, venue), _accounts(choices.destinations, venue)
    lists = (
        ("exchange", words.EXCHANGE_FIELD, [(name, name) for name in choices.exchanges], chosen.exchange, ""),
        ("source", words.SOURCE_FIELD, sources, chosen.source, chosen.exchange),
        (
            "destination",
            words.DESTINATION_FIELD,
            destinations,
            chosen.destination,
            chosen.source,
        ),
        ("margin", words.MARGIN_FIELD, [(name, with_kind(name)) for name in choices.margins], chosen.margin, sides),
        ("currency", words.CURRENCY_FIELD, [(name, name) for name in choices.currencies], chosen.currency, sides),
    )
    return [
        {**_list(f"{name}/{depends_on}".rstrip("/"), title, options, picked), "dispatch_action": True}
        for name, title, options, picked, depends_on in lists
        if options
    ]


def _accounts(accounts: Sequence[Account], venue: Venue | None) -> list[Option]:
    return [(str(account), label(account, venue)) for account in accounts]


def _list(block_id: str, title: str, options: Sequence[Option], picked: str) -> Block:
    shown = [{"text": _plain(_short(text)), "value": value} for value, text in options[: OPTIONS_MAX * GROUPS_MAX]]
    initial = next((option for option in shown if option["value"] == picked), None)
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": _plain(title),
        "element": {
            "type": "static_select",
            "action_id": CHOICE,
            "placeholder": _plain(words.CHOOSE_ONE),
            **_grouped(shown),
            **({"initial_option": initial} if initial else {}),
        },
    }
    more = len(options) - len(shown)
    return block | ({"hint": _plain(words.NOT_ALL_LISTED.format(count=more))} if more > 0 else {})


def _short(text: str) -> str:
    """Cut the name of a channel, which may be longer than an option; no account's is."""
    return text if len(text) <= OPTION_TEXT_MAX else f"{text[: OPTION_TEXT_MAX - 1]}…"


def _grouped(options: list[Block]) -> Block:
    if len(options) <= OPTIONS_MAX:
        return {"options": options}
    groups = [options[start : start + OPTIONS_MAX] for start in range(0, len(options), OPTIONS_MAX)]
    return {
        "option_groups": [
            {"label": _plain(words.GROUP.format(number=number, count=len(groups))), "options": group}
            for number, group in enumerate(groups, start=1)
        ]
    }


def _text(block_id: str, title: str, length_max: int, hint: str = "", *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": _plain(title),
        "optional": optional,
        "element": {"type": "plain_text_input", "action_id": TEXT, "max_length": length_max},
        **({"hint": _plain(hint)} if hint else {}),
    }


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}
