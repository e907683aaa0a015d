"""Each browser test plays in a fresh world with a real desk, seen through the page in the machine's own Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from chromium import installed, is_needed, launched
from scene import Scene
from stage import Browse, Stage

from bot.clock import SystemClock
from bot.sandbox.world import World


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser; without one the test is skipped, or fails where a browser is needed."""
    path = installed()
    if path is None:
        why = "no Chromium on this machine; apt-get install chromium brings it"
        pytest.fail(why) if is_needed() else pytest.skip(why)
    return path


@pytest.fixture
def browse(tmp_path: Path, chromium: str) -> Browse:
    """Run a test's coroutine on a stage."""

    async def staged(act: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
        world = World(SystemClock())
        await world.start()
        try:
            scene = Scene(world, tmp_path)
            async with scene.desk(), launched(chromium) as browser:
                await scene.desk_is_open()
                stage = Stage(scene, browser)
                await act(stage)
                stage.nothing_went_wrong()
        finally:
            await world.stop()

    return lambda act: asyncio.run(staged(act))
