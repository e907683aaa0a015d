"""A transfer as Slack shows it: the card in every state, and the form that settles an unknown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.accounts import CROSS_MARGIN, for_people
from bot.desk import IN_WORDS, View
from bot.journal import Vote
from bot.policy import Tier
from bot.reconcile import Trace
from bot.transfers import OPEN, State, Transfer
from handlers.guard import button_value
from handlers.markup import TEXT_MAX
from handlers.markup import escape as escape
from handlers.markup import inert as inert
from handlers.markup import moment as moment
from handlers.previews import preview

Block = dict[str, Any]
Message = dict[str, Any]

REFERENCE_MAX = 100
EVIDENCE_SHOWN_MAX = 700  # of what was looked at and seen
REASON_SHOWN_MAX = 150  # of an admin's reason; the whole of it is in the journal
LISTED_MAX = 5  # equal transfers, votes or names on one card; the rest is counted

MARK = {
    State.SUCCEEDED: "✅",
    State.REFUSED: "❌",
    State.NOT_SENT: "❌",
    State.UNKNOWN: "⚠️",
    State.NOT_EXECUTED: "❌",
    State.BLOCKED: "⛔",
    State.DENIED: "⛔",
    State.CANCELLED: "⚪",
    State.EXPIRED: "⚪",
}

ALARM = "It may have happened after all"

# What a transfer's state is called at the head of its card.
HEAD = {
    State.PROPOSED: "Please check and confirm",
    State.AWAITING_APPROVAL: "Waiting for approval",
    State.WAITING: "Waiting for the step before it",
    State.APPROVED: "Confirmed, about to be sent",
    State.SENDING: "Being sent",
    State.SUCCEEDED: "Done",
    State.REFUSED: "Refused, nothing moved",
    State.NOT_SENT: "Not sent, nothing moved",
    State.UNKNOWN: "Sent, no answer; do not repeat it",
    State.NOT_EXECUTED: "Settled as not executed",
    State.DENIED: "Denied",
    State.CANCELLED: "Cancelled",
    State.EXPIRED: "Expired",
    State.BLOCKED: "Blocked",
}


def card(view: View, *, buttons: bool = True) -> Message:
    """Render a transfer's card: what would happen in the first line, how it stands in the second.

    Args:
        buttons: leave False for a private copy, whose buttons could not count.
    """
    now = view.current
    reason = f"\nReason: {inert(view.transfer.reason)}" if view.transfer.reason else ""
    steps = (view, view.second) if view.second else (view,)
    alarms = [step for step in steps if step.alarm]
    blocks: list[Block] = [
        _section(f"*{money(view.transfer)}*  `{escape(view.source)}` → `{escape(view.end)}`{_share(view)}{reason}"),
        *([_section("\n".join(_step(number, step) for number, step in enumerate(steps, 1)))] if view.second else []),
        *[_section(f"🚨 *{ALARM}:* {inert(step.alarm, EVIDENCE_SHOWN_MAX)}") for step in alarms],
        *([_section(both_sides)] if (both_sides := preview(now)) else []),
        _section(_standing(now, "here" if buttons else "on its card")),
        *([_section(_evidence(now))] if now.transfer.state is State.UNKNOWN else []),
        *[{"type": "context", "elements": [_mrkdwn("  ·  ".join(_facts(step)))]} for step in steps],
    ]
    if buttons and (elements := _buttons(now)):
        # A new block id with every version: Slack then never carries an old click over to a new card.
        block_id = f"{now.transfer.name}.{now.transfer.version}.{now.transfer.state}"
        blocks.append({"type": "actions", "block_id": block_id, "elements": elements})
    return {"text": _plain(view), "blocks": blocks}


def _step(number: int, view: View) -> str:
    """Render one step of a route as a line, with how it stands."""
    transfer = view.transfer
    mark = f"{MARK[transfer.state]} " if transfer.state in MARK else ""
    how = f"{mark}{HEAD[transfer.state].lower()}"
    return f"{number}. {transfer.name}: `{escape(view.source)}` → `{escape(view.destination)}`, {how}"


def outdated_copy(transfer: Transfer) -> Message:
    """Render what takes the place of a card that was posted but is not the one on record."""
    text = f"This is an outdated copy of {transfer.name}; the card posted after it is the one that counts."
    return {"text": text, "blocks": [_section(text)]}


def money(transfer: Transfer) -> str:
    """Write how much of what."""
    return f"{for_people(transfer.amount)} {transfer.currency}"


def _share(view: View) -> str:
    """Say what the amount is a share of, where it was typed as one."""
    if view.share_of is None:
        return ""
    there = f"{for_people(view.share_of)} {view.transfer.currency}"
    return f"\n{escape(view.transfer.share)} of {there} available"


def _plain(view: View) -> str:
    transfer, now = view.transfer, view.current.transfer
    step = "" if now is transfer else f"The second step, {now.name}: "
    return escape(f"{transfer.name}: {money(transfer)} from {view.source} to {view.end}. {step}{HEAD[now.state]}.")


def _standing(view: View, place: str) -> str:
    """Say how it stands and what can be done about it in which place. A long outcome is cut, never what to do."""
    transfer = view.transfer
    head = " ".join(filter(None, (MARK.get(transfer.state), f"*{HEAD[transfer.state]}*")))
    notes = _notes(view, place)
    room = TEXT_MAX - len("\n".join((head, "", *notes)))
    return "\n".join(filter(None, (head, inert(transfer.outcome or "", room), *notes)))


def _facts(view: View) -> list[str]:
    transfer = view.transfer
    typed, canonical = f"{view.source} -> {view.destination}", str(transfer.route)
    facts = [f"*{transfer.name}*", f"asked by {_name(view, transfer.requester)}"]
    if canonical != typed:
        facts.append(f"exactly `{escape(canonical)}`")
    if transfer.margin_account:
        facts.append(margin(transfer.margin_account))
    if view.again_after:
        facts.append(f"again after {view.again_after}")
    facts += [f"rule {escape(transfer.rule)}", f"seal `{transfer.seal}`"]
    reference = transfer.exchange_reference
    if reference and reference not in (transfer.outcome or ""):
        facts.append(f"reference `{inert(reference, REFERENCE_MAX)}`")
    return facts


def margin(account: str) -> str:
    """Write which margin account."""
    return f"margin account {escape(account)} ({'cross' if account == CROSS_MARGIN else 'isolated'})"


def _notes(view: View, place: str) -> list[str]:
    transfer = view.transfer
    # Those without an answer first: they are why Confirm is withheld.
    twins = sorted(view.twins, key=lambda twin: twin.state is not State.UNKNOWN)
    notes = [
        f"⚠️ *Equal transfer:* {twin.name} by {_name(view, twin.requester)} is {IN_WORDS[twin.state]}."
        for twin in twins[:LISTED_MAX]
    ]
    match transfer.state:
        case State.PROPOSED if view.confirmable and transfer.deadline:
            notes.append(f"Only <@{transfer.requester}> can confirm, until {moment(transfer.deadline)}.")
            if view.tier is not None:
                notes.append(f"Then it takes the approval of {_tier(view.tier)}: {_people(view, view.wanted)}.")
        case State.PROPOSED:
            unsettled = listed([twin.name for twin in twins if twin.state is State.UNKNOWN])
            notes.append(f"Confirm is withheld until {unsettled} is settled.")
        case State.AWAITING_APPROVAL if transfer.deadline and view.tier is not None:
            notes.append(
                f"It takes the approval of {_tier(view.tier)}. Asked: {_people(view, view.wanted)}. "
                f"Any of them can deny it, until {moment(transfer.deadline)}."
            )
        case State.APPROVED if transfer.deadline:
            notes.append(f"It is sent before {moment(transfer.deadline)}, or not at all.")
        case State.UNKNOWN:
            notes.extend(_unknown_notes(view, place))
        case _ if transfer.settled_at:
            notes.append(f"Ended {moment(transfer.settled_at)}.")
    if transfer.state in OPEN and view.second:
        notes.append(f"{view.second.transfer.name} follows by itself when {transfer.name} is done in time.")
    if view.stranded:
        notes.append(f"*The money is on `{escape(view.source)}`.*")
    notes.extend(
        f"{remedy.name} {'sends it back' if remedy.follows is None else 'tries this step again'}: "
        f"{IN_WORDS[remedy.state]}."
        for remedy in view.remedies[-LISTED_MAX:]
    )
    decided = view.approvals[-LISTED_MAX:]
    notes.extend(f"{_name(view, vote.person)} {vote.decision} it, {moment(vote.at)}." for vote in decided)
    return notes


def _tier(tier: Tier) -> str:
    return escape(str(tier))


def _name(view: View, user: str) -> str:
    """Name somebody without calling them: a new post calls everybody it mentions, and a card may be posted again.

    Only who has to confirm is mentioned; replies under the card call whoever else must act.
    """
    return escape(view.names.get(user, user))


def _people(view: View, users: Sequence[str]) -> str:
    return listed([_name(view, user) for user in users]) or "nobody is left"


def _unknown_notes(view: View, place: str) -> list[str]:
    transfer = view.transfer
    sent = f"Sent {moment(transfer.sent_at)}. " if transfer.sent_at else ""
    people = listed([_name(view, user) for user in view.resolvers])
    found = view.looked is not None and view.looked.trace == Trace.FOUND
    if found and view.resolvers:
        how = f"Settle it {place} as executed: one of {people}; or as not executed: {view.resolve_by} of them."
    elif len(view.resolvers) < view.resolve_by:
        how = (
            f"Settling it takes {view.resolve_by} admins other than the requester, and desk.toml names "
            f"{people or 'nobody'}; name more people under admins."
        )
    else:
        how = f"Look at the exchange, then settle it {place}: {view.resolve_by} of {people}."
    return [
        f"{sent}It may or may not have happened; no other transfer leaves on this route until it is settled.",
        how,
        *(_vote(view, vote, view.reasons.get(vote.person, "")) for vote in view.votes[-LISTED_MAX:]),
    ]


def _evidence(view: View) -> str:
    """Say what the exchange's records showed when the desk last looked, and when it looks again."""
    looked = view.looked
    if looked is None:
        return "The desk is about to look for it in the exchange's records."
    following = f"Next check {moment(looked.next_at)}." if looked.next_at else "The desk does not check any more."
    if looked.failed:
        following = f"{inert(looked.failed, EVIDENCE_SHOWN_MAX)} {following}"
    seen = inert(" ".join((looked.why, *looked.words)), EVIDENCE_SHOWN_MAX)
    return f"*Checked {moment(looked.at)}:* {seen} {following}"


