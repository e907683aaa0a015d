"""What is available on the source comes into the form when it was read; shares of it can be asked for there."""

from __future__ import annotations

import asyncio
import threading
from decimal import Decimal

import pytest
from desk_bench import ALICE, CHANNEL
from form_scene import FormScene, Play

from bot.accounts import Account
from bot.desk import Taken
from bot.journal import Holding
from bot.sandbox.slack_payloads import view_click_payload

SPOT, CROSS = Account("htx", "spot"), Account("htx", "linear-swap")


async def note(scene: FormScene, holding: Holding, account: Account = SPOT) -> None:
    """Let the exchange's reader hand a reading of USDT back, as begun now."""
    await asyncio.wrap_future(scene.bench.desk.note_reading(Taken(account, "USDT", holding)))


def test_what_is_available_comes_when_it_was_read_and_what_was_typed_stays(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "12")
        assert "What is available on `htx:spot` is being read." in form.words
        assert scene.bench.desk.next_reading("htx").result() == (SPOT, "USDT")
        await note(scene, Holding(Decimal("1234.5"), "", scene.bench.clock.now()))
        await scene.slack.wait_for(lambda: "*1,234.50 USDT*, read <!date^" in form.words)
        assert form.typed("amount") == "12"
        assert await form.send() == {}

    form_play(act)


def test_a_balance_that_could_not_be_read_says_why_and_the_form_works(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        await note(scene, Holding(None, "could not be read: <!channel>", scene.bench.clock.now()))
        await scene.slack.wait_for(lambda: "could not be read: &lt;!channel&gt;" in form.words)
        assert await form.send() == {}

    form_play(act)


def test_one_known_a_moment_ago_is_shown_at_once_and_not_read_again(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await note(scene, Holding(Decimal(7), "", scene.bench.clock.now()))
        form = await scene.ready(await scene.typed())
        assert "*7 USDT*, read" in form.words
        assert scene.bench.desk.next_reading("htx").result() is None

    form_play(act)


def test_a_pick_made_while_a_balance_is_read_is_not_overdrawn_by_it(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        await form.pick("source", "htx:linear-swap")
        assert form.picked("destination") == "htx:spot"
        await note(scene, Holding(Decimal(5), "", scene.bench.clock.now()))
        await note(scene, Holding(Decimal(6), "", scene.bench.clock.now()), CROSS)
        await scene.slack.wait_for(lambda: "*6 USDT*" in form.words)
        assert "*5 USDT*" not in form.words
        assert (form.picked("source"), form.picked("destination")) == ("htx:linear-swap", "htx:spot")

    form_play(act)


def test_a_reading_that_comes_together_with_a_pick_leaves_the_form_to_the_pick(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        holding, busy = Holding(Decimal(5), "", scene.bench.clock.now()), threading.Event()
        scene.bench.journal.run(lambda _: busy.wait(5))
        noted = scene.bench.desk.note_reading(Taken(SPOT, "USDT", holding))
        view = form.view
        await scene.slack.change_in_view(form.user, view.id, "source/htx", "transfer_form_choice", "htx:linear-swap")
        busy.set()
        await asyncio.wrap_future(noted)
        await scene.slack.wait_for(lambda: form.view.hash != view.hash)
        assert form.options("destination") == ["htx:spot"]

    form_play(act)


def test_a_reading_that_comes_after_a_refusal_leaves_what_stands_beside_the_field(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "a lot")
        assert list(await form.send()) == ["amount"]
        before = updates(scene)
        await note(scene, Holding(Decimal(5), "", scene.bench.clock.now()))
        with pytest.raises(TimeoutError):
            await scene.slack.wait_for(lambda: updates(scene) > before, 0.5)

    form_play(act)


def updates(scene: FormScene) -> int:
    return sum(1 for passage in scene.slack.wire.passages if passage.name == "views.update")


def test_nobody_can_have_an_account_read_that_no_rule_of_theirs_names(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        await note(scene, Holding(Decimal(5), "", scene.bench.clock.now()))
        user = scene.slack.workspace.users[ALICE.user]
        action = {"type": "static_select", "action_id": "transfer_form_choice", "block_id": "source/htx"}
        payload = view_click_payload(scene.slack.workspace, scene.slack.views, user, form.view, action, "1.a")
        values = payload["view"]["state"]["values"]
        option = {"selected_option": {"value": "htx:otc"}}
        payload["view"]["state"] = {"values": values | {"source/htx": {"transfer_form_choice": option}}}
        updates = scene.calls().count("views.update")
        assert (await scene.envelope(payload)).failure is None
        await scene.slack.wait_for(lambda: scene.calls().count("views.update") > updates)
        assert scene.bench.desk.next_reading("htx").result() is None

    form_play(act)


def test_a_share_is_asked_for_like_one_that_is_typed(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "half")
        assert await form.send() == {}
        assert "Reading what is available" in await scene.whispered()
        scene.bench.clock.advance(1)
        await note(scene, Holding(Decimal(500), "", scene.bench.clock.now()))
        transfer = scene.bench.get(1)
        assert (transfer.amount, transfer.share, transfer.channel) == (250, "half", CHANNEL)

    form_play(act)


def test_a_share_of_what_nobody_can_read_is_refused_beside_the_amount(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.typed()
        for name, value in (
            ("exchange", "coinw"),
            ("source", "coinw:master"),
            ("destination", "coinw:39000001"),
            ("currency", "USDT"),
        ):
            await form.pick(name, value)
        assert "not readable through the API" in form.words
        await form.type("amount", "all")
        assert list(await form.send()) == ["amount"]
        assert scene.bench.read("SELECT count(*) FROM wishes") == [(0,)]

    form_play(act)
