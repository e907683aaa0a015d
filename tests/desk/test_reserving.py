"""Limits over 24 hours: what counts, for how long, for whom, and that two clicks never share the last of one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, SNAPSHOT, DeskBench, rule_says

from bot.desk import Decision, Person
from bot.transfers import Accepted, NotSent, Outcome, Refused, State, Transfer, Unknown

PER_DAY = rule_says('per_day = "1000"')
PER_PERSON = rule_says('per_person_per_day = "1000"')


def to_swap(amount: int) -> str:
    return f"{amount} usdt htx:spot -> htx:linear-swap"


def left(bench: DeskBench, by: Person = ALICE) -> int:
    """What a proposal may still ask for, found out as people do: by asking for too much."""
    answer = bench.ask(to_swap(1000), by)
    if " in 24 hours " not in answer:
        return 1000
    return int(answer.partition("; ")[2].partition(" of it is left")[0])


def claim(bench: DeskBench, transfer: Transfer) -> Transfer | None:
    return bench.desk.claim(transfer.id, SNAPSHOT).result()


# What counts ---------------------------------------------------------------------------------------------------------


def test_a_proposal_reserves_nothing_and_a_confirmation_does(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    transfer = bench.proposed(to_swap(300))
    assert left(bench) == 1000
    bench.confirm(transfer)
    assert left(bench) == 700


def test_what_waits_for_approval_reserves_nothing_until_it_is_approved(bench: DeskBench) -> None:
    bench.restart(rule_says('per_day = "1000"', 'approvals = [{ count = 1, from = "treasurers" }]'))
    first, second = bench.awaiting(to_swap(600)), bench.awaiting(to_swap(500))
    assert left(bench) == 1000
    bench.approve(first, CAROL)
    assert left(bench) == 400
    assert "no longer what this card showed" in bench.approve(second, CAROL)
    assert bench.get(second.id).outcome == (
        "Rule collateral allows 1,000.00 USDT in 24 hours by everybody together; 400 of it is left now and this is "
        "500. Nothing was sent."
    )


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [(Accepted("1"), True), (Unknown("no answer"), True), (Refused("1010", "no"), False), (NotSent("no route"), False)],
    ids=["done", "unknown", "refused", "not-sent"],
)
def test_what_certainly_did_not_happen_frees_the_limit_at_once(
    bench: DeskBench, outcome: Outcome, counts: bool
) -> None:
    bench.restart(PER_DAY)
    sending = bench.sending(to_swap(300))
    assert left(bench) == 700
    bench.desk.settle(sending.id, outcome).result()
    assert left(bench) == (700 if counts else 1000)


@pytest.mark.parametrize("state", State)
def test_only_what_moved_or_may_have_moved_counts(bench: DeskBench, state: State) -> None:
    bench.restart(PER_DAY)
    bench.sending(to_swap(300))
    bench.tamper("UPDATE transfers SET state = ? WHERE id = 1", state.value)
    counted = {State.APPROVED, State.SENDING, State.UNKNOWN, State.SUCCEEDED, State.NOT_EXECUTED}
    assert left(bench) == (700 if state in counted else 1000)


@pytest.mark.parametrize("end", ["cancelled", "expired", "blocked"])
def test_what_ends_before_it_is_sent_frees_the_limit(bench: DeskBench, end: str) -> None:
    bench.restart(PER_DAY)
    transfer = bench.approved(to_swap(300))
    if end == "cancelled":
        bench.cancel(transfer)
    elif end == "expired":
        bench.clock.advance(minutes=5)
        bench.desk.expire_due().result()
    else:
        bench.tamper("UPDATE transfers SET destination = 'htx:linear-swap/BTC-USDT' WHERE id = 1")
        assert claim(bench, transfer) is None
    assert bench.state(transfer) == end
    assert left(bench) == 1000


def test_what_is_asked_again_frees_the_limit_until_it_is_confirmed_again(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    transfer = bench.approved(to_swap(300))
    bench.reload(('per_day = "1000"', 'per_day = "900"'))
    assert (bench.state(transfer), left(bench)) == ("proposed", 900)
    bench.confirm(bench.get(1))
    assert left(bench) == 600


# For how long --------------------------------------------------------------------------------------------------------


def test_it_counts_for_24_hours_after_it_was_done_to_the_millisecond(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), to_swap(300))
    bench.clock.advance(hours=24, milliseconds=-1)
    assert left(bench) == 700
    bench.clock.advance(milliseconds=1)
    assert left(bench) == 1000


def test_the_day_begins_with_the_answer_however_long_that_took(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    sending = bench.sending(to_swap(300))
    bench.clock.advance(hours=30)
    assert left(bench) == 700
    bench.desk.settle(sending.id, Accepted("1")).result()
    bench.clock.advance(hours=23)
    assert left(bench) == 700


@pytest.mark.parametrize("decision", Decision)
def test_an_unknown_counts_until_24_hours_after_it_was_settled(bench: DeskBench, decision: Decision) -> None:
    bench.restart(PER_DAY)
    lost = bench.unknown(to_swap(300))
    bench.clock.advance(hours=72)
    assert left(bench) == 700
    for admin in (CAROL, DAN):
        bench.resolve(lost, admin, decision)
    assert bench.get(1).settled_at == bench.clock.now()
    bench.clock.advance(hours=23, minutes=59)
    assert left(bench) == 700
    bench.clock.advance(minutes=1)
    assert left(bench) == 1000


def test_each_transfer_leaves_the_24_hours_on_its_own(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), to_swap(300))
    bench.clock.advance(hours=12)
    bench.settled(Accepted("2"), to_swap(400))
    assert left(bench) == 300
    bench.clock.advance(hours=12)
    assert left(bench) == 600
    bench.clock.advance(hours=12)
    assert left(bench) == 1000


def test_usage_survives_a_restart(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), to_swap(300))
    bench.restart()
    assert left(bench) == 700


# For whom, and under which rule --------------------------------------------------------------------------------------


def test_a_limit_per_person_is_one_persons_and_a_limit_per_day_everybodys(bench: DeskBench) -> None:
    bench.restart(PER_PERSON)
    bench.settled(Accepted("1"), to_swap(300))
    assert (left(bench, ALICE), left(bench, BOB)) == (700, 1000)
    bench.restart(('per_person_per_day = "1000"', 'per_day = "1000"'))
    assert (left(bench, ALICE), left(bench, BOB)) == (700, 700)


def test_both_limits_hold(bench: DeskBench) -> None:
    bench.restart(rule_says('per_day = "500"', 'per_person_per_day = "400"'))
    bench.settled(Accepted("1"), to_swap(300))
    assert "100 of it is left now" in bench.ask(to_swap(101))
    assert "200 of it is left now" in bench.ask(to_swap(201), BOB)
    assert bench.ask(to_swap(200), BOB).startswith("T")


def test_every_route_of_the_rule_counts_in_either_direction_and_other_rules_do_not(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), "300 usdt htx:linear-swap -> htx:spot")
    bench.settled(Accepted("2"), "100 usdt htx:spot -> htx:linear-swap/BTC-USDT")
    bench.settled(Accepted("3"), "500 usdt coinw:master -> coinw:maker")
    assert left(bench) == 600


def test_each_currency_has_its_own_limit(bench: DeskBench) -> None:
    makers = 'currencies = ["USDT", "BTC"]'
    bench.restart((makers, makers + '\nper_day = { USDT = "1000", BTC = "2" }'))
    bench.settled(Accepted("1"), "2 btc coinw:master -> coinw:maker")
    assert "0 of it is left" in bench.ask("0.00000001 btc coinw:master -> coinw:maker")
    assert bench.ask("1000 usdt coinw:master -> coinw:maker").startswith("T")


def test_what_the_rule_of_today_selects_counts_whatever_let_it_through_then(bench: DeskBench) -> None:
    bench.settled(Accepted("1"), to_swap(300))  # no limit yet
    bench.restart(PER_DAY)
    assert left(bench) == 700
    bench.restart(('name = "collateral"', 'name = "margin"'))
    assert left(bench) == 700
    rules = ('who = ["traders"]\nfrom = ["htx:spot"', 'who = ["bob"]\nfrom = ["htx:spot"')
    bench.restart(rules)
    assert left(bench, BOB) == 1000


# The edge ------------------------------------------------------------------------------------------------------------


def test_a_limit_may_be_used_up_exactly(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), to_swap(600))
    assert bench.state(bench.approved(to_swap(400))) == "approved"
    assert "0 of it is left now" in bench.ask("0.00000001 usdt htx:spot -> htx:linear-swap")


def test_two_proposals_that_fit_one_by_one_are_not_both_confirmed(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    first, second = bench.proposed(to_swap(600)), bench.proposed(to_swap(401))
    bench.confirm(second)
    assert "no longer what this card showed" in bench.confirm(first)
    assert (bench.state(first), bench.state(second)) == ("blocked", "approved")


def test_of_many_clicks_at_once_at_a_limits_edge_exactly_one_wins(threaded_bench: DeskBench) -> None:
    bench = threaded_bench
    bench.restart(PER_DAY)
    proposals = [bench.proposed(to_swap(501 + number), person) for number in range(6) for person in (ALICE, BOB)]
    clicks = [bench.click(one, ALICE if one.requester == ALICE.user else BOB) for one in proposals]
    with ThreadPoolExecutor(12) as fingers:
        futures = list(fingers.map(lambda click: bench.desk.confirm(click, bench.soon), clicks))
    assert sum("goes out next" in future.result() for future in futures) == 1
    assert sorted(bench.state(one) for one in proposals) == ["approved", *["blocked"] * 11]


def test_of_many_approvals_at_once_at_a_limits_edge_exactly_one_wins(threaded_bench: DeskBench) -> None:
    bench = threaded_bench
    bench.restart(rule_says('per_person_per_day = "1000"', 'approvals = [{ count = 1, from = "treasurers" }]'))
    waiting = [bench.awaiting(to_swap(501 + number)) for number in range(8)]
    clicks = [bench.click(one, person) for one, person in zip(waiting, (CAROL, DAN) * 4, strict=True)]
    with ThreadPoolExecutor(8) as fingers:
        futures = list(fingers.map(lambda click: bench.desk.approve(click, bench.soon), clicks))
    assert sum("it goes out next" in str(future.result()) for future in futures) == 1
    assert sorted(bench.state(one) for one in waiting) == ["approved", *["blocked"] * 7]


# The claim -----------------------------------------------------------------------------------------------------------


def test_its_own_reservation_does_not_stand_in_a_transfers_way(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    transfer = bench.approved(to_swap(1000))
    assert claim(bench, transfer) is not None


@pytest.mark.parametrize("load", ["restart", "reload"])
def test_a_limit_lowered_below_what_is_reserved_lets_only_as_much_through(bench: DeskBench, load: str) -> None:
    bench.restart(PER_DAY)
    first, second = bench.approved(to_swap(400)), bench.approved(to_swap(500))
    getattr(bench, load)(('per_day = "1000"', 'per_day = "600"'))
    assert claim(bench, first) is None
    assert claim(bench, second) is None
    assert (bench.state(first), bench.state(second)) == ("proposed", "proposed")
    bench.confirm(bench.get(second.id))
    bench.confirm(bench.get(first.id))
    assert claim(bench, first) is None
    assert claim(bench, second) is not None
    assert bench.state(first) == "blocked"


def test_a_limit_overdrawn_behind_the_desks_back_is_seen_at_the_claim(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), to_swap(300))
    transfer = bench.approved("600 usdt htx:linear-swap -> htx:spot")
    bench.tamper("UPDATE transfers SET amount = '401' WHERE id = 1")
    assert claim(bench, transfer) is None
    assert bench.state(transfer) == "blocked"
    assert "599 of it is left now and this is 600" in (bench.get(transfer.id).outcome or "")


def test_a_limit_is_not_freed_by_a_clock_set_back(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), to_swap(300))
    bench.clock.advance(-timedelta(hours=2).total_seconds())
    assert left(bench) == 700
