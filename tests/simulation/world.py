"""One simulated world: the real desk in one process that can die and start again, and all that does not die with it."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from clock import VirtualClock

from bot.desk import Desk, House, Order
from bot.errors import JournalError
from bot.exchanges.coinw import CoinwExchange
from bot.exchanges.htx import HtxExchange
from bot.freeze_file import FreezeFile
from bot.journal import Journal
from bot.journal.backup import looking_at
from bot.lanes import DailyHead, Deadlines, Lane, ShellOrders
from bot.sandbox import slack_standings
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.slack_backend import Backend
from bot.sandbox.slack_views import Views
from bot.sandbox.slack_workspace import Triggers
from bot.sandbox.wire import Call
from handlers.form import Forms
from handlers.listeners import all_listeners
from handlers.poster import Poster
from handlers.replies import Replies
from handlers.roll import Roll
from simulation.books import Books
from simulation.mortal import Died, Disk, Points
from simulation.scenery import KEYS, USERS, Policy, build_coinw, build_htx, build_workspace
from simulation.wires import ExchangeWire, SlackWire

T = TypeVar("T")
URL = "http://127.0.0.1:9"
LATE_MAX_S = 240.0  # a request that got stuck is executed within HTX's five minutes


class Violation(Exception):
    """The product, or a planted bug, broke a promise."""


class HeardReplies(Replies):
    """Private answers, heard by the simulator instead of going out."""

    def __init__(self, clock: VirtualClock, hear: Callable[[str, str], None]) -> None:
        super().__init__(clock, None, local=True)  # type: ignore[arg-type] # no TLS: nothing goes out
        self._hear = hear

    async def answer(self, response_url: str, text: str, blocks: list[dict[str, object]] | None = None) -> None:
        self._hear(response_url, text)


class World:
    """The desk and its surroundings.

    Attributes:
        clock: the desk's; its wall time can be set wrong.
        true: everybody else's.
        meanwhile: called where the desk waits for an exchange; others may act then.
        policy: desk.toml as it lies there; the running desk may not have loaded it.
        in_force: what the running desk goes by.
        unwell_since: everybody who left Slack or became a guest, and a channel that is shared, since when (monotonic).
        shell_freezes: what a shell ordered frozen, and after which event.
        alive: a process of the desk is running.
        next_death: after how many points the next process dies; 0 lets it live.
        commits: how many there have been.
        path: where the journal is.
    """

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop, log: Callable[[str], None]) -> None:
        self.clock, self.true = VirtualClock(), VirtualClock()
        self.log = log
        self.points = Points()
        self.meanwhile: Callable[[str], None] = lambda where: None
        self.policy = self.in_force = Policy()
        self.unwell_since: dict[str, float] = {}
        self.clock_errors = [0.0]
        self.shell_freezes: list[tuple[str, int]] = []
        self.alive = False
        self.tally: Counter[str] = Counter()
        self.violations: list[str] = []
        self.books = Books(self.rows, self.blame)
        self.lookalikes: dict[str, Lookalike] = {"htx": build_htx(self.true), "coinw": build_coinw(self.true)}
        self.workspace = build_workspace(self.true)
        self.triggers = Triggers(self.workspace.now)
        self.views = Views(self.workspace)
        self.slack = SlackWire(self.points, Backend(self.workspace, self.views, self.triggers), log)
        self.slack.wait = self.pass_time
        self.send_faults: dict[str, deque[str]] = {name: deque() for name in self.lookalikes}
        self.read_faults: dict[str, deque[str]] = {name: deque() for name in self.lookalikes}
        self.replies: list[tuple[str, str]] = []
        self.disk: Disk | None = None
        self.lanes: dict[str, Lane] = {}
        self.listeners: dict[str, Callable[..., Awaitable[None]]] = {}
        self.commits = 0
        self.next_death = 0
        self.late_s: Callable[[], float] = lambda: LATE_MAX_S
        self._held: list[tuple[float, Lookalike, Call, int]] = []
        self._loop = loop
        self.path = folder / "desk.db"
        for leftover in (*folder.glob("desk.db*"), *folder.glob("FREEZE*")):
            leftover.unlink()
        self.freeze_file = FreezeFile(self.path)
        shutil.copyfile(template(folder), self.path)

    # The desk's own life

    def open(self) -> None:
        """Start a process of the desk. It may die at once."""
        self.points.revive()
        self.points.die_in(self.next_death)
        self.next_death = 0
        self.journal = Journal(self.path, self.clock, threaded=False)
        self.alive = True
        self.journal.on_commit(self._count_commit)
        database = self.journal._db
        assert database is not None
        self.disk = Disk(database.conn, self.points, self.pass_time)
        database.conn = self.disk  # type: ignore[assignment]
        self.in_force, config = self.policy, self.policy.config()
        exchanges = self._adapters()
        house = House(config, {e.name: e.fingerprint for e in exchanges}, USERS)
        self.desk = Desk(self.journal, house, self.freeze_file.orders)
        replies = HeardReplies(self.clock, lambda url, text: self.replies.append((url, text)))
        self.lanes = {exchange.name: Lane(exchange, self.desk, self.clock) for exchange in exchanges}
        self.deadlines = Deadlines(self.desk, self.clock)
        self.daily_head = DailyHead(self.desk, self.clock)
        self.shell_orders = ShellOrders(self.desk, self.freeze_file)
        self.poster = Poster(self.desk, self.slack, replies, self.clock)
        self.roll = Roll(self.desk, self.slack, self.clock)
        self.listeners = {}
        bolt: Any = SimpleNamespace(**dict.fromkeys(("action", "command", "shortcut", "view"), self._listen))
        reading, forms = partial(looking_at, self.path), Forms(self.desk, self.slack, replies, {})
        for group in all_listeners(self.desk, self.slack, replies, self.clock, reading, forms, follows_after_s=0.0):
            group.register(bolt)

    def begin(self) -> None:
        """Do what a start does before anything else, once the parts are there."""
        self.desk.open({"version": "simulated"}).result()

    def close(self) -> None:
        """End the process, dead or alive; the kernel lets go of its lock and its file."""
        if not self.alive:
            return
        self.alive = False
        self.points.dead = True
        self._clear_tasks()
        self.journal.close()
        self.lanes, self.listeners, self.disk = {}, {}, None

    def _adapters(self) -> tuple[HtxExchange, CoinwExchange]:
        htx, coinw = (ExchangeWire(self, self.lookalikes[name]) for name in ("htx", "coinw"))
        subaccounts = self.policy.config().venues["coinw"].subaccounts
        return (
            HtxExchange("htx", URL, URL, *KEYS["htx"], clock=self.clock, transport=htx),  # type: ignore[arg-type]
            CoinwExchange("coinw", URL, *KEYS["coinw"], subaccounts, clock=self.clock, transport=coinw),  # type: ignore[arg-type]
        )

    def _listen(self, name: str) -> Callable[[Callable[..., Awaitable[None]]], None]:
        def hang(listener: Callable[..., Awaitable[None]]) -> None:
            self.listeners[name] = listener

        return hang

    def _count_commit(self) -> None:
        self.commits += 1

    # Time

    def pass_time(self, seconds: float) -> None:
        """Let time go by; requests that got stuck at an exchange arrive when their time has come."""
        end = self.true.monotonic() + seconds
        while self._held and min(due for due, *_ in self._held) <= end:
            held = min(self._held, key=lambda waiting: waiting[0])
            self._held.remove(held)
            self._advance(max(0.0, held[0] - self.true.monotonic()))
            _, lookalike, call, transfer_id = held
            now = Call(self.true.now(), call.method, call.target, call.headers, call.body, call.remote)
            self.books.execute(lookalike, now, transfer_id)
            self.log(f"  the stuck request of T{transfer_id} arrived at {lookalike.name}")
        self._advance(max(0.0, end - self.true.monotonic()))

    def _advance(self, seconds: float) -> None:
        self.true.advance(seconds)
        self.clock.advance(seconds)

    def set_clock(self, seconds: float) -> None:
        """Move the desk's wall clock alone."""
        self.clock.set(seconds)
        self.clock_errors.append(self.clock_error_s)

    @property
    def clock_error_s(self) -> float:
        """By how much the desk's wall clock is wrong."""
        return (self.clock.now() - self.true.now()).total_seconds()

    def hold(self, lookalike: Lookalike, call: Call, transfer_id: int) -> None:
        """Keep a request on its way; it is judged later, when the desk has given up on it."""
        self.books.held.add(transfer_id)
        self._held.append((self.true.monotonic() + self.late_s(), lookalike, call, transfer_id))

    # What happens to desk.toml and in Slack

    def reload(self) -> bool:
        """Have the running desk load desk.toml, as it does on a SIGHUP. Returns whether it did."""
        policy = self.policy
        try:
            self.desk.reload(policy.config()).result()
        except JournalError:
            return False
        self.in_force = policy
        return True

    def order_freeze(self, exchange: str) -> None:
        """Freeze from a shell: one exchange, or all of them."""
        ((last,),) = self.rows("SELECT coalesce(max(seq), 0) FROM events")
        self.freeze_file.add(Order(exchange, "from a shell", "a shell"))
        self.shell_freezes.append((exchange or "all", last))

    def become(self, subject: str, standing: str) -> None:
        """Let a person or a channel become something else in Slack: see `bot.sandbox.slack_standings`."""
        slack_standings.put(self.workspace, subject, standing)
        if standing in (slack_standings.MEMBER, slack_standings.OWN):
            self.unwell_since.pop(subject, None)
        else:
            self.unwell_since.setdefault(subject, self.true.monotonic())

    # Looking and acting

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Read the journal, from the desk's own connection, past the simulated disk."""
        assert self.disk is not None
        return self.disk.connection.execute(sql, values).fetchall()

    def blame(self, problem: str) -> None:
        """Note a broken promise; the step under way ends first."""
        self.violations.append(problem)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something of Slack's edge to its end, with every task it started."""

        async def whole() -> T:
            try:
                return await work
            finally:
                while others := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
                    await asyncio.gather(*sorted(others, key=lambda task: task.get_name()), return_exceptions=True)

        result = self._loop.run_until_complete(whole())
        if self.points.dead:
            raise Died("in a task")
        return result

    def _clear_tasks(self) -> None:
        async def clear() -> None:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self._loop.run_until_complete(clear())


def template(folder: Path) -> Path:
    """Make an empty journal once for a folder; a copy of it is a fresh one."""
    path = folder / "template.db"
    if not path.exists():
        logging.getLogger("bot.journal").setLevel(logging.ERROR)
        Journal(path, VirtualClock(), threaded=False).close()
    return path
