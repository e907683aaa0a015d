"""The form for a transfer, from a press in Slack to the journal and back, whatever Slack sends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from desk_bench import ALICE, CAROL, CHANNEL, STRANGER, TEAM, DeskBench, Person, rule_says
from form_filling import Filling
from form_scene import BOTH_CHANNELS, SECOND, FormScene, Play, played

from bot.accounts import Account
from bot.desk import Taken
from bot.journal import Holding
from bot.sandbox.slack_payloads import submission_payload, view_click_payload

SPOT, CROSS = Account("htx", "spot"), Account("htx", "linear-swap")
NOT_LISTED = "You are not on this desk's allowlist. Whoever keeps the desk's configuration can add you."


@pytest.fixture
def play(threaded_bench: DeskBench) -> Play:
    def run(act: Callable[[FormScene], Coroutine[Any, Any, None]], *edits: tuple[str, str]) -> None:
        played(threaded_bench, act, *edits)

    return run


def unlist(scene: FormScene, person: Person) -> None:
    """Take somebody off the allowlist of the running desk."""
    house = scene.bench.desk.house
    people = {name: user for name, user in house.config.people.items() if user != person.user}
    scene.bench.desk.house = replace(house, config=replace(house.config, people=people))


# From nothing to a proposal


def test_the_command_alone_opens_the_form_and_the_form_proposes_what_it_says(play: Play) -> None:
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

    play(act)


def test_the_shortcut_uses_the_only_channel_there_is(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.shortcut()
        assert form.fields() == ["exchange", "amount", "reason"]
        assert await (await scene.ready(form)).send() == {}
        assert scene.bench.get(1).channel == CHANNEL

    play(act)


def test_the_shortcut_asks_for_the_channel_where_there_are_several_and_the_command_does_not(play: Play) -> None:
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

    play(act, BOTH_CHANNELS)


def test_each_pick_brings_the_next_and_what_was_typed_stays(play: Play) -> None:
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

    play(act)


def test_another_source_keeps_what_can_still_be(play: Play) -> None:
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

    play(act)


# What is wrong stands beside the field


def test_a_limit_is_said_beside_the_amount_and_the_form_can_be_mended_and_sent_again(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "5000")
        told = await form.send()
        assert list(told) == ["amount"]
        assert "allows up to 1,000.00 USDT in one transfer" in told["amount"]
        assert scene.turned_away()[0][0] == ALICE.user
        await form.type("amount", "500")
        assert await form.send() == {}
        assert (await scene.whispered()).startswith("T1: 500 USDT")

    play(act)


def test_a_missing_reason_is_said_beside_the_reason(play: Play) -> None:
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

    play(act, rule_says('reason = "required"'))


def test_a_frozen_exchange_is_said_and_nothing_is_proposed(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        scene.bench.freeze("htx")
        told = await form.send()
        assert told == {"amount": "Nothing happened. htx is frozen by alice: a key leaked."}
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    play(act)


def test_a_choice_the_rules_no_longer_offer_is_said_beside_it_and_no_other_takes_its_place(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        house = scene.bench.desk.house
        rule, makers = house.config.rules
        only_isolated = replace(rule, destinations=frozenset(one for one in rule.destinations if one.isolated))
        scene.bench.desk.house = replace(house, config=replace(house.config, rules=(only_isolated, makers)))
        assert await form.send() == {"margin": "That cannot be chosen any more; please choose the margin account."}
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    play(act)


@pytest.mark.parametrize("amount", ["0", "1,250", "250 usdt", "-1", "101%"])
def test_what_is_no_amount_is_said_beside_the_amount(play: Play, amount: str) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), amount)
        assert list(await form.send()) == ["amount"]
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    play(act)


# Once


def submission(scene: FormScene, form: Filling, trigger: str) -> dict[str, Any]:
    user = scene.slack.workspace.users[form.user]
    return submission_payload(scene.slack.workspace, scene.slack.views, user, form.view, trigger)


def test_a_form_sent_twice_proposes_once_and_is_answered_alike(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        first, second = submission(scene, form, "1.a"), submission(scene, form, "2.b")
        for payload in (first, second, first):
            sent = await scene.envelope(payload)
            assert (sent.failure, sent.payload) == (None, {})
        await scene.slack.wait_for(lambda: len(scene.told()) == 3)
        assert len(set(scene.told())) == 1
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(1,)]

    play(act)


def test_a_sending_refused_is_recorded_once_however_often_it_is_delivered(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "5000")
        payload = submission(scene, form, "1.a")
        for _ in range(3):
            assert (await scene.envelope(payload)).failure is None
        assert len(scene.turned_away()) == 1

    play(act)


# A form drawn anew meanwhile


def test_a_stale_redraw_is_dropped_and_nobody_is_told(play: Play, caplog: pytest.LogCaptureFixture) -> None:
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
    play(act)


# What is available


async def note(scene: FormScene, holding: Holding, account: Account = SPOT) -> None:
    """Let the exchange's reader hand a reading of USDT back, as begun now."""
    await asyncio.wrap_future(scene.bench.desk.note_reading(Taken(account, "USDT", holding)))


