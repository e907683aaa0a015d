"""Every card there is to look at, by name. One line here is one more case, and one more file beside the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from shown import ALICE, CAROL, DAN, HOSTILE, NOW, SPOT_TO_CROSS, longest, view

from bot.accounts import Account, Route
from bot.desk import Looked, Preview, Side, View
from bot.journal import Vote
from bot.policy import Quorum, Tier
from bot.transfers import FINAL, State, Transfer

TREASURERS = Quorum("treasurers", frozenset({CAROL, DAN}), 2)
TWO = Tier({"USDT": Decimal(0)}, (TREASURERS,), second_factor=True)
ASKED: dict[str, Any] = {"tier": TWO, "wanted": (CAROL, DAN)}
ONE_APPROVED: dict[str, Any] = {"tier": TWO, "wanted": (DAN,), "approvals": (Vote(CAROL, "approved", NOW, "1f2e3d4c"),)}
DENIED: dict[str, Any] = {"tier": TWO, "approvals": (Vote(DAN, "denied", NOW, "1f2e3d4c"),)}

SAID = {
    State.SUCCEEDED: "The exchange's reference is 900001.",
    State.REFUSED: "The exchange said no: code 1030, insufficient balance.",
    State.NOT_SENT: "No connection to the exchange could be made.",
    State.UNKNOWN: "No answer within 20 s.",
    State.NOT_EXECUTED: "Settled by hand as not executed by carol, dan.",
    State.DENIED: "Denied by dan. Nothing was sent.",
    State.CANCELLED: "Cancelled by the requester. Nothing was sent.",
    State.EXPIRED: "It was not confirmed in time. Nothing was sent.",
    State.BLOCKED: "Rule collateral allows up to 1,000.00 USDT in one transfer; this is 1,250.50. Nothing was sent.",
}
SENT = {State.SENDING, State.UNKNOWN, State.SUCCEEDED, State.REFUSED, State.NOT_EXECUTED}


def stands(state: State, transfer: Transfer = SPOT_TO_CROSS) -> Transfer:
    """A transfer with what the desk would know of it in a state."""
    return replace(
        transfer,
        state=state,
        outcome=SAID.get(state),
        sent_at=NOW if state in SENT else None,
        settled_at=NOW if state in FINAL else None,
        deadline=None if state in FINAL | SENT else SPOT_TO_CROSS.deadline,
        exchange_reference="900001" if state is State.SUCCEEDED else None,
    )


def card_in(state: State, /, transfer: Transfer = SPOT_TO_CROSS, **changes: Any) -> View:
    return view(stands(state, transfer), **changes)


def twin(state: State, number: int = 7) -> Transfer:
    return replace(SPOT_TO_CROSS, id=number, state=state, requester=DAN)


TO_SUB = replace(
    SPOT_TO_CROSS, route=Route(Account("coinw", "master"), Account("coinw", "39000001")), margin_account=""
)
REASON = replace(SPOT_TO_CROSS, reason="Margin for the BTC position, as agreed with Dan this morning")
LONG_REASON = replace(SPOT_TO_CROSS, reason="&" * 200)
LOOKED = Looked(NOW, "absent", "The records show no such transfer.", ("Ledger: nothing.",), "00000000", "", NOW)
FOUND = replace(LOOKED, trace="found", why="The records show the transfer.", words=("Ledger: row 7.",))
FAILED = replace(LOOKED, failed="The records could not be read: HTTP 502.")
VOTES = (Vote(CAROL, "not_executed", NOW + timedelta(minutes=6), "1f2e3d4c"),)
REASONS = {CAROL: "not in the ledger, and the balance has not moved"}

FIRST = replace(SPOT_TO_CROSS, route=Route(Account("htx", "linear-swap"), Account("htx", "spot")))
SECOND = replace(SPOT_TO_CROSS, id=43, route=Route(Account("htx", "spot"), Account("htx", "otc")), follows=42)


def two_steps(first: State, second: State, **changes: Any) -> View:
    return card_in(first, FIRST, second=card_in(second, SECOND, **changes))


UNREAD, HIDDEN = Side(None, None, None, ""), Side(None, None, None, "not readable through the API")


def side(now: str, after: str) -> Side:
    return Side(Decimal(now), Decimal(after), NOW, "")


TIER_AT_ITS_LONGEST = Tier(
    {}, tuple(Quorum("g" * 31, frozenset({f"U{n:020d}" for n in range(40)}), 40) for _ in range(4)), second_factor=True
)


def at_its_longest(state: State, **changes: Any) -> View:
    people = tuple(f"U{number:020d}" for number in range(40))
    votes = tuple(Vote(person, "approved", NOW, "1f2e3d4c") for person in people)
    whole = longest(state, tier=TIER_AT_ITS_LONGEST, wanted=people, approvals=votes, **changes)
    return replace(whole, transfer=replace(whole.transfer, reason="&" * 200, retry_of=10**15 - 2, follows=10**15 - 3))


CARDS: dict[str, View] = {
    **{state.value: card_in(state) for state in State},
    **{f"{state.value}-with-alarm": card_in(state, alarm="Look at row 7.") for state in sorted(FINAL)},
    "proposed-by-alias": card_in(State.PROPOSED, TO_SUB, destination="coinw:maker"),
    "proposed-needs-approval": card_in(State.PROPOSED, **ASKED),
    "proposed-with-reason": card_in(State.PROPOSED, REASON),
    "proposed-with-long-reason": card_in(State.PROPOSED, LONG_REASON),
    "proposed-with-twin": card_in(State.PROPOSED, twins=(twin(State.SUCCEEDED),)),
    "proposed-with-unanswered-twin": card_in(State.PROPOSED, confirmable=False, twins=(twin(State.UNKNOWN),)),
    "proposed-with-many-twins": card_in(
        State.PROPOSED, twins=tuple(twin(State.SUCCEEDED, number) for number in range(50, 60))
    ),
    "proposed-with-preview": card_in(State.PROPOSED, preview=Preview(side("3000", "1749.5"), side("0", "1250.5"))),
    "proposed-not-enough": card_in(State.PROPOSED, preview=Preview(side("1000", "-250.5"), side("0", "1250.5"))),
    "proposed-being-read": card_in(State.PROPOSED, preview=Preview(UNREAD, HIDDEN)),
    "proposed-all-of-it": card_in(
        State.PROPOSED, replace(SPOT_TO_CROSS, share="all"), share_of=Decimal("1250.500000001")
    ),
    "proposed-two-steps": two_steps(State.PROPOSED, State.WAITING),
    "awaiting_approval-asked": card_in(State.AWAITING_APPROVAL, **ASKED),
    "awaiting_approval-one-approved": card_in(State.AWAITING_APPROVAL, REASON, **ONE_APPROVED),
    "awaiting_approval-nobody-left": card_in(State.AWAITING_APPROVAL, tier=TWO),
    "approved-held": view(replace(stands(State.APPROVED), outcome="It waits: HTX is in maintenance."), **ONE_APPROVED),
    "denied-by-dan": card_in(State.DENIED, **DENIED),
    "unknown-looked": card_in(State.UNKNOWN, looked=LOOKED, votes=VOTES, reasons=REASONS),
    "unknown-found": card_in(State.UNKNOWN, looked=FOUND),
    "unknown-unreadable": card_in(State.UNKNOWN, looked=FAILED),
    "unknown-too-few-admins": card_in(State.UNKNOWN, looked=LOOKED, resolvers=(CAROL,)),
    "two-steps-first-sending": two_steps(State.SENDING, State.WAITING),
    "two-steps-second-sending": two_steps(State.SUCCEEDED, State.SENDING),
    "two-steps-done": two_steps(State.SUCCEEDED, State.SUCCEEDED),
    "two-steps-first-refused": two_steps(State.REFUSED, State.CANCELLED),
    "two-steps-stranded": two_steps(State.SUCCEEDED, State.REFUSED, stranded=True),
    "two-steps-sent-back": two_steps(
        State.SUCCEEDED, State.REFUSED, remedies=(replace(twin(State.SUCCEEDED, 44), retry_of=43),)
    ),
    "hostile-refused": view(
        replace(stands(State.REFUSED), outcome=HOSTILE, exchange_reference=HOSTILE, reason=HOSTILE),
        names={ALICE: HOSTILE},
    ),
    "longest-proposed": at_its_longest(State.PROPOSED),
    "longest-awaiting_approval": at_its_longest(State.AWAITING_APPROVAL),
    "longest-unknown": at_its_longest(State.UNKNOWN),
}


def both_at_their_longest(first: State, second: State) -> View:
    following = at_its_longest(second)
    return at_its_longest(
        first,
        confirmable=first is State.PROPOSED,
        second=replace(following, stranded=True, remedies=tuple(twin(State.EXPIRED, number) for number in range(40))),
    )


# Checked against Slack's limits only: their exact words tell a reader nothing.
LONGEST: dict[str, View] = {
    **{f"{state.value} at its longest": at_its_longest(state) for state in State},
    # The second step is spoken of once the first is done.
    **{f"first step {state.value}": both_at_their_longest(state, State.WAITING) for state in State},
    **{f"second step {state.value}": both_at_their_longest(State.SUCCEEDED, state) for state in State},
}
