"""`transferdesk sandbox`: the outside world alone, for a `transferdesk run` in another terminal."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click


@click.command("sandbox")
@click.option("--port", default=8040, show_default=True, help="Port of the page; the next three are used too.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("sandbox"),
    show_default=True,
    help="Where desk.toml, the environment and the journal of the sandbox go.",
)
def command(port: int, folder: Path) -> None:
    """Serve a local Slack, HTX and CoinW on loopback until Ctrl-C, with a page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(port, folder))


async def _serve(port: int, folder: Path) -> None:
    from bot.clock import SystemClock
    from bot.sandbox.world import World, write_environment

    world = World(SystemClock())
    await world.start(port)
    write_environment(folder / "env", world.environment(folder))
    click.echo(f"The page: {world.page.url}/   (Ctrl-C ends it)")
    click.echo("In another terminal, here:")
    click.echo(f"  set -a; . {folder}/env; set +a; transferdesk run")
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await world.stop()
