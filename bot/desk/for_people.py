"""What people do and see. Handlers await the futures, and the answers travel in the ack."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import bot.desk.approving as approving
import bot.desk.asking as asking
import bot.desk.balances as balances
import bot.desk.forms as forms
import bot.desk.freezing as freezing
import bot.desk.homes as homes
import bot.desk.listing as listing
import bot.desk.refusing as refusing
import bot.desk.repeating as repeating
import bot.desk.reporting as reporting
import bot.desk.requests as requests
import bot.desk.resolving as resolving
import bot.desk.steps as steps
import bot.desk.views as views
import bot.desk.wishes as wishes
from bot.accounts import Account
from bot.desk.approving import Asked
from bot.desk.asking import LimitsQuestion, Question
from bot.desk.balances import Inquiry, Line
from bot.desk.bound import Bound
from bot.desk.homes import Home
from bot.desk.house import Ask, Click, Person, Refusal
from bot.desk.listing import Beside, ExportGranted, Page
from bot.desk.repeating import Repeat
from bot.desk.resolving import Decision, Resolution
from bot.desk.views import View
from bot.desk.wishes import ShareAsk
from bot.filters import Filter
from bot.grammar import TransferIntent
from bot.journal import Event, Transaction
from bot.journal.homes import Shown


class ForPeople(Bound):
    """The use cases people reach through commands, buttons, forms and the Home tab."""

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
        return self._journal.run_behind(lambda tx: balances.listed(tx, self.house, inquiry))

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
        return self._journal.run_behind(lambda tx: homes.kept(tx, self.house))

    def home(self, person: Person) -> Future[Home | None]:
        """See `homes.home`."""
        return self._journal.run_behind(lambda tx: homes.home(tx, self.house, person))

    def home_shown(self, user: str, digest: str) -> Future[None]:
        """Note what stands on somebody's Home tab."""
        return self._journal.run_behind(lambda tx: tx.homes.show(user, digest))

    def forget_home(self, user: str) -> Future[None]:
        """Keep somebody's Home tab fresh no more, until they open it again."""
        return self._journal.run_behind(lambda tx: tx.homes.forget(user))

    def view(self, transfer_id: int) -> Future[View | None]:
        """See `views.view`."""
        return self._journal.run_behind(lambda tx: views.view(tx, self.house, transfer_id))

    def event(self, seq: int) -> Future[Event | None]:
        """See `views.event`."""
        return self._journal.run_behind(lambda tx: views.event(tx, seq))
