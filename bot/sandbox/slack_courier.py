"""How what a person does gets to the app and how its failure gets back: one envelope, one ack, one line in the log."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from bot.sandbox.slack_answers import Origin, ResponseUrls
from bot.sandbox.slack_features import Features
from bot.sandbox.slack_socket import Act, SocketMode
from bot.sandbox.slack_switches import Switches
from bot.sandbox.slack_views import Views
from bot.sandbox.slack_wire import Wire, of_envelope
from bot.sandbox.slack_workspace import Json, Triggers, Workspace

TROUBLE = {
    "interactive": ":warning: This app is not responding. What you pressed may not have been received.",
    "view": "We had some trouble connecting. Try again?",
}

ELSEWHERE = "T66ELSEWHERE"
STALE_SECONDS = 60


class Courier:
    """Carries acts to the app.

    Attributes:
        url: the base address of response URLs, known once the double listens.
        features: what the app's manifest offers people.
        wire: what went over the wire lately.
    """

    def __init__(self, workspace: Workspace, socket: SocketMode, switches: Switches, features: Features) -> None:
        """Take what the acts happen in, what carries them, and what may go wrong with them."""
        self.url = ""
        self.workspace = workspace
        self.socket = socket
        self.features = features
        self.wire = Wire()
        self.views = Views(workspace)
        self.triggers = Triggers(workspace.now)
        self.response_urls = ResponseUrls(workspace.now)
        self._switches = switches

    async def _send(self, kind: str, payload: Json) -> Act:
        takes_answer = kind == "slash_commands" or payload["type"] == "view_submission"
        envelope = {
            "envelope_id": str(uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": takes_answer,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": 0, "retry_reason": ""}
        at, began = self.workspace.now(), asyncio.get_running_loop().time()
        act = await self.socket.deliver(envelope)
        took_s = asyncio.get_running_loop().time() - began
        self.wire.passages.append(of_envelope(at, took_s, payload, act.failure or "acked"))
        self.workspace.on_change()
        return act

    def _meddled_with(self, payload: Json) -> Json:
        """Return a click as the switches want it to arrive."""
        action = payload["actions"][0]
        if self._switches.take("stale_click"):
            action = {**action, "action_ts": f"{self.workspace.now() - STALE_SECONDS:.6f}"}
        if self._switches.take("forged_click"):
            action = {**action, "value": "forged"}
        return self._from_elsewhere({**payload, "actions": [action]})

    def _from_elsewhere(self, payload: Json) -> Json:
        """Return what a person did, as their namesake's in another workspace when that is switched on."""
        if not self._switches.take("foreign_team"):
            return payload
        team, user = {**payload["team"], "id": ELSEWHERE}, {**payload["user"], "team_id": ELSEWHERE}
        return {**payload, "team": team, "user": user}

    def _response_url(self, origin: Origin) -> str:
        return f"{self.url}/response/{self.response_urls.issue(origin)}"

    def _tell_failure(self, origin: Origin, code: str, sentence: str) -> None:
        self.workspace.fail(origin.user, origin.channel, code, sentence)

    def _anywhere(self, user_id: str) -> Origin:
        """Return where to tell a person about what belongs to no channel: the first channel they are in."""
        channels = self.workspace.channels_of(user_id)
        return Origin(user_id, channels[0].id if channels else "")
