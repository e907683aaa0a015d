"""Who, where, how old: every payload shape Slack documents, and those nobody should be able to send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, load_config
from bot.desk import Person
from handlers.guard import Visitor, button_value, clean, click_visitor, command_visitor, lateness, read_click

TEAM, TREASURY, ALICE = "T01DESK", "C01TREASURY", "U01ALICE"
CARD = "1795000000.000042"
NOT_LISTED = "You are not on this desk's allowlist."
FOREIGN = "This desk serves another workspace."
ELSEWHERE = "This desk takes commands in <#C01TREASURY> only."


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(Path(__file__).parents[2] / "desk.example.toml")


def command(**changes: Any) -> dict[str, Any]:
    """A slash command's payload; a field changed to `...` is left out."""
    body = {
        "command": "/transfer",
        "text": "250 usdt htx:spot -&gt; htx:linear-swap",
        "team_id": TEAM,
        "team_domain": "northwind",
        "channel_id": TREASURY,
        "channel_name": "treasury",
        "user_id": ALICE,
        "user_name": "alice",
        "api_app_id": "A01DESK",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/1",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
    }
    return without_ellipses(body | changes)


def click(**changes: Any) -> dict[str, Any]:
    """A block_actions payload of a Confirm button; a field changed to `...` is left out."""
    body = {
        "type": "block_actions",
        "user": {"id": ALICE, "username": "alice", "name": "alice", "team_id": TEAM},
        "team": {"id": TEAM, "domain": "northwind"},
        "enterprise": None,
        "is_enterprise_install": False,
        "api_app_id": "A01DESK",
        "container": {"type": "message", "message_ts": CARD, "channel_id": TREASURY, "is_ephemeral": False},
        "channel": {"id": TREASURY, "name": "treasury"},
        "message": {"type": "message", "ts": CARD, "text": "…"},
        "response_url": "https://hooks.slack.com/actions/1",
        "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "state": {"values": {}},
        "actions": [button()],
    }
    return without_ellipses(body | changes)


def button(**changes: Any) -> dict[str, Any]:
    made = {
        "type": "button",
        "action_id": "transfer_confirm",
        "block_id": "T42.1.proposed",
        "value": "42.1",
        "action_ts": "1795000001.000100",
    }
    return without_ellipses(made | changes)


def form(**changes: Any) -> dict[str, Any]:
    """A view_submission payload: it names no channel."""
    body = {
        "type": "view_submission",
        "user": {"id": ALICE, "username": "alice", "name": "alice", "team_id": TEAM},
        "team": {"id": TEAM, "domain": "northwind"},
        "api_app_id": "A01DESK",
        "view": {"id": "V01", "hash": "1.a", "private_metadata": "{}", "state": {"values": {}}},
        "response_urls": [],
    }
    return without_ellipses(body | changes)


def without_ellipses(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not ...}


def refusal(visitor: Visitor) -> str:
    return visitor.refusal or ""


# Commands


def test_somebody_listed_may_use_the_desk_in_its_channel(config: Config) -> None:
    assert command_visitor(config, command()) == Visitor(Person(TEAM, ALICE), TREASURY, None)


def test_a_name_makes_nobody_anybody(config: Config) -> None:
    stranger = command(user_id="U66STRANGER", user_name="alice")
    assert refusal(command_visitor(config, stranger)).startswith(NOT_LISTED)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"team_id": "T99OTHER"}, FOREIGN),
        ({"team_id": ...}, FOREIGN),
        ({"team_id": None}, FOREIGN),
        ({"team_id": ["T01DESK"]}, FOREIGN),
        ({"team_id": "t01desk"}, FOREIGN),
        ({"user_id": ...}, NOT_LISTED),
        ({"user_id": ""}, NOT_LISTED),
        ({"user_id": 1}, NOT_LISTED),
        ({"user_id": "alice"}, NOT_LISTED),
        ({"user_id": "U01ALICE "}, NOT_LISTED),
        ({"user_id": "U01ALICE\x00"}, NOT_LISTED),
        ({"channel_id": "C99OTHER"}, ELSEWHERE),
        ({"channel_id": "C02AUDIT"}, ELSEWHERE),
        ({"channel_id": "D01DIRECT"}, ELSEWHERE),
        ({"channel_id": ...}, ELSEWHERE),
        ({"channel_id": ""}, ELSEWHERE),
    ],
)
def test_anybody_else_and_anywhere_else_is_refused(config: Config, change: dict[str, Any], expected: str) -> None:
    assert refusal(command_visitor(config, command(**change))).startswith(expected)


def test_an_empty_payload_lets_nobody_in(config: Config) -> None:
    assert command_visitor(config, {}).refusal == FOREIGN
    assert click_visitor(config, {}).refusal == FOREIGN


# Clicks


