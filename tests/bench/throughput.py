"""How many transfers a desk with two lanes takes from the command to the outcome, where no exchange limits it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from desk_bench import CHANNEL, RULES, DeskBench
from exchanges import KEY, SECRET
from figures import Figure, median, ms

from bot.clock import SystemClock
from bot.evidence import Snapshot
from bot.exchanges import Exchange, Order, registry
from bot.exchanges.coinw import PACE_S as COINW_PACE_S
from bot.exchanges.htx import PACE_S as HTX_PACE_S
from bot.lanes import Lane, Worker
from bot.transfers import Outcome

EACH = 150  # transfers at each exchange
ROUTES = {"htx": "htx:spot -> htx:linear-swap", "coinw": "coinw:master -> coinw:maker"}
PACES_S = {"htx": HTX_PACE_S, "coinw": COINW_PACE_S}
PATIENCE_S = 60.0

Answer = TypeVar("Answer")


class Timed:
    """An exchange as its lane knows it, with what reading and sending took, in seconds."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.reads_s: list[float] = []
        self.sends_s: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    def snapshot(self, order: Order) -> Snapshot:
        """See `Exchange`."""
        return self._timed(self.reads_s, lambda: self._exchange.snapshot(order))

    def transfer(self, order: Order) -> Outcome:
        """See `Exchange`."""
        return self._timed(self.sends_s, lambda: self._exchange.transfer(order))

    def _timed(self, times: list[float], ask: Callable[[], Answer]) -> Answer:
        begun = perf_counter()
        try:
            return ask()
        finally:
            times.append(perf_counter() - begun)


class BusyDesk(DeskBench):
    """A desk by the machine's clock that people use as fast as it answers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SystemClock(), threaded=True, rules=RULES)  # type: ignore[arg-type]
        self.desk.attended = False
        everybody = {*self.desk.house.config.people.values(), CHANNEL}
        self.journal.run(lambda tx: [tx.people.seen(one, "") for one in everybody]).result()
        self.settled = threading.Semaphore(0)
        settle = self.desk.settle

        def counted(transfer_id: int, outcome: Outcome) -> Future[None]:
            written = settle(transfer_id, outcome)
            written.add_done_callback(lambda _: self.settled.release())
            return written

        self.desk.settle = counted  # type: ignore[method-assign]

    def use(self) -> None:
        """Propose and confirm everything, an equal number at each exchange."""
        for number in range(EACH):
            for route in ROUTES.values():
                # A figure of its own: equal transfers would wait for each other.
                self.approved(f"1.{number:04} usdt {route}")


@contextmanager
def exchanges() -> Iterator[dict[str, str]]:
    """Have both exchanges in a process of their own. Yields where they are."""
    command = [sys.executable, str(Path(__file__).with_name("exchanges.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.communicate()


def figures() -> list[Figure]:
    """Let a desk take a few hundred transfers, and say how fast it was and what of that was whose."""
    with tempfile.TemporaryDirectory() as folder, exchanges() as urls:
        bench = BusyDesk(Path(folder))
        venues = bench.desk.house.config.venues
        timed = [
            Timed(registry.build(venues[name], url, url, KEY, SECRET, clock=bench.clock, pace_s=0.0))
            for name, url in urls.items()
        ]
        lanes = [Worker(one.name, Lane(one, bench.desk, bench.clock), _died) for one in timed]
        bench.journal.on_commit(lambda: [lane.wake() for lane in lanes])
        for lane in lanes:
            lane.start()
        begun = perf_counter()
        bench.use()
        assert all(bench.settled.acquire(timeout=PATIENCE_S) for _ in range(EACH * len(lanes)))
        took_s = perf_counter() - begun
        for lane in lanes:
            lane.stop()
        assert all(lane.join(PATIENCE_S) for lane in lanes)
        states = dict(bench.read("SELECT state, count(*) FROM transfers GROUP BY state"))
        bench.close()
        for one in timed:
            one.close()
    assert states == {"succeeded": EACH * len(timed)}, states
    return _said(EACH * len(timed) / took_s, timed)


def _said(rate: float, timed: list[Timed]) -> list[Figure]:
    let_through = sum(1 / pace_s for pace_s in PACES_S.values())
    ratio = rate / let_through
    said = [
        Figure(
            "transfers a second, from command to outcome",
            f"{rate:.0f} a second",
            f"{ratio:.0f} × the {let_through:.1f} a second the exchanges let through",
            "> 1 ×",
            ratio > 1,
        )
    ]
    for one in timed:
        reads, sends = median(one.reads_s), median(one.sends_s)
        said.append(Figure(f"of one at {one.name}: its snapshot", ms(reads), f"{ms(sends)} the send"))
    return said


def _died(name: str) -> None:
    raise RuntimeError(f"lane {name} ended by itself")
