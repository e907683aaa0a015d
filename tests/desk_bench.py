"""A whole desk on a real file, and the outside worlds it needs: an exchange and a Slack that do as they are told."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from clock import VirtualClock
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.accounts import Account
from bot.config import load_config
from bot.desk import Ask, Click, Decision, Desk, House, Next, Person, Resolution, View
from bot.errors import ExchangeUnreadable
from bot.evidence import Balance, Reading, Snapshot
from bot.exchanges import Finding, Order
from bot.freeze_file import FreezeFile
from bot.grammar import TransferIntent, parse
from bot.journal import Event, Journal, Parcel, Transaction
from bot.totp import SecondFactors
from bot.transfers import Accepted, Outcome, State, Transfer, Unknown

TEAM = "T01DESK"
CHANNEL = "C01TREASURY"
# Alice and Bob trade; Bob, Carol, Dan and Erin are admins.
ALICE, BOB, CAROL, DAN, ERIN = (Person(TEAM, user) for user in ("U01ALICE", "U02BOB", "U03CAROL", "U04DAN", "U05ERIN"))
STRANGER = Person(TEAM, "U66STRANGER")

COMMAND = "250 usdt htx:spot -> htx:linear-swap"
KEYS = {"htx": "1f2e3d4c5b6a", "coinw": "6a5b4c3d2e1f"}
USERS = {"htx": "63628520", "coinw": "39000001,39000002"}

SNAPSHOT = Snapshot({"balance": "5000"})

LIMIT = 'per_transfer = "1000"'


def rule_says(*lines: str) -> tuple[str, str]:
    """An edit of desk.toml: what the rule for HTX says beside its `per_transfer`."""
    return LIMIT, "\n".join((LIMIT, *lines))


RULES = """
[slack]
team = "T01DESK"
channels = ["C01TREASURY"]
audit_channel = "C02AUDIT"

[exchanges.htx]
adapter = "htx"
url = "https://api.huobi.pro"

[exchanges.coinw]
adapter = "coinw"
url = "https://api.coinw.com"
subaccounts = { maker = 39000001, arbitrage = 39000002 }

[people]
alice = "U01ALICE"
bob = "U02BOB"
carol = "U03CAROL"
dan = "U04DAN"
erin = "U05ERIN"

[groups]
traders = ["alice", "bob"]
treasurers = ["bob", "carol", "dan", "erin"]

[desk]
confirm_within = "10m"
send_within = "5m"
admins = ["treasurers"]
resolve_by = 2

[[rules]]
name = "collateral"
who = ["traders"]
from = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
to = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
currencies = ["USDT"]
per_transfer = "1000"

