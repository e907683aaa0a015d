"""Lanes: one thread per exchange user: look after unknowns, then send what is approved, one request in flight.

The database is the queue; a wake-up is only a hint. `Lane.step` does one thing and says how long nothing need happen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from bot import words
from bot.clock import Clock
from bot.desk import Desk, Look
from bot.errors import ExchangeUnreadable, JournalError
from bot.evidence import Reading
from bot.exchanges import Exchange, Order
from bot.freeze_file import FreezeFile
from bot.transfers import NotSent, Outcome, Refused, Transfer

log = logging.getLogger(__name__)

IDLE_S = 30.0  # look even without a wake-up, this often
JOURNAL_RETRY_S = 1.0
SHELL_S = 1.0  # how soon a freeze from a shell is told in Slack; it holds at once
SNAPSHOT_RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0)
# After "too many requests" an exchange wants quiet, CoinW most of all (coinw-api.md §3.5).
RATE_LIMIT_REST_S = 5.0
# A commit takes milliseconds; one that took longer than this was checked against a world that has moved on.
CLAIM_MAX_S = 5.0


class Stepper(Protocol):
    """Something a worker runs again and again."""

    def step(self) -> float:
        """Do what is due and return for how many seconds nothing is, unless something happens."""
        ...


class Lane:
    """The sender of one exchange connection."""

    def __init__(self, exchange: Exchange, desk: Desk, clock: Clock) -> None:
        self._exchange = exchange
        self._desk = desk
        self._clock = clock
        self._unrecorded: tuple[int, Outcome] | None = None
        self._not_before = clock.monotonic()
        self._no_look_before = self._not_before
        self._looked_last = False
        self._resting: dict[int, float] = {}
        self._failures: dict[int, int] = {}
        self._on_answer: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        """The exchange's name."""
        return self._exchange.name

    def on_answer(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in this lane's thread, when what a send came to is on disk. Only a hint."""
        self._on_answer = listener

    def step(self) -> float:
        """Send at most one transfer. Returns seconds to wait before the next step."""
        try:
            return self._step()
        except JournalError:
            # Nothing can be read or written, so nothing is sent; the journal has logged why.
            return JOURNAL_RETRY_S

    def _step(self) -> float:
        if self._unrecorded is not None:
            self._record(*self._unrecorded)
        now = self._clock.monotonic()
        if now < self._not_before:
            return self._not_before - now
        self._resting = {number: until for number, until in self._resting.items() if until > now}
        following = self._desk.what_next(self._exchange.name, frozenset(self._resting)).result()
        transfer, unanswered = following.transfer, following.unanswered
        # Whoever waits behind an unknown is helped by looking first; but looks never pass a transfer twice in a row.
        if unanswered is not None and self._wait_for(unanswered) <= 0 and not self._looked_last:
            return self._look(unanswered)
        self._looked_last = False
        if transfer is not None:
            return self._paced(lambda: self._attempt(transfer))
        looks = [look for look in (unanswered, following.watched) if look is not None]
        for look in looks:
            if self._wait_for(look) <= 0:
                return self._look(look)
        waits = [until - now for until in self._resting.values()]
        return min([*waits, *map(self._wait_for, looks), IDLE_S])

    def _wait_for(self, look: Look) -> float:
        """Return the seconds until a look may be taken."""
        ahead = (look.due_at - self._clock.now()).total_seconds()
        return max(ahead, self._no_look_before - self._clock.monotonic())

    def _paced(self, ask: Callable[[], None]) -> float:
        """Ask the exchange something. Whatever comes of it, it is left alone for a moment afterwards."""
        try:
            ask()
        finally:
            self._not_before = max(self._not_before, self._clock.monotonic() + self._exchange.pace_s)
        return 0.0

    def _look(self, look: Look) -> float:
        self._looked_last = True
        return self._paced(lambda: self._read_records(look))

    def _read_records(self, look: Look) -> None:
        """Read what the exchange's records show of one send, and hand it to the desk."""
        transfer = look.transfer
        try:
            result: Reading | str = self._exchange.look(
                _order(transfer), transfer.sent_at or transfer.created_at, look.snapshot
            )
        except ExchangeUnreadable as error:
            result = words.RECORDS_UNREADABLE.format(why=str(error).rstrip("."))
        except Exception as error:  # noqa: BLE001 - a reading nobody expected must not bring the sends down
            log.error("%s: reading the records failed with %s", transfer.name, type(error).__name__)
            result = words.RECORDS_UNEXPECTED
        if isinstance(result, str):
            # It may have been one request too many; no other look adds to it at once.
            self._no_look_before = self._clock.monotonic() + RATE_LIMIT_REST_S
        self._desk.looked(transfer.id, result).result()

    def _attempt(self, transfer: Transfer) -> None:
        try:
            # First, as it may be on another host: the send is to reuse the connection of the snapshot.
            available = self._available(transfer) if transfer.share else None
            snapshot = self._exchange.snapshot(_order(transfer))
        except ExchangeUnreadable as error:
            self._rest(transfer)
            self._desk.hold(transfer, words.WAITS_FOR_EXCHANGE.format(problem=str(error).rstrip("."))).result()
            return
        self._failures.pop(transfer.id, None)
        asked_at = self._clock.monotonic()
        claimed = self._desk.claim(transfer.id, snapshot, available).result()
        if claimed is None:
            return
        if self._is_stale(transfer, claimed, asked_at):
            outcome: Outcome = NotSent(words.NOT_SENT_IN_TIME)
        else:
            outcome = self._exchange.transfer(_order(claimed))
        if isinstance(outcome, Refused) and outcome.by == "rate limit":
            self._not_before = self._clock.monotonic() + RATE_LIMIT_REST_S
        self._record(claimed.id, outcome)

    def _available(self, transfer: Transfer) -> Decimal:
        return Decimal(self._exchange.available(transfer.route.source, transfer.currency))

    def _rest(self, transfer: Transfer) -> None:
        """Leave a transfer alone for a while, longer each time, without holding up the others."""
        failures = self._failures[transfer.id] = self._failures.get(transfer.id, 0) + 1
        rest_s = SNAPSHOT_RETRY_S[min(failures, len(SNAPSHOT_RETRY_S)) - 1]
        self._resting[transfer.id] = self._clock.monotonic() + rest_s

    def _is_stale(self, transfer: Transfer, claimed: Transfer, asked_at: float) -> bool:
        """Tell whether the claim's commit took so long that what it checked may no longer hold.

        By both clocks: the monotonic one stands still while a machine is suspended, the other one can be set.
        """
        now = self._clock.now()
        past_deadline = transfer.deadline is not None and now >= transfer.deadline
        slow = claimed.sent_at is not None and (now - claimed.sent_at).total_seconds() > CLAIM_MAX_S
        return past_deadline or slow or self._clock.monotonic() - asked_at > CLAIM_MAX_S

    def _record(self, transfer_id: int, outcome: Outcome) -> None:
        """Write the outcome down; until that worked the lane keeps it and sends nothing else."""
        self._unrecorded = (transfer_id, outcome)
        try:
            self._desk.settle(transfer_id, outcome).result()
        except JournalError:
            # Should this process end before the journal can be written again, the log is the only witness.
            log.error("T%d: could not write down %s", transfer_id, outcome)
            raise
        self._unrecorded = None
        self._on_answer()


def _order(transfer: Transfer) -> Order:
    return Order(transfer.route, transfer.currency, transfer.amount, transfer.margin_account)


class Deadlines:
    """Lets cards die on time, and has approvers reminded before."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def step(self) -> float:
        """Expire what is due, then remind of what is not. Returns seconds until the next moment for either."""
        try:
            moments = [self._desk.expire_due().result(), self._desk.remind_due().result()]
        except JournalError:
            return JOURNAL_RETRY_S
        now = self._clock.now()
        waits = [(moment - now).total_seconds() for moment in moments if moment is not None]
        return max(0.0, min([IDLE_S, *waits]))


class DailyHead:
    """Has the head of the chain told in the audit channel once a day."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def step(self) -> float:
        """Tell it when its day has come. Returns seconds until the next look."""
        try:
            following = self._desk.tell_head().result()
        except JournalError:
            return JOURNAL_RETRY_S
        return max(0.0, min(IDLE_S, (following - self._clock.now()).total_seconds()))


class ShellOrders:
    """Carries out what a shell orders while the desk runs: see `bot.freeze_file`."""

    def __init__(self, desk: Desk, file: FreezeFile) -> None:
        self._desk = desk
        self._file = file

    def step(self) -> float:
        """Take what is ordered into the journal. Returns seconds until the next look; every claim looks as well."""
        orders = self._file.take()
        if orders:
            try:
                self._desk.obey(orders).result()
            except JournalError:
                return JOURNAL_RETRY_S
            self._file.done()
        return SHELL_S


class Worker:
    """A thread that steps something until told to stop; `wake` ends its waiting early."""

    def __init__(
        self, name: str, stepper: Stepper, on_death: Callable[[str], None], at_end: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare the thread.

        Args:
            on_death: told the name when it ends by itself, which nothing here should.
            at_end: called in the thread, last of all.
        """
        self._stepper = stepper
        self._on_death = on_death
        self._at_end = at_end
        self._awake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something may be due."""
        self._awake.set()

    def stop(self) -> None:
        """Ask it to end after the step under way."""
        self._stopping = True
        self._awake.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for it to end. Returns whether it did; a thread still sending is left to die with the process."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._awake.wait(self._wait())
                self._awake.clear()
        except BaseException as error:  # noqa: BLE001 - a dead lane must end the desk, loudly, without foreign texts
            log.critical("%s stopped by %s; the desk goes down", self._thread.name, type(error).__name__)
            self._on_death(self._thread.name)
        finally:
            self._at_end()

    def _wait(self) -> float:
        wait = self._stepper.step()
        return 0.0 if self._stopping else wait
