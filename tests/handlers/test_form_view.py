"""The form as Slack takes it, at its longest too, and what is read from it, whatever comes back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from desk_bench import ALICE, RULES
from hypothesis import given
from hypothesis import strategies as st
from shown import HOSTILE, LONGEST_ALIAS, NOW, obeyed
from slack_sdk.models.views import View as SlackView

from bot.accounts import Account, Adapter, Venue
from bot.choices import Choices, Draft, choices
from bot.commands import ShareIntent, TransferIntent, typed
from bot.config import Config, load_config
from bot.desk import Line
from bot.grammar import parse
from bot.journal import Holding
from bot.sandbox.slack_blocks import is_too_large, view_problems
from bot.sandbox.slack_elements import options_of
from bot.words import HIDDEN
from handlers import form_entry, form_view
from handlers.form_entry import Entry, Misfilled
from handlers.form_view import CHOICE

SPOT_TO_CROSS = Draft("htx", "htx:spot", "htx:linear-swap", "USDT", "USDT")
LONG_NAME = "c" * 21


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    path: Path = tmp_path_factory.mktemp("config") / "desk.toml"
    path.write_text(RULES)
    return load_config(path)


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of a view by the first part of their block ids."""
    return {block["block_id"].partition("/")[0]: block for block in view["blocks"] if block["type"] == "input"}


def drawn(config: Config, draft: Draft, channel: str = "C01TREASURY") -> dict[str, Any]:
    return form_view.form(choices(config, ALICE.user, draft), config.venues, channel, [("C01TREASURY", "#treasury")])


def longest(accounts: int) -> dict[str, Any]:
    """A form with as many accounts, each with the longest name, and everything there is to ask."""
    aliases = {f"{number:030d}a"[-31:]: str(10**17 + number) for number in range(accounts)}
    venue = Venue(LONG_NAME, Adapter.COINW, aliases)
    sides = tuple(Account(LONG_NAME, uid) for uid in aliases.values())
    found = Choices(
        chosen=Draft(LONG_NAME, str(sides[-1]), str(sides[0]), "A" * 20 + "-USDT", "ABCDEFGHIJKL"),
        exchanges=(LONG_NAME, "htx"),
        sources=sides,
        destinations=sides,
        margins=("USDT", *(f"{number:020d}-USDT" for number in range(accounts)), "A" * 20 + "-USDT"),
        currencies=("ABCDEFGHIJKL", *(f"A{number:011d}" for number in range(accounts))),
        reason_required=True,
    )
    channels = [(f"C{number:020d}", "#" + "x" * 80) for number in range(20)]
    return form_view.form(found, {LONG_NAME: venue}, "", channels, "x" * 2900)


@pytest.mark.parametrize("accounts", [1, 100, 101, 400, 1000])
def test_a_form_at_its_longest_is_one_slack_takes(accounts: int) -> None:
    view = longest(accounts)
    assert view_problems(view) == []
    assert not is_too_large(view)
    SlackView(**view).to_dict()
    for block in fields(view).values():
        assert len(block["block_id"]) <= 255


def test_a_list_too_long_for_one_is_grouped_and_what_does_not_fit_is_told() -> None:
    assert len(options_of(fields(longest(101))["source"]["element"])) == 101
    source = fields(longest(1000))["source"]
    assert len(options_of(source["element"])) == 400
    assert source["hint"]["text"] == "600 more are not listed; type them after /transfer."
    assert "initial_option" not in source["element"]  # the chosen one is the last of all
    assert "hint" not in fields(longest(400))["source"]


def test_the_first_form_asks_for_the_exchange_the_amount_and_a_reason(config: Config) -> None:
    view = drawn(config, Draft())
    assert list(fields(view)) == ["exchange", "amount", "reason"]
    assert fields(view)["reason"]["optional"] is True
    assert view_problems(view) == []


def test_each_choice_brings_the_next_and_those_that_redraw_say_so(config: Config) -> None:
    every = ["exchange", "source", "destination", "margin", "currency", "amount", "reason"]
    view = drawn(config, SPOT_TO_CROSS)
    assert list(fields(view)) == every
    assert [name for name, block in fields(view).items() if block.get("dispatch_action")] == every[:5]
    assert [fields(view)[name]["element"]["initial_option"]["value"] for name in every[:5]] == [
        "htx",
        "htx:spot",
        "htx:linear-swap",
        "USDT",
        "USDT",
    ]


