"""`transferdesk run`."""

from __future__ import annotations

import asyncio
import sys

import click

from bot.cli import configured


@click.command("run")
def command() -> None:
    """Run the desk until SIGTERM or Ctrl-C.

    It starts only when desk.toml, the environment, Slack and every exchange key are as they must be; `transferdesk
    check --online` says the same without running.
    """
    from bot.app import run

    settings, config = configured.read()
    ended = asyncio.run(run(settings, config))
    if ended:
        click.echo(f"The desk went down: {ended}.", err=True)
        sys.exit(1)
