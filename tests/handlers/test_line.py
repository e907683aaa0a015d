"""The line to Slack: it hangs up without losing a word, and what it cannot handle is one line in the log."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from desk_bench import ALICE, CHANNEL, TEAM
from posting import Posting, Stage
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_socket import Act
from handlers import line
from handlers.line import Line
from handlers.workspace import Identity


@dataclass
class Slow:
    """A listener that waits to be let go before it acks."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0

    def register(self, app: AsyncApp) -> None:
        app.command("/transfer")(self.listen)

    async def listen(self, ack: AsyncAck) -> None:
        self.calls += 1
        self.begun.set()
        await self.go.wait()
        await ack(text="done")


Scenario = Callable[[Posting, Line, Slow], Coroutine[Any, Any, None]]
Connected = Callable[[Scenario], None]


@pytest.fixture
def connected(stage: Stage) -> Connected:
    """Play a scenario with an open line and a slow listener on it."""

    async def act(posting: Posting, scenario: Scenario) -> None:
        slack, slow = posting.slack, Slow()
        client = AsyncWebClient(base_url=slack.api_url, ssl=ssl.create_default_context(), retry_handlers=[])
        identity = Identity(TEAM, "B09DESK", "U09DESK")
        opened = Line(identity, client, slack.bot_token, slack.app_token, posting.bench.clock, [slow])
        await opened.open()
        try:
            await scenario(posting, opened, slow)
        finally:
            slow.go.set()
            await opened.close()

    def play(scenario: Scenario) -> None:
        async def staged(posting: Posting) -> None:
            await act(posting, scenario)

        stage(staged)

    return play


async def typed(posting: Posting) -> Act:
    return await posting.slack.slash(ALICE.user, CHANNEL, "/transfer", "help")


async def delivered(posting: Posting, payload: dict[str, Any]) -> Act:
    kind = "slash_commands" if "command" in payload else "interactive"
    envelope = {"envelope_id": "e1", "type": kind, "payload": payload, "accepts_response_payload": True}
    posting.slack.socket._ack_seconds = 0.3
    return await posting.slack.socket.deliver(envelope)


def test_a_payload_begun_before_the_end_is_still_acknowledged(connected: Connected) -> None:
    async def scenario(posting: Posting, opened: Line, slow: Slow) -> None:
        command = asyncio.create_task(typed(posting))
        await slow.begun.wait()
        closing = asyncio.create_task(opened.close())
        await asyncio.sleep(0)
        assert posting.slack.socket.connections == 1
        slow.go.set()
        await closing
        act = await command
        assert (act.failure, act.payload["text"]) == (None, "done")
        assert posting.slack.socket.connections == 0

    connected(scenario)


def test_a_payload_that_comes_while_closing_is_neither_done_nor_acknowledged(connected: Connected) -> None:
    async def scenario(posting: Posting, opened: Line, slow: Slow) -> None:
        begun = asyncio.create_task(typed(posting))
        await slow.begun.wait()
        closing = asyncio.create_task(opened.close())
        await asyncio.sleep(0)
        late = await delivered(posting, {"command": "/transfer", "user_id": ALICE.user})
        slow.go.set()
        await asyncio.gather(begun, closing)
        assert late.failure == "operation_timeout"
        assert late.acks == []
        assert slow.calls == 1

    connected(scenario)


def test_a_listener_that_hangs_does_not_hold_up_the_end(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "FINISH_WITHIN_S", 0.1)

    async def scenario(posting: Posting, opened: Line, slow: Slow) -> None:
        command = asyncio.create_task(typed(posting))
        await slow.begun.wait()
        await asyncio.wait_for(opened.close(), 2)
        assert not slow.go.is_set()
        slow.go.set()
        await command

    connected(scenario)


def test_the_whole_end_takes_five_seconds_at_most() -> None:
    assert line.FINISH_WITHIN_S + 2 * line.HANG_UP_WITHIN_S <= 5


UNHEARD: dict[str, dict[str, Any]] = {
    "a command of another app": {"command": "/other", "user_id": ALICE.user, "text": "xoxb-1 secret"},
    "a shortcut": {"type": "shortcut", "callback_id": "secret", "user": {"id": ALICE.user}, "trigger_id": "secret"},
    "no command at all": {"command": None, "text": "secret"},
    "a user that is a number": {"command": "/transfer", "user": 7, "text": "secret"},
}


@pytest.mark.parametrize("payload", UNHEARD.values(), ids=UNHEARD)
def test_what_nobody_listens_to_is_one_line_without_the_payload(
    connected: Connected, caplog: pytest.LogCaptureFixture, payload: dict[str, Any]
) -> None:
    async def scenario(posting: Posting, opened: Line, slow: Slow) -> None:
        assert (await delivered(posting, payload)).failure == "operation_timeout"
        (record,) = [record for record in caplog.records if record.levelno >= logging.INFO]
        assert record.getMessage().startswith("a payload was not acknowledged: ")
        assert record.exc_info is None
        assert "secret" not in caplog.text
        assert "Suggestion" not in caplog.text

    with caplog.at_level(logging.DEBUG):
        connected(scenario)
    assert "secret" not in caplog.text