def test_a_click_of_somebody_listed_counts(config: Config) -> None:
    visitor = click_visitor(config, click())
    assert visitor == Visitor(Person(TEAM, ALICE), TREASURY, None)
    read = read_click(visitor, click())
    assert read is not None
    assert (read.person, read.transfer_id, read.version) == (Person(TEAM, ALICE), 42, 1)
    assert (read.channel, read.message_ts) == (TREASURY, CARD)


def test_in_a_shared_channel_the_persons_own_team_counts(config: Config) -> None:
    guest = {"id": ALICE, "name": "alice", "team_id": "T99OTHER"}
    visitor = click_visitor(config, click(user=guest))
    assert visitor.person == Person("T99OTHER", ALICE)
    assert visitor.refusal == FOREIGN


def test_one_of_ours_in_another_workspaces_channel_is_refused(config: Config) -> None:
    assert click_visitor(config, click(team={"id": "T99OTHER", "domain": "other"})).refusal == FOREIGN


def test_an_app_installed_for_the_organisation_has_no_team_and_the_persons_counts(config: Config) -> None:
    assert click_visitor(config, click(team=None)).refusal is None
    guest = {"id": ALICE, "team_id": "T99OTHER"}
    assert click_visitor(config, click(team=None, user=guest)).refusal == FOREIGN


def test_without_the_persons_team_the_workspaces_counts(config: Config) -> None:
    assert click_visitor(config, click(user={"id": ALICE})).refusal is None
    assert click_visitor(config, click(user={"id": ALICE}, team=None)).refusal == FOREIGN


@pytest.mark.parametrize(
    "change",
    [
        {"user": ...},
        {"user": None},
        {"user": {}},
        {"user": {"id": "U66STRANGER", "team_id": TEAM, "name": "alice"}},
        {"user": {"id": None, "team_id": TEAM}},
    ],
)
def test_a_click_by_nobody_known_is_refused(config: Config, change: dict[str, Any]) -> None:
    assert refusal(click_visitor(config, click(**change))).startswith(NOT_LISTED)


@pytest.mark.parametrize(
    "change",
    [
        {"channel": {"id": "C99OTHER"}},
        {"channel": {"id": "C99OTHER"}, "container": {"message_ts": "1.2", "channel_id": TREASURY}},
        {"channel": None, "container": {"message_ts": "1.2", "channel_id": "C99OTHER"}},
    ],
)
def test_a_click_in_another_channel_is_refused(config: Config, change: dict[str, Any]) -> None:
    assert refusal(click_visitor(config, click(**change))).startswith(ELSEWHERE)


@pytest.mark.parametrize(
    "change",
    [
        {"channel": None, "container": None},
        {"message": ..., "container": {"type": "message", "channel_id": TREASURY}},
        {"container": {}, "message": {}},
        {"actions": []},
        {"actions": None},
        {"actions": ...},
        {"actions": [button(), button()]},
    ],
)
def test_a_click_that_lacks_its_card_or_its_button_is_none(config: Config, change: dict[str, Any]) -> None:
    body = click(**change)
    assert read_click(click_visitor(config, body), body) is None


def test_a_click_on_a_private_copy_names_that_message_not_a_card(config: Config) -> None:
    container = {"type": "message", "message_ts": "1795000009.000001", "channel_id": TREASURY, "is_ephemeral": True}
    body = click(container=container, message=...)
    read = read_click(click_visitor(config, body), body)
    assert read is not None
    assert read.message_ts == "1795000009.000001"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "42",
        "42.",
        ".1",
        "42.1.1",
        "42.1 ",
        " 42.1",
        "42.1\n",
        "-42.1",
        "42.-1",
        "+42.1",
        "0.1",
        "42.0",
        "042.1",
        "4e2.1",
        "4_2.1",
        "42,1",
        "0x2A.1",
        "\u0664\u0662.1",
        "\uff14\uff12.1",
        "9" * 16 + ".1",
        "1." + "9" * 7,
        "T42.1",
        '{"transfer": 42, "version": 1}',
        "42.1; DROP TABLE transfers",
        "42.1\x00",
        None,
        42.1,
        ["42.1"],
        {"value": "42.1"},
    ],
)
def test_a_forged_value_is_no_click(config: Config, value: object) -> None:
    body = click(actions=[button(value=value)])
    assert read_click(click_visitor(config, body), body) is None


def test_a_button_without_a_value_is_no_click(config: Config) -> None:
    body = click(actions=[button(value=...)])
    assert read_click(click_visitor(config, body), body) is None


@given(transfer_id=st.integers(1, 10**15 - 1), version=st.integers(1, 999_999))
def test_what_is_written_on_a_button_is_read_back(config: Config, transfer_id: int, version: int) -> None:
    body = click(actions=[button(value=button_value(transfer_id, version))])
    read = read_click(click_visitor(config, body), body)
    assert read is not None
    assert (read.transfer_id, read.version) == (transfer_id, version)