def test_a_list_has_another_block_id_when_it_is_another_list_and_text_keeps_its_own(config: Config) -> None:
    coinw = fields(drawn(config, Draft("coinw", "coinw:master")))
    other = fields(drawn(config, Draft("coinw", "coinw:39000001")))
    assert coinw["source"]["block_id"] == other["source"]["block_id"]
    assert coinw["destination"]["block_id"] != other["destination"]["block_id"]
    assert [(block["block_id"], block["element"]["action_id"]) for block in (coinw["amount"], coinw["reason"])] == [
        ("amount", "text"),
        ("reason", "text"),
    ]


def test_accounts_are_named_as_people_type_them(config: Config) -> None:
    options = options_of(fields(drawn(config, Draft("coinw")))["source"]["element"])
    assert [(one["text"]["text"], one["value"]) for one in options] == [
        ("coinw:master", "coinw:master"),
        ("coinw:arbitrage", "coinw:39000002"),
        ("coinw:maker", "coinw:39000001"),
    ]


def test_the_channel_is_asked_for_only_where_the_form_was_opened_in_none(config: Config) -> None:
    assert "channel" not in fields(drawn(config, Draft()))
    channel = fields(drawn(config, Draft(), ""))["channel"]
    assert options_of(channel["element"])[0]["text"]["text"] == "#treasury"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line("htx:spot", "USDT", None, "", True), "What is available on `htx:spot` is being read."),
        (Line("coinw:master", "USDT", None, HIDDEN, False), f"What is available on `coinw:master` is {HIDDEN}."),
        (Line("htx:spot", "USDT", Holding(Decimal("1250.5"), "", NOW), "", False), "*1,250.50 USDT*, read <!date^"),
        (Line("htx:spot", "USDT", Holding(Decimal(1), "", NOW), "", True), "; it is being read again."),
        (Line("htx:spot", "USDT", Holding(None, HOSTILE, NOW), "", False), "tried <!date^"),
    ],
)
def test_what_is_available_is_said_in_words_and_stands_under_the_amount(config: Config, line: Line, said: str) -> None:
    view = form_view.form(
        choices(config, ALICE.user, SPOT_TO_CROSS), config.venues, "C1", [], form_view.available(line)
    )
    assert view_problems(view) == []
    assert obeyed(view) == []
    following = view["blocks"][[block.get("block_id") for block in view["blocks"]].index("amount") + 1]
    assert said in following["elements"][0]["text"]


def test_a_notice_is_a_view_slack_takes() -> None:
    view = form_view.notice("No rule lets you move money.")
    assert view_problems(view) == []
    assert obeyed(view) == []


# What comes back


def state(draft: Draft, amount: str = "250", reason: str = "") -> dict[str, Any]:
    """The state of a view with these choices."""
    lists = {
        f"{name}/x": {CHOICE: {"selected_option": {"value": value}}} for name, value in vars(draft).items() if value
    }
    texts = {"amount": {"text": {"value": amount}}, "reason": {"text": {"value": reason or None}}}
    return {"state": {"values": {**lists, **texts}}}


def wanted(config: Config, entry: Entry) -> TransferIntent | ShareIntent:
    return form_entry.intent(entry, choices(config, ALICE.user, entry.draft), config.venues)


def misfilled(config: Config, entry: Entry) -> tuple[str, str]:
    with pytest.raises(Misfilled) as problem:
        wanted(config, entry)
    return problem.value.field, str(problem.value)


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("250", ""),
        ("1.5k", "topping up"),
        ("1,250.50", "as bob & <@U02BOB> &lt;b&gt; reason: <https://x.y|z>"),
        (" 250 ", ""),
        ("half", "end of month"),
        ("25%", ""),
    ],
)
def test_a_form_asks_for_what_the_same_words_typed_ask_for(config: Config, amount: str, reason: str) -> None:
    found = wanted(config, form_entry.read(state(SPOT_TO_CROSS, amount, reason)))
    assert found == parse(typed(found, config.venues["htx"]), config.venues)
    assert found.reason == " ".join(reason.split())


