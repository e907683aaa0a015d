"""What the page tells and lets people do beside commands and cards: Home tab, form, threads, files, messages, wire."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from page_bench import on_the_page, post, state_of
from slack_bench import ALICE, AUDIT, BOB, BOT, EVE, TREASURY, Bench, card, filled, form

from bot.sandbox.page_api import Page

PNG = b"\x89PNG\r\n\x1a\n"


def _select(*names: str) -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": name.upper()}, "value": name} for name in names]
    label = {"type": "plain_text", "text": "From"}
    element = {"type": "static_select", "action_id": "look", "options": options}
    return {"type": "input", "block_id": "from", "label": label, "element": element, "dispatch_action": True}


def test_the_home_tab_is_opened_drawn_and_pressed_by_its_person() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        @bench.app.event("app_home_opened")
        async def opened(event: dict[str, Any]) -> None:
            await bench.client.views_publish(user_id=event["user"], view={"type": "home", "blocks": card("Hi", "look")})

        assert (await state_of(session, ALICE))["home"] == {"enabled": True, "view": None}
        assert await post(session, "/sandbox/home", **{"as": ALICE}) == (
            200,
            {"sent": True, "acked": True, "failure": None},
        )
        await bench.slack.wait_for(lambda: ALICE in bench.slack.views.homes)

        view = (await state_of(session, ALICE))["home"]["view"]
        assert view["blocks"][0]["text"]["text"] == "Hi"
        assert (await state_of(session, BOB))["home"]["view"] is None
        press = {"as": ALICE, "view_id": view["id"], "block_id": "card-1", "action_id": "look"}
        assert (await post(session, "/sandbox/view/press", **press))[1]["acked"] is True
        assert bench.heard[-1]["view"]["id"] == view["id"]
        assert (await post(session, "/sandbox/view/press", **{**press, "as": BOB}))[0] == 404
        assert (await post(session, "/sandbox/view/press", **{**press, "block_id": "card-2"}))[0] == 404

    on_the_page(scenario)


def test_the_shortcut_is_listed_and_run() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        @bench.app.shortcut("transfer_form")
        async def run(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            await bench.client.views_open(trigger_id=body["trigger_id"], view=form())

        (shortcut,) = (await state_of(session, ALICE))["shortcuts"]
        assert shortcut["name"] == "Move money"
        done = await post(session, "/sandbox/shortcut", **{"as": ALICE, "callback_id": shortcut["callback_id"]})
        assert done[1]["acked"] is True
        await bench.slack.wait_for(lambda: bench.slack.views.open_view(ALICE) is not None)
        assert (await state_of(session, ALICE))["view"]["title"] == "Settle T1"
        assert (await post(session, "/sandbox/shortcut", **{"as": ALICE, "callback_id": "x"}))[0] == 404

    on_the_page(scenario)


def test_fields_are_filled_and_chosen_from_the_page() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        content = form()
        content["blocks"].append(_select("spot", "otc"))
        view = bench.slack.views.open(ALICE, content)
        typed = {"as": ALICE, "view_id": view.id, "block_id": "why", "action_id": "text", "value": "hedge"}
        silent = (await post(session, "/sandbox/view/change", **typed))[1]
        assert silent == {"sent": False, "acked": False, "failure": None}
        chosen = {"as": ALICE, "view_id": view.id, "block_id": "from", "action_id": "look", "value": "otc"}
        assert (await post(session, "/sandbox/view/change", **chosen))[1]["acked"] is True

        values = (await state_of(session, ALICE))["view"]["values"]
        assert values["why"]["text"]["value"] == "hedge"
        assert values["from"]["look"]["selected_option"]["value"] == "otc"
        assert bench.heard[-1]["view"]["state"]["values"] == values
        assert (await post(session, "/sandbox/view/change", **{**chosen, "value": "futures"}))[0] == 404
        assert (await post(session, "/sandbox/view/change", **{**chosen, "value": 5}))[0] == 400

        emptied = {"as": ALICE, "view_id": view.id, "values": filled(None)}
        answer = (await post(session, "/sandbox/submit", **emptied))[1]
        assert answer == {"sent": False, "acked": False, "failure": "incomplete"}
        assert list((await state_of(session, ALICE))["view"]["errors"]) == ["why"]

    on_the_page(scenario)


@pytest.mark.parametrize("values", [[], {"why": "x"}, {"why": {"text": "x"}}])
def test_fields_of_another_shape_are_refused(values: Any) -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        view = bench.slack.views.open(ALICE, form())
        for path, more in (("submit", {}), ("view/press", {"block_id": "why", "action_id": "text"})):
            body = {"as": ALICE, "view_id": view.id, "values": values, **more}
            assert (await post(session, f"/sandbox/{path}", **body))[0] == 400

    on_the_page(scenario)


def test_a_thread_is_told_on_its_first_message() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        root = await bench.client.chat_postMessage(channel=TREASURY, text="card")
        for user, text in ((BOB, "why?"), (BOT, "Done")):
            last = bench.slack.workspace.post(TREASURY, user, text, thread_ts=root["ts"])
        await bench.client.chat_postEphemeral(channel=TREASURY, user=ALICE, text="Psst", thread_ts=root["ts"])

        state = await state_of(session, ALICE)
        first, *replies = state["messages"][TREASURY]
        assert (first["reply_count"], first["reply_users"], first["latest_reply"]) == (2, [BOB, BOT], last.ts)
        assert [(one["text"], one["thread_ts"], one["reply_count"]) for one in replies] == [
            ("why?", root["ts"], 0),
            ("Done", root["ts"], 0),
        ]
        assert "latest_reply" not in replies[0]
        assert [private["thread_ts"] for private in state["ephemerals"]] == [root["ts"]]
        assert (await state_of(session, BOB))["ephemerals"] == []

    on_the_page(scenario)


def test_a_file_is_handed_to_those_who_see_it() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        upload = bench.client.files_upload_v2
        await upload(filename="flow.png", content=PNG, alt_txt="A flow", channel=AUDIT, title="Flow")
        await upload(filename="T é.html", content="<script>", channel=TREASURY)

        picture = (await state_of(session, BOB))["messages"][AUDIT][0]["files"][0]
        assert (picture["name"], picture["title"], picture["alt_txt"]) == ("flow.png", "Flow", "A flow")
        assert (picture["mimetype"], picture["size"]) == ("image/png", len(PNG))
        async with session.get(picture["url"]) as answer:
            assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", PNG)
            assert answer.headers["Content-Disposition"].startswith("inline;")
        for url in (picture["url"].replace(BOB, ALICE), picture["url"].replace(BOB, EVE)):
            async with session.get(url) as answer:
                assert answer.status == 404

        document = (await state_of(session, EVE))["messages"][TREASURY][0]["files"][0]
        async with session.get(document["url"]) as answer:
            assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''T%20%C3%A9.html"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

    on_the_page(scenario)


def test_direct_messages_are_beside_the_channels_of_their_person() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        direct = (await bench.client.conversations_open(users=BOB))["channel"]["id"]
        await bench.client.chat_postMessage(channel=direct, text="Your export")

        his, hers = await state_of(session, BOB), await state_of(session, ALICE)
        assert his["dms"] == [{"id": direct, "with": BOT}]
        assert [message["text"] for message in his["messages"][direct]] == ["Your export"]
        assert direct not in {channel["id"] for channel in his["channels"]}
        assert hers["dms"] == [] and direct not in hers["messages"]
        assert direct not in {one["id"] for one in his["standings"]}
        assert (await post(session, "/sandbox/standing", subject=direct, standing="archived"))[0] == 404

    on_the_page(scenario)


def test_the_wire_is_told_newest_last() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        await post(session, "/sandbox/slash", **{"as": ALICE, "channel": TREASURY, "text": "/transfer quietly"})
        last = (await state_of(session, BOB))["wire"][-1]

        assert (last["direction"], last["name"], last["who"], last["where"], last["outcome"]) == (
            "to_app",
            "command /transfer",
            ALICE,
            TREASURY,
            "acked",
        )
        assert last["at"].endswith("Z") and last["took_ms"] >= 0

    on_the_page(scenario)
