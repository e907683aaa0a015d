"""Each end-to-end test plays in a fresh world."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from scene import Play, Scene

from bot.clock import SystemClock
from bot.sandbox.world import World


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Run a test's coroutine in a fresh world."""

    async def staged(act: Callable[[Scene], Coroutine[Any, Any, None]]) -> None:
        world = World(SystemClock())
        await world.start()
        try:
            await act(Scene(world, tmp_path))
        finally:
            await world.stop()

    return lambda act: asyncio.run(staged(act))
