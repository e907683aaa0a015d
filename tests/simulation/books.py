"""What the simulator knows and the desk does not: which transfer each request and each movement belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bot.sandbox.books import Movement
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.wire import Answer, Call

SENDING = (
    "SELECT id, exchange, source, destination, amount, requester, channel, seal FROM transfers "
    "WHERE state = 'sending' AND exchange = ? ORDER BY id"
)


class Books:
    """The truth about every send.

    Attributes:
        sends: requests that left, by transfer.
        executed: movement that a transfer's request made, by transfer.
        sent_at: when each request left, by the true clock.
        lag_s_max: the longest lag any exchange's records ever had.
        held: transfers whose request is still on its way at the exchange.
    """

    def __init__(self, rows: Callable[..., list[Any]], blame: Callable[[str], None]) -> None:
        self.sends: Counter[int] = Counter()
        self.executed: dict[int, Movement] = {}
        self.sent_at: dict[int, datetime] = {}
        self.lag_s_max = 0.0
        self.held: set[int] = set()
        self.check_send: Callable[[Any], Iterable[str]] = lambda row: ()
        self._rows = rows
        self._blame = blame

    def note_send(self, exchange: str, now: datetime) -> int:
        """Note that a request is about to leave; exactly one transfer must be on disk as `sending`."""
        rows = self._rows(SENDING, exchange)
        if len(rows) != 1:
            self._blame(f"a request left for {exchange} while {len(rows)} of its transfers were on record as sending")
            return 0
        number = int(rows[0][0])
        self.sends[number] += 1
        self.sent_at[number] = now
        if self.sends[number] > 1:
            self._blame(f"T{number} was sent {self.sends[number]} times")
        for problem in self.check_send(rows[0]):
            self._blame(problem)
        return number

    def execute(self, lookalike: Lookalike, call: Call, transfer_id: int) -> Answer:
        """Let the exchange judge a request, and note what it moved."""
        before = len(lookalike.book.movements)
        answer = lookalike.answer(call)
        for movement in lookalike.book.movements[before:]:
            if transfer_id in self.executed:
                self._blame(f"T{transfer_id} moved money twice")
            self.executed[transfer_id] = movement
        self.held.discard(transfer_id)
        return answer
