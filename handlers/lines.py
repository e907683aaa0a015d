"""One line about one event or transfer: the reply under a card, the audit channel, the history. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bot import words
from bot.accounts import for_people
from bot.clock import from_text
from bot.desk import REMINDED, View
from bot.journal import Event
from bot.transfers import FINAL, State, Transfer
from handlers.cards import MARK, REFERENCE_MAX, Message, listed, margin, money
from handlers.markup import escape, inert, moment

_CALLS = (State.AWAITING_APPROVAL, REMINDED)
CALLED_MAX = 50  # approvers mentioned in one reply
HASH_SHOWN = 12  # digits of a policy's hash


def thread_line(event: Event, accounts: Mapping[str, str]) -> Message:
    """Render what the requester is told under the card when something ended or needs them, from that event alone.

    Args:
        accounts: how canonical addresses are written for people, where that differs.
    """
    if event.kind in _CALLS:
        return _call(event, accounts)
    ends = f"{_told(event)}. {inert(_said(event))}".strip()
    where = _stranded_on(event)
    if where:
        ends = f"{ends} {words.STRANDED.format(account=escape(accounts.get(where, where)))}"
    person, name = f"<@{event.data['requester']}>", f"T{event.transfer_id}"
    return {"text": words.TOLD.format(person=person, transfer=name, what=_what(event, accounts), told=ends)}


def _stranded_on(event: Event) -> str:
    """Return where the money is when a second step failed; nothing for any other event."""
    failed = event.kind in {state.value for state in FINAL - {State.SUCCEEDED}}
    return str(event.data["route"]).split(" -> ")[0] if failed and event.data.get("follows") else ""


def comes_too_late(event: Event, transfer: Transfer) -> bool:
    """Tell whether whom a line calls has nothing to decide any more: it waited in the outbox for too long."""
    if event.kind not in _CALLS:
        return False
    return transfer.state is not State.AWAITING_APPROVAL or transfer.version != event.data["version"]


def _call(event: Event, accounts: Mapping[str, str]) -> Message:
    """Render what calls the approvers, and nobody else, to the card above; a second time as a reminder."""
    data = event.data
    people = listed([f"<@{user}>" for user in data["approvers"]], CALLED_MAX)
    name, what, tier = f"T{event.transfer_id}", _what(event, accounts), escape(str(data["asks"]))
    said = inert(str(data.get("reason", "")))
    reason = f" {words.REASON.format(reason=said)}" if said else ""
    if event.kind != REMINDED:
        return {"text": words.CALL.format(people=people, transfer=name, what=what, tier=tier, reason=reason)}
    until = moment(from_text(data["until"]))
    text = words.REMINDER.format(people=people, transfer=name, what=what, tier=tier, moment=until, reason=reason)
    return {"text": text}


def audit_line(event: Event, names: Mapping[str, str], accounts: Mapping[str, str]) -> Message:
    """Render one outcome for the audit channel, from its event alone, with the chain head as of that event.

    Args:
        names: what desk.toml calls user ids.
        accounts: as for `thread_line`.
    """
    data = event.data
    if event.transfer_id is None:
        return _notice(event, names)
    requester, reference = str(data["requester"]), str(data.get("reference") or "")
    outcome = _said(event)
    mark = MARK.get(State(event.kind), "") if event.kind in set(State) else "⚠️"
    parts = (
        f"{mark} *T{event.transfer_id} {_told(event)}*".strip(),
        _what(event, accounts),
        words.ASKED_BY.format(person=_who(requester, names)),
        words.BY.format(person=_who(event.actor, names)) if event.actor not in {"desk", requester} else "",
        words.RULE.format(rule=escape(str(data["rule"]))),
        words.REFERENCE.format(reference=inert(reference, REFERENCE_MAX)) if reference else "",
        "" if reference and reference in outcome else inert(outcome),
        words.CHAIN.format(seq=event.seq, hash=event.hash),
    )
    return {"text": "  ·  ".join(part for part in parts if part)}


def private_line(event: Event) -> Message:
    """Render what is told to one person alone, from that event."""
    return {"text": inert(str(event.data["words"]))}


def _notice(event: Event, names: Mapping[str, str]) -> Message:
    """Render what is about no transfer: a freeze, the policy in force, somebody who keeps trying, the day's head."""
    data, who = event.data, _who(event.actor, names)
    match event.kind:
        case "frozen":
            exchange, reason = escape(str(data["exchange"])), inert(str(data["reason"]))
            said = words.EXCHANGE_FROZEN.format(exchange=exchange, person=who, reason=reason)
        case "unfrozen":
            said = words.EXCHANGE_UNFROZEN.format(exchange=escape(str(data["exchange"])), person=who)
        case "policy_loaded":
            before, now = str(data["before"])[:HASH_SHOWN], str(data["policy"])[:HASH_SHOWN]
            said = words.POLICY_LOADED.format(policy=now, count=data["rules"], before=before)
        case "policy_kept":
            said = words.POLICY_KEPT.format(policy=str(data["policy"])[:HASH_SHOWN], why=inert(str(data["why"])))
        case "daily_head":
            said = words.DAILY_HEAD.format(day=escape(str(data["day"])))
        case "tries":
            attempt, why = inert(str(data["attempt"])), inert(str(data["why"]))
            said = words.TURNED_AWAY.format(person=who, count=data["count"], attempt=attempt, why=why)
        case _:
            said = words.OTHER_NEWS.format(event=escape(event.kind), person=who)
    return {"text": f"{said}  ·  {words.CHAIN.format(seq=event.seq, hash=event.hash)}"}


def _told(event: Event) -> str:
    """Return what an event is called where it is told."""
    return words.NEWS.get(event.kind) or words.HEAD[State(event.kind)]


def _said(event: Event) -> str:
    """Return what happened in an event's own words; a look or a late answer says more than the state before it."""
    data = event.data
    return str(data.get("answer") or data.get("why") or data.get("outcome") or "")


def _what(event: Event, accounts: Mapping[str, str]) -> str:
    data = event.data
    account = f", {margin(data['margin_account'])}" if data.get("margin_account") else ""
    amount = f"{for_people(Decimal(data['amount']))} {data['currency']}"
    sides = [*str(data["route"]).split(" -> "), *filter(None, [str(data.get("onward", ""))])]
    route = " → ".join(accounts.get(side, side) for side in sides)
    return escape(f"{amount} {route}") + account


def _who(user: str, names: Mapping[str, str]) -> str:
    # A name and an id, not a mention: the audit channel informs, it does not call anybody.
    return escape(f"{names[user]} ({user})" if user in names else user)


def line(view: View) -> str:
    """Render a transfer as one line of the history."""
    transfer = view.transfer
    mark = MARK.get(transfer.state, "•")
    told = words.ONE_LINE.format(
        transfer=transfer.name,
        money=money(transfer),
        source=escape(view.source),
        destination=escape(view.destination),
        standing=words.HEAD[transfer.state].lower(),
        person=_who(transfer.requester, view.names),
        moment=moment(transfer.created_at),
    )
    return f"{mark} {told}"
