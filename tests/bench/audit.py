"""How long an audit of a large journal takes, and how much memory: verify, export, history, limits.

    python tests/bench/audit.py [EVENTS] [--json]

The journal is written straight into the tables, with a real chain, and such that all of it is as it should be: every
second transfer takes an approval. Verify and export run as processes of their own, as for a person.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from resource import struct_rusage
from time import perf_counter, sleep
from typing import Any

from figures import ROOT, Figure, Part, mb, ms, show
from procfs import look

sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from clock import VirtualClock  # noqa: E402 - only now can it be found
from desk_bench import ALICE, BOB, CAROL, CHANNEL, KEYS, RULES, TEAM, rule_says  # noqa: E402

from bot.accounts import Account, Route  # noqa: E402
from bot.audit.record import NAMES  # noqa: E402
from bot.clock import to_text  # noqa: E402
from bot.config import config_of  # noqa: E402
from bot.desk.house import facts  # noqa: E402
from bot.journal import DESK, Journal, Transaction  # noqa: E402
from bot.journal.backup import looking_at  # noqa: E402
from bot.journal.chain import GENESIS, canonical, link  # noqa: E402
from bot.journal.transaction import _values  # noqa: E402
from bot.transfers import State, Transfer  # noqa: E402

EVENTS = 1_000_000
LIMITS = ('per_day = "100000000"', 'per_person_per_day = "90000000"')
TIERS = 'approvals = [{ above = "500", count = 1, from = "treasurers" }]'
POLICY = config_of(RULES.replace(*rule_says(*LIMITS, TIERS)), "desk.toml")
SPOT, SWAP = Account("htx", "spot"), Account("htx", "linear-swap")
EVERY = timedelta(minutes=1)
SOON = timedelta(seconds=2)
BATCH = 5000
LOOK_EVERY_S = 0.01


class Writer:
    """Writes events and transfers in batches, each event linked to the one before."""

    def __init__(self, journal: Journal, begun: datetime) -> None:
        self.seq, self.hash, self.now = 0, GENESIS, begun
        self.events: list[tuple[Any, ...]] = []
        self.transfers: list[list[Any]] = []
        self.votes: list[tuple[Any, ...]] = []
        self._journal = journal

    def event(self, kind: str, actor: str, transfer: Transfer | None = None, **data: Any) -> None:
        at, text = to_text(self.now), canonical({"policy": POLICY.hash, **data})
        transfer_id = transfer.id if transfer else None
        self.seq, before = self.seq + 1, self.hash
        self.hash = link(self.seq, at, transfer_id, kind, actor, text, before)
        self.events.append((self.seq, at, transfer_id, kind, actor, text, before, self.hash))

    def move(self, transfer: Transfer, state: State, actor: str = DESK, **changes: Any) -> Transfer:
        data = changes.pop("data", {})
        after = replace(transfer, state=state, **changes)
        self.event(state.value, actor, after, **facts(after), before=transfer.state.value, **data)
        return after

    def flush(self) -> None:
        def write(tx: Transaction) -> None:
            run = tx._db.conn.executemany
            marks = ", ".join("?" * (len(NAMES) + 2))
            run(f"INSERT INTO transfers VALUES ({marks})", self.transfers)
            run("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self.events)
            run("INSERT INTO approvals VALUES (?, ?, ?, ?, ?, ?)", self.votes)

        self._journal.run(write).result()
        self.events, self.transfers, self.votes = [], [], []


def drafted(number: int, now: datetime) -> Transfer:
    route = Route(SPOT, SWAP) if number % 2 else Route(SWAP, SPOT)
    rule = POLICY.rules[0]
    return Transfer(
        id=number,
        version=1,
        state=State.PROPOSED,
        route=route,
        currency="USDT",
        amount=Decimal(750 if number % 4 < 2 else 250) + Decimal(number % 97) / 100,
        margin_account="USDT",
        connection=KEYS["htx"],
        requester=(ALICE if number % 3 else BOB).user,
        team=TEAM,
        channel=CHANNEL,
        card_ts=f"1795000000.{number:06d}",
        rule=rule.name,
        rule_hash=rule.hash,
        policy_hash=POLICY.hash,
        seal="",
        created_at=now,
        deadline=now + POLICY.confirm_within,
    )


def live(writer: Writer, number: int) -> None:
    """One transfer from proposal to success."""
    transfer = drafted(number, writer.now)
    tier = POLICY.rules[0].tier("USDT", transfer.amount)
    transfer = replace(transfer, approvals_needed=tier.count if tier else 0).sealed()
    asked = f"{transfer.amount} usdt {transfer.route}"
    more = {"asked": asked, "approvals": transfer.approvals_needed, "tier": str(tier or ""), "equal": []}
    writer.event("proposed", transfer.requester, transfer, **facts(transfer), **more)
    writer.now += SOON
    actor = transfer.requester
    if tier is not None:
        asks = {"asks": str(tier), "approvers": sorted(tier.wanted(actor, ()))}
        deadline = writer.now + POLICY.approve_within
        transfer = writer.move(transfer, State.AWAITING_APPROVAL, actor, data=asks, deadline=deadline)
        writer.now += SOON
        actor = CAROL.user
        said = {"decision": "approved", "missing": 0, "second_factor": False}
        writer.event("approve_vote", actor, transfer, **facts(transfer), **said)
        writer.votes.append((number, 1, actor, "approved", transfer.seal, to_text(writer.now)))
    reserved = {"reserved_at": writer.now, "deadline": writer.now + POLICY.send_within}
    agreed = {"approvers": [actor]} if tier is not None else {}
    transfer = writer.move(transfer, State.APPROVED, actor, data=agreed, **reserved)
    writer.now += SOON
    evidence = {"evidence": {"balance": "5000", "read_at": to_text(writer.now)}, "lines": [], "user": "63628520"}
    transfer = writer.move(transfer, State.SENDING, data=evidence, sent_at=writer.now, deadline=None)
    writer.now += SOON
    reference = f"9000{number}"
    transfer = writer.move(
        transfer,
        State.SUCCEEDED,
        exchange_reference=reference,
        outcome=f"The exchange's reference is {reference}.",
        settled_at=writer.now,
        deadline=None,
    )
    writer.transfers.append([number, *_values(transfer)])
    writer.now += EVERY - 4 * SOON


def write(path: Path, events: int) -> None:
    """Make a journal of about so many events."""
    clock = VirtualClock()
    journal = Journal(path, clock, threaded=False)
    writer = Writer(journal, clock.now())

    def begin(tx: Transaction) -> None:
        tx.keep_policy(POLICY.hash, POLICY.text)
        writer.event("started", DESK, journal=tx.uuid, version="0", sqlite="0")

    journal.run(begin).result()
    number = 0
    while writer.seq < events:
        number += 1
        live(writer, number)
        if number % 10 == 0:
            writer.event("turned_away", "U66STRANGER", team=TEAM, channel=CHANNEL, attempt="250 usdt", why="No.")
        if len(writer.events) >= BATCH:
            writer.flush()
    writer.flush()
    journal.close()


def measured(what: str, *command: str, database: Path) -> Figure:
    """Run a command of the desk's, and end where it fails."""
    environment = os.environ | {"TRANSFERDESK_DATABASE": str(database), "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile("w+") as said:
        begun = perf_counter()
        arguments = [sys.executable, "-m", "bot", *command]
        process = subprocess.Popen(arguments, env=environment, stdout=said, stderr=subprocess.STDOUT)
        peak, status, used = watched(process)
        took_s = perf_counter() - begun
        said.seek(0)
        assert status == 0, said.read()
    cpu_s = used.ru_utime + used.ru_stime
    return Figure(what, f"{took_s:,.1f} s", f"{cpu_s:,.1f} s of a processor, {mb(peak)} at most")


def watched(process: subprocess.Popen[bytes]) -> tuple[int, int, struct_rusage]:
    """Wait for a process. Returns the most memory it was seen to hold, how it ended and what it used."""
    peak = 0
    while True:
        with suppress(ProcessLookupError):
            peak = look(process.pid).peak
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            return peak, process.returncode, used
        sleep(LOOK_EVERY_S)


def queries(database: Path) -> Iterator[Figure]:
    """What a person waits for: the last transfers, and what counts against limits."""
    with looking_at(database) as tx:
        latest = next(tx.select("id > 0", order="id DESC", limit=1))
        tx.now = latest.settled_at or tx.now
        begun = perf_counter()
        assert len(list(tx.select("team = ?", TEAM, order="id DESC", limit=10))) == 10
        yield Figure("the last ten of a workspace", ms(perf_counter() - begun))
        begun = perf_counter()
        spent = sum(1 for _ in tx.spent("USDT"))
        yield Figure(f"the {spent:,} that count against limits", ms(perf_counter() - begun))


def measure() -> Part:
    events = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), EVENTS)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "desk.db"
        write(database, events)
        setting = f"A journal of {events:,} events, {mb(database.stat().st_size / 1024)}; each command a new process."
        figures = [
            measured("--help, for its memory", "--help", database=database),
            measured("audit export", "audit", "export", str(Path(folder) / "export"), database=database),
            measured("audit verify", "audit", "verify", database=database),
            *queries(database),
        ]
    return Part("An audit of everything", "python tests/bench/audit.py", setting, figures)


if __name__ == "__main__":
    show(measure)
