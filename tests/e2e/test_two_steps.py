"""Money that goes by way of the hub: two transfers on one card, through real sockets, real Bolt and a real database."""

from __future__ import annotations

import asyncio
import signal
from decimal import Decimal
from pathlib import Path

from scene import Play, Scene

from bot.sandbox.world import ALICE, ARBITRAGE, BOB, CAROL, MAKER, TREASURY

COINW = "75 usdt coinw:maker -> coinw:arbitrage"
AGAIN, BACK = "transfer_second_again", "transfer_send_back"


def cards(scene: Scene) -> int:
    return sum(bool(message.blocks) for message in scene.world.slack.workspace.messages(TREASURY))


def calls(scene: Scene) -> list[str]:
    """Everything that called the requester."""
    return [message.text for message in scene.acts.replies(f"<@{ALICE}>") if not message.blocks]


def held(scene: Scene, *accounts: str) -> list[Decimal]:
    return [scene.world.coinw.book.balance(account, "USDT") for account in accounts]


async def stranded(scene: Scene) -> None:
    """Let the first step be done and the second refused."""
    scene.world.coinw.freeze_sub(ARBITRAGE)
    await scene.acts.type(ALICE, COINW)
    await scene.acts.confirm(ALICE, 1)
    card = await scene.acts.card_saying(1, "The money is on `coinw:master`")
    assert "Refused, nothing moved" in card.text
    assert (AGAIN in str(card.blocks), BACK in str(card.blocks)) == (True, True)
    assert held(scene, "master", MAKER, ARBITRAGE) == [12075, 425, 0]


def test_from_sub_account_to_sub_account_is_one_card_one_confirm_and_one_call(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            assert "in two steps, by way of `coinw:master`" in await scene.acts.type(ALICE, COINW)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "The second step, T2: Done")
            await scene.world.slack.wait_for(lambda: len(scene.acts.audit("Done")) == 2)
            await scene.world.slack.wait_for(lambda: len(calls(scene)) == 1)
        assert cards(scene) == 1
        moved = [(movement.source, movement.destination) for movement in scene.world.coinw.executed]
        assert moved == [(MAKER, "master"), ("master", ARBITRAGE)]
        assert held(scene, "master", MAKER, ARBITRAGE) == [12000, 425, 75]
        assert len(calls(scene)) == 1

    play(act)


def test_a_first_step_found_in_the_records_in_time_is_followed_by_the_second(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.world.coinw.records_lag_s = 0
        async with scene.desk():
            scene.world.coinw.faults.plan("drop_after")
            await scene.acts.type(ALICE, COINW)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "The second step, T2: Done")
        assert len(scene.world.coinw.requests) == 2
        assert held(scene, "master", MAKER, ARBITRAGE) == [12000, 425, 75]

    play(act)


async def killed_while_the_first_step_hangs(scene: Scene, log: Path) -> None:
    scene.world.coinw.records_lag_s = 0
    scene.world.coinw.faults.plan("hang_after")
    with scene.desk_process(log) as desk:
        await scene.desk_is_open()
        await scene.acts.type(ALICE, COINW)
        await scene.acts.confirm(ALICE, 1)
        await scene.world.coinw.wait_for_executed(1)
        desk.send_signal(signal.SIGKILL)
        await asyncio.to_thread(desk.wait, 30)
    assert scene.states() == ["sending", "waiting"]
    await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 0)


async def went_on_once(scene: Scene) -> None:
    await scene.acts.card_saying(1, "The second step, T2: Done", 20)
    assert (len(scene.world.coinw.requests), cards(scene)) == (2, 1)
    assert held(scene, "master", MAKER, ARBITRAGE) == [12000, 425, 75]


