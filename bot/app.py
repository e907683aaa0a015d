"""The composition root: builds every part once, checks the outside world, starts the parts and stops them in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import ssl
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock, SystemClock
from bot.config import Config, load_config
from bot.config_check import weaknesses
from bot.connections import build_exchanges, probe_exchanges
from bot.desk import Desk, House, restoring
from bot.endpoints import is_loopback
from bot.enrolment import without_codes
from bot.errors import JournalError, StartError
from bot.findings import Finding
from bot.freeze_file import FreezeFile
from bot.journal import Journal
from bot.journal.backup import looking_at
from bot.journal.database import is_wal_safe, sqlite_version
from bot.lanes import DailyHead, Deadlines, Lane, ShellOrders, Stepper, Worker
from bot.readings import Reader
from bot.settings import Settings
from bot.totp import SecondFactors
from bot.wakes import Wakes
from bot.witness import Past, Sighting, judge
from handlers.clocks import look_at_clock
from handlers.form import Forms
from handlers.home import Homes
from handlers.line import Line
from handlers.listeners import all_listeners
from handlers.poster import Poster
from handlers.replies import Replies
from handlers.roll import Roll
from handlers.witness import Unwitnessed, Witness, found, read_all_lines, read_lines
from handlers.workspace import Identity, approvers_present, look_around

log = logging.getLogger(__name__)

SENDING_MAY_TAKE_S = 25.0  # a send has 20 s; a supervisor's stop grace must be longer than this
LAST_CARDS_S = 2.0
# Python's own 5 ms are long where a click waits for three threads, one after the other: 14 → 12 ms to the exchange.
THREADS_TAKE_TURNS_S = 0.0005


class Unclean(StartError):
    """The outside world is not as desk.toml and the keys say. The text lists what was found."""


class Application:
    """A whole desk in one process."""

    def __init__(self, settings: Settings, config: Config, clock: Clock | None = None) -> None:
        self._settings = settings
        self._config = config
        self._clock = clock or SystemClock()
        self._tls = ssl.create_default_context()
        self._exchanges = build_exchanges(settings, config, self._clock)
        self._workers: list[Worker] = []
        self._readers: list[Worker] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()  # for the poster
        self._changes = asyncio.Event()  # for the roll
        self._shown = asyncio.Event()  # for the Home tabs
        self._reload_wanted = asyncio.Event()
        self._finished: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._reading = partial(looking_at, settings.database_path)  # for long reads, beside the desk's own thread
        self._journal: Journal | None = None
        self._line: Line | None = None
        self._poster: Poster | None = None
        self._replies: Replies | None = None
        self._desk: Desk | None = None
        self._users: dict[str, str] = {}

    async def start(self) -> None:
        """Take the database, check Slack and the exchanges, then begin to work.

        Raises:
            StartError: something is not as it must be. Nothing was sent and no transfer was touched.
        """
        self._journal = journal = Journal(self._settings.database_path, self._clock)
        try:
            client = slack_client(self._settings, self._tls, self._settings.bot_token.get_secret_value())
            identity, witness = await self._check(client, journal)
            fingerprints = {exchange.name: exchange.fingerprint for exchange in self._exchanges}
            house = House(self._config, fingerprints, self._users, _factors(self._settings, self._config))
            freeze_file = FreezeFile(self._settings.database_path)
            self._desk = desk = Desk(journal, house, freeze_file.orders)
            await self._open(desk)
            await witness.announce()
            replies = Replies(self._clock, self._tls, local=is_loopback(self._settings.slack_api_url))
            self._replies = replies
            forms = Forms(desk, client, replies, identity.channels)
            homes = Homes(desk, client, self._clock, forms)
            self._line = Line(
                identity,
                slack_client(self._settings, self._tls),
                self._settings.bot_token.get_secret_value(),
                self._settings.app_token.get_secret_value(),
                self._clock,
                [*all_listeners(desk, client, replies, self._clock, self._reading, forms), homes],
            )
            await self._line.open()
        except BaseException:
            await self._close()
            raise
        self._poster = Poster(desk, client, replies, self._clock)
        self._work(journal, desk, self._line, freeze_file)
        self._tasks += [  # the poster's first: `stop` waits for it
            self._keep(self._poster.run(self._news), "the poster stopped"),
            self._keep(self._line.watch(), "Slack could not be reached for two minutes"),
            self._keep(Roll(desk, client, self._clock).run(self._changes), "nobody asks Slack who is there any more"),
            self._keep(homes.run(self._shown), "Home tabs are no longer drawn"),
            self._keep(self._stay_alone(witness), "the audit channel is no longer looked at"),
            self._keep(self._reload_when_asked(desk), "desk.toml is no longer loaded anew"),
        ]
        log.info("the desk is open: SQLite %s, policy %s", sqlite_version(), self._config.hash[:12])

    async def _check(self, client: AsyncWebClient, journal: Journal) -> tuple[Identity, Witness]:
        app_token = self._settings.app_token.get_secret_value()
        # All at once: nobody's answer changes what the others are asked.
        (identity, findings), (probed, self._users), its_time = await asyncio.gather(
            look_around(client, app_token, self._config),
            asyncio.to_thread(probe_exchanges, self._exchanges, self._config),
            look_at_clock(client, self._clock),
        )
        factors = _factors(self._settings, self._config)
        findings += [*probed, its_time]
        findings += [*weaknesses(self._config), *without_codes(self._config, factors)]
        witness = None
        if identity is not None:
            witness = Witness(client, journal, self._config.audit_channel, identity.bot_id)
            findings.append(await witness.finding())
        wrong = [str(finding) for finding in findings if not finding.ok]
        if wrong or identity is None or witness is None:
            raise Unclean("\n".join(wrong))
        return identity, witness

    async def _open(self, desk: Desk) -> None:
        if not is_wal_safe():
            log.warning("SQLite %s has a known WAL bug that one writer avoids; 3.51.3 is better", sqlite_version())
        abandoned = await asyncio.wrap_future(
            desk.open({"version": version("transferdesk"), "sqlite": sqlite_version()})
        )
        if abandoned:
            log.warning("%d transfers were being sent when the desk last stopped; now unknown", abandoned)

    def _work(self, journal: Journal, desk: Desk, line: Line, freeze_file: FreezeFile) -> None:
        loop = asyncio.get_running_loop()

        def from_thread(act: Callable[..., object], *args: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(act, *args)

        def dead(who: str) -> None:
            from_thread(self._finish, f"{who} stopped")

        lanes = [Lane(exchange, desk, self._clock) for exchange in self._exchanges]
        senders = {lane.name: Worker(f"lane {lane.name}", lane, dead) for lane in lanes}
        steppers: dict[str, Stepper] = {
            "deadlines": Deadlines(desk, self._clock),
            "daily head": DailyHead(desk, self._clock),
            "shell orders": ShellOrders(desk, freeze_file),
        }
        others = [Worker(name, stepper, dead) for name, stepper in steppers.items()]
        # With HTTP clients of their own, which each closes itself: nobody waits for a reader.
        for exchange in build_exchanges(self._settings, self._config, self._clock):
            reader = Reader(exchange, desk, self._clock)
            self._readers.append(Worker(f"reader {exchange.name}", reader, dead, exchange.close))
        self._workers += [*senders.values(), *others]
        at_leisure = [worker.wake for worker in (*others, *self._readers)]
        events = [event.set for event in (self._news, self._changes, self._shown)]
        to_wake = {exchange: worker.wake for exchange, worker in senders.items()}
        wakes = Wakes(to_wake, [*events, *at_leisure], self._news.set)
        for lane in lanes:
            lane.on_answer(wakes.answered)
        journal.on_approval(wakes.approved)
        journal.on_commit(wakes.committed)
        journal.on_loss(lambda why: from_thread(self._finish, why))
        for started in (*self._workers, *self._readers):
            started.start()

    async def _stay_alone(self, witness: Witness) -> None:
        problem = await witness.watch()
        log.critical("the audit channel: %s", problem)
        self._finish(problem)

    def _keep(self, work: Coroutine[Any, Any, None], end: str) -> asyncio.Task[None]:
        """Run something that must not end; when it does, the desk goes down loudly."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - whatever it was, the desk is not whole any more
                log.critical("%s", type(error).__name__)
            self._finish(end)

        return asyncio.get_running_loop().create_task(guarded())

    def _finish(self, why: str) -> None:
        if self._desk is not None:
            self._desk.close()
        if not self._finished.done():
            self._finished.set_result(why)

    def ask_to_reload(self) -> None:
        """Have desk.toml loaded anew, as soon as the desk is open; what a SIGHUP does."""
        self._reload_wanted.set()

    async def _reload_when_asked(self, desk: Desk) -> None:
        # One after the other: of two at once, the file read first could come into force last.
        while await self._reload_wanted.wait():
            self._reload_wanted.clear()
            try:
                await self._reload(desk)
            except Exception as error:  # noqa: BLE001 - whatever a file can do, the old policy stays in force
                log.error("desk.toml was not loaded (%s)", type(error).__name__)

    async def _reload(self, desk: Desk) -> None:
        """Load desk.toml anew. One that cannot be used changes nothing, and the audit channel is told why."""
        try:
            # Not here, where Slack waits for its acks: with hundreds of rules it takes a while.
            config = await asyncio.to_thread(_successor, self._settings.config_path, desk.house)
        except StartError as problem:
            log.error("desk.toml was not loaded: %s", problem)
            await asyncio.wrap_future(desk.keep_policy(str(problem)))
        else:
            await asyncio.wrap_future(desk.reload(config))
            log.info("desk.toml was loaded, policy %s", config.hash[:12])

    def ask_to_stop(self) -> None:
        """Let `wait` return; what a signal does."""
        self._finish("")

    async def wait(self) -> str:
        """Wait for the end. Returns why it came, or nothing when it was asked for."""
        return await self._finished

    async def stop(self) -> None:
        """Stop taking payloads, let a send in flight finish, then close. A send that hangs stays `sending`."""
        if self._desk is not None:
            self._desk.close()
        for worker in (*self._workers, *self._readers):
            worker.stop()
        deadline = time.monotonic() + SENDING_MAY_TAKE_S
        if self._line is not None:
            await self._line.close()
            self._line = None
        if self._replies is not None:
            await self._replies.finish()
        for worker in self._workers:
            await asyncio.to_thread(worker.join, max(0.0, deadline - time.monotonic()))
        if self._poster is not None:
            self._poster.finish()
            self._news.set()
            await asyncio.wait(self._tasks[:1], timeout=LAST_CARDS_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._post_the_rest()
        await self._close()

    async def _post_the_rest(self) -> None:
        """Give the last cards a moment; what is left stays in the outbox for the next start."""
        try:
            async with asyncio.timeout(LAST_CARDS_S):
                while self._poster is not None and await self._poster.step() == 0:
                    pass
        except (TimeoutError, JournalError):
            return

    async def _close(self) -> None:
        if self._line is not None:
            await self._line.close()
        if self._journal is not None:
            await asyncio.to_thread(self._journal.close)
        if all(worker.join(0) for worker in self._workers):
            for exchange in self._exchanges:
                exchange.close()


def _factors(settings: Settings, config: Config) -> SecondFactors:
    return SecondFactors({config.people[name]: secret for name, secret in settings.totp.items()})


def _successor(path: Path, house: House) -> Config:
    """Read the desk.toml that takes over from the one in force.

    Raises:
        StartError: it cannot: it is wrong, or changes what only a start can check.
    """
    config, before = load_config(path), house.config
    wrong = [finding for finding in [*weaknesses(config), *without_codes(config, house.factors)] if not finding.ok]
    if wrong:
        raise StartError("\n".join(str(finding) for finding in wrong))
    slack = (config.team, config.channels, config.audit_channel)
    if slack != (before.team, before.channels, before.audit_channel):
        raise StartError("[slack] changed, which takes a restart of the desk; nothing was loaded.")
    if config.connections != before.connections:
        raise StartError("[exchanges] changed, which takes a restart of the desk; nothing was loaded.")
    return config


def slack_client(settings: Settings, tls: ssl.SSLContext, token: str | None = None) -> AsyncWebClient:
    """Build a Web API client that never retries: the SDK's default posts twice after a dropped connection."""
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url, ssl=tls, retry_handlers=[])
    if is_loopback(settings.slack_api_url):
        client.proxy = None  # the SDK takes a proxy from the environment and ignores NO_PROXY
    return client


