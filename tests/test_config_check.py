"""What a desk.toml that loads still lacks, as `transferdesk check` says it and as a start refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from desk_toml import EXAMPLE, edited, load, written

from bot.cli.check import command
from bot.config import load_config
from bot.config_check import weaknesses

TREASURERS = 'treasurers = ["carol", "dan"]'


def check(path: Path) -> Result:
    return CliRunner().invoke(command, env={"TRANSFERDESK_CONFIG": str(path)})


def test_the_example_has_no_weakness(tmp_path: Path) -> None:
    path = written(tmp_path, EXAMPLE)
    assert weaknesses(load_config(path)) == []
    result = check(path)
    assert result.exit_code == 0
    assert result.output.startswith("ok   desk.toml: 2 rules, 4 people, policy ")
    assert result.output.endswith("1 fine, 0 to mend\n")


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
    found = weaknesses(load(tmp_path, text))
    assert [finding.detail.split()[3] for finding in found] == stuck
