"""A rule edited anywhere has another hash, by which approvals given under the old one are void."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from ruling import ALICE, CAROL, COLLATERAL, SPOT, SWAP, quorum, tier, usdt

from bot.policy import Hours, Rule

HOURS = Hours(frozenset({0}), time(8), time(18), "Europe/Berlin")
OPEN = replace(COLLATERAL, hours=HOURS)
CHANGES: list[dict[str, Any]] = [
    {"name": "other"},
    {"who": frozenset({ALICE})},
    {"sources": frozenset({SPOT, SWAP})},
    {"destinations": frozenset({SWAP})},
    {"currencies": frozenset({"USDT"})},
    {"per_transfer": {"USDT": Decimal("1001"), "BTC": Decimal("0.5")}},
    {"per_day": usdt("1")},
    {"per_person_per_day": usdt("1")},
    {"tiers": (tier("0", quorum(1, CAROL)),)},
    {"hours": HOURS},
    {"reason_required": True},
    {"aliases": {"39000001": "maker"}},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: "-".join(change))
def test_a_rule_edited_anywhere_has_another_hash(change: dict[str, Any]) -> None:
    assert replace(COLLATERAL, **change).hash != COLLATERAL.hash


def test_no_part_of_a_rule_is_left_out() -> None:
    assert {field.name for field in fields(Rule)} == {name for change in CHANGES for name in change}


@pytest.mark.parametrize(
    "change", [{"days": frozenset({0, 1})}, {"start": time(9)}, {"end": time(17, 59)}, {"zone": "Europe/Vienna"}]
)
def test_hours_edited_anywhere_make_another_rule(change: dict[str, Any]) -> None:
    assert replace(OPEN, hours=replace(HOURS, **change)).hash != OPEN.hash


def test_a_daily_limit_for_everybody_is_not_one_for_each() -> None:
    assert replace(COLLATERAL, per_day=usdt("1")).hash != replace(COLLATERAL, per_person_per_day=usdt("1")).hash


def test_the_order_and_notation_of_a_rules_parts_do_not_change_its_hash() -> None:
    same = replace(COLLATERAL, per_transfer={"BTC": Decimal("0.50"), "USDT": Decimal("1000.0")})
    assert same.hash == COLLATERAL.hash