async def survey(settings: Settings, config: Config) -> list[Finding]:
    """Look at everything a start would look at: Slack and every exchange key. Reads only, starts nothing."""
    client = slack_client(settings, ssl.create_default_context(), settings.bot_token.get_secret_value())
    clock = SystemClock()
    identity, slack = await look_around(client, settings.app_token.get_secret_value(), config)
    slack.append(await look_at_clock(client, clock))
    slack += await approvers_present(client, config)
    slack += without_codes(config, _factors(settings, config))
    if identity is not None:
        slack.append(await _look_at_journal(settings, config, client, identity))
    exchanges = build_exchanges(settings, config, clock)
    try:
        probed, _ = await asyncio.to_thread(probe_exchanges, exchanges, config)
        return slack + probed
    finally:
        for exchange in exchanges:
            exchange.close()


async def _look_at_journal(settings: Settings, config: Config, client: AsyncWebClient, identity: Identity) -> Finding:
    """Say what a start would about the journal, which a desk may be writing, or which is not there yet."""
    try:
        lines = await read_lines(client, config.audit_channel, identity.bot_id)
        held = Past("", 0, {}, {})
        if settings.database_path.exists():
            with looking_at(settings.database_path) as tx:
                held = restoring.past(tx, lines)
    except StartError as error:
        return found(str(error))
    return found(judge(lines, held))


