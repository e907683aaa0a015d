"""The states a transfer can be in, the arrows between them, and the seal over what was shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.accounts import Account, Route
from bot.transfers import (
    ARROWS,
    FINAL,
    OPEN,
    OUTCOME_STATE,
    Accepted,
    NotSent,
    Refused,
    State,
    Transfer,
    Unknown,
)

# The plan's picture, written out: what each state may become. Not in the picture: a waiting step that is asked again.
PLAN = {
    "proposed": "awaiting_approval approved cancelled expired blocked",
    "awaiting_approval": "approved denied proposed cancelled expired blocked",
    "waiting": "approved proposed cancelled expired blocked",
    "approved": "sending proposed cancelled expired blocked",
    "sending": "succeeded refused not_sent unknown",
    "unknown": "succeeded not_executed",
    "succeeded": "",
    "refused": "",
    "not_sent": "",
    "not_executed": "",
    "denied": "",
    "cancelled": "",
    "expired": "",
    "blocked": "",
}
PAIRS = [(State(before), after) for before in PLAN for after in State]

TRANSFER = Transfer(
    id=1042,
    version=1,
    state=State.PROPOSED,
    route=Route(Account("htx", "spot"), Account("htx", "linear-swap")),
    currency="USDT",
    amount=Decimal("250"),
    margin_account="USDT",
    connection="1f2e3d4c5b6a",
    requester="U01ALICE",
    team="T01DESK",
    channel="C01TREASURY",
    rule="collateral",
    rule_hash="ab" * 32,
    policy_hash="cd" * 32,
    seal="",
    created_at=datetime(2026, 11, 21, 10, 15, tzinfo=UTC),
).sealed()


def test_the_plan_names_every_state() -> None:
    assert set(PLAN) == {state.value for state in State}


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda state: state.value)
def test_an_arrow_exists_exactly_when_the_plan_draws_it(before: State, after: State) -> None:
    transfer = replace(TRANSFER, state=before)
    if after.value in PLAN[before.value].split():
        assert transfer.moved(after).state is after
    else:
        with pytest.raises(ValueError, match=f"T1042: no arrow from {before} to {after}"):
            transfer.moved(after)


def test_final_and_open_divide_the_states_between_them() -> None:
    assert {state.value for state in FINAL} == {before for before, after in PLAN.items() if not after}
    assert set(State) == FINAL | OPEN
    assert not FINAL & OPEN


def test_nothing_leads_back_to_the_send_once_it_was_sending() -> None:
    reached: set[State] = set()
    border = {State.SENDING}
    while border:
        border = {after for before, after in ARROWS if before in border} - reached
        reached |= border
    assert not reached & {State.PROPOSED, State.AWAITING_APPROVAL, State.WAITING, State.APPROVED, State.SENDING}


def test_each_outcome_of_a_send_has_its_own_state() -> None:
    assert {
        Accepted: State.SUCCEEDED,
        Refused: State.REFUSED,
        NotSent: State.NOT_SENT,
        Unknown: State.UNKNOWN,
    } == OUTCOME_STATE


def test_an_arrow_takes_the_changed_fields_along_and_leaves_the_original_alone() -> None:
    moved = TRANSFER.moved(State.CANCELLED, outcome="Cancelled.")
    assert (moved.state, moved.outcome) == (State.CANCELLED, "Cancelled.")
    assert (TRANSFER.state, TRANSFER.outcome) == (State.PROPOSED, None)


@pytest.mark.parametrize(
    "change",
    [
        {"route": Route(Account("htx", "linear-swap"), Account("htx", "spot"))},
        {"route": Route(Account("htx", "spot"), Account("htx", "linear-swap", "BTC-USDT"))},
        {"margin_account": "BTC-USDT"},
        {"amount": Decimal("2500")},
        {"amount": Decimal("250.00000001")},
        {"currency": "USDC"},
        {"requester": "U02BOB"},
        {"team": "T02OTHER"},
        {"rule_hash": "ef" * 32},
        {"version": 2},
        {"connection": "6a5b4c3d2e1f"},
    ],
    ids=lambda change: "-".join(change),
)
def test_the_seal_changes_with_everything_that_was_shown(change: dict[str, Any]) -> None:
    assert replace(TRANSFER, **change).seal_now() != TRANSFER.seal


def test_the_seal_does_not_change_with_the_state_or_how_an_amount_is_written() -> None:
    later = replace(TRANSFER, state=State.SENDING, outcome="…", card_ts="1.2", amount=Decimal("250.000"))
    assert later.seal_now() == TRANSFER.seal


def test_the_seal_is_eight_hex_digits() -> None:
    assert len(TRANSFER.seal) == 8
    assert int(TRANSFER.seal, 16) >= 0


def test_a_transfer_is_called_by_its_number() -> None:
    assert TRANSFER.name == "T1042"
