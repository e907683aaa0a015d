"""What people do in the simulated Slack, as payloads to the real listeners, and what they are told."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from bot.errors import TransferdeskError
from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_payloads import click_payload, clicked_action, escaped, slash_payload, submission_payload
from bot.sandbox.slack_workspace import Json, Message
from bot.words import NO_JOURNAL
from simulation.scenery import TREASURY
from simulation.world import World

RECORDED = (
    (re.compile(r"T(\d+): .* Nothing has moved yet"), ("proposed",)),
    (re.compile(r"T(\d+) is noted but cannot be confirmed yet"), ("proposed",)),
    (re.compile(r"T(\d+) is confirmed and goes out next"), ("approved",)),
    (re.compile(r"T(\d+) is cancelled\. Nothing"), ("cancelled",)),
    (re.compile(r"T(\d+) is settled as (?:not )?executed\.$"), ("succeeded", "not_executed")),
    (re.compile(r"Noted"), ("resolve_vote",)),
    (re.compile(r"T(\d+) is confirmed and waits for the approval"), ("awaiting_approval",)),
    (re.compile(r"You approved T(\d+)[.,]"), ("approve_vote",)),
    (re.compile(r"T(\d+) is denied\."), ("denied",)),
    (re.compile(r"(?:alice|bob|carol|dan|erin) froze "), ("frozen",)),
    (re.compile(r"(?:alice|bob|carol|dan|erin) unfroze "), ("unfrozen",)),
)


@dataclass
class Delivery:
    """One payload handed to a listener, and what came of it."""

    listener: str
    body: Json
    user: str
    kind: str
    acks: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""

    @property
    def key(self) -> str:
        """The digest under which the journal remembers it."""
        named = self.body["view"]["id"] if self.kind == "view" else self.body["trigger_id"]
        team = self.body.get("team_id") or self.body["team"]["id"]
        return hashlib.sha256(f"{self.kind}:{team}/{self.user}/{named}".encode()).hexdigest()


class People:
    """Everybody in Slack.

    Attributes:
        sent: payloads that can come again.
        deleted: transfers whose card somebody deleted once; of two steps the one that card is named after.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.sent: list[Delivery] = []
        self.deleted: set[int] = set()

    # Payloads

    def typed(self, user: str, text: str) -> Delivery:
        world = self._world
        workspace = world.workspace
        person, channel = workspace.users[user], workspace.channels[TREASURY]
        url = f"http://127.0.0.1:9/response/{len(self.sent)}"
        trigger = world.triggers.issue(user)
        body = slash_payload(workspace, person, channel, "/transfer", escaped(text, workspace), trigger, url)
        return self._kept(Delivery("/transfer", body, user, "command"))

    def pressed(self, user: str, card: Message, action: str) -> Delivery | None:
        """A press of a button of a card, as it was when it was seen; None when it has no such button."""
        world = self._world
        found = [(block, element) for block, element in elements(card.blocks) if element.get("action_id") == action]
        if not found:
            return None
        workspace = world.workspace
        person, channel = workspace.users[user], workspace.channels[TREASURY]
        url = f"http://127.0.0.1:9/response/{len(self.sent)}"
        body = click_payload(
            workspace, person, channel, card, clicked_action(*found[0], workspace.next_ts()),
            world.triggers.issue(user), url,
        )  # fmt: skip
        return self._kept(Delivery(action, body, user, "click"))

    def _kept(self, delivery: Delivery) -> Delivery:
        self.sent.append(delivery)
        return delivery

    def card(self, transfer_id: int) -> Message | None:
        """The card of a transfer as it stands in Slack now, the newest if there are several."""
        cards = self.cards(transfer_id)
        return cards[-1] if cards else None

    def cards(self, transfer_id: int) -> list[Message]:
        """Every message in the channel that is a card of this transfer; a second step stands on its first one's."""
        named = self.named(transfer_id)
        return [
            message
            for message in self._world.workspace.messages(TREASURY)
            if message.thread_ts is None and about(message).get("transfer") == named
        ]

    def named(self, transfer_id: int) -> int:
        """After which transfer the card is named on which this one stands."""
        ((first,),) = self._world.rows(
            "SELECT coalesce(min(follows), ?1) FROM transfers WHERE id = ?1 AND retry_of IS NULL", transfer_id
        )
        return int(first)

    # Acts

    def act(self, *deliveries: Delivery) -> list[str]:
        """Hand payloads to the desk at the same moment. Returns what each person is told."""
        replied = len(self._world.replies)

        async def together() -> None:
            await asyncio.gather(*(self._deliver(delivery) for delivery in deliveries))

        self._world.run(together())
        answers = dict(self._world.replies[replied:])
        return [self._told(delivery, answers) for delivery in deliveries]

    def settle(self, user: str, card: Message, executed: bool) -> str:
        """Press a resolve button and send the form that opens."""
        world = self._world
        for forgotten in world.views.stack(user):
            world.views.close(forgotten)
        press = self.pressed(user, card, f"transfer_resolve_{'executed' if executed else 'not_executed'}")
        if press is None:
            return "no such button"
        (told,) = self.act(press)
        view = world.views.open_view(user)
        if view is None:
            return told or "no form"
        values = {"reason": {"text": {"type": "plain_text_input", "value": "looked at the exchange's own records"}}}
        person = world.workspace.users[user]
        filled = world.views.fill(view, values)
        body = submission_payload(world.workspace, world.views, person, filled, world.triggers.issue(user))
        form = self._kept(Delivery("transfer_resolve", body, user, "view"))
        (told,) = self.act(form)
        world.views.close(view)
        return told

    async def _deliver(self, delivery: Delivery) -> None:
        world = self._world
        listener = world.listeners[delivery.listener]
        refusals = world.disk.refusals if world.disk else 0

        async def ack(**body: Any) -> None:
            delivery.acks.append(body)
            self._check_ack(delivery, refusals)

        context = {"received_at": world.clock.monotonic()}
        try:
            await listener(ack=ack, body=delivery.body, context=context)
        except TransferdeskError as error:
            delivery.error = type(error).__name__

    def _check_ack(self, delivery: Delivery, refusals: int) -> None:
        """At the moment of the ack the answer must be on disk, unless the desk says that the disk refused."""
        world = self._world
        only_looks = re.match("show |history|help", str(delivery.body.get("text", "")))
        if only_looks or delivery.listener.startswith("transfer_resolve_"):  # opens a form, changes nothing
            return
        if delivery.acks[-1].get("response_action") == "errors" or (world.disk and world.disk.refusals > refusals):
            return
        rows = world.rows("SELECT answer FROM deliveries WHERE key = ?", delivery.key)
        if not rows:
            world.blame(f"{delivery.listener} of {delivery.user} was acknowledged before it was on disk")
            return
        for pattern, kinds in RECORDED:
            said = pattern.match(rows[0][0])
            if said:
                self._check_event(delivery, kinds, int(said[1]) if said.groups() else None)

    def _check_event(self, delivery: Delivery, kinds: tuple[str, ...], transfer_id: int | None) -> None:
        marks = ", ".join("?" * len(kinds))
        found = self._world.rows(
            f"SELECT 1 FROM events WHERE kind IN ({marks}) AND actor = ? AND coalesce(? = transfer_id, 1) LIMIT 1",
            *kinds, delivery.user, transfer_id,
        )  # fmt: skip
        if not found:
            self._world.blame(f"{delivery.listener} of {delivery.user} was acknowledged as done and is no event")

    def _told(self, delivery: Delivery, answers: dict[str, str]) -> str:
        if delivery.error:
            return f"({delivery.error}, not acknowledged)"
        text = (delivery.acks[-1] if delivery.acks else {}).get("text") or answers.get(
            str(delivery.body.get("response_url")), ""
        )
        return "(no journal)" if text == NO_JOURNAL else str(text)


def about(message: Message) -> dict[str, Any]:
    """What a message of the desk says of itself to machines."""
    payload = (message.metadata or {}).get("event_payload") or {}
    return payload if payload.get("kind") == "card" else {}
