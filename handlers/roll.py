"""Keeps fresh what Slack says of the people and channels that open transfers need.

The desk lets nothing leave unless they were found well a moment ago. So this only ever asks and writes down what it
heard: when Slack cannot be asked nothing is written, what is known gets old, and the desk waits. It fails closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import Future
from typing import Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.clock import Clock
from bot.desk import House
from bot.errors import JournalError
from handlers import refusals, standing
from handlers.pace import TICK_S, Lane, Pace

log = logging.getLogger(__name__)

# Nobody says when a standing gets old, so the desk is asked; the claim takes standings of up to 60 s.
IDLE_S = 5.0
# However the desk's clock jumps, nobody is asked about twice within this.
AGAIN_S = 5.0
BACKOFF_S = (1.0, 2.0, 5.0, 15.0, 30.0)
ASK_MAX_S = 4.0
AT_ONCE_MAX = 8

PEOPLE: Lane = ("users.info", "")
CHANNELS: Lane = ("conversations.info", "")


class Register(Protocol):
    """What the roll needs of the desk."""

    house: House

    def roll(self) -> Future[list[str]]:
        """Return the user and channel ids whose standing is needed and no longer fresh, stalest first."""
        ...

    def seen(self, subject: str, standing: str) -> Future[None]:
        """Write down what Slack says of one of them now; no words mean all is well."""
        ...


class Roll:
    """Asks Slack about everybody the desk is waiting for, a few at once."""

    def __init__(self, desk: Register, client: AsyncWebClient, clock: Clock, *, ask_max_s: float = ASK_MAX_S) -> None:
        """Take the desk and a client that never retries by itself. `ask_max_s` is what one answer may take."""
        self._desk = desk
        self._client = client
        self._clock = clock
        self._ask_max_s = ask_max_s
        self._pace = Pace(clock)
        self._failures: dict[str, int] = {}
        self._resting_until: dict[str, float] = {}

    async def run(self, news: asyncio.Event) -> None:
        """Step until cancelled, which nothing here minds; `news` ends a wait early."""
        while True:
            wait = await self.step()
            if wait > 0:
                # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with news.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await news.wait()
                news.clear()

    async def step(self) -> float:
        """Ask about the stalest few that are not resting. Returns seconds until there may be more to do."""
        try:
            subjects = await asyncio.wrap_future(self._desk.roll())
        except JournalError:
            return BACKOFF_S[0]
        due = [subject for subject in subjects if self._wait_s(subject) <= 0]
        # All of a step are done within `ask_max_s`: who does not answer holds the others up no longer than that.
        await asyncio.gather(*map(self._look, due[:AT_ONCE_MAX]))
        return min([IDLE_S, *map(self._wait_s, subjects)])

    def _wait_s(self, subject: str) -> float:
        resting_s = self._resting_until.get(subject, 0.0) - self._clock.monotonic()
        return max(resting_s if resting_s > TICK_S else 0.0, self._pace.wait_s(_lane(subject)))

    async def _look(self, subject: str) -> None:
        """Ask about one and write down the answer, if there was one."""
        if self._wait_s(subject) > 0:
            return  # the others of this step have used up what Slack allows
        try:
            async with asyncio.timeout(self._ask_max_s):
                found = await self._ask(subject)
        except SlackApiError as error:
            refusal = refusals.read(error)
            if refusal.code not in standing.NOT_FOUND:
                self._failed(subject, refusal.code, refusal.rest_s)
                return
            found = words.UNKNOWN_TO_SLACK
        except Exception as error:  # noqa: BLE001 - whatever it was, Slack could not be asked; its text may hold a token
            self._failed(subject, type(error).__name__)
            return
        await self._write(subject, found)

    async def _ask(self, subject: str) -> str:
        lane = _lane(subject)
        if lane == PEOPLE:
            answer = await self._pace.call(lane, self._client.users_info, user=subject)
            return standing.of_person(subject, answer["user"], self._desk.house.config.team)
        answer = await self._pace.call(lane, self._client.conversations_info, channel=subject)
        return standing.of_channel(subject, answer["channel"])

    async def _write(self, subject: str, found: str) -> None:
        if self._failures.pop(subject, 0):
            log.info("Slack answers again about %s", subject)
        self._resting_until[subject] = self._clock.monotonic() + AGAIN_S
        try:
            await asyncio.wrap_future(self._desk.seen(subject, found))
        except JournalError:  # the journal has logged why
            self._resting_until[subject] = self._clock.monotonic() + BACKOFF_S[0]

    def _failed(self, subject: str, why: str, rest_s: float | None = None) -> None:
        """Let one subject rest; when Slack wants quiet its whole lane does. Logged once, when the trouble begins."""
        failures = self._failures.get(subject, 0)
        backoff_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
        self._failures[subject] = failures + 1
        self._resting_until[subject] = self._clock.monotonic() + max(backoff_s, rest_s or 0.0)
        if failures == 0:
            log.warning("Slack could not be asked about %s (%s); what needs it waits", subject, why)


def _lane(subject: str) -> Lane:
    return PEOPLE if subject.startswith(("U", "W")) else CHANNELS
