"""A whole world for a test: local Slack and exchanges on real sockets, a real desk, a real database file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils.utils import sqlite3

from bot.app import Application
from bot.config import load_config
from bot.sandbox.acts import Acts
from bot.sandbox.world import World
from bot.settings import load_settings

OPEN_WITHIN_S = 20.0


class Scene:
    """A world with a folder of its own, and the desks that are started in it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.acts = Acts(world)
        self.folder = folder
        self.database = folder / "transferdesk.db"
        self.extra: dict[str, str] = {}
        # The exchanges' records show nothing yet, until a test lets them: what people do has its time.
        for exchange in world.exchanges:
            exchange.records_lag_s = 3600

    def edit_desk_toml(self, *changes: tuple[str, str]) -> None:
        """Change desk.toml before the next desk starts."""
        path = self.folder / "desk.toml"
        text = path.read_text() if path.exists() else self.world.desk_toml()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)

    @property
    def environment(self) -> dict[str, str]:
        """What a desk needs to know; keeps an edited desk.toml."""
        path = self.folder / "desk.toml"
        edited = path.read_text() if path.exists() else None
        environment = self.world.environment(self.folder)
        if edited is not None:
            path.write_text(edited)
        return environment | self.extra

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Application]:
        """Run a desk inside this process."""
        environment = self.environment
        config = load_config(Path(environment["TRANSFERDESK_CONFIG"]))
        application = Application(load_settings(environment, list(config.connections), config.people), config)
        await application.start()
        try:
            yield application
        finally:
            await application.stop()

    @contextmanager
    def desk_process(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Run a desk as a process of its own; killed at the end if it still runs."""
        with log.open("ab") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                env={**_without_settings(), **self.environment},
                stdout=stream,
                stderr=stream,
                cwd=Path(__file__).parents[1],
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    async def desk_is_open(self, connections: int = 1) -> None:
        """Wait until a desk listens."""
        await self.world.slack.wait_for(lambda: self.world.slack.socket.connections >= connections, OPEN_WITHIN_S)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the journal from outside, read-only."""
        # With the desk's own SQLite: two libraries on one file in one process drop each other's locks.
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def states(self) -> list[str]:
        """Return the state of every transfer, oldest first."""
        return [row[0] for row in self.rows("SELECT state FROM transfers ORDER BY id")]


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "TRANSFERDESK_"))}


Play = Callable[[Callable[[Scene], Coroutine[Any, Any, None]]], None]
