"""The emergency stop: nothing leaves, what was sent settles, and another admin lifts it."""

from __future__ import annotations

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, SNAPSHOT, STRANGER, DeskBench, ScriptedExchange, rule_says

from bot.desk import Person
from bot.lanes import Lane
from bot.transfers import Accepted, State, Transfer

OUT_MAKER = "10 usdt coinw:master -> coinw:maker"


def claim(bench: DeskBench, transfer: Transfer) -> Transfer | None:
    return bench.desk.claim(transfer.id, SNAPSHOT).result()


# Freezing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [ALICE, CAROL], ids=["trader", "admin"])
def test_anybody_on_the_allowlist_freezes_everything(bench: DeskBench, by: Person) -> None:
    name = bench.desk.house.name_of(by.user)
    assert bench.freeze(by=by) == (
        f"{name} froze everything: a key leaked. Nothing leaves until an admin other than {name} unfreezes it; "
        "what was already sent settles."
    )
    assert bench.frozen() == {"all": (by.user, "a key leaked")}
    (event,) = bench.events("frozen")
    assert (event.actor, event.data["exchange"], event.data["reason"]) == (by.user, "all", "a key leaked")
    assert [(parcel.kind, parcel.transfer_id, parcel.event_seq) for parcel in bench.parcels()] == [
        ("audit", None, event.seq)
    ]


@pytest.mark.parametrize("by", [STRANGER, Person("T99OTHER", CAROL.user)], ids=["stranger", "foreign-team"])
def test_nobody_else_freezes_or_unfreezes_and_the_try_is_recorded(bench: DeskBench, by: Person) -> None:
    assert bench.freeze(by=by) == "You are not on this desk's allowlist. Nothing changed."
    assert bench.frozen() == {}
    bench.freeze(by=ALICE)
    assert bench.unfreeze(by=by) == "Only admins of this desk can unfreeze. Nothing changed."
    assert list(bench.frozen()) == ["all"]
    assert [event.data["attempt"] for event in bench.events("turned_away")] == ["freeze all", "unfreeze all"]


def test_a_repeated_delivery_freezes_once(bench: DeskBench) -> None:
    assert len({bench.freeze(key="command-1") for _ in range(3)}) == 1
    assert len(bench.events("frozen")) == 1


def test_what_is_frozen_already_stays_frozen_by_the_first_word(bench: DeskBench) -> None:
    bench.freeze("htx", ALICE, "a key leaked")
    assert bench.freeze("htx", BOB, "me too") == "htx is frozen already, by alice: a key leaked."
    assert bench.frozen() == {"htx": (ALICE.user, "a key leaked")}
    assert len(bench.events("frozen")) == 1


def test_nothing_new_begins_while_frozen_and_each_try_is_recorded(bench: DeskBench) -> None:
    bench.restart(rule_says('approvals = [{ above = "100", count = 1, from = "treasurers" }]'))
    waiting, proposed = bench.awaiting(), bench.proposed("10 usdt htx:spot -> htx:linear-swap")
    bench.freeze()
    why = "Everything is frozen by alice: a key leaked."
    assert bench.ask() == f"Nothing happened. {why}"
    assert bench.confirm(proposed) == f"Not confirmed: {why}"
    assert bench.approve(waiting, CAROL) == f"Not approved: {why}"
    assert (bench.get(1), bench.get(2)) == (waiting, proposed)
    assert [event.data["why"] for event in bench.events("turned_away")] == [why] * 3
    assert bench.read("SELECT count(*) FROM transfers") == [(2,)]


def test_denying_and_cancelling_work_while_frozen(bench: DeskBench) -> None:
    bench.restart(rule_says('approvals = [{ above = "100", count = 1, from = "treasurers" }]'))
    waiting, approved = bench.awaiting(), bench.approved("10 usdt htx:spot -> htx:linear-swap")
    bench.freeze()
    bench.deny(waiting, CAROL)
    bench.cancel(approved)
    assert (bench.state(waiting), bench.state(approved)) == ("denied", "cancelled")


