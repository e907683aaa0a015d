"""Transfers to be shown, from the plain to the longest and the most hostile, and ways to read what is shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.accounts import Account, Route, plain
from bot.desk import Looked, Preview, Side, View
from bot.journal import Event, Vote
from bot.transfers import State, Transfer

NOW = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
ALICE, CAROL, DAN = "U01ALICE", "U03CAROL", "U04DAN"
HOSTILE = "<!channel> <@U01ALICE> <https://evil.com|htx.com> &amp; & \n*✅ Done* `code`"

SPOT_TO_CROSS = Transfer(
    id=42,
    version=1,
    state=State.PROPOSED,
    route=Route(Account("htx", "spot"), Account("htx", "linear-swap")),
    currency="USDT",
    amount=Decimal("1250.5"),
    margin_account="USDT",
    connection="1f2e3d4c5b6a",
    requester=ALICE,
    team="T01DESK",
    channel="C01TREASURY",
    rule="collateral",
    rule_hash="a" * 64,
    policy_hash="b" * 64,
    seal="1f2e3d4c",
    created_at=NOW,
    deadline=NOW + timedelta(minutes=10),
)
# The longest balance an exchange can tell.
MOST = Decimal(f"-{'9' * 40}.{'9' * 40}")
LONGEST_ID = "U" + "X" * 20
LONGEST_ALIAS = ["a" * 31, "b" * 31]
LONGEST = replace(
    SPOT_TO_CROSS,
    id=10**15 - 1,
    version=999_999,
    route=Route(Account("c" * 21, "9" * 18), Account("c" * 21, "8" * 18)),
    currency="ABCDEFGHIJKL",
    amount=Decimal("999999999999999.12345678"),
    share="99.99%",
    margin_account="A" * 20 + "-USDT",
    requester=LONGEST_ID,
    rule="r" * 31,
    outcome=("<!channel>&<>" * 50)[:600],
    exchange_reference="&" * 64,
    sent_at=NOW,
    settled_at=NOW,
)


def view(transfer: Transfer, **changes: Any) -> View:
    """What the desk would show of a transfer, unless a test changes something."""
    plain_view = View(
        transfer=transfer,
        source=str(transfer.route.source),
        destination=str(transfer.route.destination),
        confirmable=transfer.state is State.PROPOSED,
        twins=(),
        votes=(),
        reasons={},
        resolve_by=2,
        resolvers=(CAROL, DAN),
        names={ALICE: "alice", CAROL: "carol", DAN: "dan"},
        looked=None,
        evidence="0123abcd",
        alarm="",
    )
    return replace(plain_view, **changes)


def longest(state: State, **changes: Any) -> View:
    """A card in a state with everything as long as it can legally be."""
    people = {f"U{number:020d}": f"{number:031d}" for number in range(40)} | {LONGEST_ID: "n" * 31}
    return view(
        replace(LONGEST, state=state),
        source=f"{'c' * 21}:{LONGEST_ALIAS[0]}",
        destination=f"{'c' * 21}:{LONGEST_ALIAS[1]}",
        twins=tuple(replace(LONGEST, id=10**14 + number, state=State.UNKNOWN) for number in range(40)),
        votes=tuple(Vote(person, "not_executed", NOW, "1f2e3d4c") for person in people),
        resolve_by=10,
        resolvers=tuple(people),
        names=people,
        looked=Looked(NOW, "unclear", HOSTILE * 20, (HOSTILE * 20,), "0123abcd", HOSTILE * 20, NOW),
        alarm=HOSTILE * 20,
        share_of=MOST,
        preview=Preview(Side(MOST, -MOST, NOW, ""), Side(None, None, NOW, HOSTILE * 20)),
        **changes,
    )


def in_state(state: State, **changes: Any) -> View:
    return view(replace(SPOT_TO_CROSS, state=state, **changes))


def mrkdwn(message: Any) -> Iterator[str]:
    """Every text in which Slack would obey markup."""
    if isinstance(message, dict):
        if message.get("type") == "mrkdwn":
            yield message["text"]
        if isinstance(message.get("text"), str) and "type" not in message:
            yield message["text"]
        for part in message.values():
            yield from mrkdwn(part)
    elif isinstance(message, list):
        for part in message:
            yield from mrkdwn(part)


def obeyed(message: Any) -> list[str]:
    """All markup Slack would obey, other than mentions of the people concerned and dates."""
    ours = re.compile(r"@[UW][A-Z0-9]+|!date\^[0-9]+\^[^|<>]+\|[^<>]+")
    found = [markup for text in mrkdwn(message) for markup in re.findall(r"<([^>]*)>", text)]
    return [markup for markup in found if not ours.fullmatch(markup)]


def words(message: dict[str, Any]) -> str:
    """Everything a card says, as people read it."""
    blocks = message.get("blocks", [])
    texts = [text for block in blocks for text in mrkdwn(block)]
    return html.unescape("\n".join(texts or [message["text"]]))


def buttons(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [element for block in message["blocks"] if block["type"] == "actions" for element in block["elements"]]
    return {button["action_id"]: button for button in found}


def event(kind: str, actor: str = "desk", **data: Any) -> Event:
    facts: dict[str, Any] = {
        "route": str(SPOT_TO_CROSS.route),
        "margin_account": SPOT_TO_CROSS.margin_account,
        "amount": plain(SPOT_TO_CROSS.amount),
        "currency": "USDT",
        "requester": ALICE,
        "rule": "collateral",
        "seal": "1f2e3d4c",
        "version": 1,
    }
    if kind == State.AWAITING_APPROVAL:
        facts |= {"asks": "1 of treasurers", "approvers": [CAROL]}
    return Event(12, "2026-11-21T10:15:00.000Z", 42, kind, actor, facts | data, "0" * 64, "ab" * 32)
