"""A backlog drains outcomes before previews, at Slack's pace, and nothing waits for what it need not wait for."""

from __future__ import annotations

from typing import Any

import pytest
from desk_bench import CHANNEL
from posting import AUDIT, Posting, Stage

from bot.transfers import Accepted, Unknown


def settled(posting: Posting, amount: int, outcome: Accepted | Unknown) -> int:
    """A transfer whose card was posted long ago and which ended, or nearly, while Slack was away. Returns its id."""
    transfer = posting.bench.settled(outcome, f"{amount} usdt htx:spot -> htx:linear-swap")
    return transfer.id


def test_a_backlog_drains_outcomes_before_previews(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        done = settled(posting, 20, Accepted("900001"))
        lost = settled(posting, 30, Unknown("no answer within 20 s"))
        bench.tamper("UPDATE transfers SET card_ts = NULL")
        bench.tamper("UPDATE outbox SET state = 'pending'")
        bench.ask("10 usdt htx:spot -> htx:linear-swap")
        order = []
        for parcel in bench.parcels():
            state = bench.get(parcel.transfer_id).state.value
            order.append((parcel.kind, state))
        assert order[0] == ("card", "unknown")
        assert order[1] == ("card", "succeeded")
        assert {kind for kind, _ in order[2:4]} == {"audit"}
        assert order[4] == ("card", "proposed")
        assert {kind for kind, _ in order[5:]} == {"thread"}  # their cards come first
        while (wait := await posting.drain()) < 30:
            bench.clock.advance(wait)
        first = [posting.slack.workspace.message(CHANNEL, bench.get(each).card_ts or "") for each in (lost, done)]
        assert posting.cards()[:2] == first
        assert {state for _, state in posting.outbox()} == {"done"}

    stage(act)


def test_a_channel_with_a_backlog_does_not_keep_a_card_elsewhere_waiting(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        await posting.proposed()
        posting.expire()
        (event,) = bench.events("expired")
        for _ in range(39):  # more than the poster looks at in one queue
            bench.journal.run(lambda tx: tx.outbox.tell("audit", 1, event.seq)).result()
        await posting.drain()
        bench.ask("10 usdt htx:spot -> htx:linear-swap")
        await posting.drain()
        assert len(posting.cards()) == 2
        assert len(posting.audit()) == 3
        while (wait := await posting.drain()) < 30:
            bench.clock.advance(wait)
        assert len(posting.audit()) == 40

    stage(act)


def test_posts_into_one_channel_are_one_a_second_after_a_small_burst(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        for number in range(1, 7):
            posting.bench.ask(f"{number} usdt htx:spot -> htx:linear-swap")
        assert await posting.drain() == pytest.approx(1)
        assert len(posting.cards()) == 3
        for posted in (4, 5, 6):
            posting.bench.clock.advance(0.5)
            assert await posting.drain() == pytest.approx(0.5)
            posting.bench.clock.advance(0.5)
            await posting.drain()
            assert len(posting.cards()) == posted

    stage(act)


def test_edits_stay_below_fifty_a_minute(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        for number in range(1, 13):
            bench.ask(f"{number} usdt htx:spot -> htx:linear-swap")
        while (wait := await posting.drain()) < 30:
            bench.clock.advance(wait)
        for number in range(1, 13):
            bench.cancel_by_command(number)
        assert await posting.drain() <= 1.5
        assert posting.calls().count("chat.update") == 10
        bench.clock.advance(1.5)
        await posting.drain()
        assert posting.calls().count("chat.update") == 11

    stage(act)


def test_a_row_that_fails_for_good_or_for_now_holds_up_no_other(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("server_error")
        posting.bench.ask("1 usdt htx:spot -> htx:linear-swap")
        posting.bench.ask("2 usdt htx:spot -> htx:linear-swap")
        await posting.drain()
        (card,) = posting.cards()
        assert card.text.startswith("T2")
        posting.leave(AUDIT)
        posting.expire()
        while (wait := await posting.drain()) < 30:
            posting.bench.clock.advance(wait)
        assert len(posting.cards()) == 2
        assert [state for kind, state in posting.outbox() if kind == "audit"] == ["parked", "parked"]
        assert {state for kind, state in posting.outbox() if kind != "audit"} == {"done"}

    stage(act)


def test_look_ups_that_must_rest_hold_up_nothing_that_needs_none(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        await posting.proposed()
        posting.expire()
        await posting.drain()
        (event,) = bench.events("expired")
        for _ in range(25):  # more than the poster looks at in one queue, and each may be there already
            bench.journal.run(lambda tx: tx.outbox.tell("audit", 1, event.seq)).result()
        for parcel in bench.journal.run(lambda tx: list(tx.outbox.pending(25))).result():
            bench.desk.trying(parcel).result()
        bench.clock.advance(3)
        posting.slack.switches.turn_on("rate_limited", method="conversations.history", retry_after=600)
        await posting.drain()
        bench.journal.run(lambda tx: tx.outbox.tell("audit", 1, event.seq)).result()
        await posting.drain()
        assert len(posting.audit()) == 2
        bench.clock.advance(600)
        while (wait := await posting.drain()) < 30:
            bench.clock.advance(wait)
        assert len(posting.audit()) == 27

    stage(act)


def test_edits_slack_never_answers_leave_the_posts_their_time(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        for number in range(1, 4):
            bench.ask(f"{number} usdt htx:spot -> htx:linear-swap")
        await posting.drain()

        async def hang(**_: Any) -> None:
            bench.clock.advance(posting.client.timeout)
            raise TimeoutError

        posting.client.chat_update = hang  # type: ignore[method-assign, assignment]
        posting.expire()
        began = bench.clock.monotonic()
        while len(posting.audit()) < 3:
            bench.clock.advance(await posting.poster.step())
            assert bench.clock.monotonic() - began < 120

    stage(act)
