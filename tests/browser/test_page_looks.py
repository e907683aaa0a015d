"""How the page looks to anybody: light and dark, at a phone's width, and to axe-core in every state."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect
from stage import DESKTOP, PHONE, Browse, Stage, grave_findings, overflow, seat, type_command

from bot.sandbox.world import ALICE, CAROL, MALLORY

DARK = "rgb(26, 29, 33)"
LIGHT = "rgb(255, 255, 255)"
PANES = ("Slack", "Exchanges", "Wire", "Faults", "Tour")


async def _background(page: Page) -> str:
    colour: str = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_the_colours_follow_the_system_until_somebody_chooses(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE, color_scheme="dark")
        assert await _background(page) == DARK
        await page.get_by_role("button", name="Switch to light colours").click()
        assert await _background(page) == LIGHT
        await page.reload()
        assert await _background(page) == LIGHT
        await page.get_by_role("button", name="Switch to dark colours").click()
        assert await _background(page) == DARK

    browse(act)


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
def test_nothing_is_wider_than_the_window(browse: Browse, width: int) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE, size={"width": width, "height": 844})
        await type_command(page, ALICE, "1,234,567,890.123456 usdt htx:spot -> htx:linear-swap/BTC-USDT")
        await type_command(page, ALICE, "250 usdt htx:spot -> htx:linear-swap")
        await seat(page, ALICE).get_by_role("button", name="Confirm 250 USDT").click()
        await expect(seat(page, ALICE).get_by_role("button", name="1 reply")).to_be_visible()
        for pane in PANES:
            tab = page.get_by_role("tab", name=pane)
            await tab.click()
            await expect(tab).to_have_attribute("aria-selected", "true")
            assert await overflow(page) <= 0, pane

    browse(act)


def test_a_phone_shows_one_thing_at_a_time(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE, CAROL, size=PHONE)
        main, beside = page.get_by_role("main"), page.get_by_role("complementary", name="Behind the scenes")
        await expect(main).to_be_visible()
        await expect(beside).to_be_hidden()
        await expect(seat(page, CAROL)).to_be_hidden()
        await page.get_by_role("tab", name="Slack").focus()
        await page.keyboard.press("ArrowRight")
        await expect(beside).to_be_visible()
        await expect(main).to_be_hidden()
        await page.get_by_role("button", name="Mallory Quint").click()
        await expect(seat(page, MALLORY)).to_be_visible()

    browse(act)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_newest_message_is_in_sight_when_the_page_opens(browse: Browse, size: dict[str, int]) -> None:
    async def act(stage: Stage) -> None:
        for _ in range(3):
            await stage.scene.acts.type(ALICE, "250 usdt htx:spot -> htx:linear-swap")
        await stage.scene.acts.card_saying(3, "transfer_confirm")
        page = await stage.open(ALICE, size=size)
        await expect(seat(page, ALICE).get_by_role("button", name="Cancel").last).to_be_in_viewport(ratio=1)

    browse(act)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
def test_axe_finds_nothing_serious(browse: Browse, size: dict[str, int], scheme: str) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE, CAROL, color_scheme=scheme, size=size)
        hers = seat(page, ALICE)
        await type_command(page, ALICE, "why 3500 usdt htx:spot -> htx:linear-swap")
        await type_command(page, ALICE, "250 usdt htx:spot -> htx:linear-swap")
        await hers.get_by_role("button", name="Confirm 250 USDT").click()
        await hers.get_by_role("button", name="1 reply").wait_for()
        assert await grave_findings(page) == []
        await hers.get_by_role("button", name="1 reply").click()
        assert await grave_findings(page) == []
        for pane in PANES[1:]:
            await page.get_by_role("tab", name=pane).click()
            assert await grave_findings(page) == [], pane

    browse(act)
