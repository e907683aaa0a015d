"""What a person does in Slack from the sandbox's page; the acts and their shapes are listed in `page_api`."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from bot.sandbox.page_guard import asked, text, text_or_none
from bot.sandbox.page_state import visible_file
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_socket import Act
from bot.sandbox.slack_workspace import Json

# What a browser may show in place. Anything else is handed over as a download: no file runs as part of the page.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class SlackActs:
    """Acts of people in one local Slack."""

    def __init__(self, slack: SlackDouble) -> None:
        self._slack = slack

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to serve."""
        return [
            web.post("/sandbox/slash", self._slash),
            web.post("/sandbox/press", self._press),
            web.post("/sandbox/shortcut", self._shortcut),
            web.post("/sandbox/home", self._home),
            web.post("/sandbox/view/press", self._press_in_view),
            web.post("/sandbox/view/change", self._change_in_view),
            web.post("/sandbox/submit", self._submit),
            web.post("/sandbox/close_view", self._close_view),
            web.post("/sandbox/dismiss", self._dismiss),
            web.get("/sandbox/files/{id}", self._file),
        ]

    async def _slash(self, request: web.Request) -> web.Response:
        act = await asked(request)
        user, channel = self._person(act), text(act, "channel")
        if channel not in {known.id for known in self._slack.workspace.channels_of(user)}:
            raise LookupError("You are not in that channel.")
        command, _, rest = text(act, "text").strip().partition(" ")
        if not command.startswith("/"):
            raise ValueError("The sandbox takes slash commands only, like /transfer help.")
        return _told(await self._slack.slash(user, channel, command, rest.strip()))

    async def _press(self, request: web.Request) -> web.Response:
        act = await asked(request)
        channel, ts, action_id = (text(act, name) for name in ("channel", "ts", "action_id"))
        value = text_or_none(act, "value")
        return _told(await self._slack.press(self._person(act), channel, ts, action_id, value))

    async def _shortcut(self, request: web.Request) -> web.Response:
        act = await asked(request)
        return _told(await self._slack.run_shortcut(self._person(act), text(act, "callback_id")))

    async def _home(self, request: web.Request) -> web.Response:
        return _told(await self._slack.open_home(self._person(await asked(request))))

    async def _press_in_view(self, request: web.Request) -> web.Response:
        act = await asked(request)
        view_id, block_id, action_id = (text(act, name) for name in ("view_id", "block_id", "action_id"))
        values = _values(act) if "values" in act else {}
        user = self._person(act)
        return _told(await self._slack.press_in_view(user, view_id, action_id, values, block_id=block_id))

    async def _change_in_view(self, request: web.Request) -> web.Response:
        act = await asked(request)
        view_id, block_id, action_id = (text(act, name) for name in ("view_id", "block_id", "action_id"))
        value, entered = text_or_none(act, "value"), act.get("entered") is True
        user = self._person(act)
        return _told(await self._slack.change_in_view(user, view_id, block_id, action_id, value, entered=entered))

    async def _submit(self, request: web.Request) -> web.Response:
        act = await asked(request)
        return _told(await self._slack.submit_view(self._person(act), text(act, "view_id"), _values(act)))

    async def _close_view(self, request: web.Request) -> web.Response:
        act = await asked(request)
        await self._slack.close_view(self._person(act), text(act, "view_id"))
        return web.json_response({})

    async def _dismiss(self, request: web.Request) -> web.Response:
        act = await asked(request)
        user, ts = self._person(act), text(act, "ts")
        for private in self._slack.workspace.ephemerals(user):
            if private.ts == ts:
                self._slack.workspace.delete(private.channel, ts)
        return web.json_response({})

    async def _file(self, request: web.Request) -> web.Response:
        user = self._person(dict(request.query))
        file = visible_file(self._slack, user, request.match_info["id"])
        data = self._slack.files.data(file.id) if file else None
        if file is None or data is None:
            raise LookupError("There is no such file where you can see it.")
        place = "inline" if file.mimetype in PICTURES else "attachment"
        headers = {"Content-Disposition": f"{place}; filename*=UTF-8''{quote(file.name, safe='')}"}
        return web.Response(body=data, content_type=file.mimetype, headers=headers)

    def _person(self, act: Json) -> str:
        user = self._slack.workspace.users.get(text(act, "as"))
        if user is None or user.is_bot:
            raise LookupError("There is no such person here.")
        if user.deleted:
            raise LookupError("Slack has signed this person out: the account is deactivated.")
        return user.id


def _values(act: Json) -> dict[str, dict[str, Json]]:
    """Return the fields of a view as filled in at the page.

    Raises:
        ValueError: they do not have the shape `{block_id: {action_id: {…}}}`.
    """
    values = act.get("values")
    if not isinstance(values, dict) or not all(
        isinstance(fields, dict) and all(isinstance(answer, dict) for answer in fields.values())
        for fields in values.values()
    ):
        raise ValueError("values is expected to be an object of blocks, each an object of fields.")
    return values


def _told(act: Act | None) -> web.Response:
    """Say what came of an act; nothing was sent to the app when there is none."""
    if act is None:
        return web.json_response({"sent": False, "acked": False, "failure": None})
    return web.json_response({"sent": bool(act.envelope), "acked": act.acked, "failure": act.failure})
