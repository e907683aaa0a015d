"""`transferdesk sandbox`: the outside world alone, for a `transferdesk run` in another terminal."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.worlds import PORT, open_world
from bot.errors import StartError

if TYPE_CHECKING:
    from bot.sandbox.world import World


@click.command("sandbox")
@click.option("--port", type=PORT, default=8040, show_default=True, help="Port of the page; three more follow.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("sandbox"),
    show_default=True,
    help="Where desk.toml, the environment and the journal of the sandbox go.",
)
def command(port: int, folder: Path) -> None:
    """Serve a local Slack, HTX and CoinW on loopback until Ctrl-C, with a page that shows them."""
    asyncio.run(_serve(port, folder))


async def _serve(port: int, folder: Path) -> None:
    world = await open_world(port)
    try:
        _describe(world, folder)
        await _until_stopped(world, folder)
    finally:
        await world.stop()


def _describe(world: World, folder: Path) -> None:
    """Write down what a desk for this world needs.

    Raises:
        StartError: the folder cannot be made or written.
    """
    from bot.sandbox.world import write_environment

    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_environment(folder / "env", world.environment(folder))
    except OSError as error:
        raise StartError(f"{folder}: cannot be written ({error.strerror}); choose another with --folder") from None


async def _until_stopped(world: World, folder: Path) -> None:
    click.echo(f"The page: {world.page.url}/   (Ctrl-C ends it)")
    click.echo("In another terminal, here:")
    # As it was called, so that it is found by a shell that has no virtual environment activated.
    click.echo(f"  set -a; . {shlex.quote(f'{folder}/env')}; set +a; {shlex.quote(sys.argv[0])} run")
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
