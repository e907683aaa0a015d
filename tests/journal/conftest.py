"""A journal on a real file, and a transfer to keep in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from clock import VirtualClock

from bot.accounts import Account, Route
from bot.journal import Journal, Transaction
from bot.transfers import State, Transfer

TRANSFER = Transfer(
    id=0,
    version=1,
    state=State.PROPOSED,
    route=Route(Account("htx", "spot"), Account("htx", "linear-swap", "BTC-USDT")),
    currency="USDT",
    amount=Decimal("1250.50"),
    margin_account="BTC-USDT",
    connection="1f2e3d4c5b6a",
    requester="U01ALICE",
    team="T01DESK",
    channel="C01TREASURY",
    rule="collateral",
    rule_hash="ab" * 32,
    policy_hash="cd" * 32,
    seal="01234567",
    created_at=datetime(2026, 11, 21, 10, 15, 0, 250000, tzinfo=UTC),
    deadline=datetime(2026, 11, 21, 10, 25, 0, 250000, tzinfo=UTC),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
def journal(path: Path, clock: VirtualClock) -> Iterator[Journal]:
    journal = Journal(path, clock, threaded=False)
    journal.run(lambda tx: tx.keep_policy("cd" * 32, "the policy")).result()
    yield journal
    journal.close()


@pytest.fixture
def transfer(journal: Journal) -> Transfer:
    """A proposal, already kept."""

    def keep(tx: Transaction) -> Transfer:
        return tx.insert(TRANSFER)

    return journal.run(keep).result()
