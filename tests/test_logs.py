"""Logging that cannot leak: what the formatter hides, and what it leaves readable."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.logs import RedactingFormatter, set_up

SECRET = "d3adb33f-secret"
LIBRARIES = ("httpx", "httpcore", "slack_sdk", "slack_bolt", "aiohttp", "asyncio")


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger set up as the desk's is, put back afterwards."""
    root, raising = logging.getLogger(), logging.raiseExceptions
    levels = {logger: logger.level for logger in (root, *map(logging.getLogger, LIBRARIES))}
    set_up([SECRET, ""])
    (handler,) = root.handlers
    yield logging.getLogger("bot.test")
    root.removeHandler(handler)
    logging.raiseExceptions = raising
    for logger, level in levels.items():
        logger.setLevel(level)


@pytest.fixture
def written(log: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What reaches standard error."""
    stream = io.StringIO()
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


@pytest.mark.parametrize(
    "leak",
    [
        "xoxb-1111-2222-abcdEFGH",
        "xoxp-1111-2222",
        "xoxe.xoxp-1111-2222",
        "xapp-1-A01DESK-1111-abcdef",
        "https://api.huobi.pro/v2/account/transfer?AccessKeyId=abcd&Signature=efgh%3D",
        "http://127.0.0.1:8044/api/v1/private?sign=ABCD",
        "https://hooks.slack.com/commands/T01/1234/abcd",
        "wss://wss-primary.slack.com/link/?ticket=abcd&app_id=efgh",
        "Signature=abcd%2Befgh%3D",
        "signature: abcd",
        "sign=ABCDEF0123456789",
        "SIGN=ABCDEF0123456789",
        "api_key=abcd-efgh",
        "AccessKeyId=abcd-efgh",
        "access_key=abcd-efgh",
        "secret_key=abcd-efgh",
        "ticket=abcd",
        "token=abcd",
        "access_token=abcd",
        '"sign": "ABCDEF"',
        "'api_key': 'abcd-efgh'",
        SECRET,
        f"prefix{SECRET}suffix",
    ],
)
def test_whatever_looks_like_a_credential_is_hidden(leak: str) -> None:
    hidden = RedactingFormatter([SECRET]).hide(f"before {leak} after")
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    assert "[hidden]" in hidden
    for part in ("abcd", "ABCD", "1111", "efgh", SECRET):
        assert part not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "T1042: 1,250.50 USDT from htx:spot to htx:linear-swap/BTC-USDT",
        "the desk is open: SQLite 3.51.3, policy 1f2e3d4c5b6a",
        "Slack could not be told about T12 (ratelimited); again in 5 s",
        "Slack asks for 30 s of quiet",
        "the design: keep it simple; assign=5",
        "seal 1f2e3d4c, chain #12 1a2b3c4d5e6f",
        "the exchange said no: 1303 insufficient balance",
    ],
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert RedactingFormatter([SECRET]).hide(text) == text


def test_a_secret_within_another_leaves_no_rest() -> None:
    assert RedactingFormatter(["abcd", "abcd-efgh"]).hide("key abcd-efgh") == "key [hidden]"


def test_an_empty_or_tiny_secret_does_not_eat_the_log() -> None:
    assert RedactingFormatter(["", "a", "abc"]).hide("abc is all right") == "abc is all right"


def test_arguments_are_hidden_like_the_text(log: logging.Logger, written: io.StringIO) -> None:
    log.warning("asked %s with %s", "https://api.huobi.pro/?Signature=abcd", SECRET)
    assert "asked [hidden] with [hidden]" in written.getvalue()


def test_tracebacks_are_hidden_with_causes_and_all(log: logging.Logger, written: io.StringIO) -> None:
    try:
        try:
            raise ValueError(f"inner {SECRET}")
        except ValueError as error:
            raise RuntimeError("outer sign=ABCDEF xoxb-1111-2222") from error
    except RuntimeError:
        log.exception("it failed")
    text = written.getvalue()
    assert "Traceback" in text
    assert "inner [hidden]" in text
    assert "outer [hidden] [hidden]" in text
    assert SECRET not in text


def test_a_line_that_cannot_be_formatted_shows_nothing(log: logging.Logger, written: io.StringIO) -> None:
    log.warning("%d transfers", SECRET)
    assert SECRET not in written.getvalue()


def test_a_line_names_its_time_level_and_place(log: logging.Logger, written: io.StringIO) -> None:
    log.info("hello")
    date, time, level, rest = written.getvalue().split(None, 3)
    assert (len(date), len(time), level, rest) == (10, 8, "INFO", "bot.test: hello\n")


def test_libraries_are_heard_from_warnings_on(log: logging.Logger, written: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://api.huobi.pro/")
    logging.getLogger("slack_sdk.web.async_client").debug("Sending a request")
    assert written.getvalue() == ""
    logging.getLogger("aiohttp.client").error("Unclosed client session")
    assert "Unclosed client session" in written.getvalue()
