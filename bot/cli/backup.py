"""`transferdesk backup`: a copy of the journal, made while the desk runs or while it does not."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bot.paths import database_path


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Copy the journal into FILE, which must not exist, and check the copy: every page, every link of the chain.

    The desk may be running. Put FILE on another machine; `transferdesk restore` goes on from it. Never copy the
    database itself with cp: what its write-ahead log holds would be missing.
    """
    from bot.journal.backup import back_up

    head = back_up(database_path(os.environ).resolve(), file)
    click.echo(
        f"{file}: whole, {head.seq} events, chain head #{head.seq} {head.hash[:12]} of journal {head.journal[:8]}"
    )
