"""desk.toml: what the conditions of a rule mean once read."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest
from desk_toml import CURRENCIES, EXAMPLE, LIMIT, edited, load

from bot.config_check import weaknesses
from bot.policy import Hours, Quorum, Rule

CAROL, DAN = "U03CAROL", "U04DAN"
TREASURERS = frozenset({CAROL, DAN})


def rule(folder: Path, conditions: str, currencies: str = '["USDT"]') -> Rule:
    text = edited((LIMIT, conditions), (CURRENCIES, f"currencies = {currencies}"))
    return load(folder, text).rules[0]


def test_the_example_holds_with_every_condition_it_shows(tmp_path: Path) -> None:
    conditions = re.sub(r"^# +(?=per_day|per_person|hours|reason|approvals|\{|\])", "", EXAMPLE, flags=re.MULTILINE)
    config = load(tmp_path, conditions)
    shown = config.rules[0]
    assert shown.per_day and shown.per_person_per_day and shown.hours and shown.reason_required
    assert [tier.count for tier in shown.tiers] == [1, 2, 3]
    assert [tier.second_factor for tier in shown.tiers] == [False, True, True]
    assert weaknesses(config) == []


def test_without_conditions_a_rule_has_none(tmp_path: Path) -> None:
    bare = rule(tmp_path, "")
    assert (bare.per_transfer, bare.per_day, bare.per_person_per_day) == ({}, {}, {})
    assert (bare.tiers, bare.hours, bare.reason_required) == ((), None, False)


@pytest.mark.parametrize("key", ["per_day", "per_person_per_day"])
def test_daily_limits_are_written_as_the_limit_per_transfer_is(tmp_path: Path, key: str) -> None:
    assert getattr(rule(tmp_path, f'{key} = "5"'), key) == {"USDT": Decimal(5)}
    both = rule(tmp_path, f'{key} = {{ usdt = "5", BTC = "0.1" }}', '["USDT", "BTC"]')
    assert getattr(both, key) == {"USDT": Decimal(5), "BTC": Decimal("0.1")}


def test_tiers_come_lowest_first_however_they_are_written(tmp_path: Path) -> None:
    tiers = rule(
        tmp_path,
        """approvals = [
          { above = "500", all = [{ count = 2, from = "treasurers" }, { count = 1, from = "traders" }] },
          { count = 1, from = "treasurers" },
          { above = "20.5", count = 2, from = "treasurers" },
        ]""",
    ).tiers
    assert [tier.above["USDT"] for tier in tiers] == [Decimal(0), Decimal("20.5"), Decimal(500)]
    assert tiers[1].quorums == (Quorum("treasurers", TREASURERS, 2),)
    assert [(quorum.count, quorum.group) for quorum in tiers[2].quorums] == [(2, "treasurers"), (1, "traders")]


def test_a_tier_may_be_above_another_amount_of_each_currency(tmp_path: Path) -> None:
    above = '{ BTC = "0.5", USDT = "10000" }'
    tiers = rule(
        tmp_path,
        f'approvals = [{{ count = 1, from = "carol" }}, {{ above = {above}, count = 1, from = "dan" }}]',
        '["USDT", "BTC"]',
    ).tiers
    assert tiers[0].above == {"USDT": 0, "BTC": 0}
    assert tiers[1].above == {"USDT": Decimal(10000), "BTC": Decimal("0.5")}
    assert tiers[1].quorums == (Quorum("dan", frozenset({DAN}), 1),)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            '{ days = ["fri", "mon"], from = "08:00", to = "18:30", zone = "Europe/Berlin" }',
            Hours(frozenset({0, 4}), time(8), time(18, 30), "Europe/Berlin"),
        ),
        (
            '{ days = ["sun"], from = "22:00", to = "06:00", zone = "UTC" }',
            Hours(frozenset({6}), time(22), time(6), "UTC"),
        ),
        (
            '{ days = ["sat"], from = "00:00", to = "00:00", zone = "Asia/Kathmandu" }',
            Hours(frozenset({5}), time(0), time(0), "Asia/Kathmandu"),
        ),
    ],
)
def test_hours_are_days_times_and_a_zone(tmp_path: Path, text: str, read: Hours) -> None:
    assert rule(tmp_path, f"hours = {text}").hours == read


def test_a_rule_knows_what_people_call_the_subaccounts_it_names(tmp_path: Path) -> None:
    collateral, makers = load(tmp_path, EXAMPLE).rules
    assert collateral.aliases == {}
    assert makers.aliases == {"39000001": "maker", "39000002": "arbitrage"}
    renamed = load(tmp_path, EXAMPLE.replace("{ maker =", "{ market =").replace(":maker", ":market")).rules[1]
    assert renamed.sources == makers.sources
    assert renamed.hash != makers.hash, "a rule under which people see another name asks again"


def test_a_group_is_used_by_a_rule_an_approval_or_the_admins(tmp_path: Path) -> None:
    groups = 'treasurers = ["carol", "dan"]\nothers = ["dan"]'
    unused = edited(('treasurers = ["carol", "dan"]', groups))
    assert load(tmp_path, unused).groups_unused == ("others",)
    approving = unused.replace(LIMIT, 'approvals = [{ count = 1, from = "others" }]')
    assert load(tmp_path, approving).groups_unused == ()
