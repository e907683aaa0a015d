"""A route of two steps: confirmed and approved once, each a transfer of its own, the second only after the first."""

from __future__ import annotations

import pytest
from desk_bench import ALICE, BOB, CAROL, SNAPSHOT, DeskBench
from two_steps import (
    ALL,
    ARBITRAGE,
    COINW_RULE,
    INTO,
    MAKER,
    MASTER,
    NO,
    OUT,
    ask,
    confirmed,
    proposed,
    send,
    states,
    tiers,
)

from bot.desk import Decision, Question
from bot.policy.explained import steps_explained
from bot.transfers import Accepted, NotSent, Outcome, State, Unknown
from handlers import lines


def test_both_steps_are_put_on_one_card_and_nothing_is_sent(bench: DeskBench) -> None:
    first, second = proposed(bench)
    assert (first.state, second.state) == (State.PROPOSED, State.WAITING)
    assert (str(first.route), str(second.route)) == (f"{MAKER} -> {MASTER}", f"{MASTER} -> {ARBITRAGE}")
    assert (second.follows, second.deadline, second.card_ts) == (first.id, None, first.card_ts)
    assert [parcel.transfer_id for parcel in bench.parcels("card")] == []
    assert bench.desk.what_next("coinw").result().transfer is None
    assert [event.kind for event in bench.events()][-2:] == ["waiting", "proposed"]


def test_confirmed_once_the_second_goes_when_the_first_is_done(bench: DeskBench) -> None:
    first, second = confirmed(bench)
    assert states(bench) == ["approved", "waiting"]
    assert send(bench, Accepted("1")) == bench.get(first.id)
    assert send(bench, Accepted("2")) == bench.get(second.id)
    assert states(bench) == ["succeeded", "succeeded"]
    assert [bench.get(step.id).exchange_reference for step in (first, second)] == ["1", "2"]
    assert send(bench, Accepted("3")) is None


def test_the_requester_is_called_once_at_the_end(bench: DeskBench) -> None:
    confirmed(bench)
    bench.post()
    send(bench, Accepted("1"))
    assert bench.parcels("thread") == []
    send(bench, Accepted("2"))
    assert [parcel.transfer_id for parcel in bench.parcels("thread")] == [2]
    assert [parcel.transfer_id for parcel in bench.parcels("audit")] == [1, 2]


def test_the_second_is_never_confirmed_by_itself_while_it_waits(bench: DeskBench) -> None:
    _, second = proposed(bench)
    assert "waiting for the step before it" in bench.confirm(second)
    assert states(bench) == ["proposed", "waiting"]


@pytest.mark.parametrize("outcome", [NO, NotSent("no connection")])
def test_without_the_first_the_second_never_goes(bench: DeskBench, outcome: Outcome) -> None:
    confirmed(bench)
    send(bench, outcome)
    assert states(bench)[1] == "cancelled"
    assert send(bench, Accepted("2")) is None
    assert bench.read("SELECT sent_at FROM transfers WHERE id = 2") == [(None,)]


def test_cancelling_either_before_the_first_is_sent_ends_both(bench: DeskBench) -> None:
    _, second = confirmed(bench)
    assert bench.cancel_by_command(second.id) == "T1 is cancelled. Nothing was sent."
    assert states(bench) == ["cancelled", "cancelled"]
    assert send(bench, Accepted("1")) is None


def test_nothing_waits_for_ever_at_an_exchange_that_is_no_longer_there(bench: DeskBench) -> None:
    proposed(bench)
    rules = bench.desk.house.config.text
    bench.restart(
        (rules[rules.index("[exchanges.coinw]") : rules.index("[people]")], ""),
        (rules[rules.index('[[rules]]\nname = "makers"') :], ""),
    )
    assert states(bench) == ["blocked", "cancelled"]


def test_while_the_first_is_without_an_answer_the_second_waits(bench: DeskBench) -> None:
    confirmed(bench)
    send(bench, Unknown("no answer"))
    bench.clock.advance(days=2)
    bench.desk.expire_due().result()
    assert send(bench, Accepted("2")) is None
    assert states(bench) == ["unknown", "waiting"]


def test_settled_late_the_second_is_asked_again(bench: DeskBench) -> None:
    first, second = confirmed(bench)
    send(bench, Unknown("no answer"))
    bench.clock.advance(hours=2)
    bench.resolve(bench.get(first.id), BOB, Decision.EXECUTED)
    bench.resolve(bench.get(first.id), CAROL, Decision.EXECUTED)
    assert send(bench, Accepted("2")) is None
    bench.post()
    again = bench.get(second.id)
    assert (again.state, again.version) == (State.PROPOSED, second.version + 1)
    assert again.outcome and "T1, the step before it, was settled late" in again.outcome
    bench.confirm(again)
    assert send(bench, Accepted("2")) == bench.get(second.id)