[[rules]]
name = "makers"
who = ["traders"]
from = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
to = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
currencies = ["USDT", "BTC"]
"""


class ScriptedExchange:
    """An exchange that answers in turn what a test gave it, and accepts everything after that.

    Attributes:
        answers: outcomes of the next sends, or functions that look around during the send and return one.
        problems: what the next snapshots fail with; a None is a snapshot that succeeds.
        readings: what the next looks at its records show, or fail with; after them nothing is there.
        balances: what can leave an account, or why it cannot be read; 5000 where a test says nothing.
        takes_s: how long a send takes on the clock.
    """

    fingerprint = KEYS["htx"]
    pace_s = 1.1

    def __init__(self, clock: VirtualClock, name: str = "htx") -> None:
        self.name = name
        self.answers: deque[Outcome | Callable[[], Outcome]] = deque()
        self.problems: deque[str | None] = deque()
        self.readings: deque[Reading | str] = deque()
        self.looks: list[Order] = []
        self.balances: dict[str, str | Exception] = {}
        self.balances_asked: list[tuple[str, str]] = []
        self.takes_s = 0.0
        self.orders: list[Order] = []
        self.began: list[float] = []
        self.ended: list[float] = []
        self.snapshots = 0
        self._clock = clock

    def snapshot(self, order: Order) -> Snapshot:
        self.snapshots += 1
        problem = self.problems.popleft() if self.problems else None
        if problem is not None:
            raise ExchangeUnreadable(problem)
        return SNAPSHOT

    def available(self, account: Account, currency: str) -> str:
        self.balances_asked.append((str(account), currency))
        found = self.balances.get(str(account), "5000")
        if isinstance(found, Exception):
            raise found
        return found

    def look(self, order: Order, sent_at: datetime, snapshot: Snapshot) -> Reading:
        self.looks.append(order)
        reading = self.readings.popleft() if self.readings else Reading((), Balance.UNMOVED, ("Nothing was there.",))
        if isinstance(reading, str):
            raise ExchangeUnreadable(reading)
        return reading

    def transfer(self, order: Order) -> Outcome:
        self.orders.append(order)
        self.began.append(self._clock.monotonic())
        self._clock.advance(self.takes_s)
        answer = self.answers.popleft() if self.answers else Accepted(f"90000{len(self.orders)}")
        outcome = answer() if callable(answer) else answer
        self.ended.append(self._clock.monotonic())
        return outcome

    def probe(self, accounts: frozenset[Account]) -> list[Finding]:
        return []

    def user(self) -> str:
        return USERS[self.name]

    def close(self) -> None:
        """Nothing is open."""


class AttendedDesk(Desk):
    """A desk whose Slack edge has just asked about everybody whenever something is about to leave.

    Attributes:
        attended: whether it does; without it the desk knows what a test lets it know.
    """

    attended = True

    def what_next(self, exchange: str, resting: frozenset[int] = frozenset()) -> Future[Next]:
        self._ask_around()
        return super().what_next(exchange, resting)

    def claim(self, transfer_id: int, snapshot: Snapshot, available: Decimal | None = None) -> Future[Transfer | None]:
        self._ask_around()
        return super().claim(transfer_id, snapshot, available)

    def _ask_around(self) -> None:
        def ask(tx: Transaction) -> None:
            for subject in {*self.house.config.people.values(), *self.house.config.channels}:
                tx.people.seen(subject, "")

        if self.attended:
            self._journal.run(ask).result()


class DeskBench:
    """A desk, the people who use it, and the channel its cards are posted to."""

    def __init__(self, folder: Path, clock: VirtualClock, *, threaded: bool = False, rules: str = RULES) -> None:
        self.folder = folder
        self.path = folder / "desk.db"
        self.clock = clock
        self._threaded = threaded
        self._clicks = 0
        self._rules = rules
        self._keys: Mapping[str, str] = KEYS
        self._users: Mapping[str, str] = USERS
        self.freeze_file = FreezeFile(self.path)
        self.factors = SecondFactors({})
        self.open()

    # The desk's own life

    def open(self) -> int:
        """Start the desk. Returns how many sends it found abandoned."""
        self.journal = Journal(self.path, self.clock, threaded=self._threaded)
        self.desk = AttendedDesk(self.journal, self._house(), self.freeze_file.orders)
        return self.desk.open({"version": "test"}).result()

    def close(self) -> None:
        self.journal.close()

    def restart(self, *edits: tuple[str, str], keys: Mapping[str, str] = KEYS, users: Mapping[str, str] = USERS) -> int:
        """Stop, edit desk.toml or change the keys, start again. Returns how many sends were abandoned."""
        self._edit(*edits)
        self._keys, self._users = keys, users
        self.close()
        return self.open()

    def reload(self, *edits: tuple[str, str]) -> None:
        """Edit desk.toml and have the running desk load it."""
        self._edit(*edits)
        self.desk.reload(self._house().config).result()

    def _edit(self, *edits: tuple[str, str]) -> None:
        for before, after in edits:
            assert before in self._rules
            self._rules = self._rules.replace(before, after)

    def _house(self) -> House:
        file = self.folder / "desk.toml"
        file.write_text(self._rules)
        return House(load_config(file), self._keys, self._users, self.factors)

    # What people do

    @property
    def soon(self) -> float:
        """A moment a payload is still in time for."""
        return self.clock.monotonic() + 2.5

    def ask(self, text: str = COMMAND, by: Person = ALICE, key: str | None = None) -> str:
        """Type a transfer. Returns the private answer."""
        return self.desk.propose(self.typed(text, by, key), self.soon).result()

    def typed(self, text: str = COMMAND, by: Person = ALICE, key: str | None = None) -> Ask:
        intent = parse(text, self.desk.house.config.venues)
        assert isinstance(intent, TransferIntent)
        return Ask(key or self.new_key(), by, CHANNEL, text, intent)

    def new_key(self) -> str:
        self._clicks += 1
        return f"delivery-{self._clicks}"

    def proposed(self, text: str = COMMAND, by: Person = ALICE) -> Transfer:
        """Type a transfer that is allowed, and let its card be posted."""
        named = re.match(r"T(\d+)", self.ask(text, by))
        assert named, "the policy of this bench does not allow it"
        self.post()
        return self.get(int(named[1]))

    def click(self, transfer: Transfer, by: Person = ALICE, **changes: Any) -> Click:
        """A press on the transfer's own card as `transfer` was drawn, unless a test changes something."""
        honest = Click(self.new_key(), by, transfer.id, transfer.version, transfer.channel, transfer.card_ts or "none")
        return replace(honest, **changes)

    def confirm(self, transfer: Transfer, by: Person = ALICE, **changes: Any) -> str:
        return self.desk.confirm(self.click(transfer, by, **changes), self.soon).result()

    def cancel(self, transfer: Transfer, by: Person = ALICE, **changes: Any) -> str:
        return self.desk.cancel_by_button(self.click(transfer, by, **changes), self.soon).result()

    def cancel_by_command(self, transfer_id: int, by: Person = ALICE, key: str | None = None) -> str:
        return self.desk.cancel_by_command(key or self.new_key(), by, transfer_id, self.soon).result()

    def resolve(
        self, transfer: Transfer, by: Person, decision: Decision, reason: str = "seen in the records", **changes: Any
    ) -> str:
        evidence = changes.pop("evidence", None) or self.view(transfer).evidence
        resolution = Resolution(self.click(transfer, by, **changes), decision, reason, evidence)
        return self.desk.resolve(resolution, self.soon).result()

    def approve(self, transfer: Transfer, by: Person, **changes: Any) -> str:
        """Press Approve where no one-time code is asked for."""
        answer = self.desk.approve(self.click(transfer, by, **changes), self.soon).result()
        assert isinstance(answer, str), "a code is asked for"
        return answer

    def approve_with(self, code: str, transfer: Transfer, by: Person, **changes: Any) -> str:
        """Send the form with a one-time code."""
        return self.desk.approve_with_code(self.click(transfer, by, **changes), code, self.soon).result()

    def deny(self, transfer: Transfer, by: Person, **changes: Any) -> str:
        return self.desk.deny(self.click(transfer, by, **changes), self.soon).result()

    def freeze(
        self, exchange: str = "", by: Person = ALICE, reason: str = "a key leaked", key: str | None = None
    ) -> str:
        return self.desk.freeze(key or self.new_key(), by, exchange, reason, self.soon).result()

    def unfreeze(self, exchange: str = "", by: Person = CAROL, key: str | None = None) -> str:
        return self.desk.unfreeze(key or self.new_key(), by, exchange, self.soon).result()[0]

    # Shortcuts to a state

    def awaiting(self, text: str = COMMAND, by: Person = ALICE) -> Transfer:
        """A transfer that waits for approval, under rules that ask for one."""
        transfer = self.approved(text, by)
        assert transfer.state is State.AWAITING_APPROVAL, transfer.outcome
        return transfer

    def approved(self, text: str = COMMAND, by: Person = ALICE) -> Transfer:
        transfer = self.proposed(text, by)
        self.confirm(transfer, by)
        return self.get(transfer.id)

    def sending(self, text: str = COMMAND, by: Person = ALICE) -> Transfer:
        claimed = self.desk.claim(self.approved(text, by).id, SNAPSHOT).result()
        assert claimed is not None
        return claimed

    def settled(self, outcome: Outcome, text: str = COMMAND, by: Person = ALICE) -> Transfer:
        transfer = self.sending(text, by)
        self.desk.settle(transfer.id, outcome).result()
        return self.get(transfer.id)

    def unknown(self, text: str = COMMAND, by: Person = ALICE) -> Transfer:
        return self.settled(Unknown("no answer within 20 s"), text, by)

    def lost(self, text: str = COMMAND, by: Person = ALICE) -> Transfer:
        """An unknown sent so long ago that nothing more can come of it: people may settle it either way."""
        unknown = self.unknown(text, by)
        self.clock.advance(minutes=6)
        return unknown

    # What can be seen

    def get(self, transfer_id: int) -> Transfer:
        found = self.journal.run(lambda tx: tx.get(transfer_id)).result()
        assert found is not None
        return found

    def state(self, transfer: Transfer) -> str:
        return self.get(transfer.id).state.value

    def view(self, transfer: Transfer) -> View:
        found = self.desk.view(transfer.id).result()
        assert found is not None
        return found

    def frozen(self) -> dict[str, tuple[str, str]]:
        """What is frozen, by whom and why."""
        freezes = self.journal.run(lambda tx: tx.freezes.all()).result()
        return {freeze.exchange or "all": (freeze.actor, freeze.reason) for freeze in freezes}

    def events(self, kind: str | None = None) -> list[Event]:
        where, values = ("kind = ?", (kind,)) if kind else ("1", ())
        return self.journal.run(lambda tx: list(tx.events(where, *values))).result()

    def parcels(self, kind: str | None = None) -> list[Parcel]:
        """What waits to be told to Slack."""
        return [parcel for parcel in self.desk.parcels().result() if kind in (None, parcel.kind)]

    def post(self) -> None:
        """Deliver everything that waits, as Slack would: a card keeps the message it was first posted as."""
        for parcel in self.parcels():
            first = parcel.kind == "card" and not parcel.has_card
            self.desk.delivered(parcel, f"1795000000.{parcel.transfer_id:06d}" if first else None).result()

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look at the file from a connection of its own, as an auditor would."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return cast("list[tuple[Any, ...]]", connection.execute(sql, values).fetchall())
        finally:
            connection.close()

    def tamper(self, sql: str, *values: object) -> None:
        """Change the file behind the desk's back, from a connection as strict as the desk's own."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            connection.execute("PRAGMA recursive_triggers = 1")
            connection.execute(sql, values)
        finally:
            connection.close()

    def counts(self) -> dict[str, int]:
        """How many rows each table has: equal before and after means nothing was written."""
        tables = ("transfers", "events", "deliveries", "outbox", "approvals", "policies")
        return {table: self.read(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
