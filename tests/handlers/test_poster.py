"""The poster against a local Slack: what is posted, edited, replied, put off and given up."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest
from desk_bench import ALICE, CHANNEL, SNAPSHOT
from posting import AUDIT, Posting, Stage

from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_workspace import Message
from bot.transfers import Accepted, State


def buttons(message: Message) -> set[str]:
    return {element["action_id"] for _, element in elements(message.blocks)}


# What is told, and where


def test_a_card_is_posted_once_and_edited_from_then_on(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        transfer = await posting.proposed()
        (posted,) = posting.cards()
        assert transfer.card_ts == posted.ts
        assert buttons(posted) == {"transfer_confirm", "transfer_cancel"}
        assert posting.bench.confirm(transfer).startswith("T1 is confirmed")
        await posting.drain()
        (edited,) = posting.cards()
        assert (edited.ts, edited.edited) == (posted.ts, 1)
        assert "about to be sent" in edited.text
        assert posting.calls() == ["chat.postMessage", "chat.update"]

    stage(act)


def test_an_end_is_told_on_the_card_under_it_and_in_the_audit_channel(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        posting.expire()
        await posting.drain()
        (card,) = posting.cards()
        assert "Expired" in card.text
        assert buttons(card) == set()
        (reply,) = posting.replies_under(card)
        assert reply.startswith(f"<@{ALICE.user}> T1, 250 USDT")
        assert "It was not confirmed in time. Nothing was sent." in reply
        (line,) = posting.audit()
        (event,) = posting.bench.events("expired")
        assert line.endswith(f"chain #{event.seq} `{event.hash}`")
        assert posting.outbox() == [("card", "done"), ("thread", "done"), ("audit", "done")]

    stage(act)


def test_edits_that_pile_up_become_one(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        transfer = await posting.proposed()
        bench = posting.bench
        bench.confirm(transfer)
        bench.desk.claim(transfer.id, SNAPSHOT).result()
        bench.desk.settle(transfer.id, Accepted("900001")).result()
        await posting.drain()
        (card,) = posting.cards()
        assert (card.edited, card.text.endswith("Done.")) == (1, True)
        assert posting.calls() == ["chat.postMessage", "chat.update", "chat.postMessage", "chat.postMessage"]

    stage(act)


def test_a_change_while_a_card_is_on_its_way_is_shown_after_it(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        wake, bench = posting.slack.workspace.on_change, posting.bench
        bench.ask()

        def cancel_in_flight() -> None:
            """The card has been rendered and sent; Slack has it in its hands."""
            wake()
            if bench.get(1).state is State.PROPOSED:
                bench.cancel_by_command(1)

        posting.slack.workspace.on_change = cancel_in_flight
        assert await posting.poster.step() == 0
        (card,) = posting.cards()
        assert "Please check and confirm" in card.text
        await posting.drain()
        (card,) = posting.cards()
        assert "Cancelled" in card.text
        assert buttons(card) == set()

    stage(act)


def test_an_older_state_never_overwrites_a_newer_one(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        transfer, bench = await posting.proposed(), posting.bench
        seen: list[str] = []
        wake = posting.slack.workspace.on_change

        def note() -> None:
            wake()
            (card,) = posting.cards()
            if not seen or seen[-1] != card.text:
                seen.append(card.text)

        posting.slack.workspace.on_change = note
        posting.slack.switches.turn_on("drop_after_post", times=2, method="chat.update")
        bench.confirm(transfer)
        await posting.drain()
        bench.desk.claim(transfer.id, SNAPSHOT).result()
        bench.desk.settle(transfer.id, Accepted("900001")).result()
        for _ in range(5):
            bench.clock.advance(60)
            await posting.drain()
        heads = [text.rpartition(". ")[2] or text for text in seen]
        assert [head for head in heads if head != heads[0]] in (["Done."], ["Confirmed, about to be sent.", "Done."])
        assert posting.cards()[0].text.endswith("Done.")

    stage(act)


def test_messages_carry_what_they_are_about_and_unfurl_nothing(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        (call,) = posting.slack.web_api.calls
        ((journal,),) = posting.bench.read("SELECT uuid FROM journal")
        about = {"journal": journal, "parcel": 1, "transfer": 1, "kind": "card", "event": 0}
        assert call.arguments["metadata"] == {"event_type": "transferdesk", "event_payload": about}
        assert str(call.arguments["unfurl_links"]).lower() in {"false", "0"}
        assert str(call.arguments["unfurl_media"]).lower() in {"false", "0"}

    stage(act)


def test_the_poster_wakes_when_the_journal_has_news(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        news, loop = asyncio.Event(), asyncio.get_running_loop()
        posting.bench.journal.on_commit(lambda: loop.call_soon_threadsafe(news.set))
        running = asyncio.create_task(posting.poster.run(news))
        posting.bench.ask()
        await posting.slack.wait_for(lambda: bool(posting.cards()))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled()

    stage(act)


# When Slack cannot just now


def test_a_429_is_waited_out_as_long_as_slack_says(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("rate_limited", retry_after=7)
        posting.bench.ask()
        assert await posting.drain() == pytest.approx(7)
        assert posting.calls() == ["chat.postMessage"]
        posting.bench.clock.advance(6.5)
        assert await posting.drain() == pytest.approx(0.5)
        assert posting.calls() == ["chat.postMessage"]
        posting.bench.clock.advance(0.5)
        await posting.drain()
        assert len(posting.cards()) == 1

    stage(act)


def test_only_the_channel_slack_wants_quiet_in_is_quiet(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        posting.expire()
        posting.slack.switches.turn_on("rate_limited", method="chat.postMessage", retry_after=30)
        await posting.drain()
        assert (len(posting.replies_under(posting.cards()[0])), len(posting.audit())) == (0, 1)
        posting.bench.clock.advance(30)
        await posting.drain()
        assert len(posting.replies_under(posting.cards()[0])) == 1

    stage(act)


def test_a_slack_that_cannot_be_reached_is_tried_again_later_and_later(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        port = int(posting.slack.url.rpartition(":")[2])
        await posting.slack.stop()
        posting.bench.ask()
        waits = []
        for _ in range(4):
            waits.append(await posting.drain())
            posting.bench.clock.advance(waits[-1])
        assert waits == [1, 2, 5, 15]
        await posting.slack.start(port=port)
        await posting.drain()
        assert len(posting.cards()) == 1
        assert posting.outbox() == [("card", "done")]

    stage(act)


def test_what_slack_was_not_told_survives_a_restart(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.ask()
        posting.bench.restart()
        posting.connect()
        await posting.drain()
        assert len(posting.cards()) == 1

    stage(act)


# When Slack never will


def test_a_card_slack_refuses_for_good_is_parked_on_the_record_and_its_requester_told(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.leave(CHANNEL)
        posting.keep_a_response_url()
        await posting.proposed()
        assert posting.outbox() == [("card", "parked")]
        (event,) = posting.bench.events("parked")
        assert (event.transfer_id, event.data["what"], event.data["problem"]) == (1, "card", "not_in_channel")
        (told,) = posting.told_alice()
        assert told.startswith("The card of T1 cannot be shown here (Slack says not_in_channel)")

    stage(act)


def test_nobody_is_told_through_an_address_that_is_too_old(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.keep_a_response_url()
        posting.bench.clock.advance(minutes=26)
        posting.leave(CHANNEL)
        await posting.proposed()
        assert posting.outbox() == [("card", "parked")]
        assert posting.told_alice() == []

    stage(act)


def test_a_parked_row_holds_up_no_other(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.leave(CHANNEL)
        await posting.proposed()
        posting.expire()
        await posting.drain()
        assert len(posting.audit()) == 1
        for _ in range(10):
            posting.bench.clock.advance(60)
            await posting.drain()
        assert posting.outbox() == [("card", "parked"), ("thread", "parked"), ("audit", "done")]

    stage(act)


def test_an_audit_channel_the_app_is_not_in_does_not_hold_up_cards(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.leave(AUDIT)
        await posting.proposed()
        posting.expire()
        await posting.proposed()
        (first, second) = posting.cards()
        assert "Expired" in first.text
        assert "Please check and confirm" in second.text
        (event,) = posting.bench.events("parked")
        assert (event.data["what"], event.data["problem"]) == ("audit", "channel_not_found")
        assert posting.told_alice() == []

    stage(act)


def test_a_deleted_card_is_posted_anew_and_only_the_new_ones_buttons_count(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        transfer = await posting.proposed()
        old = posting.cards()[0]
        posting.slack.workspace.delete(CHANNEL, old.ts)
        # Something that redraws the card without ending it: an equal transfer appears.
        posting.bench.ask()
        await posting.drain()
        transfer = posting.bench.get(transfer.id)
        assert transfer.card_ts not in (None, old.ts)
        assert "is not the card of T1" in posting.bench.confirm(replace(transfer, card_ts=old.ts))
        assert posting.bench.state(transfer) == "proposed"
        assert posting.bench.confirm(transfer).startswith("T1 is confirmed")

    stage(act)


def test_a_card_somebody_else_owns_by_now_is_posted_anew(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        await posting.proposed()
        foreign = posting.slack.workspace.post(CHANNEL, ALICE.user, "not a card")
        transfer = posting.bench.get(1)
        posting.bench.tamper("UPDATE transfers SET card_ts = ?", foreign.ts)
        posting.expire()
        await posting.drain()
        assert posting.slack.workspace.message(CHANNEL, foreign.ts) == foreign
        assert posting.bench.get(1).card_ts not in (foreign.ts, transfer.card_ts)

    stage(act)


# What the log says about it


def test_failures_are_logged_by_name_without_addresses_or_tokens(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(posting: Posting) -> None:
        posting.keep_a_response_url()
        posting.leave(CHANNEL)
        await posting.proposed()
        await posting.slack.stop()
        posting.keep_a_response_url()
        posting.bench.ask()
        await posting.drain()
        await posting.replies.tell_requester(ALICE.user, CHANNEL, "hello")

        assert "Slack will not take the card of T1: not_in_channel" in caplog.text
        assert "Slack could not be told about T2 (ClientConnectorError); again in 1 s" in caplog.text
        assert "a private answer could not be delivered (ClientConnectorError)" in caplog.text
        assert posting.slack.bot_token not in caplog.text
        assert "http" not in caplog.text
        assert "response/" not in caplog.text

    caplog.set_level(logging.INFO)
    stage(act)
