"""Socket Mode with the real client: tickets, refreshes without a gap, and connections that fail in known ways."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_bench import ALICE, TREASURY, client_of, connected, listening
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_switches import SWITCHES


async def _ticket_url(slack: SlackDouble) -> str:
    return str((await client_of(slack).apps_connections_open(app_token=slack.app_token))["url"])


def test_a_connection_starts_with_hello_and_a_ticket_works_once() -> None:
    async def scenario() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            url = await _ticket_url(slack)
            async with session.ws_connect(url) as socket:
                hello = await socket.receive_json(timeout=2)
                assert hello["type"] == "hello"
                assert hello["connection_info"] == {"app_id": "A01DESK"}
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect(url)
                assert refused.value.status == 403

    asyncio.run(scenario())


def test_an_envelope_has_slacks_shape_and_goes_to_one_of_the_connections() -> None:
    async def scenario() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(await _ticket_url(slack)) for _ in range(2)]
            for socket in sockets:
                await socket.receive_json(timeout=2)
            receiving = [asyncio.ensure_future(socket.receive_json()) for socket in sockets]
            acting = [asyncio.ensure_future(slack.slash(ALICE, TREASURY, "/transfer", "help")) for _ in range(2)]
            for socket, envelope in zip(sockets, await asyncio.gather(*receiving), strict=True):
                assert set(envelope) == {"envelope_id", "type", "payload", "accepts_response_payload"}
                assert envelope["type"] == "slash_commands"
                await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "hi"}})

            assert [act.payload for act in await asyncio.gather(*acting)] == [{"text": "hi"}] * 2
            for socket in sockets:
                await socket.close()

    asyncio.run(scenario())


def test_an_eleventh_connection_is_turned_away() -> None:
    async def scenario() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(await _ticket_url(slack)) for _ in range(11)]
            first_words = [await socket.receive_json(timeout=2) for socket in sockets]

            assert [word["type"] for word in first_words] == ["hello"] * 10 + ["disconnect"]
            assert first_words[-1]["reason"] == "too_many_websockets"
            for socket in sockets:
                await socket.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("switch", ["disconnect_refresh", "disconnect_warning"])
def test_the_app_replaces_its_connection_when_asked(switch: str) -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack = bench.slack
            await slack.switch(switch, on=True)
            await slack.wait_for(lambda: slack.socket.connections == 1)
            act = await slack.slash(ALICE, TREASURY, "/transfer", "quietly")

            assert act.acked
            assert slack.switches.active == []

    asyncio.run(scenario())


def test_the_app_comes_back_after_a_reset() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack = bench.slack
            await slack.switch("reset_connections", on=True)
            await slack.wait_for(lambda: slack.socket.connections == 0)
            await slack.wait_for(lambda: slack.socket.connections == 1, 15)

            assert (await slack.slash(ALICE, TREASURY, "/transfer", "quietly")).acked

    asyncio.run(scenario())


def test_a_dead_ticket_never_works_and_a_newer_one_does() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack, client = bench.slack, bench.handler.client
            slack.switches.turn_on("dead_ticket")
            await slack.switch("disconnect_refresh", on=True)
            await slack.wait_for(lambda: slack.socket.handshakes_refused == 2)
            assert slack.socket.connections == 0

            client.wss_uri = None
            await slack.wait_for(lambda: slack.socket.connections == 1)
            assert (await slack.slash(ALICE, TREASURY, "/transfer", "quietly")).acked

    asyncio.run(scenario())


def test_dead_tickets_stay_dead_until_switched_off() -> None:
    async def scenario() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            await slack.switch("dead_tickets", on=True)
            url = await _ticket_url(slack)
            for _ in range(2):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect(url)
                assert refused.value.status == 503
            await slack.switch("dead_tickets", on=False)
            async with session.ws_connect(url):
                pass

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("switch", "error"), [("connections_open_fails", "internal_error"), ("link_disabled", "access_denied")]
)
def test_no_address_is_given_out_while_switched_on(switch: str, error: str) -> None:
    async def scenario() -> None:
        async with listening() as slack:
            await slack.switch(switch, on=True)
            for _ in range(2):
                with pytest.raises(SlackApiError) as refused:
                    await _ticket_url(slack)
                assert refused.value.response["error"] == error
            await slack.switch(switch, on=False)
            assert (await _ticket_url(slack)).startswith("ws://127.0.0.1:")

    asyncio.run(scenario())


def test_a_late_ack_is_remembered_and_changes_nothing() -> None:
    async def scenario() -> None:
        async with listening(ack_seconds=0.1) as slack, aiohttp.ClientSession() as session:
            async with session.ws_connect(await _ticket_url(slack)) as socket:
                await socket.receive_json(timeout=2)
                act = await slack.slash(ALICE, TREASURY, "/transfer", "help")
                await socket.send_json({"envelope_id": act.envelope["envelope_id"], "payload": {"text": "late"}})
                await slack.wait_for(lambda: len(act.acks) == 1)

            assert not act.acked
            assert [private.text for private in slack.workspace.ephemerals(ALICE)] == [
                '/transfer failed with the error "operation_timeout"'
            ]

    asyncio.run(scenario())


def test_words_that_are_no_ack_are_ignored() -> None:
    async def scenario() -> None:
        async with (
            listening() as slack,
            aiohttp.ClientSession() as session,
            session.ws_connect(await _ticket_url(slack)) as socket,
        ):
            await socket.receive_json(timeout=2)
            for words in ("not json", "[]", '{"envelope_id": "nobody"}'):
                await socket.send_str(words)
            acting = asyncio.ensure_future(slack.slash(ALICE, TREASURY, "/transfer", "help"))
            envelope = await socket.receive_json(timeout=2)
            await socket.send_json({"envelope_id": envelope["envelope_id"]})

            assert (await acting).acked

    asyncio.run(scenario())


def test_every_switch_can_be_turned_on_and_off_and_is_explained_in_a_sentence() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            for name, explanation in SWITCHES.items():
                assert explanation.endswith(".")
                await slack.switch(name, on=True)
                await slack.switch(name, on=False)
            assert slack.switches.active == []
            with pytest.raises(KeyError):
                await slack.switch("nonsense", on=True)

    asyncio.run(scenario())
