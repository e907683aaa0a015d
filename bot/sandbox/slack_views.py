"""Modals and Home tabs: each person's stack of open modals, each view with an id and a hash that changes. No I/O."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.slack_blocks import is_too_large, view_problems, with_ids
from bot.sandbox.slack_fields import Values, filled, problems, redrawn
from bot.sandbox.slack_workspace import Json, SlackRefusal, Workspace

STACK_MAX = 3  # a root modal and two pushed onto it


@dataclass(frozen=True)
class View:
    """A modal somebody has open, or a Home tab.

    Attributes:
        hash: changes with every update; an update that names an older one is refused.
        content: the view as the app gave it, with every block and action id filled in.
        values: what stands in its fields on the person's screen.
        errors: block id → what is wrong with the field, as the app answered the last submission.
    """

    id: str
    user: str
    content: Json
    hash: str
    values: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_home(self) -> bool:
        """Whether this is a Home tab."""
        return bool(self.content["type"] == "home")

    def incomplete(self) -> dict[str, str]:
        """Return the fields that Slack's own client would not send, with what it shows beside them."""
        return problems(self.content["blocks"], self.values)


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
            SlackRefusal: `invalid_arguments` with what Block Kit does not allow, or `view_too_large`.
        """
        if is_too_large(content):
            raise SlackRefusal("view_too_large")
        wrong = view_problems(content)
        if wrong or not isinstance(content, dict) or content["type"] != kind:
            raise SlackRefusal("invalid_arguments", wrong or [f"the view is no {kind}"])
        return {**content, "blocks": with_ids(content["blocks"])}

    def open(self, user: str, content: object) -> View:
        """Open a modal for a person, over whatever is open.

        Raises:
            SlackRefusal: `invalid_arguments` with what Block Kit does not allow, `view_too_large`,
                `duplicate_external_id` or `push_limit_reached`.
        """
        view = self._new(user, content, "modal")
        self._claim_external_id(view)
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= STACK_MAX:
            raise SlackRefusal("push_limit_reached")
        stack.append(view)
        self._workspace.on_change()
        return view

    def update(self, view_id: str, content: object, expected_hash: str | None = None) -> View:
        """Replace what an open modal shows; its errors are gone, what was typed stays where its field does.

        Args:
            view_id: the view's id, or the app's own external id.

        Raises:
            SlackRefusal: `not_found`; `hash_conflict` when it changed since the caller saw it; `invalid_arguments`,
                `view_too_large` or `duplicate_external_id`.
        """
        before = self.find(view_id)
        if before is None:
            raise SlackRefusal("not_found")
        if expected_hash is not None and expected_hash != before.hash:
            raise SlackRefusal("hash_conflict")
        return self._redraw(before, replace(self._new(before.user, content, "modal"), id=before.id))

    def publish(self, user: str, content: object, expected_hash: str | None = None) -> View:
        """Give a person their Home tab; it keeps its id, and what was typed stays where its field does.

        Raises:
            SlackRefusal: `hash_conflict`, `invalid_arguments`, `view_too_large` or `duplicate_external_id`.
        """
        before = self.homes.get(user)
        if expected_hash is not None and (before is None or expected_hash != before.hash):
            raise SlackRefusal("hash_conflict")
        view = self._new(user, content, "home")
        return self._redraw(before or view, replace(view, id=before.id if before else view.id))

    def find(self, view_id: str) -> View | None:
        """Return an open modal by its id or the app's own external id."""
        named = (view for view in self._all() if view_id in (view.id, view.content.get("external_id") or None))
        return next((view for view in named if not view.is_home), None)

    def seen(self, user: str, view_id: str) -> View | None:
        """Return a view that is before this person's eyes: an open modal or their Home tab."""
        shown = [*self.stack(user), *([self.homes[user]] if user in self.homes else [])]
        return next((view for view in shown if view.id == view_id), None)

    def fill(self, view: View, values: Values) -> View:
        """Fill some of a view's fields in, as the person does; its hash stays.

        Raises:
            LookupError: a choice that is not offered.
        """
        return self._put(replace(view, values=filled(view.content["blocks"], view.values, values)))

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

    def described(self, view: View) -> Json:
        """Return a view as Slack writes it into answers and payloads."""
        stack = [] if view.is_home else self.stack(view.user)
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
            "state": {"values": view.values},
            "root_view_id": stack[0].id if stack else view.id,
            "previous_view_id": stack[position - 1].id if position else None,
        }

    def _all(self) -> Iterator[View]:
        for stack in self._stacks.values():
            yield from stack
        yield from self.homes.values()

    def _claim_external_id(self, view: View) -> None:
        """Refuse an external id that another view of the workspace has."""
        name = view.content.get("external_id")
        if name and any(other.content.get("external_id") == name for other in self._all() if other.id != view.id):
            raise SlackRefusal("duplicate_external_id")

    def _new(self, user: str, content: object, kind: str) -> View:
        kept = self.check(content, kind)
        fresh_hash = f"{int(self._workspace.now())}.{secrets.token_hex(4)}"
        return View("V" + secrets.token_hex(5).upper(), user, kept, fresh_hash, redrawn(kept["blocks"], {}))

    def _redraw(self, before: View, after: View) -> View:
        self._claim_external_id(after)
        return self._put(replace(after, values=redrawn(after.content["blocks"], before.values)))

    def _put(self, view: View) -> View:
        if view.is_home:
            self.homes[view.user] = view
        else:
            self._stacks[view.user] = [view if other.id == view.id else other for other in self.stack(view.user)]
        self._workspace.on_change()
        return view