def test_a_desk_that_was_down_after_the_first_step_asks_again(bench: DeskBench) -> None:
    first, _ = confirmed(bench)
    claimed = bench.desk.claim(first.id, SNAPSHOT).result()
    assert claimed is not None
    bench.desk.settle(first.id, Accepted("1")).result()
    bench.restart()
    bench.clock.advance(hours=9)
    assert send(bench, Accepted("2")) is None
    assert states(bench) == ["succeeded", "proposed"]


def test_a_clock_that_went_back_hides_no_delay(bench: DeskBench) -> None:
    first, _ = confirmed(bench)
    bench.desk.claim(first.id, SNAPSHOT).result()
    bench.clock.advance(minutes=4)
    bench.clock.set(-600)
    bench.desk.settle(first.id, Accepted("1")).result()
    assert send(bench, Accepted("2")) is None
    assert states(bench) == ["succeeded", "proposed"]


def test_what_the_record_shows_of_the_time_counts_after_the_clock_went_back(bench: DeskBench) -> None:
    first, _ = confirmed(bench)
    bench.desk.claim(first.id, SNAPSHOT).result()
    bench.clock.advance(minutes=5, seconds=2)
    bench.ask()
    bench.clock.set(-4)
    bench.desk.settle(first.id, Accepted("1")).result()
    assert send(bench, Accepted("2")) is None
    assert states(bench)[:2] == ["succeeded", "proposed"]


def test_an_equal_transfer_without_an_answer_is_settled_before_the_second_step(bench: DeskBench) -> None:
    confirmed(bench)
    send(bench, Accepted("1"))
    lost = bench.proposed("250 usdt coinw:master -> coinw:arbitrage")
    bench.confirm(lost)
    bench.desk.claim(lost.id, SNAPSHOT).result()
    bench.desk.settle(lost.id, Unknown("no answer")).result()
    assert send(bench, Accepted("2")) is None
    second = bench.get(2)
    assert second.state is State.PROPOSED
    assert second.outcome and "T3, an equal transfer, was sent without an answer" in second.outcome
    assert not bench.view(second).confirmable


# The policy


def test_the_policy_must_allow_both_steps_before_the_first(bench: DeskBench) -> None:
    bench.restart((f"to = {ALL}", 'to = ["coinw:master", "coinw:maker"]'))
    assert "No rule lets you move USDT from `coinw:master` to `coinw:39000002`" in ask(bench)
    assert states(bench) == []
    assert bench.events("turned_away")[0].data["intent"]["route"] == f"{MASTER} -> {ARBITRAGE}"


def test_forbidding_the_second_step_blocks_the_first(bench: DeskBench) -> None:
    first, _ = confirmed(bench)
    bench.reload((f"to = {ALL}", 'to = ["coinw:master", "coinw:maker"]'))
    assert send(bench, Accepted("1")) is None
    assert states(bench) == ["blocked", "cancelled"]
    assert "No rule lets you move" in str(bench.get(first.id).outcome)


def test_a_rule_that_changes_for_either_step_asks_again_for_both(bench: DeskBench) -> None:
    first, second = confirmed(bench)
    bench.reload(tiers('per_transfer = { USDT = "40000", BTC = "9" }'))
    assert (bench.get(first.id).state, bench.get(second.id).state) == (State.PROPOSED, State.WAITING)
    assert (bench.get(first.id).version, bench.get(second.id).version) == (first.version + 1, second.version + 1)
    bench.post()
    bench.confirm(bench.get(first.id))
    send(bench, Accepted("1"))
    assert send(bench, Accepted("2")) == bench.get(second.id)


def test_one_approval_is_for_both_steps(bench: DeskBench) -> None:
    bench.restart(tiers('approvals = [{ count = 1, from = "treasurers" }]'))
    first, second = confirmed(bench)
    assert states(bench) == ["awaiting_approval", "waiting"]
    bench.approve(bench.get(first.id), CAROL)
    assert send(bench, Accepted("1")) == bench.get(first.id)
    assert send(bench, Accepted("2")) == bench.get(second.id)
    votes = bench.read("SELECT transfer_id, approver, seal FROM approvals ORDER BY transfer_id")
    assert votes == [(step.id, CAROL.user, bench.get(step.id).seal) for step in (first, second)]


def test_approvers_are_told_where_the_money_ends_up(bench: DeskBench) -> None:
    bench.restart(tiers('approvals = [{ count = 1, from = "treasurers" }]'))
    confirmed(bench)
    (called,) = bench.events("awaiting_approval")
    assert (called.data["route"], called.data["onward"]) == (f"{MAKER} -> {MASTER}", str(ARBITRAGE))
    told = lines.thread_line(called, {})["text"]
    assert "coinw:39000001 → coinw:master → coinw:39000002" in told