def _vote(view: View, vote: Vote, reason: str) -> str:
    found = f"{_name(view, vote.person)} found it {vote.decision.replace('_', ' ')}, {moment(vote.at)}"
    return f"{found}: {inert(reason, REASON_SHOWN_MAX)}" if reason else f"{found}."


def listed(names: list[str], length_max: int = LISTED_MAX) -> str:
    """Write the first few names and how many more there are."""
    more = len(names) - length_max
    return ", ".join(names[:length_max]) + (f" and {more} more" if more > 0 else "")


def _buttons(view: View) -> list[Block]:
    transfer = view.transfer
    match transfer.state:
        case State.PROPOSED:
            confirm = _button(transfer, "transfer_confirm", f"Confirm {money(transfer)}", "primary")
            cancel = _button(transfer, "transfer_cancel", "Cancel")
            return [confirm, cancel] if view.confirmable else [cancel]
        case State.AWAITING_APPROVAL:
            return [
                _button(transfer, "transfer_approve", f"Approve {money(transfer)}", "primary"),
                _button(transfer, "transfer_deny", "Deny", "danger"),
                _button(transfer, "transfer_cancel", "Cancel"),
            ]
        case State.APPROVED | State.WAITING:
            return [_button(transfer, "transfer_cancel", "Cancel")]
        case State.UNKNOWN:
            return [
                _button(transfer, "transfer_resolve_executed", "It was executed …"),
                _button(transfer, "transfer_resolve_not_executed", "It was not executed …"),
            ]
        case _ if view.stranded:
            return [
                _button(transfer, "transfer_second_again", "Try the second step again"),
                _button(transfer, "transfer_send_back", "Send it back"),
            ]
        case _:
            return []


