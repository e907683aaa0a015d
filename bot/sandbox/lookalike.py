"""What both look-alikes share: a loopback server, the record of transfer requests, faults, and the way to wait.

A look-alike answers one call at a time in plain code (`answer`), so checks and movement cannot interleave. Its state
may be read from any thread; `start` and `stop` belong to one event loop.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.books import Book, Movement, digits
from bot.sandbox.faults import Ending, Faults, Planned
from bot.sandbox.wire import Answer, Call

LOOPBACK = "127.0.0.1"
SHUTDOWN_S = 2.0


class Rate:
    """A limit of so many requests in any one second, kept per subject. What is refused does not count."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._granted: defaultdict[str, deque[float]] = defaultdict(deque)

    def allows(self, subject: str) -> bool:
        """Count one more request of a subject, or say that it is one too many."""
        now = self._clock.monotonic()
        granted = self._granted[subject]
        while granted and now - granted[0] >= 1.0:
            granted.popleft()
        if len(granted) >= self._limit:
            return False
        granted.append(now)
        return True


class Lookalike(ABC):
    """An exchange on loopback.

    Attributes:
        name: the part before the colon of its account addresses.
        book: the true balances and movements.
        faults: what goes wrong with the next transfer requests, or the next reads.
    """

    def __init__(self, name: str, book: Book, clock: Clock) -> None:
        self.name = name
        self.book = book
        self.faults = Faults()
        self._clock = clock
        self._lag_s = 0.0
        self._progress = threading.Condition()
        self._requests: list[Call] = []
        self._runner: web.AppRunner | None = None
        self._url = ""
        self._closing = asyncio.Event()

    @abstractmethod
    def is_transfer(self, call: Call) -> bool:
        """Whether a call goes to the endpoint that moves money, by any method and however wrong."""

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """Judge a call and, when it is a good transfer, execute it."""

    @property
    def records_lag_s(self) -> float:
        """How long after a movement its line appears in ledger, history and bills; balances are right at once.

        May be set at any time, from any thread.
        """
        return self._lag_s

    @records_lag_s.setter
    def records_lag_s(self, seconds: float) -> None:
        self._lag_s = seconds

    def recorded(self, now: datetime) -> tuple[Movement, ...]:
        """Return what the records show by now, oldest first; movements by hand are on record like any other."""
        lag = timedelta(seconds=self._lag_s)
        return tuple(movement for movement in self.book.movements if not lag or movement.at + lag <= now)

    @property
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:PORT`; empty while stopped."""
        return self._url

    @property
    def requests(self) -> tuple[Call, ...]:
        """Every transfer request that arrived, good or bad, exactly as it stood on the wire; oldest first."""
        with self._progress:
            return tuple(self._requests)

    @property
    def executed(self) -> tuple[Movement, ...]:
        """What transfer requests moved, oldest first; movements by hand are not among them."""
        return tuple(movement for movement in self.book.movements if not movement.by_hand)

    def balances(self) -> dict[str, dict[str, str]]:
        """Return what each account holds, in plain digits, by address (`htx:spot`) and currency."""
        return {
            f"{self.name}:{account}": {currency: digits(amount) for currency, amount in held.items()}
            for account, held in self.book.balances().items()
        }

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Block until something about `requests` or `executed` holds, looking again at each arrival and execution.

        For threads other than the look-alike's own.

        Raises:
            TimeoutError: it did not come to hold in time.
        """
        with self._progress:
            if not self._progress.wait_for(condition, timeout_s):
                arrived, executed = len(self._requests), len(self.executed)
                raise TimeoutError(f"{self.name}: {arrived} transfer requests arrived, {executed} executed")

    async def wait_for_transfers(self, count: int, timeout_s: float = 10.0) -> None:
        """Wait until at least `count` transfer requests have arrived, whatever became of them.

        Raises:
            TimeoutError: fewer arrived in time.
        """
        await asyncio.to_thread(self.wait_until, lambda: len(self.requests) >= count, timeout_s)

    async def wait_for_executed(self, count: int, timeout_s: float = 10.0) -> None:
        """Wait until at least `count` transfers have been executed.

        Raises:
            TimeoutError: fewer were executed in time.
        """
        await asyncio.to_thread(self.wait_until, lambda: len(self.executed) >= count, timeout_s)

    async def start(self, host: str = LOOPBACK, port: int = 0) -> str:
        """Serve on a loopback address (port 0: any free one) and return the base URL.

        Raises:
            ValueError: the address is not loopback; nobody else is to reach an exchange that is none.
        """
        if not ip_address(host).is_loopback:
            raise ValueError("a look-alike is served on a loopback address only")
        self._closing = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        # No access log: it would hold signed URLs.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self._url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self._url

    async def stop(self) -> None:
        """Stop serving. Requests that hang or wait are dropped at once."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None
        self._url = ""

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        call = await Call.read(request, self._clock.now())
        if not self.is_transfer(call):
            broken = self.faults.take_read()
            return await self._suffer(request, call, broken) if broken else self.answer(call).response()
        # Taken before the arrival is told: who waited for it may change the plan for the next request.
        fault = self.faults.take()
        with self._progress:
            self._requests.append(call)
            self._progress.notify_all()
        if fault is None:
            return self._judge(call).response()
        return await self._suffer(request, call, fault)

    def _judge(self, call: Call) -> Answer:
        answer = self.answer(call)
        with self._progress:
            self._progress.notify_all()
        return answer

    async def _suffer(self, request: web.Request, call: Call, fault: Planned) -> web.StreamResponse:
        script = fault.script
        answer = self._judge(call) if script.executes else Answer("")
        match script.ending:
            case Ending.HANG:
                await self._closing.wait()
                return _dropped(request)
            case Ending.LATE if await self._closes_within(fault.delay_s):
                return _dropped(request)
            case Ending.DROP:
                return _dropped(request)
        return script.answer(call, answer).response()

    async def _closes_within(self, delay_s: float) -> bool:
        try:
            async with asyncio.timeout(delay_s):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True


def _dropped(request: web.Request) -> web.StreamResponse:
    """Close the connection; what is returned can no longer reach the client."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
