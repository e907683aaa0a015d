"""The page's server: who is let in, what each person sees, acts in their name, faults and switches, live changes."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from page_bench import coinw, on_the_page, post, state_of
from slack_bench import ALICE, AUDIT, BOB, BOT, EVE, TREASURY, Bench, filled

from bot.sandbox import slack_standings
from bot.sandbox.page_api import Page


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "["},
        {"Host": "rebound.example", "Origin": "http://rebound.example"},
    ],
)
def test_another_origin_or_host_is_refused(headers: dict[str, str]) -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        body = {"as": ALICE, "channel": TREASURY, "text": "/transfer quietly"}
        async with session.post("/sandbox/slash", json=body, headers=headers) as answer:
            assert answer.status == 403
        for path in ("/sandbox/state", "/sandbox/events", "/"):
            async with session.get(path, headers=headers) as answer:
                assert answer.status == 403
        assert bench.heard == []

    on_the_page(scenario)


def test_the_page_itself_is_let_in() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        async with session.get("/sandbox/state", headers={"Origin": page.url}) as answer:
            assert answer.status == 200

    on_the_page(scenario)


def test_a_form_from_elsewhere_cannot_act() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        body = json.dumps({"as": ALICE, "channel": TREASURY, "text": "/transfer quietly"})
        async with session.post("/sandbox/slash", data=body, headers={"Content-Type": "text/plain"}) as answer:
            assert answer.status == 415
        assert bench.heard == []

    on_the_page(scenario)


def test_everything_comes_with_a_policy_that_loads_nothing_from_elsewhere() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        for path in ("/", "/static/app.js", "/sandbox/state", "/sandbox/nothing"):
            async with session.get(path) as answer:
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
                assert answer.headers["X-Content-Type-Options"] == "nosniff"

    on_the_page(scenario)


def test_a_command_typed_on_the_page_is_seen_by_those_it_concerns() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        done = await post(session, "/sandbox/slash", **{"as": ALICE, "channel": TREASURY, "text": "/transfer 250"})
        assert done == (200, {"sent": True, "acked": True, "failure": None})
        await bench.slack.wait_for(lambda: bool(bench.slack.workspace.messages(TREASURY)))

        hers, his, stranger = [await state_of(session, person) for person in (ALICE, BOB, EVE)]
        assert [private["text"] for private in hers["ephemerals"]] == ["Proposed: 250"]
        assert his["ephemerals"] == [] and stranger["ephemerals"] == []
        assert [message["text"] for message in his["messages"][TREASURY]] == ["250"]
        assert AUDIT in his["messages"] and AUDIT not in hers["messages"] and AUDIT not in stranger["messages"]
        assert {"id": ALICE, "name": "Alice", "role": "may transfer"} in hers["users"]

        ts = hers["ephemerals"][0]["ts"]
        await post(session, "/sandbox/dismiss", **{"as": BOB, "ts": ts})
        assert len((await state_of(session, ALICE))["ephemerals"]) == 1
        await post(session, "/sandbox/dismiss", **{"as": ALICE, "ts": ts})
        assert (await state_of(session, ALICE))["ephemerals"] == []

    on_the_page(scenario)


def test_a_button_and_a_form_work_from_the_page() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        slack = bench.slack
        await post(session, "/sandbox/slash", **{"as": ALICE, "channel": TREASURY, "text": "/transfer 250"})
        await slack.wait_for(lambda: bool(slack.workspace.messages(TREASURY)))
        ts = slack.workspace.messages(TREASURY)[0].ts
        button = {"as": ALICE, "channel": TREASURY, "ts": ts, "action_id": "open_form", "value": "T1/1"}
        assert (await post(session, "/sandbox/press", **button))[0] == 200
        await slack.wait_for(lambda: slack.views.open_view(ALICE) is not None)

        view = (await state_of(session, ALICE))["view"]
        assert (view["title"], view["submit"], view["errors"]) == ("Settle T1", "Settle", {})
        assert (await state_of(session, BOB))["view"] is None
        submit = {"as": ALICE, "view_id": view["id"]}
        await post(session, "/sandbox/submit", **submit, values=filled("because"))
        assert (await state_of(session, ALICE))["view"]["errors"] == {"why": "Say more."}
        await post(session, "/sandbox/close_view", **submit)
        assert (await state_of(session, ALICE))["view"] is None

    on_the_page(scenario)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/sandbox/slash", {"as": ALICE, "channel": TREASURY, "text": "hello"}, 400),
        ("/sandbox/slash", {"as": ALICE, "channel": AUDIT, "text": "/transfer help"}, 404),
        ("/sandbox/slash", {"as": "U404", "channel": TREASURY, "text": "/transfer help"}, 404),
        ("/sandbox/slash", {"as": ALICE}, 400),
        ("/sandbox/press", {"as": ALICE, "channel": TREASURY, "ts": "1.1", "action_id": "x", "value": None}, 404),
        ("/sandbox/submit", {"as": ALICE, "view_id": "V1", "values": {}}, 404),
        ("/sandbox/submit", {"as": ALICE, "view_id": "V1", "values": 1}, 400),
        ("/sandbox/fault", {"exchange": "nowhere", "kind": "late", "times": 1}, 404),
        ("/sandbox/fault", {"exchange": "coinw", "kind": "nonsense", "times": 1}, 400),
        ("/sandbox/fault", {"exchange": "coinw", "kind": "late", "times": "1"}, 400),
        ("/sandbox/fault", {"exchange": "coinw", "kind": "late", "times": True}, 400),
        ("/sandbox/fault", {"exchange": "coinw", "kind": "late", "times": 0}, 400),
        ("/sandbox/fault", {"exchange": "coinw", "kind": "late", "times": 10**9}, 400),
        ("/sandbox/records_lag", {"exchange": "nowhere", "seconds": 3}, 404),
        ("/sandbox/records_lag", {"exchange": "coinw", "seconds": -1}, 400),
        ("/sandbox/records_lag", {"exchange": "coinw", "seconds": False}, 400),
        ("/sandbox/records_lag", {"exchange": "coinw"}, 400),
        ("/sandbox/switch", {"name": "nonsense", "on": True}, 404),
        ("/sandbox/standing", {"subject": "U404", "standing": "deactivated"}, 404),
        ("/sandbox/standing", {"subject": ALICE, "standing": "archived"}, 404),
        ("/sandbox/standing", {"subject": TREASURY, "standing": "deactivated"}, 404),
        ("/sandbox/standing", {"subject": BOT, "standing": "deactivated"}, 404),
        ("/sandbox/standing", {"subject": ALICE}, 400),
    ],
)
def test_what_cannot_be_done_is_answered_with_a_sentence(path: str, body: dict[str, Any], status: int) -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        answered, said = await post(session, path, **body)

        assert answered == status
        assert said["error"].endswith(".")

    on_the_page(scenario)


def test_the_books_faults_and_switches_are_shown_and_set() -> None:
    exchange = coinw()

    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        exchange.book.move("master", "39000001", "USDT", Decimal("10"))
        await post(session, "/sandbox/fault", exchange="coinw", kind="drop_after", times=2)
        await post(session, "/sandbox/switch", name="deliver_twice", on=True)
        page.narrate("The tour begins.")

        state = await state_of(session, ALICE)
        [shown] = state["exchanges"]
        assert shown["name"] == "coinw"
        assert shown["balances"] == exchange.balances()
        [movement] = shown["movements"]
        assert (movement["from"], movement["to"], movement["amount"]) == ("master", "39000001", "10")
        assert shown["faults"]["pending"] == ["drop_after", "drop_after"]
        assert "drop_after" in shown["faults"]["available"]
        assert state["slack_switches"]["active"] == ["deliver_twice"]
        assert state["narration"] == ["The tour begins."]

        await post(session, "/sandbox/records_lag", exchange="coinw", seconds=30)
        assert (
            (await state_of(session, ALICE))["exchanges"][0]["records_lag"]["seconds"] == exchange.records_lag_s == 30
        )
        await post(session, "/sandbox/fault/clear", exchange="coinw")
        await post(session, "/sandbox/switch", name="deliver_twice", on=False)
        state = await state_of(session, ALICE)
        assert state["exchanges"][0]["faults"]["pending"] == []
        assert state["slack_switches"]["active"] == []

    on_the_page(scenario, exchange)


def test_a_person_can_be_deactivated_and_brought_back_from_the_page() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        typed = {"as": ALICE, "channel": TREASURY, "text": "/transfer quietly"}
        for standing, status in (("deactivated", 404), (slack_standings.MEMBER, 200)):
            done = await post(session, "/sandbox/standing", subject=ALICE, standing=standing)
            assert done == (200, {})
            shown = {one["id"]: one for one in (await state_of(session, BOB))["standings"]}
            assert (shown[ALICE]["name"], shown[ALICE]["standing"]) == ("Alice", standing)
            assert (await post(session, "/sandbox/slash", **typed))[0] == status
        assert len(bench.heard) == 1

    on_the_page(scenario)


def test_a_channel_can_be_shared_from_the_page() -> None:
    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        shown = {one["id"]: one for one in (await state_of(session, ALICE))["standings"]}
        assert shown[TREASURY]["name"] == "# treasury"
        _, sharing, *_ = shown[TREASURY]["available"]
        await post(session, "/sandbox/standing", subject=TREASURY, standing=sharing)
        assert (await bench.client.conversations_info(channel=TREASURY))["channel"]["is_ext_shared"] is True

    on_the_page(scenario)


def test_changes_in_slack_and_at_the_exchange_are_announced_as_they_happen() -> None:
    exchange = coinw()

    async def scenario(bench: Bench, page: Page, session: aiohttp.ClientSession) -> None:
        async with session.get("/sandbox/events") as stream:
            assert stream.content_type == "text/event-stream"
            first = await _next_version(stream)
            bench.slack.workspace.post(TREASURY, BOB, "hello")
            second = await _next_version(stream)
            exchange.book.move("master", "39000001", "USDT", Decimal("10"))
            third = await _next_version(stream)

            assert first < second < third
            assert (await state_of(session, ALICE))["version"] == third

    on_the_page(scenario, exchange)


async def _next_version(stream: aiohttp.ClientResponse) -> int:
    async with asyncio.timeout(5):
        while True:
            line = await stream.content.readline()
            if line.startswith(b"data: "):
                return int(line.removeprefix(b"data: "))
