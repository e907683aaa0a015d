"""The form and the Home tab from end to end: real sockets, real Bolt, a real desk, a local Slack and exchanges."""

from __future__ import annotations

from form_filling import Filling
from scene import Play, Scene

from bot.sandbox.world import ALICE, APPROVALS, BOB, CAROL, MALLORY, TREASURY

LIMIT = f'per_transfer = "5000"\nper_day = "50000"\n{APPROVALS}'
ONE = 'per_transfer = "5000"\napprovals = [{ count = 1, from = "treasurers" }]'
FROM_SPOT = (("exchange", "htx"), ("source", "htx:spot"), ("destination", "htx:linear-swap"), ("margin", "USDT"))


async def command(scene: Scene, user: str = ALICE) -> Filling:
    """Type `/transfer` alone and wait for the form."""
    assert await scene.acts.type(user, "") == ""
    form = Filling(scene.world.slack, user)
    await form.opened()
    return form


async def fill(form: Filling, amount: str) -> None:
    for name, value in FROM_SPOT:
        if form.picked(name) != value:
            await form.pick(name, value)
    await form.type("amount", amount)


def home(scene: Scene, user: str) -> str:
    view = scene.world.slack.views.homes.get(user)
    return str(view.content["blocks"]) if view else ""


async def home_saying(scene: Scene, user: str, words: str) -> str:
    await scene.world.slack.wait_for(lambda: words in home(scene, user), 10)
    return home(scene, user)


