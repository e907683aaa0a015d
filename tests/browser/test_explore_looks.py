"""The charts of `transferdesk explore` in a real browser: drawn, with nothing from elsewhere and no way there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from chromium import launched
from explorer import Explorer, exploring, lived

pytest.importorskip("datasette", reason="the extra is not installed")

CHARTS = ("ended", "moved", "approvals", "refused")


def test_every_chart_is_drawn_and_nothing_comes_from_elsewhere(chromium: str, tmp_path: Path) -> None:
    async def look(explorer: Explorer) -> None:
        asked: list[str] = []
        wrong: list[str] = []
        async with launched(chromium) as browser:
            page = await browser.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
            await page.goto(explorer.link)
            await page.goto(f"{explorer.base}/-/dashboards/desk")
            for name in CHARTS:
                drawn = page.locator(f"#chart-{name} canvas, #chart-{name} svg.marks")
                await drawn.first.wait_for()
            menus = await page.locator(".vega-actions a").evaluate_all("links => links.map(link => link.textContent)")
        assert wrong == []
        assert [address for address in asked if not address.startswith(explorer.base)] == []
        assert {"Save as PNG"} <= set(menus) <= {"Save as PNG", "Save as SVG"}

    (tmp_path / "desk").mkdir()
    with lived(tmp_path / "desk") as desk, exploring(desk, tmp_path / "tmp") as explorer:
        asyncio.run(look(explorer))
