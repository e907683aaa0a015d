"""Approve, Deny and the form for the code, from a press in Slack to the journal and back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from desk_bench import ALICE, BOB, CAROL, CHANNEL, COMMAND, TEAM, DeskBench, Person
from posting import AUDIT, BOT, Posting
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_views import View
from bot.sandbox.slack_workspace import Channel, User, Workspace
from bot.sandbox.world import SCOPES
from bot.totp import SecondFactors
from bot.transfers import Transfer
from handlers.approvals import Approvals
from handlers.line import Line
from handlers.workspace import Identity

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ONE_OF_TREASURERS = 'approvals = [{ count = 1, from = "treasurers" }]'
WITH_A_CODE = 'approvals = [{ count = 1, from = "treasurers", second_factor = "totp" }]'


class Approving(Posting):
    """What a test of an approver's buttons can do and see."""

    def __init__(self, bench: DeskBench, approvals: str) -> None:
        super().__init__(bench)
        users = (ALICE.user, BOB.user, CAROL.user)
        members = frozenset({BOT.id, *users})
        self.slack = SlackDouble(
            Workspace(
                BOT,
                [User(user, user) for user in users],
                [Channel(CHANNEL, "treasury", members), Channel(AUDIT, "desk-audit", members, is_private=True)],
                now=lambda: bench.clock.now().timestamp(),
                scopes=SCOPES,
                team_id=TEAM,
            )
        )
        bench.restart(('per_transfer = "1000"', f'per_transfer = "1000"\n{approvals}'))
        bench.desk.house = replace(bench.desk.house, factors=SecondFactors({CAROL.user: SecretStr(SECRET)}))

    async def listen(self) -> Line:
        """Connect the buttons to Slack."""
        line = Line(
            Identity(TEAM, BOT.id, self.slack.workspace.bot_id),
            AsyncWebClient(base_url=self.slack.api_url),
            self.slack.bot_token,
            self.slack.app_token,
            self.bench.clock,
            [Approvals(self.bench.desk, self.client, self.replies, self.bench.clock, follows_after_s=0.0)],
        )
        await line.open()
        await self.slack.wait_for(lambda: self.slack.socket.connections == 1)
        return line

    async def waiting(self) -> Transfer:
        """A transfer Alice asked for and confirmed, with its card in Slack."""
        transfer = await self.proposed()
        self.bench.confirm(transfer)
        await self.drain()
        return self.bench.get(transfer.id)

    async def press(self, person: Person, transfer: Transfer, action: str) -> None:
        act = await self.slack.press(person.user, CHANNEL, transfer.card_ts or "", action)
        assert act.failure is None

    async def answer(self, person: Person, count: int = 1) -> str:
        """The last thing only this person was told, once there are so many."""
        await self.slack.wait_for(lambda: len(self.told(person)) >= count)
        return self.told(person)[-1]

    def told(self, person: Person) -> list[str]:
        return [private.text for private in self.slack.workspace.ephemerals(person.user)]

    async def form(self, person: Person = CAROL) -> View:
        await self.slack.wait_for(lambda: self.slack.views.open_view(person.user) is not None)
        view = self.slack.views.open_view(person.user)
        assert view is not None
        return view

    async def send(self, code: str, person: Person = CAROL) -> str:
        """Send the open form. Returns what then stands beside the field; nothing when it closed."""
        view = await self.form(person)
        field = {"type": "plain_text_input", "value": code}
        act = await self.slack.submit_view(person.user, view.id, {"code": {"text": field}})
        assert act.failure is None
        left = self.slack.views.open_view(person.user)
        return left.errors["code"] if left else ""

    def code(self) -> str:
        return pyotp.TOTP(SECRET).at(self.bench.clock.now())


Play = Callable[[str, Callable[[Approving], Coroutine[Any, Any, None]]], None]


@pytest.fixture
def play(threaded_bench: DeskBench) -> Play:
    """Run a test's coroutine with a desk whose rule says these approvals, and buttons connected to a local Slack."""

    async def staged(approvals: str, act: Callable[[Approving], Coroutine[Any, Any, None]]) -> None:
        stage = Approving(threaded_bench, approvals)
        await stage.slack.start()
        try:
            stage.connect()
            line = await stage.listen()
            try:
                await act(stage)
            finally:
                await line.close()
        finally:
            await stage.slack.stop()

    return lambda approvals, act: asyncio.run(staged(approvals, act))


def test_approve_lets_it_go_ahead_and_is_answered_privately(play: Play) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_approve")
        assert "You approved T1" in await stage.answer(CAROL)
        assert stage.bench.state(transfer) == "approved"
        assert stage.slack.views.open_view(CAROL.user) is None

    play(ONE_OF_TREASURERS, act)


@pytest.mark.parametrize("approvals", [ONE_OF_TREASURERS, WITH_A_CODE])
def test_deny_ends_it_without_a_form(play: Play, approvals: str) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_deny")
        assert "T1 is denied" in await stage.answer(CAROL)
        assert stage.bench.state(transfer) == "denied"
        assert stage.slack.views.open_view(CAROL.user) is None

    play(approvals, act)


def test_the_requester_gets_a_refusal_and_no_form(play: Play) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(ALICE, transfer, "transfer_approve")
        assert "others must approve it" in await stage.answer(ALICE)
        assert stage.slack.views.open_view(ALICE.user) is None
        assert stage.bench.state(transfer) == "awaiting_approval"

    play(WITH_A_CODE, act)


