"""`transferdesk selftest`: what a desk can show about itself on this machine, before it is trusted with money."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.errors import StartError
from bot.paths import database_path

if TYPE_CHECKING:
    from bot.cli.selftest_crash.crash import Tally


@click.command("selftest")
@click.option(
    "--crash", is_flag=True, help="Kill a desk at every point of a transfer's way, and again while it recovers."
)
@click.option(
    "--database-folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The disk to test on; a fresh folder is made there. Default: where TRANSFERDESK_DATABASE is.",
)
@click.option("--quick", is_flag=True, help="A selection of the kill points.")
def command(crash: bool, database_folder: Path | None, quick: bool) -> None:
    """Test this desk on this machine's own disk, against an exchange and a Slack of its own on loopback.

    With --crash real processes are killed with SIGKILL, some thousand times. No workspace, no keys and no network are
    needed; nothing is kept unless something is wrong. Exit code 0 only when every invariant held.
    """
    if not crash:
        raise click.UsageError("say what to test: --crash")
    parent = database_folder or database_path(os.environ).resolve().parent
    try:
        folder = Path(tempfile.mkdtemp(prefix="transferdesk-selftest-", dir=parent))
    except OSError as error:
        raise StartError(
            f"{parent}: cannot be written ({error.strerror}); name a folder with --database-folder"
        ) from None
    kept = False
    try:
        began = time.monotonic()
        tally = _crash(folder, quick)
        kept = bool(tally.kept)
        for line in report(tally, time.monotonic() - began):
            click.echo(line)
    finally:
        if not kept:
            shutil.rmtree(folder)
    sys.exit(0 if tally.whole else 1)


def _crash(folder: Path, quick: bool) -> Tally:
    from bot.cli.selftest_crash.crash import play_all, tasks

    planned, tally = tasks(folder, quick=quick)
    with click.progressbar(length=len(planned), label="Killing a desk", show_pos=True) as bar:
        for done in play_all(planned):
            tally.add(done)
            bar.update(1)
    return tally


def report(tally: Tally, took_s: float) -> list[str]:
    """Say what came of it, one line each, the failures first."""
    lines = [f"FAILED {failure}" for failure in tally.failures]
    lines += [f"kept for a look: {folder}" for folder in tally.kept]
    lines += [f"{count:7} {end}" for end, count in sorted(tally.ends.items())]
    lines.append(
        f"{tally.schedules} schedules, {tally.deaths} desks killed with SIGKILL at {len(tally.points)} kinds of "
        f"points, {tally.requests} requests at the exchange, {tally.executed} executed, {tally.redelivered} payloads "
        f"delivered again, {len(tally.failures)} violations; {took_s:.0f} s"
    )
    return lines
