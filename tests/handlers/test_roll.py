"""How the roll keeps fresh what Slack says of people and channels, against a local Slack that can be wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from roll_scene import ALICE, BOB, BOT, CAROL, FRESH_S, GRID, TREASURY, VAULT, Scene, play

from bot.errors import JournalError
from bot.sandbox import slack_standings
from bot.sandbox.slack_workspace import Channel
from handlers import standing
from handlers.roll import AT_ONCE_MAX, BACKOFF_S, IDLE_S

# What Slack says


def test_members_and_the_desks_own_channels_are_found_well() -> None:
    async def act(scene: Scene) -> None:
        subjects = (ALICE, GRID, TREASURY, VAULT)
        assert await scene.look(*subjects) == dict.fromkeys(subjects, "")
        assert (scene.asked("users.info"), scene.asked("conversations.info")) == (2, 2)

    play(act)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("deactivated", "deactivated in Slack"),
        ("a guest", "a guest"),
        ("a single-channel guest", "a guest"),
        ("of another workspace", "of another workspace"),
    ],
)
def test_somebody_who_is_no_member_any_more_is_noticed_and_so_is_their_return(standing: str, words: str) -> None:
    async def act(scene: Scene) -> None:
        for become, expected in ((standing, words), (slack_standings.MEMBER, "")):
            slack_standings.put(scene.slack.workspace, ALICE, become)
            assert await scene.look(ALICE) == {ALICE: expected}
            scene.clock.advance(FRESH_S)

    play(act)


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ({"is_bot": True}, "a bot"),
        ({"is_ultra_restricted": True}, "a guest"),
        ({"is_stranger": True}, "of another workspace"),
        ({"deleted": True, "is_bot": True, "is_stranger": True}, "deactivated in Slack"),
    ],
)
def test_every_mark_counts_by_itself(marks: dict[str, bool], words: str) -> None:
    async def act(scene: Scene) -> None:
        workspace = scene.slack.workspace
        workspace.put_user(replace(workspace.users[ALICE], **marks))  # type: ignore[arg-type]
        assert await scene.look(ALICE) == {ALICE: words}

    play(act)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_ext_shared": True}, "shared with another workspace"),
        ({"is_pending_ext_shared": True}, "shared with another workspace"),
        ({"is_archived": True}, "archived"),
        ({"members": frozenset({ALICE})}, "the app is not a member"),
    ],
)
def test_a_channel_that_will_not_do_any_more_is_noticed(change: dict[str, Any], words: str) -> None:
    async def act(scene: Scene) -> None:
        workspace = scene.slack.workspace
        workspace.put_channel(replace(workspace.channels[TREASURY], **change))
        assert await scene.look(TREASURY) == {TREASURY: words}

    play(act)


def test_a_channel_shared_within_an_organisation_is_in_other_workspaces_too() -> None:
    found = {"id": TREASURY, "is_member": True, "is_shared": True, "is_org_shared": True}
    assert standing.of_channel(TREASURY, found) == "shared with another workspace"


def test_that_slack_knows_nobody_by_an_id_is_an_answer_too() -> None:
    async def act(scene: Scene) -> None:
        scene.slack.workspace.put_channel(Channel(VAULT, "vault", frozenset({ALICE}), is_private=True))
        known = await scene.look("U77NOBODY", "C77NOWHERE", VAULT)
        assert known == dict.fromkeys(("U77NOBODY", "C77NOWHERE", VAULT), "unknown to Slack")

    play(act)


def test_an_answer_about_somebody_else_is_no_answer() -> None:
    async def act(scene: Scene) -> None:
        workspace = scene.slack.workspace
        workspace.users[ALICE] = workspace.users[BOB]
        workspace.channels[TREASURY] = workspace.channels[VAULT]
        assert await scene.look(ALICE, TREASURY) == {}

    play(act)


# When Slack cannot be asked


@pytest.mark.parametrize("problem", ["people_fail", "people_hang", "missing_scope", "gone"])
def test_a_failure_to_ask_writes_nothing_and_what_was_known_stays(problem: str) -> None:
    async def act(scene: Scene) -> None:
        scene.connect(ask_max_s=0.2)
        assert await scene.look(ALICE) == {ALICE: ""}
        scene.clock.advance(FRESH_S)
        slack_standings.put(scene.slack.workspace, ALICE, "deactivated")
        if problem == "missing_scope":
            scene.slack.workspace.scopes -= {"users:read"}
        elif problem == "gone":
            await scene.slack.stop()
        else:
            scene.slack.switches.turn_on(problem)
        assert await scene.look(ALICE) == {ALICE: ""}
        assert scene.book.roll().result() == [ALICE]

    play(act)


def test_who_cannot_be_asked_about_is_asked_ever_more_rarely_until_slack_answers() -> None:
    async def act(scene: Scene) -> None:
        await scene.slack.switch("people_fail", on=True)
        scene.book.needed = [ALICE]
        for asked, rest_s in enumerate([*BACKOFF_S, BACKOFF_S[-1]], start=1):
            assert await scene.roll.step() == min(rest_s, IDLE_S)
            assert scene.asked() == asked
            scene.clock.advance(rest_s - 0.5)
            assert await scene.roll.step() == 0.5
            assert scene.asked() == asked
            scene.clock.advance(0.5)
        await scene.slack.switch("people_fail", on=False)
        assert await scene.look(ALICE) == {ALICE: ""}
        scene.clock.advance(FRESH_S)
        await scene.slack.switch("people_fail", on=True)
        assert await scene.roll.step() == BACKOFF_S[0]

    play(act)


def test_trouble_is_logged_when_it_begins_and_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    async def act(scene: Scene) -> None:
        await scene.slack.switch("people_fail", on=True)
        for _ in range(3):
            await scene.look(ALICE)
            scene.clock.advance(60)
        await scene.slack.switch("people_fail", on=False)
        await scene.look(ALICE)

    with caplog.at_level(logging.INFO, "handlers.roll"):
        play(act)
    assert [record.getMessage() for record in caplog.records] == [
        f"Slack could not be asked about {ALICE} (HTTP 500); what needs it waits",
        f"Slack answers again about {ALICE}",
    ]


def test_slack_is_left_alone_as_long_as_it_asks_for_quiet() -> None:
    async def act(scene: Scene) -> None:
        scene.slack.switches.turn_on("rate_limited", method="users.info", retry_after=20)
        assert await scene.look(ALICE) == {}
        scene.clock.advance(19)
        # Nobody else is asked about either, but channels are another limit of Slack's.
        assert await scene.look(ALICE, BOB, TREASURY) == {TREASURY: ""}
        assert scene.asked() == 1
        scene.clock.advance(1)
        assert await scene.look(ALICE, BOB) == {ALICE: "", BOB: ""}

    play(act)


def test_one_without_an_answer_holds_up_no_other() -> None:
    async def act(scene: Scene) -> None:
        scene.connect(ask_max_s=0.3)
        scene.slack.switches.turn_on("people_hang")
        known = await scene.look(ALICE, BOB, CAROL, GRID, TREASURY)
        assert len(known) == 4 and TREASURY in known
        scene.clock.advance(BACKOFF_S[0])
        assert len(await scene.look(ALICE, BOB, CAROL, GRID, TREASURY)) == 5

    play(act)


def test_those_without_an_answer_let_the_others_have_their_turn() -> None:
    async def act(scene: Scene) -> None:
        scene.connect(ask_max_s=0.2)
        silent = [f"U{number:02}SILENT" for number in range(AT_ONCE_MAX)]
        scene.book.needed = [*silent, TREASURY]
        scene.slack.switches.turn_on("people_hang", len(silent))
        assert await scene.roll.step() == 0
        await scene.roll.step()
        assert scene.book.standings == {TREASURY: ""}
        assert scene.asked() == len(silent)

    play(act)


# Never too often


def test_what_is_fresh_is_not_asked_about_again() -> None:
    async def act(scene: Scene) -> None:
        await scene.look(ALICE)
        for _ in range(5):
            assert await scene.roll.step() == IDLE_S
            scene.clock.advance(4)
        assert scene.asked() == 1
        scene.clock.advance(FRESH_S)
        await scene.roll.step()
        assert scene.asked() == 2

    play(act)


def test_a_desk_that_always_asks_for_more_does_not_make_it_spin() -> None:
    async def act(scene: Scene) -> None:
        scene.book.seen = lambda subject, standing: scene.book._answer(None)  # type: ignore[method-assign]
        scene.book.needed = [ALICE]
        for _ in range(5):
            assert await scene.roll.step() > 0
        assert scene.asked() == 1

    play(act)


def test_slacks_limits_are_kept_however_many_are_needed() -> None:
    async def act(scene: Scene) -> None:
        await scene.slack.switch("keep_limits", on=True)
        for number in range(60):
            scene.slack.workspace.put_channel(Channel(f"C{number:03}", "x", frozenset({BOT.id})))
        scene.book.needed = [f"C{number:03}" for number in range(60)]
        started = scene.clock.monotonic()
        while len(scene.book.standings) < 60:
            scene.clock.advance(await scene.roll.step())
        assert scene.clock.monotonic() - started < 90
        assert scene.asked("conversations.info") == 60  # none was answered 429

    play(act)


def test_a_journal_that_refuses_is_asked_again_a_little_later() -> None:
    async def act(scene: Scene) -> None:
        scene.book.broken = True
        assert await scene.roll.step() == BACKOFF_S[0]
        scene.book.broken = False
        assert await scene.look(ALICE) == {ALICE: ""}

    play(act)


def test_an_answer_the_journal_refuses_is_asked_for_again() -> None:
    async def act(scene: Scene) -> None:
        write = scene.book.seen
        scene.book.seen = lambda subject, standing: _refused()  # type: ignore[method-assign]
        scene.book.needed = [ALICE]
        assert await scene.roll.step() == BACKOFF_S[0]
        scene.book.seen = write  # type: ignore[method-assign]
        scene.clock.advance(BACKOFF_S[0])
        assert await scene.look(ALICE) == {ALICE: ""}

    play(act)


def _refused() -> Future[None]:
    future: Future[None] = Future()
    future.set_exception(JournalError("the database refused"))
    return future


# Running


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not so():
            await asyncio.sleep(0)


def test_news_ends_a_wait_and_waiting_asks_nothing() -> None:
    async def act(scene: Scene) -> None:
        news = asyncio.Event()
        running = asyncio.create_task(scene.roll.run(news))
        await until(lambda: scene.book.reads > 0)
        assert scene.asked() == 0
        scene.book.needed = [ALICE]
        news.set()
        await scene.slack.wait_for(lambda: scene.asked() == 1)
        await until(lambda: bool(scene.book.standings))
        reads = scene.book.reads
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(running), 0.05)
        assert scene.book.reads == reads
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    play(act)


def test_the_end_comes_through_together_with_news() -> None:
    async def act(scene: Scene) -> None:
        news = asyncio.Event()
        running = asyncio.create_task(scene.roll.run(news))
        await until(lambda: scene.book.reads > 0)
        await asyncio.sleep(0.05)  # it waits for news now
        news.set()
        await asyncio.sleep(0)  # the news has arrived, the waiting has not ended
        running.cancel()
        await asyncio.wait([running], timeout=2)
        assert running.done()

    play(act)
