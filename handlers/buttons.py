"""The requester's buttons, those that settle an unknown by hand, and those that move stranded money."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.clock import Clock
from bot.desk import Click, Decision, Desk, Resolution, View
from bot.desk.resolving import REASON_MAX
from bot.desk.steps import AGAIN, BACK
from bot.errors import NotAllowed, UserError
from handlers import cards
from handlers.guard import clean
from handlers.listening import Filled, Listener, Listening, carried
from handlers.replies import Replies

RESOLVE = {
    "transfer_resolve_executed": Decision.EXECUTED,
    "transfer_resolve_not_executed": Decision.NOT_EXECUTED,
}

MOVE_ON = {"transfer_second_again": AGAIN, "transfer_send_back": BACK}

DIGEST_MAX = 64


class Buttons:
    """The listeners of Confirm and Cancel, and of the buttons and the form that settle an unknown."""

    def __init__(
        self, desk: Desk, client: AsyncWebClient, replies: Replies, clock: Clock, follows_after_s: float
    ) -> None:
        self._desk = desk
        self._listening = Listening(desk, client, replies, clock, follows_after_s)

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        app.action("transfer_confirm")(self._listening.button(self._desk.confirm))
        app.action("transfer_cancel")(self._listening.button(self._desk.cancel_by_button))
        for action, what in MOVE_ON.items():
            app.action(action)(self._move_on_button(what))
        for action, decision in RESOLVE.items():
            app.action(action)(self._resolve_button(decision))
        app.view("transfer_resolve")(self._listening.form(words.TRIED_SETTLE_FORM, "reason", self._resolve))

    def _move_on_button(self, what: str) -> Listener:
        def move_on(click: Click, not_after: float) -> Future[str]:
            return self._desk.move_on(click, what, not_after)

        return self._listening.button(move_on)

    def _resolve_button(self, decision: Decision) -> Listener:
        def may_resolve(click: Click, not_after: float) -> Future[str | None]:
            return self._desk.may_resolve(click, decision, not_after)

        def form(view: View, click: Click) -> cards.Message:
            about = carried(click, decision=decision.value, evidence=view.evidence)
            return cards.resolve_form(view, decision.value, about, REASON_MAX)

        return self._listening.button(may_resolve, form)

    async def _resolve(self, form: Filled, not_after: float) -> str:
        """Hand the form's claim to the desk, which looks at the card, the version and the person again.

        Raises:
            UserError: it claims nothing, or has no reason; the text is for the form.
        """
        try:
            decision = Decision(clean(form.about.get("decision")))
        except ValueError:
            raise NotAllowed(words.NOT_OUR_FORM) from None
        reason = form.typed[:REASON_MAX]
        if not reason.strip():
            raise UserError(words.SEEN_MISSING)
        resolution = Resolution(form.click, decision, reason, clean(form.about.get("evidence"), DIGEST_MAX))
        return await asyncio.wrap_future(self._desk.resolve(resolution, not_after))
