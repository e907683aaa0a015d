"""What people do inside a modal or a Home tab: fill in, choose, press, submit, close."""

from __future__ import annotations

from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_courier import TROUBLE, Courier
from bot.sandbox.slack_fields import Values, answer_of, is_dispatched
from bot.sandbox.slack_payloads import (
    buttons,
    changed_action,
    clicked_action,
    closed_payload,
    submission_payload,
    view_click_payload,
)
from bot.sandbox.slack_socket import Act
from bot.sandbox.slack_views import View
from bot.sandbox.slack_workspace import Json, SlackRefusal


class InViews(Courier):
    """People in front of views, acting one at a time or all at once."""

    async def press_in_view(
        self,
        user_id: str,
        view_id: str,
        action_id: str,
        values: Values | None = None,
        *,
        block_id: str | None = None,
    ) -> Act:
        """Press a button in an open modal or on the Home tab, with what is filled in so far.

        Args:
            values: fields filled in before it, beside those that were.
            block_id: tells buttons with one action id apart; None presses the first.

        Raises:
            LookupError: this person has no such view, or there is no such button in it.
        """
        view = self.views.fill(self._seen_view(user_id, view_id), values or {})
        found = buttons(elements(view.content["blocks"]), action_id, None)
        for block, element in found:
            if block_id in (None, block["block_id"]) and element["type"] == "button":
                return await self._act_in(view, clicked_action(block, element, self.workspace.next_ts()))
        raise LookupError(f"no button {action_id} in {view_id}")

    async def change_in_view(
        self, user_id: str, view_id: str, block_id: str, action_id: str, text: str | None, *, entered: bool = False
    ) -> Act | None:
        """Fill one field in, or choose the option with this value; the app hears of it when the view asks for it.

        Args:
            text: what stands in the field now; None empties it.
            entered: Enter was pressed in the field.

        Returns:
            The act, or None when nothing was sent.

        Raises:
            LookupError: this person has no such view, no such field in it, or no such option in the field.
        """
        view = self._seen_view(user_id, view_id)
        for block, field in elements(view.content["blocks"]):
            if (block["block_id"], field["action_id"]) == (block_id, action_id):
                answer = answer_of(field, text)
                changed = self.views.fill(view, {block_id: {action_id: answer}})
                if not is_dispatched(block, field, entered=entered):
                    return None
                return await self._act_in(changed, changed_action(block, field, answer, self.workspace.next_ts()))
        raise LookupError(f"no field {action_id} in {view_id}")

    async def submit_view(self, user_id: str, view_id: str, values: Values) -> Act:
        """Submit an open modal; fields are `{block_id: {action_id: {"type": …, "value": …}}}`.

        Fields that are not given stay as they are. What Slack's client would not send, as a required field left
        empty, is named in the modal and nothing is sent.

        Raises:
            LookupError: this person has no such modal open, or a choice is not among the options.
        """
        view = self.views.fill(self._open_view(user_id, view_id), values)
        incomplete = view.incomplete()
        if incomplete:
            self.views.show_errors(view, incomplete)
            return Act({}, failure="incomplete")
        user = self.workspace.users[user_id]
        payload = submission_payload(self.workspace, self.views, user, view, self.triggers.issue(user_id))
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

    async def _act_in(self, view: View, action: Json) -> Act:
        user = self.workspace.users[view.user]
        trigger = self.triggers.issue(user.id)
        payload = view_click_payload(self.workspace, self.views, user, view, action, trigger)
        act = await self._send("interactive", self._meddled_with(payload))
        if act.failure is not None:
            self._tell_failure(self._anywhere(user.id), act.failure, TROUBLE["view"])
        return act

    def _open_view(self, user_id: str, view_id: str) -> View:
        view = self._seen_view(user_id, view_id)
        if view.is_home:
            raise LookupError(f"{view_id} is a Home tab")
        return view

    def _seen_view(self, user_id: str, view_id: str) -> View:
        view = self.views.seen(user_id, view_id)
        if view is None:
            raise LookupError(f"{user_id} has no view {view_id}")
        return view

    def _follow_submission(self, view: View, body: Json) -> None:
        """Do with the modal what the ack says: errors, update, push, clear, or nothing, which closes it.

        An answer Slack cannot follow, as errors beside fields that are not there, is trouble for the person.
        """
        action = body.get("response_action")
        try:
            if action == "errors":
                self.views.show_errors(view, _errors(view, body))
            elif action == "update":
                self.views.update(view.id, body.get("view"))
            elif action == "push":
                self.views.open(view.user, body.get("view"))
            elif action == "clear":
                self.views.clear(view.user)
            elif action is None:
                self.views.close(view)
            else:
                raise SlackRefusal("invalid_response_action")
        except SlackRefusal as refusal:
            self._tell_failure(self._anywhere(view.user), refusal.code, TROUBLE["view"])


def _errors(view: View, body: Json) -> dict[str, str]:
    """Return the sentences beside fields, by block id.

    Raises:
        SlackRefusal: `invalid_errors`; there are none, or one belongs to no input block of the view.
    """
    errors = body.get("errors")
    inputs = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not inputs >= errors.keys():
        raise SlackRefusal("invalid_errors")
    return {str(block_id): str(sentence) for block_id, sentence in errors.items()}
