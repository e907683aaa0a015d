"""What the desk asks of Slack before it trusts it: which workspace, which scopes, which channels, who is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.config import Config
from bot.findings import Finding
from handlers import refusals, standing

# manifest.yml asks for exactly these.
SCOPES = frozenset(
    {
        "commands", "chat:write", "im:write", "files:write", "channels:read", "groups:read", "channels:history",
        "groups:history", "users:read",
    }
)  # fmt: skip

# What to do about a channel that will not do.
_FIXES = {
    words.ARCHIVED: "use a living channel",
    words.SHARED: "use a channel of this workspace alone",
    words.NOT_A_MEMBER: "type /invite @Transferdesk there",
}

MEMBERS_PAGE = 999  # the most conversations.members takes
MEMBERS_PAGES_MAX = 50


@dataclass(frozen=True)
class Identity:
    """Who the bot token says we are.

    Attributes:
        channels: what Slack called each channel of desk.toml when it was looked at, by id.
    """

    team: str
    bot_id: str
    bot_user_id: str
    channels: Mapping[str, str] = field(default_factory=dict, compare=False)


async def look_around(client: AsyncWebClient, app_token: str, config: Config) -> tuple[Identity | None, list[Finding]]:
    """Check token, workspace, scopes, Socket Mode and every channel. Reads only; posts nothing."""
    try:
        answer = await client.auth_test()
    except Exception as error:  # noqa: BLE001 - any failure here has the same meaning, and its text may hold a token
        return None, [
            Finding(False, "Slack token", _why(error), "check SLACK_BOT_TOKEN and that slack.com can be reached")
        ]
    identity = Identity(str(answer["team_id"]), str(answer.get("bot_id", "")), str(answer["user_id"]))
    findings = [Finding(True, "Slack token", "accepted"), _team(identity, config), _scopes(dict(answer.headers))]
    findings.append(await _socket_mode(client, app_token))
    names: dict[str, str] = {}
    channels = [await _channel(client, channel, names) for channel in sorted(config.channels | {config.audit_channel})]
    return replace(identity, channels=names), [*findings, *channels]


def _team(identity: Identity, config: Config) -> Finding:
    if identity.team == config.team:
        return Finding(True, "Slack workspace", identity.team)
    return Finding(
        False,
        "Slack workspace",
        f"the token belongs to {identity.team}, desk.toml says {config.team}",
        "use the token of the right workspace, or mend slack.team",
    )


def _scopes(headers: dict[str, object]) -> Finding:
    found = next((str(value) for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
    granted = {scope.strip() for scope in found.split(",") if scope.strip()}
    missing = sorted(SCOPES - granted)
    if missing:
        return Finding(
            False, "Slack scopes", f"missing {', '.join(missing)}", "install the app again with manifest.yml"
        )
    extra = sorted(granted - SCOPES)
    return Finding(True, "Slack scopes", "complete" + (f"; more than needed: {', '.join(extra)}" if extra else ""))


async def _socket_mode(client: AsyncWebClient, app_token: str) -> Finding:
    try:
        await client.apps_connections_open(app_token=app_token)
    except Exception as error:  # noqa: BLE001 - as above
        fix = "check SLACK_APP_TOKEN (scope connections:write) and that Socket Mode is on"
        return Finding(False, "Slack Socket Mode", _why(error), fix)
    return Finding(True, "Slack Socket Mode", "can be opened")


async def _channel(client: AsyncWebClient, channel: str, names: dict[str, str]) -> Finding:
    """Look at one channel, and add what it is called to `names`."""
    subject = f"Slack channel {channel}"
    try:
        found = (await client.conversations_info(channel=channel))["channel"]
        names[channel] = str(found.get("name") or channel)
        problem = standing.of_channel(channel, found)
    except Exception as error:  # noqa: BLE001 - as above
        return Finding(False, subject, _why(error), "invite the app to the channel, or mend the id in desk.toml")
    if problem:
        return Finding(False, subject, problem, _FIXES[problem])
    return Finding(True, subject, "the app is a member")


async def approvers_present(client: AsyncWebClient, config: Config) -> list[Finding]:
    """Check that everyone who may have to approve or settle something sees the cards: one finding per channel.

    A card in a channel somebody is not in never reaches them, and a quorum desk.toml promises may then be out of reach.
    Reads only.
    """
    needed = config.admins.union(*(tier.members for rule in config.rules for tier in rule.tiers))
    return [await _present(client, channel, needed, config) for channel in sorted(config.channels)]


async def _present(client: AsyncWebClient, channel: str, needed: frozenset[str], config: Config) -> Finding:
    subject = f"approvers and admins in {channel}"
    try:
        missing = await _absent(client, channel, needed)
    except Exception as error:  # noqa: BLE001 - as above
        return Finding(False, subject, _why(error), "invite the app to the channel, then check again")
    if missing:
        names = ", ".join(sorted(map(config.name_of, missing)))
        return Finding(False, subject, f"not members: {names}", "invite them there, or name others in desk.toml")
    return Finding(True, subject, "all are members")


async def _absent(client: AsyncWebClient, channel: str, needed: frozenset[str]) -> frozenset[str]:
    """Return who of the needed is not in a channel, reading its members until all were found."""
    missing, cursor = needed, None
    for _ in range(MEMBERS_PAGES_MAX):
        page = await client.conversations_members(channel=channel, limit=MEMBERS_PAGE, cursor=cursor)
        missing -= frozenset(page["members"])
        # A page may be short, or empty, and still not the last one.
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not missing or not cursor:
            break
    return missing


def _why(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return f"Slack says {refusals.read(error).code}"
    return f"no answer ({type(error).__name__})"
