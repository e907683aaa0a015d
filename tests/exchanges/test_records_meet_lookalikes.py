"""What the adapters see of a transfer afterwards, against the sandbox's exchanges, over real sockets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from exchange_orders import HurriedClock, order

from bot.errors import ExchangeUnreadable
from bot.evidence import Balance, Reading, Snapshot
from bot.exchanges import Exchange, Order
from bot.sandbox.faults import READ_FAULTS, SCRIPTS
from bot.sandbox.lookalike import Lookalike
from bot.transfers import Accepted, Unknown

ROUTES = {
    "htx": ("htx:spot -> htx:linear-swap", "htx:linear-swap -> htx:spot", "USDT"),
    "coinw": ("coinw:master -> coinw:39000001", "coinw:39000001 -> coinw:master", ""),
}


class Pair:
    """A look-alike, the adapter that speaks to it, and the route under test."""

    def __init__(self, lookalike: Lookalike, exchange: Exchange, clock: HurriedClock, way: int) -> None:
        self.clock = clock
        self.lookalike = lookalike
        self.exchange = exchange
        self._route = ROUTES[lookalike.name][way]
        self._back = ROUTES[lookalike.name][1 - way]

    def order(self, amount: str = "10", *, back: bool = False) -> Order:
        return order(self._back if back else self._route, amount, margin=ROUTES[self.lookalike.name][2])

    def lose(self, fault: str, asked: Order) -> tuple[Snapshot, Reading]:
        """Send with a fault, then look."""
        snapshot = self.exchange.snapshot(asked)
        sent_at = self.clock.now()
        self.lookalike.faults.plan(fault)
        assert isinstance(self.exchange.transfer(asked), Unknown)
        return snapshot, self.look(asked, snapshot, sent_at)

    def look(self, asked: Order, snapshot: Snapshot, sent_at: datetime | None = None) -> Reading:
        """Look at what became of an order sent at a moment, or just now, at the exchange's pace."""
        self.clock.advance(1.1)
        return self.exchange.look(asked, sent_at or self.clock.now(), snapshot)

    def new(self, snapshot: Snapshot, reading: Reading) -> int:
        return len([line for line in reading.lines if line.id not in snapshot.lines])

    def by_hand(self, amount: str = "10", *, back: bool = False) -> None:
        route = self.order(amount, back=back).route
        self.lookalike.book.move(route.source.name, route.destination.name, "USDT", Decimal(amount))


@pytest.fixture(params=["htx there", "htx back", "coinw there", "coinw back"])
def pair(request: pytest.FixtureRequest, clock: HurriedClock) -> Pair:
    name, _, way = request.param.partition(" ")
    lookalike, exchange = request.getfixturevalue(f"{name}_pair")
    return Pair(lookalike, exchange, clock, ["there", "back"].index(way))


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "bad_json", "http_503_before", "http_503_after"])
def test_the_records_tell_what_the_answer_did_not(pair, fault):
    executes = SCRIPTS[fault].executes
    snapshot, reading = pair.lose(fault, pair.order())
    assert pair.new(snapshot, reading) == executes
    assert reading.balance is (Balance.MOVED if executes else Balance.UNMOVED)
    assert not any("could not be read" in sentence for sentence in reading.words)
    assert len(pair.lookalike.executed) == executes


def test_records_that_lag_show_the_line_later_and_the_same_in_every_reading(pair):
    asked = pair.order()
    pair.lookalike.records_lag_s = 3600.0
    sent_at = pair.clock.now()
    snapshot, reading = pair.lose("drop_after", asked)
    assert (pair.new(snapshot, reading), reading.balance) == (0, Balance.MOVED)
    pair.lookalike.records_lag_s = 0.0
    first, second = (pair.look(asked, snapshot, sent_at) for _ in range(2))
    assert pair.new(snapshot, first) == 1
    assert first == second


def test_of_two_equal_transfers_the_one_before_is_known_by_the_snapshot(pair):
    pair.by_hand()
    snapshot, reading = pair.lose("drop_before", pair.order())
    assert len(snapshot.lines) == 1
    assert (pair.new(snapshot, reading), reading.balance) == (0, Balance.UNMOVED)
    assert {line.id for line in reading.lines} == snapshot.lines
    pair.by_hand()
    snapshot, reading = pair.lose("drop_before", pair.order())
    assert (len(snapshot.lines), pair.new(snapshot, reading)) == (2, 0)


def test_an_equal_movement_by_hand_meanwhile_looks_like_the_transfer(pair):
    """The one thing no record tells; the balance moved by just that too."""
    asked = pair.order()
    snapshot = pair.exchange.snapshot(asked)
    pair.by_hand()
    reading = pair.look(asked, snapshot)
    assert (pair.new(snapshot, reading), reading.balance) == (1, Balance.MOVED)


def test_an_equal_movement_by_hand_beside_the_transfer_makes_two(pair):
    asked = pair.order()
    snapshot = pair.exchange.snapshot(asked)
    pair.by_hand()
    pair.lookalike.faults.plan("drop_after")
    sent_at = pair.clock.now()
    pair.exchange.transfer(asked)
    reading = pair.look(asked, snapshot, sent_at)
    assert (pair.new(snapshot, reading), reading.balance) == (2, Balance.UNCLEAR)


def test_other_amounts_and_the_other_direction_are_no_lines(pair):
    asked = pair.order()
    snapshot = pair.exchange.snapshot(asked)
    pair.by_hand("10.5")
    pair.by_hand("10", back=True)
    reading = pair.look(asked, snapshot)
    assert reading.lines == ()
    assert reading.balance is Balance.UNCLEAR


def test_a_snapshot_knows_other_amounts_of_the_key(pair):
    pair.by_hand("1")
    pair.by_hand("2", back=True)
    assert len(pair.exchange.snapshot(pair.order()).lines) == 1


@pytest.mark.parametrize("kind", [kind for kind in READ_FAULTS if kind != "hang_before"])
def test_reads_that_break_give_neither_snapshot_nor_reading(pair, kind):
    asked = pair.order()
    snapshot = pair.exchange.snapshot(asked)
    for read in (pair.exchange.snapshot, lambda order: pair.look(order, snapshot)):
        pair.lookalike.faults.break_reads(1, kind)
        with pytest.raises(ExchangeUnreadable):
            read(asked)
    assert pair.look(asked, snapshot).balance is Balance.UNMOVED


def test_reads_that_hang_end(pair):
    pair.lookalike.faults.break_reads(1, "hang_before")
    with pytest.raises(ExchangeUnreadable):
        pair.exchange.snapshot(pair.order())


def test_an_accepted_transfer_is_on_record_too(pair):
    asked = pair.order()
    snapshot = pair.exchange.snapshot(asked)
    sent_at = pair.clock.now()
    assert isinstance(pair.exchange.transfer(asked), Accepted)
    assert pair.new(snapshot, pair.look(asked, snapshot, sent_at)) == 1


def test_htx_tells_the_far_sides_apart(htx_pair, clock):
    lookalike, exchange = htx_pair
    asked = order("htx:spot -> htx:otc", "10", margin="USDT")
    snapshot = exchange.snapshot(asked)
    lookalike.book.move("linear-swap", "spot", "USDT", Decimal(10))
    lookalike.book.move("spot", "linear-swap", "USDT", Decimal(10))
    reading = exchange.look(asked, clock.now(), snapshot)
    assert reading.lines == ()
    assert reading.balance is Balance.UNCLEAR
    assert reading.words[1].endswith("but it moved in between.")
