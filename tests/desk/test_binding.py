"""What an approval is bound to: the rules, the key, the row and the people of that moment, up to the send."""

from __future__ import annotations

import pytest
from desk_bench import CAROL, DAN, ERIN, KEYS, SNAPSHOT, DeskBench, rule_says

from bot.transfers import State, Transfer

ONE = rule_says('approvals = [{ count = 1, from = "treasurers" }]')
TWO = rule_says('approvals = [{ count = 2, from = "treasurers" }]')
CAROL_LEFT = ('treasurers = ["bob", "carol", "dan", "erin"]', 'treasurers = ["bob", "dan", "erin"]')
EDITED = ('per_transfer = "1000"', 'per_transfer = "900"')


def claim(bench: DeskBench, transfer: Transfer) -> Transfer | None:
    return bench.desk.claim(transfer.id, SNAPSHOT).result()


def approvers(bench: DeskBench, transfer: Transfer) -> list[tuple[str, str]]:
    return [(vote.person, vote.decision) for vote in bench.view(transfer).approvals]


@pytest.mark.parametrize("load", ["restart", "reload"])
@pytest.mark.parametrize("approved", [False, True], ids=["waiting", "approved"])
def test_a_rule_edited_under_it_voids_what_was_approved_and_asks_again(
    bench: DeskBench, load: str, approved: bool
) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    for person in (CAROL, DAN) if approved else (CAROL,):
        bench.approve(transfer, person)
    bench.post()
    getattr(bench, load)(EDITED)
    again = bench.get(1)
    assert (again.state, again.version, again.reserved_at) == (State.PROPOSED, 2, None)
    assert again.outcome is not None
    assert "What was approved no longer counts." in again.outcome
    assert ("thread", 1) in [(parcel.kind, parcel.transfer_id) for parcel in bench.parcels()]
    assert approvers(bench, again) == []
    assert bench.approve(transfer, ERIN).startswith("The card of T1 has changed since")
    bench.confirm(again)
    assert bench.approve(bench.get(1), CAROL) == "You approved T1. It takes one more person."
    assert claim(bench, again) is None
    bench.approve(bench.get(1), DAN)
    assert claim(bench, again) is not None


@pytest.mark.parametrize("load", ["restart", "reload"])
def test_an_approver_who_left_the_group_approved_for_nothing(bench: DeskBench, load: str) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    bench.approve(transfer, DAN)
    getattr(bench, load)(CAROL_LEFT)
    assert claim(bench, transfer) is None
    again = bench.get(1)
    assert (again.state, again.version) == (State.PROPOSED, 2)
    bench.confirm(again)
    assert bench.approve(bench.get(1), CAROL) == "Only 2 of treasurers can approve T1. Nothing changed."


def test_another_key_voids_what_was_approved(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    bench.restart(keys={**KEYS, "htx": "aaaaaaaaaaaa"})
    assert (bench.state(transfer), bench.get(1).version) == ("proposed", 2)


def test_an_edit_elsewhere_leaves_approvals_as_they_are(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    bench.reload(('currencies = ["USDT", "BTC"]', 'currencies = ["USDT"]'))
    assert bench.get(1).version == 1
    bench.approve(transfer, DAN)
    assert claim(bench, transfer) is not None


def test_a_rule_put_before_it_that_asks_for_nobody_lets_nothing_slip(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    rules = '[[rules]]\nname = "collateral"'
    first = rules.replace("collateral", "free") + (
        '\nwho = ["alice"]\nfrom = ["htx:spot"]\nto = ["htx:linear-swap"]\ncurrencies = ["USDT"]\n\n'
    )
    bench.reload((rules, first + rules))
    assert (bench.state(transfer), bench.get(1).rule) == ("proposed", "free")
    assert bench.desk.what_next("htx").result().transfer is None


def test_what_the_rules_of_now_forbid_is_blocked_instead_of_approved(bench: DeskBench) -> None:
    hours = rule_says(
        'approvals = [{ count = 1, from = "treasurers" }]',
        'hours = { days = ["sat"], from = "10:00", to = "10:30", zone = "UTC" }',
    )
    bench.restart(hours)
    transfer = bench.awaiting()
    bench.clock.advance(minutes=15)
    assert bench.approve(transfer, CAROL).startswith("T1 was not approved: it is no longer what this card showed.")
    assert bench.state(transfer) == "blocked"
    assert "it opens next on Saturday, 2026-11-28 at 10:00 UTC" in (bench.get(1).outcome or "")


@pytest.mark.parametrize(
    "edit", ["amount = '999'", "destination = 'htx:linear-swap/BTC-USDT'", "requester = 'U02BOB'", "reason = 'rent'"]
)
def test_a_row_changed_behind_the_desks_back_is_blocked_by_its_seal(bench: DeskBench, edit: str) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    bench.tamper(f"UPDATE transfers SET {edit} WHERE id = 1")
    bench.approve(transfer, CAROL)
    assert bench.state(transfer) == "blocked"


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM approvals WHERE approver = 'U03CAROL'",
        "UPDATE approvals SET decision = 'denied' WHERE approver = 'U03CAROL'",
        "UPDATE approvals SET seal = '00000000' WHERE approver = 'U03CAROL'",
        "UPDATE approvals SET version = 2 WHERE approver = 'U03CAROL'",
        "UPDATE approvals SET approver = 'U66STRANGER' WHERE approver = 'U03CAROL'",
        "UPDATE approvals SET approver = 'U01ALICE' WHERE approver = 'U03CAROL'",
        "INSERT INTO approvals VALUES (1, 1, 'U01ALICE', 'approved', (SELECT seal FROM transfers), '')",
    ],
    ids=["removed", "denied", "other-seal", "other-version", "stranger", "requester", "requester-added"],
)
def test_approvals_are_counted_again_at_the_claim(bench: DeskBench, edit: str) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    bench.approve(transfer, DAN)
    if "INSERT" in edit:
        edit = edit.replace("''", "'2026-11-21T10:15:00.000Z'")
    bench.tamper("DROP TRIGGER approvals_are_never_removed")
    bench.tamper(edit)
    assert claim(bench, transfer) is None
    after = bench.get(1)
    assert (after.state, bench.events("sending")) == (State.BLOCKED, [])
    assert after.outcome == (
        "It takes the approval of 2 of treasurers, and the journal does not hold it. Nothing was sent."
    )


def test_a_row_marked_as_approved_behind_the_desks_back_does_not_leave(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    bench.tamper("UPDATE transfers SET state = 'approved' WHERE id = 1")
    assert claim(bench, transfer) is None
    assert bench.state(transfer) == "blocked"
