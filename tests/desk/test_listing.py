"""Lists of transfers: filtered, a page at a time, of one's own team, and never by reading the whole table."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, STRANGER, DeskBench

from bot import words
from bot.desk import Beside, ExportGranted, Page, Person
from bot.desk.listing import condition, parts, rows
from bot.filters import EVERYTHING, Filter
from bot.journal.schema import _FAILED
from bot.transfers import UNSUCCESSFUL, Accepted, NotSent, Refused

OTHER_TEAM = Person("T99OTHER", ALICE.user)


def page(bench: DeskBench, wanted: Filter = EVERYTHING, beside: Beside | None = None, by: Person = ALICE) -> Page:
    found = bench.desk.history(by, wanted, beside).result()
    assert isinstance(found, Page)
    return found


def ids(bench: DeskBench, wanted: Filter = EVERYTHING, beside: Beside | None = None, by: Person = ALICE) -> list[int]:
    return [view.transfer.id for view in page(bench, wanted, beside, by).views]


def variety(bench: DeskBench) -> None:
    """T1 to T6, each unlike the others."""
    bench.settled(Accepted("1"))
    bench.settled(Refused("1301", "no"))
    bench.proposed("1 btc coinw:master -> coinw:maker", BOB)
    bench.settled(NotSent("no way"), "300 usdt htx:spot -> htx:linear-swap", BOB)
    bench.clock.advance(days=3)
    bench.proposed("301 usdt htx:spot -> htx:linear-swap", BOB)
    bench.unknown("302 usdt htx:spot -> htx:linear-swap")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EVERYTHING, [6, 5, 4, 3, 2, 1]),
        (Filter(person="bob"), [5, 4, 3]),
        (Filter(person="U02BOB"), [5, 4, 3]),
        (Filter(person="U99GONE"), []),
        (Filter(exchange="coinw"), [3]),
        (Filter(currency="USDT"), [6, 5, 4, 2, 1]),
        (Filter(failed=True), [6, 4, 2]),
        (Filter(since=timedelta(days=2)), [6, 5]),
        (Filter(since=timedelta(days=4)), [6, 5, 4, 3, 2, 1]),
        (Filter(first=2, last=4), [4, 3, 2]),
        (Filter(first=7, last=9), []),
        (Filter("bob", "htx", "USDT", True, timedelta(days=4), 1, 4), [4]),
        (Filter("bob", "htx", "USDT", True, timedelta(days=2), 1, 4), []),
    ],
)
def test_a_list_holds_what_is_asked_for_the_latest_first(bench: DeskBench, wanted: Filter, found: list[int]) -> None:
    variety(bench)
    assert ids(bench, wanted) == found


def test_only_ones_own_teams_transfers_are_listed(bench: DeskBench) -> None:
    bench.proposed()
    assert ids(bench, by=CAROL) == [1]
    assert ids(bench, by=OTHER_TEAM) == []


def test_pages_lead_back_and_forth_and_leave_nothing_out(bench: DeskBench) -> None:
    for _ in range(25):
        bench.proposed()
    first = page(bench)
    assert [view.transfer.id for view in first.views] == list(range(25, 15, -1))
    assert (first.newer, first.older) == (None, 16)
    second = page(bench, beside=Beside(16))
    assert [view.transfer.id for view in second.views] == list(range(15, 5, -1))
    assert (second.newer, second.older) == (15, 6)
    third = page(bench, beside=Beside(6))
    assert [view.transfer.id for view in third.views] == [5, 4, 3, 2, 1]
    assert (third.newer, third.older) == (5, None)
    back = page(bench, beside=Beside(5, newer=True))
    assert [view.transfer.id for view in back.views] == list(range(15, 5, -1))
    assert (back.newer, back.older) == (15, 6)
    top = page(bench, beside=Beside(15, newer=True))
    assert [view.transfer.id for view in top.views] == list(range(25, 15, -1))
    assert (top.newer, top.older) == (None, 16)


def test_ten_are_one_page_and_eleven_are_two(bench: DeskBench) -> None:
    for _ in range(10):
        bench.proposed()
    assert page(bench).older is None
    bench.proposed()
    assert page(bench).older == 2
    assert ids(bench, beside=Beside(2)) == [1]


def test_a_page_that_has_become_empty_leads_back(bench: DeskBench) -> None:
    for _ in range(2):
        bench.proposed()
    empty = page(bench, Filter(failed=True), Beside(2))
    assert (empty.views, empty.newer, empty.older) == ((), 1, None)
    assert ids(bench, EVERYTHING, Beside(1, newer=True)) == [2]
    empty = page(bench, Filter(failed=True), Beside(1, newer=True))
    assert (empty.views, empty.newer, empty.older) == ((), None, 2)


def test_a_clock_that_went_back_hides_nothing_recent(bench: DeskBench) -> None:
    bench.clock.advance(days=1)
    bench.proposed()
    bench.clock.set(-86400)
    bench.proposed()
    bench.clock.advance(hours=30)
    assert ids(bench, Filter(since=timedelta(hours=12))) == [1]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Filter(currency="BOB"), " Did you mean `@bob`?"),
        (Filter(currency="USDTT"), " Did you mean `usdt`?"),
        (Filter(currency="HTXX"), " Did you mean `htx`?"),
        (Filter(currency="USDT"), ""),
        (Filter(person="bob"), ""),
    ],
)
def test_what_is_known_to_nobody_gets_a_hint(bench: DeskBench, wanted: Filter, told: str) -> None:
    assert page(bench, wanted).hint == told


def test_a_name_nobody_has_is_said(bench: DeskBench) -> None:
    answer = bench.desk.history(ALICE, Filter(person="bobb")).result()
    assert answer == "There is nobody `bobb` under [people] in desk.toml. Did you mean `bob`?"


def test_looking_writes_nothing(bench: DeskBench) -> None:
    variety(bench)
    before = bench.counts()
    page(bench, Filter(failed=True), Beside(3))
    assert bench.counts() == before


@pytest.mark.parametrize(
    "wanted",
    [
        EVERYTHING,
        Filter(person="U02BOB"),
        Filter(exchange="htx"),
        Filter(currency="USDT"),
        Filter(failed=True),
        Filter(since=timedelta(days=7)),
        Filter(first=2, last=4),
        Filter("U02BOB", exchange="htx"),
        Filter("U02BOB", currency="USDT"),
        Filter(exchange="htx", currency="USDT"),
        Filter("U02BOB", "htx", "USDT"),
        Filter("U02BOB", failed=True),
        Filter("U02BOB", "htx", "USDT", True, timedelta(days=7), 2, 4),
    ],
)
@pytest.mark.parametrize("beside", [None, Beside(5), Beside(2, newer=True)])
def test_no_list_reads_or_sorts_the_whole_table(bench: DeskBench, wanted: Filter, beside: Beside | None) -> None:
    variety(bench)
    order = "id" if beside and beside.newer else "id DESC"
    where, values = bench.journal.run(lambda tx: condition(tx, ALICE.team, wanted, beside)).result()
    kinds = {"person": "requester=?", "exchange": "exchange=?", "currency": "currency=?"}
    for part, index in parts(wanted):
        by = f"INDEXED BY {index}" if index else ""
        rows = f"SELECT * FROM transfers {by} WHERE {where}{part} ORDER BY {order} LIMIT 11"
        (step,) = [str(step[3]) for step in bench.read(f"EXPLAIN QUERY PLAN {rows}", *values)]
        assert step.startswith("SEARCH transfers USING ") and "rowid" in step, step
        if index != "transfers_open":  # those that are open are few
            # Everything that is asked for is told by the index alone, but for the team, which is one, and the moment.
            assert all(words in step for kind, words in kinds.items() if getattr(wanted, kind)), step
            assert ("transfers_failed" in step) == wanted.failed, step


def test_the_index_of_failures_holds_what_counts_as_one() -> None:
    assert repr(tuple(state.value for state in UNSUCCESSFUL)) in _FAILED


# Exports


def asked(bench: DeskBench, by: Person, wanted: Filter = EVERYTHING, key: str = "") -> ExportGranted | str:
    key = key or bench.new_key()
    return bench.desk.ask_for_export(key, by, "C01TREASURY", "export", wanted, bench.soon).result()


def test_an_admin_may_export_and_it_is_on_record(bench: DeskBench) -> None:
    granted = asked(bench, CAROL, Filter(person="bob", failed=True))
    assert granted == ExportGranted(CAROL.team, Filter(person="U02BOB", failed=True))
    (event,) = bench.events("exported")
    assert (event.actor, event.data["filter"], event.data["asked"]) == (CAROL.user, "<@U02BOB> failed", "export")


@pytest.mark.parametrize("by", [ALICE, STRANGER, Person("T99OTHER", CAROL.user)])
def test_nobody_else_may_and_the_try_is_on_record(bench: DeskBench, by: Person) -> None:
    assert asked(bench, by) == "Only admins of this desk can export transfers."
    assert bench.events("exported") == []
    (event,) = bench.events("turned_away")
    assert (event.actor, event.data["attempt"]) == (by.user, "export")


@pytest.mark.parametrize("by", [ALICE, CAROL])
def test_a_repeated_delivery_makes_no_second_file_and_no_second_record(bench: DeskBench, by: Person) -> None:
    first = asked(bench, by, key="envelope-1")
    before = bench.counts()
    again = asked(bench, by, key="envelope-1")
    assert again == (words.FILE_FOLLOWS if by is CAROL else first)
    assert bench.counts() == before


def test_an_export_of_nobodys_transfers_is_refused(bench: DeskBench) -> None:
    assert "nobody `bobb`" in str(asked(bench, CAROL, Filter(person="bobb")))
    assert bench.events("exported") == []


def test_the_rows_of_an_export_are_the_transfers_with_their_approvers(bench: DeskBench) -> None:
    tier = '[{ above = "100", count = 1, from = "treasurers" }]'
    bench.reload(('per_transfer = "1000"', f'per_transfer = "1000"\napprovals = {tier}'))
    waits = bench.awaiting()
    bench.approve(waits, DAN)
    bench.deny(bench.awaiting("251 usdt htx:spot -> htx:linear-swap"), CAROL)
    bench.proposed("1 btc coinw:master -> coinw:maker", BOB)

    def read(export: ExportGranted) -> list[tuple[int, str, str, tuple[str, ...]]]:
        found = bench.journal.run(lambda tx: list(rows(tx, bench.desk.house, export))).result()
        return [(row.transfer.id, row.requester, row.destination, row.approvers) for row in found]

    assert read(ExportGranted(ALICE.team, EVERYTHING)) == [
        (3, "bob", "coinw:maker", ()),
        (2, "alice", "htx:linear-swap", ()),
        (1, "alice", "htx:linear-swap", ("dan (U04DAN)",)),
    ]
    assert read(ExportGranted(OTHER_TEAM.team, EVERYTHING)) == []
    assert [number for number, *_ in read(ExportGranted(ALICE.team, Filter(exchange="coinw")))] == [3]
