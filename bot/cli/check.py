"""`transferdesk check`: desk.toml, and with `--online` everything a start would look at. Reads only."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.cli import configured
from bot.errors import StartError
from bot.findings import Finding

if TYPE_CHECKING:
    from bot.config import Config


@click.command("check")
@click.option("--online", is_flag=True, help="Also ask Slack and the exchanges; reads only, moves nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the lines.")
def command(online: bool, as_json: bool) -> None:
    """Check that the desk could start, and print one line per thing looked at. Exit code 0 unless something fails."""
    try:
        findings = check_online() if online else check_file(configured.desk_toml())
    except StartError as error:
        if not as_json:
            raise
        findings = [Finding(False, "start", line) for line in str(error).split("\n")]
    wrong = sum(not finding.ok for finding in findings)
    if as_json:
        click.echo(as_one_object(findings))
    else:
        warnings = sum(finding.ok and finding.warning for finding in findings)
        fine = len(findings) - wrong - warnings
        for finding in findings:
            click.echo(str(finding))
        click.echo(f"{fine} fine, {wrong} to mend" + (f", {warnings} to look at" if warnings else ""))
    sys.exit(1 if wrong else 0)


def as_one_object(findings: Sequence[Finding]) -> str:
    """Write `{"ok": …, "findings": [{"level": "ok" | "warn" | "fail", "subject": …, "detail": …, "fix": …}, …]}`."""
    found = [
        {"level": one.level.lower(), "subject": one.subject, "detail": one.detail, "fix": one.fix} for one in findings
    ]
    return json.dumps({"ok": all(one.ok for one in findings), "findings": found}, ensure_ascii=False, indent=2)


def check_file(config: Config) -> list[Finding]:
    """Return what can be said about desk.toml alone; that it could be loaded is most of it."""
    from bot.config_check import weaknesses

    detail = f"{len(config.rules)} rules, {len(config.people)} people, policy {config.hash[:12]}"
    return [Finding(True, "desk.toml", detail), *weaknesses(config)]


def check_online() -> list[Finding]:
    """Return what a start would find: Slack's token, workspace, scopes and channels, and every exchange key."""
    from bot.app import survey

    settings, config = configured.read()
    return [*check_file(config), *asyncio.run(survey(settings, config))]