def test_what_is_available_comes_when_it_was_read_and_what_was_typed_stays(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "12")
        assert "What is available on `htx:spot` is being read." in form.words
        assert scene.bench.desk.next_reading("htx").result() == (SPOT, "USDT")
        await note(scene, Holding(Decimal("1234.5"), "", scene.bench.clock.now()))
        await scene.slack.wait_for(lambda: "*1,234.50 USDT*, read <!date^" in form.words)
        assert form.typed("amount") == "12"
        assert await form.send() == {}

    play(act)


def test_a_balance_that_could_not_be_read_says_why_and_the_form_works(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        await note(scene, Holding(None, "could not be read: <!channel>", scene.bench.clock.now()))
        await scene.slack.wait_for(lambda: "could not be read: &lt;!channel&gt;" in form.words)
        assert await form.send() == {}

    play(act)


def test_one_known_a_moment_ago_is_shown_at_once_and_not_read_again(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await note(scene, Holding(Decimal(7), "", scene.bench.clock.now()))
        form = await scene.ready(await scene.typed())
        assert "*7 USDT*, read" in form.words
        assert scene.bench.desk.next_reading("htx").result() is None

    play(act)


def test_a_pick_made_while_a_balance_is_read_is_not_overdrawn_by_it(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        await form.pick("source", "htx:linear-swap")
        assert form.picked("destination") == "htx:spot"
        await note(scene, Holding(Decimal(5), "", scene.bench.clock.now()))
        await note(scene, Holding(Decimal(6), "", scene.bench.clock.now()), CROSS)
        await scene.slack.wait_for(lambda: "*6 USDT*" in form.words)
        assert "*5 USDT*" not in form.words
        assert (form.picked("source"), form.picked("destination")) == ("htx:linear-swap", "htx:spot")

    play(act)


def test_nobody_can_have_an_account_read_that_no_rule_of_theirs_names(play: Play) -> None:
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

    play(act)


def test_a_share_is_asked_for_like_one_that_is_typed(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed(), "half")
        assert await form.send() == {}
        assert "Reading what is available" in await scene.whispered()
        scene.bench.clock.advance(1)
        await note(scene, Holding(Decimal(500), "", scene.bench.clock.now()))
        transfer = scene.bench.get(1)
        assert (transfer.amount, transfer.share, transfer.channel) == (250, "half", CHANNEL)

    play(act)


def test_a_share_of_what_nobody_can_read_is_refused_beside_the_amount(play: Play) -> None:
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

    play(act)


# People who may not, and payloads of strangers


def test_a_stranger_is_turned_away_in_the_channel_and_in_the_forms_place_and_is_recorded(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        sent = await scene.slack.slash(STRANGER.user, CHANNEL, "/transfer", "")
        assert sent.payload == {"text": NOT_LISTED, "response_type": "ephemeral"}
        notice = await scene.shortcut(STRANGER)
        assert notice.fields() == []
        assert NOT_LISTED.replace("'", "") in notice.words.replace("'", "")
        assert scene.turned_away() == [(STRANGER.user, NOT_LISTED)] * 2

    play(act)


def test_whom_no_rule_names_gets_a_sentence_instead_of_a_form(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        sent = await scene.slack.slash(CAROL.user, CHANNEL, "/transfer", "")
        assert sent.payload is not None
        assert "No rule of this desk lets you move money" in sent.payload["text"]
        notice = await scene.shortcut(CAROL)
        assert notice.fields() == []
        assert "No rule of this desk lets you move money" in notice.words
        assert scene.turned_away() == []

    play(act)


def test_whoever_leaves_the_allowlist_can_neither_choose_nor_send(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        unlist(scene, ALICE)
        assert await form.send() == {"amount": NOT_LISTED}
        await form.pick("source", "htx:linear-swap")
        assert form.fields() == []
        assert "allowlist" in form.words
        assert scene.turned_away() == [(ALICE.user, NOT_LISTED)] * 2

    play(act)


FOREIGN = {"user": {"id": ALICE.user, "team_id": "T66ELSEWHERE"}, "team": {"id": "T66ELSEWHERE"}}


@pytest.mark.parametrize(
    "changes",
    [
        FOREIGN,
        {"user": {"id": STRANGER.user, "team_id": TEAM}},
        {"user": {"id": ["U01ALICE"], "team_id": {}}},
        {"view": {"type": "modal", "callback_id": "transfer_form"}},
        {"view": {"type": "modal", "callback_id": "transfer_form", "private_metadata": '{"channel": "C01TREASURY"}'}},
        {"view": {"type": "modal", "callback_id": "transfer_form", "private_metadata": "[]", "state": 5}},
        {
            "view": {
                "type": "modal",
                "callback_id": "transfer_form",
                "private_metadata": '{"channel": "C66ELSEWHERE"}',
                "id": "V1",
            }
        },
        {
            "view": {
                "type": "modal",
                "callback_id": "transfer_form",
                "private_metadata": '{"channel": "C02AUDIT"}',
                "id": "V1",
            }
        },
        {
            "view": {
                "type": "modal",
                "callback_id": "transfer_form",
                "private_metadata": '{"channel": null}',
                "id": "V1",
            }
        },
    ],
)
def test_a_hostile_sending_proposes_nothing_is_answered_and_recorded(play: Play, changes: dict[str, Any]) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        sent = await scene.envelope({**submission(scene, form, "1.a"), **changes})
        assert sent.failure is None
        assert sent.payload is not None
        assert sent.payload["response_action"] == "errors"
        assert list(sent.payload["errors"]) == ["amount"]
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]
        assert len(scene.turned_away()) == 1

    play(act)


@pytest.mark.parametrize(
    "picked",
    ["C66ELSEWHERE", "C02AUDIT", "", None, 5, ["C01TREASURY"]],
)
def test_a_channel_that_is_not_the_desks_is_refused_beside_the_channel(play: Play, picked: object) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.shortcut())
        payload = submission(scene, form, "1.a")
        option = {"selected_option": {"value": picked}}
        payload["view"]["state"]["values"] |= {"channel": {"transfer_form_choice": option}}
        sent = await scene.envelope(payload)
        assert sent.payload is not None
        assert sent.payload["errors"] == {"channel": "Please choose where the card is posted."}
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    play(act, BOTH_CHANNELS)


@pytest.mark.parametrize(
    "changes",
    [FOREIGN, {"view": None}, {"view": {"id": 5, "hash": [], "state": "x", "private_metadata": "{"}}],
)
def test_a_hostile_pick_is_acknowledged_recorded_and_draws_no_form(play: Play, changes: dict[str, Any]) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.typed()
        user = scene.slack.workspace.users[ALICE.user]
        action = {"type": "static_select", "action_id": "transfer_form_choice", "block_id": "exchange"}
        payload = view_click_payload(scene.slack.workspace, scene.slack.views, user, form.view, action, "1.a")
        assert (await scene.envelope({**payload, **changes})).failure is None
        assert len(scene.turned_away()) == 1

    play(act)


# Trouble


def test_a_trigger_that_has_expired_is_told_where_the_command_was_typed(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        scene.slack.switches.turn_on("trigger_expired")
        assert (await scene.slack.slash(ALICE.user, CHANNEL, "/transfer", "")).payload == {}
        assert "Slack did not open the form" in await scene.whispered()

    play(act)


def test_without_a_journal_the_form_stays_open_and_says_so(play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        await asyncio.to_thread(scene.bench.journal.close)
        told = await form.send()
        assert list(told) == ["amount"]
        assert "cannot write its journal" in told["amount"]
        scene.bench.open()

    play(act)
