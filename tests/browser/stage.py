"""What a browser test looks at: pages of one world's sandbox, and everything that went wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, Request
from scene import Scene

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000

# The two bands of axe-core's scale that keep somebody from using the page.
_GRAVE = ("serious", "critical")


class Stage:
    """A world and a browser.

    Attributes:
        troubles: what the page should not do: errors, complaints on the console, requests that leave the sandbox.
    """

    def __init__(self, scene: Scene, browser: Browser) -> None:
        self.scene = scene
        self.world = scene.world
        self.troubles: list[str] = []
        self._browser = browser

    async def open(self, *people: str, size: dict[str, int] = DESKTOP, **options: Any) -> Page:
        """Open the page as these people, side by side, and wait until it is drawn.

        Args:
            options: of the browser's context, as `color_scheme="dark"`.
        """
        context = await self._browser.new_context(viewport=size, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", lambda line: self._hear(line.type, line.text))
        page.on("request", self._see)
        await page.goto(f"{self.world.page.url}/?as={'+'.join(people)}")
        await seat(page, people[0]).get_by_role("heading", level=2).wait_for(state="attached")
        return page

    def nothing_went_wrong(self) -> None:
        """Hold the page to it that it was quiet and stayed at home."""
        assert self.troubles == []

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.troubles.append(f"console {kind}: {text}")

    def _see(self, request: Request) -> None:
        if not request.url.startswith(f"{self.world.page.url}/"):
            self.troubles.append(f"request to {request.url}")


def seat(page: Page, person: str) -> Locator:
    """Return the column of the page in which this person reads and acts."""
    return page.locator(f'[data-seat="{person}"]')


async def type_command(page: Page, person: str, text: str) -> None:
    """Type a slash command as a person, and send it with Enter."""
    box = seat(page, person).get_by_label("Slash command")
    await box.fill(f"/transfer {text}")
    await box.press("Enter")


async def focused_text(page: Page) -> str:
    """Return what a screen reader would call the element that has the focus."""
    found: str = await page.evaluate(
        "() => { const at = document.activeElement; return at.getAttribute('aria-label') ?? at.textContent.trim(); }"
    )
    return found


async def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    wider: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wider


async def grave_findings(page: Page) -> list[str]:
    """Return what axe-core finds that keeps somebody from using the page, each with the elements concerned."""
    results = await Axe().run(page)
    return [
        f"{finding['id']}: {', '.join(str(node['target']) for node in finding['nodes'])}"
        for finding in results.response["violations"]
        if finding["impact"] in _GRAVE
    ]


Browse = Callable[[Callable[[Stage], Coroutine[Any, Any, None]]], None]
