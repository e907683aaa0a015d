"""What people are shown, and that looking writes nothing."""

from __future__ import annotations

from desk_bench import ALICE, CAROL, DeskBench

from bot.desk import Person, View
from bot.transfers import Accepted


def test_a_view_names_accounts_as_people_type_them(bench: DeskBench) -> None:
    view = bench.view(bench.proposed("10 usdt coinw:maker -> coinw:master"))
    assert (view.source, view.destination) == ("coinw:maker", "coinw:master")
    assert view.names["U01ALICE"] == "alice"


def test_show_finds_a_transfer_of_the_same_team_only(bench: DeskBench) -> None:
    bench.proposed()
    found = bench.desk.show(CAROL, 1).result()
    assert isinstance(found, View)
    assert found.transfer == bench.get(1)
    for person, number in ((Person("T99OTHER", ALICE.user), 1), (ALICE, 2)):
        assert bench.desk.show(person, number).result() == (
            f"There is no transfer T{number}. `/transfer history` shows the latest."
        )


def test_only_a_proposal_can_be_confirmed(bench: DeskBench) -> None:
    transfer = bench.proposed()
    assert bench.view(transfer).confirmable
    bench.confirm(transfer)
    view = bench.view(transfer)
    assert not view.confirmable


def test_looking_writes_nothing(bench: DeskBench) -> None:
    transfer = bench.unknown()
    before = bench.counts()
    bench.view(transfer)
    bench.desk.event(1).result()
    bench.parcels()
    assert bench.counts() == before
    assert bench.get(1) == transfer


def test_showing_an_open_transfer_asks_for_its_card_again(bench: DeskBench) -> None:
    bench.proposed()
    bench.desk.show(CAROL, 1).result()
    assert [(parcel.kind, parcel.transfer_id) for parcel in bench.parcels()] == [("card", 1)]


def test_showing_what_has_ended_writes_nothing(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    bench.post()
    before = bench.counts()
    bench.desk.show(CAROL, 1).result()
    assert bench.parcels() == []
    assert bench.counts() == before
