"""The last look before the money leaves: state, deadline, seal, rules, key and ledger key, once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_bench import BOB, KEYS, SNAPSHOT, USERS, DeskBench

from bot.transfers import Accepted, State, Transfer

TO_CROSS = "250 usdt htx:spot -> htx:linear-swap"
TO_ISOLATED = "10 usdt htx:spot -> htx:linear-swap/BTC-USDT"
BACK = "250 usdt htx:linear-swap -> htx:spot"
OUT_MAKER = "10 usdt coinw:master -> coinw:maker"
OUT_ARBITRAGE = "20 usdt coinw:master -> coinw:arbitrage"


def claim(bench: DeskBench, transfer: Transfer) -> Transfer | None:
    return bench.desk.claim(transfer.id, SNAPSHOT).result()


def test_a_claim_is_on_disk_as_sending_before_it_returns(threaded_bench: DeskBench) -> None:
    bench = threaded_bench
    bench.clock.advance(3)
    claimed = claim(bench, bench.approved())
    assert claimed is not None
    assert (claimed.state, claimed.sent_at, claimed.deadline) == (State.SENDING, bench.clock.now(), None)
    assert bench.read("SELECT state, sent_at FROM transfers") == [("sending", "2026-11-21T10:15:03.000Z")]


def test_the_claims_event_keeps_the_snapshot_the_rules_and_the_key(bench: DeskBench) -> None:
    claim(bench, bench.approved())
    (event,) = bench.events("sending")
    assert event.actor == "desk"
    assert event.data["evidence"] == {"balance": "5000"}
    assert (event.data["policy"], event.data["connection"]) == (bench.desk.house.config.hash, KEYS["htx"])
    assert event.data["user"] == USERS["htx"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.APPROVED])
def test_only_an_approved_transfer_is_claimed(bench: DeskBench, state: State) -> None:
    transfer = bench.approved()
    bench.tamper("UPDATE transfers SET state = ? WHERE id = 1", state.value)
    before = bench.counts()
    assert claim(bench, transfer) is None
    assert bench.state(transfer) == state.value
    assert bench.counts() == before


def test_what_is_not_there_is_not_claimed(bench: DeskBench) -> None:
    assert bench.desk.claim(999, SNAPSHOT).result() is None


def test_a_transfer_is_claimed_once(bench: DeskBench) -> None:
    transfer = bench.approved()
    assert claim(bench, transfer) is not None
    assert claim(bench, transfer) is None
    assert len(bench.events("sending")) == 1


@pytest.mark.parametrize(
    "edit",
    [
        "amount = '999'",
        "destination = 'htx:linear-swap/BTC-USDT'",
        "source = 'htx:linear-swap', destination = 'htx:spot'",
        "margin_account = 'BTC-USDT'",
        "currency = 'USDC'",
        "requester = 'U02BOB'",
        "version = 7",
    ],
)
def test_a_row_changed_behind_the_desks_back_is_blocked_by_its_seal(bench: DeskBench, edit: str) -> None:
    transfer = bench.approved()
    bench.tamper(f"UPDATE transfers SET {edit} WHERE id = 1")
    assert claim(bench, transfer) is None
    after = bench.get(1)
    assert after.state is State.BLOCKED
    assert after.outcome == "The journal's row does not match its seal; somebody changed it. Nothing was sent."
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["audit", "card", "thread"]


@pytest.mark.parametrize(
    ("edits", "keys"),
    [
        ([('per_transfer = "1000"', 'per_transfer = "900"')], KEYS),
        ([], {**KEYS, "htx": "aaaaaaaaaaaa"}),
        ([('url = "https://api.huobi.pro"', 'url = "https://api.huobi.pro"\nmargin_account = "linear-swap"')], KEYS),
    ],
    ids=["rule-edited", "key-changed", "margin-account-setting-changed"],
)
def test_rules_or_key_changed_since_the_click_ask_again(
    bench: DeskBench, edits: list[tuple[str, str]], keys: dict[str, str]
) -> None:
    # Away from linear-swap, so that what desk.toml says about the margin account is part of what was shown.
    otc = ('["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]', '["htx:spot", "htx:otc"]')
    bench.restart(otc)
    transfer = bench.approved("250 usdt htx:spot -> htx:otc")
    bench.restart(*edits, keys=keys)
    assert claim(bench, transfer) is None
    again = bench.get(1)
    assert (again.state, again.version, again.reserved_at) == (State.PROPOSED, 2, None)
    assert again.deadline == bench.clock.now() + timedelta(minutes=10)
    assert bench.events("sending") == []
    bench.confirm(again)
    assert claim(bench, again) is not None


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ([('currencies = ["USDT"]', 'currencies = ["BTC"]')], "not USDT"),
        ([('alice = "U01ALICE"\n', ""), ('["alice", "bob"]', '["bob"]')], "no longer on the allowlist"),
        ([('traders = ["alice", "bob"]', 'traders = ["bob"]')], "does not name you"),
    ],
    ids=["rule-removed", "person-removed", "person-left-the-group"],
)
def test_what_the_rules_of_now_forbid_is_blocked(bench: DeskBench, edits: list[tuple[str, str]], why: str) -> None:
    transfer = bench.approved()
    bench.restart(*edits)
    assert claim(bench, transfer) is None
    after = bench.get(1)
    assert after.state is State.BLOCKED
    assert after.outcome is not None
    assert why in after.outcome


def test_a_transfer_of_a_channel_the_desk_has_left_is_blocked(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.restart(('channels = ["C01TREASURY"]', 'channels = ["C07OTHER"]'))
    assert claim(bench, transfer) is None
    after = bench.get(1)
    assert (after.state, after.outcome) == (
        State.BLOCKED,
        "The desk no longer serves this channel. Nothing was sent.",
    )


# Closing, and a clock set back ---------------------------------------------------------------------------------------


def test_a_desk_that_is_closing_claims_nothing_more_but_settles_what_is_on_its_way(bench: DeskBench) -> None:
    sending, approved = bench.sending(BACK), bench.approved()
    bench.desk.close()
    assert claim(bench, approved) is None
    assert bench.state(approved) == "approved"
    bench.desk.settle(sending.id, Accepted("1")).result()
    assert bench.state(sending) == "succeeded"


@pytest.mark.parametrize("events_since", [0, 2])
def test_a_clock_set_back_since_the_click_asks_again(bench: DeskBench, events_since: int) -> None:
    transfer = bench.approved()
    bench.clock.advance(hours=-1)
    for _ in range(events_since):
        bench.ask(BACK, BOB)
    assert claim(bench, transfer) is None
    again = bench.get(transfer.id)
    assert (again.state, again.version) == (State.PROPOSED, 2)
    assert again.outcome is not None
    assert again.outcome.startswith("This machine's clock went back")
    assert claim(bench, again) is None
    bench.confirm(again)
    assert claim(bench, again) is not None


def test_a_clock_set_right_by_a_small_step_holds_up_nothing(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.clock.advance(-5)
    assert claim(bench, transfer) is not None


# The ledger key ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [(TO_CROSS, "10 usdt htx:spot -> htx:linear-swap"), (TO_CROSS, TO_ISOLATED), (OUT_MAKER, OUT_ARBITRAGE)],
    ids=["other-amount", "other-margin-account", "other-sub-account"],
)
@pytest.mark.parametrize("lost", [False, True], ids=["sending", "unknown"])
def test_a_transfer_on_the_same_ledger_key_waits_and_says_for_which(
    bench: DeskBench, first: str, second: str, lost: bool
) -> None:
    follower = bench.approved(second, BOB)
    holder = bench.unknown(first) if lost else bench.sending(first)
    assert claim(bench, follower) is None
    assert bench.state(follower) == "approved"
    assert bench.get(follower.id).outcome == (
        f"It waits for {holder.name}, which was sent without an answer on the same route."
    )
    assert [event.transfer_id for event in bench.events("held")] == [follower.id]
    assert follower.id in {parcel.transfer_id for parcel in bench.parcels("card")}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TO_CROSS, BACK),
        (TO_CROSS, OUT_MAKER),
        (OUT_MAKER, "10 usdt coinw:maker -> coinw:master"),
        (OUT_MAKER, "1 btc coinw:master -> coinw:maker"),
    ],
    ids=["other-direction", "other-exchange", "other-direction-at-coinw", "other-currency"],
)
def test_a_transfer_on_another_ledger_key_passes(bench: DeskBench, first: str, second: str) -> None:
    bench.unknown(first)
    assert claim(bench, bench.approved(second, BOB)) is not None


def test_the_key_is_free_again_once_the_holder_has_its_answer(bench: DeskBench) -> None:
    follower = bench.approved(TO_ISOLATED)
    holder = bench.sending(TO_CROSS)
    assert claim(bench, follower) is None
    bench.desk.settle(holder.id, Accepted("1")).result()
    claimed = claim(bench, follower)
    assert claimed is not None
    assert claimed.outcome is None


# What is next --------------------------------------------------------------------------------------------------------


def test_the_transfer_reserved_longest_is_next(bench: DeskBench) -> None:
    first = bench.proposed("1 usdt htx:spot -> htx:linear-swap")
    second = bench.proposed("2 usdt htx:spot -> htx:linear-swap")
    bench.confirm(second)
    bench.clock.advance(1)
    bench.confirm(first)
    following = bench.desk.what_next("htx").result().transfer
    assert following is not None
    assert following.id == second.id


def test_a_lane_is_offered_its_own_exchange_only(bench: DeskBench) -> None:
    bench.approved(OUT_MAKER)
    assert bench.desk.what_next("htx").result().transfer is None
    assert bench.desk.what_next("coinw").result().transfer == bench.get(1)


def test_one_that_waits_for_its_ledger_key_does_not_hold_up_the_others(bench: DeskBench) -> None:
    waiting, free = bench.approved(TO_ISOLATED), bench.approved(BACK)
    bench.unknown(TO_CROSS)
    following = bench.desk.what_next("htx").result().transfer
    assert following is not None
    assert following.id == free.id
    held = bench.get(waiting.id).outcome
    assert held is not None
    assert held.startswith("It waits for T3")


def test_a_resting_transfer_is_passed_over(bench: DeskBench) -> None:
    resting, other = bench.approved(), bench.approved(BACK)
    following = bench.desk.what_next("htx", frozenset({resting.id})).result().transfer
    assert following is not None
    assert following.id == other.id


def test_a_resting_transfer_still_expires(bench: DeskBench) -> None:
    resting = bench.approved()
    bench.clock.advance(minutes=5)
    assert bench.desk.what_next("htx", frozenset({resting.id})).result().transfer is None
    assert bench.state(resting) == "expired"


def test_saying_again_why_a_transfer_waits_writes_nothing(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.desk.hold(transfer, "It waits: HTX is in maintenance.").result()
    before = bench.counts()
    bench.desk.hold(transfer, "It waits: HTX is in maintenance.").result()
    assert bench.counts() == before
    assert len(bench.events("held")) == 1


def test_only_an_approved_transfer_is_held(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.cancel(transfer)
    cancelled = bench.get(1)
    bench.desk.hold(transfer, "It waits: HTX is in maintenance.").result()
    assert bench.get(1) == cancelled


def test_a_send_without_an_owner_becomes_unknown(bench: DeskBench) -> None:
    orphan = bench.sending()
    assert bench.desk.what_next("htx").result().transfer is None
    after = bench.get(orphan.id)
    assert after.state is State.UNKNOWN
    assert after.outcome is not None
    assert "the exchange's answer was not seen" in after.outcome


def test_another_exchanges_lane_leaves_a_send_alone(bench: DeskBench) -> None:
    sending = bench.sending()
    bench.desk.what_next("coinw").result()
    assert bench.state(sending) == "sending"
