"""Who may move what: one rule is selected, top to bottom, and from then on it can only refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruling import ALICE, BOB, COLLATERAL, ISOLATED, NOON, REQUEST, SPOT, SWAP

from bot.accounts import Account, Route
from bot.policy import Request, Rule, Verdict
from bot.policy import decide as decide_at

amounts = st.decimals(min_value="0.00000001", max_value="999999999999999", places=8)
rules = st.lists(
    st.builds(
        Rule,
        name=st.sampled_from(["a", "b", "c"]),
        who=st.frozensets(st.sampled_from([ALICE, BOB])),
        sources=st.frozensets(st.sampled_from([SPOT, SWAP])),
        destinations=st.frozensets(st.sampled_from([SWAP, ISOLATED])),
        currencies=st.frozensets(st.sampled_from(["USDT", "BTC"])),
        per_transfer=st.dictionaries(st.sampled_from(["USDT", "BTC"]), amounts),
    ),
    max_size=4,
)


def decide(request: Request, rules: Sequence[Rule]) -> Verdict:
    return decide_at(request, rules, NOON)


def test_without_rules_nobody_may_do_anything() -> None:
    verdict = decide(REQUEST, ())
    assert not verdict.allowed
    assert verdict.reasons == ("No rule lets you move USDT from `htx:spot` to `htx:linear-swap`.",)


def test_a_request_the_rule_names_in_every_respect_is_allowed() -> None:
    verdict = decide(REQUEST, [COLLATERAL])
    assert verdict.allowed
    assert verdict.rule is COLLATERAL


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"requester": "U66STRANGER"}, "does not name you"),
        ({"requester": "u01alice"}, "does not name you"),
        ({"route": Route(SWAP, SWAP)}, "has no `htx:linear-swap` under from"),
        ({"route": Route(SPOT, Account("htx", "otc"))}, "has no `htx:otc` under to"),
        (
            {"route": Route(SPOT, Account("htx", "linear-swap", "ETH-USDT"))},
            "has no `htx:linear-swap/ETH-USDT` under to",
        ),
        ({"currency": "ETH"}, "is for BTC, USDT, not ETH"),
    ],
)
def test_a_rule_missed_by_one_condition_is_not_selected_but_named(change: dict[str, Any], why: str) -> None:
    verdict = decide(replace(REQUEST, **change), [COLLATERAL])
    assert verdict.rule is None
    assert not verdict.allowed
    assert verdict.reasons[0].endswith(f"The nearest rule, collateral, {why}.")


def test_another_connection_with_an_account_of_the_same_name_is_another_account() -> None:
    second = Route(Account("htx2", "spot"), Account("htx2", "linear-swap"))
    assert not decide(replace(REQUEST, route=second), [COLLATERAL]).allowed


def test_the_way_back_is_not_allowed_by_the_way_there() -> None:
    assert not decide(replace(REQUEST, route=Route(SWAP, SPOT)), [COLLATERAL]).allowed


def test_a_rule_missed_by_two_conditions_is_not_described_to_a_stranger() -> None:
    verdict = decide(replace(REQUEST, requester="U66STRANGER", currency="ETH"), [COLLATERAL])
    assert "collateral" not in verdict.reasons[0]


def test_nothing_falls_through_to_a_later_rule() -> None:
    generous = replace(COLLATERAL, name="generous", per_transfer={})
    too_much = replace(REQUEST, amount=Decimal("1001"))
    verdict = decide(too_much, [COLLATERAL, generous])
    assert verdict.rule is COLLATERAL
    assert not verdict.allowed
    assert decide(too_much, [generous, COLLATERAL]).allowed


def test_a_rule_that_does_not_match_leaves_the_decision_to_the_next() -> None:
    for_bob = replace(COLLATERAL, name="for-bob", who=frozenset({BOB}))
    assert decide(REQUEST, [for_bob, COLLATERAL]).rule is COLLATERAL


@given(rules, amounts)
def test_rules_after_the_selected_one_change_nothing(rules: list[Rule], amount: Decimal) -> None:
    request = replace(REQUEST, amount=amount)
    verdict = decide(request, rules)
    if verdict.rule is not None:
        selected = next(index for index, rule in enumerate(rules) if rule is verdict.rule)
        assert decide(request, rules[: selected + 1]) == verdict


@given(rules, amounts)
def test_only_a_rule_that_names_person_route_and_currency_allows(rules: list[Rule], amount: Decimal) -> None:
    verdict = decide(replace(REQUEST, amount=amount), rules)
    if verdict.allowed:
        assert verdict.rule is not None
        assert ALICE in verdict.rule.who
        assert SPOT in verdict.rule.sources
        assert SWAP in verdict.rule.destinations
        assert "USDT" in verdict.rule.currencies
        assert amount <= verdict.rule.per_transfer.get("USDT", amount)
