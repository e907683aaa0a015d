"""What a signed transfer takes, beside ccxt and a bare httpx POST: time, start of a process, import, memory.

    python tests/bench/transfer.py

Every client is a process of its own, against one loopback exchange. ccxt has an environment of its own, made by
`make bench`: it pins other versions of what a desk installs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from figures import ROOT, Figure, Part, at, mb, median, ms, show, us, within
from transfer_client import SECRET
from transfer_exchange import Seen

HERE = ROOT / "tests" / "bench"
CCXT = Path(sys.prefix) / "ccxt" / "bin" / "python"
KINDS = ("httpx-htx", "desk-htx", "httpx-coinw", "desk-coinw", "ccxt", "ccxt-async")
STARTS, ROUNDS, TRANSFERS = 9, 40, 60
AMOUNT = "12.5"
AMOUNTS = ("0.00000001", "123456789012.12345678")
# Compiled files are kept, as for whoever uses any of these, and no proxy stands between a client and the exchange.
ENVIRON = {
    name: value
    for name, value in os.environ.items()
    if name != "PYTHONDONTWRITEBYTECODE" and not name.lower().endswith("_proxy")
} | {"PYTHONPATH": str(ROOT)}


class Client:
    """One client in a process of its own; made when its first transfer is answered."""

    def __init__(self, kind: str, url: str, amount: str = AMOUNT) -> None:
        python = str(CCXT) if kind.startswith("ccxt") else sys.executable
        begun = time.monotonic()
        self._process = subprocess.Popen(
            [python, "-P", str(HERE / "transfer_client.py"), kind, url, amount],
            env=ENVIRON,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started: dict[str, float] = self._line(kind)
        # One clock for all processes of a machine.
        self.started["first_s"] = self.started["answered"] - begun

    def transfers(self, count: int) -> list[float]:
        """Return the seconds of some transfers, one after the other."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        seconds: list[float] = self._line("a client")
        return seconds

    def close(self) -> None:
        """Let it end by itself."""
        self._process.communicate()
        assert self._process.returncode == 0

    def _line(self, name: str) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{name} ended without an answer")
        return json.loads(line)


@contextmanager
def exchange() -> Iterator[str]:
    """Serve while measuring; the URL."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "transfer_exchange.py")],
        env=ENVIRON,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    process.communicate()


def seen(url: str) -> Seen:
    """Return the last transfer that reached the exchange."""
    with build_opener(ProxyHandler({})).open(url) as answer:
        return Seen.of(json.load(answer))


def starts(url: str) -> dict[str, list[dict[str, float]]]:
    """Start every client some times over, in turn. The first time is for the compiled files and does not count."""
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for turn in range(STARTS + 1):
        for kind in KINDS:
            client = Client(kind, url)
            if not kind.startswith("httpx"):
                assert not seen(url).problem(SECRET), f"{kind}: {seen(url).problem(SECRET)}"
            client.close()
            if turn:
                found[kind].append(client.started)
    return found


def rounds(url: str) -> dict[str, list[list[float]]]:
    """Let every client make some transfers, in turn, over and over."""
    clients = {kind: Client(kind, url) for kind in KINDS}
    found: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    for turn in range(ROUNDS + 1):
        for kind, client in clients.items():
            seconds = client.transfers(TRANSFERS)
            if turn:
                found[kind].append(seconds)
    for client in clients.values():
        client.close()
    return found


def arrived(url: str, kind: str, amount: str) -> str:
    """Return an amount as it reaches the exchange."""
    Client(kind, url, amount).close()
    return seen(url).amount


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of what was measured side by side."""
    return median([one / other for one, other in zip(ours, theirs, strict=True)])


def ahead(what: str, measured: Mapping[str, Sequence[float]], kind: str, write: Callable[[float], str]) -> Figure:
    """Return a figure that is to be below ccxt's, sync and async."""
    names = {"ccxt": "ccxt sync", "ccxt-async": "ccxt async"}
    ratios = {name: paired(measured[kind], measured[name]) for name in names}
    beside = [f"{ratios[name]:.2f} × {said} ({write(median(measured[name]))})" for name, said in names.items()]
    return Figure(
        what,
        write(median(measured[kind])),
        ", ".join(beside),
        "ahead of both",
        all(ratio < 1 for ratio in ratios.values()),
    )


