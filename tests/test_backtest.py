"""What another policy would have said of what was asked: judged with the usage of its time, told where it differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.accounts import Account, Route
from bot.backtest import Change, Counted, Kind, Recorded, counted, replay, tally
from bot.policy import Quorum, Request, Rule, Spent, Tier
from bot.transfers import State, Transfer

ALICE, BOB = "U01ALICE", "U02BOB"
SPOT, SWAP = Account("htx", "spot"), Account("htx", "linear-swap")
ROUTE = Route(SPOT, SWAP)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULE = Rule(
    name="collateral",
    who=frozenset({ALICE, BOB}),
    sources=frozenset({SPOT}),
    destinations=frozenset({SWAP}),
    currencies=frozenset({"USDT"}),
    per_transfer={"USDT": Decimal(1000)},
)
REQUEST = Request(ALICE, ROUTE, "USDT", Decimal(250))
ALLOWED = Recorded(NOON, "T7", 7, REQUEST, rule="collateral")
REFUSED = Recorded(NOON, "#9", 0, REQUEST, why="No rule lets you.")


def approved_by(*quorums: tuple[str, int], second_factor: bool = False) -> Rule:
    members = frozenset({"U03CAROL", "U04DAN", "U05ERIN"})
    asked = tuple(Quorum(group, members, count) for group, count in quorums)
    return replace(RULE, tiers=(Tier({"USDT": Decimal(0)}, asked, second_factor),))


def change(recorded: Recorded, rule: Rule, *history: Counted) -> Change | None:
    return next(replay([recorded], [rule], history), None)


def spent(since: datetime, until: datetime | None, transfer_id: int = 1, amount: str = "900") -> Counted:
    return Counted(transfer_id, Spent(BOB, ROUTE, "USDT", Decimal(amount)), since, until)


def test_the_same_policy_changes_nothing() -> None:
    assert change(ALLOWED, RULE) is None
    assert change(REFUSED, replace(RULE, who=frozenset())) is None


def test_what_would_be_refused_says_why() -> None:
    found = change(ALLOWED, replace(RULE, per_transfer={"USDT": Decimal(100)}))
    assert found is not None
    assert found.kind is Kind.REFUSED
    assert found.words == (
        "was allowed by collateral, would be refused: "
        "Rule collateral allows up to 100 USDT in one transfer; this is 250."
    )


def test_what_would_be_allowed_says_by_which_rule_and_whose_approval() -> None:
    found = change(REFUSED, approved_by(("treasurers", 2)))
    assert found is not None
    assert found.kind is Kind.ALLOWED
    assert found.words == (
        "would be allowed by collateral with the approval of 2 of treasurers, was refused: No rule lets you."
    )


@pytest.mark.parametrize(
    ("recorded", "rule", "kind", "words"),
    [
        (ALLOWED, approved_by(("treasurers", 1)), Kind.MORE, "took no approvals, would take 1 of treasurers"),
        (
            replace(ALLOWED, approvals=1),
            approved_by(("treasurers", 1), ("directors", 1)),
            Kind.MORE,
            "took 1 approval, would take 1 of treasurers and 1 of directors",
        ),
        (
            replace(ALLOWED, approvals=2, tier="2 of treasurers"),
            approved_by(("treasurers", 1)),
            Kind.FEWER,
            "took 2 of treasurers, would take 1 of treasurers",
        ),
        (replace(ALLOWED, approvals=2), RULE, Kind.FEWER, "took 2 approvals, would take no approvals"),
        (
            replace(ALLOWED, approvals=1, tier="1 of treasurers"),
            approved_by(("directors", 1)),
            Kind.OTHERS,
            "took 1 of treasurers, would take 1 of directors",
        ),
        (
            replace(ALLOWED, approvals=1, tier="1 of treasurers"),
            approved_by(("treasurers", 1), second_factor=True),
            Kind.OTHERS,
            "took 1 of treasurers, would take 1 of treasurers, with a one-time code",
        ),
        (
            ALLOWED,
            replace(RULE, name="treasury"),
            Kind.RULE,
            "was allowed by collateral, would be by treasury",
        ),
        (
            ALLOWED,
            replace(approved_by(("treasurers", 1)), name="treasury"),
            Kind.MORE,
            "took no approvals, would take 1 of treasurers; was allowed by collateral, would be by treasury",
        ),
    ],
)
def test_other_approvals_and_rules_are_told_apart(recorded: Recorded, rule: Rule, kind: Kind, words: str) -> None:
    assert change(recorded, rule) == Change(recorded, kind, words)


def test_approvers_the_record_does_not_name_are_not_guessed() -> None:
    assert change(replace(ALLOWED, approvals=1), approved_by(("directors", 1))) is None


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (NOON - timedelta(hours=1), None, True),
        (NOON, None, True),
        (NOON + timedelta(milliseconds=1), None, False),
        (NOON - timedelta(hours=1), NOON, False),
        (NOON - timedelta(hours=1), NOON + timedelta(milliseconds=1), True),
    ],
)
def test_what_counted_then_counts_now(since: datetime, until: datetime | None, counts: bool) -> None:
    limited = replace(RULE, per_day={"USDT": Decimal(1000)})
    assert (change(ALLOWED, limited, spent(since, until)) is not None) is counts


def test_nothing_counts_against_itself() -> None:
    limited = replace(RULE, per_day={"USDT": Decimal(300)})
    assert change(ALLOWED, limited, spent(NOON, None, ALLOWED.transfer_id, "250")) is None


def test_usage_comes_and_goes_over_time() -> None:
    limited = replace(RULE, per_day={"USDT": Decimal(1000)})
    requests = [replace(ALLOWED, at=NOON + timedelta(hours=hour), name=f"T{hour}") for hour in (5, 1, 3)]
    history = [spent(NOON + timedelta(hours=2), NOON + timedelta(hours=4))]
    assert [found.recorded.name for found in replay(requests, [limited], history)] == ["T3"]


@pytest.mark.parametrize(
    ("state", "until"),
    [
        (State.SUCCEEDED, NOON + timedelta(hours=24)),
        (State.NOT_EXECUTED, NOON + timedelta(hours=24)),
        (State.REFUSED, NOON),
        (State.NOT_SENT, NOON),
        (State.CANCELLED, NOON),
    ],
)
def test_a_transfer_counts_as_long_as_its_end_says(state: State, until: datetime) -> None:
    transfer = Transfer(
        id=1,
        version=1,
        state=state,
        route=ROUTE,
        currency="USDT",
        amount=Decimal(250),
        margin_account="USDT",
        connection="1f2e3d4c5b6a",
        requester=ALICE,
        team="T01DESK",
        channel="C01TREASURY",
        rule="collateral",
        rule_hash="",
        policy_hash="",
        seal="",
        created_at=NOON - timedelta(minutes=2),
        reserved_at=NOON - timedelta(minutes=1),
        settled_at=NOON,
    )
    found = counted(transfer)
    assert found is not None
    assert (found.since, found.until) == (NOON - timedelta(minutes=1), until)
    assert found.spent == Spent(ALICE, ROUTE, "USDT", Decimal(250))
    still = counted(replace(transfer, state=State.UNKNOWN, settled_at=None))
    assert still is not None
    assert still.until is None
    assert counted(replace(transfer, reserved_at=None)) is None


def test_the_tally_counts_each_kind_and_the_rest() -> None:
    changes = [Change(ALLOWED, kind, "") for kind in (Kind.RULE, Kind.REFUSED, Kind.REFUSED)]
    assert tally(changes, 10) == "10 requests: 2 allowed → refused, 1 another rule, 7 as before"
    assert tally([], 0) == "0 requests: 0 as before"
