"""What the audit channel has seen, held against a journal: a copy, a fork and a stranger are told apart."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.witness import Farewell, Past, Sighting, judge

OURS, OLD, OTHER = "0a" * 16, "1b" * 16, "2c" * 16
HASHES = {seq: f"{seq:064x}" for seq in range(1, 41)}


def past(farewells: Mapping[str, Farewell] | None = None, seq: int = 40) -> Past:
    return Past(OURS, seq, HASHES, farewells or {})


def ours(seq: int, digest: str | None = None) -> Sighting:
    return Sighting(OURS, seq, HASHES.get(seq, "f" * 64) if digest is None else digest, transfer=9, parcel=30)


OLD_LINE = Sighting(OLD, 25, "e" * 64, transfer=7, parcel=20)
CARD = Sighting(OURS, transfer=12, parcel=31)


@pytest.mark.parametrize(
    ("seen", "held"),
    [
        ((), past()),
        ((), past(seq=0)),
        ((ours(40), ours(38), ours(1)), past()),
        ((ours(12),), past()),  # a line can be late by as much as the outbox had to wait
        ((CARD,), past()),
        ((ours(40), OLD_LINE), past({OLD: Farewell(25, 7)})),
        ((OLD_LINE, ours(40)), past({OLD: Farewell(26, 7)})),
        ((OLD_LINE,), past({OLD: Farewell(None, 7)})),
        ((OLD_LINE, Sighting(OTHER, 3, "d" * 64)), past({OLD: Farewell(25, 7), OTHER: Farewell(3, 7)})),
    ],
)
def test_a_journal_that_holds_what_was_seen_may_work(seen: tuple[Sighting, ...], held: Past) -> None:
    assert judge(seen, held) is None


@pytest.mark.parametrize(
    ("seen", "held", "said"),
    [
        ((ours(41),), past(), "this journal is behind: the audit channel has seen its event #41, and it ends at #40"),
        ((ours(1),), past(seq=0), "this journal is behind"),
        ((ours(39), ours(41)), past(), "this journal is behind"),
        ((ours(40, "a" * 64),), past(), "this journal is forked: the audit channel has seen another event #40"),
        # The other copy had the last word before ours.
        (
            (ours(40), ours(38, "a" * 64)),
            past(),
            "this journal is forked: the audit channel has seen another event #38",
        ),
        ((OLD_LINE,), past(), "another journal (1b1b1b1b) writes to this audit channel"),
        ((OLD_LINE,), past(seq=0), "`transferdesk restore`"),
        ((ours(40), OLD_LINE), past(), "another journal (1b1b1b1b)"),
        ((OLD_LINE,), past({OTHER: Farewell(25, 7)}), "another journal (1b1b1b1b)"),
        ((OLD_LINE,), past({OLD: Farewell(24, 7)}), "(1b1b1b1b) went on: the audit channel has seen its event #25"),
        ((ours(40), OLD_LINE), past({OLD: Farewell(24, 7)}), "at the restore its last was #24"),
        ((OLD_LINE,), past({OLD: Farewell(None, 6)}), "the restore was told that T6 was the last"),
    ],
)
def test_a_journal_that_is_not_the_one_the_desk_went_on_with_may_not(
    seen: tuple[Sighting, ...], held: Past, said: str
) -> None:
    problem = judge(seen, held)
    assert problem is not None
    assert said in problem
