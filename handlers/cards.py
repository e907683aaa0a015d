"""A transfer as Slack shows it: the card in every state, and the form that settles an unknown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot import words
from bot.accounts import CROSS_MARGIN, for_people
from bot.desk import View
from bot.journal import Vote
from bot.policy import Tier
from bot.reconcile import Trace
from bot.transfers import OPEN, State, Transfer
from handlers.guard import button_value
from handlers.markup import TEXT_MAX, escape, inert, moment
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


def card(view: View, *, buttons: bool = True) -> Message:
    """Render a transfer's card: what would happen in the first line, how it stands in the second.

    Args:
        buttons: leave False for a private copy, whose buttons could not count.
    """
    now = view.current
    said = view.transfer.reason
    reason = f"\n{words.REASON.format(reason=inert(said))}" if said else ""
    steps = (view, view.second) if view.second else (view,)
    alarms = [step for step in steps if step.alarm]
    blocks: list[Block] = [
        _section(f"*{money(view.transfer)}*  `{escape(view.source)}` → `{escape(view.end)}`{_share(view)}{reason}"),
        *([_section("\n".join(_step(number, step) for number, step in enumerate(steps, 1)))] if view.second else []),
        *[_section(_alarmed(step)) for step in alarms],
        *([_section(both_sides)] if (both_sides := preview(now)) else []),
        _section(_standing(now, words.HERE if buttons else words.ON_ITS_CARD)),
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
    return words.STEP.format(
        number=number,
        transfer=transfer.name,
        source=escape(view.source),
        destination=escape(view.destination),
        standing=f"{mark}{words.HEAD[transfer.state].lower()}",
    )


def _alarmed(step: View) -> str:
    return words.ALARMED.format(alarm=words.ALARM, why=inert(step.alarm, EVIDENCE_SHOWN_MAX))


def outdated_copy(transfer: Transfer) -> Message:
    """Render what takes the place of a card that was posted but is not the one on record."""
    text = words.OUTDATED_COPY.format(transfer=transfer.name)
    return {"text": text, "blocks": [_section(text)]}


def money(transfer: Transfer) -> str:
    """Write how much of what."""
    return f"{for_people(transfer.amount)} {transfer.currency}"


def _share(view: View) -> str:
    """Say what the amount is a share of, where it was typed as one."""
    if view.share_of is None:
        return ""
    there = f"{for_people(view.share_of)} {view.transfer.currency}"
    return f"\n{words.SHARE_OF.format(share=escape(view.transfer.share), available=there)}"


def _plain(view: View) -> str:
    transfer, now = view.transfer, view.current.transfer
    head = words.HEAD[now.state]
    standing = head if now is transfer else words.SECOND_ALOUD.format(transfer=now.name, standing=head)
    told = words.CARD_ALOUD.format(
        transfer=transfer.name, money=money(transfer), source=view.source, destination=view.end, standing=standing
    )
    return escape(told)


def _standing(view: View, place: str) -> str:
    """Say how it stands and what can be done about it in which place. A long outcome is cut, never what to do."""
    transfer = view.transfer
    head = " ".join(filter(None, (MARK.get(transfer.state), f"*{words.HEAD[transfer.state]}*")))
    notes = _notes(view, place)
    room = TEXT_MAX - len("\n".join((head, "", *notes)))
    return "\n".join(filter(None, (head, inert(transfer.outcome or "", room), *notes)))


def _facts(view: View) -> list[str]:
    transfer = view.transfer
    typed, canonical = f"{view.source} -> {view.destination}", str(transfer.route)
    facts = [f"*{transfer.name}*", words.ASKED_BY.format(person=_name(view, transfer.requester))]
    if canonical != typed:
        facts.append(words.EXACTLY.format(route=escape(canonical)))
    if transfer.margin_account:
        facts.append(margin(transfer.margin_account))
    if view.again_after:
        facts.append(words.AGAIN_AFTER.format(transfer=view.again_after))
    facts += [words.RULE.format(rule=escape(transfer.rule)), words.SEAL.format(seal=transfer.seal)]
    reference = transfer.exchange_reference
    if reference and reference not in (transfer.outcome or ""):
        facts.append(words.REFERENCE.format(reference=inert(reference, REFERENCE_MAX)))
    return facts


def margin(account: str) -> str:
    """Write which margin account."""
    return words.MARGIN_ACCOUNT.format(account=escape(with_kind(account)))


def with_kind(account: str) -> str:
    """Write a margin account with its kind."""
    return words.CROSS.format(account=account) if account == CROSS_MARGIN else words.ISOLATED.format(account=account)


def _notes(view: View, place: str) -> list[str]:
    transfer = view.transfer
    # Those without an answer first: they are why Confirm is withheld.
    twins = sorted(view.twins, key=lambda twin: twin.state is not State.UNKNOWN)
    notes = [
        words.EQUAL_TRANSFER.format(
            transfer=twin.name, person=_name(view, twin.requester), state=words.IN_WORDS[twin.state]
        )
        for twin in twins[:LISTED_MAX]
    ]
    match transfer.state:
        case State.PROPOSED if view.confirmable and transfer.deadline:
            person, until = f"<@{transfer.requester}>", moment(transfer.deadline)
            notes.append(words.CONFIRM_UNTIL.format(person=person, moment=until))
            if view.tier is not None:
                notes.append(words.APPROVAL_THEN.format(tier=_tier(view.tier), people=_people(view, view.wanted)))
        case State.PROPOSED:
            unsettled = listed([twin.name for twin in twins if twin.state is State.UNKNOWN])
            notes.append(words.CONFIRM_WITHHELD.format(transfers=unsettled))
        case State.AWAITING_APPROVAL if transfer.deadline and view.tier is not None:
            people, until = _people(view, view.wanted), moment(transfer.deadline)
            notes.append(words.APPROVAL_UNTIL.format(tier=_tier(view.tier), people=people, moment=until))
        case State.APPROVED if transfer.deadline:
            notes.append(words.SENT_BEFORE.format(moment=moment(transfer.deadline)))
        case State.UNKNOWN:
            notes.extend(_unknown_notes(view, place))
        case _ if transfer.settled_at:
            notes.append(words.ENDED.format(moment=moment(transfer.settled_at)))
    if transfer.state in OPEN and view.second:
        notes.append(words.FOLLOWS.format(second=view.second.transfer.name, first=transfer.name))
    if view.stranded:
        notes.append(words.MONEY_IS_ON.format(account=escape(view.source)))
    notes.extend(map(_remedy, view.remedies[-LISTED_MAX:]))
    notes.extend(
        words.DECIDED.format(person=_name(view, vote.person), decision=vote.decision, moment=moment(vote.at))
        for vote in view.approvals[-LISTED_MAX:]
    )
    return notes


def _remedy(remedy: Transfer) -> str:
    state = words.IN_WORDS[remedy.state]
    if remedy.follows is None:
        return words.SENDS_BACK.format(transfer=remedy.name, state=state)
    return words.TRIES_AGAIN.format(transfer=remedy.name, state=state)


def _tier(tier: Tier) -> str:
    return escape(str(tier))


def _name(view: View, user: str) -> str:
    """Name somebody without calling them: a new post calls everybody it mentions, and a card may be posted again.

    Only who has to confirm is mentioned; replies under the card call whoever else must act.
    """
    return escape(view.names.get(user, user))


def _people(view: View, users: Sequence[str]) -> str:
    return listed([_name(view, user) for user in users]) or words.NOBODY_LEFT


def _unknown_notes(view: View, place: str) -> list[str]:
    transfer = view.transfer
    sent = f"{words.SENT_AT.format(moment=moment(transfer.sent_at))} " if transfer.sent_at else ""
    people = listed([_name(view, user) for user in view.resolvers])
    found = view.looked is not None and view.looked.trace == Trace.FOUND
    if found and view.resolvers:
        how = words.SETTLE_FOUND.format(place=place, people=people, count=view.resolve_by)
    elif len(view.resolvers) < view.resolve_by:
        how = words.TOO_FEW_SETTLE.format(count=view.resolve_by, people=people or words.NOBODY)
    else:
        how = words.SETTLE_SEEN.format(place=place, count=view.resolve_by, people=people)
    return [
        f"{sent}{words.MAY_HAVE_HAPPENED}",
        how,
        *(_vote(view, vote, view.reasons.get(vote.person, "")) for vote in view.votes[-LISTED_MAX:]),
    ]


def _evidence(view: View) -> str:
    """Say what the exchange's records showed when the desk last looked, and when it looks again."""
    looked = view.looked
    if looked is None:
        return words.CHECK_COMES
    next_at = looked.next_at
    following = words.NEXT_CHECK.format(moment=moment(next_at)) if next_at else words.NO_MORE_CHECKS
    if looked.failed:
        following = f"{inert(looked.failed, EVIDENCE_SHOWN_MAX)} {following}"
    seen = inert(" ".join((looked.why, *looked.words)), EVIDENCE_SHOWN_MAX)
    return words.CHECKED.format(moment=moment(looked.at), seen=seen, following=following)