def test_the_form_becomes_a_card_and_the_card_a_transfer(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            form = await command(scene)
            await fill(form, "0.2k")
            assert await form.send() == {}
            await scene.world.slack.wait_for(lambda: bool(scene.acts.whispers(ALICE)))
            assert scene.acts.whispers(ALICE)[-1].startswith("T1: 200 USDT from `htx:spot`")
            await scene.acts.card_saying(1, "200 USDT")
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        assert len(scene.world.htx.executed) == 1

    play(act)


def test_the_shortcut_and_the_home_tab_open_the_same_form_for_the_desks_channel(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        async with scene.desk():
            await slack.run_shortcut(ALICE, "transfer_form")
            form = Filling(slack, ALICE)
            await form.opened()
            await fill(form, "10")
            assert await form.send() == {}
            await slack.open_home(BOB)
            await home_saying(scene, BOB, "New transfer")
            await slack.press_in_view(BOB, slack.views.homes[BOB].id, "home_new_transfer")
            again = Filling(slack, BOB)
            await again.opened()
            await fill(again, "20")
            assert await again.send() == {}
            await scene.acts.card_saying(2, "20 USDT")
        assert scene.rows("SELECT requester, channel, amount FROM transfers") == [
            (ALICE, TREASURY, "10"),
            (BOB, TREASURY, "20"),
        ]

    play(act)


def test_the_form_asks_for_the_channel_where_the_desk_serves_two(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        scene.edit_desk_toml(
            (f'channels = ["{TREASURY}"]', f'channels = ["{TREASURY}", "C02AUDIT"]'),
            (
                'audit_channel = "C02AUDIT"',
                'audit_channel = "C09RECORD"',
            ),
        )
        bot = slack.workspace.bot.id
        audit = slack.workspace.channels["C02AUDIT"]
        slack.workspace.put_channel(type(audit)("C09RECORD", "record", frozenset({bot}), is_private=True))
        async with scene.desk():
            await slack.run_shortcut(ALICE, "transfer_form")
            form = Filling(slack, ALICE)
            await form.opened()
            assert form.options("channel") == [TREASURY, "C02AUDIT"]
            assert f"#{slack.workspace.channels[TREASURY].name}" in form.words

    play(act)


def test_what_the_policy_refuses_stands_beside_the_field_and_moves_nothing(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            form = await command(scene)
            await fill(form, "5001")
            assert "allows up to 5,000.00 USDT" in (await form.send())["amount"]
            await form.type("amount", "5,000")
            assert "can be read in two ways" in (await form.send())["amount"]
            await form.type("amount", "5000")
            assert await form.send() == {}
        assert scene.states() == ["proposed"]

    play(act)


def test_what_is_available_comes_into_the_form_and_half_of_it_can_be_asked_for(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            form = await command(scene)
            await form.type("amount", "10%")
            await fill(form, "10%")
            await scene.world.slack.wait_for(lambda: "*25,000.00 USDT*, read" in form.words)
            assert form.typed("amount") == "10%"
            assert await form.send() == {}
            await scene.world.slack.wait_for(lambda: bool(scene.acts.whispers(ALICE)))
            assert "Reading what is available" in scene.acts.whispers(ALICE)[-1]
            await scene.acts.card_saying(1, "2,500.00 USDT")

    play(act)


def test_a_redraw_that_comes_too_late_is_dropped(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        async with scene.desk():
            form = await command(scene)
            slack.switches.turn_on("hash_conflict")
            block = form.block("exchange")
            assert block is not None
            await slack.change_in_view(ALICE, form.view.id, block["block_id"], "transfer_form_choice", "htx")
            await slack.wait_for(lambda: "hash_conflict" in [passage.outcome for passage in slack.wire.passages])
            await form.pick("exchange", "coinw")  # the next one gets through
            assert form.options("source")[0] == "coinw:master"
            assert scene.acts.whispers(ALICE) == []

    play(act)


def test_a_stranger_gets_neither_form_nor_home(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        async with scene.desk():
            await scene.acts.type(ALICE, "250 usdt htx:spot -> htx:linear-swap")
            assert "not on this desk's allowlist" in await scene.acts.type(MALLORY, "")
            await slack.run_shortcut(MALLORY, "transfer_form")
            notice = Filling(slack, MALLORY)
            await notice.opened()
            assert notice.fields() == []
            assert "allowlist" in notice.words
            await slack.open_home(MALLORY)
            shown = await home_saying(scene, MALLORY, "you are not on it")
            assert "T1" not in shown
            assert len(slack.views.homes[MALLORY].content["blocks"]) == 1
        assert scene.rows("SELECT actor FROM events WHERE kind = 'turned_away'") == [(MALLORY,), (MALLORY,)]
        assert scene.rows("SELECT person FROM homes") == []

    play(act)


def test_home_follows_what_happens_within_slacks_limits(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        scene.edit_desk_toml((LIMIT, ONE))
        slack.switches.turn_on("keep_limits")
        async with scene.desk():
            for user in (ALICE, CAROL):
                await slack.open_home(user)
                await home_saying(scene, user, "Nothing waits for you.")
            await scene.acts.type(ALICE, "75 usdt htx:spot -> htx:linear-swap")
            await home_saying(scene, ALICE, "*Confirm it:* *T1*")
            await scene.acts.confirm(ALICE, 1)
            await home_saying(scene, CAROL, "*Approve or deny it:* *T1*")
            await scene.acts.approve(CAROL, 1)
            await scene.acts.card_saying(1, "Done")
            shown = await home_saying(scene, CAROL, "✅ done")
            assert "Nothing waits for you." in shown
            await scene.acts.type(ALICE, "freeze htx a key leaked")
            await home_saying(scene, ALICE, "htx is frozen by alice: a key leaked.")
        outcomes = [passage.outcome for passage in slack.wire.passages if passage.name == "views.publish"]
        assert set(outcomes) == {"ok"}

    play(act)


def test_a_restart_publishes_nothing_that_is_shown_already(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack

        def publications() -> int:
            return [call.method for call in slack.web_api.calls].count("views.publish")

        async with scene.desk():
            await slack.open_home(ALICE)
            await home_saying(scene, ALICE, "Nothing waits for you.")
        before = publications()
        async with scene.desk():
            await scene.acts.type(BOB, "75 usdt htx:spot -> htx:linear-swap")
            await home_saying(scene, ALICE, "T1")
        assert publications() == before + 1

    play(act)
