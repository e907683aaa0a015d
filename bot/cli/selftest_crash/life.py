"""One life of a desk: from its start in a process of its own to its end, by SIGKILL or because all is done.

The journal, the desk, its lanes with the real adapters over real HTTP, the poster and the listeners of commands and
buttons are the product's own. They are stepped in one thread, so that the kill points come in the same order each time.
Socket Mode alone is replaced: envelopes and acks travel over a socket to the parent, which plays the people.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.app import slack_client
from bot.cli.selftest_crash.clock import SharedClock
from bot.cli.selftest_crash.points import MortalExchange, MortalJournal, Points, mortal
from bot.config import Config
from bot.desk import Desk, House
from bot.errors import StartError
from bot.exchanges import Exchange
from bot.journal.backup import looking_at
from bot.lanes import Deadlines, Lane, Stepper
from bot.settings import Settings
from bot.transfers import OPEN
from handlers.form import Forms
from handlers.listeners import all_listeners
from handlers.poster import Poster
from handlers.replies import Replies
from handlers.roll import Roll
from handlers.witness import Witness

# Whoever has not finished by then hangs; SIGALRM ends it, and the parent sees that it was not SIGKILL.
LIFE_MAX_S = 60
GO = b"go\n"  # what the parent says once the world can be reached

Listener = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Outfit:
    """What every life of one desk is given; built once, as reading certificates takes longer than a life."""

    settings: Settings
    config: Config
    exchanges: tuple[Exchange, ...]
    tls: ssl.SSLContext
    clock: SharedClock


def live(outfit: Outfit, parent: socket.socket, die_at: int | None) -> None:
    """Run a desk until the parent says that all is done, or until it dies at that kill point."""
    signal.alarm(LIFE_MAX_S)
    asyncio.run(_Life(outfit, parent, die_at).run())


class _Doors:
    """Takes the listeners' place in Bolt: hands a payload to the listener it is for."""

    def __init__(self) -> None:
        self._listeners: dict[str, Listener] = {}

    def command(self, name: str) -> Callable[[Listener], None]:
        return lambda listener: self._listeners.update({name: listener})

    action = shortcut = view = command

    def listener(self, payload: Mapping[str, Any]) -> Listener:
        if "command" in payload:
            return self._listeners[payload["command"]]
        name = payload["view"]["callback_id"] if "view" in payload else payload["actions"][0]["action_id"]
        return self._listeners[name]


class _Life:
    def __init__(self, outfit: Outfit, parent: socket.socket, die_at: int | None) -> None:
        self._outfit = outfit
        self._clock = outfit.clock
        self._parent = parent.makefile("rw", encoding="utf-8")
        self._points = Points(die_at, lambda name: self._tell("dies", name=name))
        self._doors: Any = _Doors()

    async def run(self) -> None:
        self._parent.readline()  # GO
        settings, config = self._outfit.settings, self._outfit.config
        self._journal = journal = MortalJournal(settings.database_path, self._clock, self._points)
        client = mortal(slack_client(settings, self._outfit.tls, settings.bot_token.get_secret_value()), self._points)
        exchanges = [MortalExchange(exchange, self._points) for exchange in self._outfit.exchanges]
        fingerprints = {exchange.name: exchange.fingerprint for exchange in exchanges}
        users = {exchange.name: exchange.user() for exchange in exchanges}
        witness = Witness(client, journal, config.audit_channel, str((await client.auth_test())["bot_id"]))
        seen = await witness.finding()
        if not seen.ok:
            raise StartError(str(seen))
        self._desk = desk = Desk(journal, House(config, fingerprints, users))
        desk.open({"version": "selftest"}).result()
        await witness.announce()
        replies = Replies(self._clock, self._outfit.tls, local=True)
        reading, forms = partial(looking_at, settings.database_path), Forms(desk, client, replies, {})
        for group in all_listeners(desk, client, replies, self._clock, reading, forms):
            group.register(self._doors)
        self._roll = Roll(desk, client, self._clock)
        self._poster = Poster(desk, client, replies, self._clock)
        lanes = [Lane(exchange, desk, self._clock) for exchange in exchanges]
        self._workers: list[Stepper] = [*lanes, Deadlines(desk, self._clock)]
        await self._serve()
        self._journal.close()

    async def _serve(self) -> None:
        """Do what is due, then ask the parent: somebody acts, time passes, or that is all."""
        while True:
            wait_s = await self._work()
            order = self._ask("idle", wait_s=wait_s, done=self._is_done(), points=self._points.names())
            if "envelope" in order:
                await self._take(order["envelope"])
            elif "advance_s" in order:
                self._clock.advance(order["advance_s"])
            else:
                return

    async def _work(self) -> float:
        while True:
            waits = [stepper.step() for stepper in self._workers]
            waits += [await self._poster.step(), await self._roll.step()]
            if min(waits) > 0:
                return min(waits)

    def _is_done(self) -> bool:
        marks = ", ".join("?" * len(OPEN))
        unfinished = self._journal.run(lambda tx: list(tx.select(f"state IN ({marks})", *sorted(OPEN)))).result()
        return not unfinished and not self._desk.parcels().result()

    async def _take(self, envelope: Mapping[str, Any]) -> None:
        """Handle an envelope as Bolt does: the listener acks; what it left to do after the ack is done as well."""

        async def ack(**answer: Any) -> None:
            self._points.reach("before an ack")
            self._tell("ack", envelope=envelope["envelope_id"], answer=answer)
            self._points.reach("after an ack")

        payload = envelope["payload"]
        listener = self._doors.listener(payload)
        await listener(ack=ack, body=payload, context={"received_at": self._clock.monotonic()})
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    def _tell(self, kind: str, **more: Any) -> None:
        self._parent.write(json.dumps({"kind": kind, **more}) + "\n")
        self._parent.flush()

    def _ask(self, kind: str, **more: Any) -> dict[str, Any]:
        self._tell(kind, **more)
        order: dict[str, Any] = json.loads(self._parent.readline())
        return order
