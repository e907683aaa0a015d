"""Copies of a card: which message may lose its buttons when somebody presses one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from shown import SPOT_TO_CROSS, view

from bot.desk import Click, Person
from handlers import cards
from handlers.listening import is_older_copy

RECORDED, OLDER, NEWER = "1795000002.000200", "1795000001.000100", "1795000003.000300"
TRANSFER = replace(SPOT_TO_CROSS, card_ts=RECORDED)
CLICK = Click("click:1", Person(TRANSFER.team, TRANSFER.requester), TRANSFER.id, 1, TRANSFER.channel, OLDER)


def action(block_id: object) -> dict[str, Any]:
    return {"action_id": "transfer_confirm", "value": "42.1", "block_id": block_id}


def test_an_older_card_of_the_same_transfer_is_a_copy() -> None:
    block_id = cards.card(view(TRANSFER))["blocks"][-1]["block_id"]
    assert is_older_copy(TRANSFER, CLICK, action(block_id))


@pytest.mark.parametrize("message_ts", [RECORDED, NEWER])
def test_the_card_on_record_and_one_not_recorded_yet_are_none(message_ts: str) -> None:
    assert not is_older_copy(TRANSFER, replace(CLICK, message_ts=message_ts), action("T42.1.proposed"))


def test_while_no_card_is_on_record_there_is_no_copy() -> None:
    assert not is_older_copy(replace(TRANSFER, card_ts=None), CLICK, action("T42.1.proposed"))


@pytest.mark.parametrize("block_id", [None, "", "T42", "T421.1.proposed", "T4.1.proposed", "other", ["T42.1.proposed"]])
def test_a_message_that_is_no_card_of_the_transfer_is_left_alone(block_id: object) -> None:
    assert not is_older_copy(TRANSFER, CLICK, action(block_id))


def test_a_message_elsewhere_is_left_alone() -> None:
    assert not is_older_copy(TRANSFER, replace(CLICK, channel="C99OTHER"), action("T42.1.proposed"))
    foreign = replace(CLICK, person=Person("T99OTHER", TRANSFER.requester))
    assert not is_older_copy(TRANSFER, foreign, action("T42.1.proposed"))
