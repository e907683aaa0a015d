"""A roll between a local Slack and a book that stands in for the desk."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from clock import VirtualClock
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import load_config
from bot.desk import House
from bot.errors import JournalError
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_workspace import Channel, User, Workspace
from bot.sandbox.world import SCOPES
from handlers.roll import Roll

ALICE, BOB, CAROL, GRID = "U01ALICE", "U02BOB", "U03CAROL", "W04DAN"
TREASURY = "C01TREASURY"
VAULT = "G02VAULT"
BOT = User("U09DESK", "transferdesk", is_bot=True)
FRESH_S = 25


class Book:
    """What the desk has written down: when each subject was seen, and how."""

    def __init__(self, clock: VirtualClock) -> None:
        self.house = House(load_config(Path(__file__).parents[2] / "desk.example.toml"), {})
        self.needed: list[str] = []
        self.standings: dict[str, str] = {}
        self.broken = False
        self.reads = 0
        self._clock = clock
        self._seen_at: dict[str, float] = {}

    def roll(self) -> Future[list[str]]:
        self.reads += 1
        last = {subject: self._seen_at.get(subject, 0.0) for subject in self.needed}
        old = [subject for subject in self.needed if last[subject] <= self._clock.monotonic() - FRESH_S]
        return self._answer(sorted(old, key=lambda subject: last[subject]))

    def seen(self, subject: str, standing: str) -> Future[None]:
        if not self.broken:
            self.standings[subject] = standing
            self._seen_at[subject] = self._clock.monotonic()
        return self._answer(None)

    def _answer(self, value: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.broken:
            future.set_exception(JournalError("the database refused"))
        else:
            future.set_result(value)
        return future


class Scene:
    """A roll between a local Slack and a book."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.book = Book(self.clock)
        members = frozenset({BOT.id, ALICE, BOB, CAROL, GRID})
        people = [User(user, user[3:].lower()) for user in (ALICE, BOB, CAROL, GRID)]
        channels = (Channel(TREASURY, "treasury", members), Channel(VAULT, "vault", members, is_private=True))
        now = lambda: self.clock.now().timestamp()  # noqa: E731
        self.slack = SlackDouble(Workspace(BOT, people, channels, now=now, scopes=SCOPES, team_id="T01DESK"))

    def connect(self, ask_max_s: float = 4.0) -> None:
        tls = ssl.create_default_context()
        client = AsyncWebClient(self.slack.bot_token, base_url=self.slack.api_url, ssl=tls, retry_handlers=[])
        self.roll = Roll(self.book, client, self.clock, ask_max_s=ask_max_s)

    async def look(self, *subjects: str) -> dict[str, str]:
        """Need these and step once. Returns what is known of them."""
        self.book.needed = list(subjects)
        await self.roll.step()
        return {subject: self.book.standings[subject] for subject in subjects if subject in self.book.standings}

    def asked(self, method: str = "users.info") -> int:
        return len([call for call in self.slack.web_api.calls if call.method == method])


Act = Callable[[Scene], Coroutine[Any, Any, None]]


def play(act: Act) -> None:
    async def run() -> None:
        scene = Scene()
        await scene.slack.start()
        scene.connect()
        try:
            await act(scene)
        finally:
            await scene.slack.stop()

    asyncio.run(run())
