"""The Home tab: drawn when a person opens it, and again whenever something on it changes.

Whose tab is kept fresh is in the journal, with a digest of what Slack was given, so nothing is published twice, not
even after a restart. A tab is looked at once in 3 s at most: a busy desk does not get Slack to ask for quiet.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.clock import Clock
from bot.desk import Desk, Person
from bot.errors import JournalError
from bot.policy.why import LimitsLeft
from handlers import cards, home_view, refusals
from handlers.form import Forms
from handlers.guard import clean, click_visitor, delivery_key, mapping, the_action
from handlers.pace import TICK_S, Lane, Pace
from handlers.tasks import Tasks

log = logging.getLogger(__name__)

HOMES: Lane = ("views.publish", "")

# Between two looks at one person's tab.
AGAIN_S = 3.0
# Limits free themselves without anything being written.
ALL_AGAIN_S = 60.0
BACKOFF_S = (5.0, 15.0, 60.0)
PUBLISH_MAX_S = 10.0
AT_ONCE_MAX = 8
# Drawing keeps a core busy that acks need as well: after it, so many times as long nothing is drawn.
IDLE_FOR_EACH = 3

# Nobody is there to be shown anything any more.
GONE = frozenset({"user_not_found", "invalid_user_id", "user_disabled", "not_enabled"})

_TRANSFER_ID = re.compile(r"[1-9][0-9]{0,14}")


class Homes:
    """Publishes Home tabs, and listens to what is pressed on them."""

    def __init__(self, desk: Desk, client: AsyncWebClient, clock: Clock, forms: Forms) -> None:
        """Take what opens the form for a transfer, too."""
        self._desk = desk
        self._client = client
        self._clock = clock
        self._forms = forms
        self._tasks = Tasks()
        self._pace = Pace(clock)
        self._drawing = asyncio.Lock()
        self._busy_s = 0.0
        self._idle_until = 0.0
        self._change = 0  # counts what was heard of; a tab is looked at once for each
        self._all_again_at = clock.monotonic() + ALL_AGAIN_S
        self._looked: dict[str, int] = {}
        self._resting_until: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def register(self, app: AsyncApp) -> None:
        """Hang the listeners into Bolt."""
        app.event("app_home_opened")(self.opened)
        app.action(home_view.NEW)(self.new)
        app.action(home_view.SHOW)(self.show)

    # What people do

    async def opened(self, body: dict[str, Any]) -> None:
        """Keep the tab of whoever opened it fresh. Who is not on the allowlist gets one sentence, and that is all."""
        event = mapping(body.get("event"))
        person = Person(clean(body.get("team_id")), clean(event.get("user")))
        if event.get("tab") != "home" or person.team != self._desk.house.config.team:
            return
        if not await asyncio.wrap_future(self._desk.home_opened(person)):
            self._tasks.start(self._turn_away(person.user))

    async def new(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Open the form for a transfer."""
        visitor = click_visitor(self._desk.house.config, body)
        await self._forms.welcome(visitor, clean(body.get("trigger_id")), words.TRIED_AT_HOME)
        await ack()

    async def show(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Show a private copy of a card, and where the card is."""
        visitor, value = click_visitor(self._desk.house.config, body), clean(the_action(body).get("value"), 100)
        trigger = clean(body.get("trigger_id"))
        why = visitor.refusal or ("" if _TRANSFER_ID.fullmatch(value) else words.NO_SUCH_BUTTON)
        if why:
            key, attempt = delivery_key("home", visitor.person, trigger), f"{home_view.SHOW} {value}"
            await asyncio.wrap_future(self._desk.turn_away(visitor.person, visitor.channel, attempt, why, key))
            shown = home_view.no_card(why)
        else:
            found = await asyncio.wrap_future(self._desk.show(visitor.person, int(value)))
            shown = home_view.no_card(found) if isinstance(found, str) else home_view.shown_card(found)
        await ack()
        self._tasks.start(self._open(trigger, shown))

    async def _open(self, trigger: str, view: cards.Message) -> None:
        await self._client.views_open(trigger_id=trigger, view=view)

    async def _turn_away(self, user: str) -> None:
        if self._wait_s(user) <= 0:
            await self._publish(user, home_view.stranger())

    # What changes

    async def run(self, news: asyncio.Event) -> None:
        """Step until cancelled; `news` says that something was written."""
        while True:
            wait = await self.step()
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with news.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await news.wait()
            if news.is_set():  # also where it came together with the end of the wait
                news.clear()
                self.changed()

    def changed(self) -> None:
        """Have every tab looked at again."""
        self._change += 1

    async def step(self) -> float:
        """Look at every tab that may be outdated and is not resting. Returns seconds until there may be more to do."""
        now = self._clock.monotonic()
        if now >= self._all_again_at:
            self._all_again_at = now + ALL_AGAIN_S
            self.changed()
        if self._idle_until - now > TICK_S:
            return self._idle_until - now
        try:
            kept = await asyncio.wrap_future(self._desk.homes())
        except JournalError:
            return BACKOFF_S[0]
        due = [shown for shown in kept if self._is_outdated(shown.person) and self._wait_s(shown.person) <= 0]
        await asyncio.gather(*(self._look(shown.person, shown.digest) for shown in due[:AT_ONCE_MAX]))
        self._idle_until = self._clock.monotonic() + self._busy_s * IDLE_FOR_EACH
        self._busy_s = 0.0
        waits = [self._wait_s(shown.person) for shown in kept if self._is_outdated(shown.person)]
        return max(0.0, min([*waits, self._all_again_at - self._clock.monotonic()]))

    def _is_outdated(self, user: str) -> bool:
        return self._looked.get(user) != self._change

    def _wait_s(self, user: str) -> float:
        resting_s = self._resting_until.get(user, 0.0) - self._clock.monotonic()
        return max(resting_s if resting_s > TICK_S else 0.0, self._pace.wait_s(HOMES))

    async def _look(self, user: str, digest: str) -> None:
        """Publish one tab, if it shows anything else than Slack was given last."""
        self._looked[user] = self._change
        try:
            view = await self._drawn(user)
            shown = view or home_view.stranger()
            fresh = home_view.digest(shown)
            if fresh == digest:
                self._rest(user, AGAIN_S)
            elif self._pace.wait_s(HOMES) > 0:
                self._looked.pop(user)  # the others of this step have used up what Slack allows
            elif await self._publish(user, shown):
                await asyncio.wrap_future(self._desk.home_shown(user, fresh) if view else self._desk.forget_home(user))
        except JournalError:  # the journal has logged why
            self._looked.pop(user, None)
            self._rest(user, BACKOFF_S[0])
        except Exception as error:  # noqa: BLE001 - one person's tab, whatever is wrong with it, ends no desk
            self._failed(user, type(error).__name__)

    def _rest(self, user: str, seconds: float) -> None:
        self._resting_until[user] = self._clock.monotonic() + seconds

    async def _drawn(self, user: str) -> cards.Message | None:
        """Draw somebody's tab; None: they are not on the allowlist any more."""
        async with self._drawing:
            began = self._clock.monotonic()
            found = await asyncio.wrap_future(self._desk.home(Person(self._desk.house.config.team, user)))
            asked = found.limits if found else None
            left = await asyncio.to_thread(asked.answer, home_view.LIMITS_MAX) if asked else LimitsLeft(())
            self._busy_s += self._clock.monotonic() - began
        return home_view.home(found, left) if found else None

    async def _publish(self, user: str, view: cards.Message) -> bool:
        """Give Slack a tab. Trouble is logged once, when it begins, and tried again later."""
        try:
            async with asyncio.timeout(PUBLISH_MAX_S):
                await self._pace.call(HOMES, self._client.views_publish, user_id=user, view=view)
        except SlackApiError as error:
            refusal = refusals.read(error)
            if refusal.code in GONE:
                log.info("nobody looks at the Home tab of %s any more (%s)", user, refusal.code)
                await asyncio.wrap_future(self._desk.forget_home(user))
            else:
                self._failed(user, refusal.code, refusal.rest_s)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it was, its text may hold a token
            self._failed(user, type(error).__name__)
            return False
        if self._failures.pop(user, 0):
            log.info("the Home tab of %s is up to date again", user)
        self._rest(user, AGAIN_S)
        return True

    def _failed(self, user: str, why: str, rest_s: float | None = None) -> None:
        failures = self._failures.get(user, 0)
        backoff_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
        self._failures[user] = failures + 1
        self._looked.pop(user, None)
        self._rest(user, max(backoff_s, rest_s or 0.0))
        if failures == 0:
            log.warning("the Home tab of %s could not be brought up to date (%s); again later", user, why)
