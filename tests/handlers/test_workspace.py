"""What the desk finds out about Slack before it starts, against a local one that can be wrong in every way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Config, load_config
from bot.findings import Finding
from bot.policy import Quorum, Tier
from bot.sandbox import slack_standings
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_workspace import Channel, User, Workspace
from bot.sandbox.world import SCOPES
from handlers.workspace import Identity, approvers_present, look_around

BOT = User("U09DESK", "transferdesk", is_bot=True)
INSIDE = frozenset({BOT.id, "U01ALICE"})
TREASURY = Channel("C01TREASURY", "treasury", INSIDE)
AUDIT = Channel("C02AUDIT", "desk-audit", INSIDE, is_private=True)

Change = Callable[[SlackDouble], None]
Found = tuple[Identity | None, dict[str, Finding]]


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(Path(__file__).parents[2] / "desk.example.toml")


def look(config: Config, change: Change = lambda slack: None, team: str = "T01DESK", **tokens: str) -> Found:
    """Look around in a Slack that a test has changed, with its own tokens unless others are given."""

    async def looked() -> Found:
        workspace = Workspace(BOT, (), (TREASURY, AUDIT), now=lambda: 1795000000.0, scopes=SCOPES, team_id=team)
        slack = SlackDouble(workspace)
        change(slack)
        await slack.start()
        try:
            bot_token, app_token = tokens.get("bot", slack.bot_token), tokens.get("app", slack.app_token)
            tls = ssl.create_default_context()
            client = AsyncWebClient(bot_token, base_url=slack.api_url, ssl=tls, retry_handlers=[])
            identity, findings = await look_around(client, app_token, config)
            assert not [call for call in slack.web_api.calls if call.method.startswith(("chat.", "views."))]
            for secret in (bot_token, app_token, "http"):
                assert secret not in "\n".join(map(str, findings))
            assert all(finding.fix for finding in findings if not finding.ok)
            return identity, {finding.subject: finding for finding in findings}
        finally:
            await slack.stop()

    return asyncio.run(looked())


def put(channel: Channel) -> Change:
    return lambda slack: slack.workspace.put_channel(channel)


def failures(found: Found) -> list[tuple[str, str]]:
    return [(finding.subject, finding.detail) for finding in found[1].values() if not finding.ok]


def test_a_workspace_as_it_should_be_is_clean(config: Config) -> None:
    identity, findings = look(config)
    assert identity == Identity("T01DESK", "B09DESK", "U09DESK")
    assert all(finding.ok for finding in findings.values())
    assert set(findings) == {
        "Slack token",
        "Slack workspace",
        "Slack scopes",
        "Slack Socket Mode",
        "Slack channel C01TREASURY",
        "Slack channel C02AUDIT",
    }


def test_a_wrong_bot_token_ends_the_search(config: Config) -> None:
    identity, findings = look(config, bot="xoxb-wrong")
    assert identity is None
    assert [str(finding) for finding in findings.values()] == [
        "FAIL Slack token: Slack says invalid_auth  → check SLACK_BOT_TOKEN and that slack.com can be reached"
    ]


def test_a_token_of_another_workspace_is_found(config: Config) -> None:
    found = look(config, team="T99OTHER")
    assert failures(found) == [("Slack workspace", "the token belongs to T99OTHER, desk.toml says T01DESK")]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_missing_scope_is_found(config: Config, scope: str) -> None:
    def take_away(slack: SlackDouble) -> None:
        slack.workspace.scopes -= {scope}

    assert ("Slack scopes", f"missing {scope}") in failures(look(config, take_away))


def test_scopes_beyond_what_is_needed_are_named_but_no_failure(config: Config) -> None:
    def give(slack: SlackDouble) -> None:
        slack.workspace.scopes |= {"files:read", "chat:write.public"}

    _, findings = look(config, give)
    assert findings["Slack scopes"].ok
    assert findings["Slack scopes"].detail == "complete; more than needed: chat:write.public, files:read"


def test_a_wrong_app_token_is_found_without_trying_for_ever(config: Config) -> None:
    assert failures(look(config, app="xapp-wrong")) == [("Slack Socket Mode", "Slack says invalid_auth")]


def test_socket_mode_switched_off_is_found(config: Config) -> None:
    found = look(config, lambda slack: slack.switches.turn_on("link_disabled"))
    assert failures(found) == [("Slack Socket Mode", "Slack says access_denied")]


@pytest.mark.parametrize(
    ("channel", "detail"),
    [
        (replace(TREASURY, members=frozenset()), "the app is not a member"),
        (replace(TREASURY, is_ext_shared=True), "shared with another workspace"),
        (replace(TREASURY, is_pending_ext_shared=True), "shared with another workspace"),
        (replace(TREASURY, is_archived=True), "archived"),
        (replace(TREASURY, is_private=True, members=frozenset()), "Slack says channel_not_found"),
        (replace(AUDIT, members=frozenset()), "Slack says channel_not_found"),
        (replace(AUDIT, is_ext_shared=True), "shared with another workspace"),
    ],
)
def test_a_channel_that_will_not_do_is_found(config: Config, channel: Channel, detail: str) -> None:
    assert failures(look(config, put(channel))) == [(f"Slack channel {channel.id}", detail)]


def test_a_channel_that_is_not_there_is_found(config: Config) -> None:
    found = look(config, lambda slack: slack.workspace.channels.pop("C01TREASURY") and None)
    assert failures(found) == [("Slack channel C01TREASURY", "Slack says channel_not_found")]


def test_everything_wrong_is_found_at_once(config: Config) -> None:
    def shared_and_left(slack: SlackDouble) -> None:
        slack.workspace.put_channel(replace(TREASURY, is_ext_shared=True))
        slack.workspace.put_channel(replace(AUDIT, members=frozenset()))

    found = look(config, shared_and_left, team="T99OTHER", app="xapp-wrong")
    assert [subject for subject, _ in failures(found)] == [
        "Slack workspace",
        "Slack Socket Mode",
        "Slack channel C01TREASURY",
        "Slack channel C02AUDIT",
    ]


def test_a_slack_that_does_not_answer_is_found(config: Config) -> None:
    async def looked() -> tuple[Identity | None, list[Finding]]:
        slack = SlackDouble(Workspace(BOT, (), (), now=lambda: 0.0, scopes=SCOPES))
        await slack.start()
        await slack.stop()
        tls = ssl.create_default_context()
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, ssl=tls, retry_handlers=[])
        return await look_around(client, slack.app_token, config)

    identity, (finding,) = asyncio.run(looked())
    assert identity is None
    assert finding.detail == "no answer (ClientConnectorError)"


# Who must see the cards


def present(config: Config, change: Change = lambda slack: None, *channels: Channel) -> list[Finding]:
    """Look who is in the accepted channels of a Slack that a test has changed."""

    async def looked() -> list[Finding]:
        people = [User(user, name) for name, user in config.people.items()]
        workspace = Workspace(BOT, people, channels, now=lambda: 1795000000.0, scopes=SCOPES)
        slack = SlackDouble(workspace)
        change(slack)
        await slack.start()
        try:
            client = AsyncWebClient(
                slack.bot_token, base_url=slack.api_url, ssl=ssl.create_default_context(), retry_handlers=[]
            )
            return await approvers_present(client, config)
        finally:
            await slack.stop()

    return asyncio.run(looked())


@pytest.fixture
def house(config: Config) -> Config:
    """Dan is an admin; Alice and Carol approve; Bob does neither."""
    alice, carol = (config.people[name] for name in ("alice", "carol"))
    tier = Tier({}, (Quorum("treasurers", frozenset({alice, carol}), 1),))
    rule = replace(config.rules[0], tiers=(tier,))
    return replace(config, admins=frozenset({config.people["dan"]}), rules=(rule,))


def everybody(config: Config, *without: str) -> frozenset[str]:
    return frozenset(user for name, user in config.people.items() if name not in without)


def test_a_channel_with_every_approver_and_admin_in_it_is_fine(house: Config) -> None:
    for members in (everybody(house), everybody(house, "bob")):
        (finding,) = present(house, lambda slack: None, replace(TREASURY, members=members))
        assert finding == Finding(True, "approvers and admins in C01TREASURY", "all are members")


def test_each_channel_names_the_approvers_and_admins_it_lacks(house: Config) -> None:
    house = replace(house, channels=frozenset({"C01TREASURY", "C03BACKUP"}))
    treasury = replace(TREASURY, members=everybody(house, "alice", "bob", "dan"))
    findings = present(house, lambda slack: None, treasury, Channel("C03BACKUP", "backup", everybody(house, "carol")))
    assert [(finding.ok, finding.detail) for finding in findings] == [
        (False, "not members: alice, dan"),
        (False, "not members: carol"),
    ]
    assert all(finding.fix for finding in findings)


def test_an_approver_whose_account_is_deactivated_is_missing(house: Config) -> None:
    def deactivate(slack: SlackDouble) -> None:
        slack_standings.put(slack.workspace, house.people["dan"], "deactivated")

    (finding,) = present(house, deactivate, replace(TREASURY, members=everybody(house)))
    assert finding.detail == "not members: dan"


@pytest.mark.parametrize("complete", [True, False])
def test_a_long_list_of_members_is_read_to_its_end(house: Config, complete: bool) -> None:
    many = frozenset(f"U00{number:05}" for number in range(2500))  # sorted, these come first
    treasury = replace(TREASURY, members=many | everybody(house, *(() if complete else ("dan",))))
    (finding,) = present(house, lambda slack: None, treasury)
    assert finding.ok is complete


def test_a_channel_whose_members_cannot_be_read_is_found(house: Config) -> None:
    (finding,) = present(house)
    assert (finding.ok, finding.detail) == (False, "Slack says channel_not_found")
