"""`again T12`: a new proposal with the same fields, that names the old one and is judged anew."""

from __future__ import annotations

from decimal import Decimal

import pytest
from desk_bench import ALICE, BOB, CAROL, SNAPSHOT, STRANGER, DeskBench
from shown import words

from bot.desk import Person, Repeat
from bot.desk.steps import AGAIN, BACK
from bot.transfers import Accepted, Outcome, Refused, State
from handlers import cards

REASON = "month-end <!channel> reason: 1 & 2 `x` für März"


def again(bench: DeskBench, transfer_id: int = 1, by: Person = ALICE, key: str = "") -> str:
    repeat = Repeat(key or bench.new_key(), by, "C01TREASURY", f"again T{transfer_id}", transfer_id)
    return bench.desk.again(repeat, bench.soon).result()


def test_it_is_proposed_with_the_same_fields_and_names_the_old_one(bench: DeskBench) -> None:
    old = bench.settled(Refused("1301", "no"), f"1.25k btc coinw:master -> coinw:maker reason {REASON}")
    answer = again(bench, by=BOB)
    assert answer.startswith("T2: 1,250.00 BTC from `coinw:master` to `coinw:maker`. Nothing has moved yet")
    new = bench.get(2)
    assert (new.state, new.route, new.currency, new.amount) == (State.PROPOSED, old.route, "BTC", Decimal(1250))
    assert (new.reason, new.retry_of, new.requester) == (old.reason, 1, BOB.user)
    assert new.seal == new.seal_now()
    event = bench.events("proposed")[-1]
    assert (event.actor, event.data["retry_of"], event.data["asked"]) == (BOB.user, 1, "again T1")


def test_a_margin_account_is_as_the_route_says(bench: DeskBench) -> None:
    bench.settled(Accepted("1"), "250 usdt htx:linear-swap/BTC-USDT -> htx:spot")
    again(bench)
    assert bench.get(2).margin_account == "BTC-USDT"


def test_its_card_says_after_which_it_comes(bench: DeskBench) -> None:
    old = bench.settled(Refused("1301", "no"))
    again(bench)
    assert "again after T1" in words(cards.card(bench.view(bench.get(2))))
    assert "again after" not in words(cards.card(bench.view(old)))


def test_nothing_is_sent_by_it(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    again(bench)
    assert bench.desk.what_next("htx").result().transfer is None


def test_one_whose_answer_was_lost_keeps_the_new_one_from_being_confirmed(bench: DeskBench) -> None:
    bench.unknown()
    assert "cannot be confirmed yet: T1" in again(bench)


def test_it_is_judged_by_the_policy_of_now(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    assert again(bench, by=CAROL).startswith("Not allowed, and nothing happened.")
    assert again(bench, by=STRANGER).startswith("Not allowed, and nothing happened.")
    bench.reload(('per_transfer = "1000"', 'per_transfer = "100"'))
    assert "allows up to 100 USDT" in again(bench)
    assert bench.read("SELECT count(*) FROM transfers") == [(1,)]
    assert [event.data["attempt"] for event in bench.events("turned_away")] == ["again T1"] * 3


@pytest.mark.parametrize("by", [ALICE, Person("T99OTHER", ALICE.user)])
def test_what_is_not_there_for_ones_team_is_not_there(bench: DeskBench, by: Person) -> None:
    number = 7
    if by.team != ALICE.team:
        number = bench.settled(Accepted("1")).id
    assert again(bench, number, by) == f"There is no transfer T{number}."


def test_what_can_no_longer_be_typed_is_not_proposed(bench: DeskBench) -> None:
    bench.settled(Accepted("1"), "0.5 btc coinw:master -> coinw:maker")
    bench.restart(("subaccounts =", "decimals = { BTC = 0 }\nsubaccounts ="))
    assert "BTC on coinw has at most 0" in again(bench)
    bench.restart(("maker = 39000001, ", ""), ('"coinw:maker", ', ""))
    assert again(bench).startswith("T1 cannot be proposed again as it was. ")
    assert bench.read("SELECT count(*) FROM transfers") == [(1,)]


def test_a_repeated_delivery_proposes_once(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    first = again(bench, key="envelope-1")
    before = bench.counts()
    assert again(bench, key="envelope-1") == first
    assert bench.counts() == before


def half_way(bench: DeskBench) -> None:
    """T1 is done, T2, which was to follow it, is not."""
    bench.approved("250 usdt coinw:maker -> coinw:arbitrage")
    outcomes: list[Outcome] = [Accepted("1"), Refused("1301", "no")]
    for outcome in outcomes:
        following = bench.desk.what_next("coinw").result().transfer
        assert following is not None
        assert bench.desk.claim(following.id, SNAPSHOT).result() is not None
        bench.desk.settle(following.id, outcome).result()


def test_both_steps_of_a_route_are_proposed_once_more(bench: DeskBench) -> None:
    half_way(bench)
    answer = again(bench, 1)
    assert answer.startswith("T3: 250 USDT from `coinw:maker` to `coinw:arbitrage` in two steps")
    first, second = bench.get(3), bench.get(4)
    assert (first.retry_of, first.follows, second.retry_of, second.follows) == (1, None, None, 3)


def test_a_later_part_of_a_route_is_answered_with_its_beginning(bench: DeskBench) -> None:
    half_way(bench)
    bench.post()
    told = again(bench, 2)
    assert told.startswith("T2 belongs to the two steps that begin with T1.")
    # What was begun to move the stranded money on, or back, is a part of the same.
    for what, told in ((AGAIN, True), (BACK, False)):
        card = bench.get(2)
        bench.desk.move_on(bench.click(card), what, bench.soon).result()
        number = bench.read("SELECT max(id) FROM transfers")[0][0]
        bench.post()
        assert ("again after T2" in words(cards.card(bench.view(bench.get(number))))) == told
        assert again(bench, number).startswith(f"T{number} belongs to the two steps that begin with T1.")
        bench.cancel(bench.get(number))
    assert bench.read("SELECT count(*) FROM transfers") == [(4,)]
