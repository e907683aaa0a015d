"""The policy from a shell: `transferdesk why` and `transferdesk policy diff`, which only read, and the freeze."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from desk_bench import BOB, RULES, DeskBench, rule_says

from bot.transfers import Accepted

ROOT = Path(__file__).parents[1]
FORBIDDEN = "2000 usdt htx:spot -> htx:linear-swap"


def transferdesk(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    files: Mapping[str, str] = {
        "TRANSFERDESK_CONFIG": str(folder / "desk.toml"),
        "TRANSFERDESK_DATABASE": str(folder / "desk.db"),
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, **files, **more},
    )


def said(folder: Path, *arguments: str) -> list[str]:
    done = transferdesk(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    return done.stdout.splitlines()


def refused(folder: Path, *arguments: str) -> str:
    done = transferdesk(folder, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    return done.stderr.strip()


def policy(bench: DeskBench, *edits: tuple[str, str]) -> str:
    """Write another desk.toml beside the one in force."""
    text = RULES
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    file = bench.folder / "new.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def compared(bench: DeskBench, file: str) -> list[str]:
    # The command lives in the machine's own time, the bench in another.
    return said(bench.folder, "policy", "diff", file, "--since", "3650d")


# why


@pytest.mark.parametrize(
    "words",
    [
        ("2000", "usdt", "htx:spot", "->", "htx:linear-swap", "--as", "bob"),
        ("--as", "bob", "2000", "usdt", "htx:spot", "to", "htx:linear-swap"),
        ("2000 usdt htx:spot -> htx:linear-swap as bob",),
        ("2000 usdt htx:spot -> htx:linear-swap", "--as", BOB.user),
    ],
)
def test_a_shell_gets_the_same_explanation(bench: DeskBench, words: tuple[str, ...]) -> None:
    assert said(bench.folder, "why", *words) == [
        "No: bob may not move 2,000.00 USDT from `htx:spot` to `htx:linear-swap` now.",
        "Rule collateral decides.",
        "• Rule collateral allows up to 1,000.00 USDT in one transfer; this is 2,000.00.",
        "Left of USDT: 1,000.00 in one transfer; no limit in 24 hours by everybody; "
        "no limit in 24 hours by one person.",
        "This would pass:",
        "• up to 1,000.00 USDT now",
    ]


def test_usage_is_read_while_the_desk_runs(bench: DeskBench) -> None:
    bench.restart(('per_transfer = "1000"', 'per_day = "1000000"'))
    bench.approved("250 usdt htx:spot -> htx:linear-swap")
    assert "Left of USDT: no limit in one transfer; 999,750.00 of 1,000,000.00 in 24 hours by everybody; " in "\n".join(
        said(bench.folder, "why", FORBIDDEN, "--as", "bob")
    )


def test_a_freeze_is_said_beside_the_verdict(bench: DeskBench) -> None:
    question = ("why", "250 usdt htx:spot -> htx:linear-swap as bob")
    before = said(bench.folder, *question)
    bench.freeze("htx")
    assert said(bench.folder, *question) == [*before, "But now: htx is frozen by alice: a key leaked."]


def test_without_a_journal_nothing_counts_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(RULES, encoding="utf-8")
    lines = said(tmp_path, "why", FORBIDDEN, "--as", "bob")
    assert lines[-1] == f"There is no journal at {tmp_path / 'desk.db'}, so no limit counts as used."
    assert not (tmp_path / "desk.db").exists()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ((FORBIDDEN,), "A shell does not say who you are; add `--as NAME`, a name under [people] in desk.toml."),
        (
            (FORBIDDEN, "--as", "bobb"),
            "There is nobody `bobb` under [people] in desk.toml. Did you mean `bob`?",
        ),
        (
            ("250", "usdt", "htx:spot", "-"),
            "The shell took the arrow's `>` for itself; put the transfer in quotes, or write `to`.",
        ),
    ],
)
def test_what_cannot_be_answered_is_said_with_the_way_out(
    bench: DeskBench, words: tuple[str, ...], answer: str
) -> None:
    assert refused(bench.folder, "why", *words) == answer


# policy diff


def test_the_policy_in_force_changes_nothing(bench: DeskBench) -> None:
    bench.proposed()
    bench.ask(FORBIDDEN)
    assert compared(bench, str(bench.folder / "desk.toml")) == ["2 requests: 2 as before"]


def test_the_policy_in_force_asks_for_as_many_approvals_as_it_did(bench: DeskBench) -> None:
    bench.restart(rule_says('approvals = [{ count = 1, from = "treasurers" }]'))
    bench.proposed()
    assert compared(bench, str(bench.folder / "desk.toml")) == ["1 requests: 1 as before"]
    (line, _) = compared(bench, policy(bench))
    assert line.endswith(": took 1 of treasurers, would take no approvals")


def test_every_verdict_that_changes_is_a_line(bench: DeskBench) -> None:
    at = f"{bench.clock.now():%Y-%m-%d %H:%M}"
    bench.settled(Accepted("900001"))
    bench.ask(FORBIDDEN, BOB)
    file = policy(
        bench, ('who = ["traders"]\nfrom = ["htx', 'who = ["bob"]\nfrom = ["htx'), ('per_transfer = "1000"', "")
    )
    lines = compared(bench, file)
    route = "htx:spot -> htx:linear-swap"
    assert lines == [
        f"T1 {at} alice 250 USDT {route}: was allowed by collateral, would be refused: No rule lets you move USDT from "
        "`htx:spot` to `htx:linear-swap`. The nearest rule, collateral, does not name you.",
        f"#{bench.events('turned_away')[0].seq} {at} bob 2,000.00 USDT {route}: would be allowed by collateral, was "
        "refused: Rule collateral allows up to 1,000.00 USDT in one transfer; this is 2,000.00.",
        "2 requests: 1 allowed → refused, 1 refused → allowed, 0 as before",
    ]


def test_usage_of_that_time_is_what_a_new_limit_is_held_against(bench: DeskBench) -> None:
    for _ in range(3):
        bench.settled(Accepted("900001"))
        bench.clock.advance(hours=10)
    file = policy(bench, ('per_transfer = "1000"', 'per_day = "500"'))
    lines = compared(bench, file)
    assert [line.split()[0] for line in lines] == ["T3", "3"]


def test_an_account_the_new_policy_does_not_name_finds_no_rule(bench: DeskBench) -> None:
    bench.proposed("250 usdt coinw:master -> coinw:maker")
    bench.proposed("250 usdt coinw:master -> coinw:arbitrage")
    moved = policy(bench, ("maker = 39000001", "maker = 39000009"))
    (line, _) = compared(bench, moved)
    assert " alice 250 USDT coinw:master -> coinw:39000001: " in line
    assert "would be refused: No rule lets you move USDT from `coinw:master` to `coinw:39000001`." in line


def test_a_sub_account_is_shown_as_the_new_policy_calls_it(bench: DeskBench) -> None:
    bench.proposed("250 usdt coinw:master -> coinw:maker")
    (line, _) = compared(bench, policy(bench, ("maker", "quoter"), ('name = "quoters"', 'name = "other"')))
    assert " alice 250 USDT coinw:master -> coinw:quoter: was allowed by makers, would be by other" in line


def test_what_is_older_is_left_out(bench: DeskBench) -> None:
    bench.clock.set(-20 * 365 * 86400)
    bench.proposed()
    file = str(bench.folder / "desk.toml")
    assert compared(bench, file) == ["0 requests: 0 as before"]
    assert said(bench.folder, "policy", "diff", file, "--since", "999999d") == ["1 requests: 1 as before"]


def test_a_wrong_span_or_file_is_said(bench: DeskBench) -> None:
    assert 'expected a duration as text, like "10m", "90s" or "1h"' in refused(
        bench.folder, "policy", "diff", str(bench.folder / "desk.toml"), "--since", "yesterday"
    )
    assert "there is no such file" in refused(bench.folder, "policy", "diff", "nowhere.toml")


# freeze


def test_a_freeze_that_no_desk_would_see_is_not_called_one(bench: DeskBench) -> None:
    elsewhere = bench.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "desk.toml").write_text(RULES, encoding="utf-8")
    why = f"Nothing is frozen: there is no journal at {elsewhere / 'desk.db'}; set TRANSFERDESK_DATABASE."
    assert refused(elsewhere, "freeze", "a key leaked") == why
    assert not (elsewhere / "FREEZE").exists()
    assert said(bench.folder, "freeze", "a key leaked")[0].startswith("Everything is frozen.")
