"""Who is called over the whole life of a transfer: whoever must act, the requester at the end, nobody else, ever.

An edit calls nobody. A new message calls everybody it mentions, in its blocks as well as in its text.
"""

from __future__ import annotations

import json
import re

import pytest
from desk_bench import ALICE, BOB, CAROL, CHANNEL, COMMAND, DAN, ERIN, SNAPSHOT, Person, rule_says
from posting import AUDIT, Posting, Stage

from bot.desk import Decision
from bot.lanes import Deadlines
from bot.transfers import Accepted, Outcome, Refused, Transfer, Unknown

TREASURERS = {BOB.user, CAROL.user, DAN.user, ERIN.user}
ONE_OF_THEM = rule_says('approvals = [{ count = 1, from = "treasurers" }]')
TWO_OF_THEM = rule_says('approvals = [{ count = 2, from = "treasurers" }]')


def called(posting: Posting) -> list[tuple[str, set[str]]]:
    """Where each message was posted, and whom it called; without those that called nobody."""
    posts = [call.arguments for call in posting.slack.web_api.calls if call.method == "chat.postMessage"]
    found = []
    for post in posts:
        said = json.dumps([post.get("text"), post.get("blocks")])
        assert not re.search("<!(channel|here|everyone|subteam)", said)
        people = set(re.findall("<@([UW][A-Z0-9]+)", said))
        place = "audit" if post["channel"] == AUDIT else "reply" if post.get("thread_ts") else "card"
        if people:
            found.append((place, people))
    return found


async def settled(posting: Posting, transfer: Transfer, outcome: Outcome) -> None:
    claimed = posting.bench.desk.claim(transfer.id, SNAPSHOT).result()
    assert claimed is not None
    await posting.drain()
    posting.bench.desk.settle(transfer.id, outcome).result()
    await posting.drain()


async def waiting(posting: Posting) -> Transfer:
    transfer = await posting.proposed()
    posting.bench.confirm(transfer)
    await posting.drain()
    return posting.bench.get(transfer.id)


async def half_time(posting: Posting) -> None:
    posting.bench.clock.advance(minutes=30)
    for _ in range(3):
        Deadlines(posting.bench.desk, posting.bench.clock).step()
    await posting.drain()


@pytest.mark.parametrize("outcome", [Accepted("1"), Refused("1300", "no")])
def test_without_approvals_the_requester_alone_to_confirm_and_at_the_end(stage: Stage, outcome: Outcome) -> None:
    async def act(posting: Posting) -> None:
        transfer = await posting.proposed()
        posting.bench.confirm(transfer)
        await posting.drain()
        await settled(posting, transfer, outcome)
        assert called(posting) == [("card", {ALICE.user}), ("reply", {ALICE.user})]

    stage(act)


