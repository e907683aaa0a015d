"""A transfer that waits for approval, as its card and the reply that calls its approvers show it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk_bench import ALICE as REQUESTER
from desk_bench import BOB, rule_says
from desk_bench import CAROL as APPROVER
from posting import Posting, Stage
from shown import ALICE, CAROL, DAN, HOSTILE, NOW, SPOT_TO_CROSS, buttons, event, in_state, longest, obeyed, view, words
from slack_sdk.models.blocks import Block

from bot.journal import Vote
from bot.policy import Quorum, Tier
from bot.sandbox.slack_blocks import block_problems
from bot.transfers import State
from handlers import cards, lines

TREASURERS = frozenset({CAROL, DAN})
TWO = Tier({"USDT": Decimal(0)}, (Quorum("treasurers", TREASURERS, 2),), second_factor=True)
APPROVED = Vote(CAROL, "approved", NOW, "1f2e3d4c")


WAITING = replace(in_state(State.AWAITING_APPROVAL), tier=TWO, wanted=(CAROL, DAN))


def test_it_says_whose_approval_it_takes_until_when_and_who_is_asked() -> None:
    told = words(cards.card(WAITING))
    assert "*Waiting for approval*" in told
    until = f"<!date^{int(NOW.timestamp()) + 600}^"
    assert "It takes the approval of 2 of treasurers, with a one-time code." in told
    assert f"Asked: carol, dan. Any of them can deny it, until {until}" in told


def test_a_proposal_says_beforehand_whose_approval_it_will_take() -> None:
    told = words(cards.card(replace(in_state(State.PROPOSED), tier=TWO, wanted=(CAROL, DAN))))
    assert "Then it takes the approval of 2 of treasurers, with a one-time code: carol, dan." in told
    assert "approval" not in words(cards.card(in_state(State.PROPOSED)))


def test_each_decision_is_shown_with_its_time_as_it_comes_and_ever_after() -> None:
    told = words(cards.card(replace(WAITING, approvals=(APPROVED,), wanted=(DAN,))))
    assert f"carol approved it, <!date^{int(NOW.timestamp())}^" in told
    assert "Asked: dan." in told
    denied = Vote(DAN, "denied", NOW + timedelta(minutes=1), "1f2e3d4c")
    for state in (State.DENIED, State.APPROVED, State.SUCCEEDED, State.UNKNOWN):
        ended = replace(in_state(state), tier=TWO, approvals=(APPROVED, denied))
        assert "carol approved it" in words(cards.card(ended))
        assert "dan denied it" in words(cards.card(ended))


def test_nobody_left_to_ask_is_said() -> None:
    assert "Asked: nobody is left." in words(cards.card(replace(WAITING, wanted=())))


def test_the_reason_stands_under_the_amount_and_is_inert() -> None:
    transfer = replace(SPOT_TO_CROSS, state=State.AWAITING_APPROVAL, reason=HOSTILE)
    message = cards.card(view(transfer, tier=TWO, wanted=(CAROL,)))
    first, _, reason = message["blocks"][0]["text"]["text"].partition("\n")
    assert first == "*1,250.50 USDT*  `htx:spot` → `htx:linear-swap`"
    assert reason.startswith("Reason: &lt;!channel&gt;")
    assert "\n" not in reason
    assert obeyed(message) == []


def test_approve_names_the_amount_and_only_a_public_card_has_buttons() -> None:
    found = buttons(cards.card(WAITING))
    assert found["transfer_approve"]["text"]["text"] == "Approve 1,250.50 USDT"
    assert found["transfer_deny"]["style"] == "danger"
    assert {button["value"] for button in found.values()} == {"42.1"}
    assert buttons(cards.card(WAITING, buttons=False)) == {}


def test_at_its_longest_and_most_hostile_it_is_one_slack_takes() -> None:
    people = tuple(f"U{number:020d}" for number in range(40))
    tier = Tier({}, tuple(Quorum("&" * 31, frozenset(people), 10) for _ in range(4)), second_factor=True)
    for state in State:
        long = longest(
            state, tier=tier, wanted=people, approvals=tuple(Vote(one, "approved", NOW, "") for one in people)
        )
        long = replace(long, transfer=replace(long.transfer, reason="&" * 200), confirmable=True)
        message = cards.card(long)
        assert block_problems(message["blocks"]) == []
        assert all(Block.parse(block) is not None for block in message["blocks"])
        assert obeyed(message) == []
        assert len(json.dumps(message)) < 20_000


# The reply that calls ------------------------------------------------------------------------------------------------


def test_the_reply_calls_the_approvers_and_not_the_requester() -> None:
    told = lines.thread_line(event("awaiting_approval", approvers=[CAROL, DAN], asks="2 of treasurers"), {})["text"]
    assert told == (
        f"<@{CAROL}>, <@{DAN}> T42, 1,250.50 USDT htx:spot → htx:linear-swap, margin account USDT (cross), waits for "
        "the approval of 2 of treasurers. Decide on the card above."
    )
    assert ALICE not in told


def test_the_reply_gives_the_reason_and_none_of_it_is_obeyed() -> None:
    call = event("awaiting_approval", reason=HOSTILE, asks=HOSTILE)
    assert " Reason: &lt;!channel&gt;" in lines.thread_line(call, {})["text"]
    assert obeyed(lines.thread_line(call, {})) == []


def test_the_reply_is_within_slacks_limit_however_many_are_asked() -> None:
    people = [f"U{number:020d}" for number in range(1000)]
    asks = " and ".join(["10 of " + "&" * 31] * 4)
    told = lines.thread_line(event("awaiting_approval", approvers=people, asks=asks, reason="&" * 200), {})["text"]
    assert len(told) <= 4000
    assert "and 950 more" in told


def test_in_slack_only_those_whose_action_is_needed_are_mentioned(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        posting.bench.restart(
            rule_says('approvals = [{ all = [{ count = 1, from = "bob" }, { count = 1, from = "carol" }] }]')
        )
        posting.connect()
        transfer = await posting.proposed()
        posting.bench.confirm(transfer)
        await posting.drain()
        (card,) = posting.cards()
        (reply,) = posting.replies_under(card)
        assert reply.startswith(f"<@{BOB.user}>, <@{APPROVER.user}> T1, 250 USDT")
        assert f"<@{REQUESTER.user}>" not in reply
        posting.bench.approve(posting.bench.get(1), BOB)
        await posting.drain()
        assert posting.replies_under(card) == [reply]
        assert posting.audit() == []

    stage(act)
