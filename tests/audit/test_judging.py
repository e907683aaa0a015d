"""What a desk with a mistake in it lets through is found by the audit, which judges every step again by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from audited import BACK, ROUTE, audit
from desk_bench import ALICE, BOB, CAROL, DAN, ERIN, SNAPSHOT, STRANGER, DeskBench, rule_says

from bot.desk import Decision, approving, freezing, resolving, sending
from bot.desk.house import move
from bot.journal import Transaction
from bot.policy import Tier, Verdict, decide
from bot.transfers import Accepted, State

PER_DAY = rule_says('per_day = "300"')
PER_PERSON = rule_says('per_person_per_day = "300"')
HOURS = rule_says('hours = { days = ["mon"], from = "08:00", to = "18:00", zone = "Europe/Berlin" }')
REASON = rule_says('reason = "required"')
TWO = rule_says('approvals = [{ above = "200", count = 2, from = "treasurers" }]')


def found(bench: DeskBench) -> str:
    differences = audit(bench.path).differences
    assert differences.first is not None, "nothing was found"
    return "; ".join(str(one) for one in sorted(differences.kept, key=lambda one: one.seq))


def unlimited(verdict: Callable[..., Verdict]) -> Callable[..., Verdict]:
    """A policy that looks at no condition but which rule it is."""

    def lenient(request: Any, rules: Any, now: Any, spent: Any = ()) -> Verdict:
        judged = verdict(request, rules, now, ())
        return Verdict(judged.rule, (), judged.tier)

    return lenient


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (PER_DAY, "expected blocked: Rule collateral allows 300 USDT in 24 hours by everybody together"),
        (PER_PERSON, "expected blocked: Rule collateral allows 300 USDT in 24 hours by one person"),
        (HOURS, "expected blocked: Rule collateral is open mon 08:00 to 18:00 Europe/Berlin only"),
        (REASON, "expected blocked: Rule collateral wants a reason"),
        (('per_transfer = "1000"', 'per_transfer = "200"'), "allows up to 200 USDT in one transfer; this is 250."),
    ],
)
def test_a_condition_that_was_not_kept(bench: DeskBench, rule: tuple[str, str], said: str) -> None:
    bench.restart(rule)
    with patch("bot.desk.house.decide", unlimited(decide)):
        bench.settled(Accepted("1"), f"250 usdt {ROUTE}")
        bench.settled(Accepted("2"), f"240 usdt {BACK}")
    assert said in found(bench)


def test_what_is_without_an_answer_counts_against_limits(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.unknown(f"250 usdt {ROUTE}")
    with patch("bot.journal.transaction.SPENT", (State.APPROVED, State.SENDING, State.SUCCEEDED)):
        bench.settled(Accepted("2"), f"100 usdt {BACK}")
    assert "50 of it is left now and this is 100" in found(bench)


def test_what_ended_a_day_ago_counts_no_more(bench: DeskBench) -> None:
    bench.restart(PER_DAY)
    bench.settled(Accepted("1"), f"250 usdt {ROUTE}")
    bench.clock.advance(hours=24)
    bench.settled(Accepted("2"), f"250 usdt {ROUTE}")
    assert audit(bench.path).differences.first is None


def test_both_steps_of_a_route_count_once(bench: DeskBench) -> None:
    bench.restart(
        ('currencies = ["USDT", "BTC"]', 'currencies = ["USDT", "BTC"]\nper_day = { USDT = "100", BTC = "1" }')
    )
    bench.ask("100 usdt coinw:maker -> coinw:arbitrage")
    bench.post()
    bench.confirm(bench.get(1))
    for reference in "12":
        following = bench.desk.what_next("coinw").result().transfer
        assert following is not None
        assert bench.desk.claim(following.id, SNAPSHOT).result() is not None
        bench.desk.settle(following.id, Accepted(reference)).result()
    assert audit(bench.path).differences.first is None


def test_a_send_with_too_few_approvals(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting(f"250 usdt {ROUTE}")
    with patch.object(Tier, "missing", lambda tier, people: 0):
        bench.approve(transfer, CAROL)
    assert "approvals is U03CAROL, expected those of 2 of treasurers" in found(bench)


def test_an_approval_by_somebody_who_may_not(bench: DeskBench) -> None:
    bench.restart(TWO, ('treasurers = ["bob", "carol", "dan", "erin"]', 'treasurers = ["bob", "carol", "dan"]'))
    transfer = bench.awaiting(f"250 usdt {ROUTE}")
    with patch.object(approving, "_not_theirs", lambda *_: None):
        bench.approve(transfer, ERIN)
        bench.approve(transfer, ALICE)
    told = found(bench)
    assert "actor is U05ERIN, expected one of those who may decide: 2 of treasurers" in told
    assert "actor is U01ALICE, expected somebody other than who asked for it" in told


def test_an_approval_without_the_code_the_tier_wants(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting(f"250 usdt {ROUTE}")
    code = rule_says('approvals = [{ above = "200", count = 2, from = "treasurers", second_factor = "totp" }]')
    with patch("bot.desk.reloading.review"):
        bench.reload((TWO[1], code[1]))
    with patch.object(approving, "still_as_shown", lambda *_: Verdict(None, (), Tier({}, ()))):
        bench.approve(transfer, DAN)
    assert "data.second_factor is False, expected True" in found(bench)


def test_a_send_while_it_is_frozen(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.freeze("htx", CAROL)
    with patch.object(sending, "_must_wait", lambda *_: None):
        assert bench.desk.claim(transfer.id, SNAPSHOT).result() is not None
    assert "kind is sending, expected waiting, as htx is frozen by U03CAROL" in found(bench)


def test_a_send_after_the_deadline(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.clock.advance(minutes=6)
    with patch.object(sending, "is_due", lambda *_: False):
        assert bench.desk.claim(transfer.id, SNAPSHOT).result() is not None
    assert "expected before the deadline, 2026-11-21T10:20:00.000Z" in found(bench)


def test_a_send_while_another_on_the_same_route_is_without_an_answer(bench: DeskBench) -> None:
    bench.unknown()
    transfer = bench.approved("20 usdt htx:spot -> htx:linear-swap/BTC-USDT")
    with patch.object(sending, "_must_wait", lambda *_: None):
        assert bench.desk.claim(transfer.id, SNAPSHOT).result() is not None
    assert "kind is sending, expected waiting for T1, without an answer on the same route" in found(bench)


def test_a_second_step_that_did_not_wait_for_the_first(bench: DeskBench) -> None:
    bench.ask("100 usdt coinw:maker -> coinw:arbitrage")
    bench.post()
    bench.confirm(bench.get(1))
    second = bench.get(2)

    def release(tx: Transaction) -> None:
        within = {"reserved_at": tx.now, "deadline": tx.now + bench.desk.house.config.send_within}
        move(tx, second, State.APPROVED, outcome=None, **within)

    bench.journal.run(release).result()
    assert "data.follows is T1, which is approved, expected a step that succeeded" in found(bench)


def test_a_settlement_by_the_requester_and_by_too_few(bench: DeskBench) -> None:
    lost = bench.lost(by=BOB)
    bench.desk.house = replace(bench.desk.house, config=replace(bench.desk.house.config, resolve_by=1))
    with patch.object(resolving, "_problem", lambda *_: None):
        bench.resolve(lost, BOB, Decision.NOT_EXECUTED)
    told = found(bench)
    assert "actor is U02BOB, expected somebody other than who asked for it" in told
    assert "data.settled_by is U02BOB, expected 2 admins" in told


def test_an_unfreeze_by_somebody_who_may_not(bench: DeskBench) -> None:
    bench.freeze("htx", ALICE)
    with patch.object(freezing, "_unfreeze_problem", lambda *_: ""):
        bench.unfreeze("htx", ALICE)
        bench.freeze("htx", ALICE)
        bench.unfreeze("htx", STRANGER)
    told = found(bench)
    assert "actor is U01ALICE, expected somebody other than who froze it" in told
    assert "actor is U66STRANGER, expected an admin" in told
