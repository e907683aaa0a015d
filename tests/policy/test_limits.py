"""The conditions on amounts: in one transfer, in a day by everybody, in a day by one person; and a reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from ruling import ALICE, BARE, BOB, COLLATERAL, DAN, ISOLATED, SPOT, SWAP, asking, judged, spent, usdt

from bot.accounts import Route
from bot.policy import Spent

PER_DAY = replace(BARE, per_day=usdt("1000"))
PER_PERSON = replace(BARE, per_person_per_day=usdt("1000"))


# In one transfer


@pytest.mark.parametrize(
    ("currency", "amount", "allowed"),
    [
        ("USDT", "0.00000001", True),
        ("USDT", "999.99999999", True),
        ("USDT", "1000", True),
        ("USDT", "1000.00000001", False),
        ("USDT", "999999999999999.99999999", False),
        ("BTC", "0.5", True),
        ("BTC", "0.50000001", False),
    ],
)
def test_the_limit_itself_is_allowed_and_anything_above_is_not(currency: str, amount: str, allowed: bool) -> None:
    verdict = judged(COLLATERAL, asking(amount, currency=currency))
    assert verdict.rule is COLLATERAL
    assert verdict.allowed is allowed


def test_a_refusal_by_the_limit_names_rule_limit_and_amount() -> None:
    verdict = judged(COLLATERAL, asking("1250.5"))
    assert verdict.reasons == ("Rule collateral allows up to 1,000.00 USDT in one transfer; this is 1,250.50.",)


def test_a_currency_without_a_limit_has_none() -> None:
    unlimited = replace(COLLATERAL, per_transfer={"BTC": Decimal("0.5")})
    assert judged(unlimited, asking("100000000000000")).allowed


# In a day


@pytest.mark.parametrize(
    ("before", "amount", "allowed"),
    [
        ([], "1000", True),
        ([], "1000.00000001", False),
        ([spent("750")], "249.99999999", True),
        ([spent("750")], "250", True),
        ([spent("750")], "250.00000001", False),
        ([spent("1000")], "0.00000001", False),
        ([spent("1200")], "0.00000001", False),
        ([spent("250")] * 3, "250", True),
        ([spent("250")] * 3, "251", False),
        ([spent("750", currency="BTC")], "1000", True),
        ([spent("750", route=Route(SWAP, SPOT))], "1000", True),
        ([spent("750", route=Route(SPOT, ISOLATED))], "251", False),
        ([spent("750", requester=DAN)], "1000", True),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, list) else None,
)
def test_what_the_rule_selects_counts_against_its_limits(before: list[Spent], amount: str, allowed: bool) -> None:
    assert judged(PER_DAY, asking(amount), before).allowed is allowed
    assert judged(PER_PERSON, asking(amount), before).allowed is allowed


def test_what_others_moved_counts_for_everybody_and_not_for_one_person() -> None:
    before = [spent("800", requester=BOB), spent("100", requester=ALICE)]
    together = judged(PER_DAY, asking("101"), before)
    assert not together.allowed
    assert (together.used.by_all, together.used.by_person) == (900, 100)
    assert judged(PER_DAY, asking("100"), before).allowed
    assert judged(PER_PERSON, asking("900"), before).allowed
    assert not judged(PER_PERSON, asking("901"), before).allowed
    assert not judged(PER_PERSON, asking("201", requester=BOB), before).allowed


@pytest.mark.parametrize(
    ("before", "left"),
    [("750.5", "249.5 of it is left"), ("1000", "0 of it is left"), ("2000", "0 of it is left")],
)
def test_a_refusal_by_a_daily_limit_names_what_is_left(before: str, left: str) -> None:
    (reason,) = judged(PER_DAY, asking("300"), [spent(before)]).reasons
    assert reason == (
        f"Rule collateral allows 1,000.00 USDT in 24 hours by everybody together; {left} now and this is 300."
    )
    (reason,) = judged(PER_PERSON, asking("300"), [spent(before)]).reasons
    assert "in 24 hours by one person" in reason


def test_a_currency_without_a_daily_limit_has_none() -> None:
    before = [spent("5", currency="BTC"), spent("5000")]
    assert judged(PER_DAY, asking("100000000", currency="BTC"), before).allowed


def test_every_condition_that_fails_is_named() -> None:
    strict = replace(COLLATERAL, per_day=usdt("900"), per_person_per_day=usdt("800"), reason_required=True)
    verdict = judged(strict, asking("1001"))
    assert [reason.partition(" allows ")[2].split()[0] for reason in verdict.reasons[:3]] == ["up", "900", "800"]
    assert "wants a reason" in verdict.reasons[3]


def test_a_sum_of_the_largest_amounts_loses_no_digit() -> None:
    largest = "999999999999999.99999999"
    rule = replace(BARE, per_day=usdt("100000000000000000"))
    assert judged(rule, asking("0.000001"), [spent(largest)] * 100).allowed
    assert not judged(rule, asking("0.00000101"), [spent(largest)] * 100).allowed


# A reason


@pytest.mark.parametrize(("required", "reason", "allowed"), [(True, "", False), (True, "x", True), (False, "", True)])
def test_a_reason_is_wanted_where_the_rule_says_so(required: bool, reason: str, allowed: bool) -> None:
    verdict = judged(replace(BARE, reason_required=required), asking("1", reason=reason))
    assert verdict.allowed is allowed
    if not allowed:
        assert verdict.reasons == (
            "Rule collateral wants a reason: end the command with `reason` and why it is needed.",
        )
