"""Every card in every state: within Slack's limits (slack.md §2.5) at its longest, and word for word as it was agreed.

The cards are `card_cases.CARDS`, each kept beside this file as `card_snapshots/<name>.json`. A case is one line there.
When a change of the words is meant, write the files anew, and read what changed:

    RENEW_CARDS=1 pytest tests/handlers/test_card_limits.py && git diff tests/handlers/card_snapshots
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from card_cases import CARDS, LONGEST
from desk_bench import ALICE
from pydantic import TypeAdapter, ValidationError
from shown import LONGEST as LONGEST_TRANSFER
from shown import LONGEST_ALIAS, LONGEST_ID, mrkdwn, obeyed
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as SlackView

from bot import words
from bot.config_file import Alias, ConnectionName, Currency, Name, Uid, UserId
from bot.desk import Click
from bot.sandbox.slack_blocks import block_problems, elements, view_problems
from bot.text import REASON_LENGTH_MAX
from bot.transfers import State
from handlers import cards
from handlers.approvals import code_form

FOLDER = Path(__file__).parent / "card_snapshots"
RENEW = "RENEW_CARDS"

EVERY_CARD = CARDS | LONGEST


def written(message: Any) -> str:
    return json.dumps(message, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_as_it_was_agreed(name: str) -> None:
    file, text = FOLDER / f"{name}.json", written(cards.card(CARDS[name]))
    if os.environ.get(RENEW):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.is_file(), f"a new card; write it with {RENEW}=1 and read it"
    assert text == file.read_text(encoding="utf-8"), f"if that is meant: {RENEW}=1, then read the difference"


def test_every_kept_card_is_still_looked_at() -> None:
    stale = {file for file in FOLDER.iterdir() if file.stem not in CARDS}
    if os.environ.get(RENEW):
        for file in stale:
            file.unlink()
        stale = set()
    assert not stale


def test_every_state_is_among_the_cards() -> None:
    assert {card.transfer.state for card in CARDS.values()} == set(State)
    assert {card.current.transfer.state for card in LONGEST.values()} == set(State)


# Slack's limits


@pytest.mark.parametrize("name", EVERY_CARD)
@pytest.mark.parametrize("buttons", [True, False])
def test_slack_takes_a_card(name: str, buttons: bool) -> None:
    message = cards.card(EVERY_CARD[name], buttons=buttons)
    assert block_problems(message["blocks"]) == []
    for block in message["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.to_dict()
    actions = Counter(element["action_id"] for _, element in elements(message["blocks"]))
    assert all(count == 1 for count in actions.values())
    assert len(json.dumps(message)) < 40_000


@pytest.mark.parametrize("name", EVERY_CARD)
def test_no_entity_is_cut_in_half_and_nothing_foreign_is_obeyed(name: str) -> None:
    message = cards.card(EVERY_CARD[name])
    assert not any(re.search(r"&(?!amp;|lt;|gt;)", text) for text in mrkdwn(message))
    assert obeyed(message) == []


@pytest.mark.parametrize("name", EVERY_CARD)
def test_a_card_mentions_nobody_but_who_has_to_confirm_it(name: str) -> None:
    shown = EVERY_CARD[name].current
    called = re.findall("<@([UW][A-Z0-9]+)>", json.dumps(cards.card(EVERY_CARD[name])))
    assert called == (
        [shown.transfer.requester] if shown.transfer.state is State.PROPOSED and shown.confirmable else []
    )


@pytest.mark.parametrize("name", EVERY_CARD)
def test_who_hears_a_card_hears_which_transfer_how_much_from_where_to_where_and_how_it_stands(name: str) -> None:
    card = EVERY_CARD[name]
    text = cards.card(card)["text"]
    assert 0 < len(text) <= 4000
    for said in (card.transfer.name, cards.money(card.transfer), card.source, card.end):
        assert said in text
    assert text.endswith(f"{words.HEAD[card.current.transfer.state]}.")
    assert not set(text) & set("*`_~<>\n")


# Forms


@pytest.mark.parametrize("name", EVERY_CARD)
def test_slack_takes_the_forms_about_a_card(name: str) -> None:
    metadata = "m" * 3000
    transfer = EVERY_CARD[name].transfer
    click = Click("key", ALICE, transfer.id, transfer.version, transfer.channel, "1795000000.000001")
    forms = [cards.resolve_form(EVERY_CARD[name], decision, metadata, 500) for decision in ("executed", "not_executed")]
    for form in [*forms, code_form(EVERY_CARD[name], click)]:
        assert view_problems(form) == []
        SlackView(**form).to_dict()
        assert obeyed(form) == []


# What "longest" means


@pytest.mark.parametrize(
    ("kind", "longest", "more"),
    [
        (Name, next(iter(EVERY_CARD["longest-unknown"].names.values())).replace("0", "n"), "n"),
        (Name, LONGEST_TRANSFER.rule, "r"),
        (ConnectionName, LONGEST_TRANSFER.route.exchange, "c"),
        (Alias, LONGEST_ALIAS[0], "a"),
        (UserId, LONGEST_ID, "X"),
        (Currency, LONGEST_TRANSFER.currency, "M"),
    ],
)
def test_the_longest_names_are_the_longest_desk_toml_allows(kind: Any, longest: str, more: str) -> None:
    adapter = TypeAdapter[Any](kind)
    assert adapter.validate_python(longest) == longest
    with pytest.raises(ValidationError):
        adapter.validate_python(longest + more)


def test_the_longest_uid_and_reason_are_the_longest_there_are() -> None:
    assert len(str(10**18 - 1)) == len(LONGEST_TRANSFER.route.source.name)
    assert TypeAdapter[Any](Uid).validate_python(int(LONGEST_TRANSFER.route.source.name))
    assert all(len(card.transfer.reason) == REASON_LENGTH_MAX for card in LONGEST.values())
