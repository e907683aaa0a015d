"""`transferdesk journal`: how the file stands. Reads only, while the desk runs or not."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from bot.paths import database_path

if TYPE_CHECKING:
    from bot.journal.stats import Stats


@click.group("journal")
def command() -> None:
    """Look at the journal as a file."""


@command.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def stats(as_json: bool) -> None:
    """Say how large the journal is, how many rows its tables have, and whether the file is sound.

    Every page is read. The exit code is 1 when SQLite finds something wrong. That nobody changed the record is another
    question, which `transferdesk audit verify` answers.
    """
    from bot.journal.stats import stats

    path = database_path(os.environ)
    found = stats(path)
    if as_json:
        click.echo(json.dumps({"file": str(path), "sound": not found.damage, **asdict(found)}, indent=2))
    else:
        click.echo(f"{path}: journal {found.journal[:8]}, mode {found.mode}")
        _tell(found)
    sys.exit(1 if found.damage else 0)


def _tell(found: Stats) -> None:
    from tabulate import tabulate

    click.echo(f"{found.size:,} bytes, {found.free:,} of them free; {found.wal_size:,} in the log beside it")
    click.echo(f"events from {found.first} to {found.last}" if found.first else "no event yet")
    click.echo(found.damage or "the file is sound")
    columns = ("left", "right")
    for title, counts in (
        ("Kept for good", found.kept),
        ("Working tables", found.working),
        ("Transfers", found.states),
        ("Events", found.days),
    ):
        rows = [(name, f"{count:,}") for name, count in counts.items()]
        if rows:
            click.echo(f"\n{tabulate(rows, (title, 'Rows'), 'simple', disable_numparse=True, colalign=columns)}")
