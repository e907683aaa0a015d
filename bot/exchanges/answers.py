"""What every exchange's answers have in common: strict JSON, and what HTTP alone already decides.

A wrong `refused` makes a person send the money twice, a wrong `unknown` costs two people a look at the exchange. So
everything here leans to unknown; only what is written down as "nothing moved" is a refusal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Never

from bot.exchanges.keys import ApiKey
from bot.transfers import NotSent, Outcome, Refused, Unknown

GATEWAY = "gateway"
RATE_LIMIT = "rate limit"

# Somebody on the way gave up waiting: Request Timeout, and nginx's Client Closed Request.
_GAVE_UP_WAITING = (408, 499)
# Words by which a refusal admits that nobody knows what became of the order.
_DOUBT = re.compile(r"timed?[\s_-]*out|gateway|超时|超時", re.IGNORECASE)
_DONE = re.compile(r"execut|success|succeed|成功", re.IGNORECASE)
_SLOW_DOWN = re.compile(
    r"(?=.*(?:too many|rate.?limit|slow down|frequen|error code: 1015))[a-z0-9 .,:;!'()-]{1,200}", re.IGNORECASE
)
_MESSAGES = ("message", "msg", "err-msg", "err_msg")

# Of a balance or an amount, before and after its point each. Nobody has more, and later readers need a bound.
DIGITS_MAX = 40
_BALANCE = re.compile(rf"-?[0-9]{{1,{DIGITS_MAX}}}(?:\.[0-9]{{1,{DIGITS_MAX}}})?")
_CODE = re.compile(r"-?[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Answer:
    """One complete HTTP answer, not yet judged. The body is a stranger's text and stays out of the repr.

    Attributes:
        delimited: the answer marked its own end, by a length or a last chunk. If it ended with its connection, it may
            have been cut off.
    """

    status: int
    body: bytes = field(repr=False)
    delimited: bool = True


def json_object(body: bytes) -> dict[str, Any] | None:
    """Read a body as one JSON object, or None if it is anything else.

    Stricter than `json.loads`: a name that occurs twice, NaN, Infinity, a BOM and wrong UTF-8 make the body unusable,
    because two readers could understand it differently. Numbers with a point become Decimal, never float.
    """
    try:
        document = json.loads(
            body.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_duplicates,
        )
    # RecursionError: the body is nested deeper than the parser goes. ValueError: not JSON, or a number of more than
    # 4300 digits. ArithmeticError: a Decimal beyond its exponent range.
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _refuse_constant(_: str) -> Never:
    raise ValueError("not a JSON number")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name occurs twice")
    return document


def outcome_of(sent: Answer | NotSent | Unknown, judge: Callable[[Answer], Outcome]) -> Outcome:
    """Judge what a send came to. A fault of ours in judging must not look like a transfer that never left."""
    if not isinstance(sent, Answer):
        return sent
    try:
        return judge(sent)
    except Exception:  # noqa: BLE001 - the money may have moved, so whatever it is, the answer is Unknown
        return Unknown("the exchange's answer could not be judged")


def opened(answer: Answer, key: ApiKey) -> dict[str, Any] | Refused | Unknown:
    """Return the JSON object of an answer to a transfer, or what HTTP alone already says about its outcome.

    3xx, 5xx, 408 and 499 are Unknown whatever the body says.
    """
    document = json_object(answer.body)
    clear = answer.status == 200 or (400 <= answer.status < 500 and answer.status not in _GAVE_UP_WAITING)
    if not clear:
        return Unknown(f"the exchange answered HTTP {answer.status}{_said(document, key)}")
    if document is not None:
        return document
    unclear = Unknown(f"the exchange answered HTTP {answer.status} with something that is no usable JSON")
    return _turned_away(answer) or unclear


def _turned_away(answer: Answer) -> Refused | None:
    """Return the refusal of a gateway in front of the exchange, if this is beyond doubt one: then no order reached it.

    A whole page with 403; a whole page, a rate limit's few words or nothing at all with 429 (htx-api.md §2.8,
    coinw-api.md §3.3). A part of a page could as well be a part of something else.
    """
    text = answer.body.decode("utf-8", "replace").strip()
    if not answer.delimited or _DOUBT.search(text) or _DONE.search(text):
        return None
    page = text.lower().startswith(("<!doctype html", "<html")) and text.lower().endswith("</html>")
    if answer.status == 403 and page:
        return Refused("HTTP 403", "blocked before it reached the exchange", by=GATEWAY)
    if answer.status == 429 and (page or not text or _SLOW_DOWN.fullmatch(text)):
        return Refused("HTTP 429", "too many requests", by=RATE_LIMIT)
    return None


def _said(document: Mapping[str, Any] | None, key: ApiKey) -> str:
    if document is None:
        return ""
    code, message = envelope(document)
    return f", {told(code, message, key)}" if code else ""


def envelope(document: Mapping[str, Any]) -> tuple[str, object]:
    """Return code and message of any error envelope either exchange is known to use; the code is empty if unclear.

    Shapes: `code` with `message` or `msg`; HTX's gateway `err-code`, `err-msg`; its futures `err_code`, `err_msg`
    (htx-api.md §2.7, coinw-api.md §3.2). An answer that names two codes is unclear.
    """
    codes = [document[name] for name in ("code", "err-code", "err_code") if name in document]
    messages = (document.get(name) for name in _MESSAGES)
    message = next((text for text in messages if text), "")
    return (code_text(codes[0]) if len(codes) == 1 else "", message)


def in_doubt(document: Mapping[str, Any]) -> bool:
    """Tell whether any of an answer's messages speaks of a time-out or a gateway.

    Both exchanges use codes of plain refusals for these too (htx-api.md §2.7), so no code outweighs such words.
    """
    return any(_DOUBT.search(str(document.get(name, ""))) for name in _MESSAGES)


def code_text(code: object) -> str:
    """Return a code as text, whether it came as a number or a text; empty if it is neither or no code."""
    if isinstance(code, bool) or not isinstance(code, int | str):
        return ""
    text = str(code)
    return text if _CODE.fullmatch(text) else ""


def balance_text(value: object) -> str:
    """Return a balance as plain digits, whether it came as a text or a number; empty if it is neither or endless."""
    if isinstance(value, Decimal):
        # An exponent of a billion is a short text in JSON and a gigabyte written out.
        value = format(value, "f") if abs(value.adjusted()) < DIGITS_MAX else ""
    text = value if isinstance(value, str) else code_text(value)
    return text if _BALANCE.fullmatch(text) else ""


def told(code: str, message: object, key: ApiKey) -> str:
    """Write what the exchange said: `1318: Failed to confirm the transfer.`"""
    words = key.cleaned(message)
    return f"{key.cleaned(code)}: {words}" if words else key.cleaned(code)


def says_yes(value: object) -> bool:
    """Tell whether a flag is true. HTX documents it as a text and shows a boolean (htx-api.md §2.5)."""
    return value is True or value == "true"


def says_no(value: object) -> bool:
    """Tell whether a flag is false; a missing flag is neither yes nor no."""
    return value is False or value == "false"
