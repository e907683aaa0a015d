"""Approve and Deny, and the form that asks for a one-time code where a tier wants a second factor."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.clock import Clock
from bot.desk import Click, Desk, Refusal, View
from bot.errors import UserError
from handlers import cards
from handlers.listening import Filled, Listening, carried
from handlers.markup import escape, inert
from handlers.replies import Replies

CODE_LENGTH_MAX = 12  # six digits, and the spaces phones show between them


class Approvals:
    """The listeners of an approver's buttons, and of the form for the code."""

    def __init__(
        self, desk: Desk, client: AsyncWebClient, replies: Replies, clock: Clock, follows_after_s: float
    ) -> None:
        self._desk = desk
        self._listening = Listening(desk, client, replies, clock, follows_after_s)

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        # `approve` answers with a text, or with `CODE_NEEDED`, which opens the form.
        app.action("transfer_approve")(self._listening.button(self._desk.approve, code_form))
        app.action("transfer_deny")(self._listening.button(self._desk.deny))
        app.view("transfer_code")(self._listening.form(words.TRIED_APPROVE_FORM, "code", self._approve))

    async def _approve(self, form: Filled, not_after: float) -> str:
        """Hand the code to the desk, which looks at the card, the version and the person again.

        Raises:
            UserError: it was not approved; the text is for the form.
        """
        if not form.typed.strip():
            raise UserError(words.CODE_MISSING)
        # After a wrong code the same form comes again; each sending of it is a try of its own.
        click = replace(form.click, key=form.click.key and f"{form.click.key}/{form.sending}")
        answer = await asyncio.wrap_future(self._desk.approve_with_code(click, form.typed[:CODE_LENGTH_MAX], not_after))
        if isinstance(answer, Refusal):
            raise UserError(str(answer))
        return answer


def code_form(view: View, click: Click) -> cards.Message:
    """Render the form that asks an approver for their one-time code, beneath what it is about to approve."""
    transfer = view.transfer
    about = words.APPROVING.format(
        transfer=transfer.name,
        money=escape(cards.money(transfer)),
        source=escape(view.source),
        destination=escape(view.end),
        person=f"<@{transfer.requester}>",
        seal=transfer.seal,
    )
    if transfer.reason:
        about = f"{about} {words.REASON.format(reason=inert(transfer.reason))}"
    return {
        "type": "modal",
        "callback_id": "transfer_code",
        "private_metadata": carried(click),
        "title": {"type": "plain_text", "text": words.APPROVE_TITLE.format(transfer=transfer.name)[:24]},
        "submit": {"type": "plain_text", "text": words.APPROVE_SUBMIT},
        "close": {"type": "plain_text", "text": words.BACK},
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": about}},
            {
                "type": "input",
                "block_id": "code",
                "label": {"type": "plain_text", "text": words.CODE_FIELD},
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "min_length": 6,
                    "max_length": CODE_LENGTH_MAX,
                },
            },
        ],
    }
