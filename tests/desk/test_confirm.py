"""Pressing Confirm: the right person, on the present card, once, under the rules and keys of now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from desk_bench import ALICE, BOB, KEYS, STRANGER, DeskBench

from bot.desk import Person
from bot.journal import TooLate
from bot.transfers import State

EDITED = ('per_transfer = "1000"', 'per_transfer = "900"')
REMOVED = ('currencies = ["USDT"]', 'currencies = ["BTC"]')
NEW_KEY = {**KEYS, "htx": "aaaaaaaaaaaa"}


def test_the_requester_confirms_and_it_goes_out_next(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.clock.advance(60)
    assert bench.confirm(transfer) == "T1 is confirmed and goes out next. The card shows how it ends."
    after = bench.get(1)
    assert after.state is State.APPROVED
    assert after.reserved_at == bench.clock.now()
    assert after.deadline == bench.clock.now() + timedelta(minutes=5)
    (event,) = bench.events("approved")
    assert (event.actor, event.data["before"], event.data["seal"]) == ("U01ALICE", "proposed", transfer.seal)
    assert [parcel.kind for parcel in bench.parcels()] == ["card"]


def test_a_second_click_changes_nothing_and_says_how_it_stands(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.confirm(transfer)
    approved = bench.get(1)
    answer = bench.confirm(transfer)
    assert answer == "T1 is already confirmed and about to be sent. Nothing changed."
    assert bench.get(1) == approved
    assert len(bench.events("approved")) == 1


def test_a_repeated_delivery_of_a_click_gets_the_same_answer(bench: DeskBench) -> None:
    transfer = bench.proposed()
    answers = {bench.confirm(transfer, key="click-1") for _ in range(3)}
    assert len(answers) == 1
    assert len(bench.events("approved")) == 1


def test_many_clicks_at_once_confirm_once(threaded_bench: DeskBench) -> None:
    transfer = threaded_bench.proposed()
    clicks = [threaded_bench.click(transfer) for _ in range(30)]
    with ThreadPoolExecutor(8) as fingers:
        futures = list(fingers.map(lambda click: threaded_bench.desk.confirm(click, threaded_bench.soon), clicks))
    answers = [future.result() for future in futures]
    assert sum("is confirmed and goes out next" in answer for answer in answers) == 1
    assert len(threaded_bench.events("approved")) == 1


@pytest.mark.parametrize(
    ("who", "changes", "why"),
    [
        (BOB, {}, "Only alice, who asked for T1, can do that."),
        (STRANGER, {}, "Only alice, who asked for T1, can do that."),
        (Person("T99OTHER", ALICE.user), {}, "There is no transfer T1 here."),
        (ALICE, {"transfer_id": 999}, "There is no transfer T999 here."),
        (ALICE, {"transfer_id": 2**62}, f"There is no transfer T{2**62} here."),
        (ALICE, {"version": 2}, "The card of T1 has changed since; look at it again."),
        (ALICE, {"version": 0}, "The card of T1 has changed since; look at it again."),
        (ALICE, {"message_ts": "1795000000.999999"}, "This message is not the card of T1."),
        (ALICE, {"channel": "C99OTHER"}, "This message is not the card of T1."),
    ],
    ids=[
        "other-person",
        "stranger",
        "foreign-team",
        "forged-id",
        "huge-id",
        "newer-version",
        "older-version",
        "other-message",
        "other-channel",
    ],
)
def test_a_click_that_does_not_count_changes_nothing_and_is_recorded(
    bench: DeskBench, who: Person, changes: dict[str, Any], why: str
) -> None:
    transfer = bench.proposed()
    for press in (bench.confirm, bench.cancel):
        answer = press(transfer, who, **changes)
        assert answer == f"{why} Nothing changed."
    assert bench.get(1) == transfer
    assert bench.parcels() == []
    attempts = [(event.actor, event.data["why"]) for event in bench.events("turned_away")]
    assert attempts == [(who.user, why), (who.user, why)]


def test_a_click_on_another_transfers_card_does_not_count(bench: DeskBench) -> None:
    small, large = bench.proposed("1 usdt htx:spot -> htx:linear-swap"), bench.proposed()
    answer = bench.confirm(small, transfer_id=large.id)
    assert answer == "This message is not the card of T2. Nothing changed."
    assert bench.state(large) == "proposed"


def test_a_click_before_the_card_is_recorded_is_told_to_try_again(bench: DeskBench) -> None:
    bench.ask()
    answer = bench.confirm(bench.get(1), message_ts="1795000000.000001")
    assert answer.startswith("The card of T1 is just being posted; please try again in a moment.")
    assert bench.get(1).state is State.PROPOSED


def test_a_click_after_the_deadline_finds_it_expired(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.clock.advance(minutes=10)
    assert bench.confirm(transfer).startswith("T1 has expired. Nothing was sent")
    assert bench.state(transfer) == "expired"


def test_a_click_just_before_the_deadline_counts(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.clock.advance(599.999)
    bench.confirm(transfer)
    assert bench.state(transfer) == "approved"


def test_a_click_slack_has_given_up_on_is_not_done(bench: DeskBench) -> None:
    transfer = bench.proposed()
    with pytest.raises(TooLate):
        bench.desk.confirm(bench.click(transfer), bench.clock.monotonic() - 0.001).result()
    assert bench.get(1) == transfer


# The rules or the key changed under the card --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "keys"),
    [([EDITED], KEYS), ([('name = "collateral"', 'name = "margin"')], KEYS), ([], NEW_KEY)],
    ids=["limit-edited", "rule-renamed", "key-changed"],
)
def test_a_changed_rule_or_key_asks_again_as_a_new_version(
    bench: DeskBench, edits: list[tuple[str, str]], keys: dict[str, str]
) -> None:
    transfer = bench.proposed()
    bench.clock.advance(60)
    bench.restart(*edits, keys=keys)
    assert "has changed since" in bench.confirm(transfer)
    again = bench.get(1)
    assert (again.state, again.version) == (State.PROPOSED, 2)
    assert again.seal == again.seal_now() != transfer.seal
    assert again.deadline == bench.clock.now() + timedelta(minutes=10)
    assert again.policy_hash == bench.desk.house.config.hash
    assert [event.data["version"] for event in bench.events("asked_again")] == [2]
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["card", "thread"]


def test_the_button_of_the_old_version_is_dead_and_the_new_one_works(bench: DeskBench) -> None:
    old = bench.proposed()
    bench.restart(EDITED)
    assert "has changed since" in bench.confirm(old)
    assert "has changed since" in bench.cancel(old)
    bench.confirm(bench.get(1))
    assert bench.get(1).state is State.APPROVED


def test_a_rule_that_no_longer_allows_it_blocks_it(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.restart(REMOVED)
    bench.confirm(transfer)
    after = bench.get(1)
    assert after.state is State.BLOCKED
    assert after.outcome is not None
    assert after.outcome.endswith("is for BTC, not USDT. Nothing was sent.")
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["audit", "card", "thread"]


def test_a_limit_now_below_the_amount_blocks_it(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.restart(('per_transfer = "1000"', 'per_transfer = "249.99"'))
    bench.confirm(transfer)
    assert bench.state(transfer) == "blocked"


def test_an_exchange_taken_out_of_the_rules_blocks_it(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.restart(keys={"coinw": KEYS["coinw"]})
    bench.confirm(transfer)
    assert bench.get(1).outcome == "There is no exchange htx in desk.toml any more. Nothing was sent."


def test_a_changed_row_is_blocked_by_its_seal_before_it_is_confirmed(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.tamper("UPDATE transfers SET amount = '999' WHERE id = 1")
    bench.confirm(transfer)
    assert bench.state(transfer) == "blocked"


def test_a_rule_edited_elsewhere_changes_nothing_for_this_transfer(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.restart(('currencies = ["USDT", "BTC"]', 'currencies = ["USDT"]'))
    bench.confirm(transfer)
    assert bench.state(transfer) == "approved"


def test_somebody_taken_off_the_allowlist_can_confirm_nothing(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.restart(('alice = "U01ALICE"\n', ""), ('["alice", "bob"]', '["bob"]'))
    assert bench.get(1).state is State.BLOCKED
    assert "Nothing changed." in bench.confirm(transfer)
    assert bench.get(1).outcome == "The requester is no longer on the allowlist. Nothing was sent."
