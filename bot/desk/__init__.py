"""The desk: every use case, each one transaction of the journal. Handlers await the futures, lanes wait for them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta

from bot.desk import looking, requests, resolving, sending, views
from bot.desk.house import Ask, Click, House, Person
from bot.desk.looking import Look, Looked
from bot.desk.requests import IN_WORDS
from bot.desk.resolving import Decision, Resolution
from bot.desk.views import View
from bot.evidence import Reading, Snapshot
from bot.journal import DESK, Event, Journal, Parcel, Transaction
from bot.transfers import Outcome, Transfer

__all__ = ["IN_WORDS", "Ask", "Click", "Decision", "Desk", "House", "Look", "Looked", "Person", "Resolution", "View"]


class Desk:
    """The use cases, bound to one journal and the rules in force."""

    def __init__(self, journal: Journal, house: House) -> None:
        self._journal = journal
        self._closing = False
        self.house = house

    # What people do

    def propose(self, ask: Ask, not_after: float) -> Future[str]:
        """See `requests.propose`. Nothing is written once `not_after` (monotonic seconds) has passed."""
        return self._journal.run(lambda tx: requests.propose(tx, self.house, ask), not_after)

    def confirm(self, click: Click, not_after: float) -> Future[str]:
        """See `requests.confirm`."""
        return self._journal.run(lambda tx: requests.confirm(tx, self.house, click), not_after)

    def cancel_by_button(self, click: Click, not_after: float) -> Future[str]:
        """See `requests.cancel_by_button`."""
        return self._journal.run(lambda tx: requests.cancel_by_button(tx, self.house, click), not_after)

    def cancel_by_command(self, key: str, person: Person, transfer_id: int, not_after: float) -> Future[str]:
        """See `requests.cancel_by_command`."""
        return self._journal.run(
            lambda tx: requests.cancel_by_command(tx, self.house, key, person, transfer_id), not_after
        )

    def turn_away(self, person: Person, channel: str, attempt: str, why: str, key: str) -> Future[None]:
        """See `requests.turn_away`."""
        return self._journal.run(lambda tx: requests.turn_away(tx, person, channel, attempt, why, key))

    def answer_given(self, key: str) -> Future[str | None]:
        """Return what was answered when a delivery came before."""
        return self._journal.run(lambda tx: tx.answer_given(key))

    def may_resolve(self, click: Click, decision: Decision, not_after: float) -> Future[str | None]:
        """See `resolving.may_resolve`."""
        return self._journal.run(lambda tx: resolving.may_resolve(tx, self.house, click, decision), not_after)

    def resolve(self, resolution: Resolution, not_after: float) -> Future[str]:
        """See `resolving.resolve`."""
        return self._journal.run(lambda tx: resolving.resolve(tx, self.house, resolution), not_after)

    # What people see

    def show(self, person: Person, transfer_id: int) -> Future[View | str]:
        """See `views.show`."""
        return self._journal.run(lambda tx: views.show(tx, self.house, person, transfer_id))

    def history(self, person: Person) -> Future[tuple[View, ...]]:
        """See `views.history`."""
        return self._journal.run(lambda tx: views.history(tx, self.house, person))

    def view(self, transfer_id: int) -> Future[View | None]:
        """See `views.view`."""
        return self._journal.run(lambda tx: views.view(tx, self.house, transfer_id))

    def event(self, seq: int) -> Future[Event | None]:
        """See `views.event`."""
        return self._journal.run(lambda tx: views.event(tx, seq))

    # What the lanes do

    def close(self) -> None:
        """Let no further transfer leave. What is in flight can still be settled."""
        self._closing = True

    def next_to_send(self, exchange: str, resting: frozenset[int] = frozenset()) -> Future[Transfer | None]:
        """See `sending.next_to_send`."""
        return self._journal.run(lambda tx: sending.next_to_send(tx, self.house, exchange, resting))

    def hold(self, transfer: Transfer, why: str) -> Future[None]:
        """See `sending.hold`."""
        return self._journal.run(lambda tx: sending.hold(tx, transfer, why))

    def claim(self, transfer_id: int, snapshot: Snapshot) -> Future[Transfer | None]:
        """See `sending.claim`."""
        return self._journal.run(
            lambda tx: None if self._closing else sending.claim(tx, self.house, transfer_id, snapshot)
        )

    def settle(self, transfer_id: int, outcome: Outcome) -> Future[None]:
        """See `sending.settle`."""
        return self._journal.run(lambda tx: sending.settle(tx, self.house, transfer_id, outcome))

    def soonest_looks(self, exchange: str) -> Future[tuple[Look | None, Look | None]]:
        """Return the next look at a transfer without an answer, and at one that is watched; see `looking.soonest`."""
        return self._journal.run(
            lambda tx: (looking.soonest(tx, exchange, watched=False), looking.soonest(tx, exchange, watched=True))
        )

    def looked(self, transfer_id: int, result: Reading | str) -> Future[None]:
        """See `looking.looked`."""
        return self._journal.run(lambda tx: looking.looked(tx, self.house, transfer_id, result))

    def expire_due(self) -> Future[datetime | None]:
        """See `requests.expire_due`."""
        return self._journal.run(requests.expire_due)

    # What the start and the poster do

    def open(self, facts: Mapping[str, str]) -> Future[int]:
        """Record the start, try again what Slack would not take, and turn every abandoned send into an unknown.

        Returns how many those were.
        """

        def begin(tx: Transaction) -> int:
            tx.keep_policy(self.house.config.hash, self.house.config.text)
            tx.outbox.revive()
            tx.event("started", DESK, None, policy=self.house.config.hash, **facts)
            return sending.recover(tx, self.house)

        return self._journal.run(begin)

    def uuids(self) -> Future[tuple[str, ...]]:
        """Return every name the journal had; every message to Slack carries the present one, the last."""
        return self._journal.run(lambda tx: tx.uuids)

    def parcels(self) -> Future[list[Parcel]]:
        """Return what Slack still has to be told, as `Outbox.pending` orders it."""
        return self._journal.run(lambda tx: list(tx.outbox.pending()))

    def trying(self, parcel: Parcel) -> Future[None]:
        """Record that a parcel is about to be posted: from now on it is looked for before it is posted again."""
        return self._journal.run(lambda tx: tx.outbox.trying(parcel))

    def untried(self, parcel: Parcel) -> Future[None]:
        """Record that Slack certainly did not take what was just tried; the parcel is due as before."""
        return self._journal.run(lambda tx: tx.outbox.untried(parcel))

    def found(self, parcel: Parcel, card_ts: str) -> Future[None]:
        """Record the card that turned out to be there; its row still waits, for the card to show what is true now."""

        def record(tx: Transaction) -> None:
            _note_card(tx, parcel, card_ts)
            tx.outbox.found(parcel)

        return self._journal.run(record)

    def delivered(self, parcel: Parcel, card_ts: str | None = None) -> Future[None]:
        """Record that a parcel arrived; a card's message is from then on the only one whose buttons count."""

        def record(tx: Transaction) -> None:
            if card_ts is not None:
                _note_card(tx, parcel, card_ts)
            tx.outbox.done(parcel)

        return self._journal.run(record)

    def put_off(self, parcel: Parcel, seconds: float, problem: str, *, refused: bool = False) -> Future[None]:
        """Try a parcel again later. `refused`: Slack certainly did not take what was just tried."""

        def later(tx: Transaction) -> None:
            if refused:
                tx.outbox.untried(parcel)
            tx.outbox.again(parcel, tx.now + timedelta(seconds=seconds), problem)

        return self._journal.run(later)

    def park(self, parcel: Parcel, problem: str) -> Future[None]:
        """Give up a parcel Slack will never take, on the record."""

        def give_up(tx: Transaction) -> None:
            if tx.outbox.park(parcel, problem):
                tx.event("parked", DESK, tx.get(parcel.transfer_id), what=parcel.kind, problem=problem)

        return self._journal.run(give_up)


def _note_card(tx: Transaction, parcel: Parcel, card_ts: str) -> None:
    transfer = tx.get(parcel.transfer_id)
    if transfer is not None:
        tx.advance(transfer, replace(transfer, card_ts=card_ts))
        tx.outbox.revive_replies(transfer.id)
