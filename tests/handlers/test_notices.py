"""What the audit channel is told that is about no transfer: a freeze, another policy, somebody who keeps trying."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk_bench import BOB, CAROL
from posting import Posting, Stage
from shown import ALICE, HOSTILE, event, obeyed, words

from bot.journal import Event
from handlers import lines

POLICY = "0123456789abcdef" * 4
BEFORE = "fedcba9876543210" * 4
NAMES = {ALICE: "alice"}
# What people and shells write, and how much of it is kept.
FOREIGN = {"reason": 200, "why": 400, "attempt": 300}
WHY_KEPT_MAX = 1500  # of what is wrong with a desk.toml
CHAIN = f"  ·  chain #12 `{'ab' * 32}`"

NOTICES: dict[str, tuple[str, dict[str, Any], str]] = {
    "frozen": (
        ALICE,
        {"exchange": "htx", "reason": "key leaked"},
        f"🧊 *htx is frozen* by alice ({ALICE}): key leaked",
    ),
    "unfrozen": (
        ALICE,
        {"exchange": "all", "froze": "U04DAN", "reason": "key leaked"},
        f"🟢 *all is no longer frozen*, by alice ({ALICE})",
    ),
    "policy_loaded": (
        "desk",
        {"policy": POLICY, "before": BEFORE, "rules": 2},
        "📜 *Policy 0123456789ab is in force*, 2 rules; it was fedcba987654",
    ),
    "policy_kept": (
        "desk",
        {"policy": POLICY, "why": "desk.toml: not valid TOML"},
        "⚠️ *desk.toml was not loaded*, policy 0123456789ab stays in force: desk.toml: not valid TOML",
    ),
    "tries": (
        ALICE,
        {"team": "T01DESK", "count": 3, "attempt": "/transfer 1 btc", "why": "Not a treasurer."},
        f"⚠️ *alice ({ALICE}) was turned away 3 times.* Last: /transfer 1 btc. Not a treasurer.",
    ),
}


def notice(kind: str, actor: str, data: dict[str, Any]) -> Event:
    return replace(event(kind, actor), transfer_id=None, data=data)


@pytest.mark.parametrize("kind", NOTICES)
def test_each_notice_says_what_who_and_where_in_the_chain(kind: str) -> None:
    actor, data, said = NOTICES[kind]
    assert words(lines.audit_line(notice(kind, actor, data), NAMES, {})) == said + CHAIN


@pytest.mark.parametrize("kind", NOTICES)
def test_nothing_anybody_writes_is_obeyed_in_a_notice_and_nobody_is_called(kind: str) -> None:
    _, data, _ = NOTICES[kind]
    hostile = {name: HOSTILE if name in FOREIGN else value for name, value in data.items()}
    shell = " ".join(HOSTILE.split())  # what somebody's shell calls them
    told = lines.audit_line(notice(kind, shell, hostile), NAMES, {})
    assert obeyed(told) == []
    assert "<@" not in told["text"]
    assert "\n" not in told["text"]


@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_at_its_longest_keeps_its_place_in_the_chain_within_slacks_limit(kind: str) -> None:
    _, data, _ = NOTICES[kind]
    foreign = FOREIGN | ({"why": WHY_KEPT_MAX} if kind == "policy_kept" else {})
    long = {name: "&" * foreign[name] if name in FOREIGN else value for name, value in data.items()}
    text = lines.audit_line(notice(kind, ALICE, long), {ALICE: "a" * 31}, {})["text"]
    assert text.endswith(CHAIN)
    assert len(text) <= 4000


def test_a_notice_of_a_kind_to_come_is_still_told() -> None:
    assert words(lines.audit_line(notice("moved_house", ALICE, {}), NAMES, {})).startswith("*moved_house* by alice")


def test_notices_reach_the_audit_channel_and_nothing_else(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        bench = posting.bench
        bench.freeze("htx", BOB, "key <!channel> leaked")
        bench.unfreeze("htx", CAROL)
        bench.reload(('per_transfer = "1000"', 'per_transfer = "900"'))
        bench.desk.keep_policy("rules[0]: wrong").result()
        for _ in range(3):
            bench.ask("1001 usdt htx:spot -> htx:linear-swap")
        while bench.parcels():  # Slack takes one message a second in a channel
            bench.clock.advance(await posting.drain())
        kinds = ["frozen", "unfrozen", "policy_loaded", "policy_kept", "tries"]
        chained = [f"chain #{seen.seq} `{seen.hash}`" for kind in kinds for seen in bench.events(kind)]
        told = posting.audit()
        assert [line.rpartition("  ·  ")[2] for line in told] == chained
        assert told[0].startswith("🧊 *htx is frozen* by bob (U02BOB): key &lt;!channel&gt; leaked")
        assert posting.cards() == []
        assert set(posting.outbox()) == {("audit", "done")}

    stage(act)
