"""What people do in the local Slack: type a slash command, press a button, run a shortcut, open the app's Home tab.

Each act goes to the app as an envelope and returns when Slack would know whether the app acked; what the ack carries,
or that none came, is then shown to the person as Slack shows it. Acts inside a view are in `slack_in_views`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack_answers import Origin, answer
from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_courier import ELSEWHERE, TROUBLE
from bot.sandbox.slack_in_views import InViews
from bot.sandbox.slack_payloads import (
    buttons,
    click_payload,
    clicked_action,
    escaped,
    forged_onto,
    home_opened_payload,
    shortcut_payload,
    slash_payload,
)
from bot.sandbox.slack_socket import Act
from bot.sandbox.slack_workspace import SLACKBOT, Ephemeral, Json, Message, SlackRefusal


class People(InViews):
    """The people of a workspace, acting one at a time or all at once."""

    async def slash(self, user_id: str, channel_id: str, command: str, text: str) -> Act:
        """Type a slash command; what the ack carries is shown as Slack shows it."""
        workspace = self.workspace
        user, channel = workspace.users[user_id], workspace.channels[channel_id]
        if command not in self.features.commands:
            workspace.whisper(user_id, channel_id, f"`{command}` is not a valid command.", sender=SLACKBOT)
            return Act({}, failure="unknown_command")
        origin = Origin(user_id, channel_id)
        should_escape = self.features.should_escape and not self._switches.take("escape_off")
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

    async def run_shortcut(self, user_id: str, callback_id: str) -> Act:
        """Run one of the app's global shortcuts.

        Raises:
            LookupError: the manifest has no such shortcut.
        """
        if callback_id not in {shortcut.callback_id for shortcut in self.features.shortcuts}:
            raise LookupError("There is no such shortcut.")
        user = self.workspace.users[user_id]
        payload = shortcut_payload(self.workspace, user, callback_id, self.triggers.issue(user_id))
        act = await self._send("interactive", self._from_elsewhere(payload))
        if act.failure is not None:
            self._tell_failure(self._anywhere(user_id), act.failure, TROUBLE["view"])
        return act

    async def open_home(self, user_id: str) -> Act | None:
        """Open the app's Home tab; the app hears of it if it subscribed to `app_home_opened`.

        A person is told nothing when the app does not ack an event: the tab just stays as it is.

        Returns:
            The act, or None when nothing was sent.

        Raises:
            LookupError: the manifest has the Home tab switched off.
        """
        if not self.features.home_tab:
            raise LookupError("This app has no Home tab.")
        payload = home_opened_payload(self.workspace, self.views, self.workspace.users[user_id])
        if payload["event"]["type"] not in self.features.bot_events:
            return None
        return await self._send("events_api", payload)

    def _show_ack(self, command: str, origin: Origin, body: Json) -> None:
        """Show the answer in a command's ack; one that Slack would not take is a failure the person sees."""
        try:
            answer(self.workspace, origin, body)
        except SlackRefusal as refusal:
            self._tell_failure(origin, refusal.code, f'{command} failed with the error "{refusal.code}"')

    def _seen(self, user_id: str, channel_id: str, ts: str) -> Message | Ephemeral | None:
        """Return what stands at that place before this person's eyes."""
        private = self.workspace.ephemeral(channel_id, ts)
        if private is not None:
            return private if private.viewer == user_id else None
        return self.workspace.message(channel_id, ts)


def _forged_button(action_id: str, value: str | None) -> tuple[Json, Json]:
    text = {"type": "plain_text", "text": action_id}
    button = {"type": "button", "action_id": action_id, "text": text}
    return {"block_id": "forged"}, button if value is None else {**button, "value": value}
