"""A journal, or an export of one, held against every line of desks the audit channel has seen. Pure.

Whoever rewrites a journal can compute its chain anew; the channel still holds the heads there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.audit.differences import Differences
from bot.audit.names import Names
from bot.journal.chain import Head
from bot.witness import Sighting


def asked(lines: Iterable[Sighting]) -> frozenset[int]:
    """Return the numbers of the events whose hashes `compare` needs."""
    return frozenset(line.seq for line in lines if line.seq)


def compare(
    lines: Iterable[Sighting],
    head: Head,
    names: Names,
    hashes: Mapping[int, str],
    differences: Differences,
    is_whole: bool = True,
) -> int:
    """Note what the channel has seen otherwise. Returns how many lines there are that name this journal.

    Args:
        lines: read before the journal was: what they tell was in it by then.
        head: where what is compared ends.
        hashes: of the events that were `asked` for, as far as they are there.
        is_whole: what is compared is the journal as it is now, not an export of some time ago.
    """
    own = 0
    present = names.present or head.journal
    for line in sorted(set(lines), key=lambda line: (line.seq, line.hash, line.journal)):
        name = line.journal[:8]
        row = f"line of #{line.seq} of journal {name}"
        if line.journal == present:
            own += 1
            if line.seq > head.seq and not is_whole:
                continue
            _same(line, row, head.seq, hashes, differences)
        elif line.journal not in names.farewells:
            differences.add("channel", row, "journal", name, f"{present[:8]}, or a name this journal had", line.seq)
        else:
            farewell = names.farewells[line.journal]
            common = names.ancestors.get(line.journal, 0)
            if farewell is not None and line.seq > farewell:
                expected = f"at most #{farewell}, its last one at the restore; that journal went on"
                differences.add("channel", row, "seq", f"#{line.seq}", expected, line.seq)
            elif line.seq <= common:
                _same(line, row, common, hashes, differences)
    if not own:
        differences.add("channel", f"lines of journal {present[:8]}", "number", "none", "one at least", head.seq)
    return own


def _same(line: Sighting, row: str, last: int, hashes: Mapping[int, str], differences: Differences) -> None:
    if line.seq > last:
        found = f"missing: the tail was cut off after #{last}"
        differences.add("channel", row, "event", found, "there, as the channel has seen it", line.seq)
    elif line.seq and hashes.get(line.seq) != line.hash:
        found = hashes.get(line.seq, "missing")
        differences.add("channel", row, "hash", found, f"{line.hash}, as the channel has seen it", line.seq)