def test_the_form_says_what_is_approved_and_the_code_approves_it(play: Play) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_approve")
        shown = str((await stage.form()).content["blocks"])
        for said in ("*250 USDT*", "`htx:spot`", "`htx:linear-swap`", f"<@{ALICE.user}>", f"`{transfer.seal}`"):
            assert said in shown
        assert stage.bench.state(transfer) == "awaiting_approval"
        assert await stage.send(stage.code()) == ""
        assert "You approved T1" in await stage.answer(CAROL)
        assert stage.bench.state(transfer) == "approved"

    play(WITH_A_CODE, act)


def test_a_wrong_code_is_said_beside_the_field_and_the_same_form_takes_the_right_one(play: Play) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_approve")
        wrong = f"{(int(stage.code()) + 1) % 1000000:06}"
        assert "That code is wrong." in await stage.send(wrong)
        assert stage.bench.state(transfer) == "awaiting_approval"
        assert stage.told(CAROL) == []
        assert await stage.send(stage.code()) == ""
        assert stage.bench.state(transfer) == "approved"

    play(WITH_A_CODE, act)


def test_an_empty_field_is_no_try(play: Play) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_approve")
        before = stage.bench.counts()
        for nothing in (" " * 6, "\u00a0 " * 4):
            assert "six digits" in await stage.send(nothing)
        assert stage.bench.counts() == before
        assert stage.bench.state(transfer) == "awaiting_approval"

    play(WITH_A_CODE, act)


def test_a_code_counts_once_for_all_transfers(play: Play) -> None:
    async def act(stage: Approving) -> None:
        first = await stage.waiting()
        stage.bench.clock.advance(minutes=11)
        second = await stage.waiting()
        code = stage.code()
        await stage.press(CAROL, first, "transfer_approve")
        assert await stage.send(code) == ""
        await stage.press(CAROL, second, "transfer_approve")
        assert "used already" in await stage.send(code)
        stage.bench.clock.advance(seconds=30)
        assert await stage.send(stage.code()) == ""
        assert [stage.bench.state(transfer) for transfer in (first, second)] == ["approved", "approved"]

    play(WITH_A_CODE, act)


def test_who_is_taken_off_the_list_cannot_send_the_form_any_more(play: Play) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_approve")
        await stage.form()
        house = stage.bench.desk.house
        people = {name: user for name, user in house.config.people.items() if user != CAROL.user}
        stage.bench.desk.house = replace(house, config=replace(house.config, people=people))
        assert "allowlist" in await stage.send(stage.code())
        assert stage.bench.state(transfer) == "awaiting_approval"
        (event,) = stage.bench.events("turned_away")
        assert (event.actor, event.data["attempt"]) == (CAROL.user, "approve form")

    play(WITH_A_CODE, act)


@pytest.mark.parametrize("metadata", ["", "[]", "{", "[" * 2500, '{"transfer": true, "version": 1}', '{"transfer": 1}'])
def test_a_form_that_belongs_to_no_card_does_nothing_and_is_recorded(play: Play, metadata: str) -> None:
    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_approve")
        view = await stage.form()
        stage.slack.views.update(view.id, {**view.content, "private_metadata": metadata})
        assert "belongs to no card" in await stage.send(stage.code())
        assert stage.bench.state(transfer) == "awaiting_approval"
        assert [event.actor for event in stage.bench.events("turned_away")] == [CAROL.user]

    play(WITH_A_CODE, act)


def test_a_code_is_found_nowhere_afterwards(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="handlers")
    caplog.set_level(logging.DEBUG, logger="bot")

    async def act(stage: Approving) -> None:
        transfer = await stage.waiting()
        await stage.press(CAROL, transfer, "transfer_approve")
        wrong = f"{(int(stage.code()) + 1) % 1000000:06}"
        codes = [wrong, stage.code()]
        said = [await stage.send(code) for code in codes]
        said.append(await stage.answer(CAROL))
        await stage.drain()
        tables = [name for (name,) in stage.bench.read("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert {"codes", "deliveries", "events"} <= set(tables)
        kept = [stage.bench.read(f"SELECT * FROM {table}") for table in tables]
        posted = list(stage.slack.web_api.calls)
        everything = f"{said} {posted} {stage.cards()} {stage.audit()} {caplog.text}"
        # Hashes and times are full of digits; a code in a text stands by itself.
        words = {str(value) for rows in kept for row in rows for value in row}
        for code in codes:
            assert code not in everything.replace(transfer.card_ts or "", "")
            assert not any(code in word.split() or f'"{code}"' in word for word in words)

    play(WITH_A_CODE, act)


def test_a_reason_is_shown_in_the_form_and_mentions_nobody(play: Play) -> None:
    async def act(stage: Approving) -> None:
        name = stage.bench.ask(f"{COMMAND} reason for <!channel> &amp; &lt;!here&gt;").partition(":")[0]
        await stage.drain()
        transfer = stage.bench.get(int(name.removeprefix("T")))
        stage.bench.confirm(transfer)
        await stage.drain()
        await stage.press(CAROL, stage.bench.get(transfer.id), "transfer_approve")
        shown = str((await stage.form()).content["blocks"])
        assert "Reason: for @channel &amp; &lt;!here&gt;" in shown

    play(WITH_A_CODE, act)
