"""A desk whose command, form and Home tabs are connected to a local Slack, and people in front of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from desk_bench import ALICE, BOB, CAROL, CHANNEL, STRANGER, TEAM, DeskBench, Person
from form_filling import Filling
from posting import AUDIT, BOT, Posting
from slack_sdk.web.async_client import AsyncWebClient

from bot.journal.backup import looking_at
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_payloads import submission_payload
from bot.sandbox.slack_socket import Act
from bot.sandbox.slack_workspace import Channel, User, Workspace
from bot.sandbox.world import SCOPES
from handlers.form import Forms
from handlers.home import Homes
from handlers.line import Line
from handlers.listeners import all_listeners
from handlers.workspace import Identity

SECOND = "C03VAULT"
BOTH_CHANNELS = ('channels = ["C01TREASURY"]', f'channels = ["C01TREASURY", "{SECOND}"]')


class FormScene(Posting):
    """What a test of the form or the Home tab can do and see."""

    def __init__(self, bench: DeskBench) -> None:
        super().__init__(bench)
        self._envelopes = 0
        users = (ALICE.user, BOB.user, CAROL.user, STRANGER.user)
        members = frozenset({BOT.id, *users})
        self.slack = SlackDouble(
            Workspace(
                BOT,
                [User(user, user) for user in users],
                [
                    Channel(CHANNEL, "treasury", members),
                    Channel(SECOND, "vault", members),
                    Channel(AUDIT, "desk-audit", members, is_private=True),
                ],
                now=lambda: bench.clock.now().timestamp(),
                scopes=SCOPES,
                team_id=TEAM,
            )
        )

    async def listen(self) -> Line:
        """Connect the listeners to Slack."""
        desk, clock = self.bench.desk, self.bench.clock
        forms = Forms(desk, self.client, self.replies, {CHANNEL: "treasury", SECOND: "vault"})
        reading = partial(looking_at, self.bench.path)
        self.homes = Homes(desk, self.client, clock, forms)
        line = Line(
            Identity(TEAM, BOT.id, self.slack.workspace.bot_id),
            AsyncWebClient(base_url=self.slack.api_url),
            self.slack.bot_token,
            self.slack.app_token,
            clock,
            [*all_listeners(desk, self.client, self.replies, clock, reading, forms), self.homes],
        )
        await line.open()
        await self.slack.wait_for(lambda: self.slack.socket.connections == 1)
        return line

    def filling(self, person: Person = ALICE) -> Filling:
        return Filling(self.slack, person.user)

    async def typed(self, person: Person = ALICE, channel: str = CHANNEL) -> Filling:
        """Type `/transfer` alone and wait for the form."""
        act = await self.slack.slash(person.user, channel, "/transfer", "")
        assert (act.failure, act.payload) == (None, {})
        form = self.filling(person)
        await form.opened()
        return form

    async def shortcut(self, person: Person = ALICE) -> Filling:
        """Run the shortcut and wait for what opens."""
        act = await self.slack.run_shortcut(person.user, "transfer_form")
        assert act.failure is None
        form = self.filling(person)
        await form.opened()
        return form

    async def ready(self, form: Filling, amount: str = "250") -> Filling:
        """Fill everything in for USDT from htx:spot to cross margin."""
        for name, value in (
            ("exchange", "htx"),
            ("source", "htx:spot"),
            ("destination", "htx:linear-swap"),
            ("margin", "USDT"),
        ):
            if form.picked(name) != value:
                await form.pick(name, value)
        await form.type("amount", amount)
        return form

    def told(self, person: Person = ALICE) -> list[str]:
        """What only this person was told, oldest first."""
        return [private.text for private in self.slack.workspace.ephemerals(person.user)]

    async def whispered(self, person: Person = ALICE, count: int = 1) -> str:
        """The last of so many private lines, once it is there."""
        await self.slack.wait_for(lambda: len(self.told(person)) >= count)
        return self.told(person)[-1]

    async def envelope(self, payload: dict[str, Any], kind: str = "interactive") -> Act:
        """Let Slack send this very payload."""
        self._envelopes += 1
        envelope = {"envelope_id": f"hand-made-{self._envelopes}", "type": kind, "payload": payload}
        return await self.slack.socket.deliver({**envelope, "accepts_response_payload": True})

    def turned_away(self) -> list[tuple[str, str]]:
        return [(event.actor, str(event.data["why"])) for event in self.bench.events("turned_away")]


def submission(scene: FormScene, form: Filling, trigger: str) -> dict[str, Any]:
    """What Slack sends when the form is sent."""
    user = scene.slack.workspace.users[form.user]
    return submission_payload(scene.slack.workspace, scene.slack.views, user, form.view, trigger)


Play = Callable[..., None]


def played(bench: DeskBench, act: Callable[[FormScene], Coroutine[Any, Any, None]], *edits: tuple[str, str]) -> None:
    """Run a test's coroutine with a desk under an edited desk.toml, connected to a local Slack."""

    async def staged() -> None:
        scene = FormScene(bench)
        bench.restart(*edits)
        await scene.slack.start()
        try:
            scene.connect()
            line = await scene.listen()
            try:
                await act(scene)
            finally:
                await line.close()
        finally:
            await scene.slack.stop()

    asyncio.run(staged())
