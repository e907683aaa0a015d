"""What the app says back to the person who acted: through a `response_url`, or in the body of its ack. No I/O."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack_blocks import block_problems, with_ids
from bot.sandbox.slack_workspace import Json, SlackRefusal, Workspace


@dataclass(frozen=True)
class Origin:
    """Where an act came from: who, in which channel, and on which message if it was a click."""

    user: str
    channel: str
    ts: str | None = None


class ResponseUrls:
    """The tokens in response URLs: each good for 5 answers within 30 minutes (slack.md §2.4).

    Slack documents the two limits but not how it names them; the error codes here are the double's own words.
    """

    USES_MAX = 5
    LIFETIME_SECONDS = 30 * 60.0

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._issued: dict[str, tuple[Origin, float]] = {}
        self._uses: dict[str, int] = {}

    def issue(self, origin: Origin) -> str:
        """Return a new token for answers to this act."""
        token = secrets.token_urlsafe(16)
        self._issued[token] = (origin, self._now())
        self._uses[token] = 0
        return token

    def use(self, token: str) -> Origin:
        """Count one use and return what is being answered.

        Raises:
            SlackRefusal: `invalid_url`, `expired_url` or `used_url`.
        """
        if token not in self._issued:
            raise SlackRefusal("invalid_url")
        origin, issued_at = self._issued[token]
        if self._now() - issued_at > self.LIFETIME_SECONDS:
            raise SlackRefusal("expired_url")
        if self._uses[token] >= self.USES_MAX:
            raise SlackRefusal("used_url")
        self._uses[token] += 1
        return origin


def answer(workspace: Workspace, origin: Origin, body: Json) -> None:
    """Carry out one answer: private by default, to the channel, in place of the original, or instead of it nothing.

    Raises:
        SlackRefusal: `invalid_blocks` with details, or `no_text`.
    """
    if body.get("delete_original") and origin.ts is not None:
        workspace.delete(origin.channel, origin.ts)
        return
    blocks = body.get("blocks") or []
    problems = block_problems(blocks)
    if problems:
        raise SlackRefusal("invalid_blocks", problems)
    text = str(body.get("text") or "")
    if not text and not blocks:
        raise SlackRefusal("no_text")
    blocks = with_ids(blocks)
    if body.get("replace_original") and origin.ts is not None:
        _replace(workspace, origin.channel, origin.ts, text, blocks)
    elif body.get("response_type") == "in_channel":
        workspace.post(origin.channel, workspace.bot.id, text, blocks)
    else:
        workspace.whisper(origin.user, origin.channel, text, blocks)


def _replace(workspace: Workspace, channel: str, ts: str, text: str, blocks: list[Json]) -> None:
    private = workspace.ephemeral(channel, ts)
    message = workspace.message(channel, ts)
    if private is not None:
        workspace.reword(private, text, blocks)
    elif message is not None:
        workspace.edit(message, text, blocks)
