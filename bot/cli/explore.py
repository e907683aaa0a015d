"""`transferdesk explore`: a browser over a snapshot of the journal. Reads only, while the desk runs or not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.paths import config_path, database_path


@click.command("explore")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the pages; 0 takes a free one.")
def command(file: Path | None, port: int) -> None:
    """Show FILE, a backup or a journal, in a browser until Ctrl-C; the desk's own when it is not named.

    What is shown is a copy of this moment, in a private folder under TMPDIR, removed at the end; a desk may go on
    writing. The pages are on this machine alone, and the link that is printed opens them once, in one browser.
    Needs the extra `explore`.
    """
    from bot.errors import StartError
    from bot.explore import server
    from bot.explore.snapshot import snapshot

    if not server.is_installed():
        raise StartError(server.HOW)
    taken = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    with snapshot(file or database_path(os.environ), _names(os.environ)) as copy:
        server.serve(copy, port, taken, lambda link: click.echo(f"The pages: {link}   (Ctrl-C ends it)"))


def _names(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return what desk.toml calls people; nothing where there is none, as beside a backup on another machine."""
    from bot.config import load_config

    path = config_path(environ)
    return load_config(path).user_names if path.is_file() else {}
