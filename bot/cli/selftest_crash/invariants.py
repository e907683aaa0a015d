"""What must hold after any schedule of deaths, once the desk was left alone: held against the exchange's own book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.cli.selftest_crash.stage import Stage
from bot.journal.chain import GENESIS, link
from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_workspace import Json, Message
from bot.sandbox.world import AUDIT, TREASURY
from bot.transfers import State

Row = dict[str, Any]

# What a card offers when the money is half way.
_WAYS_ON = {"transfer_second_again", "transfer_send_back"}


@dataclass(frozen=True)
class Record:
    """The journal as an auditor reads it from its file."""

    transfers: list[Row]
    events: list[Row]
    outbox: list[Row]
    complaints: list[str]


def read(stage: Stage) -> Record:
    """Read the journal of a desk that is not running."""
    with closing(sqlite3.connect(f"file:{stage.database}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row

        def rows(sql: str) -> list[Row]:
            return [dict(row) for row in db.execute(sql)]

        checked = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        checked += [f"{tuple(row)} refers to nothing" for row in db.execute("PRAGMA foreign_key_check")]
        return Record(
            rows("SELECT * FROM transfers ORDER BY id"),
            rows("SELECT * FROM events ORDER BY seq"),
            rows("SELECT * FROM outbox ORDER BY id"),
            checked,
        )


def violations(stage: Stage, record: Record) -> list[str]:
    """Return everything that does not hold, one sentence each; nothing is the only good answer."""
    return [
        *(f"the database: {complaint}" for complaint in record.complaints),
        *_chain(record),
        *_money(stage, record),
        *_lost(stage, record),
        *_told(stage, record),
    ]


def _chain(record: Record) -> Iterator[str]:
    previous, expected = GENESIS, 1
    for row in record.events:
        digest = link(
            row["seq"], row["at"], row["transfer_id"], row["kind"], row["actor"], row["data"], row["previous_hash"]
        )
        if (row["seq"], row["previous_hash"], row["hash"]) != (expected, previous, digest):
            yield f"the chain is broken at event {row['seq']}"
        previous, expected = row["hash"], row["seq"] + 1


def _money(stage: Stage, record: Record) -> Iterator[str]:
    """One request a step at most; what the exchange executed is what the desk says, no more and no less."""
    requests, executed = len(stage.exchange.requests), len(stage.exchange.executed)
    claimed = Counter(row["transfer_id"] for row in record.events if row["kind"] == State.SENDING)
    sends = claimed.total()
    if requests > stage.flow.steps:
        yield f"{requests} requests at the exchange for {'one transfer' if stage.flow.steps == 1 else 'two steps'}"
    for number, times in claimed.items():
        if times > 1:
            yield f"T{number} left {times} times by the journal"
    if any(times > 1 for times in Counter((m.source, m.destination) for m in stage.exchange.executed).values()):
        yield "the exchange executed the same step twice"
    if requests > sends:
        yield "a request left that the journal had not claimed"
    kinds = {row["kind"] for row in record.events}
    if requests and State.AWAITING_APPROVAL in kinds and "approve_vote" not in kinds:
        yield "a request left that nobody had approved"
    kinds_of = {(row["transfer_id"], row["kind"]) for row in record.events}
    for step, row in enumerate(record.transfers, 1):
        right = {State.SUCCEEDED} if executed >= step else {State.NOT_EXECUTED}
        if stage.flow.refused and requests:
            right.add(State.REFUSED)
        if executed < step - 1:
            right = {State.CANCELLED}  # the step before it did not happen
        if executed >= step and (row["id"], "resolve_vote") in kinds_of:
            yield f"people had to settle T{row['id']}, which the exchange's records show"
        if row["state"] not in right:
            yield f"the exchange executed {executed}, and T{row['id']} ended as {row['state']}"


def _lost(stage: Stage, record: Record) -> Iterator[str]:
    """What was acknowledged is there, once; and its states follow from its events."""
    acked = Counter(_act(envelope) for envelope in stage.people.acked)
    kinds = Counter(row["kind"] for row in record.events)
    there = len(record.transfers) / stage.flow.steps
    if acked["/transfer"] != 1 or there != 1 or kinds[State.PROPOSED] != 1:
        yield f"a transfer was acknowledged {acked['/transfer']} times and is there {there:g} times"
    if acked["transfer_confirm"] and not kinds[State.APPROVED]:
        yield "a confirmation was acknowledged and is not in the journal"
    if acked["transfer_approve"] and not kinds["approve_vote"]:
        yield "an approval was acknowledged and is not in the journal"
    if acked["view_submission"] and not kinds["resolve_vote"]:
        yield "an admin's decision was acknowledged and is not in the journal"
    ended = {row["transfer_id"]: row["kind"] for row in record.events if row["kind"] in set(State)}
    for row in record.transfers:
        if row["state"] != ended.get(row["id"]):
            yield f"the last event is {ended.get(row['id'])}, which the row of T{row['id']} does not say"


def _act(envelope: Json) -> str:
    payload = envelope["payload"]
    return str(payload.get("command") or (payload.get("actions") or [payload])[0].get("action_id") or payload["type"])


def _told(stage: Stage, record: Record) -> Iterator[str]:
    """One card, also for two steps, in its last state; every line in the thread and in the audit channel once."""
    waiting = [f"{row['kind']} {row['state']} ({row['problem']})" for row in record.outbox if row["state"] != "done"]
    if waiting:
        yield f"Slack was never told: {', '.join(waiting)}"
    messages = {channel: stage.world.slack.workspace.messages(channel) for channel in (TREASURY, AUDIT)}
    cards = [message for message in messages[TREASURY] if _about(message)["kind"] == "card"]
    if [card.ts for card in cards] != list({row["card_ts"]: None for row in record.transfers}):
        yield f"{len(cards)} cards for one transfer"
    offered = {element["action_id"] for card in cards for _, element in elements(card.blocks)}
    if offered != (_WAYS_ON if 0 < len(stage.exchange.executed) < stage.flow.steps else set()):
        yield f"the card of what has ended offers {', '.join(sorted(offered)) or 'no way on'}"
    for kind, channel in (("thread", TREASURY), ("audit", AUDIT)):
        due = Counter(row["event_seq"] for row in record.outbox if row["kind"] == kind)
        posted = Counter(_about(message)["event"] for message in messages[channel] if _about(message)["kind"] == kind)
        if due != posted:
            yield f"{kind} lines due {sorted(due.elements())}, posted {sorted(posted.elements())}"


def _about(message: Message) -> Json:
    about: Json = (message.metadata or {})["event_payload"]
    return about
