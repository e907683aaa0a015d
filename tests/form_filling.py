"""A person in front of the form for a transfer, in the local Slack."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_elements import options_of
from bot.sandbox.slack_views import View

FIELD_OF_TEXT = {"type": "plain_text_input"}


class Filling:
    """What a person does with the modal before their eyes, waiting for what they would wait for."""

    def __init__(self, slack: SlackDouble, user: str) -> None:
        self.slack = slack
        self.user = user

    async def opened(self) -> View:
        """Wait until a modal is open."""
        await self.slack.wait_for(lambda: self.slack.views.open_view(self.user) is not None)
        return self.view

    @property
    def view(self) -> View:
        view = self.slack.views.open_view(self.user)
        assert view is not None, "no modal is open"
        return view

    @property
    def words(self) -> str:
        """Everything the modal says."""
        return str(self.view.content["blocks"])

    def block(self, name: str) -> dict[str, Any] | None:
        """Return a field by the first part of its block id."""
        named = (block for block in self.view.content["blocks"] if block["block_id"].partition("/")[0] == name)
        return next(named, None)

    def fields(self) -> list[str]:
        """The names of all fields, from top to bottom."""
        blocks = self.view.content["blocks"]
        return [block["block_id"].partition("/")[0] for block in blocks if block["type"] == "input"]

    def options(self, name: str) -> list[str]:
        block = self.block(name)
        return [option["value"] for option in options_of(block["element"])] if block else []

    def picked(self, name: str) -> str | None:
        block = self.block(name)
        assert block is not None
        held = self.view.values[block["block_id"]][block["element"]["action_id"]]["selected_option"]
        return str(held["value"]) if held else None

    def typed(self, name: str) -> str | None:
        return self.view.values[name]["text"]["value"]  # type: ignore[no-any-return]

    async def pick(self, name: str, value: str) -> None:
        """Choose an option and wait until the app has drawn the form anew, where it does."""
        block, before = self.block(name), self.view.hash
        assert block is not None, f"there is no field {name}"
        act = await self.slack.change_in_view(
            self.user, self.view.id, block["block_id"], block["element"]["action_id"], value
        )
        if act is not None:
            assert act.failure is None
            await self.slack.wait_for(lambda: self.view.hash != before)

    async def type(self, name: str, text: str) -> None:
        await self.slack.change_in_view(self.user, self.view.id, name, "text", text)

    async def send(self) -> dict[str, str]:
        """Send the form. Returns what then stands beside the fields, by name; nothing when it closed."""
        sent = self.view
        await self.slack.submit_view(self.user, sent.id, {})
        left = self.slack.views.seen(self.user, sent.id)
        return {block_id.partition("/")[0]: text for block_id, text in left.errors.items()} if left else {}