def _button(transfer: Transfer, action: str, text: str, style: str = "") -> Block:
    button: Block = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": text[:75]},
        "value": button_value(transfer.id, transfer.version),
    }
    return button | ({"style": style} if style else {})


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Block:
    # Verbatim: an `@channel` or an address in an exchange's message stays text; our own `<@U…>` still works.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def resolve_form(view: View, decision: str, private_metadata: str, reason_max: int) -> Message:
    """Render the form that asks an admin for the reason of settling an unknown by hand, beside what records show."""
    transfer, in_words = view.transfer, decision.replace("_", " ")
    return {
        "type": "modal",
        "callback_id": "transfer_resolve",
        "private_metadata": private_metadata,
        "title": {"type": "plain_text", "text": f"Settle {transfer.name}"[:24]},
        "submit": {"type": "plain_text", "text": "Settle"},
        "close": {"type": "plain_text", "text": "Back"},
        "blocks": [
            _section(
                f"You are saying that {transfer.name} (*{money(transfer)}* from `{escape(view.source)}` to "
                f"`{escape(view.destination)}`) *was {in_words}*. Look at the exchange's own records first; "
                "this cannot be taken back."
            ),
            _section(_evidence(view)),
            {
                "type": "input",
                "block_id": "reason",
                "label": {"type": "plain_text", "text": "What did you see, and where?"},
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "min_length": 1,
                    "max_length": reason_max,
                },
            },
        ],
    }
