"""HTX and CoinW look-alikes without their limits on requests, as a process of their own for another benchmark.

Prints where they are, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.clock import SystemClock
from bot.sandbox.exchange_coinw import CoinwLookalike, SubAccount
from bot.sandbox.exchange_htx import HtxLookalike
from bot.sandbox.lookalike import Rate

KEY, SECRET, MAKER = "b" * 16, "s" * 16, "39000001"
PLENTY = "1000000"
UNLIMITED = 10**9  # a second


async def serve() -> None:
    """Serve until nobody listens."""
    clock = SystemClock()
    htx = HtxLookalike(clock, KEY, SECRET, uid=63628520, opening={"spot": {"USDT": PLENTY}})
    subs = {MAKER: SubAccount("maker", "maker")}
    coinw = CoinwLookalike(clock, KEY, SECRET, uid=38000000, subs=subs, opening={"master": {"USDT": PLENTY}})
    for exchange in (htx, coinw):
        exchange._rate = Rate(clock, UNLIMITED)
        await exchange.start()
    sys.stdout.write(json.dumps({"htx": htx.url, "coinw": coinw.url}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for exchange in (htx, coinw):
        await exchange.stop()


if __name__ == "__main__":
    asyncio.run(serve())
