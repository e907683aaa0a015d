"""Events that are about the desk, not about one transfer: starts, policies, freezes, a restore."""

from __future__ import annotations

from bot.audit.replay import Replay, Told
from bot.journal import DESK


def started(replay: Replay, event: Told) -> None:
    """A desk begins to work on this journal."""
    replay.restoring = False
    replay.expect(event, "actor", event.actor, DESK)
    journal, names = event.data.get("journal"), replay.names
    if journal is not None and names.present:
        replay.expect(event, "data.journal", journal, names.present)
    elif journal is not None:
        names.present = journal
    if "journal" in event.data:
        replay.whole = True
    elif replay.whole:
        replay.wrong(event, "data.journal", None, "the journal's name")
    policy = event.data.get("policy")
    if policy is not None:
        replay.load(event, policy)


def policy_loaded(replay: Replay, event: Told) -> None:
    """Another policy comes into force."""
    data = event.data
    replay.expect(event, "actor", event.actor, DESK)
    replay.expect(event, "data.before", data["before"], replay.in_force)
    replay.load(event, data["policy"])
    if replay.policy is not None:
        replay.expect(event, "data.rules", data["rules"], len(replay.policy.config.rules))


def frozen(replay: Replay, event: Told) -> None:
    """Nothing leaves any more."""
    what = event.data["exchange"]
    if what in replay.frozen:
        replay.wrong(event, "data.exchange", what, f"something that {replay.frozen[what][0]} has not frozen already")
    replay.frozen[what] = (event.actor, event.data["reason"], event.at)


def unfrozen(replay: Replay, event: Told) -> None:
    """An admin other than who froze lifts a freeze."""
    data = event.data
    freeze = replay.frozen.pop(data["exchange"], None)
    if freeze is None:
        replay.wrong(event, "data.exchange", data["exchange"], "something that is frozen")
        return
    replay.expect(event, "data.froze", data["froze"], freeze[0])
    replay.expect(event, "data.reason", data["reason"], freeze[1])
    if event.actor == freeze[0]:
        replay.wrong(event, "actor", event.actor, "somebody other than who froze it")
    policy = replay.policy
    if policy is not None and (event.actor not in policy.config.admins or event.actor not in policy.people):
        replay.wrong(event, "actor", event.actor, "an admin")


def restored(replay: Replay, event: Told) -> None:
    """The journal goes on from a backup, under another name."""
    data, names = event.data, replay.names
    replay.restoring = True
    replay.expect(event, "actor", event.actor, DESK)
    if names.present:
        replay.expect(event, "data.previous", data["previous"], names.present)
    replay.expect(event, "data.seq", data["seq"], event.seq - 1)
    replay.expect(event, "data.hash", data["hash"], replay.hash_of(event.seq - 1))
    names.restored(event.seq, event.at, data)


def daily_head(replay: Replay, event: Told) -> None:
    """The head of the chain is told in the audit channel."""
    replay.expect(event, "actor", event.actor, DESK)
    replay.expect(event, "data.day", event.data["day"], event.at[:10])


def exported(replay: Replay, event: Told) -> None:
    """An admin takes a list of transfers as a file."""
    told(replay, event)
    policy = replay.policy
    if policy is not None and (event.actor not in policy.config.admins or event.actor not in policy.people):
        replay.wrong(event, "actor", event.actor, "an admin")


def told(replay: Replay, event: Told) -> None:
    """Something that changes nothing."""
    for name in _SAYS[event.kind]:
        if name not in event.data:
            replay.wrong(event, f"data.{name}", None, "what happened")


_SAYS = {
    "exported": ("team", "filter", "asked"),
    "parked": ("what", "problem"),
    "policy_kept": ("why",),
    "told": ("team", "person", "channel", "words"),
    "tries": ("team", "count", "attempt", "why"),
    "turned_away": ("team", "channel", "attempt", "why"),
}
