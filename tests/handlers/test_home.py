"""The Home tab on a local Slack: drawn when it is opened and when something changes, at Slack's pace, for few."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from desk_bench import ALICE, BOB, CAROL, STRANGER, TEAM, Person
from form_scene import FormScene, Play
from home_scene import home, kept, later, opened, published, says

from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_payloads import buttons, home_opened_payload, view_click_payload

SENTENCE = "you are not on it"


def test_opening_it_draws_it(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await scene.proposed()
        await opened(scene)
        assert "*Confirm it:* *T1* 250 USDT" in says(scene)
        assert published(scene) == 1

    form_play(act)


def test_a_change_is_drawn_and_what_shows_the_same_is_not_published_again(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await opened(scene)
        assert "Nothing waits for you" in says(scene)
        await later(scene)
        assert published(scene) == 1
        await scene.proposed()
        await later(scene)
        assert "T1" in says(scene)
        assert published(scene) == 2
        await later(scene)
        assert published(scene) == 2

    form_play(act)


def test_a_busy_desk_publishes_a_tab_once_in_three_seconds_and_the_last_word_gets_through(
    form_play: Play,
) -> None:
    async def act(scene: FormScene) -> None:
        await opened(scene)
        for amount in range(1, 21):
            scene.bench.ask(f"{amount} usdt htx:spot -> htx:linear-swap")
            await later(scene, 0.5)
        assert published(scene) == 1 + 20 * 0.5 // 3
        wait = await later(scene, 0.1)
        assert 0 < wait <= 3
        await later(scene, wait)
        assert "… and 10 more" in says(scene)

    form_play(act)


def test_a_tab_left_resting_is_looked_at_again_without_further_news(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await opened(scene)
        await scene.proposed()
        scene.bench.clock.advance(1)
        scene.homes.changed()
        assert await scene.homes.step() == pytest.approx(2.0)
        assert published(scene) == 1
        scene.bench.clock.advance(2)
        await scene.homes.step()
        assert "T1" in says(scene)

    form_play(act)


def test_many_tabs_are_drawn_within_what_slack_allows(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        house = scene.bench.desk.house
        people = {f"p{number}": f"U{number:04d}P" for number in range(60)}
        scene.bench.desk.house = replace(house, config=replace(house.config, people=people))
        for user in people.values():
            scene.bench.desk.home_opened(Person(TEAM, user)).result()
        began, calls = scene.bench.clock.monotonic(), []
        scene.slack.web_api.calls.clear()
        while len(calls) < 60:
            wait = await scene.homes.step()
            calls += [scene.bench.clock.monotonic() - began] * (published(scene) - len(calls))
            scene.bench.clock.advance(max(wait, 0.001))
        assert sum(at < 60 for at in calls) <= 100
        assert calls[19] < 1 < calls[21]  # the first twenty at once, then one in 0.75 s

    form_play(act)


def test_the_loop_draws_what_is_new_when_it_hears_of_it(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        news, written, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
        for event in (news, written):
            scene.bench.journal.on_commit(lambda event=event: loop.call_soon_threadsafe(event.set))  # type: ignore[misc]
        task = loop.create_task(scene.homes.run(news))
        try:
            await scene.slack.open_home(ALICE.user)
            await scene.slack.wait_for(lambda: "Nothing waits for you" in says(scene))
            while not scene.bench.desk.homes().result()[0].digest:
                await written.wait()
                written.clear()
            scene.bench.clock.advance(3)
            scene.bench.ask()
            await scene.slack.wait_for(lambda: "*Confirm it:* *T1*" in says(scene))
        finally:
            task.cancel()

    form_play(act)


def test_news_that_comes_as_the_wait_ends_is_heard(form_play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(scene: FormScene) -> None:
        news, steps, heard = asyncio.Event(), 0, asyncio.Event()

        async def step() -> float:
            nonlocal steps
            steps += 1
            if steps == 1:
                # Just when the wait of no length is over: the loop takes both in one turn.
                asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().call_soon(news.set))
                return 0.0
            return 60.0

        monkeypatch.setattr(scene.homes, "step", step)
        monkeypatch.setattr(scene.homes, "changed", heard.set)
        task = asyncio.get_running_loop().create_task(scene.homes.run(news))
        try:
            async with asyncio.timeout(5):
                await heard.wait()
        finally:
            task.cancel()

    form_play(act)


def test_drawing_takes_no_more_than_a_quarter_of_the_time(form_play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(scene: FormScene) -> None:
        desk, clock = scene.bench.desk, scene.bench.clock
        draw, under_way, at_once = desk.home, 0, 0

        def drawn(person: Person) -> Any:
            nonlocal under_way, at_once
            under_way += 1
            at_once = max(at_once, under_way)
            clock.advance(0.5)
            found = draw(person)
            found.add_done_callback(lambda _: done())
            return found

        def done() -> None:
            nonlocal under_way
            under_way -= 1

        monkeypatch.setattr(desk, "home", drawn)
        for person in (ALICE, BOB, CAROL):
            desk.home_opened(person).result()
        await scene.homes.step()
        assert (published(scene), at_once) == (3, 1)
        desk.home_opened(ALICE).result()
        assert await later(scene, 3) == pytest.approx(1.5)  # three times the 1.5 s it took, 3 of them over
        assert published(scene) == 3
        await later(scene, 1.5)
        assert published(scene) == 4

    form_play(act)


# Who may see it


def test_a_stranger_gets_one_sentence_and_nothing_is_kept_or_recorded(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await scene.proposed()
        before = scene.bench.counts()
        await opened(scene, STRANGER)
        await scene.slack.wait_for(lambda: SENTENCE in says(scene, STRANGER))
        assert len(home(scene, STRANGER).content["blocks"]) == 1
        await opened(scene, STRANGER)
        await opened(scene, STRANGER)
        assert published(scene) == 1  # within three seconds
        assert (kept(scene), scene.bench.counts()) == ([], before)

    form_play(act)


def test_whoever_is_taken_off_the_allowlist_gets_the_sentence_and_is_kept_no_more(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await scene.proposed()
        await opened(scene)
        assert "T1" in says(scene)
        scene.bench.reload(('alice = "U01ALICE"', 'alice = "U07OTHER"'))
        await later(scene)
        assert SENTENCE in says(scene)
        assert "T1" not in says(scene)
        assert kept(scene) == []

    form_play(act)


@pytest.mark.parametrize(
    ("event", "team"),
    [
        ({"tab": "messages", "user": ALICE.user}, TEAM),
        ({"tab": "home", "user": ALICE.user}, "T66ELSEWHERE"),
        ({"tab": "home", "user": [ALICE.user]}, TEAM),
        ({"tab": ["home"]}, TEAM),
    ],
)
def test_other_events_publish_nothing_of_the_desk(form_play: Play, event: dict[str, Any], team: str) -> None:
    async def act(scene: FormScene) -> None:
        user = scene.slack.workspace.users[ALICE.user]
        payload = home_opened_payload(scene.slack.workspace, scene.slack.views, user)
        payload |= {"team_id": team, "event": {"type": "app_home_opened", **event}}
        assert (await scene.envelope(payload, "events_api")).failure is None
        await scene.homes.step()
        assert (kept(scene), says(scene)) == ([], "")

    form_play(act)


# What is pressed on it


async def pressed(scene: FormScene, action: str, value: str | None = None, person: Person = ALICE) -> None:
    shown = home(scene, person)
    found = buttons(elements(shown.content["blocks"]), action, value)
    act = await scene.slack.press_in_view(person.user, shown.id, action, block_id=found[0][0]["block_id"])
    assert act.failure is None


def test_new_transfer_opens_the_form(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await opened(scene)
        await pressed(scene, "home_new_transfer")
        form = scene.filling()
        await form.opened()
        assert await (await scene.ready(form)).send() == {}
        assert scene.bench.get(1).requester == ALICE.user

    form_play(act)


def test_show_card_shows_a_copy_without_buttons_and_where_the_card_is(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await scene.proposed()
        await opened(scene)
        await pressed(scene, "home_show_card", "1")
        shown = scene.filling()
        await shown.opened()
        assert "*250 USDT*" in shown.words
        assert "The card is in <#C01TREASURY>" in shown.words
        assert "transfer_confirm" not in shown.words

    form_play(act)


@pytest.mark.parametrize("action", ["home_new_transfer", "home_show_card"])
def test_whoever_left_the_allowlist_is_turned_away_on_their_old_tab(form_play: Play, action: str) -> None:
    async def act(scene: FormScene) -> None:
        await scene.proposed()
        await opened(scene)
        scene.bench.reload(('alice = "U01ALICE"', 'alice = "U07OTHER"'))
        await pressed(scene, action)
        shown = scene.filling()
        await shown.opened()
        assert "allowlist" in shown.words
        assert "250 USDT" not in shown.words
        assert [actor for actor, _ in scene.turned_away()] == [ALICE.user]

    form_play(act)


@pytest.mark.parametrize("value", ["", "0", "-1", "1.1", "T1", "9" * 40, "٣", None, 5, {"id": 1}])
def test_a_hostile_value_shows_no_card_and_is_recorded(form_play: Play, value: object) -> None:
    async def act(scene: FormScene) -> None:
        await scene.proposed()
        await opened(scene)
        user = scene.slack.workspace.users[ALICE.user]
        action = {"type": "button", "action_id": "home_show_card", "block_id": "b", "value": value}
        trigger = scene.slack.triggers.issue(ALICE.user)
        payload = view_click_payload(scene.slack.workspace, scene.slack.views, user, home(scene), action, trigger)
        assert (await scene.envelope(payload)).failure is None
        shown = scene.filling()
        await shown.opened()
        assert "belongs to no transfer" in shown.words
        assert len(scene.turned_away()) == 1

    form_play(act)


def test_a_transfer_that_is_not_there_is_said(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        await scene.proposed()
        await opened(scene)
        user = scene.slack.workspace.users[ALICE.user]
        action = {"type": "button", "action_id": "home_show_card", "block_id": "b", "value": "99"}
        trigger = scene.slack.triggers.issue(ALICE.user)
        payload = view_click_payload(scene.slack.workspace, scene.slack.views, user, home(scene), action, trigger)
        await scene.envelope(payload)
        shown = scene.filling()
        await shown.opened()
        assert "There is no transfer T99" in shown.words

    form_play(act)
