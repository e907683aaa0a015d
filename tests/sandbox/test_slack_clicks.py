"""Clicks and modals through a real Bolt app: payloads, private answers, edits in place, forms and their errors."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_bench import (
    ALICE,
    BOB,
    BOT,
    TREASURY,
    Bench,
    card,
    client_of,
    connected,
    filled,
    form,
    listening,
    workspace,
)
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack_answers import Origin
from bot.sandbox.slack_workspace import Message


async def _card(bench: Bench) -> Message:
    await bench.slack.slash(ALICE, TREASURY, "/transfer", "250 usdt")
    await bench.slack.wait_for(lambda: bool(bench.slack.workspace.messages(TREASURY)))
    return bench.slack.workspace.messages(TREASURY)[0]


def test_a_click_edits_the_card_in_place_and_answers_the_clicker_privately() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack = bench.slack
            posted = await _card(bench)
            act = await slack.press(BOB, TREASURY, posted.ts, "transfer_confirm")
            await slack.wait_for(lambda: slack.workspace.messages(TREASURY)[0].edited == 1)

            assert act.acked
            assert [message.text for message in slack.workspace.messages(TREASURY)] == ["Confirmed"]
            assert [private.text for private in slack.workspace.ephemerals(BOB)] == ["Taken."]

    asyncio.run(scenario())


def test_a_click_arrives_with_the_fields_slack_documents() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            posted = await _card(bench)
            await bench.slack.press(BOB, TREASURY, posted.ts, "look")

            payload = bench.heard[-1]
            assert payload["type"] == "block_actions"
            assert payload["user"] == {"id": BOB, "username": "bob", "name": "bob", "team_id": "T01DESK"}
            assert payload["team"]["id"] == "T01DESK"
            assert payload["container"] == {
                "type": "message",
                "message_ts": posted.ts,
                "channel_id": TREASURY,
                "is_ephemeral": False,
            }
            assert payload["message"]["ts"] == posted.ts
            [action] = payload["actions"]
            assert (action["action_id"], action["block_id"], action["value"]) == ("look", "card-1", "T1/1")
            assert action["type"] == "button" and action["action_ts"]
            assert payload["state"] == {"values": {}}

    asyncio.run(scenario())


def test_a_button_that_is_not_there_cannot_be_pressed_but_can_be_forged() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            posted = await _card(bench)
            for ts, action_id in ((posted.ts, "transfer_approve"), ("1.000001", "look")):
                with pytest.raises(LookupError):
                    await bench.slack.press(BOB, TREASURY, ts, action_id)

            forged = {"team": {"id": "T99ELSEWHERE"}, "container": {"message_ts": "1.000001"}}
            act = await bench.slack.press(BOB, TREASURY, "1.000001", "look", "T7/1", forged)
            assert act.acked
            payload = bench.heard[-1]
            assert payload["team"]["id"] == "T99ELSEWHERE"
            assert payload["container"]["channel_id"] == TREASURY
            assert payload["actions"][0]["value"] == "T7/1"

    asyncio.run(scenario())


def test_a_private_message_can_be_pressed_by_its_reader_only_and_comes_without_the_message() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            answer = await bench.client.chat_postEphemeral(
                channel=TREASURY, user=ALICE, text="yours", blocks=card("yours", "look")
            )
            with pytest.raises(LookupError):
                await bench.slack.press(BOB, TREASURY, answer["message_ts"], "look")
            await bench.slack.press(ALICE, TREASURY, answer["message_ts"], "look")

            assert bench.heard[-1]["container"]["is_ephemeral"] is True
            assert "message" not in bench.heard[-1]

    asyncio.run(scenario())


def test_a_click_nobody_acks_warns_the_clicker() -> None:
    async def scenario() -> None:
        async with connected(ack_seconds=0.2) as bench:
            message = bench.slack.workspace.post(TREASURY, BOT, "old", card("old", "a_retired_action"))
            act = await bench.slack.press(ALICE, TREASURY, message.ts, "a_retired_action")

            assert act.failure == "operation_timeout"
            assert ":warning:" in bench.slack.workspace.ephemerals(ALICE)[0].text

    asyncio.run(scenario())


def test_a_response_url_works_five_times_and_then_no_more() -> None:
    async def scenario() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            url = f"{slack.url}/response/{slack.response_urls.issue(Origin(ALICE, TREASURY))}"
            statuses = []
            for _ in range(6):
                async with session.post(url, json={"text": "again"}) as answer:
                    statuses.append(answer.status)

            assert statuses == [200] * 5 + [404]
            assert len(slack.workspace.ephemerals(ALICE)) == 5

    asyncio.run(scenario())


def test_a_response_url_dies_after_half_an_hour() -> None:
    async def scenario() -> None:
        time = [1_790_000_000.0]
        async with listening(workspace=workspace(lambda: time[0])) as slack, aiohttp.ClientSession() as session:
            url = f"{slack.url}/response/{slack.response_urls.issue(Origin(ALICE, TREASURY))}"
            time[0] += 30 * 60 + 1
            async with session.post(url, json={"text": "late"}) as answer:
                assert (await answer.json())["error"] == "expired_url"

    asyncio.run(scenario())


def test_a_response_url_replaces_or_deletes_what_was_pressed_or_speaks_to_the_channel() -> None:
    async def scenario() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            private = slack.workspace.whisper(ALICE, TREASURY, "first")
            url = f"{slack.url}/response/{slack.response_urls.issue(Origin(ALICE, TREASURY, private.ts))}"

            await session.post(url, json={"text": "second", "replace_original": True})
            assert [each.text for each in slack.workspace.ephemerals(ALICE)] == ["second"]
            await session.post(url, json={"text": "for all", "response_type": "in_channel"})
            assert [each.text for each in slack.workspace.messages(TREASURY)] == ["for all"]
            await session.post(url, json={"delete_original": True})
            assert slack.workspace.ephemerals(ALICE) == []

    asyncio.run(scenario())


def test_a_form_opens_takes_an_answer_back_and_closes() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack = bench.slack
            posted = await _card(bench)
            await slack.press(ALICE, TREASURY, posted.ts, "open_form")
            await slack.wait_for(lambda: slack.views.open_view(ALICE) is not None)
            view = slack.views.open_view(ALICE)
            assert view is not None and slack.views.open_view(BOB) is None

            incomplete = await slack.submit_view(ALICE, view.id, filled(None))
            assert incomplete.failure == "incomplete"

            await slack.submit_view(ALICE, view.id, filled("because"))
            assert dict(slack.views.stack(ALICE)[0].errors) == {"why": "Say more."}

            await slack.submit_view(ALICE, view.id, filled("and then"))
            updated = slack.views.stack(ALICE)[0]
            assert updated.id == view.id and updated.hash != view.hash
            assert updated.content["blocks"][0]["label"]["text"] == "And then?"
            assert updated.errors == {}

            await slack.submit_view(ALICE, view.id, filled("the ledger shows no row"))
            assert slack.views.open_view(ALICE) is None
            payload = bench.heard[-1]
            assert payload["type"] == "view_submission"
            assert payload["view"]["callback_id"] == "reason"
            assert payload["view"]["state"]["values"] == filled("the ledger shows no row")

    asyncio.run(scenario())


def test_a_trigger_opens_one_view_within_three_seconds() -> None:
    async def scenario() -> None:
        time = [1_790_000_000.0]
        async with listening(workspace=workspace(lambda: time[0])) as slack:
            client = client_of(slack)
            used, late = slack.triggers.issue(ALICE), slack.triggers.issue(ALICE)
            await client.views_open(trigger_id=used, view=form())
            time[0] += 3.1
            errors = []
            for trigger in (used, late, "1.2.3"):
                with pytest.raises(SlackApiError) as refused:
                    await client.views_open(trigger_id=trigger, view=form())
                errors.append(refused.value.response["error"])

            assert errors == ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]

    asyncio.run(scenario())


def test_a_view_changed_meanwhile_is_not_overwritten() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            client = client_of(slack)
            opened = (await client.views_open(trigger_id=slack.triggers.issue(ALICE), view=form()))["view"]
            await client.views_update(view_id=opened["id"], hash=opened["hash"], view=form("One"))
            with pytest.raises(SlackApiError) as refused:
                await client.views_update(view_id=opened["id"], hash=opened["hash"], view=form("Two"))

            assert refused.value.response["error"] == "hash_conflict"
            assert slack.views.stack(ALICE)[0].content["blocks"][0]["label"]["text"] == "One"

    asyncio.run(scenario())
