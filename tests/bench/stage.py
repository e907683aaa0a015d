"""What the benchmarks of the running desk play on: a desk and bare Bolt apps, each a process, and their local Slacks.

The Slacks and the exchanges are in the benchmark's own process, whose clock takes all times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from figures import ROOT

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "sandbox"), str(ROOT)]

from scene import Scene  # noqa: E402 - only now can it be found
from slack_bench import listening  # noqa: E402

from bot.clock import SystemClock  # noqa: E402
from bot.sandbox.slack_double import SlackDouble  # noqa: E402
from bot.sandbox.world import World  # noqa: E402

BARE = Path(__file__).parent / "bare.py"
PAGE_BYTES = 4096


@asynccontextmanager
async def open_desk(*edits: tuple[str, str], prepare: Callable[[World], None] = lambda _: None) -> AsyncIterator[Scene]:
    """Run a desk in a world of its own, with changes of its desk.toml, and wait until it listens.

    Args:
        prepare: is given the world before it opens.
    """
    world = World(SystemClock())
    prepare(world)
    await world.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            scene = Scene(world, Path(folder))
            scene.edit_desk_toml(*edits)
            with scene.desk_process(scene.folder / "log"):
                await scene.desk_is_open()
                yield scene
    finally:
        await world.stop()


@asynccontextmanager
async def open_bare(kind: str) -> AsyncIterator[SlackDouble]:
    """Run a bare Bolt app (see bare.py) with a local Slack of its own, and wait until it listens."""
    async with listening() as slack:
        secrets = {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
        }
        process = subprocess.Popen(
            [sys.executable, str(BARE), kind],
            env=os.environ | secrets,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await slack.wait_for(lambda: slack.socket.connections == 1, 20)
            yield slack
        finally:
            process.kill()
            process.wait()


class Disk:
    """The floor of every commit: one page written over another and made durable."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "floor", os.O_RDWR | os.O_CREAT)
        os.pwrite(self._file, os.urandom(PAGE_BYTES), 0)
        os.fsync(self._file)

    def sync(self) -> float:
        """Return what one took, in seconds."""
        begun = perf_counter()
        os.pwrite(self._file, os.urandom(PAGE_BYTES), 0)
        os.fdatasync(self._file)
        return perf_counter() - begun

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
