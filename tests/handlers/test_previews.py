"""What both sides have and would have, as a card says it: exact, with its age, and never more than is known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from shown import HOSTILE, NOW, SPOT_TO_CROSS, in_state, obeyed, view, words

from bot.desk import Preview, Side
from bot.transfers import State
from handlers import cards
from handlers.previews import preview

READ = f"<!date^{int(NOW.timestamp())}^{{date_short_pretty}} {{time_secs}}|2026-11-21 10:15:00 UTC>"
UNREAD = Side(None, None, None, "")
HIDDEN = Side(None, None, None, "not readable through the API")


def read(now: str, after: str) -> Side:
    return Side(Decimal(now), Decimal(after), NOW, "")


def told(source: Side, destination: Side) -> list[str]:
    return preview(view(SPOT_TO_CROSS, preview=Preview(source, destination))).split("\n")


def test_each_side_says_what_it_has_and_would_have_and_when_that_was_read() -> None:
    assert told(read("3000", "1749.5"), read("0.00000001", "1250.50000001")) == [
        f"`htx:spot` 3,000.00 → 1,749.50 USDT, read {READ}",
        f"`htx:linear-swap` 0.00000001 → 1,250.50000001 USDT, read {READ}",
    ]


def test_what_is_not_known_is_said_to_be_read_or_hidden_or_unreadable() -> None:
    assert told(UNREAD, HIDDEN) == ["`htx:spot` is being read", "`htx:linear-swap` not readable through the API"]
    failed = Side(None, None, NOW, "could not be read: HTX answered HTTP 502")
    assert told(failed, UNREAD)[0] == f"`htx:spot` could not be read: HTX answered HTTP 502, tried {READ}"


def test_too_little_on_the_source_is_said_first_and_in_bold() -> None:
    lines = told(read("1000", "-250.5"), UNREAD)
    assert lines[0] == "*Not enough:* `htx:spot` has 1,000.00 USDT, this takes 1,250.50."
    assert lines[1].startswith("`htx:spot` 1,000.00 → -250.50 USDT")
    assert not any("Not enough" in line for line in told(read("1250.5", "0"), UNREAD))
    assert not any("Not enough" in line for line in told(UNREAD, read("-5000", "-3749.5")))


def test_it_stands_between_what_would_happen_and_how_it_stands() -> None:
    shown = words(cards.card(view(SPOT_TO_CROSS, preview=Preview(read("3000", "1749.5"), UNREAD))))
    assert shown.index("1,250.50 USDT") < shown.index("3,000.00 → 1,749.50") < shown.index("Please check and confirm")


@pytest.mark.parametrize("state", State)
def test_a_card_without_a_preview_has_no_room_for_one(state: State) -> None:
    bare = cards.card(in_state(state))
    assert "being read" not in words(bare)
    assert all(block.get("text", {"text": "x"})["text"] for block in bare["blocks"])


def test_accounts_and_problems_are_inert() -> None:
    problem = replace(HIDDEN, problem=HOSTILE * 20)
    assert obeyed(cards.card(view(SPOT_TO_CROSS, source=HOSTILE, preview=Preview(problem, problem)))) == []
    message = cards.card(view(SPOT_TO_CROSS, preview=Preview(problem, problem)))
    assert "\n*✅ Done*" not in words(message)
