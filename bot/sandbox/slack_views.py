"""Modals and Home tabs: each person's stack of open modals, each view with an id and a hash that changes. No I/O."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.slack_blocks import view_problems, with_ids
from bot.sandbox.slack_workspace import Json, SlackRefusal, Workspace

STACK_MAX = 3  # a root modal and two pushed onto it

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class View:
    """A modal somebody has open, or a Home tab.

    Attributes:
        hash: changes with every update; an update that names an older one is refused.
        content: the view as the app gave it, with every block and action id filled in.
        errors: block id → what is wrong with the field, as the app answered the last submission.
    """

    id: str
    user: str
    content: Json
    hash: str
    errors: Mapping[str, str] = field(default_factory=dict)

    def missing(self, values: Values) -> dict[str, str]:
        """Return the required fields left empty, with the sentence Slack's own client shows beside them."""
        return {
            block["block_id"]: "Please complete this required field."
            for block in self.content["blocks"]
            if block["type"] == "input" and not block.get("optional") and not _is_filled(block, values)
        }


class Views:
    """Every open modal and published Home tab."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """Return a person's open modals, the one in front last."""
        return list(self._stacks.get(user, ()))

    def open_view(self, user: str) -> View | None:
        """Return the modal a person has before their eyes."""
        return next(reversed(self.stack(user)), None)

    def check(self, content: object, kind: str = "modal") -> Json:
        """Return the view as it will be kept, every id filled in.

        Raises:
            SlackRefusal: `invalid_arguments` with what Block Kit does not allow.
        """
        problems = view_problems(content)
        if problems or not isinstance(content, dict) or content["type"] != kind:
            raise SlackRefusal("invalid_arguments", problems or [f"the view is no {kind}"])
        return {**content, "blocks": with_ids(content["blocks"])}

    def open(self, user: str, content: object) -> View:
        """Open a modal for a person, over whatever is open.

        Raises:
            SlackRefusal: `invalid_arguments` with what Block Kit does not allow, or `push_limit_reached`.
        """
        view = self._new(user, content, "modal")
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= STACK_MAX:
            raise SlackRefusal("push_limit_reached")
        stack.append(view)
        self._workspace.on_change()
        return view

    def update(self, view_id: str, content: object, expected_hash: str | None = None) -> View:
        """Replace what an open modal shows; its errors are gone.

        Raises:
            SlackRefusal: `not_found`; `hash_conflict` when it changed since the caller saw it; `invalid_arguments`.
        """
        before = self.find(view_id)
        if before is None:
            raise SlackRefusal("not_found")
        if expected_hash is not None and expected_hash != before.hash:
            raise SlackRefusal("hash_conflict")
        return self._put(replace(self._new(before.user, content, "modal"), id=view_id))

    def publish(self, user: str, content: object, expected_hash: str | None = None) -> View:
        """Give a person their Home tab.

        Raises:
            SlackRefusal: `hash_conflict` or `invalid_arguments`.
        """
        before = self.homes.get(user)
        if expected_hash is not None and before is not None and expected_hash != before.hash:
            raise SlackRefusal("hash_conflict")
        self.homes[user] = self._new(user, content, "home")
        self._workspace.on_change()
        return self.homes[user]

    def find(self, view_id: str) -> View | None:
        """Return an open modal by its id or the app's own external id."""
        for stack in self._stacks.values():
            for view in stack:
                if view_id in (view.id, view.content.get("external_id") or None):
                    return view
        return None

    def show_errors(self, view: View, errors: Mapping[str, str]) -> None:
        """Put sentences beside fields, by block id; an open modal stays open."""
        self._put(replace(view, errors=dict(errors)))

    def close(self, view: View) -> None:
        """Take one modal away."""
        self._stacks[view.user] = [other for other in self.stack(view.user) if other.id != view.id]
        self._workspace.on_change()

    def clear(self, user: str) -> None:
        """Take all of a person's modals away."""
        self._stacks.pop(user, None)
        self._workspace.on_change()

    def described(self, view: View, values: Values | None = None) -> Json:
        """Return a view as Slack writes it into answers and payloads."""
        stack = self.stack(view.user)
        position = next((index for index, other in enumerate(stack) if other.id == view.id), 0)
        return {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
            **view.content,
            "id": view.id,
            "team_id": self._workspace.team_id,
            "app_id": self._workspace.app_id,
            "bot_id": self._workspace.bot_id,
            "app_installed_team_id": self._workspace.team_id,
            "hash": view.hash,
            "state": {"values": values or {}},
            "root_view_id": stack[0].id if stack else view.id,
            "previous_view_id": stack[position - 1].id if position else None,
        }

    def _new(self, user: str, content: object, kind: str) -> View:
        fresh_hash = f"{int(self._workspace.now())}.{secrets.token_hex(4)}"
        return View("V" + secrets.token_hex(5).upper(), user, self.check(content, kind), fresh_hash)

    def _put(self, view: View) -> View:
        self._stacks[view.user] = [view if other.id == view.id else other for other in self.stack(view.user)]
        self._workspace.on_change()
        return view


def _is_filled(block: Json, values: Values) -> bool:
    answer = values.get(block["block_id"], {}).get(block["element"]["action_id"], {})
    return any(value for key, value in answer.items() if key != "type")
