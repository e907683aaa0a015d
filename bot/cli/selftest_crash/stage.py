"""A world of its own for one schedule of deaths: local Slack, HTX and CoinW, a folder, and the desk's lives in it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bot.cli.selftest_crash.clock import SharedClock
from bot.cli.selftest_crash.life import GO, Outfit, live
from bot.cli.selftest_crash.people import People
from bot.config import load_config
from bot.connections import build_exchanges
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.world import World
from bot.settings import load_settings

RESTART_S = 3.0  # how long a supervisor takes to start a desk again, on the shared clock
GIVEN_UP_AFTER_S = 2 * 3600.0
ON_THE_WIRE = "with the transfer request on the wire"
WIRE_WITHIN_S = 30.0
# While admins wait for the desk to find out by itself: what is further away than this is left out with the minutes in
# which nothing happens.
NEAR_S = 2.5
# Below what systems give to outgoing connections, so that a port is still free when the world comes back to it.
_PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class Flow:
    """One transfer, or a route of two, from the first word to the last, and what goes wrong with it at the exchange.

    Attributes:
        fault: one of `bot.sandbox.faults.FAULTS`, met by the first transfer request; empty for none.
        refused: the exchange will say no.
        steps: how many transfers it takes; the first is T1.
    """

    name: str
    exchange: str
    text: str
    fault: str = ""
    refused: bool = False
    steps: int = 1


@dataclass(frozen=True)
class Death:
    """Where a process is to die.

    Attributes:
        point: the number of a kill point, from 1; 0 means while the transfer request is on the wire.
        executed: of a death on the wire: the exchange has carried the request out.
    """

    point: int
    executed: bool = False


@dataclass(frozen=True)
class Lived:
    """How a life ended. `where` names the fatal kill point, `points` those passed by the last time it was idle."""

    killed: bool
    exit_status: int
    where: str
    points: tuple[str, ...]


class Stage:
    """The world, the people and the desk's folder of one schedule.

    The world is served only while a desk lives. In between there is no socket, no loop and no thread, so that this
    process can be forked: into a desk, and into copies of the whole stage that go on differently.
    """

    def __init__(self, flow: Flow, folder: Path) -> None:
        self.flow = flow
        self.folder = folder
        self.clock = SharedClock()
        self.world = World(self.clock)
        self.exchange = self.world.htx if flow.exchange == "htx" else self.world.coinw
        self.people = People(self.world, self.exchange, self.clock, flow.text)
        self.lives: list[Lived] = []
        self._ports: tuple[int, ...] = ()
        self._where = ""
        self._points: list[str] = []
        self._outfit = self._dress(asyncio.run(self._choose_ports()))

    @property
    def database(self) -> Path:
        """The journal's file."""
        return self._outfit.settings.database_path

    def branch_off(self, folder: Path) -> None:
        """In a fork of the stage's process: go on in a copy of the folder, on a clock of its own."""
        shutil.copytree(self.folder, folder)
        self.folder = folder
        self.clock.part()
        settings = self._outfit.settings.model_copy(update={"database_path": folder / self.database.name})
        self._outfit = replace(self._outfit, settings=settings)

    def live(self, death: Death | None) -> Lived:
        """Let the desk live once more, until it is killed or all is done."""
        on_the_wire = death is not None and death.point == 0
        if death is not None and on_the_wire:
            self.exchange.faults.plan("hang_after" if death.executed else "hang_before")
        elif self.flow.fault and not self.exchange.requests and not self.exchange.faults.pending:
            self.exchange.faults.plan(self.flow.fault)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._be_the_desk(theirs, death.point if death and not on_the_wire else None)
        theirs.close()
        self._where, self._points = ON_THE_WIRE if on_the_wire else "", []
        asyncio.run(self._attend(ours, pid, death if on_the_wire else None))
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        self.clock.advance(RESTART_S)
        self.lives.append(Lived(killed, status, self._where, tuple(self._points)))
        return self.lives[-1]

    def _be_the_desk(self, parent: socket.socket, die_at: int | None) -> None:
        """Become the desk; never returns."""
        status = 1
        try:
            log = os.open(self.folder / "desk.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            live(self._outfit, parent, die_at)
            status = 0
        except BaseException:  # noqa: BLE001 - nothing may get out into the parent's code
            traceback.print_exc()
        finally:
            os._exit(status)

    async def _choose_ports(self) -> dict[str, str]:
        """Find free ports, and return what a desk must know of the world behind them."""
        while True:
            self._ports = tuple(random.sample(_PORTS, 3))
            try:
                async with self._served():
                    return self.world.environment(self.folder)
            except OSError:
                continue  # somebody has one of them

    def _dress(self, environment: dict[str, str]) -> Outfit:
        config = load_config(Path(environment["TRANSFERDESK_CONFIG"]))
        settings = load_settings(environment, list(config.connections))
        exchanges = build_exchanges(settings, config, self.clock)
        used = tuple(exchange for exchange in exchanges if exchange.name == self.exchange.name)
        return Outfit(settings, config, used, _tls(), self.clock)

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[None]:
        servers: tuple[SlackDouble | Lookalike, ...] = (self.world.slack, self.world.htx, self.world.coinw)
        try:
            for server, port in zip(servers, self._ports, strict=True):
                await server.start(port=port)
            yield
        finally:
            for server in servers:
                await server.stop()

    async def _attend(self, desk: socket.socket, pid: int, on_the_wire: Death | None) -> None:
        """Be the world around a desk until it is gone."""
        reader, writer = await asyncio.open_connection(sock=desk, limit=2**20)
        async with self._served():
            killer = asyncio.ensure_future(self._kill_on_the_wire(pid, on_the_wire)) if on_the_wire else None
            try:
                writer.write(GO)
                while line := await reader.readline():
                    await self._hear(json.loads(line), writer)
            except ConnectionError:
                pass  # it died while it was spoken to
            finally:
                writer.close()
                if killer is not None:
                    await asyncio.wait([killer])
                    killer.exception()  # it never came to a request; the wait status says so

    async def _kill_on_the_wire(self, pid: int, death: Death) -> None:
        wait_for = self.exchange.wait_for_executed if death.executed else self.exchange.wait_for_transfers
        await wait_for(1, WIRE_WITHIN_S)
        os.kill(pid, signal.SIGKILL)

    async def _hear(self, said: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        match said["kind"]:
            case "dies":
                self._where = said["name"]
            case "ack":
                self.people.acknowledge(said["envelope"], said["answer"])
            case "idle":
                self._points += said["points"]
                writer.write(json.dumps(await self._order(said)).encode() + b"\n")

    async def _order(self, said: dict[str, Any]) -> dict[str, Any]:
        """Say what happens next to an idle desk."""
        envelope = await self.people.next_envelope()
        if envelope is not None:
            return {"envelope": envelope}
        if said["done"] or self.clock.monotonic() > GIVEN_UP_AFTER_S:
            return {}
        wait_s, patience_s = said["wait_s"], self.people.patience_s
        return {"advance_s": patience_s if patience_s and wait_s > NEAR_S else wait_s}


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
