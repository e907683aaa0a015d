"""What the sandbox's page is told: the workspace as one person sees it, and the true books.

The shapes are described in `page_api`. Nothing is changed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.clock import to_text
from bot.sandbox import slack_standings
from bot.sandbox.books import Movement, digits
from bot.sandbox.faults import FAULTS, Planned
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.slack_blocks import plain_text
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_payloads import thread_json
from bot.sandbox.slack_switches import SWITCHES
from bot.sandbox.slack_views import View
from bot.sandbox.slack_wire import Passage
from bot.sandbox.slack_workspace import SLACKBOT, Ephemeral, File, Json, Message

MOVEMENTS_SHOWN = 20
# How late an exchange's ledger and history may be made to show what happened.
RECORDS_LAGS_S = (0, 3, 30, 300, 3600)


def slack_state(slack: SlackDouble, user_id: str) -> Json:
    """Return everything this person sees in Slack, and Slack's panels beside it; of a stranger the first person's."""
    workspace = slack.workspace
    people = [user for user in workspace.users.values() if not user.is_bot]
    me = next((user for user in people if user.id == user_id), people[0]).id
    joined = workspace.channels_of(me)
    view, app = slack.views.open_view(me), workspace.bot
    return {
        "me": me,
        "team": {"id": workspace.team_id, "name": workspace.team_name},
        "users": [{"id": user.id, "name": user.real_name or user.name, "role": user.title} for user in people],
        "apps": {app.id: app.real_name or app.name, SLACKBOT: "Slackbot"},
        "channels": [
            {"id": channel.id, "name": channel.name, "private": channel.is_private}
            for channel in joined
            if not channel.direct_with
        ],
        "dms": [{"id": channel.id, "with": app.id} for channel in joined if channel.direct_with],
        "messages": {channel.id: _messages(workspace.messages(channel.id), me) for channel in joined},
        "ephemerals": [_ephemeral(private) for private in workspace.ephemerals(me)],
        "view": _modal(view) if view else None,
        "home": _home(slack, me),
        "shortcuts": [
            {"name": shortcut.name, "callback_id": shortcut.callback_id, "description": shortcut.description}
            for shortcut in slack.features.shortcuts
        ],
        "wire": [_passage(passage) for passage in slack.wire.passages],
        "slack_switches": {"available": SWITCHES, "active": slack.switches.active},
        "standings": slack_standings.described(workspace),
    }


def exchange_state(exchange: Lookalike) -> Json:
    """Return an exchange's true books, and what is planned to go wrong there."""
    return {
        "name": exchange.name,
        "balances": exchange.balances(),
        "movements": [_movement(movement) for movement in exchange.book.movements[-MOVEMENTS_SHOWN:]],
        "records_lag": {"available": RECORDS_LAGS_S, "seconds": exchange.records_lag_s},
        "faults": {"available": FAULTS, "pending": _pending(exchange.faults.pending)},
    }


def visible_file(slack: SlackDouble, user_id: str, file_id: str) -> File | None:
    """Return a file that was shared where this person can see it."""
    workspace = slack.workspace
    for channel in workspace.channels_of(user_id):
        for message in workspace.messages(channel.id):
            for file in message.files:
                if file.id == file_id:
                    return file
    return None


def _messages(channel: Sequence[Message], me: str) -> list[Json]:
    replies: defaultdict[str, list[Message]] = defaultdict(list)
    for message in channel:
        if message.thread_ts not in (None, message.ts):
            replies[str(message.thread_ts)].append(message)
    return [
        {
            "ts": message.ts,
            "user": message.user,
            "text": message.text,
            "blocks": message.blocks,
            "files": [_file(file, me) for file in message.files],
            "thread_ts": message.thread_ts,
            "edited": message.edited,
            "reply_count": len(replies[message.ts]),
            **(thread_json(replies[message.ts]) if replies[message.ts] else {}),
        }
        for message in channel
    ]


def _file(file: File, me: str) -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "size": file.size,
        "alt_txt": file.alt_txt,
        "url": f"/sandbox/files/{file.id}?as={me}",
    }


def _ephemeral(private: Ephemeral) -> Json:
    return {
        "channel": private.channel,
        "ts": private.ts,
        "user": private.user,
        "text": private.text,
        "blocks": private.blocks,
        "thread_ts": private.thread_ts,
    }


def _modal(view: View) -> Json:
    content = view.content
    return {
        "id": view.id,
        "title": plain_text(content.get("title")),
        "submit": plain_text(content.get("submit")),
        "close": plain_text(content.get("close")),
        "blocks": content["blocks"],
        "values": view.values,
        "errors": dict(view.errors),
    }


def _home(slack: SlackDouble, me: str) -> Json:
    view = slack.views.homes.get(me)
    drawn = {"id": view.id, "blocks": view.content["blocks"], "values": view.values} if view else None
    return {"enabled": slack.features.home_tab, "view": drawn}


def _passage(passage: Passage) -> Json:
    return {
        "at": to_text(datetime.fromtimestamp(passage.at, UTC)),
        "direction": passage.direction,
        "name": passage.name,
        "who": passage.who,
        "where": passage.where,
        "outcome": passage.outcome,
        "took_ms": passage.took_ms,
    }


def _movement(movement: Movement) -> Json:
    return {
        "at": to_text(movement.at),
        "from": movement.source,
        "to": movement.destination,
        "currency": movement.currency,
        "amount": digits(movement.amount),
    }


def _pending(planned: Sequence[Planned]) -> list[str]:
    """Name each request's fault once, in the order they will strike."""
    return [fault.kind for fault in planned for _ in range(fault.times or 1)]