def test_steps_under_two_rules_take_the_people_of_both(bench: DeskBench) -> None:
    second_rule = f"""
[[rules]]
name = "out"
who = ["traders"]
{OUT}
currencies = ["USDT"]
approvals = [{{ count = 2, from = "treasurers" }}]
"""
    one = 'approvals = [{ count = 1, from = "treasurers" }]'
    bench.restart((f"from = {ALL}\nto = {ALL}", INTO), (COINW_RULE, f"{COINW_RULE}\n{one}\n{second_rule}"))
    first, _ = confirmed(bench)
    view = bench.view(first)
    assert (str(view.tier), first.approvals_needed) == ("2 of treasurers", 2)
    bench.approve(bench.get(first.id), CAROL)
    assert states(bench) == ["awaiting_approval", "waiting"]
    bench.approve(bench.get(first.id), BOB)
    send(bench, Accepted("1"))
    assert send(bench, Accepted("2")) is not None


def test_a_route_nobody_could_ever_agree_to_is_not_proposed(bench: DeskBench) -> None:
    second_rule = f"""
[[rules]]
name = "out"
who = ["traders"]
{OUT}
currencies = ["USDT"]
approvals = [{{ count = 1, from = "directors" }}]
"""
    one = 'approvals = [{ count = 1, from = "officers" }]'
    bench.restart(
        ("[groups]", '[groups]\nofficers = ["carol"]\ndirectors = ["carol"]'),
        (f"from = {ALL}\nto = {ALL}", INTO),
        (COINW_RULE, f"{COINW_RULE}\n{one}\n{second_rule}"),
    )
    why = (
        "The steps together ask for the approval of 1 of officers and 1 of directors besides the requester; "
        "that is 1 more person than there are."
    )
    assert ask(bench) == f"Not allowed, and nothing happened. {why}"
    question = bench.desk.why(ALICE, bench.typed("250 usdt coinw:maker -> coinw:arbitrage").intent, "").result()
    assert isinstance(question, Question)
    assert steps_explained(question.answer(), None)[-1] == why
    bench.reload(('directors = ["carol"]', 'directors = ["carol", "dan"]'))
    assert ask(bench).startswith("T1: 250 USDT")


def test_limits_count_a_route_once(bench: DeskBench) -> None:
    bench.restart(tiers('per_day = { USDT = "500", BTC = "9" }'))
    confirmed(bench)
    send(bench, Accepted("1"))
    send(bench, Accepted("2"))
    assert ask(bench).startswith("T3: 250 USDT")
    assert "0 of it is left" not in ask(bench)
    bench.post()
    bench.confirm(bench.get(3))
    assert "allows 500 USDT in 24 hours" in ask(bench)


def test_what_stands_alone_is_told_from_steps_of_the_same_money(bench: DeskBench) -> None:
    bench.confirm(bench.proposed("9 usdt coinw:maker -> coinw:master"))
    confirmed(bench)
    spent = bench.journal.run(lambda tx: list(tx.spent("USDT"))).result()
    assert sorted((one.money_id, one.amount) for one in spent) == [(0, 9), (2, 250), (2, 250)]


def test_a_route_is_not_counted_against_itself(bench: DeskBench) -> None:
    bench.restart(tiers('per_day = { USDT = "250", BTC = "9" }'))
    confirmed(bench)
    assert send(bench, Accepted("1")) is not None
    assert send(bench, Accepted("2")) is not None


def test_a_waiting_step_holds_its_own_rules_limit(bench: DeskBench) -> None:
    rule = f'[[rules]]\nname = "out"\nwho = ["traders"]\n{OUT}\ncurrencies = ["USDT"]\nper_day = "300"'
    bench.restart((f"from = {ALL}\nto = {ALL}", INTO), (COINW_RULE, f"{COINW_RULE}\n{rule}"))
    proposed(bench)
    assert "T3: 100 USDT" in bench.ask("100 usdt coinw:master -> coinw:arbitrage")
    bench.confirm(bench.get(1))
    assert "50 of it is left" in bench.ask("100 usdt coinw:master -> coinw:arbitrage")


# On record and on the card


def test_somebody_who_changes_the_waiting_row_stops_both(bench: DeskBench) -> None:
    confirmed(bench)
    bench.tamper("UPDATE transfers SET amount = '900' WHERE id = 2")
    assert [send(bench, Accepted("1")), send(bench, Accepted("2"))] == [None, None]
    assert states(bench) == ["blocked", "cancelled"]


def test_showing_the_second_step_shows_the_card_of_both(bench: DeskBench) -> None:
    first, second = proposed(bench)
    shown = bench.desk.show(ALICE, second.id).result()
    assert not isinstance(shown, str)
    assert shown.transfer == first
    assert shown.second and shown.second.transfer == second


def test_the_limit_on_being_late_is_the_time_a_confirmed_transfer_has(bench: DeskBench) -> None:
    first, _ = confirmed(bench)
    bench.desk.claim(first.id, SNAPSHOT).result()
    bench.clock.advance(minutes=5)
    bench.desk.settle(first.id, Accepted("1")).result()
    assert send(bench, Accepted("2")) is not None
