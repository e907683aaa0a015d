"""Every group of listeners of the desk, built once: what Slack's payloads reach."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.desk import Desk
from bot.journal import Transaction
from handlers.approvals import Approvals
from handlers.buttons import Buttons
from handlers.commands import Commands
from handlers.exports import Exports
from handlers.form import Forms
from handlers.line import Listeners
from handlers.listening import FOLLOWS_AFTER_S
from handlers.lists import Lists
from handlers.replies import Replies
from handlers.reports import Reports


def all_listeners(
    desk: Desk,
    client: AsyncWebClient,
    replies: Replies,
    clock: Clock,
    reading: Callable[[], AbstractContextManager[Transaction]],
    forms: Forms,
    *,
    follows_after_s: float = FOLLOWS_AFTER_S,
) -> list[Listeners]:
    """Build them.

    Args:
        reading: opens the journal for a long read, on a connection of its own.
        follows_after_s: how long what is said about a click lets what it sets off go first.
    """
    lists, exports = Lists(desk, replies, clock), Exports(desk, client, replies, reading)
    return [
        Commands(desk, replies, lists, exports, Reports(desk, client, replies, clock, reading), forms),
        forms,
        lists,
        Buttons(desk, client, replies, clock, follows_after_s),
        Approvals(desk, client, replies, clock, follows_after_s),
    ]
