"""Who is still there: nothing leaves unless Slack has just found everybody behind it, and its channel, well."""

from __future__ import annotations

import pytest
from desk_bench import ALICE, BOB, CAROL, CHANNEL, DAN, SNAPSHOT, DeskBench, rule_says

from bot.transfers import State, Transfer

TWO = rule_says('approvals = [{ count = 2, from = "treasurers" }]')
BEHIND = [ALICE.user, CAROL.user, DAN.user, CHANNEL]


@pytest.fixture
def approved(bench: DeskBench) -> Transfer:
    """A transfer two people approved, on a desk that nobody tells anything by itself."""
    bench.restart(TWO)
    bench.desk.attended = False
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    bench.approve(transfer, DAN)
    return bench.get(transfer.id)


def see(bench: DeskBench, *subjects: str, words: str = "") -> None:
    for subject in subjects:
        bench.desk.seen(subject, words).result()


def claim(bench: DeskBench, transfer: Transfer) -> Transfer | None:
    return bench.desk.claim(transfer.id, SNAPSHOT).result()


def roll(bench: DeskBench) -> list[str]:
    return bench.desk.roll().result()


# The claim -----------------------------------------------------------------------------------------------------------


def test_with_everybody_found_well_it_leaves(bench: DeskBench, approved: Transfer) -> None:
    see(bench, *BEHIND)
    bench.clock.advance(59.999)
    assert bench.desk.what_next("htx").result().transfer == approved
    assert claim(bench, approved) is not None


@pytest.mark.parametrize(
    ("subject", "called"),
    [(ALICE.user, "alice"), (CAROL.user, "carol"), (DAN.user, "dan"), (CHANNEL, "this channel")],
    ids=["requester", "approver", "last-approver", "channel"],
)
@pytest.mark.parametrize("how", ["never", "stale", "future"])
def test_nothing_leaves_while_one_of_them_was_not_asked_about_lately(
    bench: DeskBench, approved: Transfer, subject: str, called: str, how: str
) -> None:
    others = [one for one in BEHIND if one != subject]
    if how == "stale":
        see(bench, subject)
        bench.clock.advance(60)
    if how == "future":
        bench.clock.advance(1)
        see(bench, subject)
        bench.clock.advance(-1)
    see(bench, *others)
    assert claim(bench, approved) is None
    assert bench.desk.what_next("htx").result().transfer is None
    held = bench.get(1)
    assert (held.state, held.outcome) == (
        State.APPROVED,
        f"It waits until Slack has confirmed that all is still well with {called}.",
    )
    see(bench, subject)
    assert claim(bench, held) is not None


@pytest.mark.parametrize("subject", BEHIND, ids=["requester", "approver", "last-approver", "channel"])
def test_somebody_slack_finds_unfit_between_click_and_send_blocks_it(
    bench: DeskBench, approved: Transfer, subject: str
) -> None:
    see(bench, *BEHIND)
    see(bench, subject, words="deactivated in Slack")
    assert claim(bench, approved) is None
    after = bench.get(1)
    called = "this channel" if subject == CHANNEL else bench.desk.house.name_of(subject)
    assert (after.state, after.outcome) == (
        State.BLOCKED,
        f"Slack says of {called}: deactivated in Slack. Nothing was sent.",
    )
    assert sorted({parcel.kind for parcel in bench.parcels()}) == ["audit", "card", "thread"]


def test_somebody_found_unfit_long_ago_is_asked_about_again_before_anything_ends(
    bench: DeskBench, approved: Transfer
) -> None:
    see(bench, CAROL.user, words="deactivated in Slack")
    bench.clock.advance(60)
    see(bench, *(one for one in BEHIND if one != CAROL.user))
    assert claim(bench, approved) is None
    assert bench.state(approved) == "approved"
    see(bench, CAROL.user)
    assert claim(bench, approved) is not None


def test_without_slack_it_waits_until_its_time_is_over(bench: DeskBench, approved: Transfer) -> None:
    bench.clock.advance(minutes=5)
    assert claim(bench, approved) is None
    assert bench.state(approved) == "expired"


def test_the_wait_is_said_once(bench: DeskBench, approved: Transfer) -> None:
    for _ in range(3):
        assert bench.desk.what_next("htx").result().transfer is None
    assert len(bench.events("held")) == 1


def test_one_that_waits_for_its_people_does_not_hold_up_the_others(bench: DeskBench) -> None:
    bench.desk.attended = False
    bench.approved()
    free = bench.approved("10 usdt htx:spot -> htx:linear-swap", BOB)
    see(bench, BOB.user, CHANNEL)
    following = bench.desk.what_next("htx").result().transfer
    assert following is not None
    assert following.id == free.id


def test_a_standing_survives_a_restart_but_not_its_minute(bench: DeskBench, approved: Transfer) -> None:
    see(bench, *BEHIND)
    bench.restart()
    bench.desk.attended = False
    assert bench.desk.what_next("htx").result().transfer == approved
    bench.clock.advance(60)
    assert bench.desk.what_next("htx").result().transfer is None


def test_people_who_did_not_approve_this_version_need_not_be_there(bench: DeskBench) -> None:
    bench.restart(TWO)
    bench.desk.attended = False
    transfer = bench.awaiting()
    bench.approve(transfer, BOB)
    bench.reload(('per_transfer = "1000"', 'per_transfer = "900"'))
    bench.confirm(bench.get(1))
    for person in (CAROL, DAN):
        bench.approve(bench.get(1), person)
    see(bench, BOB.user, words="deactivated in Slack")
    see(bench, *BEHIND)
    assert claim(bench, bench.get(1)) is not None


# Whom to ask about ---------------------------------------------------------------------------------------------------


def test_the_roll_names_everybody_behind_an_open_transfer_longest_unasked_first(
    bench: DeskBench, approved: Transfer
) -> None:
    assert roll(bench) == sorted(BEHIND)
    see(bench, DAN.user)
    bench.clock.advance(10)
    see(bench, ALICE.user, CHANNEL)
    assert roll(bench) == [CAROL.user]
    bench.clock.advance(15)
    assert roll(bench) == [CAROL.user]
    bench.clock.advance(0.001)
    assert roll(bench) == [CAROL.user, DAN.user]
    bench.clock.advance(10)
    assert roll(bench) == [CAROL.user, DAN.user, CHANNEL, ALICE.user]
    assert approved.state is State.APPROVED


def test_somebody_asked_about_in_the_future_is_asked_about_first(bench: DeskBench, approved: Transfer) -> None:
    see(bench, *BEHIND)
    bench.clock.advance(-30)
    assert roll(bench) == sorted(BEHIND)
    see(bench, *(one for one in BEHIND if one != CAROL.user))
    assert roll(bench) == [CAROL.user]
    bench.clock.advance(26)  # the others were asked about before her, but at a time that has been
    assert roll(bench)[0] == CAROL.user
    assert approved.state is State.APPROVED


def test_a_proposal_has_its_requester_asked_about_before_it_is_confirmed(bench: DeskBench) -> None:
    assert roll(bench) == []
    bench.proposed()
    assert roll(bench) == [CHANNEL, ALICE.user]


@pytest.mark.parametrize("state", State)
def test_only_what_may_still_leave_needs_anybody(bench: DeskBench, state: State) -> None:
    bench.approved()
    bench.tamper("UPDATE transfers SET state = ? WHERE id = 1", state.value)
    needed = state in {State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED}
    assert roll(bench) == ([CHANNEL, ALICE.user] if needed else [])
