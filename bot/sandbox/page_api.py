"""What the sandbox's one web page asks and does: everything a person sees, and acts in their name.

The page holds no state. It hears of changes by Server-Sent Events, reads `/sandbox/state` again and redraws. It may
act as anybody, so only itself is let in: a request whose Host is not this machine (DNS rebinding) or whose Origin is
another page (cross-site requests) is refused, and acts come as JSON, which a foreign form cannot send.

`GET /sandbox/state?as=U…` is the workspace as one person sees it, and the panels beside it:

    version, me, team {id, name}, users [{id, name, role}], apps {id: name}
    channels    [{id, name, private}]; dms [{id, with: the app's user id}], once the app or the person opened one
    messages    {channel or dm id: [message]}, oldest first, replies among them:
                {ts, user, text, blocks, files, thread_ts (null, or the first message's ts), edited: times,
                 reply_count} and, above 0 replies, {reply_users, reply_users_count, latest_reply: ts}
    files       [{id, name, title, mimetype, size: bytes, alt_txt, url}]; GET the url for the bytes: pictures to show
                in place, anything else as a download
    ephemerals  [{channel, ts, user, text, blocks, thread_ts}], this person's alone
    view        null, or the modal in front: {id, title, submit, close, blocks, values, errors {block_id: sentence}}
    home        {enabled, view: null before the app drew one, or {id, blocks, values}}
    values      {block_id: {action_id: {type, value: text or null}}}; a static_select holds selected_option instead,
                an option {text, value} or null. Every field of the view is there, with its initial value at first.
    shortcuts   [{name, callback_id, description}]
    wire        the latest 200 passages between Slack and the app, oldest first: {at: ISO 8601, direction: to_app or
                from_app, name, who: user id or "", where: channel or view id or "", outcome, took_ms}
    exchanges, slack_switches, standings, code (this person's one-time code), narration [line]

Acts are `POST`ed with `as`: a user id. Those that go to the app answer {sent, acked, failure}: `sent` false when the
app had not asked to hear of it or Slack's client would not send it, `failure` null or Slack's word for it.

    /sandbox/slash        channel, text                          /sandbox/press        channel, ts, action_id, value
    /sandbox/shortcut     callback_id                            /sandbox/home         opens the Home tab
    /sandbox/view/press   view_id, block_id, action_id, values?  a button of a modal or of the Home tab
    /sandbox/view/change  view_id, block_id, action_id, value, entered?
                          a field's text or a select's chosen value, null for none; entered: Enter was pressed in it
    /sandbox/submit       view_id, values (fields left out stay as they are)
    /sandbox/close_view   view_id                                /sandbox/dismiss      ts of an ephemeral

A field that the app listens to (`dispatch_action`, or one outside an input block) is sent on by `/sandbox/view/change`;
for any other it only keeps what was typed, which `submit` can do as well.

What is set beside the conversation needs no `as`: /sandbox/fault {exchange, kind, times}, /sandbox/fault/clear
{exchange}, /sandbox/records_lag {exchange, seconds}, /sandbox/switch {name, on}, /sandbox/standing {subject, standing}.
What cannot be done is answered with a status from 400 and {error: a sentence}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aiohttp import web

from bot.sandbox import slack_standings
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.loopback import listen
from bot.sandbox.page_acts import SlackActs
from bot.sandbox.page_guard import add_headers, asked, own_page_only, sentences, text
from bot.sandbox.page_state import RECORDS_LAGS_S, exchange_state, slack_state
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_switches import SWITCHES
from bot.sandbox.slack_workspace import Json

STATIC = Path(__file__).parent / "static"
FAULT_TIMES_MAX = 100  # the page names every planned fault
TICK_SECONDS = 1.0  # the books have no bell: how late a movement may appear, and how often a stream shows life


class Page:
    """The page's server.

    Attributes:
        narration: the tour's lines; `narrate` adds one.
        url: the page's address while it runs.
    """

    def __init__(
        self,
        slack: SlackDouble,
        exchanges: Sequence[Lookalike] = (),
        authenticators: Mapping[str, Callable[[], str]] | None = None,
    ) -> None:
        """Show this Slack and the true books of these exchanges.

        Args:
            authenticators: what shows the present one-time code on the phone of a user id.
        """
        self._authenticators = authenticators or {}
        self.narration: list[str] = []
        self.url = ""
        self._slack = slack
        self._exchanges = {exchange.name: exchange for exchange in exchanges}
        self._version = 0
        self._seen: object = None
        self._stopping = False
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve the page on a loopback address, on the Slack double's own event loop, and return its url.

        Raises:
            ValueError: the host is not a loopback address.
        """
        app = web.Application(middlewares=[own_page_only, sentences])
        app.on_response_prepare.append(add_headers)
        app.add_routes(
            [
                web.get("/", _index),
                web.static("/static", STATIC),
                web.get("/sandbox/state", self._state),
                web.get("/sandbox/events", self._events),
                *SlackActs(self._slack).routes(),
                web.post("/sandbox/fault", self._fault),
                web.post("/sandbox/fault/clear", self._clear_faults),
                web.post("/sandbox/records_lag", self._records_lag),
                web.post("/sandbox/switch", self._switch),
                web.post("/sandbox/standing", self._standing),
            ]
        )
        self._stopping = False
        self._runner, self.url = await listen(app, host, port)
        return self.url

    async def stop(self) -> None:
        """End the streams and stop serving."""
        self._stopping = True
        self._slack.touch()
        if self._runner is not None:
            await self._runner.cleanup()

    def narrate(self, line: str) -> None:
        """Add a line to the tour's story; from any thread."""
        self.narration.append(line)
        self._slack.touch()

    def state(self, user_id: str) -> Json:
        """Return everything this person sees, and the sandbox's panels beside it."""
        seen = slack_state(self._slack, user_id)
        return {
            "version": self._current_version(),
            **seen,
            "exchanges": [exchange_state(exchange) for exchange in self._exchanges.values()],
            "code": self._authenticators[seen["me"]]() if seen["me"] in self._authenticators else "",
            "narration": list(self.narration),
        }

    def _current_version(self) -> int:
        """Return a number that grows with every change, in Slack, at the exchanges or in the story."""
        books = [(len(each.book.movements), each.faults.pending) for each in self._exchanges.values()]
        codes = [shown() for shown in self._authenticators.values()]
        seen = (self._slack.version, len(self.narration), books, codes)
        if seen != self._seen:
            self._seen = seen
            self._version += 1
        return self._version

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.state(request.query.get("as", "")))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send the version whenever it has grown, and a comment when there is nothing to say."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        sent = 0
        try:
            while not self._stopping:
                slack_version, version = self._slack.version, self._current_version()
                await stream.write(b": still here\n\n" if version == sent else f"data: {version}\n\n".encode())
                sent = version
                await self._slack.next_change(slack_version, TICK_SECONDS)
        except ConnectionError:
            pass  # the page was closed; there is nobody to tell
        return stream

    async def _fault(self, request: web.Request) -> web.Response:
        act = await asked(request)
        times = act.get("times", 1)
        if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= FAULT_TIMES_MAX:
            raise ValueError(f"times is expected to be a whole number from 1 to {FAULT_TIMES_MAX}.")
        self._exchange(act).faults.plan(text(act, "kind"), times)
        self._slack.touch()
        return web.json_response({})

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._exchange(await asked(request)).faults.clear()
        self._slack.touch()
        return web.json_response({})

    async def _records_lag(self, request: web.Request) -> web.Response:
        act = await asked(request)
        seconds = act.get("seconds")
        if seconds not in RECORDS_LAGS_S or isinstance(seconds, bool):
            raise ValueError(f"seconds is expected to be one of {', '.join(map(str, RECORDS_LAGS_S))}.")
        self._exchange(act).records_lag_s = seconds
        self._slack.touch()
        return web.json_response({})

    async def _switch(self, request: web.Request) -> web.Response:
        act = await asked(request)
        name = text(act, "name")
        if name not in SWITCHES:
            raise LookupError("There is no such switch.")
        await self._slack.switch(name, act.get("on") is True)
        return web.json_response({})

    async def _standing(self, request: web.Request) -> web.Response:
        act = await asked(request)
        slack_standings.put(self._slack.workspace, text(act, "subject"), text(act, "standing"))
        return web.json_response({})

    def _exchange(self, act: Json) -> Lookalike:
        exchange = self._exchanges.get(text(act, "exchange"))
        if exchange is None:
            raise LookupError("There is no such exchange here.")
        return exchange


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html")
