"""The Web API methods about modals and Home tabs. No I/O."""

from __future__ import annotations

from bot.sandbox.slack_backend import Backend
from bot.sandbox.slack_workspace import Json, SlackRefusal


def open_view(backend: Backend, arguments: Json) -> Json:
    """Open a modal for whoever the trigger id belongs to; a refused view does not use the trigger up."""
    views = backend.views
    views.check(arguments.get("view"))
    user = backend.triggers.exchange(str(arguments.get("trigger_id")))
    return {"view": views.described(views.open(user, arguments.get("view")))}


def update_view(backend: Backend, arguments: Json) -> Json:
    """Replace an open modal, if it is still the one the caller saw."""
    view_id = str(arguments.get("view_id") or arguments.get("external_id"))
    view = backend.views.update(view_id, arguments.get("view"), arguments.get("hash"))
    return {"view": backend.views.described(view)}


def publish_view(backend: Backend, arguments: Json) -> Json:
    """Give a member of the workspace their Home tab."""
    if not backend.features.home_tab:
        raise SlackRefusal("not_enabled")
    user = backend.workspace.users.get(str(arguments.get("user_id")))
    if user is None or user.is_bot or user.is_stranger or user.deleted:
        raise SlackRefusal("user_not_found")
    view = backend.views.publish(user.id, arguments.get("view"), arguments.get("hash"))
    return {"view": backend.views.described(view)}
