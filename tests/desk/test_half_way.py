"""A second step that failed: the money is half way, and people can move it on or back, once."""

from __future__ import annotations

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, STRANGER, DeskBench, Person
from two_steps import ALL, MAKER, MASTER, NO, confirmed, half_way, send, states, tiers

from bot.desk import Decision
from bot.desk.restoring import restore
from bot.desk.steps import AGAIN, BACK
from bot.evidence import Balance, Line, Reading
from bot.journal.backup import back_up, put_back
from bot.transfers import Accepted, NotSent, Outcome, State, Transfer, Unknown


@pytest.mark.parametrize("outcome", [NO, NotSent("no connection")])
def test_when_the_second_step_fails_the_card_offers_two_ways_on(bench: DeskBench, outcome: Outcome) -> None:
    first, second = half_way(bench, outcome)
    view = bench.view(first)
    assert view.current.transfer == second
    assert view.current.stranded


def test_trying_the_second_step_again_moves_the_same_money_on(bench: DeskBench) -> None:
    bench.restart(tiers('per_day = { USDT = "250", BTC = "9" }'))
    first, second = half_way(bench)
    answer = bench.desk.move_on(bench.click(second), AGAIN, bench.soon).result()
    assert answer.startswith("T3: 250 USDT from `coinw:master` to `coinw:arbitrage`")
    bench.post()
    again = bench.get(3)
    assert (again.follows, again.retry_of, again.state) == (first.id, second.id, State.PROPOSED)
    assert again.card_ts != first.card_ts
    assert not bench.view(second).stranded
    bench.confirm(again)
    assert send(bench, Accepted("3")) == bench.get(3)
    assert not bench.view(second).stranded


def test_sending_it_back_is_a_transfer_to_where_it_came_from(bench: DeskBench) -> None:
    _, second = half_way(bench)
    bench.desk.move_on(bench.click(second), BACK, bench.soon).result()
    back = bench.get(3)
    assert (str(back.route), back.follows, back.retry_of) == (f"{MASTER} -> {MAKER}", None, second.id)


def test_what_failed_once_more_is_offered_once_more(bench: DeskBench) -> None:
    _, second = half_way(bench)
    bench.desk.move_on(bench.click(second), AGAIN, bench.soon).result()
    bench.cancel_by_command(3)
    assert bench.view(second).stranded
    assert [remedy.id for remedy in bench.view(second).remedies] == [3]


def test_two_presses_are_one_try(bench: DeskBench) -> None:
    _, second = half_way(bench)
    click = bench.click(second)
    first, repeat = (bench.desk.move_on(click, AGAIN, bench.soon).result() for _ in range(2))
    assert first == repeat
    assert "nothing left to do" in bench.desk.move_on(bench.click(second), BACK, bench.soon).result()
    assert len(states(bench)) == 3


@pytest.mark.parametrize(
    ("by", "changes"),
    [(STRANGER, {}), (ALICE, {"message_ts": "1.000001"}), (ALICE, {"version": 7}), (ALICE, {"channel": "C09OTHER"})],
)
def test_nobody_else_and_no_other_message_moves_it(bench: DeskBench, by: Person, changes: dict[str, object]) -> None:
    _, second = half_way(bench)
    bench.desk.move_on(bench.click(second, by, **changes), AGAIN, bench.soon).result()
    assert len(states(bench)) == 2
    assert bench.events("turned_away")


def test_nothing_is_offered_while_all_is_well_or_the_second_may_have_happened(bench: DeskBench) -> None:
    _, second = half_way(bench, Unknown("no answer"))
    assert not bench.view(second).stranded
    assert "nothing left to do" in bench.desk.move_on(bench.click(second), BACK, bench.soon).result()


def test_the_policy_is_asked_anew_for_the_way_back(bench: DeskBench) -> None:
    _, second = half_way(bench)
    bench.reload((f"to = {ALL}", 'to = ["coinw:master", "coinw:arbitrage"]'))
    assert "No rule lets you move" in bench.desk.move_on(bench.click(second), BACK, bench.soon).result()


def test_a_limit_by_person_counts_what_another_one_took_further(bench: DeskBench) -> None:
    bench.restart(tiers('per_person_per_day = { USDT = "400", BTC = "9" }'))
    _, second = half_way(bench)
    bench.desk.move_on(bench.click(second, BOB), AGAIN, bench.soon).result()
    bench.post()
    bench.confirm(bench.get(3), BOB)
    assert send(bench, Accepted("3")) is not None
    for person in (ALICE, BOB):
        assert "150 of it is left now" in bench.ask("250 usdt coinw:master -> coinw:maker", person)


def test_a_try_after_one_that_may_have_moved_the_money_counts_beside_it(bench: DeskBench) -> None:
    bench.restart(tiers('per_day = { USDT = "499", BTC = "9" }'))
    _, second = half_way(bench, Unknown("no answer"))
    bench.clock.advance(minutes=7)
    for admin in (CAROL, DAN):
        bench.resolve(bench.get(second.id), admin, Decision.NOT_EXECUTED)
    assert "249 of it is left now" in bench.desk.move_on(bench.click(second), AGAIN, bench.soon).result()
    bench.reload(('"499"', '"500"'))
    bench.desk.move_on(bench.click(second), AGAIN, bench.soon).result()
    bench.post()
    bench.confirm(bench.get(3))
    assert send(bench, Accepted("3")) is not None
    assert "0 of it is left now" in bench.ask("1 usdt coinw:master -> coinw:maker")


def shown_after_all(bench: DeskBench, transfer: Transfer) -> None:
    """The exchange's records turn out to show what did not happen."""
    line = Line("880000001", bench.clock.now())
    bench.desk.looked(transfer.id, Reading((line,), Balance.MOVED, ())).result()
    assert bench.events("surplus")


def test_nothing_is_offered_when_the_second_may_have_happened_after_all(bench: DeskBench) -> None:
    _, second = half_way(bench, Unknown("no answer"))
    bench.clock.advance(minutes=7)
    for admin in (CAROL, DAN):
        bench.resolve(bench.get(second.id), admin, Decision.NOT_EXECUTED)
    assert bench.view(second).stranded
    shown_after_all(bench, second)
    assert not bench.view(second).stranded
    assert "nothing left to do" in bench.desk.move_on(bench.click(second), AGAIN, bench.soon).result()


def test_nothing_is_offered_when_a_try_may_have_happened_after_all(bench: DeskBench) -> None:
    _, second = half_way(bench)
    bench.desk.move_on(bench.click(second), BACK, bench.soon).result()
    bench.post()
    bench.confirm(bench.get(3))
    send(bench, NO)
    assert bench.view(second).stranded
    shown_after_all(bench, bench.get(3))
    assert not bench.view(second).stranded


@pytest.mark.parametrize("failed", [True, False])
def test_nothing_is_offered_from_a_backup_which_does_not_know_what_came_after_it(
    bench: DeskBench, failed: bool
) -> None:
    first, second = half_way(bench) if failed else confirmed(bench)
    if not failed:
        send(bench, Accepted("1"))
    file = bench.folder / "desk.bak"
    back_up(bench.path, file)
    bench.close()
    put_back(bench.path, file, bench.clock.now(), lambda tx: restore(tx, ()))
    bench.open()
    assert bench.state(first) == "succeeded"
    assert bench.state(second) == ("refused" if failed else "cancelled")
    assert not bench.view(second).stranded
