"""Slash commands through a real Bolt app: what the app is sent, what the person sees, what goes wrong between."""

from __future__ import annotations

import asyncio

import pytest
from slack_bench import ALICE, AUDIT, BOB, RANDOM, TREASURY, card, connected, listening, workspace

from bot.sandbox.slack_payloads import escaped
from bot.sandbox.slack_workspace import SLACKBOT


def test_a_command_is_acked_privately_and_its_card_appears_in_the_channel() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack = bench.slack
            act = await slack.slash(ALICE, TREASURY, "/transfer", "250 usdt")
            await slack.wait_for(lambda: len(slack.workspace.messages(TREASURY)) == 1)

            assert act.acked and act.seconds is not None and act.seconds < 3
            assert [private.text for private in slack.workspace.ephemerals(ALICE)] == ["Proposed: 250 usdt"]
            assert slack.workspace.ephemerals(BOB) == []
            [message] = slack.workspace.messages(TREASURY)
            assert message.user == slack.workspace.bot.id
            assert message.blocks[1]["elements"][0]["action_id"] == "transfer_confirm"

    asyncio.run(scenario())


def test_a_command_arrives_with_the_fields_slack_documents() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            await bench.slack.slash(BOB, AUDIT, "/transfer", "quietly")

            [payload] = bench.heard
            assert payload["team_id"] == "T01DESK"
            assert payload["user_id"] == BOB
            assert payload["channel_id"] == AUDIT
            assert payload["channel_name"] == "privategroup"
            assert payload["api_app_id"] == "A01DESK"
            assert payload["response_url"].startswith(bench.slack.url)
            assert payload["trigger_id"]

    asyncio.run(scenario())


def test_a_public_answer_shows_what_was_typed() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            await bench.slack.slash(ALICE, TREASURY, "/transfer", "public")

            typed, answered = bench.slack.workspace.messages(TREASURY)
            assert (typed.user, typed.text) == (ALICE, "/transfer public")
            assert answered.text == "done"

    asyncio.run(scenario())


def test_a_command_nobody_acks_is_shown_as_timed_out() -> None:
    async def scenario() -> None:
        async with connected(ack_seconds=0.3) as bench:
            slack = bench.slack
            act = await slack.slash(ALICE, TREASURY, "/transfer", "silence")

            assert not act.acked
            assert act.failure == "operation_timeout"
            assert [failure.code for failure in slack.workspace.failures] == ["operation_timeout"]
            [note] = slack.workspace.ephemerals(ALICE)
            assert note.user == SLACKBOT
            assert note.text == '/transfer failed with the error "operation_timeout"'

    asyncio.run(scenario())


def test_a_lost_delivery_never_reaches_the_app() -> None:
    async def scenario() -> None:
        async with connected(ack_seconds=0.2) as bench:
            bench.slack.switches.turn_on("lose_delivery")
            lost = await bench.slack.slash(ALICE, TREASURY, "/transfer", "quietly")
            found = await bench.slack.slash(ALICE, TREASURY, "/transfer", "quietly")

            assert lost.failure == "operation_timeout"
            assert found.acked
            assert len(bench.heard) == 1

    asyncio.run(scenario())


def test_a_delivery_repeated_reaches_the_app_twice_and_is_answered_once() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack = bench.slack
            slack.switches.turn_on("deliver_twice")
            act = await slack.slash(ALICE, TREASURY, "/transfer", "quietly")
            await slack.wait_for(lambda: len(act.acks) == 2)

            assert [heard["trigger_id"] for heard in bench.heard] == [act.envelope["payload"]["trigger_id"]] * 2
            assert len(slack.workspace.ephemerals(ALICE)) == 1

            assert await slack.socket.redeliver(act)
            await slack.wait_for(lambda: len(act.acks) == 3)
            assert len(slack.workspace.ephemerals(ALICE)) == 1

    asyncio.run(scenario())


def test_without_an_app_a_command_fails_at_once() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            act = await slack.slash(ALICE, TREASURY, "/transfer", "help")

            assert act.failure == "dispatch_failed"
            assert act.seconds is None

    asyncio.run(scenario())


def test_a_command_the_app_does_not_have_is_refused_by_slack_itself() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            await bench.slack.slash(ALICE, RANDOM, "/transfers", "help")

            assert bench.heard == []
            assert bench.slack.workspace.ephemerals(ALICE)[0].user == SLACKBOT

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("1 usdt htx:spot -> htx:linear-swap/BTC-USDT", "1 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT"),
        ("a & b <c>", "a &amp; b &lt;c&gt;"),
        ("to @bob in #treasury", "to <@U02BOB|bob> in <#C01TREASURY|treasury>"),
        ("to @nobody", "to @nobody"),
        ("see https://example.com/a?b=1", "see <https://example.com/a?b=1>"),
        ("from binance.com now", "from <http://binance.com|binance.com> now"),
        ("1.5 usdt", "1.5 usdt"),
    ],
)
def test_text_is_escaped_as_slack_escapes_it(typed: str, sent: str) -> None:
    assert escaped(typed, workspace()) == sent


def test_without_should_escape_only_control_characters_are_written_as_entities() -> None:
    assert escaped("@bob > binance.com", workspace(), should_escape=False) == "@bob &gt; binance.com"


def test_message_times_increase_even_when_the_clock_stands_still() -> None:
    still = workspace(now=lambda: 1_790_000_000.25)
    times = [still.post(TREASURY, ALICE, "x", card("x")).ts for _ in range(3)]

    assert times == ["1790000000.250000", "1790000000.250001", "1790000000.250002"]
