"""What must hold after every step, and what must hold once everything has come to rest."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from bot.audit.verify import reading, verify
from bot.desk.looking import soonest
from bot.sandbox.books import Movement
from handlers import cards
from simulation.judge import Judge
from simulation.people import People
from simulation.scenery import AUDIT, TREASURY
from simulation.world import Violation, World

GENESIS = "0" * 64
ENDED = {"succeeded", "refused", "not_sent", "not_executed", "denied", "cancelled", "expired", "blocked"}
WITH_DEADLINE = {"proposed", "awaiting_approval", "approved"}
WITHOUT_ANSWER = {"sending", "unknown"}
FAILED = ENDED - {"succeeded"}
STATES = ENDED | WITH_DEADLINE | WITHOUT_ANSWER | {"waiting"}
# A movement by hand can be taken for a send's this long after it, and while the snapshot before it was being read.
HAND_WINDOW_S, SNAPSHOT_S_MAX = 1800, 5
COINW_FIRST_LINE = 880_000_000
# Told in the audit channel, though about no transfer.
NOTICES = {"tries", "frozen", "unfrozen", "policy_loaded", "policy_kept", "daily_head"}
# What an event of another kind says of the state.
MEANS = {"asked_again": "proposed"}
COLUMNS = (
    "id, state, version, exchange, source, destination, currency, amount, requester, deadline, sent_at, card_ts, rule, "
    "follows, retry_of"
)


class Watch:
    """Holds the journal, the exchanges' true books and Slack against each other.

    Attributes:
        undecidable: transfers settled by a movement somebody made by hand; nobody could have known.
    """

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        self._seq, self._hash = 0, GENESIS
        self._states: dict[int, tuple[str, int]] = {}
        self._settled_by: dict[int, list[Movement]] = {}
        self.undecidable: set[int] = set()
        self._judge = Judge(world)
        world.books.check_send = self._wrong_with_send

    def check(self) -> None:
        """Check everything that must always hold.

        Raises:
            Violation: something does not.
        """
        world = self._world
        if world.alive and not world.points.dead:
            transfers = {row[0]: dict(zip(COLUMNS.split(", "), row, strict=True)) for row in self._transfers()}
            world.violations.extend(self._chain())
            world.violations.extend(self._replayed(transfers))
            world.violations.extend(self._moved(transfers))
            world.violations.extend(self._left_half_way(transfers))
            world.violations.extend(self._owned(transfers))
            world.violations.extend(self._posted_once())
        if world.violations:
            raise Violation("; ".join(dict.fromkeys(world.violations)))

    def _transfers(self) -> list[Any]:
        return self._world.rows(f"SELECT {COLUMNS} FROM transfers ORDER BY id")

    # The record

    def _chain(self, *, whole: bool = False) -> Iterator[str]:
        """New events follow the last one seen, and that one is still there."""
        if whole:
            self._seq, self._hash, self._states = 0, GENESIS, {}
        rows = self._world.rows(
            "SELECT seq, at, transfer_id, kind, actor, data, previous_hash, hash FROM events "
            "WHERE seq >= ? ORDER BY seq",
            self._seq,
        )
        if self._seq and (not rows or (rows[0][0], rows[0][7]) != (self._seq, self._hash)):
            yield f"event {self._seq} was there and is not any more"
        for seq, at, transfer_id, kind, actor, data, previous, digest in rows[1 if self._seq else 0 :]:
            row = {"actor": actor, "at": at, "data": data, "kind": kind, "seq": seq, "transfer_id": transfer_id}
            text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if seq != self._seq + 1 or previous != self._hash:
                yield f"event {seq} does not follow event {self._seq}"
            if hashlib.sha256((previous + text).encode()).hexdigest() != digest:
                yield f"event {seq} does not match its hash"
            self._seq, self._hash = seq, digest
            if kind == "sending":
                claimed_at = datetime.fromisoformat(at) - timedelta(seconds=self._world.clock_error_s)
                self._world.books.sent_at.setdefault(transfer_id, claimed_at)
            if not whole and kind == "succeeded" and json.loads(data).get("line"):
                yield from self._someone_elses(transfer_id, json.loads(data)["line"])
            if not whole:
                yield from self._judge.wrong_with_event(seq, kind, actor, transfer_id, json.loads(data))
                self._world.log(f"    {_brief(seq, transfer_id, kind, json.loads(data))}")
            state = MEANS.get(kind, kind)
            if transfer_id is not None and state in STATES:
                self._states[transfer_id] = (state, json.loads(data)["version"])

    def _replayed(self, transfers: dict[int, dict[str, Any]]) -> Iterator[str]:
        for number, transfer in transfers.items():
            stands = (transfer["state"], transfer["version"])
            if self._states.get(number) != stands:
                yield f"T{number} is {stands}, its events say {self._states.get(number)}"

    # The money

    def _someone_elses(self, number: int, line: str) -> Iterator[str]:
        """A line of the records that settles a transfer is its own, or a person's; never another transfer's."""
        ((exchange,),) = self._world.rows("SELECT exchange FROM transfers WHERE id = ?", number)
        books = self._world.books
        meant = [m for m in self._world.lookalikes[exchange].book.movements if _is_line(m, line)]
        own = books.executed.get(number)
        self._settled_by[number] = meant
        if any(movement is own or self._could_pass_for(number, movement) for movement in meant):
            return
        owners = [other for other, movement in books.executed.items() if movement in meant]
        by_hand = [other for other in owners if any(movement.by_hand for movement in self._settled_by.get(other, ()))]
        if by_hand or self.undecidable.intersection(owners):
            # The owner was taken for a movement by hand before its own stuck request arrived: undecided, once removed.
            self.undecidable.add(number)
            return
        names = ", ".join(f"T{owner}" for owner in owners) or "a person, from before it left"
        yield f"T{number} was settled by the line of {names}"

    def _wrong_with_send(self, row: Any) -> Iterator[str]:
        """Whoever asked must be allowed to, now and by our own reading of the rules; and there is a snapshot."""
        number = row[0]
        yield from self._judge.wrong_with_send(*row[:2], Decimal(row[4]), *row[5:7])
        (said,) = self._world.rows(
            "SELECT data FROM events WHERE transfer_id = ? AND kind = 'sending' ORDER BY seq DESC LIMIT 1", number
        )
        if "read_at" not in json.dumps(json.loads(said[0]).get("evidence") or {}):
            yield f"T{number} was sent without a snapshot"

    def _moved(self, transfers: dict[int, dict[str, Any]]) -> Iterator[str]:
        executed = self._world.books.executed
        for number, movement in executed.items():
            transfer = transfers.get(number)
            if transfer is None:
                yield f"T{number} moved money and is not in the journal"
                continue
            if transfer["state"] not in {"sending", "unknown", "succeeded"}:
                yield f"T{number} is {transfer['state']} and moved money"
            if not _is_of(movement, transfer):
                yield f"T{number} moved {movement.amount} from {movement.source} to {movement.destination}"
        through_the_api = sum(len(lookalike.executed) for lookalike in self._world.lookalikes.values())
        if through_the_api != len(executed):
            yield f"the exchanges executed {through_the_api} transfers, {len(executed)} are known"
        for number, transfer in transfers.items():
            if transfer["state"] == "succeeded" and number not in executed and number not in self.undecidable:
                if self._moved_by_hand(number, transfer):
                    self.undecidable.add(number)
                else:
                    yield f"T{number} is succeeded and moved nothing"

    def _left_half_way(self, transfers: dict[int, dict[str, Any]]) -> Iterator[str]:
        """What arrived by a first step leaves once: by the second step, by a try of it, or on its way back."""
        left: dict[int, list[int]] = {}
        for number, transfer in transfers.items():
            if number in self._world.books.executed and (transfer["follows"] or transfer["retry_of"]):
                left.setdefault(transfer["retry_of"] or number, []).append(number)
        for numbers in left.values():
            if len(numbers) > 1:
                yield f"{' and '.join(f'T{number}' for number in numbers)} moved the same money"

    def _moved_by_hand(self, number: int, transfer: dict[str, Any]) -> bool:
        """Tell whether a person moved the same sum the same way: the one case no record decides."""
        movements = self._world.lookalikes[transfer["exchange"]].book.movements
        return any(_looks_like(m, transfer) and self._could_pass_for(number, m) for m in movements)

    def _could_pass_for(self, number: int, movement: Movement) -> bool:
        """Tell whether a movement by hand fell where no snapshot could have shown it before the send."""
        sent_at = self._world.books.sent_at.get(number)
        earliest = -self._world.books.lag_s_max - SNAPSHOT_S_MAX
        return (
            movement.by_hand
            and sent_at is not None
            and earliest <= (movement.at - sent_at).total_seconds() <= HAND_WINDOW_S
        )

    # Nothing is forgotten

    def _owned(self, transfers: dict[int, dict[str, Any]]) -> Iterator[str]:
        config = self._world.in_force.config()
        for number, transfer in transfers.items():
            state = transfer["state"]
            if state in WITH_DEADLINE and transfer["deadline"] is None:
                yield f"T{number} is {state} without a deadline"
            if state == "waiting" and (transfer["deadline"] or transfers[transfer["follows"]]["state"] in FAILED):
                yield f"T{number} waits for what is {transfers[transfer['follows']]['state']}"
            if state in WITHOUT_ANSWER and transfer["exchange"] not in self._world.lanes:
                yield f"T{number} is {state} and no lane looks after it"
            if state == "unknown" and not config.admins - {transfer["requester"]}:
                yield f"T{number} is unknown and nobody may settle it"
        young = self._world.clock.now() - timedelta(hours=23)
        for exchange in sorted({t["exchange"] for t in transfers.values() if _is_unknown_since(t, young)}):
            if self._world.journal.run(partial(soonest, exchange=exchange, watched=False)).result() is None:
                yield f"an unknown at {exchange} is not looked after"

    # Slack

    def _posted_once(self) -> Iterator[str]:
        """Nothing is in Slack twice: no card, no reply, no audit line."""
        counted: Counter[tuple[Any, ...]] = Counter()
        for channel in (TREASURY, AUDIT):
            for message in self._world.workspace.messages(channel):
                said = (message.metadata or {}).get("event_payload") or {}
                counted[said.get("kind"), said.get("transfer"), said.get("event")] += 1
        for (kind, number, event), times in counted.items():
            if times > 1 and kind is not None:
                yield f"the {kind} of T{number} (event {event}) is {times} times in Slack"

    # At rest

    def check_at_rest(self) -> None:
        """Check what must hold once faults are over, people have acted and time has passed.

        Raises:
            Violation: something does not.
        """
        world = self._world
        world.violations.extend(self._chain(whole=True))
        self.check()
        transfers = {row[0]: dict(zip(COLUMNS.split(", "), row, strict=True)) for row in self._transfers()}
        for number, transfer in transfers.items():
            if transfer["state"] not in ENDED:
                world.blame(f"T{number} is still {transfer['state']} at the end")
        for kind, number, state, problem in world.rows("SELECT kind, transfer_id, state, problem FROM outbox"):
            # Under a card somebody deleted there is no thread to reply in.
            if state != "done" and not (kind == "thread" and self._people.named(number) in self._people.deleted):
                world.blame(f"the {kind} of T{number} is {state} at the end ({problem})")
        world.violations.extend(self._shown(transfers))
        world.violations.extend(self._told())
        world.violations.extend(self._audited())
        if world.violations:
            raise Violation("; ".join(dict.fromkeys(world.violations)))

    def _shown(self, transfers: dict[int, dict[str, Any]]) -> Iterator[str]:
        for number in transfers:
            shown, named = self._people.cards(number), self._people.named(number)
            view = self._world.desk.view(named).result()
            if not shown and named in self._people.deleted:
                continue
            if len(shown) != 1:
                yield f"T{number} has {len(shown)} cards"
            elif view is None or shown[0].text != cards.card(view)["text"]:
                yield f"the card of T{number} does not show how it ended: {shown[0].text}"
            elif transfers[number]["card_ts"] != shown[0].ts:
                yield f"the card of T{number} is not the one on record"

    def _told(self) -> Iterator[str]:
        """Every outcome is in the audit channel, once, with its own hash."""
        lines = [message.text for message in self._world.workspace.messages(AUDIT)]
        told = Counter(int(found[1]) for line in lines if (found := re.search(r"chain #(\d+) ", line)))
        wanted = {
            row[0]
            for row in self._world.rows("SELECT seq, kind, transfer_id FROM events")
            if row[1] in (NOTICES if row[2] is None else ENDED | {"unknown", "late_answer", "surplus"})
        }
        for seq in sorted(wanted | set(told)):
            if told[seq] != (seq in wanted):
                yield f"event {seq} is {told[seq]} times in the audit channel"

    def _audited(self) -> Iterator[str]:
        """The audit, which knows the journal's file alone, finds nothing to say."""
        with reading(self._world.path) as db:
            first = verify(db, self._world.path).differences.first
        if first is not None:
            yield f"the audit finds: {first}"


