"""What the audit channel has seen of journals, held against what ours holds.

A database can be copied, or an old one put back, and nothing in it would tell. So every message to Slack names its
journal, and those in the audit channel carry the chain's head: a journal that has not got what the channel has seen is
not the one the desk went on with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sighting:
    """What one message of a desk says about the journal it came from.

    Attributes:
        journal: the journal's uuid.
        seq: number of the event it tells; 0 when it carries no head, as cards do not.
        hash: the chain's hash at that event; empty when there is none.
        transfer: id of the transfer it is about; 0 when it is about none.
        parcel: id of the outbox row it was; 0 when it was none.
    """

    journal: str
    seq: int = 0
    hash: str = ""
    transfer: int = 0
    parcel: int = 0


@dataclass(frozen=True)
class Farewell:
    """How far a journal had gone, as far as is known, when another one was made from its backup.

    Attributes:
        seq: its last event seen in the audit channel; None when nobody could look.
        transfer: its last transfer, seen there or named by whoever restored.
    """

    seq: int | None
    transfer: int


@dataclass(frozen=True)
class Past:
    """What our journal holds, as far as lines of the audit channel ask for it.

    Attributes:
        hashes: the hash of each of our events, by its number.
        farewells: the journals this one continues, by uuid.
    """

    journal: str
    seq: int
    hashes: Mapping[int, str]
    farewells: Mapping[str, Farewell]


def judge(lines: Sequence[Sighting], past: Past) -> str | None:
    """Return why a desk with this journal must not work, as a text with the ways out; None when all is well.

    Every line counts, not only the newest: of two copies that both went on, each may have had the last word.
    """
    for line in lines:
        problem = _ours(line, past) if line.journal == past.journal else _others(line, past)
        if problem is not None:
            return problem
    return None


def _ours(line: Sighting, past: Past) -> str | None:
    if line.seq > past.seq:
        return (
            f"this journal is behind: the audit channel has seen its event #{line.seq}, and it ends at #{past.seq}. It "
            f"is an old copy, or another desk runs on a copy. Stop that desk and use its database. {_ONLY_COPY}"
        )
    if line.seq and past.hashes.get(line.seq) != line.hash:
        return (
            f"this journal is forked: the audit channel has seen another event #{line.seq} of it than it holds. Two "
            f"copies of it were written. Stop every desk, and find out what the other one sent. {_ONLY_COPY}"
        )
    return None


def _others(line: Sighting, past: Past) -> str | None:
    name = line.journal[:8]
    farewell = past.farewells.get(line.journal)
    if farewell is None:
        return (
            f"another journal ({name}) writes to this audit channel. If another desk uses the channel, give this one a "
            "channel of its own. If the database was deleted, bring the journal back: `transferdesk restore` with the "
            "newest backup, or with the rescued copy beside the database"
        )
    if farewell.seq is not None and line.seq > farewell.seq:
        return (
            f"the journal this one was restored from ({name}) went on: the audit channel has seen its event "
            f"#{line.seq}, and at the restore its last was #{farewell.seq}. Stop that desk, and find out what it sent. "
            f"{_ONLY_COPY}"
        )
    if farewell.seq is None and line.transfer > farewell.transfer:
        return (
            f"the audit channel has seen T{line.transfer} of the journal this one was restored from ({name}), and the "
            f"restore was told that T{farewell.transfer} was the last. Restore again, without --offline"
        )
    return None


_ONLY_COPY = (
    "If this is all there is, `transferdesk backup` it and `transferdesk restore` that backup: whatever it still holds "
    "as unsent is then cancelled"
)