def test_the_same_delivery_has_the_same_key_and_another_click_another(config: Config) -> None:
    def key(**changes: Any) -> str:
        body = click(**changes)
        read = read_click(click_visitor(config, body), body)
        assert read is not None
        return read.key

    assert key() == key()
    assert key(trigger_id="2.2.b") != key()
    later, other = button(action_ts="1795000002.000100"), button(action_id="transfer_cancel")
    assert key(trigger_id=...) == key(trigger_id=...) != key(trigger_id=..., actions=[later])
    assert key(trigger_id=...) != key(trigger_id=..., actions=[other])


def test_two_people_never_share_a_delivery(config: Config) -> None:
    keys = set()
    for user in ("U01ALICE", "U02BOB"):
        for team in (TEAM, "T99OTHER"):
            body = click(user={"id": user, "team_id": team})
            read = read_click(click_visitor(config, body), body)
            assert read is not None
            keys.add(read.key)
    assert len(keys) == 4


def test_a_click_that_cannot_be_told_from_another_is_none(config: Config) -> None:
    body = click(trigger_id=..., actions=[button(action_ts=...)])
    assert read_click(click_visitor(config, body), body) is None


# Clicks held back on their way

PRESSED_AT = datetime.fromtimestamp(1795000001, UTC)


@pytest.mark.parametrize("seconds", [-3600, 0, 2, 30])
def test_a_click_that_has_just_been_made_counts(seconds: int) -> None:
    assert lateness(click(), PRESSED_AT + timedelta(seconds=seconds)) is None


def test_a_click_held_back_on_its_way_is_refused_and_says_how_long() -> None:
    assert lateness(click(), PRESSED_AT + timedelta(seconds=48)) == (
        "By this desk's clock the click took 48 s to arrive; nothing changed. "
        "Press again; if it says the same, the clock is ahead and whoever runs the desk must set it."
    )


@pytest.mark.parametrize("action_ts", [..., None, "", "1", "soon", "nan", "1e9", 1795000001.0, ["1795000001.000100"]])
def test_a_click_without_a_readable_time_is_not_judged_by_it(action_ts: object) -> None:
    assert lateness(click(actions=[button(action_ts=action_ts)]), PRESSED_AT + timedelta(days=1)) is None


# Payloads of the wrong shape

WRONG = [None, [], ["x"], "x", 1, True, {}, {"id": []}, {"id": None}, [[]], [None], ["\ud800"]]


@pytest.mark.parametrize("field", ["user", "team", "container", "channel", "message", "actions", "trigger_id"])
@pytest.mark.parametrize("wrong", WRONG)
def test_no_shape_of_a_click_raises(config: Config, field: str, wrong: object) -> None:
    body = click(**{field: wrong})
    read_click(click_visitor(config, body), body)
    lateness(body, PRESSED_AT)


@pytest.mark.parametrize("wrong", [*WRONG, [{"value": {}}], [{"action_ts": []}]])
def test_no_shape_of_the_button_makes_a_click(config: Config, wrong: object) -> None:
    body = click(actions=wrong)
    assert read_click(click_visitor(config, body), body) is None


@pytest.mark.parametrize("team", [[], ["T01DESK"], {}, "T01DESK", {"id": ["T01DESK"]}])
def test_a_workspace_that_cannot_be_read_is_a_foreign_one(config: Config, team: object) -> None:
    assert click_visitor(config, click(team=team)).refusal == FOREIGN


# Forms


def test_a_form_names_no_channel_and_is_judged_by_its_sender(config: Config) -> None:
    assert click_visitor(config, form()) == Visitor(Person(TEAM, ALICE), "", None)
    guest = {"id": ALICE, "team_id": "T99OTHER"}
    assert click_visitor(config, form(user=guest)).refusal == FOREIGN
    assert refusal(click_visitor(config, form(user={"id": "U66", "team_id": TEAM}))).startswith(NOT_LISTED)


# Text


@given(st.text(alphabet=st.characters(), max_size=50))
def test_clean_text_can_always_be_stored(text: str) -> None:
    clean(text).encode("utf-8")
    assert "\x00" not in clean(text)


@pytest.mark.parametrize("text", ["\ud83d", "\udfff alone", "a\x00b", "\ud800" * 10])
def test_lone_surrogates_and_nul_are_replaced(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert len(cleaned) == len(text)
    assert "\ufffd" in cleaned


def test_a_lone_surrogate_in_an_id_makes_a_stranger(config: Config) -> None:
    visitor = command_visitor(config, command(user_id="U01ALICE\ud83d"))
    assert refusal(visitor).startswith(NOT_LISTED)
    visitor.person.user.encode("utf-8")


@pytest.mark.parametrize("value", [None, 5, True, ["text"], {"text": "text"}])
def test_what_is_no_text_counts_as_none(value: object) -> None:
    assert clean(value) == ""


def test_an_endless_text_is_cut() -> None:
    assert len(clean("a" * 10**6)) == 2000