def test_what_is_approved_waits_says_so_and_expires(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.freeze("htx")
    assert bench.desk.what_next("htx").result().transfer is None
    assert claim(bench, transfer) is None
    held = bench.get(1)
    assert (held.state, held.outcome) == (State.APPROVED, "It waits: htx is frozen by alice: a key leaked.")
    bench.clock.advance(minutes=5)
    assert bench.desk.what_next("htx").result().transfer is None
    assert bench.get(1).outcome == (
        "It could not be sent in time. It waits: htx is frozen by alice: a key leaked. Nothing was sent."
    )
    assert bench.state(transfer) == "expired"


def test_a_freeze_in_mid_queue_stops_the_next_and_lets_the_one_on_its_way_settle(bench: DeskBench) -> None:
    first = bench.approved("1 usdt htx:spot -> htx:linear-swap")
    second = bench.approved("2 usdt htx:spot -> htx:linear-swap")
    exchange = ScriptedExchange(bench.clock)

    def freeze_meanwhile() -> Accepted:
        bench.freeze("htx")
        return Accepted("900001")

    exchange.answers.append(freeze_meanwhile)
    lane = Lane(exchange, bench.desk, bench.clock)
    for _ in range(5):
        bench.clock.advance(max(lane.step(), 1.0))
    assert (bench.state(first), bench.state(second)) == ("succeeded", "approved")
    assert len(exchange.orders) == 1
    bench.unfreeze("htx")
    for _ in range(3):
        bench.clock.advance(max(lane.step(), 1.0))
    assert bench.state(second) == "succeeded"


def test_one_exchange_frozen_leaves_the_other_alone(bench: DeskBench) -> None:
    bench.freeze("htx")
    assert bench.ask().startswith("Nothing happened. htx is frozen")
    assert claim(bench, bench.approved(OUT_MAKER)) is not None


def test_a_freeze_survives_a_restart_and_a_reload(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.freeze("htx")
    bench.restart()
    bench.reload(('per_transfer = "1000"', 'per_transfer = "1001"'))
    assert list(bench.frozen()) == ["htx"]
    assert claim(bench, transfer) is None
    assert bench.ask().startswith("Nothing happened.")


def test_somebody_taken_off_the_allowlist_leaves_the_freeze_behind(bench: DeskBench) -> None:
    bench.freeze()
    bench.restart(('alice = "U01ALICE"\n', ""), ('["alice", "bob"]', '["bob"]'))
    assert bench.ask(by=BOB) == "Nothing happened. Everything is frozen by U01ALICE: a key leaked."
    bench.unfreeze()
    assert bench.frozen() == {}


# Unfreezing ----------------------------------------------------------------------------------------------------------


def test_an_admin_who_did_not_freeze_unfreezes_and_it_leaves(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.freeze("htx")
    assert claim(bench, transfer) is None
    assert bench.unfreeze("htx", CAROL) == "carol unfroze htx. What is confirmed and still in time leaves now."
    (event,) = bench.events("unfrozen")
    assert (event.actor, event.data["exchange"], event.data["froze"]) == (CAROL.user, "htx", ALICE.user)
    assert event.seq in [parcel.event_seq for parcel in bench.parcels("audit")]
    claimed = claim(bench, transfer)
    assert claimed is not None
    assert claimed.outcome is None


@pytest.mark.parametrize(
    ("froze", "unfreezes", "why"),
    [
        (CAROL, CAROL, "You froze everything, so another admin must unfreeze it."),
        (CAROL, ALICE, "Only admins of this desk can unfreeze."),
        (ALICE, ALICE, "Only admins of this desk can unfreeze."),
    ],
    ids=["own-freeze", "no-admin", "own-and-no-admin"],
)
def test_nobody_unfreezes_alone(bench: DeskBench, froze: Person, unfreezes: Person, why: str) -> None:
    bench.freeze(by=froze)
    assert bench.unfreeze(by=unfreezes) == f"{why} Nothing changed."
    assert list(bench.frozen()) == ["all"]
    (event,) = bench.events("turned_away")
    assert (event.actor, event.data["attempt"], event.data["why"]) == (unfreezes.user, "unfreeze all", why)


def test_unfreezing_all_is_refused_over_one_of_ones_own(bench: DeskBench) -> None:
    bench.freeze("htx", CAROL)
    bench.freeze("coinw", DAN)
    assert bench.unfreeze("", CAROL).startswith("You froze htx, so another admin")
    assert sorted(bench.frozen()) == ["coinw", "htx"]
    bench.unfreeze("coinw", CAROL)
    assert list(bench.frozen()) == ["htx"]
    assert bench.unfreeze("", BOB) == "bob unfroze htx. What is confirmed and still in time leaves now."


def test_unfreezing_all_lifts_every_freeze(bench: DeskBench) -> None:
    for exchange in ("", "htx", "coinw"):
        bench.freeze(exchange)
    assert bench.unfreeze().startswith("carol unfroze everything and coinw and htx.")
    assert bench.frozen() == {}
    assert len(bench.events("unfrozen")) == 3


def test_one_exchange_unfrozen_while_everything_is_frozen_says_that_nothing_leaves(bench: DeskBench) -> None:
    bench.freeze("htx")
    bench.freeze("", BOB)
    assert bench.unfreeze("htx") == "carol unfroze htx. Everything is frozen by bob: a key leaked."
    assert bench.ask().startswith("Nothing happened. Everything is frozen")


@pytest.mark.parametrize(
    ("froze", "asked", "answer"),
    [
        (None, "", "Nothing is frozen."),
        (None, "htx", "htx is not frozen."),
        ("coinw", "htx", "htx is not frozen."),
        ("", "htx", "htx is not frozen by itself; everything is, which `unfreeze all` lifts."),
    ],
)
def test_unfreezing_what_is_not_frozen_says_what_is(
    bench: DeskBench, froze: str | None, asked: str, answer: str
) -> None:
    if froze is not None:
        bench.freeze(froze)
    before = bench.frozen()
    assert bench.unfreeze(asked) == f"{answer} Nothing changed."
    assert bench.frozen() == before


def test_a_repeated_delivery_of_an_unfreeze_does_not_lift_a_later_freeze(bench: DeskBench) -> None:
    bench.freeze()
    first = bench.unfreeze(key="command-1")
    bench.freeze()
    assert bench.unfreeze(key="command-1") == first
    assert list(bench.frozen()) == ["all"]
