"""Home tabs when Slack, the journal or the drawing itself gives trouble: one person's ends nobody else's."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from desk_bench import ALICE, BOB, CAROL, Person
from form_scene import FormScene, Play
from home_scene import kept, later, opened, published, says
from slack_sdk.errors import SlackApiError

from bot.desk.homes import Home
from bot.errors import JournalError
from bot.policy.why import LimitsLeft
from handlers import home_view


def test_trouble_is_logged_once_and_the_tab_is_drawn_later(form_play: Play, caplog: pytest.LogCaptureFixture) -> None:
    async def act(scene: FormScene) -> None:
        url, scene.client.base_url = scene.client.base_url, "http://127.0.0.1:9/api/"
        await opened(scene)
        assert await later(scene, 1) == pytest.approx(4)
        assert await later(scene, 4) == pytest.approx(15)
        scene.client.base_url = url
        assert says(scene) == ""
        await later(scene, 15)
        assert "Nothing waits for you" in says(scene)
        told = [record.getMessage() for record in caplog.records if "Home tab" in record.getMessage()]
        assert [line.partition(" (")[0] for line in told] == [
            f"the Home tab of {ALICE.user} could not be brought up to date",
            f"the Home tab of {ALICE.user} is up to date again",
        ]

    caplog.set_level(logging.INFO, logger="handlers")
    form_play(act)


def test_when_slack_wants_quiet_nobody_is_published_for_as_long_and_everybody_after(
    form_play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(scene: FormScene) -> None:
        asked: list[str] = []

        async def too_many(user_id: str, view: Any) -> None:
            asked.append(user_id)
            answer = SimpleNamespace(data={"error": "ratelimited"}, status_code=429, headers={"Retry-After": "30"})
            raise SlackApiError("ratelimited", answer)

        monkeypatch.setattr(scene.client, "views_publish", too_many)
        await opened(scene)
        scene.bench.desk.home_opened(BOB).result()
        assert await later(scene, 10) == pytest.approx(20)
        assert asked == [ALICE.user]
        monkeypatch.undo()
        await later(scene, 20)
        assert "Nothing waits for you" in says(scene)
        assert "Nothing waits for you" in says(scene, BOB)

    form_play(act)


def test_whom_slack_does_not_know_any_more_is_forgotten(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        scene.bench.desk.home_opened(CAROL).result()
        del scene.slack.workspace.users[CAROL.user]
        await later(scene)
        assert (published(scene), kept(scene)) == (1, [])

    form_play(act)


def test_a_tab_that_cannot_be_drawn_ends_nothing_and_holds_up_no_other(
    form_play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(scene: FormScene) -> None:
        whole = home_view.home

        def broken(found: Home, left: LimitsLeft) -> Any:
            if found.limits is not None and found.limits.person == ALICE.user:
                raise ValueError("what Alice wrote")
            return whole(found, left)

        for person in (ALICE, BOB):
            scene.bench.desk.home_opened(person).result()
        monkeypatch.setattr(home_view, "home", broken)
        assert await later(scene) > 0
        assert (says(scene), published(scene)) == ("", 1)
        monkeypatch.undo()
        await later(scene, 15)
        assert "Nothing waits for you" in says(scene)
        assert "what Alice wrote" not in caplog.text

    form_play(act)


def test_where_the_journal_says_nothing_of_a_tab_it_is_asked_again_after_a_while(
    form_play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(scene: FormScene) -> None:
        scene.bench.desk.home_opened(ALICE).result()

        def unread(person: Person) -> Any:
            failed: Future[Any] = Future()
            failed.set_exception(JournalError("the disk is full"))
            return failed

        monkeypatch.setattr(scene.bench.desk, "home", unread)
        assert await later(scene) == pytest.approx(5)
        monkeypatch.undo()
        await later(scene, 5)
        assert published(scene) == 1

    form_play(act)
