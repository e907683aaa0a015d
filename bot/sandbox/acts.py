"""What a person does at the desk, a line each: type a command, find a card, press its button, settle an unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.sandbox.slack_socket import Act
from bot.sandbox.slack_workspace import Message
from bot.sandbox.world import AUDIT, TREASURY, World

PATIENCE_S = 10.0
_TOO_EARLY = "just being posted"


class Acts:
    """Acts of people in one world, each waiting for what a person would wait for."""

    def __init__(self, world: World, is_noted: Callable[[int], bool] = lambda _: True) -> None:
        """Act in a world; `is_noted` tells when the desk has noted a card, which is before a person could press it."""
        self._is_noted = is_noted
        self._slack = world.slack

    async def type(self, user: str, text: str, channel: str = TREASURY) -> str:
        """Type `/transfer TEXT` and return the private answer."""
        return _text(await self._slack.slash(user, channel, "/transfer", text))

    def card(self, transfer_id: int) -> Message | None:
        """Return a transfer's card, the newest if there were several."""
        about = {"transfer": transfer_id, "kind": "card"}
        cards = [
            message
            for message in self._slack.workspace.messages(TREASURY)
            if message.metadata and about.items() <= message.metadata["event_payload"].items()
        ]
        return cards[-1] if cards else None

    async def card_saying(self, transfer_id: int, words: str, within: float = PATIENCE_S) -> Message:
        """Wait until a transfer's card says something, and return it.

        Raises:
            TimeoutError: it never did.
        """
        await self._slack.wait_for(lambda: words in self.card_text(transfer_id), within)
        card = self.card(transfer_id)
        if card is None:
            raise TimeoutError(f"T{transfer_id} has no card")
        return card

    def card_text(self, transfer_id: int) -> str:
        """Return everything a transfer's card says, or nothing while there is none."""
        card = self.card(transfer_id)
        return str([card.text, card.blocks]) if card else ""

    def audit(self, words: str) -> list[Message]:
        """Return the lines of the audit channel that say something."""
        return [message for message in self._slack.workspace.messages(AUDIT) if words in message.text]

    async def press(self, user: str, transfer_id: int, action: str) -> str:
        """Press a button on a transfer's card and return the private answer, if one comes.

        Nobody clicks within the milliseconds between a card's appearance and its being noted down; this may, and
        then does as the desk asks: tries again.
        """
        card = self.card(transfer_id)
        if card is None:
            raise LookupError(f"T{transfer_id} has no card")
        while not self._is_noted(transfer_id):  # noqa: ASYNC110 - the desk's database rings no bell here
            await asyncio.sleep(0.01)
        while True:
            seen = self.whispers(user)
            await self._slack.press(user, TREASURY, card.ts, action)
            await self._slack.wait_for(lambda seen=seen: len(self.whispers(user)) > len(seen), PATIENCE_S)  # type: ignore[misc]
            answer = self.whispers(user)[-1]
            if _TOO_EARLY not in answer:
                return answer
            await asyncio.sleep(0.01)

    def whispers(self, user: str) -> list[str]:
        """Return what only this person sees, oldest first."""
        return [private.text for private in self._slack.workspace.ephemerals(user)]

    async def confirm(self, user: str, transfer_id: int) -> str:
        """Press Confirm once the card is there."""
        await self.card_saying(transfer_id, "transfer_confirm")
        return await self.press(user, transfer_id, "transfer_confirm")

    async def approve(self, user: str, transfer_id: int) -> str:
        """Press Approve once the card asks for it, where no code is wanted."""
        await self.card_saying(transfer_id, "transfer_approve")
        return await self.press(user, transfer_id, "transfer_approve")

    async def deny(self, user: str, transfer_id: int) -> str:
        """Press Deny once the card asks for it."""
        await self.card_saying(transfer_id, "transfer_deny")
        return await self.press(user, transfer_id, "transfer_deny")

    async def approve_with_code(self, user: str, transfer_id: int, code: str) -> str:
        """Press Approve and send a one-time code. Returns the private answer, or what stands beside the field."""
        card = await self.card_saying(transfer_id, "transfer_approve")
        before = self._slack.views.open_view(user)
        await self._slack.press(user, TREASURY, card.ts, "transfer_approve")
        await self._slack.wait_for(lambda: self._slack.views.open_view(user) is not before, PATIENCE_S)
        view = self._slack.views.open_view(user)
        if view is None:
            raise LookupError("no form is open")
        seen = len(self.whispers(user))
        act = await self._slack.submit_view(user, view.id, {"code": {"text": {"value": code}}})
        if act.payload and "errors" in act.payload:
            return str(act.payload["errors"]["code"])
        await self._slack.wait_for(lambda: len(self.whispers(user)) > seen, PATIENCE_S)
        return self.whispers(user)[-1]

    def replies(self, words: str) -> list[Message]:
        """Return what was posted in the channel beside cards and says something."""
        return [message for message in self._slack.workspace.messages(TREASURY) if words in message.text]

    async def settle(self, user: str, transfer_id: int, executed: bool, reason: str) -> str:
        """Settle an unknown by hand: press the button, fill the form, send it. Returns the private answer."""
        card = await self.card_saying(transfer_id, "transfer_resolve_executed")
        action = "transfer_resolve_executed" if executed else "transfer_resolve_not_executed"
        await self._slack.press(user, TREASURY, card.ts, action)
        await self._slack.wait_for(lambda: self._slack.views.open_view(user) is not None, PATIENCE_S)
        view = self._slack.views.open_view(user)
        seen = len(self.whispers(user))
        if view is not None:
            field = {"type": "plain_text_input", "value": reason}
            await self._slack.submit_view(user, view.id, {"reason": {"text": field}})
        await self._slack.wait_for(lambda: len(self.whispers(user)) > seen, PATIENCE_S)
        return self.whispers(user)[-1]


def _text(act: Act) -> str:
    return str((act.payload or {}).get("text", "")) if act.failure is None else f"[{act.failure}]"
