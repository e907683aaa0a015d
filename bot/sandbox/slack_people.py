"""What people do in the local Slack: type a slash command, press a button, submit or close a modal.

Each act goes to the app as an envelope and returns when Slack would know whether the app acked; what the ack carries,
or that none came, is then shown to the person as Slack shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from bot.sandbox.slack_answers import Origin, ResponseUrls, answer
from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_payloads import (
    buttons,
    click_payload,
    clicked_action,
    closed_payload,
    escaped,
    forged_onto,
    slash_payload,
    submission_payload,
    view_click_payload,
)
from bot.sandbox.slack_socket import Act, SocketMode
from bot.sandbox.slack_switches import Switches
from bot.sandbox.slack_views import Values, View, Views
from bot.sandbox.slack_workspace import (
    SLACKBOT,
    Ephemeral,
    Json,
    Message,
    SlackRefusal,
    Triggers,
    Workspace,
)

TROUBLE = {
    "interactive": ":warning: This app is not responding. What you pressed may not have been received.",
    "view": "We had some trouble connecting. Try again?",
}

ELSEWHERE = "T66ELSEWHERE"
STALE_SECONDS = 60


class People:
    """The people of a workspace, acting one at a time or all at once.

    Attributes:
        url: the base address of response URLs, known once the double listens.
    """

    def __init__(
        self,
        workspace: Workspace,
        socket: SocketMode,
        switches: Switches,
        *,
        commands: Sequence[str],
        should_escape: bool,
    ) -> None:
        """Take the app's slash commands, and whether its manifest sets `should_escape`."""
        self.url = ""
        self.workspace = workspace
        self.socket = socket
        self.views = Views(workspace)
        self.triggers = Triggers(workspace.now)
        self.response_urls = ResponseUrls(workspace.now)
        self._switches = switches
        self._commands = tuple(commands)
        self._should_escape = should_escape

    async def slash(self, user_id: str, channel_id: str, command: str, text: str) -> Act:
        """Type a slash command; what the ack carries is shown as Slack shows it."""
        workspace = self.workspace
        user, channel = workspace.users[user_id], workspace.channels[channel_id]
        if command not in self._commands:
            workspace.whisper(user_id, channel_id, f"`{command}` is not a valid command.", sender=SLACKBOT)
            return Act({}, failure="unknown_command")
        origin = Origin(user_id, channel_id)
        should_escape = self._should_escape and not self._switches.take("escape_off")
        typed = escaped(text, workspace, should_escape=should_escape)
        payload = slash_payload(
            workspace, user, channel, command, typed, self.triggers.issue(user_id), self._response_url(origin)
        )
        if self._switches.take("foreign_team"):
            payload = {**payload, "team_id": ELSEWHERE}
        act = await self._send("slash_commands", payload)
        if act.failure is not None:
            self._tell_failure(origin, act.failure, f'{command} failed with the error "{act.failure}"')
        elif act.payload:
            if act.payload.get("response_type") == "in_channel":
                workspace.post(channel_id, user_id, f"{command} {text}".strip())
            self._show_ack(command, origin, act.payload)
        return act

    async def press(
        self,
        user_id: str,
        channel_id: str,
        ts: str,
        action_id: str,
        value: str | None = None,
        forged: Mapping[str, Any] | None = None,
    ) -> Act:
        """Press a button that stands on a message, or one only this person sees.

        Args:
            value: tells buttons with one action id apart; None takes the first.
            forged: replaces parts of the payload; then neither message nor button need to exist.

        Raises:
            LookupError: there is no such button for this person, and nothing is forged.
        """
        workspace = self.workspace
        user, channel = workspace.users[user_id], workspace.channels[channel_id]
        origin = Origin(user_id, channel_id, ts)
        clicked = self._seen(user_id, channel_id, ts)
        found = buttons(elements(clicked.blocks), action_id, value) if clicked else []
        if not found and forged is None:
            raise LookupError(f"no button {action_id} on {channel_id} {ts} for {user_id}")
        block, element = found[0] if found else _forged_button(action_id, value)
        payload = click_payload(
            workspace,
            user,
            channel,
            clicked or Message(channel_id, ts, workspace.bot.id, ""),
            clicked_action(block, element, workspace.next_ts()),
            self.triggers.issue(user_id),
            self._response_url(origin),
        )
        act = await self._send("interactive", forged_onto(self._meddled_with(payload), forged or {}))
        if act.failure is not None:
            self._tell_failure(origin, act.failure, TROUBLE["interactive"])
        return act

    async def press_in_view(self, user_id: str, view_id: str, action_id: str, values: Values | None = None) -> Act:
        """Press a button in an open modal, with what is filled in so far.

        Raises:
            LookupError: this person has no such modal open, or there is no such button in it.
        """
        view = self._open_view(user_id, view_id)
        found = buttons(elements(view.content["blocks"]), action_id, None)
        if not found:
            raise LookupError(f"no button {action_id} in {view_id}")
        action = clicked_action(*found[0], self.workspace.next_ts())
        payload = view_click_payload(
            self.workspace,
            self.views,
            self.workspace.users[user_id],
            view,
            values or {},
            action,
            self.triggers.issue(user_id),
        )
        act = await self._send("interactive", self._meddled_with(payload))
        if act.failure is not None:
            self._tell_failure(self._anywhere(user_id), act.failure, TROUBLE["view"])
        return act

    async def submit_view(self, user_id: str, view_id: str, values: Values) -> Act:
        """Submit an open modal; fields are `{block_id: {action_id: {"type": …, "value": …}}}`.

        A required field left empty is named in the modal and nothing is sent, as in Slack's client.

        Raises:
            LookupError: this person has no such modal open.
        """
        view = self._open_view(user_id, view_id)
        missing = view.missing(values)
        if missing:
            self.views.show_errors(view, missing)
            return Act({}, failure="incomplete")
        payload = submission_payload(
            self.workspace,
            self.views,
            self.workspace.users[user_id],
            view,
            values,
            self.triggers.issue(user_id),
        )
        act = await self._send("interactive", payload)
        if act.failure is None:
            self._follow_submission(view, act.payload)
        else:
            self._tell_failure(self._anywhere(user_id), act.failure, TROUBLE["view"])
        return act

    async def close_view(self, user_id: str, view_id: str) -> None:
        """Close a modal by hand; the app hears of it if it asked to.

        Raises:
            LookupError: this person has no such modal open.
        """
        view = self._open_view(user_id, view_id)
        payload = closed_payload(self.workspace, self.views, self.workspace.users[user_id], view)
        self.views.close(view)
        if view.content.get("notify_on_close"):
            await self._send("interactive", payload)

    async def _send(self, kind: str, payload: Json) -> Act:
        takes_answer = kind == "slash_commands" or payload["type"] == "view_submission"
        return await self.socket.deliver(
            {
                "envelope_id": str(uuid4()),
                "type": kind,
                "payload": payload,
                "accepts_response_payload": takes_answer,
            }
        )

    def _meddled_with(self, payload: Json) -> Json:
        """Return a click as the switches want it to arrive."""
        action = payload["actions"][0]
        if self._switches.take("stale_click"):
            action = {**action, "action_ts": f"{self.workspace.now() - STALE_SECONDS:.6f}"}
        if self._switches.take("forged_click"):
            action = {**action, "value": "forged"}
        changed = {**payload, "actions": [action]}
        if self._switches.take("foreign_team"):
            changed |= {
                "team": {**payload["team"], "id": ELSEWHERE},
                "user": {**payload["user"], "team_id": ELSEWHERE},
            }
        return changed

    def _response_url(self, origin: Origin) -> str:
        return f"{self.url}/response/{self.response_urls.issue(origin)}"

    def _show_ack(self, command: str, origin: Origin, body: Json) -> None:
        """Show the answer in a command's ack; one that Slack would not take is a failure the person sees."""
        try:
            answer(self.workspace, origin, body)
        except SlackRefusal as refusal:
            self._tell_failure(origin, refusal.code, f'{command} failed with the error "{refusal.code}"')

    def _tell_failure(self, origin: Origin, code: str, sentence: str) -> None:
        self.workspace.fail(origin.user, origin.channel, code, sentence)

    def _seen(self, user_id: str, channel_id: str, ts: str) -> Message | Ephemeral | None:
        """Return what stands at that place before this person's eyes."""
        private = self.workspace.ephemeral(channel_id, ts)
        if private is not None:
            return private if private.viewer == user_id else None
        return self.workspace.message(channel_id, ts)

    def _open_view(self, user_id: str, view_id: str) -> View:
        for view in self.views.stack(user_id):
            if view.id == view_id:
                return view
        raise LookupError(f"{user_id} has no open modal {view_id}")

    def _follow_submission(self, view: View, body: Json) -> None:
        """Do with the modal what the ack says: errors, update, push, clear, or nothing, which closes it."""
        action = body.get("response_action")
        try:
            if action == "errors":
                self.views.show_errors(view, body["errors"])
            elif action == "update":
                self.views.update(view.id, body["view"])
            elif action == "push":
                self.views.open(view.user, body["view"])
            elif action == "clear":
                self.views.clear(view.user)
            else:
                self.views.close(view)
        except SlackRefusal as refusal:
            self._tell_failure(self._anywhere(view.user), refusal.code, TROUBLE["view"])

    def _anywhere(self, user_id: str) -> Origin:
        """Return where to tell a person about a modal, which belongs to no channel: the first channel they are in."""
        channels = self.workspace.channels_of(user_id)
        return Origin(user_id, channels[0].id if channels else "")


def _forged_button(action_id: str, value: str | None) -> tuple[Json, Json]:
    text = {"type": "plain_text", "text": action_id}
    button = {"type": "button", "action_id": action_id, "text": text}
    return {"block_id": "forged"}, button if value is None else {**button, "value": value}
