"""What a desk.toml that loads still lacks, as `transferdesk check` says it and as a start refuses it."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from desk_toml import EXAMPLE, LIMIT, edited, load, written
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Account, Adapter, Venue
from bot.cli.check import command
from bot.config import load_config
from bot.config_check import covered, weaknesses
from bot.config_rules import legal_routes
from bot.findings import Finding
from bot.policy import Rule, Spent, select

TREASURERS = 'treasurers = ["carol", "dan"]'


def check(path: Path, *options: str) -> Result:
    return CliRunner().invoke(command, list(options), env={"TRANSFERDESK_CONFIG": str(path)})


def found(folder: Path, text: str) -> list[Finding]:
    return weaknesses(load(folder, text))


def one_more(name: str, **changes: str) -> str:
    """One more rule for the end of the example: its first one again, but for what is said otherwise."""
    keys = {
        "who": '["traders"]',
        "from": '["htx:spot", "htx:linear-swap"]',
        "to": '["htx:linear-swap", "htx:spot"]',
        "currencies": '["USDT"]',
        **{key.rstrip("_"): value for key, value in changes.items()},
    }
    return f'\n[[rules]]\nname = "{name}"\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())


def test_the_example_has_no_weakness(tmp_path: Path) -> None:
    path = written(tmp_path, EXAMPLE)
    assert weaknesses(load_config(path)) == []
    result = check(path)
    assert result.exit_code == 0
    assert result.output.startswith("ok   desk.toml: 2 rules, 4 people, policy ")
    assert result.output.endswith("1 fine, 0 to mend\n")


# What was lost can be settled


def test_a_requester_whose_transfers_too_few_could_settle_is_found(tmp_path: Path) -> None:
    # Two admins, one of whom asks for transfers: of those, only the other may settle what was lost.
    path = written(tmp_path, edited((TREASURERS, 'treasurers = ["bob", "carol"]')))
    (finding,) = weaknesses(load_config(path))
    assert (finding.ok, finding.subject) == (False, "desk.resolve_by")
    assert finding.detail == "2 admins beside bob are needed to settle bob's transfers by hand, there are 1"
    assert finding.fix == "name more people in desk.admins, or lower resolve_by"
    result = check(path)
    assert result.exit_code == 1
    assert str(finding) in result.output
    assert result.output.endswith("1 fine, 1 to mend\n")


@pytest.mark.parametrize(
    ("treasurers", "resolve_by", "stuck"),
    [
        ('["alice", "bob"]', 2, ["alice", "bob"]),
        ('["alice", "bob"]', 1, []),
        ('["bob"]', 1, ["bob"]),
        ('["bob", "carol", "dan"]', 2, []),
        ('["bob", "carol", "dan"]', 3, ["bob"]),
    ],
)
def test_nobody_counts_for_their_own_transfers(
    tmp_path: Path, treasurers: str, resolve_by: int, stuck: list[str]
) -> None:
    text = edited((TREASURERS, f"treasurers = {treasurers}"), ("resolve_by = 2", f"resolve_by = {resolve_by}"))
    unsettled = [finding for finding in found(tmp_path, text) if finding.subject == "desk.resolve_by"]
    assert [finding.detail.split()[3] for finding in unsettled] == stuck


# What was frozen can be unfrozen


def test_an_only_admin_whose_own_freeze_nobody_could_lift_is_found(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, edited((TREASURERS, 'treasurers = ["carol"]'), ("resolve_by = 2", "resolve_by = 1")))
    assert (finding.ok, finding.subject) == (False, "desk.admins")
    assert finding.detail == "what carol freezes takes another admin to unfreeze, and there is none"


# Approvals can be had


@pytest.mark.parametrize(
    ("approvals", "stuck"),
    [
        ('{ count = 2, from = "treasurers" }', None),
        ('{ count = 1, from = "traders" }', None),
        (
            '{ count = 2, from = "traders" }',
            "2 of traders cannot be reached without the requester when that is alice, bob",
        ),
        ('{ count = 1, from = "bob" }', "1 of bob cannot be reached without the requester when that is bob"),
        (
            '{ all = [{ count = 1, from = "alice" }, { count = 1, from = "traders" }], second_factor = "totp" }',
            "1 of alice and 1 of traders, with a one-time code cannot be reached without the requester when that is "
            "alice, bob",
        ),
        (  # both quorums have enough people, and not enough for both
            '{ all = [{ count = 2, from = "treasurers" }, { count = 1, from = "carol" }] }',
            "2 of treasurers and 1 of carol cannot be reached without the requester when that is alice, bob",
        ),
        ('{ all = [{ count = 2, from = "treasurers" }, { count = 1, from = "traders" }] }', None),
    ],
)
def test_approvals_that_take_the_requesters_own_are_found(tmp_path: Path, approvals: str, stuck: str | None) -> None:
    findings = found(tmp_path, edited((LIMIT, f"approvals = [{approvals}]")))
    assert [(finding.ok, finding.subject, finding.detail) for finding in findings] == (
        [(False, "rule collateral", stuck)] if stuck else []
    )


def test_every_tier_is_tried(tmp_path: Path) -> None:
    approvers = {"0": "bob", "1": "dan", "2": "alice"}
    tiers = ", ".join(f'{{ above = "{above}", count = 1, from = "{name}" }}' for above, name in approvers.items())
    details = [finding.detail for finding in found(tmp_path, edited((LIMIT, f"approvals = [{tiers}]")))]
    assert [detail.split()[2] for detail in details] == ["bob", "alice"]


# Every rule can decide something


@pytest.mark.parametrize(
    ("changes", "covered_by"),
    [
        ({}, "collateral"),
        ({"per_transfer": '"1"'}, "collateral"),
        ({"who": '["bob"]', "from_": '["htx:spot"]', "to": '["htx:linear-swap"]'}, "collateral"),
        ({"who": '["traders", "carol"]'}, None),
        ({"to": '["htx:linear-swap", "htx:spot", "htx:otc"]'}, None),
        ({"to": '["htx:linear-swap/BTC-USDT"]', "from_": '["htx:spot"]'}, None),
        ({"currencies": '["USDT", "BTC"]'}, None),
    ],
)
def test_a_rule_of_which_another_above_it_decides_all_is_found(
    tmp_path: Path, changes: dict[str, str], covered_by: str | None
) -> None:
    findings = [one for one in found(tmp_path, EXAMPLE + one_more("late", **changes)) if one.subject == "rule late"]
    assert [(finding.ok, finding.subject, finding.detail) for finding in findings] == (
        [(False, "rule late", f"never decides: all it names is decided above it, by {covered_by}")]
        if covered_by
        else []
    )


def test_a_rule_that_several_cover_together_is_found_with_those_that_do(tmp_path: Path) -> None:
    for_alice = edited(('who = ["traders"]', 'who = ["alice"]'))
    (finding,) = found(tmp_path, for_alice + one_more("for-bob", who='["bob"]') + one_more("late"))
    assert finding.detail == "never decides: all it names is decided above it, by collateral, for-bob"


ACCOUNTS = [Account("htx", name) for name in ("spot", "otc", "swap")]
VENUES = {"htx": Venue("htx", Adapter.HTX)}


def some(*values: Any) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(values), min_size=1)


@given(
    st.lists(
        st.builds(
            Rule,
            name=st.just("some"),
            who=some("U1", "U2", "U3"),
            sources=some(*ACCOUNTS),
            destinations=some(*ACCOUNTS),
            currencies=some("USDT", "BTC"),
        ),
        max_size=6,
    )
)
def test_covered_rules_are_those_that_no_person_route_and_currency_selects(rules: list[Rule]) -> None:
    rules = [rule for rule in rules if list(legal_routes(rule.sources, rule.destinations, VENUES))]
    deciding: dict[int, set[int]] = {}
    places = {id(rule): place for place, rule in enumerate(rules)}
    for place, rule in enumerate(rules):
        routes = legal_routes(rule.sources, rule.destinations, VENUES)
        for user, route, currency in product(rule.who, routes, rule.currencies):
            selected = select(Spent(user, route, currency, cast(Any, 1)), rules)
            deciding.setdefault(place, set()).add(places[id(selected)])
    assert covered(rules, VENUES) == {
        place: sorted(decided) for place, decided in deciding.items() if place not in decided
    }


# What does no harm


def test_an_unused_group_is_a_warning_that_fails_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, edited((TREASURERS, f'{TREASURERS}\nauditors = ["dan"]')))
    (finding,) = weaknesses(load_config(path))
    assert finding.ok
    result = check(path)
    assert result.exit_code == 0
    assert "\nwarn group auditors: no rule names it, nor does desk.admins  → remove it\n" in result.output
    assert result.output.endswith("1 fine, 0 to mend, 1 to look at\n")


# For programs


@pytest.mark.parametrize(
    ("edit", "code", "levels"),
    [
        ((TREASURERS, TREASURERS), 0, ["ok"]),
        ((TREASURERS, f'{TREASURERS}\nauditors = ["dan"]'), 0, ["ok", "warn"]),
        ((TREASURERS, 'treasurers = ["bob", "carol"]'), 1, ["ok", "fail"]),
        ((TREASURERS, "treasurers = []"), 1, ["fail"]),
    ],
)
def test_all_findings_are_one_json_object(tmp_path: Path, edit: tuple[str, str], code: int, levels: list[str]) -> None:
    result = check(written(tmp_path, edited(edit)), "--json")
    assert result.exit_code == code
    said = json.loads(result.output)
    assert said["ok"] is (code == 0)
    assert [finding["level"] for finding in said["findings"]] == levels
    assert all(finding.keys() == {"level", "subject", "detail", "fix"} for finding in said["findings"])


def test_a_file_that_does_not_load_is_a_finding_for_programs(tmp_path: Path) -> None:
    result = check(written(tmp_path, edited((TREASURERS, "treasurers = []"))), "--json")
    (finding,) = json.loads(result.output)["findings"]
    assert "groups.treasurers: names nobody" in finding["detail"]
