"""Every arrow a transfer takes, judged once more: was it legal, whose was it to take, was it in time?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from bot.audit import judging
from bot.audit.record import UNTOLD, Record
from bot.audit.replay import FINALS, Replay, Told, lasts
from bot.journal import DESK
from bot.transfers import ARROWS, State

_ARROWS = frozenset((before.value, after.value) for before, after in ARROWS)
_FAILED = FINALS - {State.SUCCEEDED.value}


def proposed(replay: Replay, event: Told, transfer_id: int) -> None:
    """A transfer is put before its requester."""
    record = _begun(replay, event, transfer_id)
    if record is None:
        return
    _dies_after(replay, event, record, "confirm_within")
    judging.drawn(replay, event, record)
    shown = record.shown
    if shown.retry_of is not None:
        retried = replay.find(shown.retry_of)
        if retried is None:
            replay.wrong(event, "data.retry_of", f"T{shown.retry_of}", "a transfer some event has told of before")
        elif shown.follows is not None and retried.state not in _FAILED:
            replay.wrong(event, "data.retry_of", f"{retried.name}, which is {retried.state}", "a step that failed")
    replay.stand(event, record, State.PROPOSED.value)
    judging.needed(replay, event, record)


def waiting(replay: Replay, event: Told, transfer_id: int) -> None:
    """A second step is put on record with its first, or becomes another version with it."""
    record = replay.find(transfer_id)
    if record is not None:
        replay.expect(event, "data.before", event.data["before"], record.state)
        replay.expect(event, "kind", event.kind, record.state)
        replay.expect(event, "actor", event.actor, DESK)
        _renew(replay, event, record)
        return
    record = _begun(replay, event, transfer_id)
    if record is None:
        return
    replay.expect(event, "data.deadline", record.deadline, None)
    record.deadline = None
    judging.drawn(replay, event, record)
    if record.shown.follows is None:
        replay.wrong(event, "data.follows", None, "the step it waits for")
    else:
        replay.waiting_on[record.shown.follows] = transfer_id
    replay.stand(event, record, State.WAITING.value)


def _begun(replay: Replay, event: Told, transfer_id: int) -> Record | None:
    if replay.find(transfer_id) is not None:
        replay.wrong(event, "transfer_id", transfer_id, "a transfer no event has told of before")
        return None
    record = replay.begin(event, transfer_id)
    replay.expect(event, "data.version", event.data["version"], 1)
    replay.expect(event, "actor", event.actor, record.shown.requester)
    _sealed(replay, event, record)
    return record


def _sealed(replay: Replay, event: Told, record: Record) -> None:
    seal = record.seal()
    if seal is not None:
        replay.expect(event, "data.seal", record.shown.seal, seal)


def asked_again(replay: Replay, event: Told, record: Record) -> None:
    """A transfer is put before its requester as another version; what was agreed to no longer counts."""
    data = event.data
    replay.expect(event, "data.before", data["before"], record.state)
    if record.state != State.PROPOSED and (record.state, State.PROPOSED.value) not in _ARROWS:
        replay.wrong(event, "data.before", record.state, "a state from which it can be asked again")
    replay.expect(event, "actor", event.actor, DESK)
    _renew(replay, event, record)
    record.reserved_at, record.outcome = None, data["outcome"]
    record.deadline = data["deadline"]
    record.approvals_needed = data["approvals_needed"]
    _dies_after(replay, event, record, "confirm_within")
    replay.stand(event, record, State.PROPOSED.value)


def _renew(replay: Replay, event: Told, record: Record) -> None:
    before = record.shown
    record.version += 1
    replay.expect(event, "data.version", event.data["version"], record.version)
    replay.restate(event, record, renewed=True)
    _sealed(replay, event, record)
    judging.drawn(replay, event, record, before)
    share = before.share
    if record.state == State.WAITING and before.follows is not None:
        first = replay.find(before.follows)
        share = first.shown.share if first is not None else ""
    if record.shown.amount != before.amount and (not share or Decimal(record.shown.amount) > Decimal(before.amount)):
        replay.wrong(event, "data.amount", record.shown.amount, f"{before.amount}, or less of a share of what is there")


def move(replay: Replay, event: Told, record: Record) -> None:
    """Any other arrow."""
    state, data = event.kind, event.data
    if data["before"] != record.state:
        replay.wrong(event, "data.before", data["before"], record.state)
    if (record.state, state) not in _ARROWS:
        replay.wrong(event, "kind", f"{state} after {record.state}", "an arrow that is legal")
    if data["version"] != record.version:
        replay.wrong(event, "data.version", data["version"], record.version)
    replay.restate(event, record)
    _TAKEN[state](replay, event, record)
    record.outcome, record.reference = data["outcome"], data["reference"]
    if data["deadline"] is not UNTOLD:
        record.deadline = data["deadline"]
    if data["approvals_needed"] is not UNTOLD:
        record.approvals_needed = data["approvals_needed"]
    replay.stand(event, record, state)


def _awaiting(replay: Replay, event: Told, record: Record) -> None:
    replay.expect(event, "actor", event.actor, record.shown.requester)
    _says_nothing(replay, event, record)
    record.deadline = event.data["deadline"]
    _dies_after(replay, event, record, "approve_within")
    record.approvals_needed = event.data["approvals_needed"]
    judging.needed(replay, event, record)


def _approved(replay: Replay, event: Told, record: Record) -> None:
    """From here it may leave: on the requester's word, with enough approvals, or after the step before it."""
    _says_nothing(replay, event, record)
    _needs_as_before(replay, event, record)
    record.reserved_at = event.at
    record.deadline = event.data["deadline"]
    _dies_after(replay, event, record, "send_within")
    if record.state == State.PROPOSED:
        replay.expect(event, "actor", event.actor, record.shown.requester)
        judging.listed(replay, event, record)
        judging.agreed_by(replay, event, record)
    elif record.state == State.AWAITING_APPROVAL:
        agreed = record.agreed()
        if event.actor not in agreed:
            replay.wrong(event, "actor", event.actor, "one of those who approved it")
        replay.expect(event, "data.approvers", sorted(event.data["approvers"]), sorted(agreed))
        judging.agreed_by(replay, event, record)
    else:
        replay.expect(event, "actor", event.actor, DESK)
        _after_the_first(replay, event, record, judging.duration(replay, "send_within"))


