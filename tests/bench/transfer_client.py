"""One client of the transfer benchmark, alone in its process: what it takes to start, then rounds of transfers.

    python -P tests/bench/transfer_client.py KIND URL AMOUNT

Prints one line of JSON once its first transfer is answered, and then, for each number it reads, a line with the
seconds of that many transfers. Until that first answer it imports nothing but what its kind needs; the interpreter is
started with `-P`, so that no script of this folder is taken for a library. Needs Linux, for the memory's figures.
"""

import sys
import time
from collections.abc import Callable, Iterator

Timed = Callable[[int], list[float]]

ACCESS, SECRET = "test-access-key-0001", "test-secret-key-0001"
JSON = {"Content-Type": "application/json"}


def timed(transfer: Callable[[], object]) -> Timed:
    """Return what times single calls."""

    def seconds(count: int) -> list[float]:
        taken = []
        for _ in range(count):
            begun = time.perf_counter()
            transfer()
            taken.append(time.perf_counter() - begun)
        return taken

    return seconds


# Each of the kinds yields once all it needs is imported, and then what times its transfers.


def desk_htx(url: str, amount: str) -> Iterator[Timed | None]:
    """The desk's own, as a lane uses it."""
    from decimal import Decimal

    from bot.accounts import Account, Route
    from bot.clock import SystemClock
    from bot.exchanges import Order
    from bot.exchanges.htx import HtxExchange
    from bot.transfers import Accepted

    yield None
    exchange = HtxExchange("htx", url, url, ACCESS, SECRET, clock=SystemClock())
    order = Order(Route(Account("htx", "spot"), Account("htx", "linear-swap")), "USDT", Decimal(amount), "USDT")

    def transfer() -> None:
        assert isinstance(exchange.transfer(order), Accepted)

    yield timed(transfer)


def desk_coinw(url: str, amount: str) -> Iterator[Timed | None]:
    """The desk's own, as a lane uses it."""
    from decimal import Decimal

    from bot.accounts import Account, Route
    from bot.clock import SystemClock
    from bot.exchanges import Order
    from bot.exchanges.coinw import CoinwExchange
    from bot.transfers import Accepted

    yield None
    exchange = CoinwExchange("coinw", url, ACCESS, SECRET, {"maker": "39000001"}, clock=SystemClock())
    order = Order(Route(Account("coinw", "master"), Account("coinw", "39000001")), "USDT", Decimal(amount), "")

    def transfer() -> None:
        assert isinstance(exchange.transfer(order), Accepted)

    yield timed(transfer)


def httpx_htx(url: str, amount: str) -> Iterator[Timed | None]:
    """A bare POST of a request as long as HTX's; nothing is signed, and the answer is not read as JSON."""
    import httpx

    yield None
    client = httpx.Client()
    url += (
        f"/v2/account/transfer?AccessKeyId={ACCESS}&SignatureMethod=HmacSHA256&SignatureVersion=2"
        f"&Timestamp=2026-11-20T04%3A24%3A15&Signature={'x' * 47}"
    )
    body = f'{{"from":"spot","to":"linear-swap","currency":"usdt","amount":"{amount}","margin-account":"USDT"}}'
    yield timed(lambda: client.post(url, content=body, headers=JSON).raise_for_status())


def httpx_coinw(url: str, amount: str) -> Iterator[Timed | None]:
    """A bare POST of a request as long as CoinW's; nothing is signed, and the answer is not read as JSON."""
    import httpx

    yield None
    client = httpx.Client()
    url += (
        f"/api/v1/private?command=subAccount_transfer&amount={amount}&api_key={ACCESS}&currency=USDT&side=OUT"
        f"&subUid=39000001&sign={'0' * 32}"
    )
    yield timed(lambda: client.post(url, headers=JSON).raise_for_status())


def ccxt_sync(url: str, amount: str) -> Iterator[Timed | None]:
    """ccxt's HTX, which sends with requests."""
    import ccxt

    yield None
    exchange = on_loopback(ccxt.htx(_MODEST), url)

    def transfer() -> None:
        assert exchange.transfer("USDT", amount, "spot", "swap", {"subType": "linear"})["id"]

    yield timed(transfer)


def ccxt_async(url: str, amount: str) -> Iterator[Timed | None]:
    """ccxt's HTX, which sends with aiohttp; many transfers within one run of the loop."""
    import asyncio

    import ccxt.async_support as ccxt

    yield None
    loop = asyncio.new_event_loop()
    exchange = on_loopback(ccxt.htx(_MODEST), url)

    async def seconds(count: int) -> list[float]:
        taken = []
        for _ in range(count):
            begun = time.perf_counter()
            assert (await exchange.transfer("USDT", amount, "spot", "swap", {"subType": "linear"}))["id"]
            taken.append(time.perf_counter() - begun)
        return taken

    yield lambda count: loop.run_until_complete(seconds(count))
    loop.run_until_complete(exchange.close())
    loop.close()


# Its own rate limit would wait between two transfers.
_MODEST = {"apiKey": ACCESS, "secret": SECRET, "enableRateLimit": False}


def on_loopback(exchange, url: str):
    """Point ccxt's HTX at the loopback exchange, and give it the list of currencies it would download first."""
    exchange.hostname = url.removeprefix("http://")
    exchange.urls["api"]["v2Private"] = "http://{hostname}"
    exchange.set_markets({}, {"USDT": {"id": "usdt", "code": "USDT", "precision": 1e-8}})
    return exchange


KINDS = {
    "desk-htx": desk_htx,
    "desk-coinw": desk_coinw,
    "httpx-htx": httpx_htx,
    "httpx-coinw": httpx_coinw,
    "ccxt": ccxt_sync,
    "ccxt-async": ccxt_async,
}


def main() -> None:
    kind, url, amount = sys.argv[1:]
    steps = KINDS[kind](url, amount)
    begun = time.monotonic()
    next(steps)
    imported = time.monotonic()
    seconds = next(steps)
    assert seconds is not None
    seconds(1)
    answered = time.monotonic()
    modules = len(sys.modules)

    import json
    from pathlib import Path

    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    memory_kb = int(status["VmHWM"].removesuffix("kB"))
    say = {"import_s": imported - begun, "answered": answered, "modules": modules, "memory_kb": memory_kb}
    sys.stdout.write(json.dumps(say) + "\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(seconds(int(line))) + "\n")
        sys.stdout.flush()
    next(steps, None)


if __name__ == "__main__":
    main()
