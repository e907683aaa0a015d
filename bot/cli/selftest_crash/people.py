"""The people of the self-test: one asks for a transfer and confirms it, another approves it where the policy wants
that, two admins settle it if nobody else does.

They see what people see, the card, and they are stubborn: what was not acknowledged is delivered again, the very same
envelope, to the desk's next life. Admins tell the truth: they look at the exchange's own book.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.cli.selftest_crash.clock import SharedClock
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_socket import Act, SocketMode
from bot.sandbox.slack_workspace import Json, Message
from bot.sandbox.world import ALICE, CAROL, DAN, TREASURY, World

# After this no request still on its way can be executed, and the desk lets admins say "not executed".
SETTLED_AFTER = timedelta(minutes=7)
ACTS_MAX = 40

_EXECUTED, _NOT_EXECUTED = "transfer_resolve_executed", "transfer_resolve_not_executed"


class _Post(SocketMode):
    """Keeps the envelope an act would send, for whoever delivers it."""

    envelope: Json | None = None

    async def deliver(self, envelope: Json) -> Act:
        self.envelope = envelope
        return Act(envelope)


class People:
    """Who does what next.

    Attributes:
        acked: envelopes the desk acknowledged: the transfer that was typed, clicks, forms.
    """

    def __init__(self, world: World, exchange: Lookalike, clock: SharedClock, text: str) -> None:
        self.acked: list[Json] = []
        self.redelivered = 0
        self._slack: SlackDouble = world.slack
        self._slack.socket = self._post = _Post(world.slack.workspace.app_id, world.slack.switches, lambda: None)
        self._exchange = exchange
        self._clock = clock
        self._text = text
        self._typed = False
        self._acts = 0
        self._unanswered: Json | None = None
        self._settle_at: datetime | None = None
        self._settles = 0
        self._admins = [CAROL, DAN]

    async def next_envelope(self) -> Json | None:
        """Return what the desk must be told now; None while everybody waits."""
        if self._unanswered is not None:
            self.redelivered += 1
            return self._unanswered
        if self._acts < ACTS_MAX:
            await self._act()
        self._unanswered, self._post.envelope = self._post.envelope, None
        self._acts += self._unanswered is not None
        return self._unanswered

    def acknowledge(self, envelope_id: str, answer: Json) -> None:
        """Take the desk's word that it has what was sent."""
        envelope = self._unanswered
        if envelope is None or envelope["envelope_id"] != envelope_id:
            return
        self._unanswered = None
        self.acked.append(envelope)
        if envelope["payload"].get("type") == "view_submission" and answer.get("response_action") != "errors":
            self._admins.remove(envelope["payload"]["user"]["id"])

    @property
    def patience_s(self) -> float | None:
        """For how many seconds the admins would wait for the desk to find out by itself; None when none is needed."""
        if self._settle_at is None:
            return None
        return max(0.0, (self._settle_at - self._clock.now()).total_seconds())

    async def _act(self) -> None:
        card = self._card()
        shown = str(card.blocks) if card else ""
        if not self._typed:
            self._typed = True
            await self._slack.slash(ALICE, TREASURY, "/transfer", self._text)
        elif card is not None and "transfer_confirm" in shown:
            await self._slack.press(ALICE, TREASURY, card.ts, "transfer_confirm")
        elif card is not None and "transfer_approve" in shown:
            await self._slack.press(CAROL, TREASURY, card.ts, "transfer_approve")
        elif card is not None and "transfer_resolve_" in shown:
            number = _asked_about(card)
            if self._settle_at is None or number != self._settles:
                self._settles, self._settle_at = number, self._clock.now() + SETTLED_AFTER
            if self._clock.now() >= self._settle_at and self._admins:
                await self._settle(self._admins[0], card, number)
        else:
            self._settle_at = None

    async def _settle(self, admin: str, card: Message, number: int) -> None:
        form = self._slack.views.open_view(admin)
        if form is None:
            # T1 is the exchange's first movement, its second step the next.
            executed = len(self._exchange.executed) >= number
            await self._slack.press(admin, TREASURY, card.ts, _EXECUTED if executed else _NOT_EXECUTED)
            return
        reason: dict[str, Any] = {"type": "plain_text_input", "value": "seen in the exchange's own records"}
        await self._slack.submit_view(admin, form.id, {"reason": {"text": reason}})

    def _card(self) -> Message | None:
        about = [(m, (m.metadata or {}).get("event_payload", {})) for m in self._slack.workspace.messages(TREASURY)]
        return next((message for message, said in reversed(about) if said.get("kind") == "card"), None)


def _asked_about(card: Message) -> int:
    """Return the id of the transfer a card asks admins about."""
    values = [element["value"] for _, element in elements(card.blocks) if element.get("action_id") == _EXECUTED]
    return int(values[0].partition(".")[0])
