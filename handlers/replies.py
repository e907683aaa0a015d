"""Private answers outside the ack: through a payload's `response_url` while it lives. Never the final outcome."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Coroutine
from typing import Any

from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.clock import Clock
from bot.endpoints import is_loopback
from handlers.tasks import Tasks

log = logging.getLogger(__name__)

LIFETIME_S = 25 * 60  # Slack lets a response_url live 30 minutes and be used five times
KEPT_MAX = 500
LAST_WORDS_S = 2.0


class Replies:
    """Answers people privately. The URLs are bearer secrets: kept in memory only, never logged."""

    def __init__(self, clock: Clock, tls: ssl.SSLContext, *, local: bool) -> None:
        self._clock = clock
        self._tls = tls
        self._local = local
        self._owed = Tasks()
        self._latest: dict[tuple[str, str], tuple[float, str]] = {}

    def keep(self, user: str, channel: str, response_url: str) -> None:
        """Remember where a person can still be told something privately."""
        self._latest.pop((user, channel), None)
        self._latest[user, channel] = (self._clock.monotonic(), response_url)
        while len(self._latest) > KEPT_MAX:
            self._latest.pop(next(iter(self._latest)))

    async def tell_requester(self, user: str, channel: str, text: str) -> None:
        """Tell somebody privately who used the desk here lately; do nothing when that is too long ago."""
        at, url = self._latest.get((user, channel), (0.0, ""))
        if url and self._clock.monotonic() - at < LIFETIME_S:
            await self.answer(url, text)

    async def answer(
        self, response_url: str, text: str, blocks: list[dict[str, object]] | None = None, *, replace: bool = False
    ) -> None:
        """Send one private answer. A failure is logged without the URL and changes nothing.

        Args:
            replace: put it in place of the message whose button was pressed.
        """
        if not self._may_use(response_url):
            log.warning("a payload named a response_url outside Slack; it was not used")
            return
        client = AsyncWebhookClient(response_url, ssl=self._tls, retry_handlers=[])
        if self._local:
            client.proxy = None  # the SDK takes a proxy from the environment and ignores NO_PROXY
        try:
            answer = await client.send(
                text=text, blocks=blocks, response_type="ephemeral", replace_original=replace, unfurl_links=False
            )
        except Exception as error:  # noqa: BLE001 - whatever happens, its text may hold the URL
            log.warning("a private answer could not be delivered (%s)", type(error).__name__)
            return
        if answer.status_code != 200:
            log.warning("a private answer was refused (HTTP %s)", answer.status_code)

    def owe(self, answer: Coroutine[Any, Any, object]) -> None:
        """Give an answer to what has been acknowledged. A desk that goes down gives it first."""
        self._owed.start(answer)

    async def finish(self) -> None:
        """Wait until everybody has what they are owed, 2 s at most."""
        await self._owed.finish(LAST_WORDS_S)

    def _may_use(self, url: str) -> bool:
        return is_loopback(url) if self._local else url.startswith("https://hooks.slack.com/")
