"""Drains the outbox: posts and edits cards, replies under them, tells people privately, writes the audit channel.

One parcel at a time, which keeps order: an older state of a card can never be written over a newer one. What is posted
is noted as tried before and as delivered after; in between nobody knows, so it is looked for before it is posted again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace

from aiohttp import ClientConnectorError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.clock import Clock
from bot.desk import Desk, View
from bot.errors import JournalError
from bot.journal import Event, Parcel
from handlers import cards, lines, refusals
from handlers.lookup import Finder, Mark, Place
from handlers.pace import EDITS, LOOK_UPS, TICK_S, WHISPERS, Lane, Pace, posts_to
from handlers.replies import Replies

log = logging.getLogger(__name__)

IDLE_S = 30.0
BACKOFF_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
# With a backlog as long as this, a look takes the journal's thread from people's commands, and every commit asks for
# one: so for each second a look took, so many go by before the next, at most `REST_MAX_S`.
BACKLOG = 20
REST_PER_LOOK = 10.0
REST_MAX_S = 0.5

# What Slack says when the same call can never succeed. The row is parked; nothing else waits for it.
PERMANENT = frozenset(
    {
        "channel_not_found", "not_in_channel", "is_archived", "restricted_action", "msg_too_long", "no_text",
        "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "cannot_reply_to_message", "thread_not_found",
        "messages_tab_disabled", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
        "team_access_not_granted", "no_permission", "metadata_too_large", "invalid_metadata_format",
        "user_not_in_channel",
    }
)  # fmt: skip
# Slack lets the desk do nothing any more until somebody installs the app again.
LOCKED_OUT = frozenset({"invalid_auth", "not_authed", "token_revoked", "account_inactive", "missing_scope"})
LOCKED_OUT_REST_S = 60.0
# The card can no longer be edited, so a new one is posted; only the new one's buttons count.
UNEDITABLE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})


class Poster:
    """Tells Slack what the journal says it must be told."""

    def __init__(self, desk: Desk, client: AsyncWebClient, replies: Replies, clock: Clock) -> None:
        self._desk = desk
        self._client = client
        self._replies = replies
        self._clock = clock
        self._pace = Pace(clock)
        self._finder = Finder(client, self._pace)
        self._locked_out_until = 0.0
        self._rest_s = 0.0
        self._finishing = False
        self._unrecorded: tuple[Parcel, str | None] | None = None
        self._journals: tuple[str, ...] = ()

    @property
    def _names(self) -> Mapping[str, str]:
        return self._desk.house.config.user_names

    @property
    def _accounts(self) -> dict[str, str]:
        return {
            f"{venue.name}:{uid}": f"{venue.name}:{alias} ({uid})"
            for venue in self._desk.house.config.venues.values()
            for alias, uid in venue.subaccounts.items()
        }

    async def run(self, news: asyncio.Event) -> None:
        """Step until `finish` is called; `news` ends a wait early."""
        while not self._finishing:
            wait = await self.step()
            if wait > 0:
                rest = min(wait, self._rest_s)
                await asyncio.sleep(rest)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait - rest):
                        await news.wait()
                news.clear()

    def finish(self) -> None:
        """Let `run` end after the step under way: a post that is cut off has to be looked for at the next start."""
        self._finishing = True

    async def step(self) -> float:
        """Deliver at most one parcel. Returns seconds until there may be more to do."""
        try:
            if self._unrecorded is not None:
                await self._record(*self._unrecorded)
            locked_out = self._locked_out_until - self._clock.monotonic()
            if locked_out > TICK_S:
                return locked_out
            wait = IDLE_S
            for parcel in await self._parcels():
                parcel_waits = max(parcel.wait_s(self._clock.now()), *map(self._pace.wait_s, self._lanes(parcel)))
                if parcel_waits <= 0:
                    await self._deliver(parcel)
                    return 0.0
                wait = min(wait, parcel_waits)
            return wait
        except JournalError:
            return BACKOFF_S[0]

    async def _parcels(self) -> list[Parcel]:
        """Look at what is pending, and see how long the next look should be put off if nothing of it can be told."""
        begun = self._clock.monotonic()
        parcels = await asyncio.wrap_future(self._desk.parcels())
        took_s = self._clock.monotonic() - begun
        self._rest_s = min(REST_MAX_S, REST_PER_LOOK * took_s) if len(parcels) >= BACKLOG else 0.0
        return parcels

    def _lanes(self, parcel: Parcel) -> tuple[Lane, ...]:
        """Return the limits of Slack's a parcel comes under."""
        if parcel.kind == "card" and parcel.has_card:
            return (EDITS,)
        if parcel.kind == "private":
            return (WHISPERS,)
        post = posts_to(self._channel(parcel))
        return (post,) if parcel.tried_at is None else (post, LOOK_UPS)

    def _channel(self, parcel: Parcel) -> str:
        return self._desk.house.config.audit_channel if parcel.kind == "audit" else parcel.channel

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            await self._send(parcel)
        except SlackApiError as error:
            await self._refused(parcel, refusals.read(error))
        except JournalError:
            raise
        except ClientConnectorError as error:  # there was no connection, so Slack has seen nothing
            await self._put_off(parcel, type(error).__name__, refused=True)
        except Exception as error:  # noqa: BLE001 - one parcel's trouble, whatever it is, holds up no other
            await self._put_off(parcel, type(error).__name__)

    async def _refused(self, parcel: Parcel, refusal: refusals.Refusal) -> None:
        if refusal.rest_s is not None:
            await self._put_off(parcel, refusal.code, refused=True, wait=refusal.rest_s)
        elif refusal.code in LOCKED_OUT:
            self._locked_out_until = self._clock.monotonic() + LOCKED_OUT_REST_S
            log.error("Slack refuses the desk (%s): install the app again and set SLACK_BOT_TOKEN", refusal.code)
            await asyncio.wrap_future(self._desk.untried(parcel))
        elif refusal.code in PERMANENT:
            await self._park(parcel, refusal.code)
        else:
            await self._put_off(parcel, refusal.code)

    async def _put_off(self, parcel: Parcel, problem: str, *, refused: bool = False, wait: float | None = None) -> None:
        """Try a parcel later. `refused`: Slack certainly did not take it; else the message may be there."""
        if wait is None:
            wait = BACKOFF_S[min(parcel.attempts, len(BACKOFF_S) - 1)]
        log.warning("Slack could not be told about %s (%s); again in %.0f s", parcel.about, problem, wait)
        await asyncio.wrap_future(self._desk.put_off(parcel, wait, problem, refused=refused))

    async def _park(self, parcel: Parcel, problem: str) -> None:
        log.error("Slack will not take the %s of %s: %s", parcel.kind, parcel.about, problem)
        await asyncio.wrap_future(self._desk.park(parcel, problem))
        view = await self._view(parcel)
        if view is not None and parcel.kind == "card":
            transfer = view.transfer
            text = words.NO_CARD.format(transfer=transfer.name, problem=problem)
            await self._replies.tell_requester(transfer.requester, transfer.channel, text)

    async def _send(self, parcel: Parcel) -> None:
        if parcel.kind == "card":
            await self._send_card(parcel)
        elif parcel.kind == "private":
            await self._whisper(parcel)
        else:
            await self._send_line(parcel)

    async def _send_card(self, parcel: Parcel) -> None:
        view = await self._view(parcel)
        if view is None:
            await self._park(parcel, "nothing to tell")
            return
        transfer, message = view.transfer, cards.card(view)
        if transfer.card_ts is not None:
            try:
                where = {"channel": transfer.channel, "ts": transfer.card_ts}
                await self._pace.call(EDITS, self._client.chat_update, **where, **message)
            except SlackApiError as error:
                if refusals.read(error).code not in UNEDITABLE:
                    raise
            else:
                await self._record(parcel)
                return
        place = Place(transfer.channel)
        # Not the card that can no longer be edited: that one is older.
        found = [ts for ts in await self._copies(parcel, place) if ts > (transfer.card_ts or "")]
        if found:
            await asyncio.wrap_future(self._desk.found(parcel, found[0]))
            return
        posted = await self._post(parcel, place, message)
        await self._record(parcel, card_ts=posted)

    async def _record(self, parcel: Parcel, card_ts: str | None = None) -> None:
        """Write down that Slack took a parcel. Until that worked nothing is posted: it would be this one once more."""
        self._unrecorded = (parcel, card_ts)
        await asyncio.wrap_future(self._desk.delivered(parcel, card_ts))
        self._unrecorded = None

    async def _view(self, parcel: Parcel) -> View | None:
        return None if parcel.transfer_id is None else await asyncio.wrap_future(self._desk.view(parcel.transfer_id))

    async def _send_line(self, parcel: Parcel) -> None:
        event = await asyncio.wrap_future(self._desk.event(parcel.event_seq or 0))
        view = await self._view(parcel)
        if event is None or (view is None and parcel.kind == "thread"):
            await self._park(parcel, "nothing to tell")
            return
        if view is not None and lines.comes_too_late(event, view.transfer):
            await self._record(parcel)
            return
        if parcel.kind == "audit" or view is None:
            place, line = Place(self._channel(parcel)), lines.audit_line(event, self._names, self._accounts)
        elif view.transfer.card_ts is None:
            # The reply belongs under a card that is not there yet; the card's own row comes first.
            await (self._park if parcel.attempts >= len(BACKOFF_S) else self._put_off)(parcel, "no card")
            return
        else:
            place, line = Place(parcel.channel, view.transfer.card_ts), lines.thread_line(event, self._accounts)
        if not await self._copies(parcel, place):
            await self._post(parcel, place, line, event)
        await self._record(parcel)

    async def _whisper(self, parcel: Parcel) -> None:
        """Tell one person something. It leaves nothing to look for; told twice, it says nothing new."""
        event = await asyncio.wrap_future(self._desk.event(parcel.event_seq or 0))
        if event is None:
            await self._park(parcel, "nothing to tell")
            return
        where = {"channel": str(event.data["channel"]), "user": str(event.data["person"])}
        await self._pace.call(WHISPERS, self._client.chat_postEphemeral, **where, **lines.private_line(event))
        await self._record(parcel)

    async def _post(self, parcel: Parcel, place: Place, message: cards.Message, event: Event | None = None) -> str:
        mark = await self._mark(parcel)
        await asyncio.wrap_future(self._desk.trying(parcel, place.thread_ts))
        thread = {"thread_ts": place.thread_ts} if place.thread_ts is not None else {}
        posted = await self._pace.call(
            posts_to(place.channel),
            self._client.chat_postMessage,
            channel=place.channel,
            metadata=mark.metadata(event),
            unfurl_links=False,
            unfurl_media=False,
            **message,
            **thread,
        )
        return str(posted["ts"])

    async def _copies(self, parcel: Parcel, place: Place) -> list[str]:
        """Return where a parcel stands already, oldest first: only one whose last post ended unclear can."""
        if parcel.tried_at is None:
            return []
        if place.thread_ts is not None and parcel.tried_in is not None:
            place = replace(place, thread_ts=parcel.tried_in)
        # A try in the future was noted before the clock went back.
        since = min(parcel.tried_at, self._clock.now())
        found = await self._finder.find(await self._mark(parcel), place, since)
        log.info("the %s of %s was %s in Slack", parcel.kind, parcel.about, "found" if found else "not found")
        return found

    async def _mark(self, parcel: Parcel) -> Mark:
        self._journals = self._journals or await asyncio.wrap_future(self._desk.uuids())
        return Mark(self._journals, parcel)
