"""manifest.yml, which whoever connects a workspace pastes into Slack: what it asks for, and Slack's own limits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.accounts import Adapter, Venue
from bot.grammar import TransferIntent, parse
from bot.sandbox import slack_features, world
from handlers.workspace import SCOPES

# Every key Slack's manifest schema v2 knows in the tables used here; a misspelled one would be refused there.
KNOWN_KEYS = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
    "_metadata": {"major_version", "minor_version"},
    "display_information": {"name", "description", "background_color", "long_description"},
    "features": {"app_home", "bot_user", "slash_commands", "shortcuts"},
    "features.app_home": {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"},
    "features.bot_user": {"display_name", "always_online"},
    "oauth_config": {"scopes", "redirect_urls"},
    "oauth_config.scopes": {"bot", "user"},
    "settings": {
        "allowed_ip_address_ranges",
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    },
    "settings.event_subscriptions": {"bot_events", "user_events", "request_url"},
    "settings.interactivity": {"is_enabled", "request_url", "message_menu_options_url"},
}
SHORTCUT_KEYS = {"name", "type", "callback_id", "description"}
COMMAND_KEYS = {"command", "description", "usage_hint", "should_escape", "url"}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    text = (Path(__file__).parents[1] / "manifest.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def at(manifest: dict[str, Any], path: str) -> dict[str, Any]:
    """Return one table of the manifest by its dotted path."""
    table = manifest
    for key in filter(None, path.split(".")):
        table = table[key]
    return table


@pytest.mark.parametrize("path", KNOWN_KEYS)
def test_every_key_is_one_slack_knows(manifest: dict[str, Any], path: str) -> None:
    assert set(at(manifest, path)) <= KNOWN_KEYS[path]


def test_it_is_written_for_version_2_of_the_schema(manifest: dict[str, Any]) -> None:
    assert manifest["_metadata"]["major_version"] == 2


def test_names_and_descriptions_fit_slacks_limits(manifest: dict[str, Any]) -> None:
    shown = manifest["display_information"]
    assert 0 < len(shown["name"]) <= 35
    assert 0 < len(shown["description"]) <= 140
    assert re.fullmatch(r"#[0-9A-Fa-f]{6}", shown["background_color"])
    assert re.fullmatch(r"[\w.-]{1,80}", manifest["features"]["bot_user"]["display_name"])


def test_the_one_command_arrives_escaped_and_fits_slacks_limits(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert set(command) <= COMMAND_KEYS
    assert command["command"] == "/transfer"
    assert command["should_escape"] is True
    assert 0 < len(command["description"]) <= 2000
    assert 0 < len(command["usage_hint"]) <= 1000
    assert "url" not in command  # Socket Mode: Slack never calls the desk


def test_the_usage_hint_is_a_command_the_desk_takes(manifest: dict[str, Any]) -> None:
    hint = manifest["features"]["slash_commands"][0]["usage_hint"]
    assert isinstance(parse(hint, {"htx": Venue("htx", Adapter.HTX)}), TransferIntent)


def test_it_asks_for_the_scopes_the_desk_checks_and_for_no_others(manifest: dict[str, Any]) -> None:
    assert set(manifest["oauth_config"]["scopes"]) == {"bot"}
    asked = sorted(manifest["oauth_config"]["scopes"]["bot"])
    read = ["channels:history", "channels:read", "groups:history", "groups:read", "users:read"]
    assert asked == sorted(["chat:write", "commands", "files:write", "im:write", *read])
    assert asked == sorted(SCOPES)


def test_the_local_slack_grants_what_the_manifest_asks_for(manifest: dict[str, Any]) -> None:
    assert sorted(world.SCOPES) == sorted(manifest["oauth_config"]["scopes"]["bot"])


def test_the_local_slack_offers_what_the_manifest_asks_for(manifest: dict[str, Any]) -> None:
    features, home = manifest["features"], manifest["features"]["app_home"]
    (command,) = features["slash_commands"]
    offered = slack_features.Features(
        commands=(command["command"],),
        should_escape=command["should_escape"],
        shortcuts=tuple(
            slack_features.Shortcut(one["name"], one["callback_id"], one["description"])
            for one in features["shortcuts"]
        ),
        home_tab=home["home_tab_enabled"],
        messages_tab=home["messages_tab_enabled"],
        bot_events=frozenset(manifest["settings"]["event_subscriptions"]["bot_events"]),
    )
    assert offered == slack_features.OFFERED


def test_the_shortcut_is_global_and_fits_slacks_limits(manifest: dict[str, Any]) -> None:
    (shortcut,) = manifest["features"]["shortcuts"]
    assert set(shortcut) == SHORTCUT_KEYS
    assert shortcut["type"] == "global"
    assert 0 < len(shortcut["name"]) <= 24
    assert 0 < len(shortcut["description"]) <= 150
    assert 0 < len(shortcut["callback_id"]) <= 255


def test_socket_mode_and_buttons_are_on_and_nothing_listens_on_the_internet(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["event_subscriptions"] == {"bot_events": ["app_home_opened"]}
    assert "redirect_urls" not in manifest["oauth_config"]


def test_it_stays_in_one_workspace_and_its_tokens_last(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    assert settings["org_deploy_enabled"] is False
    assert settings["token_rotation_enabled"] is False


def test_the_desk_may_write_to_people_directly_and_nobody_writes_where_no_one_answers(
    manifest: dict[str, Any],
) -> None:
    home = manifest["features"]["app_home"]
    assert home["messages_tab_enabled"] is True  # else Slack refuses direct messages: messages_tab_disabled
    assert home["messages_tab_read_only_enabled"] is True
