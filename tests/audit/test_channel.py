"""The audit channel as a witness: what a journal alone cannot show is shown by the heads the channel has seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from audited import audit, edit, rehash, rewrite
from desk_bench import DeskBench

from bot.audit import channel
from bot.audit.differences import Differences
from bot.audit.verify import hashes, reading, verify
from bot.desk.restoring import restore
from bot.journal.backup import back_up, looking_at, put_back
from bot.transfers import Accepted
from bot.witness import Sighting


def told(path: Path) -> list[Sighting]:
    """What the channel has seen of a journal: a line about every third event, and the last."""
    with looking_at(path) as tx:
        name = tx.uuid
        return [Sighting(name, event.seq, event.hash) for event in tx.events("seq % 3 = 0 OR seq = ?", tx.head().seq)]


def compared(path: Path, lines: list[Sighting]) -> Differences:
    with reading(path) as db:
        report = verify(db, path)
        known = hashes(db, channel.asked(lines))
        channel.compare(lines, report.head, report.names, known, report.differences)
    return report.differences


def said(path: Path, lines: list[Sighting]) -> str:
    found = compared(path, lines).first
    assert found is not None, "nothing was found"
    return str(found)


def test_what_the_channel_has_seen_is_what_the_journal_holds(journal: Path) -> None:
    assert compared(journal, told(journal)).first is None


def test_a_tail_that_was_cut_off_is_seen_by_the_channel_alone(journal: Path) -> None:
    lines = told(journal)
    last = lines[-1].seq
    # The last thing that happened is a proposal, which takes its row with it.
    edit(
        journal,
        f"DELETE FROM events WHERE seq >= {last}",
        "DELETE FROM transfers WHERE id NOT IN (SELECT transfer_id FROM events WHERE transfer_id IS NOT NULL)",
    )
    assert audit(journal).differences.first is None
    assert said(journal, lines).startswith(
        f"channel line of #{last} of journal {lines[0].journal[:8]}: event is missing: the tail was cut off after "
        f"#{last - 1}, expected there, as the channel has seen it"
    )


def test_a_history_that_was_rewritten_is_seen_by_the_channel_alone(journal: Path) -> None:
    lines = told(journal)
    seq = rewrite(journal, "turned_away", 0, lambda row, data: data.update(why="No reason."))
    assert audit(journal).differences.first is None
    differences = compared(journal, lines)
    assert differences.first is not None
    assert differences.first.seq == min(line.seq for line in lines if line.seq >= seq)
    assert "expected " + next(line.hash for line in lines if line.seq >= seq) in str(differences.first)
    assert differences.total == sum(line.seq >= seq for line in lines)


def test_a_line_of_another_journal_is_foreign(journal: Path) -> None:
    stranger = Sighting("ab" * 16, 4, "c" * 64)
    assert "journal is abababab, expected" in said(journal, [*told(journal), stranger])


def test_a_channel_that_has_seen_nothing_of_it_is_no_witness(journal: Path) -> None:
    assert "number is none, expected one at least" in said(journal, [])


def test_a_line_without_a_head_says_only_whose_it_is(journal: Path) -> None:
    lines = told(journal)
    assert compared(journal, [*lines, replace(lines[0], seq=0, hash="", transfer=7)]).first is None


class Restored:
    """A journal, the one it was restored from, and what the channel had seen of that one."""

    def __init__(self, bench: DeskBench, looked: bool) -> None:
        self.bench = bench
        backup = bench.folder / "desk.bak"
        bench.settled(Accepted("1"))
        self.head = back_up(bench.path, backup)
        bench.settled(Accepted("2"), "20 usdt htx:spot -> htx:linear-swap")  # after the backup, so lost
        self.before = told(bench.path)
        assert self.before[-1].seq > self.head.seq
        bench.close()
        put_back(bench.path, backup, bench.clock.now(), lambda tx: restore(tx, self.before if looked else None, 9))
        bench.open()

    @property
    def lines(self) -> list[Sighting]:
        return [*self.before, *told(self.bench.path)]


@pytest.mark.parametrize("looked", [True, False])
def test_lines_of_the_journal_it_was_restored_from_are_its_own_past(bench: DeskBench, looked: bool) -> None:
    restored = Restored(bench, looked)
    assert compared(bench.path, restored.lines).first is None


def test_the_past_it_shares_with_that_journal_must_be_the_same(bench: DeskBench) -> None:
    restored = Restored(bench, looked=True)
    other = replace(restored.before[0], hash="d" * 64)
    assert f"expected {'d' * 64}, as the channel has seen it" in said(bench.path, [*restored.lines, other])


def test_that_journal_going_on_after_the_restore_is_named(bench: DeskBench) -> None:
    restored = Restored(bench, looked=True)
    last = restored.before[-1]
    lines = [*restored.lines, replace(last, seq=last.seq + 1, hash="d" * 64)]
    assert f"expected at most #{last.seq}, its last one at the restore" in said(bench.path, lines)


def test_a_chain_computed_anew_after_a_change_of_the_tables_too_is_seen(journal: Path) -> None:
    lines = told(journal)
    edit(journal, "DELETE FROM events WHERE kind = 'turned_away' OR kind = 'tries'")
    rehash(journal)
    assert audit(journal).differences.first is None
    assert compared(journal, lines).total > 0
