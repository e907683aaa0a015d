"""What people are shown, read in one transaction so that it belongs together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot import words
from bot.accounts import label
from bot.desk.approving import agreed, tier_of
from bot.desk.balances import Preview, preview
from bot.desk.house import House, Person, all_twins
from bot.desk.looking import Looked, alarm, last_look, shown
from bot.desk.resolving import reasons, standing
from bot.desk.steps import is_stranded, remedies, second_step
from bot.journal import Event, Transaction, Vote
from bot.policy import Tier
from bot.transfers import OPEN, State, Transfer


@dataclass(frozen=True)
class View:
    """A transfer with everything its card says beside it.

    Attributes:
        source, destination: addresses as people type them.
        confirmable: the requester may press Confirm now.
        twins: equal transfers, open or just ended.
        votes: admins' decisions on an unknown, as far as they were made on what its records show now.
        reasons: what each of them saw, by user id.
        names: what desk.toml calls each user id that occurs.
        looked: what the last look at the exchange's records showed of an unknown.
        evidence: the digest of that look, to which a decision is bound.
        alarm: what the records show of a transfer that did not happen, if it seems to be there.
        tier: what the rule it was shown under asks for; None: the requester's word is enough.
        approvals: who decided on this version, oldest first.
        wanted: whose approval would bring it further.
        second: the second step of the route, which is shown on the same card.
        stranded: this is a second step that failed, and the money is where it should have left.
        remedies: what was begun to move the money on, or back.
        again_after: the name of the transfer this is once more.
        preview: what both sides have and would have, while it has not been sent.
        share_of: what was available when its share was worked out; None where the amount was typed as a figure.
    """

    transfer: Transfer
    source: str
    destination: str
    confirmable: bool
    twins: tuple[Transfer, ...]
    votes: tuple[Vote, ...]
    reasons: Mapping[str, str]
    resolve_by: int
    resolvers: tuple[str, ...]
    names: Mapping[str, str]
    looked: Looked | None
    evidence: str
    alarm: str
    tier: Tier | None = None
    approvals: tuple[Vote, ...] = ()
    wanted: tuple[str, ...] = ()
    second: View | None = None
    stranded: bool = False
    remedies: tuple[Transfer, ...] = ()
    again_after: str = ""

    @property
    def end(self) -> str:
        """Where the money is to end up, as people type it."""
        return self.second.destination if self.second else self.destination

    @property
    def current(self) -> View:
        """The step the card is about just now: the first, until it is done."""
        return self.second if self.second and self.transfer.state is State.SUCCEEDED else self

    preview: Preview | None = None
    share_of: Decimal | None = None


def view(tx: Transaction, house: House, transfer_id: int) -> View | None:
    """Return what a transfer's card shows now."""
    transfer = tx.get(transfer_id)
    if transfer is None:
        return None
    venue = house.config.venues.get(transfer.route.exchange)
    same = all_twins(tx, transfer) if transfer.state is State.PROPOSED else ()
    tier = tier_of(tx, house, transfer)
    second = second_step(tx, transfer)
    return View(
        transfer=transfer,
        source=label(transfer.route.source, venue),
        destination=label(transfer.route.destination, venue),
        confirmable=transfer.state is State.PROPOSED and not any(twin.state is State.UNKNOWN for twin in same),
        twins=same,
        votes=standing(tx, transfer) if transfer.state is State.UNKNOWN else (),
        reasons=reasons(tx, transfer) if transfer.state is State.UNKNOWN else {},
        resolve_by=house.config.resolve_by,
        resolvers=tuple(sorted(house.config.admins - {transfer.requester})),
        names=house.config.user_names,
        looked=last_look(tx, transfer) if transfer.state is State.UNKNOWN else None,
        evidence=shown(tx, transfer),
        alarm=str(found.data["why"]) if (found := alarm(tx, transfer)) else "",
        tier=tier,
        approvals=tx.approvals(transfer),
        wanted=tuple(sorted(tier.wanted(transfer.requester, agreed(tx, transfer)))) if tier else (),
        second=view(tx, house, second.id) if second else None,
        stranded=is_stranded(tx, transfer),
        remedies=remedies(tx, transfer),
        again_after=_again_after(tx, transfer),
        preview=preview(tx, transfer),
        share_of=_share_of(tx, transfer),
    )


def _share_of(tx: Transaction, transfer: Transfer) -> Decimal | None:
    if not transfer.share:
        return None
    asked = tx.events("transfer_id = ? AND kind IN ('proposed', 'asked_again')", transfer.id, order="seq DESC")
    return next((Decimal(event.data["available"]) for event in asked if "available" in event.data), None)


def _again_after(tx: Transaction, transfer: Transfer) -> str:
    """Return the name of the transfer this is once more; what sends its money back is not that."""
    tried = tx.get(transfer.retry_of) if transfer.retry_of else None
    return tried.name if tried and tried.route == transfer.route else ""


def event(tx: Transaction, seq: int) -> Event | None:
    """Return one event."""
    return next(tx.events("seq = ?", seq), None)


def show(tx: Transaction, house: House, person: Person, transfer_id: int) -> View | str:
    """Return a transfer for somebody who asked for it by id, or the answer that there is none."""
    transfer = tx.get(transfer_id)
    found = view(tx, house, transfer.card_of) if transfer else None
    if found is None or found.transfer.team != person.team:
        return words.NO_TRANSFER_LOOK.format(transfer=f"T{transfer_id}")
    if found.current.transfer.state in OPEN:
        # Somebody looks for it, so its card may be gone; an edit that finds no message posts a new one.
        tx.outbox.card(found.transfer.id)
    return found
