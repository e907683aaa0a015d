"""desk.toml: what it means once read. How mistakes in it are named is in test_config_mistakes.py."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from desk_toml import CURRENCIES, EXAMPLE, LIMIT, edited, load

from bot.accounts import Account


def test_the_example_loads(tmp_path: Path) -> None:
    config = load(tmp_path, EXAMPLE)
    assert config.team == "T01DESK"
    assert config.channels == {"C01TREASURY"}
    assert config.audit_channel == "C02AUDIT"
    assert config.people == {"alice": "U01ALICE", "bob": "U02BOB", "carol": "U03CAROL", "dan": "U04DAN"}
    assert config.admins == {"U03CAROL", "U04DAN"}
    assert [rule.name for rule in config.rules] == ["collateral", "makers"]


def test_the_hash_is_the_sha256_of_the_very_file(tmp_path: Path) -> None:
    config = load(tmp_path, EXAMPLE)
    assert config.text == EXAMPLE
    assert config.hash == hashlib.sha256(EXAMPLE.encode()).hexdigest()


def test_a_rule_names_people_by_id_and_subaccounts_by_uid(tmp_path: Path) -> None:
    collateral, makers = load(tmp_path, EXAMPLE).rules
    assert collateral.who == {"U01ALICE", "U02BOB"}
    assert collateral.sources == {Account("htx", "spot"), Account("htx", "linear-swap")}
    assert Account("coinw", "39000001") in makers.destinations
    assert Account("coinw", "maker") not in makers.destinations


def test_a_single_person_may_stand_where_a_group_may(tmp_path: Path) -> None:
    config = load(tmp_path, edited(('who = ["traders"]', 'who = ["carol", "traders"]')))
    assert config.rules[0].who == {"U01ALICE", "U02BOB", "U03CAROL"}


@pytest.mark.parametrize(
    ("currencies", "text", "limits"),
    [
        ('["USDT"]', '"250000"', {"USDT": Decimal(250000)}),
        ('["USDT", "usdt"]', '"250000"', {"USDT": Decimal(250000)}),
        ('["usdt"]', '{ USDT = "250000.5" }', {"USDT": Decimal("250000.5")}),
        ('["USDT", "btc"]', '{ usdt = "5", BTC = "0.00000001" }', {"USDT": Decimal(5), "BTC": Decimal("0.00000001")}),
    ],
)
def test_per_transfer_limits_each_currency(
    tmp_path: Path, currencies: str, text: str, limits: dict[str, Decimal]
) -> None:
    text = edited((LIMIT, f"per_transfer = {text}"), (CURRENCIES, f"currencies = {currencies}"))
    rule = load(tmp_path, text).rules[0]
    assert rule.currencies == limits.keys()
    assert rule.per_transfer == limits


@pytest.mark.parametrize("currencies", ['["USDT"]', '["USDT", "BTC"]'])
def test_without_per_transfer_a_rule_has_no_such_limit(tmp_path: Path, currencies: str) -> None:
    text = edited((LIMIT, ""), (CURRENCIES, f"currencies = {currencies}"))
    assert load(tmp_path, text).rules[0].per_transfer == {}


def test_durations_have_defaults_and_units(tmp_path: Path) -> None:
    text = edited(
        ('confirm_within = "10m"', 'approve_within = "2d"'),
        ('send_within = "5m"', 'send_within = "90s"'),
        ('# pace = "1100ms"', 'pace = "2s"'),
    )
    config = load(tmp_path, text)
    assert config.confirm_within == timedelta(minutes=10)
    assert config.approve_within == timedelta(days=2)
    assert config.send_within == timedelta(seconds=90)
    assert config.connections["htx"].pace_s == 2.0
    assert config.connections["coinw"].pace_s == 1.1


def test_the_longest_durations_are_allowed(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        edited(
            ('confirm_within = "10m"', 'confirm_within = "7d"'),
            ('# approve_within = "1h"', 'approve_within = "168h"'),
            ('send_within = "5m"', 'send_within = "60m"'),
        ),
    )
    assert config.confirm_within == config.approve_within == timedelta(days=7)
    assert config.send_within == timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "after", "name", "pace_s"),
    [
        ('adapter = "htx"', 'adapter = "htx"\npace = "1100ms"', "htx", 1.1),
        ('adapter = "coinw"', 'adapter = "coinw"\npace = "1s"', "coinw", 1.0),
        ('url = "https://api.huobi.pro"', 'url = "http://127.0.0.1:8044"\npace = "1ms"', "htx", 0.001),
        ('url = "https://api.coinw.com"', 'url = "http://localhost:8045"\npace = "1ms"', "coinw", 0.001),
    ],
)
def test_the_pace_may_be_as_fast_as_the_exchange_takes_and_anything_on_this_machine(
    tmp_path: Path, before: str, after: str, name: str, pace_s: float
) -> None:
    assert load(tmp_path, edited((before, after))).connections[name].pace_s == pace_s


def test_futures_are_asked_at_their_own_host_and_on_loopback_where_the_rest_is(tmp_path: Path) -> None:
    assert load(tmp_path, EXAMPLE).connections["htx"].futures_url == "https://api.hbdm.com"
    local = edited(('url = "https://api.huobi.pro"', 'url = "http://127.0.0.1:8044/"'))
    connection = load(tmp_path, local).connections["htx"]
    assert connection.url == connection.futures_url == "http://127.0.0.1:8044"


def test_htx_gets_a_margin_account_on_every_route_unless_told_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path, EXAMPLE).venues["htx"].margin_always
    narrowed = edited(('# margin_account = "always"', 'margin_account = "linear-swap"'))
    assert not load(tmp_path, narrowed).venues["htx"].margin_always


def test_decimals_narrow_what_a_currency_may_have(tmp_path: Path) -> None:
    venue = load(tmp_path, edited(("{ USDT = 6 }", "{ usdt = 6 }"))).venues["coinw"]
    assert (venue.decimals_max("USDT"), venue.decimals_max("BTC")) == (6, 8)


def test_one_desk_may_hold_two_accounts_of_one_exchange(tmp_path: Path) -> None:
    second = '[exchanges.htx-otc]\nadapter = "htx"\nurl = "https://api-aws.huobi.pro"\nrefused_codes = ["1300"]\n'
    connections = load(tmp_path, EXAMPLE + second).connections
    assert set(connections) == {"htx", "coinw", "htx-otc"}
    assert connections["htx-otc"].refused_codes == {"1300"}


def test_identity_is_team_and_user_id(tmp_path: Path) -> None:
    config = load(tmp_path, EXAMPLE)
    assert config.is_listed("T01DESK", "U01ALICE")
    assert not config.is_listed("T99OTHER", "U01ALICE")
    assert not config.is_listed("T01DESK", "alice")
    assert not config.is_listed("T01DESK", "")
    assert config.name_of("U01ALICE") == "alice"
    assert config.name_of("U99") == "U99"


def test_the_accounts_of_a_connection_are_those_some_rule_names(tmp_path: Path) -> None:
    accounts = load(tmp_path, EXAMPLE).accounts("coinw")
    assert sorted(map(str, accounts)) == ["coinw:39000001", "coinw:39000002", "coinw:master"]
