"""`transferdesk report`: what was moved, by whom, how well and how fast. Reads only, while the desk runs or not."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import configured
from bot.clock import SystemClock
from bot.errors import StartError
from bot.paths import database_path

if TYPE_CHECKING:
    from bot.config import Config
    from bot.report import Report
    from bot.report_text import Names


@click.command("report")
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="How far back.")
@click.option("--picture", type=click.Path(path_type=Path), help="Write the net flows as a PNG into this file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(days: int, picture: Path | None, as_json: bool) -> None:
    """Sum up the transfers that ended in the last days.

    Money is counted by transfer, and each step of a two-step route is one. Requests, people and times are counted by
    request, and a two-step route is one. A request is done when all its money arrived.
    """
    from bot import report_text

    config = configured.desk_toml()
    report = _read(config, days)
    people, accounts = config.user_names, config.account_names
    if as_json:
        click.echo(json.dumps(report_text.as_json(report, people, accounts), indent=2, ensure_ascii=False))
    else:
        click.echo(report_text.period(report))
        click.echo("\n".join(report_text.sentences(report)))
        for table in report_text.tables(report, people, accounts):
            click.echo(f"\n{table.title}\n{table}")
    if picture is not None:
        _draw(report, accounts, picture)


def _read(config: Config, days: int) -> Report:
    from bot.desk.reporting import rows
    from bot.journal.backup import looking_at
    from bot.report import report

    until = SystemClock().now()
    since = until - timedelta(days=days)
    with looking_at(database_path(os.environ)) as tx:
        return report(list(rows(tx, config.team, since)), since, until)


def _draw(report: Report, accounts: Names, file: Path) -> None:
    from bot import report_picture

    if not report_picture.can_draw():
        raise StartError(report_picture.HOW)
    try:
        file.write_bytes(report_picture.draw(report, accounts))
    except OSError as error:
        raise StartError(f"{file}: cannot be written ({error.strerror})") from None
