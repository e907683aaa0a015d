"""A desk with a long past, and everything that is asked of one: what a benchmark times, and a test counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from clock import VirtualClock
from desk_bench import ALICE, BOB, CHANNEL, SNAPSHOT, STRANGER, DeskBench
from past import TEXT, WEEK

from bot.desk import Beside, Home, Taken
from bot.filters import Filter
from bot.journal import Holding
from bot.transfers import Accepted
from handlers import home_view

ROUTE = "usdt htx:spot -> htx:linear-swap"


class Station(DeskBench):
    """A desk with so many weeks behind it (`past`), that is asked the same things as others with more or less.

    Attributes:
        taken: what each thing it was asked took, by the counter, every time.
    """

    def __init__(
        self, folder: Path, weeks: int, counter: Callable[[], float] = perf_counter, *, threaded: bool = True
    ) -> None:
        clock = VirtualClock()
        clock.advance(weeks * WEEK.total_seconds())
        super().__init__(folder, clock, threaded=threaded, rules=TEXT)
        self.desk.attended = False
        self.taken: dict[str, list[float]] = {}
        self._counter = counter
        self._round = 0
        self._clicks = 10**6  # no delivery of the past again
        self.last_of_the_past: int = self.read("SELECT max(id) FROM transfers")[0][0]

    @contextmanager
    def measured(self, what: str) -> Iterator[None]:
        """Measure what is done within."""
        begun = self._counter()
        yield
        self.taken.setdefault(what, []).append(self._counter() - begun)

    def live(self) -> None:
        """One transfer from the command to the outcome, and what lanes and Slack's edge ask meanwhile."""
        desk = self.desk
        self._attend()
        self._round += 1
        # A figure of its own: equal transfers are looked for, and none is found.
        ask = self.typed(f"250.{self._round:04} {ROUTE}")
        with self.measured("propose"):
            said = desk.propose(ask, self.soon).result()
        number = int(said.partition(":")[0].removeprefix("T"))
        self.post()
        transfer = self.get(number)
        click = self.click(transfer)
        with self.measured("confirm"):
            desk.confirm(click, self.soon).result()
        with self.measured("what a lane does next"):
            following = desk.what_next("htx").result().transfer
        assert following is not None and following.id == number
        with self.measured("claim"):
            assert desk.claim(number, SNAPSHOT).result() is not None
        with self.measured("settle"):
            desk.settle(number, Accepted(f"7{number}")).result()
        with self.measured("what Slack is told next"):
            assert desk.parcels().result()
        taken = Taken(transfer.route.source, "USDT", Holding(Decimal(5000), "", self.clock.now()))
        with self.measured("a balance that was read"):
            desk.note_reading(taken).result()
        with self.measured("a card"):
            assert desk.view(number).result() is not None
        with self.measured("a try that is turned away"):
            self.ask(by=STRANGER)
        self.post()
        self.clock.advance(30)

    def look(self) -> None:
        """What people look at."""
        middle = self.last_of_the_past // 2
        pages = {
            "history": (Filter(), None),
            "history, a page in the middle": (Filter(), Beside(middle)),
            "history of a person": (Filter(person=BOB.user), None),
            "history of a person, in the middle": (Filter(person=BOB.user), Beside(middle)),
            "history, failed": (Filter(failed=True), None),
            "history, an exchange and a currency": (Filter(exchange="coinw", currency="BTC"), None),
            "history, since 7 days": (Filter(since=timedelta(days=7)), None),
            "history, a person's since 7 days": (Filter(person=BOB.user, since=timedelta(days=7)), None),
        }
        for what, (wanted, beside) in pages.items():
            with self.measured(what):
                page = self.desk.history(ALICE, wanted, beside).result()
            assert not isinstance(page, str) and len(page.views) == 10
        for what, wanted in {
            "history, nothing is both": Filter(exchange="htx", currency="BTC"),
            "history, nobody failed so": Filter(person=BOB.user, currency="BTC", failed=True),
        }.items():
            with self.measured(what):
                page = self.desk.history(ALICE, wanted).result()
            assert not isinstance(page, str) and not page.views
        with self.measured("limits"):
            self.desk.limits(ALICE).result().answer(home_view.LIMITS_MAX)
        intent = self.typed(f"250 {ROUTE}").intent
        with self.measured("why"):
            question = self.desk.why(ALICE, intent, "").result()
            assert not isinstance(question, str) and question.answer()
        with self.measured("Home"):
            found = self.desk.home(ALICE).result()
            assert isinstance(found, Home) and found.limits is not None
            home_view.home(found, found.limits.answer(home_view.LIMITS_MAX))

    def idle(self) -> None:
        """What is asked all the time, whether anything happens or not."""
        asked: dict[str, Callable[[], object]] = {
            "deadlines": lambda: self.desk.expire_due().result(),
            "reminders": lambda: self.desk.remind_due().result(),
            "whom to ask Slack about": lambda: self.desk.roll().result(),
            "the day's head": lambda: self.desk.tell_head().result(),
            "balances to read": lambda: self.desk.next_reading("htx").result(),
        }
        for what, ask in asked.items():
            with self.measured(what):
                ask()

    def _attend(self) -> None:
        """Slack has just been asked about everybody."""
        everybody = {*self.desk.house.config.people.values(), CHANNEL}
        self.journal.run(lambda tx: [tx.people.seen(one, "") for one in everybody]).result()