def transfer_figures(found: Mapping[str, Sequence[Sequence[float]]]) -> list[Figure]:
    """Return the figures of a transfer on a connection that is there."""
    medians = {kind: [median(seconds) for seconds in turns] for kind, turns in found.items()}

    def said(kind: str) -> str:
        return us(median(medians[kind]))

    def beside(kind: str, other: str, name: str) -> tuple[float, str]:
        return paired(medians[kind], medians[other]), f"{name} ({said(other)})"

    late = {kind: us(at([second for seconds in turns for second in seconds], 99)) for kind, turns in found.items()}
    sync, sync_said = beside("desk-htx", "ccxt", "ccxt sync")
    other, other_said = beside("desk-htx", "ccxt-async", "ccxt async")
    return [
        within("HTX transfer", said("desk-htx"), *beside("desk-htx", "httpx-htx", "bare httpx POST"), 1.1),
        within("CoinW transfer", said("desk-coinw"), *beside("desk-coinw", "httpx-coinw", "bare httpx POST"), 1.1),
        Figure("HTX transfer, beside ccxt", said("desk-htx"), f"{sync:.2f} × {sync_said}", "ahead", sync < 1),
        Figure("HTX transfer, beside ccxt async", said("desk-htx"), f"{other:.2f} × {other_said}"),
        Figure("HTX transfer, p99", late["desk-htx"], f"bare httpx {late['httpx-htx']}, ccxt sync {late['ccxt']}"),
    ]


def start_figures(found: Mapping[str, Sequence[Mapping[str, float]]]) -> list[Figure]:
    """Return the figures of a new process."""

    def of(name: str) -> dict[str, list[float]]:
        return {kind: [start[name] for start in turns] for kind, turns in found.items()}

    return [
        ahead(f"{what}, {exchange}", of(name), f"desk-{exchange.lower()}", write)
        for what, name, write in (
            ("process start to first answer", "first_s", ms),
            ("import", "import_s", ms),
            ("memory after the first transfer", "memory_kb", mb),
        )
        for exchange in ("HTX", "CoinW")
    ]


def measure() -> Part:
    if not CCXT.exists():
        raise SystemExit("ccxt is not installed beside this environment: run `make bench`, which installs it first")
    with exchange() as url:
        started, took = starts(url), rounds(url)
        amounts = [(amount, arrived(url, "desk-htx", amount), arrived(url, "ccxt", amount)) for amount in AMOUNTS]
    bare = started["httpx-htx"]
    bare_first, bare_import = (ms(median([start[name] for start in bare])) for name in ("first_s", "import_s"))
    changed = "; ".join(f"{amount}: from the desk {ours}, from ccxt {theirs}" for amount, ours, theirs in amounts)
    return Part(
        title="Signed transfer",
        command="python tests/bench/transfer.py",
        setting=(
            f"Each client in a process of its own, one loopback exchange that answers at once; medians of {STARTS} new "
            f"processes and of {ROUNDS} rounds of {TRANSFERS} transfers, all clients in turn, ratios within a round. "
            "Signatures are checked. ccxt is given its list of currencies by hand and does not wait for its rate limit."
        ),
        figures=[*transfer_figures(took), *start_figures(started)],
        remarks=[
            "The bare POST sends what the desk sends, with httpx.Client().post and its defaults, but signs nothing and "
            "reads no JSON. The desk can be near it, or ahead, because it hands its request to httpx's transport "
            "itself; what a client adds above that, redirects, cookies and hooks, a transfer must not use anyway. "
            f"A process with a bare httpx has its first answer after {bare_first}, {bare_import} of it for the import.",
            "Where ccxt async is ahead per transfer, that is aiohttp: it reads HTTP with a parser in C, httpcore with "
            "one in Python. Nobody waits less for it: the exchanges take one to three transfers a second of a user.",
            "Over plain http ccxt sync loads no certificates; the desk and httpx load them either way.",
            f"Amounts as they reach the exchange. {changed}.",
        ],
    )


if __name__ == "__main__":
    show(measure)
