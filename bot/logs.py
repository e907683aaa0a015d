"""Logging that cannot leak: one formatter through which everything passes, tracebacks included.

Our own code never logs a URL, a key or a foreign exception's text. The formatter is the second lock on that door: it
also covers libraries, whose habits change.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

# Whatever looks like a credential or a URL that carries one: `sign=…`, `"api_key": "…"`, but not `design: …`.
_SHAPES = re.compile(
    r"xox[a-z]-[\w.-]+|xapp-[\w-]+"
    r"|(?:https?|wss?)://[^\s'\"<>]+"
    r"|(?<![a-z])(?:signature|sign|api_key|access_?key(?:_?id)?|secret_key|token|ticket)['\"]?\s*[=:]\s*['\"]?[^\s&'\",]+",
    re.IGNORECASE,
)
_HIDDEN = "[hidden]"


class RedactingFormatter(logging.Formatter):
    """Writes one line a record with credentials, signed URLs and the given secrets replaced."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._secrets = tuple(sorted((secret for secret in secrets if len(secret) >= 4), key=len, reverse=True))

    def format(self, record: logging.LogRecord) -> str:
        """Format a record, then hide what must not be read."""
        return self.hide(super().format(record))

    def hide(self, text: str) -> str:
        """Return text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _SHAPES.sub(_HIDDEN, text)


def set_up(secrets: Iterable[str], level: int = logging.INFO) -> None:
    """Send every log line to standard error through the redacting formatter. Call once, before anything can log."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # A line that cannot be formatted would be printed, arguments and all, past the formatter.
    logging.raiseExceptions = False
    # Libraries say little of use below a warning and much that is private.
    for name in ("httpx", "httpcore", "slack_sdk", "slack_bolt", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
