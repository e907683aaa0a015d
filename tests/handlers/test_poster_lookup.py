"""Never the same message twice: what a post whose answer was lost leaves, and how it is found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_bench import ALICE, CHANNEL
from posting import AUDIT, BOT, Posting, Stage
from slack_sdk.errors import SlackApiError

from bot.desk.restoring import restore
from bot.journal.backup import back_up, put_back
from handlers.lookup import Mark
from handlers.witness import read_lines

UNCLEAR_BUT_POSTED = ["drop_after_post", "fatal_error_after_post"]


def tried(posting: Posting) -> list[bool]:
    """Which rows of the outbox hold a post nobody knows the end of."""
    return [row[0] is not None for row in posting.bench.read("SELECT tried_at FROM outbox ORDER BY id")]


async def ended(posting: Posting) -> None:
    """A transfer ran out of time and only its card knows yet: reply and audit line are still to be posted."""
    await posting.proposed()
    posting.slack.switches.turn_on("rate_limited", times=2, method="chat.postMessage")
    posting.expire()
    await posting.drain()
    assert (posting.outbox(), posting.audit()) == ([("card", "done"), ("thread", "pending"), ("audit", "pending")], [])
    posting.bench.clock.advance(5)


async def settle(posting: Posting) -> None:
    """Let enough time pass for everything to be tried again, several times."""
    for _ in range(5):
        posting.bench.clock.advance(20)
        await posting.drain()


# One message, whatever became of the answer


@pytest.mark.parametrize("switch", UNCLEAR_BUT_POSTED)
def test_a_card_slack_took_without_saying_so_is_found_and_becomes_the_card(stage: Stage, switch: str) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on(switch)
        transfer = await posting.proposed()
        assert (transfer.card_ts, tried(posting)) == (None, [True])
        await settle(posting)
        (card,) = posting.cards()
        assert posting.bench.get(1).card_ts == card.ts
        assert (posting.outbox(), tried(posting)) == ([("card", "done")], [False])
        assert posting.bench.confirm(posting.bench.get(1)).startswith("T1 is confirmed")

    stage(act)


@pytest.mark.parametrize("switch", UNCLEAR_BUT_POSTED)
def test_a_reply_and_an_audit_line_slack_took_without_saying_so_are_not_repeated(stage: Stage, switch: str) -> None:
    async def act(posting: Posting) -> None:
        await ended(posting)
        posting.slack.switches.turn_on(switch, times=2, method="chat.postMessage")
        await posting.drain()
        assert tried(posting) == [False, True, True]
        await settle(posting)
        assert (len(posting.replies_under(posting.cards()[0])), len(posting.audit())) == (1, 1)
        assert posting.outbox() == [("card", "done"), ("thread", "done"), ("audit", "done")]

    stage(act)


def test_a_post_slack_did_not_take_is_made_after_nothing_was_found(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("server_error")
        await posting.proposed()
        assert tried(posting) == [True]
        await settle(posting)
        assert len(posting.cards()) == 1
        assert posting.calls()[:4] == ["chat.postMessage", "auth.test", "conversations.history", "chat.postMessage"]

    stage(act)


def test_a_message_is_given_time_to_arrive_before_it_is_looked_for(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("server_error")
        await posting.proposed()
        assert await posting.drain() == pytest.approx(3)
        assert posting.calls() == ["chat.postMessage"]

    stage(act)


@pytest.mark.parametrize("of", ["the card", "the reply and the audit line"])
def test_a_restart_between_post_and_record_posts_nothing_twice(stage: Stage, of: str) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        if of == "the card":
            bench.ask()
        else:
            await ended(posting)
        # The post goes out, its record cannot be written, and the desk dies.
        bench.tamper(
            "CREATE TRIGGER full BEFORE UPDATE ON outbox WHEN new.state = 'done' BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        for _ in range(2):
            await posting.drain()
            bench.restart()
            posting.connect()
        bench.tamper("DROP TRIGGER full")
        await settle(posting)
        (card,) = posting.cards()
        lines = 0 if of == "the card" else 1
        assert (len(posting.replies_under(card)), len(posting.audit())) == (lines, lines)
        assert {state for _, state in posting.outbox()} == {"done"}
        assert bench.get(1).card_ts == card.ts

    stage(act)


def test_a_restart_before_the_post_loses_nothing(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.ask()
        (parcel,) = posting.bench.parcels()
        posting.bench.desk.trying(parcel).result()
        posting.bench.restart()
        posting.connect()
        await settle(posting)
        assert len(posting.cards()) == 1

    stage(act)


def test_a_card_found_again_is_brought_up_to_date(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("drop_after_post")
        await posting.proposed()
        posting.bench.cancel_by_command(1)
        await settle(posting)
        (card,) = posting.cards()
        assert "Cancelled" in card.text
        assert (card.ts, card.edited) == (posting.bench.get(1).card_ts, 1)

    stage(act)


# When looking is not possible, or not needed


def test_while_nothing_can_be_looked_up_nothing_is_posted_again(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("drop_after_post")
        await posting.proposed()
        posting.slack.switches.turn_on("history_fails", times=3)
        await settle(posting)
        await settle(posting)
        assert len(posting.cards()) == 1
        assert posting.calls().count("conversations.history") == 4
        assert posting.calls().count("chat.postMessage") == 1
        assert posting.outbox() == [("card", "done")]

    stage(act)


def test_a_look_up_that_is_rate_limited_waits_and_leaves_the_question_open(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("drop_after_post")
        await posting.proposed()
        posting.slack.switches.turn_on("rate_limited", method="conversations.history", retry_after=40)
        posting.bench.clock.advance(5)
        assert await posting.drain() == pytest.approx(30)  # idle at most; then it asks again
        assert tried(posting) == [True]
        await settle(posting)
        assert len(posting.cards()) == 1

    stage(act)


def test_what_slack_certainly_did_not_take_is_posted_without_a_look(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("rate_limited")
        await posting.proposed()
        assert tried(posting) == [False]
        port = int(posting.slack.url.rpartition(":")[2])
        await posting.slack.stop()
        posting.bench.clock.advance(5)
        await posting.drain()  # nobody listens: there is no connection
        assert tried(posting) == [False]
        await posting.slack.start(port=port)
        await settle(posting)
        assert posting.calls() == ["chat.postMessage", "chat.postMessage"]

    stage(act)


def test_a_refusal_does_not_close_the_question_of_an_earlier_try(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("server_error")
        await posting.proposed()
        posting.slack.switches.turn_on("rate_limited", method="chat.postMessage", retry_after=1)
        posting.bench.clock.advance(5)
        await posting.drain()
        assert tried(posting) == [True]
        await settle(posting)
        assert (len(posting.cards()), tried(posting)) == (1, [False])
        assert posting.calls().count("conversations.history") == 2

    stage(act)


# Which message it is


def test_only_the_desks_own_message_with_this_mark_is_taken_for_the_card(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("server_error")
        await posting.proposed()
        ((journal,),) = posting.bench.read("SELECT uuid FROM journal")
        ours = {"journal": journal, "parcel": 1}

        def plant(user: str, event_type: str, payload: Any) -> None:
            mark = {"event_type": event_type, "event_payload": payload}
            posting.slack.workspace.post(CHANNEL, user, "not the card", metadata=mark)

        plant(ALICE.user, "transferdesk", ours)
        plant(BOT.id, "other_app", ours)
        plant(BOT.id, "transferdesk", ours | {"journal": "0" * 32})
        plant(BOT.id, "transferdesk", ours | {"parcel": 2})
        plant(BOT.id, "transferdesk", [])
        await settle(posting)
        *planted, card = posting.cards()
        assert len(planted) == 5
        assert posting.bench.get(1).card_ts == card.ts

    stage(act)


def test_a_message_many_pages_back_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("drop_after_post")
        await posting.proposed()
        for number in range(12):
            posting.slack.workspace.post(CHANNEL, ALICE.user, f"chatter {number}")
        await settle(posting)
        card = posting.cards()[0]
        assert posting.bench.get(1).card_ts == card.ts
        assert posting.calls().count("conversations.history") == 3

    monkeypatch.setattr("handlers.lookup.PAGE_SIZE", 5)
    stage(act)


def test_a_history_without_end_is_no_answer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("drop_after_post")
        await posting.proposed()
        for number in range(20):
            posting.slack.workspace.post(CHANNEL, ALICE.user, f"chatter {number}")
        await settle(posting)
        assert posting.calls().count("chat.postMessage") == 1
        assert posting.outbox() == [("card", "pending")]

    monkeypatch.setattr("handlers.lookup.PAGE_SIZE", 2)
    monkeypatch.setattr("handlers.lookup.PAGES_MAX", 3)
    stage(act)


@pytest.mark.parametrize("minutes", [-50, 50])
def test_a_clock_that_is_wrong_by_most_of_an_hour_hides_no_message(stage: Stage, minutes: int) -> None:
    async def act(posting: Posting) -> None:
        clock = posting.bench.clock
        posting.slack.workspace.now = lambda: clock.now().timestamp() + 60 * minutes
        posting.slack.switches.turn_on("drop_after_post")
        await posting.proposed()
        await settle(posting)
        assert len(posting.cards()) == 1

    stage(act)


def test_a_clock_set_back_by_hours_after_the_post_hides_no_message(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        clock, wrong_by_s = posting.bench.clock, 5 * 3600
        posting.slack.workspace.now = lambda: clock.now().timestamp() - wrong_by_s
        posting.slack.switches.turn_on("drop_after_post")
        await posting.proposed()
        clock.set(-wrong_by_s)
        wrong_by_s = 0
        await settle(posting)
        assert len(posting.cards()) == 1
        assert posting.outbox() == [("card", "done")]

    stage(act)


def test_a_card_replaced_because_it_was_lost_is_not_found_in_its_own_place(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        posting.slack.workspace.delete(CHANNEL, posting.cards()[0].ts)
        posting.slack.switches.turn_on("drop_after_post", method="chat.postMessage")
        posting.bench.cancel_by_command(1)
        await settle(posting)
        (card,) = posting.cards()
        assert posting.bench.get(1).card_ts == card.ts
        assert "Cancelled" in card.text

    stage(act)


# What stands on every message


def test_every_message_names_its_journal_row_and_transfer_and_an_audit_line_the_chains_head(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        posting.expire()
        await posting.drain()
        ((journal,),) = posting.bench.read("SELECT uuid FROM journal")
        (event,) = posting.bench.events("expired")
        (card,) = posting.cards()
        _, reply = posting.slack.workspace.thread(CHANNEL, card.ts)
        (line,) = posting.slack.workspace.messages(AUDIT)
        about = {"journal": journal, "transfer": 1}
        first, second, third = (row[0] for row in posting.bench.read("SELECT id FROM outbox ORDER BY id"))
        assert [message.metadata and message.metadata["event_payload"] for message in (card, reply, line)] == [
            about | {"parcel": first, "kind": "card", "event": 0},
            about | {"parcel": second, "kind": "thread", "event": event.seq},
            about | {"parcel": third, "kind": "audit", "event": event.seq, "seq": event.seq, "hash": event.hash},
        ]

    stage(act)


def test_an_edit_keeps_the_mark(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        before = posting.cards()[0].metadata
        posting.bench.cancel_by_command(1)
        await posting.drain()
        (card,) = posting.cards()
        assert (card.edited, card.metadata) == (1, before)

    stage(act)


def test_a_limit_slack_enforces_itself_is_never_met(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("keep_limits")
        for number in range(1, 21):
            posting.bench.ask(f"{number} usdt htx:spot -> htx:linear-swap")
        posting.expire()
        while (wait := await posting.drain()) < 30:
            posting.bench.clock.advance(wait)
        assert len(posting.cards()) == 20
        assert len(posting.audit()) == 20
        with pytest.raises(SlackApiError, match="ratelimited"):
            for _ in range(9):
                await posting.client.chat_postMessage(channel=CHANNEL, text="too fast")

    stage(act)


def test_a_backup_restored_twice_posts_nothing_twice(stage: Stage, tmp_path: Path) -> None:
    async def act(posting: Posting) -> None:
        bench, backup = posting.bench, tmp_path / "desk.bak"
        bench.ask()
        back_up(bench.path, backup)
        for _ in range(2):
            bench.clock.advance(1)
            bot_id = posting.slack.workspace.bot_id
            lines = [line for place in (AUDIT, CHANNEL) for line in await read_lines(posting.client, place, bot_id)]
            bench.close()
            put_back(bench.path, backup, bench.clock.now(), lambda tx, lines=lines: restore(tx, lines))  # type: ignore[misc]
            bench.open()
            posting.connect()
            await settle(posting)
        (card,) = posting.cards()
        assert card.ts == bench.get(1).card_ts

    stage(act)


def test_a_line_about_no_transfer_leaves_nothing_of_its_mark_empty(stage: Stage) -> None:
    """What Slack makes of a null in metadata is not documented; a mark it drops would never be found again."""

    async def act(posting: Posting) -> None:
        bench = posting.bench
        bench.journal.run(lambda tx: tx.outbox.tell("audit", None, tx.head().seq)).result()
        (parcel,) = bench.parcels()
        about = Mark(("0a" * 16,), parcel).metadata()["event_payload"]
        assert about == {"journal": "0a" * 16, "parcel": parcel.id, "transfer": 0, "kind": "audit", "event": 1}

    stage(act)
