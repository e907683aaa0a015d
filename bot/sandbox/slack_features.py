"""What the app's manifest offers people, as the local Slack honours it: commands, shortcuts, tabs, events."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shortcut:
    """A global shortcut: found in the menu and in search, belongs to no channel."""

    name: str
    callback_id: str
    description: str


@dataclass(frozen=True)
class Features:
    """The part of an app's manifest that people notice.

    Attributes:
        commands: slash commands; another is "not a valid command".
        should_escape: names and links arrive as ids (slack.md §2.1).
        home_tab: whether `views.publish` is taken and a Home tab can be opened.
        messages_tab: whether the app may write to people directly.
        bot_events: the only events the app hears of.
    """

    commands: tuple[str, ...]
    should_escape: bool
    shortcuts: tuple[Shortcut, ...]
    home_tab: bool
    messages_tab: bool
    bot_events: frozenset[str]


# What manifest.yml asks for.
OFFERED = Features(
    commands=("/transfer",),
    should_escape=True,
    shortcuts=(Shortcut("Move money", "transfer_form", "Open the transfer form"),),
    home_tab=True,
    messages_tab=True,
    bot_events=frozenset({"app_home_opened"}),
)
