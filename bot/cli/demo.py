"""`transferdesk demo`: the whole product on this machine, with a tour and a page to play with."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import configured
from bot.cli.worlds import PORT, open_world

if TYPE_CHECKING:
    from bot.sandbox.world import World


@click.command("demo")
@click.option("--once", is_flag=True, help="Exit after the tour; 0 only if every step ended as it should.")
@click.option("--port", type=PORT, default=0, help="Port of the page; 0 takes a free one.")
def command(once: bool, port: int) -> None:
    """Start a local Slack, HTX and CoinW and a real desk between them; play a tour; serve a page until Ctrl-C.

    No workspace and no keys are needed, nothing leaves this machine, and nothing is kept.
    """
    with tempfile.TemporaryDirectory(prefix="transferdesk-demo-") as folder:
        whole = asyncio.run(_demo(Path(folder), once, port))
    sys.exit(0 if whole else 1)


async def _demo(folder: Path, once: bool, port: int) -> bool:
    world = await open_world(port)
    try:
        return await _play(world, folder, once)
    finally:
        await world.stop()


async def _play(world: World, folder: Path, once: bool) -> bool:
    from bot.app import Application
    from bot.sandbox.tour import Tour

    environment = world.environment(folder)
    application = Application(*configured.read(environment))
    await application.start()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, application.ask_to_stop)

    def say(line: str) -> None:
        click.echo(line)
        world.page.narrate(line)

    try:
        whole = await Tour(world, Path(environment["TRANSFERDESK_DATABASE"]), say).play()
        if not once:
            click.echo(f"\nThe page: {world.page.url}/   (Ctrl-C ends it)")
            await application.wait()
        return whole
    finally:
        await application.stop()
