"""What a person's Home tab says of the journal: what waits for them, and nothing for anybody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, STRANGER, DeskBench, Person, rule_says
from two_steps import half_way

from bot.accounts import Account
from bot.desk import Decision, Taken
from bot.desk.homes import ENDED, LISTED_MAX, Home, Listed
from bot.desk.steps import AGAIN
from bot.journal import Holding
from bot.transfers import Accepted

APPROVALS = rule_says('approvals = [{ count = 2, from = "treasurers" }]')
COINW = "7 btc coinw:master -> coinw:maker"


def home(bench: DeskBench, person: Person = ALICE) -> Home:
    found = bench.desk.home(person).result()
    assert found is not None
    return found


def names(listed: Listed) -> list[str]:
    return [entry.transfer.name for entry in listed.entries]


def lists(found: Home) -> dict[str, list[str]]:
    """What waits for them and what else is open."""
    return {name: names(getattr(found, name)) for name in ("confirm", "approve", "settle", "others")}


def only(**named: list[str]) -> dict[str, list[str]]:
    return {"confirm": [], "approve": [], "settle": [], "others": []} | named


def test_nothing_is_read_for_whoever_is_not_on_the_allowlist(bench: DeskBench) -> None:
    bench.proposed()
    assert bench.desk.home(STRANGER).result() is None
    assert bench.desk.home(Person("T66ELSEWHERE", ALICE.user)).result() is None


def test_a_proposal_waits_for_whoever_asked_for_it(bench: DeskBench) -> None:
    bench.proposed()
    assert lists(home(bench)) == only(confirm=["T1"])
    assert lists(home(bench, BOB)) == only(others=["T1"])


def test_money_half_way_waits_for_whoever_asked_for_it_until_something_moves_it(bench: DeskBench) -> None:
    _, second = half_way(bench)
    assert names(home(bench).stranded) == [second.name]
    assert names(home(bench, BOB).stranded) == []
    bench.desk.move_on(bench.click(second), AGAIN, bench.soon).result()
    assert (names(home(bench).stranded), names(home(bench).confirm)) == ([], ["T3"])
    bench.cancel_by_command(3)
    assert names(home(bench).stranded) == [second.name]


def test_an_approval_waits_for_those_whose_word_brings_it_further(bench: DeskBench) -> None:
    bench.restart(APPROVALS)
    transfer = bench.awaiting(by=BOB)
    assert lists(home(bench, CAROL)) == only(approve=["T1"])
    assert lists(home(bench, BOB)) == only(others=["T1"])  # an approver, but it is his own
    assert lists(home(bench, ALICE)) == only(others=["T1"])
    bench.approve(transfer, CAROL)
    assert lists(home(bench, CAROL)) == only(others=["T1"])
    assert lists(home(bench, DAN)) == only(approve=["T1"])


def test_a_lost_answer_waits_for_the_other_admins(bench: DeskBench) -> None:
    transfer = bench.lost(by=BOB)
    assert lists(home(bench, CAROL)) == only(settle=["T1"])
    assert lists(home(bench, BOB)) == only(others=["T1"])  # an admin, but it is his own
    assert lists(home(bench, ALICE)) == only(others=["T1"])
    for admin in (CAROL, DAN):
        bench.resolve(transfer, admin, Decision.NOT_EXECUTED)
    assert lists(home(bench, CAROL)) == only()
    assert [entry.transfer.name for entry in home(bench, CAROL).last] == ["T1"]


def test_a_route_of_two_steps_is_one_line(bench: DeskBench) -> None:
    bench.proposed("7 btc coinw:maker -> coinw:arbitrage")
    assert lists(home(bench)) == only(confirm=["T1"])


def test_lists_are_short_the_latest_first_and_the_rest_is_counted(bench: DeskBench) -> None:
    for amount in range(LISTED_MAX + 3):
        bench.ask(f"{amount + 1} usdt htx:spot -> htx:linear-swap")
    found = home(bench).confirm
    assert (names(found)[0], len(found.entries), found.more) == ("T13", LISTED_MAX, 3)


def test_the_last_are_those_that_ended_the_latest_first(bench: DeskBench) -> None:
    first, second = bench.proposed(), bench.proposed("3 usdt htx:spot -> htx:linear-swap")
    bench.cancel(second)
    bench.cancel(first)
    bench.proposed("4 usdt htx:spot -> htx:linear-swap")
    assert [entry.transfer.name for entry in home(bench).last] == ["T2", "T1"]


def test_a_freeze_is_told_by_whom_and_why(bench: DeskBench) -> None:
    assert home(bench).frozen == ()
    bench.freeze("htx", ALICE, "a key leaked")
    bench.freeze("", BOB, "everything is odd")
    assert home(bench, CAROL).frozen == (
        "Everything is frozen by bob: everything is odd.",
        "htx is frozen by alice: a key leaked.",
    )


def test_the_health_of_an_exchange_is_what_the_journal_knows_of_it(bench: DeskBench) -> None:
    bench.settled(Accepted("1"), COINW)
    answered_at = bench.clock.now()
    bench.unknown()
    waiting = bench.approved()  # an equal one cannot be confirmed; another way on the same key can
    assert waiting.state == "proposed"
    held = bench.approved("3 usdt htx:spot -> htx:linear-swap")
    bench.desk.what_next("htx").result()
    htx, coinw = home(bench).health
    assert (htx.exchange, htx.answered_at, [entry.transfer.name for entry in htx.unanswered]) == ("htx", None, ["T2"])
    assert [entry.transfer.name for entry in htx.held] == [held.name]
    assert "It waits for T2" in str(htx.held[0].transfer.outcome)
    assert (coinw.exchange, coinw.answered_at, coinw.unanswered, coinw.held) == ("coinw", answered_at, (), ())


def test_a_balance_that_was_read_is_a_sign_of_life_and_one_that_could_not_be_is_told(bench: DeskBench) -> None:
    read_at = bench.clock.now()
    for account, holding in (
        ("coinw:39000001", Holding(Decimal(7), "", read_at)),
        ("coinw:39000002", Holding(None, "did not answer", read_at)),
        ("htx:spot", Holding(None, "did not answer", read_at)),
    ):
        bench.desk.note_reading(Taken(Account.from_canonical(account), "USDT", holding)).result()
    htx, coinw = home(bench).health
    assert (htx.answered_at, [account for account, _ in htx.unread]) == (None, ["htx:spot"])
    assert (coinw.answered_at, [account for account, _ in coinw.unread]) == (read_at, ["coinw:arbitrage"])
    assert coinw.unread[0][1].problem == "did not answer"


def test_limits_are_those_of_the_rules_that_name_the_person(bench: DeskBench) -> None:
    bench.restart(rule_says('per_day = "900"'))
    bench.settled(Accepted("1"))
    question = home(bench).limits
    assert question is not None
    days = {one.rule: limit.left for one in question.answer(9).first for limit in one.limits if limit.name == "per_day"}
    assert {rule: str(left) for rule, left in days.items()} == {"collateral": "650", "makers": "None"}
    assert home(bench, CAROL).limits is None


# Whose tab is kept fresh


def kept(bench: DeskBench) -> list[tuple[str, str]]:
    return [(shown.person, shown.digest) for shown in bench.desk.homes().result()]


def test_opening_it_keeps_it_fresh_for_a_week(bench: DeskBench) -> None:
    assert bench.desk.home_opened(ALICE).result() is True
    bench.clock.advance(days=6)
    assert kept(bench) == [(ALICE.user, "")]
    bench.desk.home_opened(BOB).result()
    bench.clock.advance(days=1, seconds=1)
    assert kept(bench) == [(BOB.user, "")]
    bench.clock.advance(timedelta(days=7).total_seconds())
    assert kept(bench) == []


def test_whoever_left_the_allowlist_has_theirs_emptied_however_long_they_have_not_looked(bench: DeskBench) -> None:
    bench.desk.home_opened(ALICE).result()
    bench.clock.advance(days=30)
    assert kept(bench) == []
    bench.reload(('alice = "U01ALICE"', 'alice = "U07OTHER"'))
    assert kept(bench) == [(ALICE.user, "")]


def test_nobodys_tab_is_kept_who_is_not_on_the_allowlist(bench: DeskBench) -> None:
    before = bench.counts()
    assert bench.desk.home_opened(STRANGER).result() is False
    assert (kept(bench), bench.counts()) == ([], before)


def test_what_was_shown_is_remembered_until_it_is_opened_again_or_forgotten(bench: DeskBench) -> None:
    bench.desk.home_opened(ALICE).result()
    bench.desk.home_shown(ALICE.user, "digest").result()
    bench.restart()
    assert kept(bench) == [(ALICE.user, "digest")]
    bench.desk.home_opened(ALICE).result()
    assert kept(bench) == [(ALICE.user, "")]
    bench.desk.forget_home(ALICE.user).result()
    bench.desk.home_shown(ALICE.user, "late").result()
    assert kept(bench) == []


@pytest.mark.parametrize("look", [home, lambda bench: bench.desk.homes().result()])
def test_looking_writes_nothing(bench: DeskBench, look: Callable[[DeskBench], object]) -> None:
    bench.proposed()
    before = bench.counts()
    look(bench)
    assert bench.counts() == before


def test_the_latest_that_ended_are_found_without_looking_at_all_that_ever_did(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    plan = bench.read(f"EXPLAIN QUERY PLAN SELECT * FROM transfers WHERE {ENDED} ORDER BY id DESC LIMIT 10", "T01DESK")
    assert [str(step[3]) for step in plan] == ["SCAN transfers"]
