"""What Slack says of a person or a channel, in the words people are told. No words: found well. Pure.

A mark that is not there counts as not set: Slack leaves marks out (`deleted` "may not appear on all user objects", and
of a deactivated account it tells little else). Whom the answer is about, and of which workspace, must be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import words

# Refusals that are answers: there is no such person or channel, as far as the app can see. A private channel the app is
# not in looks the same.
NOT_FOUND = frozenset({"user_not_found", "user_not_visible", "channel_not_found"})


class Unreadable(ValueError):
    """An answer that is about somebody or something else, or does not say about whom: as good as none."""


def of_person(subject: str, found: Mapping[str, Any], team: str) -> str:
    """Read the `user` of `users.info` (slack.md §5.1).

    `is_stranger` alone is not enough: Slack does not set it for members of other workspaces one shares a channel with.

    Raises:
        Unreadable: the answer is about another user id, or names no workspace.
    """
    home = found.get("team_id")
    if found.get("id") != subject or not isinstance(home, str) or not home:
        raise Unreadable("not an answer about this person")
    if found.get("deleted"):
        return words.DEACTIVATED
    if found.get("is_stranger") or home != team:
        return words.FOREIGN
    if found.get("is_bot"):
        return words.A_BOT
    if found.get("is_restricted") or found.get("is_ultra_restricted"):
        return words.A_GUEST
    return ""


def of_channel(subject: str, found: Mapping[str, Any]) -> str:
    """Read the `channel` of `conversations.info`.

    Raises:
        Unreadable: the answer is about another channel id; ids change when a channel is converted.
    """
    if found.get("id") != subject:
        raise Unreadable("not an answer about this channel")
    if found.get("is_archived"):
        return words.ARCHIVED
    if found.get("is_ext_shared") or found.get("is_pending_ext_shared") or found.get("is_org_shared"):
        return words.SHARED
    if not found.get("is_member"):
        return words.NOT_A_MEMBER
    return ""
