"""Files: an address, the bytes, a place in a channel or a thread, through the SDK's own upload."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_bench import AUDIT, BOT, RANDOM, SCOPES, TREASURY, client_of, error_of, listening
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_double import SlackDouble

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def _with_client(scenario: Callable[[SlackDouble, AsyncWebClient], Awaitable[None]]) -> None:
    async def run() -> None:
        async with listening() as slack:
            await scenario(slack, client_of(slack))

    asyncio.run(run())


async def _uploaded(slack: SlackDouble, client: AsyncWebClient, data: bytes = b"T,1\n") -> str:
    """Take the first two steps and return the file's id."""
    given = await client.files_getUploadURLExternal(filename="T1.csv", length=len(data))
    async with aiohttp.ClientSession() as session, session.post(given["upload_url"], data=data) as answer:
        assert answer.status == 200
    return str(given["file_id"])


def test_the_sdk_uploads_a_picture_into_a_thread() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        card = await client.chat_postMessage(channel=TREASURY, text="card")
        answer = await client.files_upload_v2(
            filename="flow.png",
            content=PNG,
            title="Net flow, 7 days",
            alt_txt="Spot lost 250 USDT.",
            channel=TREASURY,
            thread_ts=card["ts"],
            initial_comment="Report",
        )

        root, reply = slack.workspace.messages(TREASURY)
        assert (reply.user, reply.text, reply.thread_ts) == (BOT, "Report", root.ts)
        (file,) = reply.files
        assert (file.name, file.title, file.mimetype) == ("flow.png", "Net flow, 7 days", "image/png")
        assert (file.alt_txt, file.size) == ("Spot lost 250 USDT.", len(PNG))
        assert slack.files.data(file.id) == PNG
        assert answer["file"]["id"] == file.id
        thread = await client.conversations_replies(channel=TREASURY, ts=root.ts)
        (written,) = thread["messages"][1]["files"]
        assert (written["name"], written["filetype"], written["alt_txt"]) == ("flow.png", "png", "Spot lost 250 USDT.")
        assert written["permalink"].endswith(f"/{file.id}/flow.png")

    _with_client(scenario)


def test_several_files_become_one_message() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        files = [{"filename": f"{number}.csv", "content": "a\n"} for number in range(2)]
        await client.files_upload_v2(file_uploads=files, channel=AUDIT)

        (message,) = slack.workspace.messages(AUDIT)
        assert [(file.name, file.title, file.mimetype) for file in message.files] == [
            ("0.csv", "0.csv", "text/csv"),
            ("1.csv", "1.csv", "text/csv"),
        ]
        assert message.files[0].alt_txt == ""

    _with_client(scenario)


def test_a_file_without_a_channel_is_shared_with_nobody() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        answer = await client.files_upload_v2(filename="a.csv", content="a\n")

        assert answer["file"]["name"] == "a.csv"
        assert not any(slack.workspace.messages(channel) for channel in slack.workspace.channels)

    _with_client(scenario)


def test_a_form_is_taken_for_an_upload_as_well() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        given = await client.files_getUploadURLExternal(filename="a.csv", length=4)
        form = aiohttp.FormData()
        form.add_field("filename", b"T,1\n", filename="a.csv")
        async with aiohttp.ClientSession() as session, session.post(given["upload_url"], data=form) as answer:
            assert (answer.status, await answer.text()) == (200, "OK - 4")
        assert slack.files.data(given["file_id"]) == b"T,1\n"

    _with_client(scenario)


def test_an_address_takes_what_was_announced_and_once() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        url = (await client.files_getUploadURLExternal(filename="a.csv", length=4))["upload_url"]
        statuses = []
        async with aiohttp.ClientSession() as session:
            for address, data in ((url, b"T,1"), (url, b"T,1\n"), (url, b"T,1\n"), (f"{slack.url}/upload/x", b"x")):
                async with session.post(address, data=data) as answer:
                    statuses.append(answer.status)

        assert statuses == [400, 200, 404, 404]

    _with_client(scenario)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"filename": "a.csv"}, "missing_argument"),
        ({"filename": "a.csv", "length": 0}, "missing_argument"),
        ({"length": 4}, "missing_argument"),
        ({"filename": "a.csv", "length": "four"}, "invalid_arguments"),
        ({"filename": "a.csv", "length": 10**10}, "file_upload_size_restricted"),
        ({"filename": "a.png", "length": 4, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
    ],
)
def test_no_address_is_given_for_what_is_no_file(arguments: dict[str, Any], error: str) -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        assert await error_of(client.api_call("files.getUploadURLExternal", params=arguments)) == error

    _with_client(scenario)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel_id": RANDOM}, "not_in_channel"),
        ({"channel_id": "C404"}, "channel_not_found"),
        ({"channel_id": TREASURY, "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel_id": TREASURY, "files": [{"id": "F404"}]}, "file_not_found"),
        ({"channel_id": TREASURY, "files": []}, "invalid_arguments"),
        ({"channel_id": TREASURY, "files": [{"title": "x"}]}, "invalid_arguments"),
    ],
)
def test_a_file_is_not_shared_where_or_how_it_cannot_be(arguments: dict[str, Any], error: str) -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        file_id = await _uploaded(slack, client)
        asked = {"files": [{"id": file_id}], **arguments}
        assert await error_of(client.files_completeUploadExternal(**asked)) == error
        await client.files_completeUploadExternal(files=[{"id": file_id}], channel_id=TREASURY)
        assert len(slack.workspace.messages(TREASURY)) == 1

    _with_client(scenario)


def test_a_file_is_shared_once_and_only_after_its_bytes_came() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        awaited = (await client.files_getUploadURLExternal(filename="a.csv", length=4))["file_id"]
        arrived = await _uploaded(slack, client)
        share = client.files_completeUploadExternal
        assert await error_of(share(files=[{"id": awaited}], channel_id=TREASURY)) == "file_not_found"
        await share(files=[{"id": arrived}], channel_id=TREASURY)
        assert await error_of(share(files=[{"id": arrived}], channel_id=TREASURY)) == "file_not_found"
        twice = await _uploaded(slack, client)
        assert await error_of(share(files=[{"id": twice}] * 2, channel_id=TREASURY)) == "file_not_found"
        assert len(slack.workspace.messages(TREASURY)) == 1

    _with_client(scenario)


def test_files_need_their_scope() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        file_id = await _uploaded(slack, client)
        slack.workspace.scopes = SCOPES - {"files:write"}
        upload = client.files_getUploadURLExternal(filename="a.csv", length=4)
        assert await error_of(upload) == "missing_scope"
        share = client.files_completeUploadExternal(files=[{"id": file_id}], channel_id=TREASURY)
        assert await error_of(share) == "missing_scope"

    _with_client(scenario)