def test_every_place_is_known_by_its_field(config: Config) -> None:
    entry = form_entry.read(state(SPOT_TO_CROSS))
    assert entry.places == {name: f"{name}/x" for name in vars(SPOT_TO_CROSS)} | {
        "amount": "amount",
        "reason": "reason",
    }


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "Please write an amount."),
        ("  ", "Please write an amount."),
        ("0", "moves nothing"),
        ("-5", "is negative"),
        ("1,250", "can be read in two ways; Write"),
        ("250 usdt", "Write the figure alone, like 250"),
        ("250 usdt from htx:spot to htx:otc reason", "Write the figure alone"),
        ("1.123456789", "decimals"),
        ("101%", "at most 100%"),
        ("٢٥٠", "digit of another script"),
        ("1\u200b000", "Write the figure alone"),
        ("<@U02BOB>", "mention of a person"),
    ],
)
def test_what_is_no_amount_is_said_beside_it(config: Config, amount: str, said: str) -> None:
    field, text = misfilled(config, form_entry.read(state(SPOT_TO_CROSS, amount)))
    assert field == "amount"
    assert said.split("; ")[0] in text
    assert "`" not in text


def test_a_reason_that_is_too_long_is_said_beside_it(config: Config) -> None:
    field, text = misfilled(config, form_entry.read(state(SPOT_TO_CROSS, reason="x" * 201)))
    assert (field, text) == ("reason", "The reason has 201 characters; it may have at most 200.")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(), "exchange"),
        (Draft("binance"), "exchange"),
        (Draft("htx"), "source"),
        (Draft("htx", "coinw:master"), "source"),
        (Draft("htx", "htx:spot"), "destination"),
        (Draft("htx", "htx:spot", "htx:spot"), "destination"),
        (Draft("htx", "htx:spot", "htx:linear-swap"), "margin"),
        (Draft("htx", "htx:spot", "htx:linear-swap", "ETH-USDT"), "margin"),
        (Draft("htx", "htx:spot", "htx:linear-swap", "USDT", "BTC"), "currency"),
        (Draft("htx", "htx:spot", "htx:linear-swap", "USDT"), "currency"),
        (Draft("coinw", "coinw:master", "coinw:39000001", "USDT", "USDT"), "margin"),
    ],
)
def test_a_choice_that_is_missing_or_cannot_be_is_said_beside_it(config: Config, draft: Draft, field: str) -> None:
    assert misfilled(config, form_entry.read(state(draft)))[0] == field


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(values=JSON, block=JSON, metadata=JSON)
def test_whatever_a_view_holds_it_is_read_and_refused(config: Config, values: Any, block: Any, metadata: Any) -> None:
    for view in (
        {"state": values},
        {"state": {"values": values}, "private_metadata": metadata},
        {"state": {"values": {"source/x": block, "amount": block, "\ud800": block}}},
        {"state": {"values": state(SPOT_TO_CROSS)["state"]["values"] | {"amount": block}}},
    ):
        entry = form_entry.read(view)
        form_entry.carried_channel(view)
        with pytest.raises(Misfilled):
            wanted(config, entry)


@pytest.mark.parametrize("metadata", ["", "no json", "[" * 100_000, "[]", '{"channel": 5}', "{}", None, 7])
def test_a_form_that_carries_something_else_is_not_ours(metadata: object) -> None:
    assert form_entry.carried_channel({"private_metadata": metadata}) is None


def test_a_form_carries_the_channel_it_was_opened_in(config: Config) -> None:
    assert form_entry.carried_channel(drawn(config, Draft(), "C01TREASURY")) == "C01TREASURY"
    assert form_entry.carried_channel(drawn(config, Draft(), "")) == ""


def test_hostile_texts_stay_within_the_reason(config: Config) -> None:
    found = wanted(config, form_entry.read(state(SPOT_TO_CROSS, reason=HOSTILE)))
    assert parse(typed(found, config.venues["htx"]), config.venues) == found
    assert found.reason.startswith("<!channel> <@U01ALICE> <https://evil.com|htx.com> &amp; &")


def test_the_longest_alias_fits_an_option() -> None:
    venue = Venue(LONG_NAME, Adapter.COINW, {LONGEST_ALIAS[0]: "9" * 18})
    found = Choices(exchanges=(LONG_NAME,), chosen=Draft(LONG_NAME), sources=(Account(LONG_NAME, "9" * 18),))
    (option,) = options_of(fields(form_view.form(found, {LONG_NAME: venue}, "C1", []))["source"]["element"])
    assert option["text"]["text"] == f"{LONG_NAME}:{LONGEST_ALIAS[0]}"