def _after_the_first(replay: Replay, event: Told, record: Record, within: timedelta | None = None) -> None:
    first = replay.find(record.shown.follows)
    if first is None or first.state != State.SUCCEEDED:
        found = first.state if first else None
        replay.wrong(event, "data.follows", f"T{record.shown.follows}, which is {found}", "a step that succeeded")
    elif within is not None and first.sent_at is not None and lasts(first.sent_at, event.at) > within:
        replay.wrong(event, "at", event.at, f"at most {within} after {first.name} was sent at {first.sent_at}")


def _sending(replay: Replay, event: Told, record: Record) -> None:
    """The claim: here money leaves, so here everything is looked at."""
    replay.expect(event, "actor", event.actor, DESK)
    _says_nothing(replay, event, record)
    _needs_as_before(replay, event, record)
    deadline = record.deadline
    if deadline is not None and deadline is not UNTOLD and event.at >= deadline:
        replay.wrong(event, "at", event.at, f"before the deadline, {deadline}")
    replay.expect(event, "data.deadline", event.data["deadline"], None)
    holder = replay.holders.get(replay.key(record))
    if holder is not None:
        replay.wrong(event, "kind", "sending", f"waiting for T{holder}, without an answer on the same route")
    for what in ("all", replay.key(record)[0]):
        if what in replay.frozen:
            replay.wrong(event, "kind", "sending", f"waiting, as {what} is frozen by {replay.frozen[what][0]}")
    if record.shown.follows is not None:
        _after_the_first(replay, event, record)
    judging.claimed(replay, event, record)
    record.sent_at, record.deadline = event.at, None


def _answered(replay: Replay, event: Told, record: Record) -> None:
    """What a send came to, by the exchange's answer, its records, or people's word."""
    replay.expect(event, "data.deadline", event.data["deadline"], None)
    _needs_as_before(replay, event, record)
    if event.kind != State.SUCCEEDED:
        replay.expect(event, "data.reference", event.data["reference"], record.reference)
    if record.state == State.UNKNOWN:
        judging.settled(replay, event, record)
    else:
        replay.expect(event, "actor", event.actor, DESK)


def _unsent(replay: Replay, event: Told, record: Record) -> None:
    """It ends before it was sent."""
    _needs_as_before(replay, event, record)
    replay.expect(event, "data.deadline", event.data["deadline"], None)
    replay.expect(event, "data.reference", event.data["reference"], None)
    if event.kind == State.DENIED:
        judging.denied(replay, event, record)
    elif event.kind == State.CANCELLED:
        if event.actor != DESK:
            replay.expect(event, "actor", event.actor, record.shown.requester)
        elif not replay.restoring and record.state != State.WAITING:
            replay.wrong(event, "actor", DESK, f"{record.shown.requester}, who asked for it")
        elif not replay.restoring:
            first = replay.find(record.shown.follows)
            if first is None or first.state not in _FAILED:
                replay.wrong(event, "actor", DESK, f"{record.shown.requester}, as the step before it has not failed")
    else:
        replay.expect(event, "actor", event.actor, DESK)
        deadline = record.deadline
        if event.kind == State.EXPIRED and deadline is not UNTOLD and (deadline is None or event.at < deadline):
            replay.wrong(event, "at", event.at, f"not before the deadline, {deadline}")


def _says_nothing(replay: Replay, event: Told, record: Record) -> None:
    data = event.data
    if data["outcome"] is not None:
        replay.wrong(event, "data.outcome", data["outcome"], None)
    if data["reference"] != record.reference:
        replay.expect(event, "data.reference", data["reference"], record.reference)


def _needs_as_before(replay: Replay, event: Told, record: Record) -> None:
    found = event.data["approvals_needed"]
    if found != record.approvals_needed:
        replay.expect(event, "data.approvals_needed", found, record.approvals_needed)


def _dies_after(replay: Replay, event: Told, record: Record, setting: str) -> None:
    """Its deadline lies as far ahead as the policy says; for what tells none, it follows from the policy."""
    within = judging.duration(replay, setting)
    if within is None:
        return
    if record.deadline is None:
        replay.wrong(event, "data.deadline", None, f"{within} after {event.at}")
    elif record.deadline is not UNTOLD and lasts(event.at, record.deadline) != within:
        replay.wrong(event, "data.deadline", record.deadline, f"{within} after {event.at}")


_TAKEN: dict[str, Callable[[Replay, Told, Record], None]] = {
    State.AWAITING_APPROVAL.value: _awaiting,
    State.APPROVED.value: _approved,
    State.SENDING.value: _sending,
    **{
        state.value: _answered
        for state in (State.SUCCEEDED, State.REFUSED, State.NOT_SENT, State.UNKNOWN, State.NOT_EXECUTED)
    },
    **{state.value: _unsent for state in (State.DENIED, State.CANCELLED, State.EXPIRED, State.BLOCKED)},
}
