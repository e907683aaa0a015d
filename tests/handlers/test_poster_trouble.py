"""The poster when others fail it: a journal that cannot be written, a Slack that has shut the desk out."""

from __future__ import annotations

import logging

import pytest
from posting import Posting, Stage

# When the journal cannot


def test_a_message_slack_took_is_never_posted_again_while_the_journal_cannot_say_so(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        bench.tamper(
            "CREATE TRIGGER full BEFORE UPDATE ON transfers WHEN new.card_ts IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        bench.ask()
        bench.ask("30 usdt htx:spot -> htx:linear-swap")
        for _ in range(5):
            assert await posting.drain() > 0
            bench.clock.advance(60)
        assert posting.calls() == ["chat.postMessage"]
        bench.tamper("DROP TRIGGER full")
        await posting.drain()
        first, second = posting.cards()
        assert [bench.get(1).card_ts, bench.get(2).card_ts] == [first.ts, second.ts]
        assert posting.outbox() == [("card", "done"), ("card", "done")]

    stage(act)


def test_a_change_while_the_journal_could_not_be_written_is_still_shown(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        bench.tamper(
            "CREATE TRIGGER full BEFORE UPDATE ON outbox WHEN new.state = 'done' BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        bench.ask()
        await posting.drain()
        bench.cancel_by_command(1)
        bench.tamper("DROP TRIGGER full")
        await posting.drain()
        (card,) = posting.cards()
        assert "Cancelled" in card.text

    stage(act)


# When Slack has shut the desk out


def test_a_revoked_token_is_said_once_a_minute_with_the_fix_and_loses_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(posting: Posting) -> None:
        token = posting.slack.bot_token
        posting.slack.web_api._bot_token = "xoxb-another"
        posting.bench.ask()
        waits = []
        for _ in range(6):
            waits.append(await posting.drain())
            posting.bench.clock.advance(20)
        assert waits == pytest.approx([60, 40, 20, 60, 40, 20])
        said = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        assert said == ["Slack refuses the desk (invalid_auth): install the app again and set SLACK_BOT_TOKEN"] * 2
        assert posting.outbox() == [("card", "pending")]
        posting.slack.web_api._bot_token = token
        await posting.drain()
        assert len(posting.cards()) == 1

    stage(act)


# When the clock is set back


def test_what_was_put_off_before_the_clock_went_back_by_hours_is_posted_at_once(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        bench.ask()
        bench.desk.put_off(bench.parcels()[0], 30, "ratelimited").result()
        bench.clock.set(-5 * 3600)
        await posting.drain()
        assert len(posting.cards()) == 1

    stage(act)