async def listen(settings: Settings, config: Config, *, only_audit: bool = False) -> tuple[Sighting, ...]:
    """Return what Slack has seen of desks lately, in the audit channel and where their cards stand.

    Args:
        only_audit: instead, all that the audit channel has seen.

    Raises:
        StartError: Slack does not answer, or says no.
    """
    client = slack_client(settings, ssl.create_default_context(), settings.bot_token.get_secret_value())
    identity, findings = await look_around(client, settings.app_token.get_secret_value(), config)
    if identity is None:
        raise Unwitnessed(str(findings[0]))
    if only_audit:
        return await read_all_lines(client, config.audit_channel, identity.bot_id)
    channels = [config.audit_channel, *sorted(config.channels)]
    return tuple([line for channel in channels for line in await read_lines(client, channel, identity.bot_id)])


async def run(settings: Settings, config: Config) -> str:
    """Run a desk until SIGTERM, SIGINT or its own end. Returns why it ended, or nothing when it was asked to."""
    sys.setswitchinterval(THREADS_TAKE_TURNS_S)
    application = Application(settings, config)
    # Before the start, which takes seconds: unheard, a SIGHUP would end the process.
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, application.ask_to_reload)
    await application.start()
    # What the start made stays to the end; looking through it for garbage costs a rush a quarter of its time.
    gc.freeze()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, application.ask_to_stop)
    try:
        return await application.wait()
    finally:
        await application.stop()
