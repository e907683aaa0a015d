"""What can become of a person or a channel in the local Slack: deactivated, made a guest, shared, archived. No I/O."""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.slack_workspace import Channel, Json, User, Workspace

MEMBER = "a member"
OWN = "this workspace's alone"
ELSEWHERE = "T66ELSEWHERE"

# What a person can be, and the marks `users.info` shows then.
PEOPLE: dict[str, Json] = {
    MEMBER: {},
    "deactivated": {"deleted": True},
    "a guest": {"is_restricted": True},
    "a single-channel guest": {"is_restricted": True, "is_ultra_restricted": True},
    "of another workspace": {"team_id": ELSEWHERE},
}
# What a channel can be, and the marks `conversations.info` shows then.
CHANNELS: dict[str, Json] = {
    OWN: {},
    "shared with another workspace": {"is_ext_shared": True},
    "about to be shared": {"is_pending_ext_shared": True},
    "archived": {"is_archived": True},
}

_NO_MARKS_OF_PEOPLE: Json = {
    "deleted": False,
    "is_restricted": False,
    "is_ultra_restricted": False,
    "is_stranger": False,
    "team_id": "",
}
_NO_MARKS_OF_CHANNELS: Json = {"is_ext_shared": False, "is_pending_ext_shared": False, "is_archived": False}


def put(workspace: Workspace, subject: str, standing: str) -> None:
    """Give a person or a channel a standing, in place of the one it had.

    Raises:
        LookupError: there is no such person or channel, or no such standing for it.
    """
    user, channel = workspace.users.get(subject), workspace.channels.get(subject)
    if user is not None and not user.is_bot and standing in PEOPLE:
        workspace.put_user(replace(user, **{**_NO_MARKS_OF_PEOPLE, **PEOPLE[standing]}))
    elif channel is not None and not channel.direct_with and standing in CHANNELS:
        workspace.put_channel(replace(channel, **{**_NO_MARKS_OF_CHANNELS, **CHANNELS[standing]}))
    else:
        raise LookupError("There is no such person or channel here, or it cannot become that.")


def described(workspace: Workspace) -> list[Json]:
    """List every person and channel with what it is and what it can become."""
    people = [user for user in workspace.users.values() if not user.is_bot]
    channels = [channel for channel in workspace.channels.values() if not channel.direct_with]
    return [
        *(_described(user.id, user.real_name or user.name, _of_person(user), PEOPLE) for user in people),
        *(_described(one.id, f"# {one.name}", _of_channel(one), CHANNELS) for one in channels),
    ]


def _described(subject: str, name: str, standing: str, available: dict[str, Json]) -> Json:
    return {"id": subject, "name": name, "standing": standing, "available": list(available)}


def _of_person(user: User) -> str:
    if user.deleted:
        return "deactivated"
    if user.is_stranger or user.team_id:
        return "of another workspace"
    if user.is_ultra_restricted:
        return "a single-channel guest"
    return "a guest" if user.is_restricted else MEMBER


def _of_channel(channel: Channel) -> str:
    if channel.is_archived:
        return "archived"
    if channel.is_ext_shared:
        return "shared with another workspace"
    return "about to be shared" if channel.is_pending_ext_shared else OWN
