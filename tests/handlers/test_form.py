"""The form for a transfer, from a press in Slack to the journal and back, whatever Slack sends."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest
from desk_bench import ALICE, CHANNEL, TEAM, rule_says
from form_scene import BOTH_CHANNELS, SECOND, FormScene, Play, submission

from bot.accounts import Account
from bot.sandbox.slack_payloads import view_click_payload

SPOT, CROSS = Account("htx", "spot"), Account("htx", "linear-swap")
NOT_LISTED = "You are not on this desk's allowlist. Whoever keeps the desk's configuration can add you."


# From nothing to a proposal


def test_the_command_alone_opens_the_form_and_the_form_proposes_what_it_says(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "1.5")
        await form.type("reason", "topping up <@U02BOB> & co")
        assert await form.send() == {}
        told = await scene.whispered()
        assert told.startswith("T1: 1.5 USDT from `htx:spot` to `htx:linear-swap`.")
        assert "press Confirm there" in told
        transfer = scene.bench.get(1)
        assert (transfer.requester, transfer.channel, transfer.team) == (ALICE.user, CHANNEL, TEAM)
        assert transfer.reason == "topping up <@U02BOB> & co"
        (event,) = scene.bench.events("proposed")
        assert event.data["asked"].startswith("1.5 usdt from htx:spot to htx:linear-swap reason topping up")

    form_play(act)


def test_the_shortcut_uses_the_only_channel_there_is(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.shortcut()
        assert form.fields() == ["exchange", "amount", "reason"]
        assert await (await scene.ready(form)).send() == {}
        assert scene.bench.get(1).channel == CHANNEL

    form_play(act)


def test_the_shortcut_asks_for_the_channel_where_there_are_several_and_the_command_does_not(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.shortcut())
        assert (form.fields()[0], form.options("channel")) == ("channel", [CHANNEL, SECOND])
        assert "#vault" in form.words
        assert await form.send() == {"channel": "Please complete this required field."}
        await form.pick("channel", SECOND)
        assert await form.send() == {}
        assert scene.bench.get(1).channel == SECOND
        assert (await scene.whispered()).startswith("T1:")
        typed = await scene.ready(await scene.typed(channel=SECOND))
        assert "channel" not in typed.fields()
        assert await typed.send() == {}
        assert scene.bench.get(2).channel == SECOND

    form_play(act, BOTH_CHANNELS)


def test_each_pick_brings_the_next_and_what_was_typed_stays(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.typed()
        await form.type("amount", "12.5")
        await form.type("reason", "because")
        await form.pick("exchange", "coinw")
        assert form.options("source") == ["coinw:master", "coinw:39000002", "coinw:39000001"]
        await form.pick("source", "coinw:39000001")
        await form.pick("destination", "coinw:master")
        await form.pick("currency", "BTC")
        await form.pick("exchange", "htx")
        assert form.options("source") == ["htx:spot", "htx:linear-swap"]
        assert (form.picked("source"), form.fields()) == (None, ["exchange", "source", "amount", "reason"])
        assert (form.typed("amount"), form.typed("reason")) == ("12.5", "because")

    form_play(act)


def test_another_source_keeps_what_can_still_be(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.typed()
        await form.pick("exchange", "coinw")
        await form.pick("source", "coinw:39000001")
        await form.pick("destination", "coinw:39000002")
        await form.pick("currency", "BTC")
        await form.pick("source", "coinw:master")
        assert (form.picked("destination"), form.picked("currency")) == ("coinw:39000002", "BTC")
        await form.pick("source", "coinw:39000002")
        assert form.picked("destination") is None
        assert "currency" not in form.fields()

    form_play(act)


# What is wrong stands beside the field


def test_a_limit_is_said_beside_the_amount_and_the_form_can_be_mended_and_sent_again(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "5000")
        told = await form.send()
        assert list(told) == ["amount"]
        assert "allows up to 1,000.00 USDT in one transfer" in told["amount"]
        assert scene.turned_away()[0][0] == ALICE.user
        await form.type("amount", "500")
        assert await form.send() == {}
        assert (await scene.whispered()).startswith("T1: 500 USDT")

    form_play(act)


def test_a_missing_reason_is_said_beside_the_reason(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        assert await form.send() == {"reason": "Please complete this required field."}  # by Slack's own client
        view = form.view
        blocks = [
            {**block, "optional": True} if block["block_id"] == "reason" else block for block in view.content["blocks"]
        ]
        scene.slack.views.update(view.id, {**view.content, "blocks": blocks})
        told = await form.send()
        assert list(told) == ["reason"]
        assert "wants a reason" in told["reason"]
        await form.type("reason", "month-end")
        assert await form.send() == {}

    form_play(act, rule_says('reason = "required"'))


def test_a_frozen_exchange_is_said_and_nothing_is_proposed(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        scene.bench.freeze("htx")
        told = await form.send()
        assert told == {"amount": "Nothing happened. htx is frozen by alice: a key leaked."}
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    form_play(act)


def test_a_choice_the_rules_no_longer_offer_is_said_beside_it_and_no_other_takes_its_place(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        house = scene.bench.desk.house
        rule, makers = house.config.rules
        only_isolated = replace(rule, destinations=frozenset(one for one in rule.destinations if one.isolated))
        scene.bench.desk.house = replace(house, config=replace(house.config, rules=(only_isolated, makers)))
        assert await form.send() == {"margin": "That cannot be chosen any more; please choose the margin account."}
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    form_play(act)


@pytest.mark.parametrize("amount", ["0", "1,250", "250 usdt", "-1", "101%"])
def test_what_is_no_amount_is_said_beside_the_amount(form_play: Play, amount: str) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), amount)
        assert list(await form.send()) == ["amount"]
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    form_play(act)


# Once


def test_a_form_sent_twice_proposes_once_and_is_answered_alike(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        first, second = submission(scene, form, "1.a"), submission(scene, form, "2.b")
        for payload in (first, second, first):
            sent = await scene.envelope(payload)
            assert (sent.failure, sent.payload) == (None, {})
        await scene.slack.wait_for(lambda: len(scene.told()) == 3)
        assert len(set(scene.told())) == 1
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(1,)]

    form_play(act)


def test_a_sending_refused_is_recorded_once_however_often_it_is_delivered(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "5000")
        payload = submission(scene, form, "1.a")
        for _ in range(3):
            assert (await scene.envelope(payload)).failure is None
        assert len(scene.turned_away()) == 1

    form_play(act)


# A form drawn anew meanwhile


def test_a_stale_redraw_is_dropped_and_nobody_is_told(form_play: Play, caplog: pytest.LogCaptureFixture) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.typed()
        await form.pick("exchange", "htx")
        stale = form.view
        await form.pick("source", "htx:spot")
        now = form.view
        action = {"type": "static_select", "action_id": "transfer_form_choice", "block_id": "exchange"}
        user = scene.slack.workspace.users[ALICE.user]
        described = view_click_payload(scene.slack.workspace, scene.slack.views, user, stale, action, "1.a")
        described["view"]["hash"] = stale.hash
        updates = scene.calls().count("views.update")
        assert (await scene.envelope(described)).failure is None
        await scene.slack.wait_for(lambda: scene.calls().count("views.update") > updates)
        assert form.view == now
        assert caplog.records == []

    caplog.set_level(logging.WARNING, logger="handlers")
    form_play(act)


# Trouble


def test_a_trigger_that_has_expired_is_told_where_the_command_was_typed(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        scene.slack.switches.turn_on("trigger_expired")
        assert (await scene.slack.slash(ALICE.user, CHANNEL, "/transfer", "")).payload == {}
        assert "Slack did not open the form" in await scene.whispered()

    form_play(act)


def test_without_a_journal_the_form_stays_open_and_says_so(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        await asyncio.to_thread(scene.bench.journal.close)
        told = await form.send()
        assert list(told) == ["amount"]
        assert "cannot write its journal" in told["amount"]
        scene.bench.open()

    form_play(act)
