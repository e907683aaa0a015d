"""Typing a transfer: default deny, one transfer a delivery, and equal transfers named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from desk_bench import ALICE, BOB, CAROL, COMMAND, KEYS, SNAPSHOT, STRANGER, DeskBench

from bot.accounts import plain
from bot.desk import Decision, Person
from bot.journal import TooLate
from bot.transfers import Accepted, State, Unknown


def twins(bench: DeskBench, text: str = COMMAND) -> dict[str, str]:
    """What the card of a new transfer says about equal ones."""
    view = bench.view(bench.proposed(text))
    return {twin.name: twin.state.value for twin in view.twins}


def test_an_allowed_transfer_is_kept_as_typed_and_nothing_moves(bench: DeskBench) -> None:
    answer = bench.ask("1,250.50 btc coinw:master -> coinw:maker")
    transfer = bench.get(1)
    assert answer.startswith("T1: 1,250.50 BTC from `coinw:master` to `coinw:maker`. Nothing has moved yet")
    assert (transfer.state, transfer.version) == (State.PROPOSED, 1)
    assert (str(transfer.route), transfer.currency) == ("coinw:master -> coinw:39000001", "BTC")
    assert transfer.amount == Decimal("1250.5")
    assert (transfer.requester, transfer.team, transfer.channel) == ("U01ALICE", "T01DESK", "C01TREASURY")
    assert (transfer.rule, transfer.connection) == ("makers", KEYS["coinw"])
    assert transfer.deadline == bench.clock.now() + timedelta(minutes=10)
    assert transfer.seal == transfer.seal_now()


def test_its_event_carries_all_an_auditor_needs(bench: DeskBench) -> None:
    bench.ask()
    (event,) = bench.events("proposed")
    assert (event.transfer_id, event.actor) == (1, "U01ALICE")
    assert {name: event.data[name] for name in ("asked", "route", "amount", "currency", "rule", "margin_account")} == {
        "asked": COMMAND,
        "route": "htx:spot -> htx:linear-swap",
        "amount": "250",
        "currency": "USDT",
        "rule": "collateral",
        "margin_account": "USDT",
    }
    assert bench.read("SELECT text FROM policies WHERE hash = ?", event.data["policy"]) == [
        (bench.desk.house.config.text,)
    ]


def test_an_allowed_transfer_asks_for_a_card_and_for_nothing_else(bench: DeskBench) -> None:
    bench.ask()
    assert [(parcel.kind, parcel.transfer_id) for parcel in bench.parcels()] == [("card", 1)]


@pytest.mark.parametrize(
    ("person", "text", "why"),
    [
        (STRANGER, COMMAND, "allowlist"),
        (Person("T99OTHER", ALICE.user), COMMAND, "allowlist"),
        (CAROL, COMMAND, "The nearest rule, collateral, does not name you."),
        (ALICE, "250 btc htx:spot -> htx:linear-swap", "is for USDT, not BTC"),
        (ALICE, "250 usdt htx:spot -> htx:otc", "has no `htx:otc` under to"),
        (ALICE, "1000.01 usdt htx:spot -> htx:linear-swap", "allows up to 1,000.00 USDT"),
    ],
    ids=["stranger", "other-team", "no-rule-for-carol", "currency", "account", "amount"],
)
def test_what_no_rule_allows_is_refused_recorded_and_told_to_nobody_else(
    bench: DeskBench, person: Person, text: str, why: str
) -> None:
    answer = bench.ask(text, by=person)
    assert answer.startswith("Not allowed, and nothing happened.")
    assert why in answer
    (event,) = bench.events("turned_away")
    assert (event.actor, event.data["team"], event.data["attempt"]) == (person.user, person.team, text)
    assert why in event.data["why"]
    assert bench.read("SELECT count(*) FROM transfers") == [(0,)]
    assert bench.parcels() == []


def test_a_mistyped_currency_gets_a_hint_and_a_refusal(bench: DeskBench) -> None:
    assert bench.ask("250 usdtt htx:spot -> htx:linear-swap").endswith("Did you mean `USDT`?")


def test_a_long_text_is_cut_in_the_record(bench: DeskBench) -> None:
    long = replace(bench.typed(), text="x" * 5000)
    bench.desk.propose(long, bench.soon).result()
    bench.desk.turn_away(STRANGER, "C01TREASURY", "x" * 5000, "no", "").result()
    assert len(bench.events("proposed")[0].data["asked"]) == 300
    assert len(bench.events("turned_away")[0].data["attempt"]) == 300


def test_a_repeated_delivery_gets_the_same_answer_and_makes_one_transfer(bench: DeskBench) -> None:
    first = bench.ask(key="envelope-1")
    before = bench.counts()
    assert bench.ask(key="envelope-1") == first
    assert bench.counts() == before
    assert bench.read("SELECT count(*) FROM transfers") == [(1,)]


def test_a_repeated_refusal_is_recorded_once(bench: DeskBench) -> None:
    answers = {bench.ask(by=STRANGER, key="envelope-1") for _ in range(3)}
    assert len(answers) == 1
    assert len(bench.events("turned_away")) == 1


def test_a_repeat_after_a_restart_gets_the_same_answer(bench: DeskBench) -> None:
    first = bench.ask(key="envelope-1")
    bench.restart()
    assert bench.ask(key="envelope-1") == first
    assert bench.read("SELECT count(*) FROM transfers") == [(1,)]


def test_one_delivery_arriving_many_times_at_once_makes_one_transfer(threaded_bench: DeskBench) -> None:
    asks = [threaded_bench.typed(key="envelope-1") for _ in range(40)]
    with ThreadPoolExecutor(8) as people:
        futures = list(people.map(lambda ask: threaded_bench.desk.propose(ask, threaded_bench.soon), asks))
    assert len({future.result() for future in futures}) == 1
    assert threaded_bench.read("SELECT count(*) FROM transfers") == [(1,)]
    assert len(threaded_bench.events("proposed")) == 1


def test_different_deliveries_at_once_each_make_one_transfer(threaded_bench: DeskBench) -> None:
    asks = [threaded_bench.typed() for _ in range(40)]
    with ThreadPoolExecutor(8) as people:
        futures = list(people.map(lambda ask: threaded_bench.desk.propose(ask, threaded_bench.soon), asks))
    names = {future.result().partition(":")[0] for future in futures}
    assert names == {f"T{number}" for number in range(1, 41)}


def test_what_slack_has_given_up_waiting_for_is_not_done(bench: DeskBench) -> None:
    deadline = bench.soon
    bench.clock.advance(2.6)
    with pytest.raises(TooLate):
        bench.desk.propose(bench.typed(), deadline).result()
    assert bench.read("SELECT count(*) FROM transfers") == [(0,)]


# Equal transfers -----------------------------------------------------------------------------------------------------


def test_an_equal_open_transfer_by_anyone_is_named(bench: DeskBench) -> None:
    bench.proposed(by=BOB)
    assert twins(bench) == {"T1": "proposed"}
    assert bench.events("proposed")[1].data["equal"] == ["T1 proposed"]


def test_an_open_transfer_is_named_however_old_it_is(bench: DeskBench) -> None:
    bench.unknown()
    bench.clock.advance(days=30)
    assert twins(bench) == {"T1": "unknown"}


def test_an_ended_transfer_is_named_for_ten_minutes_and_not_longer(bench: DeskBench) -> None:
    bench.settled(Accepted("90001"))
    bench.clock.advance(minutes=10)
    second = bench.proposed()
    assert [twin.name for twin in bench.view(second).twins] == ["T1"]
    bench.clock.advance(0.001)
    assert bench.view(second).twins == ()


@pytest.mark.parametrize(
    "other",
    [
        "250.01 usdt htx:spot -> htx:linear-swap",
        "250 usdt htx:linear-swap -> htx:spot",
        "250 usdt htx:spot -> htx:linear-swap/BTC-USDT",
    ],
)
def test_another_amount_direction_or_margin_account_is_not_equal(bench: DeskBench, other: str) -> None:
    bench.proposed(other)
    assert twins(bench) == {}


def test_the_same_amount_written_otherwise_is_equal(bench: DeskBench) -> None:
    bench.proposed("250.00 usdt htx:spot -> htx:linear-swap")
    assert twins(bench) == {"T1": "proposed"}


def test_an_equal_unknown_is_found_behind_any_number_of_later_transfers(bench: DeskBench) -> None:
    bench.unknown()
    lost = replace(bench.get(1), state=State.CANCELLED, settled_at=bench.clock.now())
    bench.journal.run(lambda tx: [tx.insert(lost) for _ in range(300)]).result()
    assert not bench.view(bench.proposed()).confirmable


def test_confirm_is_withheld_while_an_equal_transfer_is_unknown(bench: DeskBench) -> None:
    bench.unknown()
    assert bench.ask().startswith("T2 is noted but cannot be confirmed yet: T1, an equal transfer")
    bench.post()
    second = bench.get(2)
    assert not bench.view(second).confirmable
    answer = bench.confirm(second)
    assert answer.startswith("Not confirmed: T1 is an equal transfer that was sent without an answer")
    assert bench.state(second) == "proposed"
    (event,) = bench.events("turned_away")
    assert (event.actor, event.data["attempt"]) == ("U01ALICE", "confirm T2")


def test_a_transfer_proposed_before_its_twin_became_unknown_is_withheld_too(bench: DeskBench) -> None:
    second = bench.proposed()
    bench.unknown()
    assert bench.confirm(second).startswith("Not confirmed: T2")


def test_a_twin_already_confirmed_is_asked_again_when_the_transfer_becomes_unknown(bench: DeskBench) -> None:
    sending, twin = bench.sending(), bench.approved(by=BOB)
    other = bench.approved("251 usdt htx:spot -> htx:linear-swap")
    bench.desk.settle(sending.id, Unknown("no answer")).result()
    again = bench.get(twin.id)
    assert (again.state, again.version, again.reserved_at) == (State.PROPOSED, 2, None)
    assert again.outcome is not None
    assert again.outcome.startswith("T1, an equal transfer, was sent without an answer.")
    assert ("thread", twin.id) in {(parcel.kind, parcel.transfer_id) for parcel in bench.parcels()}
    assert bench.confirm(again, BOB).startswith("Not confirmed: T1")
    assert bench.state(other) == "approved"


@pytest.mark.parametrize("by", ["restart", "lane"])
def test_a_confirmed_twin_of_an_abandoned_send_is_asked_again(bench: DeskBench, by: str) -> None:
    bench.sending()
    twin = bench.approved(by=BOB)
    if by == "restart":
        bench.restart()
    else:
        assert bench.desk.what_next("htx").result().transfer is None
    again = bench.get(twin.id)
    assert (again.state, again.version) == (State.PROPOSED, 2)
    assert not bench.view(again).confirmable


def test_a_twin_stays_confirmed_when_the_transfer_has_its_answer(bench: DeskBench) -> None:
    sending, twin = bench.sending(), bench.approved(by=BOB)
    bench.desk.settle(sending.id, Accepted("1")).result()
    assert bench.state(twin) == "approved"


def test_confirm_is_offered_again_once_the_twin_is_settled(bench: DeskBench) -> None:
    lost = bench.lost()
    second = bench.proposed()
    bench.resolve(lost, CAROL, Decision.NOT_EXECUTED)
    bench.resolve(lost, BOB, Decision.NOT_EXECUTED)
    assert bench.view(second).confirmable
    bench.confirm(second)
    assert bench.state(second) == "approved"


def test_an_equal_transfer_that_is_not_unknown_withholds_nothing(bench: DeskBench) -> None:
    bench.settled(Accepted("90001"))
    second = bench.proposed()
    assert bench.view(second).confirmable
    bench.confirm(second)
    assert bench.state(second) == "approved"


def test_a_proposed_twins_card_is_redrawn_whenever_the_transfer_moves(bench: DeskBench) -> None:
    first, second = bench.proposed(), bench.proposed(by=BOB)
    bench.post()
    bench.confirm(first)
    assert {parcel.transfer_id for parcel in bench.parcels("card")} == {first.id, second.id}
    bench.post()
    bench.desk.claim(first.id, SNAPSHOT).result()
    assert {parcel.transfer_id for parcel in bench.parcels("card")} == {first.id, second.id}


def test_a_new_twin_redraws_the_older_card(bench: DeskBench) -> None:
    first = bench.proposed()
    bench.ask(by=BOB)
    assert {parcel.transfer_id for parcel in bench.parcels("card")} == {first.id, 2}


def test_amounts_keep_every_digit(bench: DeskBench) -> None:
    bench.ask("999999999.00000001 btc coinw:master -> coinw:maker")
    assert bench.read("SELECT amount, typeof(amount) FROM transfers") == [("999999999.00000001", "text")]
    assert plain(bench.get(1).amount) == "999999999.00000001"
