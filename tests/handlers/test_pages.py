"""The history as Slack shows it: what the list is about, ten lines, buttons; and what a button may carry."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown import HOSTILE, in_state, longest, obeyed

from bot.accounts import Adapter, Venue
from bot.desk import Beside, Page
from bot.errors import GrammarError
from bot.filters import EVERYTHING, Filter
from bot.sandbox.slack_blocks import block_problems
from bot.transfers import State
from handlers.pages import VALUE_MAX, page_message, read_position

VENUES = {"htx": Venue("htx", Adapter.HTX), "c" * 21: Venue("c" * 21, Adapter.COINW)}
EVERY_KIND = Filter("U02BOB", "htx", "USDT", True, timedelta(days=7), 12, 40)
LONGEST_FILTER = Filter("U" + "X" * 20, "c" * 21, "ABCDEFGHIJKL", True, timedelta(hours=9999), 10**18 - 1, 10**18 - 1)


def shown(*states: State, wanted: Filter = EVERYTHING, **changes: int | str | None) -> Page:
    views = tuple(in_state(state) for state in states)
    return Page(wanted, "bob", views, **{"newer": None, "older": None, **changes})  # type: ignore[arg-type]


def buttons(page: Page) -> dict[str, str]:
    blocks = page_message(page)["blocks"]
    found = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return {element["action_id"]: element["value"] for element in found}


def test_the_heading_says_what_the_list_is_about() -> None:
    message = page_message(shown(State.SUCCEEDED, wanted=EVERY_KIND))
    heading = "Transfers by bob on htx in USDT that failed of the last 7d from T12 to T40"
    assert message["text"].startswith(f"{heading}\n✅ *T42* ")
    assert message["blocks"][0]["text"]["text"] == f"*{heading}*"


def test_an_empty_list_says_so_and_what_may_have_been_meant() -> None:
    assert page_message(shown())["text"] == "No transfers yet."
    page = shown(wanted=Filter(currency="BOB"), hint=" Did you mean `@bob`?")
    assert page_message(page)["text"] == "No transfers in BOB. Did you mean `@bob`?"


def test_a_button_stands_where_there_is_more_and_carries_the_whole_filter() -> None:
    assert buttons(shown(State.SUCCEEDED)) == {}
    assert buttons(shown(State.SUCCEEDED, older=12)) == {"transfer_history_older": "12"}
    both = buttons(shown(State.SUCCEEDED, wanted=EVERY_KIND, newer=40, older=12))
    assert both == {
        "transfer_history_newer": "40 <@U02BOB> htx usdt failed since 7d T12..T40",
        "transfer_history_older": "12 <@U02BOB> htx usdt failed since 7d T12..T40",
    }
    assert read_position(both["transfer_history_newer"], VENUES, newer=True) == (EVERY_KIND, Beside(40, newer=True))
    assert read_position("12", VENUES, newer=False) == (EVERYTHING, Beside(12))


def test_the_longest_page_is_within_slacks_limits() -> None:
    page = Page(LONGEST_FILTER, "p" * 31, (longest(State.UNKNOWN),) * 10, 10**18 - 1, 10**18 - 1)
    message = page_message(page)
    assert block_problems(message["blocks"]) == []
    assert all(len(value) <= VALUE_MAX for value in buttons(page).values())
    assert read_position(buttons(page)["transfer_history_older"], VENUES, newer=False)[0] == LONGEST_FILTER
    assert len(json.dumps(message)) < 30_000


def test_nothing_that_people_named_is_obeyed() -> None:
    view = in_state(State.PROPOSED)
    page = Page(EVERY_KIND, HOSTILE, (view,), None, None, HOSTILE)
    assert obeyed(page_message(page)) == []
    assert obeyed(page_message(Page(EVERY_KIND, HOSTILE, (), None, None, HOSTILE))) == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0",
        "-1",
        "012",
        "1" * 19,
        "12.5",
        "T12",
        "12usdt",
        "12 usdt\n",
        "12 ' OR 1=1 --",
        "12 <!channel>",
        "12 usdt reason x",
        "12 " + "x" * 3000,
        "12 usdt usdt",
    ],
)
def test_what_no_button_of_ours_carries_is_refused(value: str) -> None:
    with pytest.raises(GrammarError):
        read_position(value, VENUES, newer=False)


@given(st.text(max_size=80) | st.text(max_size=80).map("12 ".__add__))
def test_any_text_is_a_position_or_a_refusal(value: str) -> None:
    try:
        wanted, beside = read_position(value, VENUES, newer=True)
    except GrammarError:
        return
    assert 0 < beside.id < 10**18
    assert read_position(f"{beside.id}{wanted}", VENUES, newer=True) == (wanted, beside)
