"""Private answers through a response_url: to Slack's own host only, and only while the address lives."""

from __future__ import annotations

import asyncio
import logging
import ssl

import pytest
from clock import VirtualClock
from desk_bench import ALICE, CHANNEL
from posting import Posting, Stage

from handlers.replies import KEPT_MAX, Replies


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.slack.com/commands/1",
        "https://hooks.slack.com.evil.com/commands/1",
        "https://hooks.slack.com@evil.com/commands/1",
        "https://evil.com/https://hooks.slack.com/",
        "http://127.0.0.1:8043/response/1",
        "http://[",
    ],
)
def test_an_address_outside_slack_is_not_used_and_not_logged(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    replies = Replies(clock, ssl.create_default_context(), local=False)
    with caplog.at_level(logging.INFO):
        asyncio.run(replies.answer(url, "hello"))
    assert [record.getMessage() for record in caplog.records] == [
        "a payload named a response_url outside Slack; it was not used"
    ]


def test_a_sandbox_answers_to_this_machine_only(clock: VirtualClock, caplog: pytest.LogCaptureFixture) -> None:
    replies = Replies(clock, ssl.create_default_context(), local=True)
    asyncio.run(replies.answer("https://hooks.slack.com/commands/1", "hello"))
    assert "it was not used" in caplog.text


def test_the_latest_address_of_a_person_and_channel_is_the_one_used(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.replies.keep(ALICE.user, CHANNEL, f"{posting.slack.url}/response/spent")
        posting.keep_a_response_url()
        await posting.replies.tell_requester(ALICE.user, CHANNEL, "hello")
        await posting.replies.tell_requester(ALICE.user, "C99OTHER", "elsewhere")
        await posting.replies.tell_requester("U66STRANGER", CHANNEL, "somebody else")
        assert posting.told_alice() == ["hello"]

    stage(act)


def test_only_so_many_addresses_are_kept(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.keep_a_response_url()
        for number in range(KEPT_MAX):
            posting.replies.keep(f"U{number}", CHANNEL, f"{posting.slack.url}/response/none")
        await posting.replies.tell_requester(ALICE.user, CHANNEL, "hello")
        assert posting.told_alice() == []

    stage(act)


def test_a_refused_answer_is_logged_and_changes_nothing(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async def act(posting: Posting) -> None:
        await posting.replies.answer(f"{posting.slack.url}/response/never-issued", "hello")
        assert [record.getMessage() for record in caplog.records] == ["a private answer was refused (HTTP 404)"]

    stage(act)
