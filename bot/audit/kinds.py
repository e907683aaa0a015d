"""The one table of what kinds of events there are and what each does to a replay. A kind that is not in it is found
to be wrong: whoever gives the desk another kind of event adds it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.audit import arrows, house, judging
from bot.audit.record import Record, filled
from bot.audit.replay import Replay, Told
from bot.desk import REMINDED
from bot.journal import DESK
from bot.reconcile import Trace
from bot.transfers import WATCHED, State

_WATCHED = frozenset(state.value for state in WATCHED)


def apply(replay: Replay, event: Told) -> None:
    """Let an event happen to a replay, and note what is wrong with it."""
    kind = event.kind
    try:
        _in_force(replay, event)
        if not replay.whole and (kind in FIRST or kind in OF_A_TRANSFER):
            event = event._replace(data=filled(event.data))
        if kind in FIRST and event.transfer_id is not None:
            FIRST[kind](replay, event, event.transfer_id)
        elif kind in OF_A_TRANSFER and (record := replay.find(event.transfer_id)) is not None:
            OF_A_TRANSFER[kind](replay, event, record)
        elif kind in OF_THE_DESK and (event.transfer_id is None or kind in EITHER):
            OF_THE_DESK[kind](replay, event)
        elif kind in FIRST or kind in OF_A_TRANSFER:
            replay.wrong(event, "transfer_id", event.transfer_id, "a transfer some event has told of before")
        elif kind in OF_THE_DESK:
            replay.wrong(event, "transfer_id", event.transfer_id, None)
        else:
            replay.wrong(event, "kind", kind, "a kind of event this version knows")
    except KeyError as missing:
        replay.wrong(event, f"data.{missing.args[0]}", None, "something")
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        replay.wrong(event, "data", "unreadable", f"what {kind} events say")


# The oldest versions named a policy in these alone.
_ALWAYS_NAME_IT = frozenset({"started", "policy_loaded", "proposed", "sending"})


def _in_force(replay: Replay, event: Told) -> None:
    """Every event names the policy in force, but for those of a restore."""
    policy = event.data.get("policy")
    if event.kind in ("started", "policy_loaded"):
        if policy is None and replay.in_force:
            replay.wrong(event, "data.policy", None, "the policy in force")
        return
    if policy is None and (replay.restoring or event.kind == "restored" or not replay.all_name_it):
        return
    if policy is not None and event.kind not in _ALWAYS_NAME_IT:
        replay.all_name_it = True
    if replay.in_force:
        replay.expect(event, "data.policy", policy, replay.in_force)


def _held(replay: Replay, event: Told, record: Record) -> None:
    """An approved transfer waits, and its card says why."""
    replay.expect(event, "actor", event.actor, DESK)
    replay.expect(event, "kind", f"held while {record.state}", "held while approved")
    record.outcome = event.data["why"]


def _card_moved(replay: Replay, event: Told, record: Record) -> None:
    """A transfer whose channel is no longer served gets a card where people can see it."""
    replay.expect(event, "actor", event.actor, DESK)
    replay.expect(event, "data.before", event.data["before"], record.shown.channel)
    record.shown = record.shown._replace(channel=event.data["channel"])
    replay.keep(record, event.seq)


def _looked(replay: Replay, event: Told, record: Record) -> None:
    """The exchange's records were read; a look that failed does not hide what was seen before."""
    replay.expect(event, "actor", event.actor, DESK)
    if record.state != State.UNKNOWN and record.state not in _WATCHED:
        replay.wrong(event, "kind", f"looked while {record.state}", "a look at an unknown, or at what is watched")
    if event.data["trace"] != Trace.UNREADABLE or not record.digest:
        record.digest, record.trace = event.data["digest"], event.data["trace"]


def _surplus(replay: Replay, event: Told, record: Record) -> None:
    """The exchange's records seem to show what did not happen."""
    replay.expect(event, "actor", event.actor, DESK)
    if record.state not in _WATCHED:
        replay.wrong(event, "kind", f"surplus while {record.state}", "an alarm about what did not happen")
    replay.restate_all(event, record)


def _reminded(replay: Replay, event: Told, record: Record) -> None:
    """Those whose approval is still wanted are called once more."""
    replay.expect(event, "actor", event.actor, DESK)
    replay.expect(event, "kind", f"reminded while {record.state}", "reminded while awaiting_approval")
    replay.restate_all(event, record)


def _late_answer(replay: Replay, event: Told, record: Record) -> None:
    """An answer came after the transfer had been settled otherwise."""
    replay.expect(event, "actor", event.actor, DESK)
    if record.sent_at is None or record.state == State.SENDING:
        replay.wrong(event, "kind", f"late_answer while {record.state}", "an answer that is late")
    replay.restate_all(event, record)


FIRST: Mapping[str, Callable[[Replay, Told, int], None]] = {
    State.PROPOSED.value: arrows.proposed,
    State.WAITING.value: arrows.waiting,
}
OF_A_TRANSFER: Mapping[str, Callable[[Replay, Told, Record], None]] = {
    **{state.value: arrows.move for state in State if state.value not in FIRST},
    "asked_again": arrows.asked_again,
    "approve_vote": judging.voted,
    "resolve_vote": judging.resolved,
    "held": _held,
    "card_moved": _card_moved,
    "looked": _looked,
    "surplus": _surplus,
    "late_answer": _late_answer,
    REMINDED: _reminded,
}
OF_THE_DESK: Mapping[str, Callable[[Replay, Told], None]] = {
    "started": house.started,
    "policy_loaded": house.policy_loaded,
    "policy_kept": house.told,
    "frozen": house.frozen,
    "unfrozen": house.unfrozen,
    "turned_away": house.told,
    "tries": house.told,
    "restored": house.restored,
    "parked": house.told,
    "told": house.told,
    "exported": house.exported,
    "daily_head": house.daily_head,
}
# These may be about a transfer, or about none.
EITHER = frozenset({"parked"})
