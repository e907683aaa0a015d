"""The desk: every use case, each one transaction of the journal. Handlers await the futures, lanes wait for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bot.accounts import Account
from bot.config import Config
from bot.desk import (
    approving,
    asking,
    balances,
    delivering,
    forms,
    freezing,
    homes,
    listing,
    looking,
    refusing,
    reloading,
    reminding,
    repeating,
    reporting,
    requests,
    resolving,
    roll,
    sending,
    steps,
    views,
    wishes,
)
from bot.desk.approving import CODE_NEEDED, Asked
from bot.desk.asking import LimitsQuestion, Question
from bot.desk.balances import Inquiry, Line, Preview, Side, Taken
from bot.desk.freezing import Order
from bot.desk.homes import Home
from bot.desk.house import Ask, Click, House, Person, Refusal
from bot.desk.listing import Beside, ExportGranted, Page
from bot.desk.looking import Look, Looked
from bot.desk.reminding import REMINDED
from bot.desk.repeating import Repeat
from bot.desk.requests import IN_WORDS
from bot.desk.resolving import Decision, Resolution
from bot.desk.views import View
from bot.desk.wishes import ShareAsk
from bot.evidence import Reading, Snapshot
from bot.filters import Filter
from bot.grammar import TransferIntent
from bot.journal import DESK, Event, Journal, Parcel, Transaction
from bot.journal.homes import Shown
from bot.transfers import Outcome, Transfer

__all__ = [
    "CODE_NEEDED",
    "IN_WORDS",
    "REMINDED",
    "Ask",
    "Asked",
    "Beside",
    "Click",
    "Decision",
    "Desk",
    "ExportGranted",
    "Home",
    "House",
    "Inquiry",
    "Line",
    "Look",
    "Looked",
    "Order",
    "Page",
    "Person",
    "Preview",
    "Question",
    "Refusal",
    "Repeat",
    "Resolution",
    "ShareAsk",
    "Side",
    "Taken",
    "View",
]


class Desk:
    """The use cases, bound to one journal and the rules in force.

    Attributes:
        house: the rules in force; replaced as a whole when others are loaded.
    """

    def __init__(
        self, journal: Journal, house: House, freeze_orders: Callable[[], tuple[Order, ...]] = lambda: ()
    ) -> None:
        """Bind the use cases.

        Args:
            freeze_orders: what a shell ordered frozen and the journal may not hold yet; asked at every claim.
        """
        self._journal = journal
        self._freeze_orders = freeze_orders
        self._closing = False
        self.house = house
        journal.policy = house.config.hash

    # What people do

    def propose(self, ask: Ask, not_after: float) -> Future[str]:
        """See `requests.propose`. Nothing is written once `not_after` (monotonic seconds) has passed."""
        return self._journal.run(lambda tx: requests.propose(tx, self.house, ask), not_after)

    def wish(self, ask: ShareAsk, not_after: float) -> Future[str | Refusal]:
        """See `wishes.wish`."""
        return self._journal.run(lambda tx: wishes.wish(tx, self.house, ask), not_after)

    def again(self, repeat: Repeat, not_after: float) -> Future[str]:
        """See `repeating.again`."""
        return self._journal.run(lambda tx: repeating.again(tx, self.house, repeat), not_after)

    def take_form(self, ask: Ask | ShareAsk, form: str, not_after: float) -> Future[str | Refusal]:
        """See `forms.take`."""
        return self._journal.run(lambda tx: forms.take(tx, self.house, ask, form), not_after)

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
        """See `refusing.turn_away`."""
        return self._journal.run(lambda tx: refusing.turn_away(tx, person, channel, attempt, why, key))

    def approve(self, click: Click, not_after: float) -> Future[str | Asked]:
        """See `approving.approve`."""
        return self._journal.run(lambda tx: approving.approve(tx, self.house, click), not_after)

    def approve_with_code(self, click: Click, code: str, not_after: float) -> Future[str | Refusal]:
        """See `approving.approve_with_code`; the code is looked at and forgotten."""
        return self._journal.run(lambda tx: approving.approve_with_code(tx, self.house, click, code), not_after)

    def deny(self, click: Click, not_after: float) -> Future[str]:
        """See `approving.deny`."""
        return self._journal.run(lambda tx: approving.deny(tx, self.house, click), not_after)

    def move_on(self, click: Click, what: str, not_after: float) -> Future[str]:
        """See `steps.move_on`."""
        return self._journal.run(lambda tx: steps.move_on(tx, self.house, click, what), not_after)

    def freeze(self, key: str, person: Person, exchange: str, reason: str, not_after: float) -> Future[str]:
        """See `freezing.freeze`."""
        return self._journal.run(lambda tx: freezing.freeze(tx, self.house, key, person, exchange, reason), not_after)

    def unfreeze(self, key: str, person: Person, exchange: str, not_after: float) -> Future[tuple[str, bool]]:
        """See `freezing.unfreeze`. What a shell ordered and nobody has seen yet counts as frozen."""

        def lift(tx: Transaction) -> tuple[str, bool]:
            freezing.obey(tx, self.house, self._freeze_orders())
            return freezing.unfreeze(tx, self.house, key, person, exchange)

        return self._journal.run(lift, not_after)

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

    def history(self, person: Person, wanted: Filter, beside: Beside | None = None) -> Future[Page | str]:
        """See `listing.history`."""
        return self._journal.run(lambda tx: listing.history(tx, self.house, person, wanted, beside))

    def ask_for_export(
        self, key: str, person: Person, channel: str, text: str, wanted: Filter, not_after: float
    ) -> Future[ExportGranted | str]:
        """See `listing.ask_for_export`."""
        return self._journal.run(
            lambda tx: listing.ask_for_export(tx, self.house, key, person, channel, text, wanted), not_after
        )

    def why(self, person: Person, intent: TransferIntent, as_person: str) -> Future[Question | str]:
        """See `asking.why`."""
        return self._journal.run(lambda tx: asking.why(tx, self.house, person, intent, as_person))

    def limits(self, person: Person) -> Future[LimitsQuestion]:
        """See `asking.limits`."""
        return self._journal.run(lambda tx: asking.limits(tx, self.house, person))

    def ask_balances(self, person: Person, exchange: str, not_after: float) -> Future[Inquiry | str]:
        """See `balances.ask`."""
        return self._journal.run(lambda tx: balances.ask(tx, self.house, person, exchange), not_after)

    def look_at_balance(self, account: Account, currency: str) -> Future[Inquiry]:
        """See `balances.look`; whoever is told must be somebody whose rules name the account."""
        return self._journal.run(lambda tx: balances.look(tx, ((account, currency),)))

    def balances(self, inquiry: Inquiry) -> Future[tuple[Line, ...]]:
        """See `balances.listed`."""
        return self._journal.run(lambda tx: balances.listed(tx, self.house, inquiry))

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in the journal's thread, after each commit that changed something. Only a hint."""
        self._journal.on_commit(listener)

    def ask_for_report(self, key: str, not_after: float) -> Future[bool]:
        """See `reporting.ask`."""
        return self._journal.run(lambda tx: reporting.ask(tx, key), not_after)

    def home_opened(self, person: Person) -> Future[bool]:
        """See `homes.opened`."""
        return self._journal.run(lambda tx: homes.opened(tx, self.house, person))

    def homes(self) -> Future[list[Shown]]:
        """See `homes.kept`."""
        return self._journal.run(homes.kept)

    def home(self, person: Person) -> Future[Home | None]:
        """See `homes.home`."""
        return self._journal.run(lambda tx: homes.home(tx, self.house, person))

    def home_shown(self, user: str, digest: str) -> Future[None]:
        """Note what stands on somebody's Home tab."""
        return self._journal.run(lambda tx: tx.homes.show(user, digest))

    def forget_home(self, user: str) -> Future[None]:
        """Keep somebody's Home tab fresh no more, until they open it again."""
        return self._journal.run(lambda tx: tx.homes.forget(user))

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

        def following(tx: Transaction) -> Transfer | None:
            freezing.obey(tx, self.house, self._freeze_orders())
            return sending.next_to_send(tx, self.house, exchange, resting)

        return self._journal.run(following)

    def hold(self, transfer: Transfer, why: str) -> Future[None]:
        """See `sending.hold`."""
        return self._journal.run(lambda tx: sending.hold(tx, transfer, why))

    def claim(self, transfer_id: int, snapshot: Snapshot, available: Decimal | None = None) -> Future[Transfer | None]:
        """See `sending.claim`."""

        def take(tx: Transaction) -> Transfer | None:
            freezing.obey(tx, self.house, self._freeze_orders())
            return None if self._closing else sending.claim(tx, self.house, transfer_id, snapshot, available)

        return self._journal.run(take)

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

    def next_reading(self, exchange: str) -> Future[tuple[Account, str] | None]:
        """See `balances.wanted`."""
        return self._journal.run(lambda tx: balances.wanted(tx, exchange))

    def note_reading(self, taken: Taken) -> Future[None]:
        """See `balances.noted`."""
        return self._journal.run(lambda tx: balances.noted(tx, self.house, taken))

    def remind_due(self) -> Future[datetime | None]:
        """See `reminding.remind_due`."""
        return self._journal.run(lambda tx: reminding.remind_due(tx, self.house))

    def expire_due(self) -> Future[datetime | None]:
        """See `requests.expire_due`."""
        return self._journal.run(requests.expire_due)

    # What Slack's edge and the shell do

    def roll(self) -> Future[list[str]]:
        """See `roll.call`."""
        return self._journal.run(roll.call)

    def seen(self, subject: str, standing: str) -> Future[None]:
        """Note what Slack says of a user or channel id; no words mean that all is well."""
        return self._journal.run(lambda tx: tx.people.seen(subject, standing))

    def obey(self, orders: tuple[Order, ...]) -> Future[None]:
        """See `freezing.obey`."""
        return self._journal.run(lambda tx: freezing.obey(tx, self.house, orders))

    def reload(self, config: Config) -> Future[None]:
        """Put another policy in force, as one transaction; see `reloading.load`."""
        house = replace(self.house, config=config)

        def adopt() -> None:
            self.house, self._journal.policy = house, config.hash

        def load(tx: Transaction) -> None:
            reloading.load(tx, house)
            tx.once_committed.append(adopt)

        return self._journal.run(load)

    def keep_policy(self, why: str) -> Future[None]:
        """See `reloading.keep`."""
        return self._journal.run(lambda tx: reloading.keep(tx, why))

    # What the start and the poster do

    def open(self, facts: Mapping[str, str]) -> Future[int]:
        """Record the start, try again what Slack would not take, and turn every abandoned send into an unknown.

        Returns how many those were.
        """

        def begin(tx: Transaction) -> int:
            tx.keep_policy(self.house.config.hash, self.house.config.text)
            tx.outbox.revive()
            tx.event("started", DESK, None, **facts)
            freezing.obey(tx, self.house, self._freeze_orders())
            abandoned = sending.recover(tx, self.house)
            reloading.review(tx, self.house)
            wishes.review(tx, self.house)
            return abandoned

        return self._journal.run(begin)

    def uuids(self) -> Future[tuple[str, ...]]:
        """Return every name the journal had; every message to Slack carries the present one, the last."""
        return self._journal.run(lambda tx: tx.uuids)

    def parcels(self) -> Future[list[Parcel]]:
        """Return what Slack still has to be told, as `Outbox.pending` orders it."""
        return self._journal.run(lambda tx: list(tx.outbox.pending()))

    def trying(self, parcel: Parcel, card_ts: str | None = None) -> Future[None]:
        """Record that a parcel is about to be posted: from now on it is looked for before it is posted again."""
        return self._journal.run(lambda tx: tx.outbox.trying(parcel, card_ts))

    def untried(self, parcel: Parcel) -> Future[None]:
        """Record that Slack certainly did not take what was just tried; the parcel is due as before."""
        return self._journal.run(lambda tx: tx.outbox.untried(parcel))

    def found(self, parcel: Parcel, card_ts: str) -> Future[None]:
        """See `delivering.found`."""
        return self._journal.run(lambda tx: delivering.found(tx, parcel, card_ts))

    def delivered(self, parcel: Parcel, card_ts: str | None = None) -> Future[None]:
        """See `delivering.delivered`."""
        return self._journal.run(lambda tx: delivering.delivered(tx, parcel, card_ts))

    def put_off(self, parcel: Parcel, seconds: float, problem: str, *, refused: bool = False) -> Future[None]:
        """See `delivering.put_off`."""
        return self._journal.run(lambda tx: delivering.put_off(tx, parcel, seconds, problem, refused=refused))

    def park(self, parcel: Parcel, problem: str) -> Future[None]:
        """See `delivering.park`."""
        return self._journal.run(lambda tx: delivering.park(tx, parcel, problem))