def _vote(view: View, vote: Vote, reason: str) -> str:
    person, decision, at = _name(view, vote.person), vote.decision.replace("_", " "), moment(vote.at)
    if not reason:
        return words.FOUND_IT.format(person=person, decision=decision, moment=at)
    shown = inert(reason, REASON_SHOWN_MAX)
    return words.FOUND_IT_FOR.format(person=person, decision=decision, moment=at, reason=shown)


def listed(names: list[str], length_max: int = LISTED_MAX) -> str:
    """Write the first few names and how many more there are."""
    more = len(names) - length_max
    some = ", ".join(names[:length_max])
    return words.AND_MORE.format(names=some, count=more) if more > 0 else some


def _buttons(view: View) -> list[Block]:
    transfer = view.transfer
    match transfer.state:
        case State.PROPOSED:
            confirm = _button(
                transfer, "transfer_confirm", words.CONFIRM_BUTTON.format(money=money(transfer)), "primary"
            )
            cancel = _button(transfer, "transfer_cancel", words.CANCEL_BUTTON)
            return [confirm, cancel] if view.confirmable else [cancel]
        case State.AWAITING_APPROVAL:
            return [
                _button(transfer, "transfer_approve", words.APPROVE_BUTTON.format(money=money(transfer)), "primary"),
                _button(transfer, "transfer_deny", words.DENY_BUTTON, "danger"),
                _button(transfer, "transfer_cancel", words.CANCEL_BUTTON),
            ]
        case State.APPROVED | State.WAITING:
            return [_button(transfer, "transfer_cancel", words.CANCEL_BUTTON)]
        case State.UNKNOWN:
            return [
                _button(transfer, "transfer_resolve_executed", words.EXECUTED_BUTTON),
                _button(transfer, "transfer_resolve_not_executed", words.NOT_EXECUTED_BUTTON),
            ]
        case _ if view.stranded:
            return [
                _button(transfer, "transfer_second_again", words.TRY_AGAIN_BUTTON),
                _button(transfer, "transfer_send_back", words.SEND_BACK_BUTTON),
            ]
        case _:
            return []


def _button(transfer: Transfer, action: str, text: str, style: str = "") -> Block:
    button: Block = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": text[:75]},
        # Heard instead of the text: a channel has many cards, and "Cancel" alone says of none which.
        "accessibility_label": f"{text}, {transfer.name}"[:75],
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
    transfer = view.transfer
    settling = words.SETTLING.format(
        transfer=transfer.name,
        money=money(transfer),
        source=escape(view.source),
        destination=escape(view.destination),
        decision=decision.replace("_", " "),
    )
    return {
        "type": "modal",
        "callback_id": "transfer_resolve",
        "private_metadata": private_metadata,
        "title": {"type": "plain_text", "text": words.SETTLE_TITLE.format(transfer=transfer.name)[:24]},
        "submit": {"type": "plain_text", "text": words.SETTLE_SUBMIT},
        "close": {"type": "plain_text", "text": words.BACK},
        "blocks": [
            _section(settling),
            _section(_evidence(view)),
            {
                "type": "input",
                "block_id": "reason",
                "label": {"type": "plain_text", "text": words.SEEN_FIELD},
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