def test_killed_while_the_first_step_hangs_the_next_start_finds_it_and_goes_on(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await killed_while_the_first_step_hangs(scene, tmp_path / "first.log")
        with scene.desk_process(tmp_path / "second.log"):
            await scene.desk_is_open()
            await went_on_once(scene)

    play(act)


def test_when_the_next_start_finds_the_first_step_late_it_asks_again(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await killed_while_the_first_step_hangs(scene, tmp_path / "first.log")
        # The records are read no sooner than two seconds after the start.
        scene.edit_desk_toml(('send_within = "5m"', 'send_within = "1s"'))
        with scene.desk_process(tmp_path / "second.log") as second:
            await scene.desk_is_open()
            await scene.acts.card_saying(1, "T1, the step before it, was settled late", 20)
            assert len(scene.world.coinw.requests) == 1
            scene.edit_desk_toml(('send_within = "1s"', 'send_within = "5m"'))
            second.send_signal(signal.SIGHUP)
            await scene.world.slack.wait_for(lambda: len(scene.acts.audit("is in force")) == 1)
            await scene.acts.confirm(ALICE, 1)
            await went_on_once(scene)

    play(act)


def test_killed_between_the_steps_the_next_start_sends_the_second_once(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        coinw = scene.world.coinw
        coinw.faults.plan("late", delay_s=1.0)
        with scene.desk_process(tmp_path / "first.log") as first:
            await scene.desk_is_open()
            await scene.acts.type(ALICE, COINW)
            await scene.acts.confirm(ALICE, 1)
            await coinw.wait_for_transfers(1)
            coinw.faults.break_reads(times=None)  # without a snapshot nothing is sent
            await scene.acts.card_saying(1, "It waits: ")
            first.send_signal(signal.SIGKILL)
            await asyncio.to_thread(first.wait, 30)
        assert scene.states() == ["succeeded", "approved"]
        assert len(coinw.requests) == 1
        coinw.faults.clear()
        await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 0)
        with scene.desk_process(tmp_path / "second.log"):
            await scene.desk_is_open()
            await went_on_once(scene)

    play(act)


def test_a_second_step_that_failed_can_be_tried_again(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await stranded(scene)
            scene.world.coinw.freeze_sub(ARBITRAGE, frozen=False)
            assert "T3: 75 USDT from `coinw:master` to `coinw:arbitrage`" in await scene.acts.press(BOB, 1, AGAIN)
            await scene.acts.card_saying(1, "T3 tries this step again: not confirmed yet")
            assert AGAIN not in scene.acts.card_text(1)
            await scene.acts.confirm(BOB, 3)
            await scene.acts.card_saying(3, "Done")
            await scene.acts.card_saying(1, "T3 tries this step again: done")
            assert BACK not in scene.acts.card_text(1)
        assert scene.states() == ["succeeded", "refused", "succeeded"]
        assert held(scene, "master", MAKER, ARBITRAGE) == [12000, 425, 75]

    play(act)


def test_what_is_half_way_can_be_sent_back(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await stranded(scene)
            assert "T3: 75 USDT from `coinw:master` to `coinw:maker`" in await scene.acts.press(ALICE, 1, BACK)
            await scene.acts.confirm(ALICE, 3)
            await scene.acts.card_saying(1, "T3 sends it back: done")
            assert AGAIN not in scene.acts.card_text(1)
        assert scene.states() == ["succeeded", "refused", "succeeded"]
        assert held(scene, "master", MAKER, ARBITRAGE) == [12000, 500, 0]

    play(act)


def test_htx_otc_is_reached_from_the_swaps_by_way_of_spot(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml(('to = ["htx:linear-swap", ', 'to = ["htx:otc", "htx:linear-swap", '))
        async with scene.desk():
            await scene.acts.type(ALICE, "75 usdt htx:linear-swap -> htx:otc")
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "The second step, T2: Done")
        book = scene.world.htx.book
        assert [book.balance(name, "USDT") for name in ("linear-swap", "spot", "otc")] == [2925, 25000, 75]

    play(act)


def test_one_approval_lets_both_steps_go(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, "1500 usdt htx:linear-swap -> htx:linear-swap/BTC-USDT")
            assert "waits for the approval of 1 of treasurers" in await scene.acts.confirm(ALICE, 1)
            assert len(scene.world.htx.requests) == 0
            assert "goes out next" in await scene.acts.approve(CAROL, 1)
            await scene.acts.card_saying(1, "The second step, T2: Done")
        assert [movement.amount for movement in scene.world.htx.executed] == [1500, 1500]
        assert cards(scene) == 1
        votes = scene.rows("SELECT transfer_id, approver, decision FROM approvals ORDER BY transfer_id")
        assert votes == [(1, CAROL, "approved"), (2, CAROL, "approved")]

    play(act)
