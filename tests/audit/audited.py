"""Journals to audit, and the hand of somebody who changes them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clock import VirtualClock
from desk_bench import ALICE, BOB, CAROL, DAN, ERIN, SNAPSHOT, STRANGER, DeskBench, rule_says
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]
from tampering import disarm

from bot.audit.differences import Difference
from bot.audit.verify import Report, reading, verify
from bot.desk import Decision
from bot.evidence import Balance, Line, Reading
from bot.journal.chain import GENESIS, link
from bot.transfers import Accepted, Refused, Unknown

RULE = rule_says(
    'per_day = "5000"',
    'per_person_per_day = "4000"',
    'approvals = [{ above = "200", count = 2, from = "treasurers" }]',
)
ROUTE, BACK = "htx:spot -> htx:linear-swap", "htx:linear-swap -> htx:spot"


def audit(path: Path) -> Report:
    with reading(path) as db:
        return verify(db, path)


def first(path: Path) -> Difference:
    found = audit(path).differences.first
    assert found is not None, "nothing was found"
    return found


def assert_clean(path: Path) -> Report:
    report = audit(path)
    assert report.differences.first is None, str(report.differences.first)
    return report


def edit(path: Path, *statements: str | tuple[str, list[Any]]) -> None:
    """Change a file as somebody with a tool does, who knows his way around triggers and keys."""
    connection = sqlite3.connect(path, isolation_level=None)
    disarm(connection)
    for statement in statements:
        sql, values = (statement, []) if isinstance(statement, str) else statement
        connection.execute(sql, values)
    connection.close()


def rehash(path: Path) -> None:
    """Compute the chain anew, numbers and all, so that nothing of it is broken."""
    connection = sqlite3.connect(path, isolation_level=None)
    rows = connection.execute("SELECT at, transfer_id, kind, actor, data FROM events ORDER BY seq").fetchall()
    previous, fresh = GENESIS, []
    for seq, row in enumerate(rows, start=1):
        digest = link(seq, *row, previous)
        fresh.append((seq, *row, previous, digest))
        previous = digest
    connection.execute("DELETE FROM events")
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
    connection.close()


def rewrite(path: Path, kind: str, number: int, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> int:
    """Change one event of a kind, and compute the chain anew. Returns the event's number.

    Args:
        number: which one of that kind, from 0.
        change: is given the row and its data to change.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    found = connection.execute("SELECT * FROM events WHERE kind = ? ORDER BY seq", [kind]).fetchall()[number]
    connection.close()
    row = dict(found)
    data = json.loads(row["data"])
    change(row, data)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sql = "UPDATE events SET at = ?, transfer_id = ?, kind = ?, actor = ?, data = ? WHERE seq = ?"
    values = [row["at"], row["transfer_id"], row["kind"], row["actor"], text, row["seq"]]
    edit(path, (sql, values))
    rehash(path)
    return int(row["seq"])


def busy(folder: Path) -> Path:
    """The journal of a desk on which nearly everything happened that can."""
    clock = VirtualClock()
    bench = DeskBench(folder, clock)
    bench.restart(RULE)
    for _ in range(3):
        bench.ask(by=STRANGER)
    bench.settled(Accepted("900001"), f"100 usdt {ROUTE} reason margin call")
    _approved_by_two(bench)
    _ended_unsent(bench)
    _lost(bench)
    _in_two_steps(bench)
    _frozen(bench)
    clock.advance(days=1)
    bench.desk.tell_head().result()
    _asked_again(bench)
    bench.restart()
    bench.proposed(f"150 usdt {ROUTE}")
    bench.post()
    bench.close()
    return bench.path


def copied(busy: Path, to: Path) -> Path:
    path = to / "desk.db"
    shutil.copy(busy, path)
    return path


def _send(bench: DeskBench, exchange: str, outcome: Any) -> None:
    following = bench.desk.what_next(exchange).result().transfer
    assert following is not None
    assert bench.desk.claim(following.id, SNAPSHOT).result() is not None
    bench.desk.settle(following.id, outcome).result()


def _approved_by_two(bench: DeskBench) -> None:
    transfer = bench.awaiting(f"500 usdt {ROUTE}")
    bench.approve(transfer, CAROL)
    bench.approve(transfer, DAN)
    _send(bench, "htx", Refused("1300", "Insufficient amount available."))


def _ended_unsent(bench: DeskBench) -> None:
    denied = bench.awaiting(f"400 usdt {ROUTE}", BOB)
    bench.approve(denied, CAROL)
    bench.deny(denied, ERIN)
    bench.cancel(bench.proposed(f"20 usdt {ROUTE}"))
    bench.proposed(f"30 usdt {ROUTE}")
    bench.clock.advance(minutes=11)
    bench.desk.expire_due().result()


def _lost(bench: DeskBench) -> None:
    lost = bench.unknown(f"50 usdt {ROUTE}")
    bench.desk.looked(lost.id, "The records could not be read: HTTP 502.").result()
    bench.clock.advance(minutes=7)
    for admin in (CAROL, DAN):
        bench.resolve(lost, admin, Decision.NOT_EXECUTED)
    seen = bench.unknown(f"60 usdt {ROUTE}")
    line = Line("a", bench.clock.now())
    bench.desk.looked(seen.id, Reading((line,), Balance.MOVED, ("HTX's ledger was read.",))).result()
    assert bench.state(seen) == "succeeded"
    bench.post()
    late = bench.unknown(f"70 usdt {ROUTE}")
    bench.desk.settle(late.id, Accepted("900002")).result()


def _in_two_steps(bench: DeskBench) -> None:
    bench.ask("80 usdt coinw:maker -> coinw:arbitrage", BOB)
    bench.post()
    ((number,),) = bench.read("SELECT max(id) - 1 FROM transfers")
    bench.confirm(bench.get(number), BOB)
    for outcome in (Accepted("1"), Unknown("no answer within 20 s"), Accepted("2")):
        if bench.read("SELECT 1 FROM transfers WHERE state = 'unknown'"):
            bench.desk.settle(number + 1, outcome).result()
        else:
            _send(bench, "coinw", outcome)


def _frozen(bench: DeskBench) -> None:
    bench.approved(f"90 usdt {BACK}")
    bench.freeze("htx", ALICE)
    assert bench.desk.what_next("htx").result().transfer is None
    bench.unfreeze("htx", CAROL)
    bench.freeze("", DAN, "an audit")
    bench.unfreeze("", ERIN)
    _send(bench, "htx", Accepted("900003"))
    bench.freeze("coinw", ALICE)


def _asked_again(bench: DeskBench) -> None:
    transfer = bench.awaiting(f"300 usdt {ROUTE}")
    bench.approve(transfer, CAROL)
    bench.reload(('per_day = "5000"', 'per_day = "6000"'))
    bench.post()
    bench.confirm(bench.get(transfer.id))
    bench.approve(bench.get(transfer.id), DAN)
    bench.approve(bench.get(transfer.id), ERIN)
    _send(bench, "htx", Unknown("no answer within 20 s"))
