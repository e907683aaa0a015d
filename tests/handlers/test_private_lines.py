"""What is told to one person alone: there, to them, inert, and in the way of nothing else."""

from __future__ import annotations

import pytest
from desk_bench import ALICE, BOB, CHANNEL
from posting import Posting, Stage
from shares import ALL, HALF, read, wish

from bot.sandbox.slack_workspace import User


def refuse(posting: Posting) -> None:
    """Let a share come to nothing."""
    wish(posting.bench, ALL)
    read(posting.bench, "0")


def test_only_whoever_wanted_it_is_told_and_nothing_is_posted(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        refuse(posting)
        await posting.drain()
        (told,) = posting.told_alice()
        assert told.startswith("`all usdt from htx:spot to htx:linear-swap` was not proposed. `htx:spot` has 0 USDT")
        assert posting.slack.workspace.messages(CHANNEL) == []
        assert posting.calls() == ["chat.postEphemeral"]
        assert posting.outbox() == [("private", "done")]

    stage(act)


def test_what_slack_was_not_told_is_told_after_a_restart(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        refuse(posting)
        posting.bench.restart()
        posting.connect()
        await posting.drain()
        assert len(posting.told_alice()) == 1

    stage(act)


def test_a_private_line_waits_as_long_as_slack_says(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.switches.turn_on("rate_limited", retry_after=3)
        refuse(posting)
        wait = await posting.drain()
        assert (wait, posting.told_alice()) == (pytest.approx(3.0), [])
        posting.bench.clock.advance(wait)
        await posting.drain()
        assert len(posting.told_alice()) == 1

    stage(act)


def test_somebody_who_left_the_channel_holds_up_nobody(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.slack.workspace.put_user(User(BOB.user, "bob"))
        wish(posting.bench, HALF, BOB)
        read(posting.bench, "0")
        refuse(posting)
        await posting.drain()
        assert len(posting.told_alice()) == 1
        assert posting.outbox() == [("private", "parked"), ("private", "done")]
        (event,) = posting.bench.events("parked")
        assert (event.data["what"], event.data["problem"]) == ("private", "user_not_in_channel")

    stage(act)


def test_what_an_exchange_says_is_inert(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        wish(posting.bench, ALL)
        read(posting.bench, None, problem="could not be read: <!channel> <https://evil.com|htx>")
        await posting.drain()
        assert "&lt;!channel&gt; &lt;https://evil.com|htx&gt;" in posting.told_alice()[0]

    stage(act)


def test_a_granted_share_shows_its_figure_and_what_it_is_a_share_of(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        wish(posting.bench, HALF)
        read(posting.bench, "1234.56")
        await posting.drain()
        (card,) = posting.cards()
        assert card.blocks[0]["text"]["text"] == (
            "*617.28 USDT*  `htx:spot` → `htx:linear-swap`\nhalf of 1,234.56 USDT available"
        )
        assert posting.told_alice() == []
        assert ALICE.user in str(card.blocks)

    stage(act)
