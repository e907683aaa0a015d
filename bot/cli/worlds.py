"""Opening the embedded world for `demo` and `sandbox`, with what can go wrong told as a person at a shell needs it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from bot.errors import StartError

if TYPE_CHECKING:
    from bot.sandbox.world import World

PORT = click.IntRange(0, 65532)  # three more follow


async def open_world(port: int) -> World:
    """Serve a fresh world, its page on `port` and the rest on the three after it; 0 takes free ones.

    Raises:
        StartError: one of the ports is taken, or may not be used.
    """
    from bot.clock import SystemClock
    from bot.sandbox.world import World

    world = World(SystemClock())
    try:
        await world.start(port)
    except OSError as error:
        await world.stop()
        what = f"ports {port} to {port + 3}" if port else "four free ports"
        why = os.strerror(error.errno or 0)
        raise StartError(f"{what} cannot all be used ({why}); choose another with --port") from None
    return world
