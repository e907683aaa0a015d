"""A share's last look: what was agreed to leaves, or is asked again, or ends; never less and never more in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from desk_bench import CAROL, SNAPSHOT, DeskBench, rule_says
from shares import HALF, MAKER, agreed, claim, granted, read, wish

from bot.accounts import Account
from bot.transfers import Accepted, State, Transfer

APPROVAL = rule_says('approvals = [{ above = "500", count = 1, from = "treasurers" }]')


@pytest.mark.parametrize("available", ["800", "800.00000001", "100000"])
def test_what_is_still_there_leaves_as_it_was_shown_however_much_more_there_is(bench: DeskBench, available) -> None:
    claimed = claim(bench, agreed(bench), available)
    assert claimed is not None
    assert (claimed.amount, claimed.version) == (Decimal(800), 1)
    assert bench.events("sending")[0].data["evidence"]["source.available"] == available


def test_with_less_there_nothing_leaves_and_the_smaller_figure_is_asked(bench: DeskBench) -> None:
    transfer = agreed(bench, HALF)
    assert claim(bench, transfer, "399.99") is None
    after = bench.get(transfer.id)
    assert (after.state, after.version, after.amount) == (State.PROPOSED, 2, Decimal("199.995"))
    assert after.seal == after.seal_now() != transfer.seal
    assert after.outcome == (
        "`htx:spot` has 399.99 USDT by now, so half of it is 199.995, not 400. "
        "Please look at it again and confirm if it is still wanted."
    )
    assert bench.view(after).share_of == Decimal("399.99")
    assert [parcel.kind for parcel in bench.parcels()] == ["thread", "card"]
    bench.post()
    bench.confirm(after)
    claimed = claim(bench, after, "399.99")
    assert claimed is not None
    assert claimed.amount == Decimal("199.995")


def test_what_others_approved_is_void_when_the_figure_changes(bench: DeskBench) -> None:
    bench.restart(APPROVAL)
    transfer = granted(bench)
    bench.confirm(transfer)
    bench.approve(transfer, CAROL)
    assert bench.get(transfer.id).state is State.APPROVED
    assert claim(bench, transfer, "600") is None
    after = bench.get(transfer.id)
    assert (after.amount, after.approvals_needed) == (Decimal(600), 1)
    assert "What was approved no longer counts." in str(after.outcome)
    assert bench.view(after).approvals == ()
    bench.confirm(after)
    assert bench.state(after) == "awaiting_approval"


def test_a_smaller_figure_may_need_nobody_else_any_more(bench: DeskBench) -> None:
    bench.restart(APPROVAL)
    transfer = granted(bench)
    bench.confirm(transfer)
    bench.approve(transfer, CAROL)
    claim(bench, transfer, "500")
    after = bench.get(transfer.id)
    assert after.approvals_needed == 0
    bench.confirm(after)
    assert bench.state(after) == "approved"


@pytest.mark.parametrize("available", ["0", "-20", "0.000000001"])
def test_with_nothing_there_it_ends(bench: DeskBench, available: str) -> None:
    transfer = agreed(bench)
    assert claim(bench, transfer, available) is None
    after = bench.get(transfer.id)
    assert after.state is State.BLOCKED
    assert "all of that is nothing to move. Nothing was sent." in str(after.outcome)


def test_without_a_reading_it_waits_and_says_so(bench: DeskBench) -> None:
    transfer = agreed(bench)
    assert claim(bench, transfer, None) is None
    after = bench.get(transfer.id)
    assert (after.state, after.outcome) == (State.APPROVED, "It waits until what can leave its source has been read.")


def test_a_figure_somebody_typed_leaves_whatever_is_there(bench: DeskBench) -> None:
    transfer = bench.approved()
    assert claim(bench, transfer, "1") is not None


def test_a_share_that_is_none_sends_nothing(bench: DeskBench) -> None:
    transfer = agreed(bench)
    bench.tamper("UPDATE transfers SET share = 'most'")
    assert claim(bench, transfer, "1") is None
    assert "somebody changed it" in str(bench.get(transfer.id).outcome)
    assert bench.state(transfer) == "blocked"


def test_both_sides_are_read_again_for_the_smaller_figure(bench: DeskBench) -> None:
    transfer = agreed(bench)
    while (wanted := bench.desk.next_reading("htx").result()) is not None:
        bench.clock.advance(1)
        read(bench, "800", wanted[0])
    bench.clock.advance(1)
    claim(bench, transfer, "700")
    assert bench.desk.next_reading("htx").result() is not None


# Two steps


TWO_STEPS = "all usdt coinw:maker -> coinw:arbitrage"


def two_steps(bench: DeskBench, available: str = "500") -> Transfer:
    wish(bench, TWO_STEPS)
    read(bench, available, MAKER)
    bench.post()
    first = bench.get(1)
    bench.confirm(first)
    return bench.get(1)


def test_of_two_steps_the_first_is_the_share_and_the_second_its_figure(bench: DeskBench) -> None:
    first = two_steps(bench)
    second = bench.get(2)
    assert (first.amount, first.share) == (Decimal(500), "all")
    assert (second.state, second.amount, second.share) == (State.WAITING, Decimal(500), "")
    assert claim(bench, first, "500") is not None
    bench.desk.settle(1, Accepted("1")).result()
    assert bench.desk.what_next("coinw").result().transfer == bench.get(2)
    claimed = bench.desk.claim(2, SNAPSHOT).result()
    assert claimed is not None
    assert claimed.amount == Decimal(500)


def test_with_less_there_both_steps_become_smaller_together(bench: DeskBench) -> None:
    first = two_steps(bench)
    assert claim(bench, first, "499.5") is None
    after, second = bench.get(1), bench.get(2)
    assert (after.state, after.version, after.amount) == (State.PROPOSED, 2, Decimal("499.5"))
    assert (second.state, second.version, second.amount) == (State.WAITING, 2, Decimal("499.5"))
    assert second.seal == second.seal_now()
    bench.post()
    bench.confirm(after)
    claimed = claim(bench, bench.get(1), "499.5")
    assert claimed is not None


def test_a_preview_of_two_steps_is_of_where_the_money_starts_and_ends(bench: DeskBench) -> None:
    first = two_steps(bench)
    read(bench, "7", Account("coinw", "39000002"))
    shown = bench.view(first).preview
    assert shown is not None
    assert (shown.source.now, shown.source.after) == (Decimal(500), Decimal(0))
    assert (shown.destination.now, shown.destination.after) == (Decimal(7), Decimal(507))
    claim(bench, first, "500")
    bench.desk.settle(1, Accepted("1")).result()
    bench.desk.what_next("coinw").result()
    assert bench.state(bench.get(2)) == "approved"
    assert bench.view(bench.get(2)).preview is None


def test_a_reading_of_where_two_steps_end_draws_their_one_card_anew(bench: DeskBench) -> None:
    two_steps(bench)
    bench.post()
    read(bench, "7", Account("coinw", "39000002"))
    assert [parcel.transfer_id for parcel in bench.parcels("card")] == [1]
