"""Scripted faults: what goes wrong at a look-alike with the next transfer requests, or with the next reads.

A fault either comes before the exchange looked at the request, so nothing moves, or spoils the answer to a request
that was judged and, when it was good, executed. A client cannot see the difference and must not guess it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from bot.sandbox.wire import Answer, Call

Spoil = Callable[[Call, Answer], Answer]


class Ending(Enum):
    """How a request under a fault ends."""

    ANSWER = auto()
    LATE = auto()  # the ordinary answer, after a delay
    HANG = auto()  # no answer while the look-alike runs
    DROP = auto()  # the connection is closed without an answer


@dataclass(frozen=True)
class Script:
    """One kind of fault.

    Attributes:
        executes: the request is judged and executed as ever before things go wrong.
        answer: what is sent, from the request and the ordinary answer (an empty one when it was never judged).
    """

    explanation: str
    executes: bool
    ending: Ending = Ending.ANSWER
    answer: Spoil = field(default=lambda call, answer: answer)


def _instead(status: int, body: str, content_type: str) -> Spoil:
    return lambda call, answer: Answer(body, status, content_type)


def _page(status: int, title: str) -> Spoil:
    html = (
        f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{status} {title}</h1>"
        "</center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )
    return lambda call, answer: Answer(html, status, "text/html", {"Server": "cloudflare"})


def _redirect(call: Call, answer: Answer) -> Answer:
    # To the very same address: a client that follows it asks twice, and a client that logs it logs a signature.
    return Answer("", 302, "text/html", {"Location": call.target})


def _truncated(call: Call, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _without_id(call: Call, answer: Answer) -> Answer:
    """Empty the success's `data`: HTX's becomes null, CoinW's an object without `bizNo`."""
    document = json.loads(answer.body)
    if document.get("success") is True:
        document["data"] = {} if isinstance(document["data"], dict) else None
    return replace(answer, body=Answer.of(document).body)


def _unknown_code(call: Call, answer: Answer) -> Answer:
    """Turn a success into a refusal with a code from no table, in the exchange's own envelope."""
    document = json.loads(answer.body)
    if document.get("success") is True:
        document |= {"code": type(document["code"])(77001), "data": None, "success": False}
        document |= {text: "Please check the result later." for text in ("message", "msg") if text in document}
        document |= {"failed": True} if "failed" in document else {}
    return replace(answer, body=Answer.of(document).body)


_UNAVAILABLE = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}

SCRIPTS: dict[str, Script] = {
    "late": Script("Executes the transfer, answers only after the delay.", True, Ending.LATE),
    "hang_before": Script("Takes the request, does nothing, never answers.", False, Ending.HANG),
    "hang_after": Script("Executes the transfer, never answers.", True, Ending.HANG),
    "drop_before": Script("Closes the connection without executing.", False, Ending.DROP),
    "drop_after": Script("Executes the transfer, then closes the connection without an answer.", True, Ending.DROP),
    **{
        f"http_{status}_{when}": Script(
            f"{deed} HTTP {status} as plain text.", executes, answer=_instead(status, title, "text/plain")
        )
        for status, title in _UNAVAILABLE.items()
        for when, deed, executes in (
            ("before", "Does nothing, answers", False),
            ("after", "Executes the transfer, then answers", True),
        )
    },
    "html_502": Script(
        "Does nothing; a gateway answers with an HTML page, 502.", False, answer=_page(502, "Bad gateway")
    ),
    "html_403": Script(
        "Does nothing; a firewall answers with an HTML page, 403.", False, answer=_page(403, "Forbidden")
    ),
    "http_429": Script(
        "Does nothing, answers HTTP 429 as plain text.",
        False,
        answer=_instead(429, "Too Many Requests", "text/plain"),
    ),
    "bad_json": Script(
        "Executes the transfer, then answers with something that is not JSON.",
        True,
        answer=_instead(200, "{code: 200, data: ok", "application/json"),
    ),
    "truncated_json": Script(
        "Executes the transfer, then sends the first half of the answer.", True, answer=_truncated
    ),
    "empty_200": Script(
        "Executes the transfer, then answers 200 with nothing in it.", True, answer=_instead(200, "", "text/plain")
    ),
    "no_id": Script("Executes the transfer, then reports success without an order id.", True, answer=_without_id),
    "unknown_code": Script(
        "Executes the transfer, then answers with an error code no table lists.", True, answer=_unknown_code
    ),
    "redirect_302": Script("Does nothing, redirects to the same signed address.", False, answer=_redirect),
}

FAULTS: dict[str, str] = {kind: script.explanation for kind, script in SCRIPTS.items()}
"""Every kind of fault with one line for the people who pull the switch."""

DELAY_S = 30.0

# What a read can meet: no answer, or one that is none. It changes nothing in any case.
READ_FAULTS = tuple(kind for kind, script in SCRIPTS.items() if not script.executes)


@dataclass(frozen=True)
class Planned:
    """A fault that waits for its requests.

    Attributes:
        times: how many more transfer requests it takes; None until cleared.
        delay_s: how long a `late` answer takes; the other kinds ignore it.
    """

    kind: str
    times: int | None
    delay_s: float

    @property
    def script(self) -> Script:
        """What this kind of fault does."""
        return SCRIPTS[self.kind]


class Faults:
    """The faults of one look-alike, safe from any thread: each transfer request takes the next of one queue, each
    other request the next of another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Planned] = []
        self._reads: list[Planned] = []

    def plan(self, kind: str, times: int | None = 1, delay_s: float = DELAY_S) -> None:
        """Let the next `times` transfer requests (None: all until cleared) meet a fault, after those already planned.

        Raises:
            ValueError: no such kind, or fewer than one time.
        """
        self._plan(self._planned, SCRIPTS, Planned(kind, times, delay_s))

    def break_reads(self, times: int | None = 1, kind: str = "http_503_before") -> None:
        """Let the next `times` requests that are no transfers (None: all until cleared) meet one of `READ_FAULTS`.

        Raises:
            ValueError: no such kind, or fewer than one time.
        """
        self._plan(self._reads, READ_FAULTS, Planned(kind, times, DELAY_S))

    def clear(self) -> None:
        """Forget every fault still planned. A request that already met one stays as it is."""
        with self._lock:
            self._planned.clear()
            self._reads.clear()

    @property
    def pending(self) -> tuple[Planned, ...]:
        """What is still planned for transfer requests, next first."""
        with self._lock:
            return tuple(self._planned)

    def take(self) -> Planned | None:
        """Take the fault the transfer request at hand meets, if any."""
        return self._take(self._planned)

    def take_read(self) -> Planned | None:
        """Take the fault the read at hand meets, if any."""
        return self._take(self._reads)

    def _plan(self, queue: list[Planned], kinds: Collection[str], fault: Planned) -> None:
        if fault.kind not in kinds:
            raise ValueError(f"no fault {fault.kind!r}; there are {', '.join(kinds)}")
        if fault.times is not None and fault.times < 1:
            raise ValueError("a fault is planned for one request or more")
        with self._lock:
            queue.append(fault)

    def _take(self, queue: list[Planned]) -> Planned | None:
        with self._lock:
            if not queue:
                return None
            fault = queue[0]
            if fault.times == 1:
                queue.pop(0)
            elif fault.times is not None:
                queue[0] = replace(fault, times=fault.times - 1)
            return fault
