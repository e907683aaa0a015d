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
) -> list[Listeners]:
    """Build them.

    Args:
        reading: opens the journal for a long read, on a connection of its own.
    """
    lists, exports = Lists(desk, replies, clock), Exports(desk, client, replies, reading)
    return [
        Commands(desk, replies, lists, exports, Reports(desk, client, replies, clock, reading), forms),
        forms,
        lists,
        Buttons(desk, client, replies, clock),
        Approvals(desk, client, replies, clock),
    ]
