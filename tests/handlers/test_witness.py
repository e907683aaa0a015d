"""The audit channel as a witness, before a real journal and a real Slack on a socket."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk_bench import CHANNEL, DeskBench
from posting import AUDIT, BOT, Posting, Stage
from slack_sdk.web.async_client import AsyncWebClient
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.journal import Journal
from bot.witness import Sighting
from handlers.witness import PAGE_SIZE, Unwitnessed, Witness, read_all_lines, read_line, read_lines

UUID, HASH = "0a" * 16, "b" * 64


def message(**changes: Any) -> dict[str, Any]:
    about = {"journal": UUID, "parcel": 4, "transfer": 7, "kind": "audit", "event": 9, "seq": 9, "hash": HASH}
    metadata = {"event_type": "transferdesk", "event_payload": about | changes}
    return {"bot_id": "B1", "ts": "1.0", "text": "", "metadata": metadata}


# Reading one message -------------------------------------------------------------------------------------------------


def test_an_audit_line_tells_its_journal_and_the_head() -> None:
    assert read_line(message(), "B1") == Sighting(UUID, 9, HASH, 7, 4)


def test_a_card_tells_its_journal_and_its_transfer() -> None:
    card = message()
    del card["metadata"]["event_payload"]["seq"], card["metadata"]["event_payload"]["hash"]
    assert read_line(card, "B1") == Sighting(UUID, 0, "", 7, 4)


@pytest.mark.parametrize(
    "strange",
    [
        message() | {"bot_id": "B2"},  # any app may write the same metadata
        message() | {"bot_id": None, "user": "U1"},
        message() | {"metadata": None},
        message() | {"metadata": {"event_type": "other", "event_payload": message()["metadata"]["event_payload"]}},
        message() | {"metadata": {"event_type": "transferdesk", "event_payload": [1]}},
        message(journal="not one"),
        message(journal=None),
    ],
)
def test_what_no_desk_wrote_says_nothing(strange: dict[str, Any]) -> None:
    assert read_line(strange, "B1") is None


@pytest.mark.parametrize("seq", [True, "9", -1, 2.5, None, 2**60])
def test_a_number_that_is_none_counts_as_none(seq: object) -> None:
    assert read_line(message(seq=seq), "B1") == Sighting(UUID, 0, "", 7, 4)


# Before a Slack ------------------------------------------------------------------------------------------------------


def client_of(posting: Posting) -> AsyncWebClient:
    tls = ssl.create_default_context()
    return AsyncWebClient(posting.slack.bot_token, base_url=posting.slack.api_url, ssl=tls, retry_handlers=[])


def witness_of(posting: Posting, journal: Journal | None = None) -> Witness:
    bot_id = posting.slack.workspace.bot_id
    return Witness(client_of(posting), journal or posting.bench.journal, AUDIT, bot_id)


async def problem_of(witness: Witness) -> str:
    finding = await witness.finding()
    assert not finding.ok
    return str(finding)


def copied(bench: DeskBench, to: Path) -> Journal:
    """What a plain copy of the files is: the same journal, open a second time."""
    for file in bench.folder.glob("desk.db*"):
        if not file.name.endswith(".lock"):
            shutil.copy(file, to / file.name)
    return Journal(to / "desk.db", bench.clock, threaded=False)


def go_on(journal: Journal, kind: str = "started") -> None:
    journal.run(lambda tx: tx.event(kind, "desk")).result()


def test_an_empty_channel_speaks_against_nothing(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        assert (await witness_of(posting).finding()).ok

    stage(act)


def test_the_desks_own_lines_are_its_journals(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        posting.expire()
        await posting.drain()
        assert posting.audit()
        assert (await witness_of(posting).finding()).ok
        await witness_of(posting).announce()
        (start,) = [text for text in posting.audit() if text.startswith("The desk starts.")]
        head = posting.bench.journal.run(lambda tx: tx.head()).result()
        assert f"`#{head.seq} {head.hash[:12]}`" in start

    stage(act)


def test_an_old_copy_is_behind_and_its_desk_does_not_start(stage: Stage, tmp_path: Path) -> None:
    async def act(posting: Posting) -> None:
        (tmp_path / "old").mkdir()
        old = copied(posting.bench, tmp_path / "old")
        await posting.proposed()
        posting.expire()
        await posting.drain()
        assert re.search("FAIL journal: this journal is behind", await problem_of(witness_of(posting, old)))
        go_on(old)
        go_on(old)
        go_on(old)
        go_on(old)
        assert re.search("this journal is forked", await problem_of(witness_of(posting, old)))
        old.close()

    stage(act)


def test_a_copy_that_starts_later_from_the_same_head_is_behind(stage: Stage, tmp_path: Path) -> None:
    async def act(posting: Posting) -> None:
        (tmp_path / "copy").mkdir()
        copy = copied(posting.bench, tmp_path / "copy")
        go_on(posting.bench.journal)
        await witness_of(posting).announce()
        assert re.search("this journal is behind", await problem_of(witness_of(posting, copy)))
        copy.close()

    stage(act)


def test_of_two_copies_that_start_at_the_same_moment_one_at_least_does_not(stage: Stage, tmp_path: Path) -> None:
    async def act(posting: Posting) -> None:
        (tmp_path / "copy").mkdir()
        copy = copied(posting.bench, tmp_path / "copy")
        first, second = witness_of(posting), witness_of(posting, copy)
        assert (await first.finding()).ok
        assert (await second.finding()).ok  # neither has said anything yet
        posting.bench.clock.advance(0.001)
        go_on(posting.bench.journal)
        posting.bench.clock.advance(0.001)
        go_on(copy)
        ends = await asyncio.gather(first.announce(), second.announce(), return_exceptions=True)
        assert any(isinstance(end, Unwitnessed) for end in ends)
        assert all(end is None or isinstance(end, Unwitnessed) for end in ends)
        copy.close()

    stage(act)


def test_a_new_journal_in_a_channel_of_another_one_does_not_start(stage: Stage, tmp_path: Path) -> None:
    async def act(posting: Posting) -> None:
        await witness_of(posting).announce()
        new = Journal(tmp_path / "new.db", posting.bench.clock, threaded=False)
        assert re.search("another journal .* writes to this audit channel", await problem_of(witness_of(posting, new)))
        new.close()

    stage(act)


def test_what_people_write_between_is_read_over(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await witness_of(posting).announce()
        for number in range(PAGE_SIZE + 20):
            posting.slack.workspace.post(AUDIT, "U01ALICE", f"and another thing, {number}", [])
        lines = await read_lines(client_of(posting), AUDIT, posting.slack.workspace.bot_id)
        assert [line.journal for line in lines] == [posting.bench.desk.uuids().result()[-1]]

    stage(act)


def test_all_lines_are_read_back_to_the_beginning(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.witness.PAGE_SIZE", 2)
    monkeypatch.setattr("handlers.witness.FURTHER_PAGE_SIZE", 3)

    async def act(posting: Posting) -> None:
        where = (client_of(posting), AUDIT, posting.slack.workspace.bot_id)
        assert await read_all_lines(*where) == ()
        for number in range(3):
            await witness_of(posting).announce()
            go_on(posting.bench.journal)
            for other in range(4):
                posting.slack.workspace.post(AUDIT, "U01ALICE", f"and another thing, {number} {other}", [])
        seen = [line.seq for line in await read_all_lines(*where)]
        assert seen == sorted(seen, reverse=True)
        assert len(seen) == 3
        monkeypatch.setattr("handlers.witness.ALL_PAGES_MAX", 4)
        with pytest.raises(Unwitnessed, match="holds more than 4 pages of messages"):
            await read_all_lines(*where)

    stage(act)


def test_a_channel_that_cannot_be_read_lets_nobody_start(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("history_fails")
        assert re.search(f"Slack channel {AUDIT}: cannot be read", await problem_of(witness_of(posting)))

    stage(act)


def test_a_channel_that_takes_no_line_lets_nobody_start(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("server_error", method="chat.postMessage")
        with pytest.raises(Unwitnessed, match="the start could not be announced there"):
            await witness_of(posting).announce()

    stage(act)


def test_a_line_that_arrived_without_an_answer_is_an_announcement(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("drop_after_post")
        await witness_of(posting).announce()
        assert len(posting.audit()) == 1

    stage(act)


def test_a_desk_that_left_the_channel_is_told(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        channel = posting.slack.workspace.channels[AUDIT]
        posting.slack.workspace.put_channel(replace(channel, members=channel.members - {BOT.id}))
        assert re.search("cannot be read", await problem_of(witness_of(posting)))

    stage(act)


def test_a_running_desk_notices_the_copy_that_went_on(stage: Stage, tmp_path: Path) -> None:
    async def act(posting: Posting) -> None:
        (tmp_path / "copy").mkdir()
        copy = copied(posting.bench, tmp_path / "copy")
        go_on(posting.bench.journal)
        await witness_of(posting).announce()
        posting.slack.switches.turn_on("history_fails")  # once; it looks again
        watching = asyncio.ensure_future(witness_of(posting).watch(every_s=0.01))
        posting.bench.clock.advance(1)
        for _ in range(3):
            go_on(copy)
        other = witness_of(posting, copy)
        with pytest.raises(Unwitnessed):
            await other.announce()  # too late: it has been seen
        assert "this journal is" in await asyncio.wait_for(watching, 10)
        copy.close()

    stage(act)


def test_the_treasury_channel_is_read_the_same_way(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        transfer = await posting.proposed()
        (card,) = await read_lines(client_of(posting), CHANNEL, posting.slack.workspace.bot_id)
        assert (card.journal, card.transfer, card.seq) == (posting.bench.desk.uuids().result()[-1], transfer.id, 0)

    stage(act)


@pytest.mark.parametrize("page_size", [PAGE_SIZE, 2])
def test_what_others_write_by_the_thousand_hides_no_old_copy(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_size: int
) -> None:
    monkeypatch.setattr("handlers.witness.PAGE_SIZE", page_size)
    monkeypatch.setattr("handlers.witness.FURTHER_PAGE_SIZE", page_size * 4)
    says = "this journal is behind" if page_size == PAGE_SIZE else "give the desk an audit channel of its own"

    async def act(posting: Posting) -> None:
        (tmp_path / "old").mkdir()
        old = copied(posting.bench, tmp_path / "old")
        go_on(posting.bench.journal)
        await witness_of(posting).announce()
        for number in range(PAGE_SIZE * 11):
            posting.slack.workspace.post(AUDIT, "U01ALICE", f"disk almost full, {number}", [])
        assert says in await problem_of(witness_of(posting, old))
        old.close()

    stage(act)


def test_a_slack_that_wants_quiet_first_is_waited_for(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("rate_limited", method="conversations.history", retry_after=0)
        assert (await witness_of(posting).finding()).ok
        posting.slack.switches.turn_on("rate_limited", method="chat.postMessage", retry_after=0)
        posting.slack.switches.turn_on("rate_limited", method="conversations.history", retry_after=0)
        await witness_of(posting).announce()
        assert len(posting.audit()) == 1

    stage(act)


def test_a_slack_that_wants_quiet_for_minutes_is_not(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("rate_limited", method="conversations.history", retry_after=61)
        assert "cannot be read (Slack says ratelimited)" in await problem_of(witness_of(posting))

    stage(act)


def test_a_journal_that_is_busy_for_a_moment_does_not_end_the_watch(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(posting: Posting) -> None:
        await witness_of(posting).announce()
        with closing(sqlite3.connect(posting.bench.path, isolation_level=None)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            watching = asyncio.ensure_future(witness_of(posting).watch(every_s=0.01))
            async with asyncio.timeout(10):
                while "looking again" not in caplog.text:
                    await asyncio.sleep(0.01)
        looks = posting.calls().count("conversations.history")
        async with asyncio.timeout(10):
            while posting.calls().count("conversations.history") < looks + 2:
                await asyncio.sleep(0.01)
        assert not watching.done()
        watching.cancel()

    stage(act)
