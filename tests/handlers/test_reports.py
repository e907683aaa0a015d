"""A report in Slack: the table in the channel, the picture beneath it, and nobody held up or called."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from desk_bench import ALICE, CHANNEL, DeskBench
from posting import Posting, Stage
from reports import of, row
from shown import obeyed
from slack_sdk.models.blocks import Block

from bot.errors import StartError
from bot.journal import Transaction
from bot.journal.backup import looking_at
from bot.report_picture import HOW
from bot.sandbox.slack_answers import Origin
from bot.sandbox.slack_blocks import block_problems
from bot.sandbox.slack_workspace import Message
from bot.transfers import Accepted, State
from handlers.guard import Visitor
from handlers.report_view import report_message
from handlers.reports import Reports

VISITOR = Visitor(ALICE, CHANNEL, None)


def reports(posting: Posting, reading: Any = None) -> Reports:
    def of_the_bench() -> AbstractContextManager[Transaction]:
        return looking_at(posting.bench.path)

    bench = posting.bench
    return Reports(bench.desk, posting.client, posting.replies, bench.clock, reading or of_the_bench)


def moved(posting: Posting) -> None:
    """Let the desk have done something a moment ago."""
    posting.bench.settled(Accepted("1"))
    posting.bench.clock.advance(1)


async def asked(posting: Posting, days: int = 7, reading: Any = None) -> None:
    url = f"{posting.slack.url}/response/{posting.slack.response_urls.issue(Origin(ALICE.user, CHANNEL))}"
    await reports(posting, reading).post(VISITOR, days, url)


def posted(posting: Posting) -> list[Message]:
    """What stands in the channel itself."""
    return [message for message in posting.slack.workspace.messages(CHANNEL) if message.thread_ts is None]


def beneath(posting: Posting, message: Message) -> list[Message]:
    return posting.slack.workspace.thread(CHANNEL, message.ts)[1:]


def test_the_table_is_posted_and_the_picture_hangs_beneath_it(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        moved(posting)
        await asked(posting)
        (message,) = posted(posting)
        assert message.text == (
            "Report, 14 to 21 November 2026 (UTC). 1 request ended, 1 of them done (100%). "
            "From the proposal to the end: half in less than 1 s, nine of ten in less than 1 s, "
            "the slowest less than 1 s. "
            "USDT: 250 moved by 1 request."
        )
        said = json.dumps(message.blocks)
        assert "*Report, 14 to 21 November 2026 (UTC)*, asked by alice" in said
        assert "htx:spot" in said
        assert "<@" not in said
        (picture,) = beneath(posting, message)
        (file,) = picture.files
        assert (file.name, file.mimetype) == ("net-flow.png", "image/png")
        assert file.title == "Net flow, 14 to 21 November 2026 (UTC)"
        assert file.alt_txt == (
            "Net flow by account, 14 to 21 November 2026 (UTC). htx:linear-swap +250 USDT. htx:spot -250 USDT."
        )
        data = posting.slack.files.data(file.id)
        assert data is not None
        assert data.startswith(b"\x89PNG")
        assert posting.told_alice() == []

    stage(act)


def test_the_days_asked_for_are_those_reported(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        moved(posting)
        posting.bench.clock.advance(days=8)
        await asked(posting, 7)
        await asked(posting, 30)
        assert ["No request ended." in message.text for message in posted(posting)] == [True, False]

    stage(act)


def test_where_nothing_moved_there_is_no_picture(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await asked(posting)
        (message,) = posted(posting)
        assert beneath(posting, message) == []
        assert posting.calls() == ["chat.postMessage"]

    stage(act)


def test_without_matplotlib_the_table_says_how_to_get_the_picture(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(posting: Posting) -> None:
        moved(posting)
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        await asked(posting)
        (message,) = posted(posting)
        assert message.blocks[-1]["elements"][0]["text"] == HOW
        assert posting.calls() == ["chat.postMessage"]
        assert posting.told_alice() == []

    stage(act)


def test_the_desk_goes_on_while_a_report_is_made(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        gate = threading.Event()

        @contextmanager
        def reading() -> Iterator[Transaction]:
            assert gate.wait(10)
            with looking_at(posting.bench.path) as tx:
                yield tx

        making = asyncio.create_task(asked(posting, reading=reading))
        await posting.proposed()
        assert not making.done()
        gate.set()
        await making
        assert len(posted(posting)) == 2

    stage(act)


def test_one_is_made_after_the_other(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        making = 0

        @contextmanager
        def reading() -> Iterator[Transaction]:
            nonlocal making
            making += 1
            assert making == 1
            with looking_at(posting.bench.path) as tx:
                yield tx
            making -= 1

        maker = reports(posting, reading)
        await asyncio.gather(*(maker.post(VISITOR, 7, "") for _ in range(4)))
        assert len(posted(posting)) == 4

    stage(act)


# What goes wrong is told to whoever asked, and to nobody else


def test_a_journal_that_cannot_be_read_is_told_without_its_text(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        @contextmanager
        def reading() -> Iterator[Transaction]:
            raise StartError("/secret/place.db: it cannot be read")
            yield

        await asked(posting, reading=reading)
        assert posting.told_alice() == ["The report could not be posted. Type the command again in a moment."]
        assert posted(posting) == []

    stage(act)


def test_what_slack_will_not_take_is_told(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        moved(posting)
        posting.leave(CHANNEL)
        await asked(posting)
        assert posting.told_alice() == [
            "The report could not be posted: Slack says not_in_channel. Type the command again in a moment."
        ]

    stage(act)


def test_a_picture_that_slack_will_not_take_leaves_the_table(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        moved(posting)
        posting.slack.workspace.scopes = posting.slack.workspace.scopes - {"files:write"}
        await asked(posting)
        assert len(posted(posting)) == 1
        assert posting.told_alice() == [
            "The report is posted; its picture could not be added: Slack says missing_scope."
        ]

    stage(act)


# The message


@pytest.mark.parametrize("count", [0, 1, 400])
def test_at_its_longest_it_is_one_slack_takes(bench: DeskBench, count: int) -> None:
    rows = [
        row(
            number,
            "999999999999999.12345678",
            state=State.UNKNOWN if number % 9 == 0 else State.SUCCEEDED,
            currency=f"ABCDEFGHI{number % 50:03d}",
            source="c" * 21 + f":{10**17 + number}",
            destination="c" * 21 + f":{10**17 + number % 7}",
            requester=f"U{number:020d}",
            approvers=tuple(f"U{number + other:020d}" for other in range(40)),
            **({"ended_at": None} if number % 9 == 0 else {}),
        )
        for number in range(1, count + 1)
    ]
    message = report_message(of(*rows), ALICE.user, bench.desk.house.config, HOW)
    assert block_problems(message["blocks"]) == []
    for block in message["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.to_dict()
    assert obeyed(message) == []
    assert "<@" not in json.dumps(message)
    assert len(json.dumps(message["blocks"])) <= 15_000
    assert 0 < len(message["text"]) <= 4000
    if count == 400:
        assert "46 more currencies are in `transferdesk report`." in json.dumps(message)