def _brief(seq: int, transfer_id: int | None, kind: str, data: dict[str, Any]) -> str:
    """One event in a trace."""
    said = " ".join(str(data[name]) for name in ("trace", "lines", "line", "outcome", "why") if data.get(name))
    return f"#{seq} {f'T{transfer_id} ' if transfer_id else ''}{kind} {said[:200]}".strip()


def _is_unknown_since(transfer: dict[str, Any], moment: datetime) -> bool:
    return transfer["state"] == "unknown" and datetime.fromisoformat(transfer["sent_at"]) > moment


def _is_line(movement: Movement, line: str) -> bool:
    """Tell whether a line of the adapters' records can be a movement: by CoinW's ledger id, by HTX's time in ms."""
    if ":" not in line:
        return int(line) == COINW_FIRST_LINE + movement.id
    return line.startswith(f"{int(movement.at.timestamp() * 1000)}:")


def _is_of(movement: Movement, transfer: dict[str, Any]) -> bool:
    """Tell whether a movement is what a transfer asked for."""
    sides = (transfer["source"].partition(":")[2], transfer["destination"].partition(":")[2])
    return (movement.source, movement.destination) == sides and movement.amount == Decimal(transfer["amount"])


def _looks_like(movement: Movement, transfer: dict[str, Any]) -> bool:
    """Tell whether the exchange's records, which name neither margin nor sub-account, show both alike."""
    if movement.amount != Decimal(transfer["amount"]):
        return False
    sides = (transfer["source"].partition(":")[2], transfer["destination"].partition(":")[2])
    return tuple(map(_kind, sides)) == (_kind(movement.source), _kind(movement.destination))


def _kind(account: str) -> str:
    return "sub" if account.isdigit() else account.partition("/")[0]