def test_approvers_when_they_are_asked_and_at_half_time_as_far_as_they_are_still_wanted(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.restart(TWO_OF_THEM)
        posting.connect()
        transfer = await waiting(posting)
        posting.bench.approve(transfer, CAROL)
        await posting.drain()
        await half_time(posting)
        posting.bench.approve(transfer, DAN)
        await posting.drain()
        await settled(posting, transfer, Accepted("1"))
        assert called(posting) == [
            ("card", {ALICE.user}),
            ("reply", TREASURERS),
            ("reply", TREASURERS - {CAROL.user}),
            ("reply", {ALICE.user}),
        ]

    stage(act)


def test_the_reminder_says_until_when_and_for_what(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.restart(ONE_OF_THEM)
        posting.connect()
        await waiting(posting)
        await half_time(posting)
        (card,) = posting.cards()
        reminder = posting.replies_under(card)[-1]
        assert re.fullmatch(
            "<@U02BOB>, <@U03CAROL>, <@U04DAN>, <@U05ERIN> T1, 250 USDT htx:spot → htx:linear-swap, margin account "
            r"USDT \(cross\), still waits for the approval of 1 of treasurers, until <!date\^\d+\^[^>]+>. "
            "Decide on the card above.",
            reminder,
        )

    stage(act)


@pytest.mark.parametrize("end", ["denied", "cancelled", "expired"])
def test_who_had_to_approve_hears_nothing_of_the_end(stage: Stage, end: str) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.restart(ONE_OF_THEM)
        posting.connect()
        transfer = await waiting(posting)
        if end == "denied":
            posting.bench.deny(transfer, CAROL)
        elif end == "cancelled":
            posting.bench.cancel(transfer)
        else:
            posting.bench.clock.advance(hours=1)
            posting.bench.desk.expire_due().result()
        await posting.drain()
        assert posting.bench.state(transfer) == end
        told = [] if end == "cancelled" else [("reply", {ALICE.user})]
        assert called(posting) == [("card", {ALICE.user}), ("reply", TREASURERS), *told]

    stage(act)


@pytest.mark.parametrize("reminded", [False, True])
def test_a_call_that_slack_could_not_take_in_time_is_not_made_any_more(stage: Stage, reminded: bool) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.restart(ONE_OF_THEM)
        posting.connect()
        transfer = await posting.proposed()
        posting.bench.confirm(transfer)
        if reminded:
            await posting.drain()
            posting.bench.clock.advance(minutes=30)
            Deadlines(posting.bench.desk, posting.bench.clock).step()
        before = called(posting)
        # Nothing was posted meanwhile.
        posting.bench.cancel(posting.bench.get(transfer.id))
        await posting.drain()
        assert called(posting) == before
        assert posting.bench.parcels() == []

    stage(act)


def test_a_lost_answer_is_told_to_the_requester_and_settling_it_once_more(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        transfer = await posting.proposed()
        posting.bench.confirm(transfer)
        await settled(posting, transfer, Unknown("no answer within 20 s"))
        posting.bench.clock.advance(minutes=6)
        for admin in (CAROL, DAN):
            posting.bench.resolve(posting.bench.get(transfer.id), admin, Decision.NOT_EXECUTED)
            await posting.drain()
        assert posting.bench.state(transfer) == "not_executed"
        assert called(posting) == [("card", {ALICE.user}), ("reply", {ALICE.user}), ("reply", {ALICE.user})]

    stage(act)


@pytest.mark.parametrize("other", [ALICE, BOB])
def test_who_asked_for_an_equal_transfer_is_not_called_by_its_twin(stage: Stage, other: Person) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.ask(COMMAND, other)
        await posting.drain()
        posting.bench.ask()
        await posting.drain()
        assert called(posting) == [("card", {other.user}), ("card", {ALICE.user})]
        assert "T1 by" in json.dumps(posting.cards()[1].blocks)

    stage(act)


def test_a_card_that_is_posted_again_calls_nobody_who_need_not_act(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.restart(ONE_OF_THEM)
        posting.connect()
        transfer = await waiting(posting)
        posting.bench.approve(transfer, CAROL)
        await posting.drain()
        before = called(posting)
        posting.slack.workspace.delete(CHANNEL, posting.cards()[0].ts)
        await settled(posting, transfer, Accepted("1"))
        again = [people for place, people in called(posting)[len(before) :] if place == "card"]
        assert again == []

    stage(act)


def test_a_route_in_two_steps_calls_its_requester_at_its_end_only(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.ask("10 usdt coinw:maker -> coinw:arbitrage")
        await posting.drain()
        transfer = posting.bench.get(1)
        posting.bench.confirm(transfer)
        await posting.drain()
        await settled(posting, transfer, Accepted("1"))
        second = posting.bench.desk.what_next("coinw").result().transfer
        assert second is not None
        await settled(posting, second, Accepted("2"))
        assert [posting.bench.state(step) for step in (transfer, second)] == ["succeeded", "succeeded"]
        assert called(posting) == [("card", {ALICE.user}), ("reply", {ALICE.user})]

    stage(act)
