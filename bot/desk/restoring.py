"""Going on from a backup: nothing in it that was not sent may be sent from it, and no id is given twice. Nothing else
is sent either before an admin has lifted the freeze it begins with.

The desk the backup was made of may have gone on for a while. What it did then is not in the backup; the audit channel
knows how far it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot import words
from bot.desk.freezing import Order, stop
from bot.desk.house import move
from bot.journal import DESK, EVERYTHING, Head, Transaction
from bot.transfers import State
from bot.witness import Farewell, Past, Sighting

# A step that waits ends before the one it waits for, with what is to be said of it.
UNSENT = (State.WAITING, State.PROPOSED, State.AWAITING_APPROVAL, State.APPROVED)


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Attributes:
        previous: the journal the backup was made of, and where it ended.
        journal: the uuid of the journal it has become.
        last_kept: the last transfer the backup holds.
        last_given: the last transfer known to have been given; the next one follows it.
    """

    previous: Head
    journal: str
    cancelled: tuple[str, ...]
    unknown: tuple[str, ...]
    last_kept: int
    last_given: int


def restore(tx: Transaction, lines: Sequence[Sighting] | None, last_id: int = 0) -> Restored:
    """Turn a copy of a backup into a journal of its own.

    Args:
        lines: what Slack has seen of desks; None when nobody could look.
        last_id: in that case the last transfer id anybody has seen.
    """
    previous, last_kept = tx.head(), tx.last_transfer()
    last_given = max(last_kept, last_id, *(line.transfer for line in lines or ()))
    journal = tx.begin_anew(
        last_given,
        max((line.parcel for line in lines or ()), default=0),
        kin=[line.journal for line in lines or ()],
    )
    tx.event(
        "restored",
        DESK,
        previous=previous.journal,
        seq=previous.seq,
        hash=previous.hash,
        journal=journal,
        witnessed=_witnessed(previous, lines),
        last_transfer=last_given,
    )
    unsent = [transfer for state in UNSENT for transfer in tx.select("state = ?", state.value)]
    sending = list(tx.select("state = ?", State.SENDING.value))
    told = {
        seen.transfer: f" {words.RESTORED_SEEN.format(seq=seen.seq, journal=seen.journal[:8])}"
        for seen in reversed(lines or ())
        if seen.journal == previous.journal and seen.seq > previous.seq
    }
    # Not "nothing was sent": between the backup and the loss of its database the desk may have sent it.
    for transfer in unsent:
        move(tx, transfer, State.CANCELLED, outcome=words.RESTORED_UNSENT + told.get(transfer.id, ""))
    for transfer in sending:
        move(tx, transfer, State.UNKNOWN, outcome=words.RESTORED_SENDING + told.get(transfer.id, ""))
    # A freeze of after the backup, and what limits count since, are lost with the database.
    stop(tx, Order(EVERYTHING, words.RESTORED_FROZEN, DESK))
    cancelled, unknown = (tuple(transfer.name for transfer in group) for group in (unsent, sending))
    return Restored(previous, journal, cancelled, unknown, last_kept, last_given)


def past(tx: Transaction, lines: Iterable[Sighting]) -> Past:
    """Return what the journal holds to compare those lines with."""
    head = tx.head()
    asked = {line.seq for line in lines if line.journal == head.journal}
    hashes = {event.seq: event.hash for seq in asked for event in tx.events("seq = ?", seq)}
    return Past(head.journal, head.seq, hashes, _farewells(tx))


def _witnessed(previous: Head, lines: Sequence[Sighting] | None) -> dict[str, int] | None:
    """Return the last event seen of every journal; of the one in the backup at least what the backup holds."""
    if lines is None:
        return None
    seen = {previous.journal: previous.seq}
    for line in lines:
        seen[line.journal] = max(seen.get(line.journal, 0), line.seq)
    return seen


def _farewells(tx: Transaction) -> dict[str, Farewell]:
    if len(tx.uuids) < 2:  # events are not indexed by kind, and hardly any journal was ever restored
        return {}
    farewells: dict[str, Farewell] = {}
    for event in tx.events("kind = 'restored'"):
        last = int(event.data["last_transfer"])
        witnessed = event.data["witnessed"]
        if witnessed is None:
            farewells[str(event.data["previous"])] = Farewell(None, last)
        else:
            farewells |= {str(journal): Farewell(int(seq), last) for journal, seq in witnessed.items()}
    return farewells
