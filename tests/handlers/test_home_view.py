"""The Home tab as Slack takes it, at its longest too; what waits for the person comes first and is said in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from shown import ALICE, HOSTILE, LONGEST, LONGEST_ALIAS, NOW, SPOT_TO_CROSS, in_state, longest, mrkdwn, obeyed, words
from slack_sdk.models.views import View as SlackView

from bot.desk.asking import LimitsQuestion
from bot.desk.homes import LISTED_MAX, Entry, Health, Home, Listed
from bot.journal import Holding
from bot.policy.why import Limit, LimitsLeft, RuleLimits
from bot.sandbox.slack_blocks import is_too_large, view_problems
from bot.transfers import State, Transfer
from handlers import home_view

NOTHING = Listed((), 0)
NO_LIMITS = LimitsLeft(())
EMPTY = Home(
    confirm=NOTHING,
    approve=NOTHING,
    settle=NOTHING,
    stranded=NOTHING,
    others=NOTHING,
    last=(),
    limits=LimitsQuestion(ALICE, (), ()),
    frozen=(),
    health=(),
    names={ALICE: "alice"},
)


def entry(transfer: Transfer) -> Entry:
    return Entry(transfer, str(transfer.route.source), str(transfer.route.destination))


def listed(state: State, more: int = 0) -> Listed:
    return Listed((entry(replace(SPOT_TO_CROSS, state=state)),), more)


def longest_home() -> tuple[Home, LimitsLeft]:
    """Every list full, every name as long as it can be, and every freeze and trouble there can be."""

    def full(state: State) -> Listed:
        source, destination = (f"{'c' * 21}:{alias}" for alias in LONGEST_ALIAS)
        transfer = replace(LONGEST, state=state, settled_at=None, deadline=NOW)
        return Listed((Entry(transfer, source, destination),) * LISTED_MAX, 10**6)

    problem = Holding(None, HOSTILE * 20, NOW)
    unread = ((f"{'c' * 21}:{'a' * 31}", problem),) * 3
    many = [
        Health("c" * 21, NOW, unread, full(State.UNKNOWN).entries, full(State.APPROVED).entries) for _ in range(100)
    ]
    home = replace(
        EMPTY,
        confirm=full(State.PROPOSED),
        approve=full(State.AWAITING_APPROVAL),
        settle=full(State.UNKNOWN),
        stranded=full(State.REFUSED),
        others=full(State.SENDING),
        last=full(State.NOT_EXECUTED).entries,
        frozen=tuple(f"{'c' * 21} is frozen by {'n' * 31}: {HOSTILE * 10}"[:300] for _ in range(20)),
        health=tuple(many),
        names={LONGEST.requester: "n" * 31},
    )
    figure = Decimal("999999999999999.12345678")
    limit = Limit("per_day", figure, figure)
    return home, LimitsLeft((RuleLimits("r" * 31, "ABCDEFGHIJKL", (limit,) * 3),) * home_view.LIMITS_MAX, 10**6)


def view(found: Home = EMPTY, left: LimitsLeft = NO_LIMITS) -> dict[str, Any]:
    return home_view.home(found, left)


def test_a_home_at_its_longest_is_one_slack_takes() -> None:
    shown = view(*longest_home())
    assert view_problems(shown) == []
    assert not is_too_large(shown)
    assert len(shown["blocks"]) <= 100
    SlackView(**shown).to_dict()
    for text in mrkdwn(shown["blocks"]):
        assert 0 < len(text) <= 3000
        assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    assert obeyed(shown) == []


def test_an_empty_home_says_that_nothing_waits() -> None:
    shown = words(view())
    for said in ("Nothing waits for you.", "Nothing else is open.", "Nothing is frozen."):
        assert said in shown
    assert view_problems(view()) == []


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("confirm", State.PROPOSED, "*Confirm it:* *T42* 1,250.50 USDT"),
        ("approve", State.AWAITING_APPROVAL, "*Approve or deny it:* *T42* 1,250.50 USDT"),
        ("settle", State.UNKNOWN, "*Settle it:* *T42* 1,250.50 USDT"),
        ("stranded", State.REFUSED, "*Move it on or back:* *T42* 1,250.50 USDT"),
    ],
)
def test_what_waits_says_what_is_to_do_and_shows_the_way_to_the_card(name: str, state: State, said: str) -> None:
    shown = view(replace(EMPTY, **{name: listed(state)}))
    (section,) = [block for block in shown["blocks"] if "accessory" in block]
    assert section["text"]["text"].startswith(said)
    assert "asked by alice" in section["text"]["text"]
    button = section["accessory"]
    assert (button["action_id"], button["value"], button["text"]["text"]) == ("home_show_card", "42", "Show card")
    assert button["accessibility_label"] == "Show the card of T42"
    assert "Nothing waits for you." not in words(shown)


def test_no_button_on_it_decides_anything() -> None:
    home, left = longest_home()
    shown = view(home, left)
    elements = [one for block in shown["blocks"] for one in [*block.get("elements", []), block.get("accessory")] if one]
    assert {element["action_id"] for element in elements} == {"home_new_transfer", "home_show_card"}


def test_whom_no_rule_names_is_offered_no_new_transfer_and_shown_no_limits() -> None:
    shown = view(replace(EMPTY, limits=None))
    assert [block for block in shown["blocks"] if block["type"] == "actions"] == []
    assert "No rule lets you move money." in words(shown)
    assert [block for block in view()["blocks"] if block["type"] == "actions"] != []


def test_more_than_is_listed_is_counted() -> None:
    assert "… and 3 more" in words(view(replace(EMPTY, others=listed(State.SENDING, 3))))


def test_limits_that_are_not_listed_are_counted() -> None:
    limit = RuleLimits("collateral", "USDT", (Limit("per_day", Decimal(100)),))
    shown = words(view(left=LimitsLeft((limit,) * 12, 388)))
    assert shown.count("Rule collateral, USDT: 100 in 24 hours by everybody.") == 12
    assert "… and 388 more; `/transfer limits` shows more of them." in shown


def test_a_freeze_stands_above_everything_that_waits() -> None:
    shown = words(view(replace(EMPTY, frozen=("htx is frozen by bob: <!channel> leaked.",))))
    assert shown.index("htx is frozen by bob: <!channel> leaked.") < shown.index("Nothing waits for you.")
    assert "Nothing is frozen" not in shown
    assert obeyed(view(replace(EMPTY, frozen=("htx is frozen by bob: <!channel> leaked.",)))) == []


def test_an_exchange_says_when_it_last_worked_and_what_waits_for_it() -> None:
    held = replace(SPOT_TO_CROSS, id=43, state=State.APPROVED, outcome="It waits for T42, which has no answer.")
    unknown = replace(SPOT_TO_CROSS, state=State.UNKNOWN)
    problem = Holding(None, "did not answer", NOW)
    health = Health("htx", NOW - timedelta(hours=1), (("htx:otc", problem),), (entry(unknown),), (entry(held),))
    shown = words(view(replace(EMPTY, health=(health, Health("coinw", None, (), (), ())))))
    assert "*htx*: last answered <!date^1795252500^" in shown
    assert "`htx:otc` did not answer, tried <!date^1795256100^" in shown
    assert "T42 has no answer; what takes the same way waits until it is settled." in shown
    assert "T43 is confirmed and has not left. It waits for T42, which has no answer." in shown
    assert "*coinw*: not asked lately." in shown


def test_states_are_told_in_words_not_by_a_mark_alone() -> None:
    for state in State:
        line = words(view(replace(EMPTY, others=listed(state))))
        assert re.search(r"`htx:linear-swap`, \W*[a-z]", line), line


def test_equal_homes_have_one_digest_and_others_another() -> None:
    assert home_view.digest(view()) == home_view.digest(view())
    assert home_view.digest(view()) != home_view.digest(view(replace(EMPTY, frozen=("htx is frozen.",))))
    assert home_view.digest(view()) != home_view.digest(home_view.stranger())


def test_a_stranger_is_told_one_sentence() -> None:
    (block,) = home_view.stranger()["blocks"]
    assert block["type"] == "section"
    assert view_problems(home_view.stranger()) == []


@pytest.mark.parametrize("state", State)
def test_a_card_shown_from_home_has_no_button_and_says_where_the_card_is(state: State) -> None:
    shown = home_view.shown_card(in_state(state))
    assert view_problems(shown) == []
    assert [block for block in shown["blocks"] if block["type"] == "actions"] == []
    assert "The card is in <#C01TREASURY>." in words(shown)
    assert view_problems(home_view.shown_card(longest(state))) == []


def test_what_has_no_card_is_said() -> None:
    assert view_problems(home_view.no_card("There is no transfer T9.")) == []
