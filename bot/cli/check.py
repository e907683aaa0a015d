"""`transferdesk check`: desk.toml, and with `--online` everything a start would look at. Reads only."""

from __future__ import annotations

import asyncio
import os
import sys

import click

from bot.cli import configured
from bot.config import Config, load_config
from bot.config_check import weaknesses
from bot.findings import Finding
from bot.settings import config_path


@click.command("check")
@click.option("--online", is_flag=True, help="Also ask Slack and the exchanges; reads only, moves nothing.")
def command(online: bool) -> None:
    """Check that the desk could start, and print one line per thing looked at. Exit code 0 only when all is well."""
    findings = check_online() if online else check_file(load_config(config_path(os.environ)))
    for finding in findings:
        click.echo(str(finding))
    wrong = sum(not finding.ok for finding in findings)
    click.echo(f"{len(findings) - wrong} fine, {wrong} to mend")
    sys.exit(1 if wrong else 0)


def check_file(config: Config) -> list[Finding]:
    """Return what can be said about desk.toml alone; that it could be loaded is most of it."""
    detail = f"{len(config.rules)} rules, {len(config.people)} people, policy {config.hash[:12]}"
    return [Finding(True, "desk.toml", detail), *weaknesses(config)]


def check_online() -> list[Finding]:
    """Return what a start would find: Slack's token, workspace, scopes and channels, and every exchange key."""
    from bot.app import survey

    settings, config = configured.read()
    return [*check_file(config), *asyncio.run(survey(settings, config))]
