"""No false alarms: whatever a desk did honestly, in this version or an older one, the audit has nothing to say.

So does the simulator at the end of every seed: `simulation.invariants`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from audited import assert_clean, audit, edit, first
from clock import VirtualClock
from desk_bench import SNAPSHOT, DeskBench
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot import desk
from bot.audit import kinds
from bot.desk.restoring import restore
from bot.errors import StartError
from bot.journal import Journal
from bot.journal.backup import back_up, put_back
from bot.transfers import Accepted

JOURNALS = Path(__file__).with_name("journals")
DESK = Path(desk.__file__).parent


def test_a_busy_journal_is_as_it_should_be_and_tells_nearly_every_kind_of_event(journal: Path) -> None:
    report = assert_clean(journal)
    assert (report.unjudged, report.partly) == (0, 0)
    connection = sqlite3.connect(journal)
    told = {kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM events")}
    every = {*kinds.FIRST, *kinds.OF_A_TRANSFER, *kinds.OF_THE_DESK}
    rare = {"not_sent", "blocked", "card_moved", "surplus", "late_answer", "reminded"}
    assert every - told == rare | {"policy_kept", "restored", "parked", "told", "exported"}
    ((events,),) = connection.execute("SELECT count(*) FROM events")
    assert (report.events, report.head.seq) == (events, events)
    connection.close()


def test_every_kind_of_event_the_desk_writes_is_known() -> None:
    texts = [path.read_text(encoding="utf-8") for path in DESK.rglob("*.py")]
    written = {kind for text in texts for kind in re.findall(r'tx\.event\(\s*"(\w+)"', text)}
    assert {"started", "approve_vote", "frozen", "restored", "told"} <= written
    assert written <= {*kinds.FIRST, *kinds.OF_A_TRANSFER, *kinds.OF_THE_DESK}


def test_beside_a_running_desk_one_moment_is_seen(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    assert assert_clean(bench.path).transfers == 1
    bench.unknown("20 usdt htx:spot -> htx:linear-swap")
    assert assert_clean(bench.path).transfers == 2


def test_a_backup_and_what_was_restored_from_it(bench: DeskBench, tmp_path: Path) -> None:
    backup = tmp_path / "desk.bak"
    bench.sending()
    bench.approved("20 usdt htx:linear-swap -> htx:spot")
    back_up(bench.path, backup)
    assert_clean(backup)
    bench.close()
    for _ in range(2):  # a restore of a restored one as well
        put_back(bench.path, backup, bench.clock.now(), lambda tx: restore(tx, (), 7))
        assert_clean(bench.path)
        bench.open()
        bench.unfreeze()
        bench.proposed("30 usdt htx:spot -> htx:linear-swap")
        assert_clean(bench.path)
        backup.unlink()
        back_up(bench.path, backup)
        bench.close()
    bench.open()


def test_a_card_that_was_moved_after_its_transfer_had_ended(bench: DeskBench) -> None:
    bench.ask("250 usdt coinw:maker -> coinw:arbitrage")
    bench.post()
    bench.confirm(bench.get(1))
    for outcome in (Accepted("1"), None):
        following = bench.desk.what_next("coinw").result().transfer
        assert following is not None
        assert bench.desk.claim(following.id, SNAPSHOT).result()
        if outcome is not None:
            bench.desk.settle(following.id, outcome).result()
    bench.restart(('["C01TREASURY"]', '["C03OTHER"]'))
    assert [event.transfer_id for event in bench.events("card_moved")] == [1, 2]
    assert_clean(bench.path)


@pytest.mark.parametrize("name", ["before_agreement", "before_touch"])
def test_a_journal_of_an_older_version(tmp_path: Path, clock: VirtualClock, name: str) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript((JOURNALS / f"{name}.sql").read_text(encoding="utf-8"))
    connection.close()
    before = path.read_bytes()
    report = assert_clean(path)
    assert report.partly > 0
    assert path.read_bytes() == before  # only looked at
    Journal(path, clock, threaded=False).close()
    assert assert_clean(path).partly == report.partly
    # What it told is enough for most: the seal is over team, key and rule.
    edit(path, "UPDATE transfers SET connection = '000000000000' WHERE id = 1")
    assert first(path).row == "T1"


def test_a_desk_goes_on_from_an_older_version(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "desk.db"
    connection = sqlite3.connect(path)
    connection.executescript((JOURNALS / "before_touch.sql").read_text(encoding="utf-8"))
    connection.close()
    bench = DeskBench(tmp_path, clock)
    bench.settled(Accepted("1"))
    bench.close()
    assert_clean(path)


def test_what_is_no_journal_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="there is no such file"):
        audit(tmp_path / "none.db")
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE notes (text)").connection.close()
    with pytest.raises(StartError, match="not the journal of a transferdesk"):
        audit(other)
