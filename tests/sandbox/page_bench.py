"""The page's server in front of a local Slack with a small real Bolt app, and a browser's requests to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import aiohttp
from slack_bench import Bench, connected

from bot.clock import SystemClock
from bot.sandbox.exchange_coinw import CoinwLookalike, SubAccount
from bot.sandbox.page_api import Page

Scenario = Callable[[Bench, Page, aiohttp.ClientSession], Awaitable[None]]


def coinw() -> CoinwLookalike:
    subs = {"39000001": SubAccount("SUB1", "maker")}
    opening = {"master": {"USDT": Decimal("1000")}, "39000001": {"USDT": Decimal("5.50")}}
    return CoinwLookalike(SystemClock(), "key", "secret", 39000000, subs, opening)


@asynccontextmanager
async def _served(exchange: CoinwLookalike) -> AsyncIterator[tuple[Bench, Page, aiohttp.ClientSession]]:
    async with connected(ack_seconds=1.0) as bench:
        page = Page(bench.slack, [exchange])
        url = await page.start()
        try:
            async with aiohttp.ClientSession(url) as session:
                yield bench, page, session
        finally:
            await page.stop()


def on_the_page(scenario: Scenario, exchange: CoinwLookalike | None = None) -> None:
    async def run() -> None:
        async with _served(exchange or coinw()) as (bench, page, session):
            await scenario(bench, page, session)

    asyncio.run(run())


async def post(session: aiohttp.ClientSession, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with session.post(path, json=body) as answer:
        return answer.status, await answer.json()


async def state_of(session: aiohttp.ClientSession, person: str) -> dict[str, Any]:
    async with session.get("/sandbox/state", params={"as": person}) as answer:
        assert answer.status == 200
        document: dict[str, Any] = await answer.json()
        return document
