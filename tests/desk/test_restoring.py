"""Going on from a backup: nothing is sent from it, no id is given twice, and the journal is another one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from desk_bench import CAROL, DAN, DeskBench

from bot.desk import Decision
from bot.desk.restoring import UNSENT, Restored, past, restore
from bot.evidence import Balance, Line, Reading
from bot.journal.backup import back_up, put_back
from bot.transfers import FINAL, WITHOUT_ANSWER, Accepted, State, Transfer
from bot.witness import Farewell, Sighting, judge
from bot.words import RESTORED_FROZEN


class Spare:
    """A backup of a desk with something in every state, and the restore of it."""

    def __init__(self, bench: DeskBench) -> None:
        self.bench = bench
        self.file = bench.folder / "desk.bak"
        self.sending = bench.sending()
        self.approved = bench.approved("20 usdt htx:linear-swap -> htx:spot")
        self.proposed = bench.proposed("30 usdt coinw:master -> coinw:maker")
        self.done = bench.settled(Accepted("900001"), "40 usdt coinw:maker -> coinw:master")
        self.head = back_up(bench.path, self.file)

    def restore(self, sightings: Sequence[Sighting] | None = (), last_id: int = 0) -> Restored:
        """Put it back and open the desk on it."""
        self.bench.close()
        now = self.bench.clock.now()
        restored, _ = put_back(self.bench.path, self.file, now, lambda tx: restore(tx, sightings, last_id))
        assert self.bench.open() == 0  # nothing is left for the start to find
        return restored

    def problem(self, *sightings: Sighting) -> str | None:
        return judge(sightings, self.bench.journal.run(lambda tx: past(tx, sightings)).result())

    def seen(self, seq: int, transfer: int = 0) -> Sighting:
        return Sighting(self.head.journal, seq, "e" * 64, transfer, 50)


@pytest.fixture
def spare(bench: DeskBench) -> Spare:
    return Spare(bench)


def test_what_was_not_sent_is_cancelled_and_what_was_being_sent_is_unknown(spare: Spare) -> None:
    restored = spare.restore()
    states = {name: spare.bench.state(getattr(spare, name)) for name in ("sending", "approved", "proposed", "done")}
    assert states == {"sending": "unknown", "approved": "cancelled", "proposed": "cancelled", "done": "succeeded"}
    assert restored.cancelled == (spare.proposed.name, spare.approved.name)
    assert restored.unknown == (spare.sending.name,)


def test_a_restored_desk_has_nothing_to_send(spare: Spare) -> None:
    spare.restore()
    for exchange in ("htx", "coinw"):
        assert spare.bench.desk.what_next(exchange).result().transfer is None


def test_it_begins_frozen_as_a_freeze_of_after_the_backup_is_not_in_it(spare: Spare) -> None:
    spare.bench.freeze()
    spare.restore()
    assert spare.bench.frozen() == {"all": ("desk", RESTORED_FROZEN)}
    assert "is frozen by desk" in spare.bench.ask().lower()
    assert [event.data["reason"] for event in spare.bench.events("frozen")] == [RESTORED_FROZEN]
    assert "carol unfroze everything" in spare.bench.unfreeze()
    spare.bench.proposed()


def test_nobody_is_told_that_nothing_was_sent_since_the_desk_may_have_sent_it_after_the_backup(spare: Spare) -> None:
    spare.restore()
    outcome = spare.bench.get(spare.approved.id).outcome or ""
    assert "othing was sent" not in outcome
    assert "look there before repeating it" in outcome


def test_what_the_audit_channel_has_seen_end_since_is_said_of_those_it_concerns(spare: Spare) -> None:
    end = spare.head.seq
    spare.restore([spare.seen(end + 4, spare.sending.id), spare.seen(end + 2, spare.approved.id), spare.seen(3, 3)])
    told = {name: spare.bench.get(getattr(spare, name).id).outcome for name in ("sending", "approved", "proposed")}
    line = f"The audit channel has a later line about it, #{{}} of journal {spare.head.journal[:8]}."
    assert str(told["sending"]).endswith(line.format(end + 4))
    assert str(told["approved"]).endswith(line.format(end + 2))
    assert "later line" not in str(told["proposed"])


def test_every_card_is_edited_and_every_change_told_in_the_audit_channel(spare: Spare) -> None:
    spare.restore()
    changed = {spare.sending.id, spare.approved.id, spare.proposed.id}
    assert changed <= {parcel.transfer_id for parcel in spare.bench.parcels("card")}
    assert changed <= {parcel.transfer_id for parcel in spare.bench.parcels("audit")}
    kinds = [(event.kind, event.transfer_id) for event in spare.bench.events() if event.seq > spare.head.seq]
    assert kinds[0] == ("restored", None)
    assert set(kinds[1:4]) == {
        ("cancelled", spare.proposed.id), ("cancelled", spare.approved.id), ("unknown", spare.sending.id),
    }  # fmt: skip


def test_the_restored_journal_has_another_name_and_says_which_it_continues(spare: Spare) -> None:
    restored = spare.restore([spare.seen(spare.head.seq + 9)])
    (event,) = spare.bench.events("restored")
    uuid = spare.bench.desk.uuids().result()[-1]
    assert uuid == restored.journal != spare.head.journal
    assert (event.data["previous"], event.data["seq"], event.data["hash"]) == (
        spare.head.journal, spare.head.seq, spare.head.hash,
    )  # fmt: skip
    assert event.data["witnessed"] == {spare.head.journal: spare.head.seq + 9}
    assert event.data["journal"] == uuid


@pytest.mark.parametrize(
    ("sightings", "last_id", "following"),
    [
        ((), 0, 5),
        ((Sighting("0a" * 16, transfer=9),), 0, 10),
        ((Sighting("0a" * 16, transfer=2),), 0, 5),
        (None, 57, 58),
        (None, 0, 5),
        ((Sighting("0a" * 16, transfer=9),), 20, 21),
    ],
)
def test_ids_go_on_after_the_last_one_anybody_has_seen(
    spare: Spare, sightings: Sequence[Sighting] | None, last_id: int, following: int
) -> None:
    restored = spare.restore(sightings, last_id)
    assert (restored.last_kept, restored.last_given) == (4, following - 1)
    spare.bench.unfreeze()
    assert spare.bench.proposed().id == following


def test_rows_of_the_outbox_are_numbered_on_too_and_those_that_wait_are_looked_for(spare: Spare) -> None:
    waiting = [parcel.id for parcel in spare.bench.parcels()]
    assert waiting
    spare.restore([spare.seen(1)])
    tried = dict(spare.bench.read("SELECT id, tried_at FROM outbox WHERE state = 'pending'"))
    assert all(tried[number] for number in waiting)
    new = {number for number in tried if number > 50}
    assert new
    assert not any(tried[number] for number in new)
    edited = set(tried) - new - set(waiting)  # cards that are known to be there
    assert not any(tried[number] for number in edited)


def test_what_slack_would_not_take_before_the_backup_is_looked_for_too(bench: DeskBench) -> None:
    bench.proposed()
    bench.cancel_by_command(1)
    for parcel in bench.parcels("audit"):
        bench.desk.park(parcel, "not_in_channel").result()
    Spare(bench).restore()
    rows = bench.read("SELECT tried_at FROM outbox WHERE kind = 'audit' AND transfer_id = 1")
    assert rows
    assert all(tried_at for (tried_at,) in rows)


# What the audit channel is held against afterwards -------------------------------------------------------------------


def test_the_restored_journal_may_work_after_what_was_seen_of_the_old_one(spare: Spare) -> None:
    last = spare.seen(spare.head.seq + 9, 6)
    spare.restore([last])
    assert spare.problem(last) is None


def test_the_old_journal_going_on_is_noticed(spare: Spare) -> None:
    spare.restore([spare.seen(spare.head.seq + 9)])
    assert "went on" in (spare.problem(spare.seen(spare.head.seq + 10)) or "")


def test_of_a_journal_never_seen_the_backup_itself_is_what_was_seen(spare: Spare) -> None:
    spare.restore()
    assert spare.problem(spare.seen(spare.head.seq)) is None
    assert "went on" in (spare.problem(spare.seen(spare.head.seq + 1)) or "")


def test_restored_without_slack_the_named_id_is_held_against_the_channel(spare: Spare) -> None:
    spare.restore(None, 6)
    assert spare.problem(spare.seen(900, transfer=6)) is None
    assert "T7" in (spare.problem(spare.seen(900, transfer=7)) or "")


def test_a_second_restore_of_the_same_backup_knows_the_first(spare: Spare) -> None:
    first = spare.restore()
    end = spare.bench.journal.run(lambda tx: tx.head()).result()
    seen = [Sighting(end.journal, end.seq, end.hash, 8, 60), spare.seen(spare.head.seq)]
    second = spare.restore(seen)
    assert len({first.journal, second.journal, spare.head.journal}) == 3
    held = spare.bench.journal.run(lambda tx: past(tx, seen)).result()
    assert held.farewells == {first.journal: Farewell(end.seq, 8), spare.head.journal: Farewell(spare.head.seq, 8)}
    assert spare.problem(*seen) is None


def test_a_restore_of_a_restored_journal_keeps_every_farewell(bench: DeskBench, tmp_path: Path) -> None:
    first = Spare(bench)
    first.restore([first.seen(first.head.seq)])
    end = bench.journal.run(lambda tx: tx.head()).result()
    again = tmp_path / "again.bak"
    back_up(bench.path, again)
    first.file = again
    first.restore([Sighting(end.journal, end.seq, end.hash)])
    assert first.problem(first.seen(first.head.seq), Sighting(end.journal, end.seq, end.hash)) is None
    assert "went on" in (first.problem(first.seen(first.head.seq + 1)) or "")


def test_every_state_is_either_restored_or_already_settled_or_without_an_answer() -> None:

    assert set(UNSENT) | FINAL | WITHOUT_ANSWER == set(State)


def test_the_seal_of_a_cancelled_transfer_still_fits(spare: Spare) -> None:
    spare.restore()
    kept: Transfer = spare.bench.get(spare.approved.id)
    assert kept.seal == kept.seal_now()


def test_after_a_restore_evidence_alone_settles_nothing_that_was_sent_before_it(spare: Spare) -> None:
    """Successes since the backup are missing, so a line of theirs would be taken for the lost one's."""
    bench = spare.bench
    spare.restore()
    bench.unfreeze()
    seen = Reading((Line("a", bench.clock.now()),), Balance.MOVED, ())
    bench.desk.looked(spare.sending.id, seen).result()
    assert bench.state(spare.sending) == "unknown"
    assert "one more admin" in bench.resolve(bench.get(spare.sending.id), CAROL, Decision.EXECUTED)
    bench.resolve(bench.get(spare.sending.id), DAN, Decision.EXECUTED)
    lost = bench.unknown("50 usdt htx:spot -> htx:linear-swap")
    bench.desk.looked(lost.id, seen).result()
    assert bench.state(lost) == "succeeded"
